"""Rows of logits as dumps have them: beside token ids, in bfloat16, in lines of JSON; and a server's lists, position by position."""

import io
import json
import math

import numpy as np
import pandas
import pytest
import torch

from pages.views.your_numbers.inputs import Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from tests.pages.reading import two_files

P, Q = [[1.0, 2.0, 3.0], [1.0, 3.0, 3.0]], [[1.0, 2.0, 4.0], [1.0, 3.0, 2.5]]


def read(*files: bytes | str, kind: str = "Rows of logits", name: str = "rows.npz"):
    who = ("The file",) if len(files) == 1 else ("P", "Q")
    return read_inputs(KINDS[kind], [Piece(data, name, one) for data, one in zip(files, who, strict=True)])


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def parquet(**columns) -> bytes:
    file = io.BytesIO()
    pandas.DataFrame(columns).to_parquet(file)
    return file.getvalue()


def lines(**columns) -> str:
    return "\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True))


APART = {
    "token ids and a mask in a .npz": lambda rows: npz(input_ids=np.arange(2), logits=np.array(rows), attention_mask=np.ones((1, 2), int)),
    "JSON lines": lambda rows: lines(token=["a", "b"], logits=rows),
    "a nested column": lambda rows: parquet(id=[1, 2], logits=rows),
}


@pytest.mark.parametrize("written", APART)
def test_the_logits_of_a_dump_are_read_and_the_rest_is_said_to_be_left_out(written):
    inputs = read(APART[written](P), APART[written](Q))
    assert inputs.p.values.tolist() == P and inputs.q.values.tolist() == Q
    assert "left out." in " ".join(inputs.notes)


@pytest.mark.parametrize(
    "file",
    [
        npz(student_logits=np.array(Q), input_ids=np.arange(2), teacher_logits=np.array(P)),
        lines(student=Q, teacher=P),
        parquet(quant=Q, ref=P),
    ],
)
def test_both_sides_in_one_dump_are_told_by_their_names(file):
    inputs = read(file)
    assert inputs.p.values.tolist() == P and inputs.q.values.tolist() == Q


@pytest.mark.parametrize("bits", ["u2", "V2"])
def test_bfloat16_in_numpy_s_files_is_read_by_its_bits_and_said(bits):
    write = lambda rows: npy(torch.tensor(rows).bfloat16().view(torch.int16).numpy().view(bits))
    inputs = read(write(P), write(Q), name="rows.npy")
    assert inputs.p.values.dtype == torch.bfloat16 and inputs.p.values.tolist() == P
    assert "bfloat16" in " ".join(inputs.notes)
    counts = read(*(npy(np.array(side, np.uint16)) for side in ([40, 35], [30, 45])), kind="Counts", name="p.npy")
    assert counts.p.vector.tolist() == [40, 35]


def test_words_and_records_in_numpy_s_files_are_columns():
    assert two_files(*(npy(np.array(list(side))) for side in ("aabbb", "abbbb"))).p.vector.tolist() == [2, 3]
    named = read(npz(p=np.array([0.1, 0.9]), q=np.array([0.2, 0.8]), names=np.array(["x", "y"])), kind="Probabilities")
    assert named.p.names == ["x", "y"] and named.q.vector.tolist() == [0.2, 0.8]
    records = read(npy(np.array([(40, 30), (35, 45)], dtype=[("p", "i4"), ("q", "i4")])), kind="Counts", name="a.npy")
    assert records.q.vector.tolist() == [30, 45]


def test_lists_of_unlike_length_are_an_error_with_their_row():
    with pytest.raises(ValueError, match="P, row 2: “logits” has 2 entries, the first row has 3."):
        read('{"logits": [1, 2, 3]}\n{"logits": [1, 3]}', lines(logits=Q))


Listed = list[tuple[str, dict[str, float]]]
A: Listed = [("the", {"the": -0.5, "a": -1.5}), ("cat", {"cat": -0.2, "dog": -2.0}), ("sat", {"sat": -0.7, "ran": -1.0})]
B: Listed = [("the", {"the": -0.6, "this": -2.5}), ("cat", {"dog": -1.2, "cat": -0.6}), ("sat", {"sat": -0.7, "ran": -1.0})]


def chat(text: Listed) -> str:
    alternatives = lambda tokens: [{"token": token, "logprob": value} for token, value in tokens.items()]
    content = [{"token": word, "logprob": tokens[word], "top_logprobs": alternatives(tokens)} for word, tokens in text]
    return json.dumps({"choices": [{"logprobs": {"content": content}}]})


def completion(text: Listed) -> str:
    words, tokens = zip(*text, strict=True)
    return json.dumps({"choices": [{"logprobs": {"tokens": words, "top_logprobs": tokens}}]})


def vllm(text: Listed) -> str:
    ids = {word: str(i) for i, word in enumerate(dict.fromkeys(word for _, tokens in text for word in tokens))}
    told = [{ids[word]: {"logprob": value, "decoded_token": word} for word, value in tokens.items()} for _, tokens in text]
    return json.dumps({"outputs": [{"logprobs": told}]})


def with_rest(p: list[float], q: list[float]) -> float:
    p, q = ([*map(math.exp, side), 1 - sum(map(math.exp, side))] for side in (p, q))
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True) if a > 0)


@pytest.mark.parametrize("written", [chat, completion, vllm])
def test_each_position_of_a_server_s_lists_is_a_row_with_all_other_tokens_as_one_more(written):
    text = [(word, dict(tokens)) for word, tokens in B]
    inputs = read(written(A), written(text) if written is not vllm else vllm([B[0], ("cat", {"cat": -0.6, "dog": -1.2}), B[2]]))
    result = KINDS["Rows of logits"].compare(inputs.p, inputs.q, None)
    rows = [with_rest([-0.5], [-0.6]), with_rest([-0.2, -2.0], [-0.6, -1.2]), 0.0]
    assert result.rows.to_pq.tolist() == pytest.approx(rows, abs=1e-12) and result.missing.tail
    assert "3 positions" in " ".join(inputs.notes) and inputs.p.names == ["1 the", "2 cat", "3 sat"]


def test_positions_after_the_texts_part_are_left_out_and_said():
    inputs = read(chat(A), chat([B[0], ("dog", B[1][1]), ("barks", {"barks": -0.1})]))
    assert inputs.p.values.shape[0] == 2
    assert "After position 2 P goes on with “cat” and Q with “dog”" in " ".join(inputs.notes)


def test_two_answers_in_one_text_are_p_and_q_and_one_alone_is_told():
    for text in (f'{{"reference": {chat(A)}, "policy": {chat(B)}}}', f"{chat(A)}\n{chat(B)}"):
        assert read(text).q.values[1].tolist()[:2] == [-0.6, -1.2]
    with pytest.raises(ValueError, match="P is a server’s answer, and the other side is none"):
        read(chat(A), "1, 2\n3, 4")
    first = read(chat(A), chat(B), kind="Log-probabilities of the top classes")
    assert "“Rows of logits” reads them all" in " ".join(first.notes)
