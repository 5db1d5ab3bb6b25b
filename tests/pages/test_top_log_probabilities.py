"""The top classes' log-probabilities as APIs give them: whole answers are read, and placeholders are no probabilities."""

import json
import math

import pytest

from pages.views.your_numbers.inputs import Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS

KIND = "Log-probabilities of the top classes"
P, Q = {" red": -0.5, " blue": -1.5}, {" red": -0.9, " blue": -1.2}


def chat(tokens: dict[str, float]) -> str:
    top = [{"token": token, "logprob": value, "bytes": list(token.encode())} for token, value in tokens.items()]
    content = [{**top[0], "top_logprobs": top}, {**top[1], "top_logprobs": top[::-1]}]
    return json.dumps({"id": "x", "choices": [{"index": 0, "logprobs": {"content": content}, "message": {"content": "red"}}]})


def completion(tokens: dict[str, float]) -> str:
    return json.dumps({"choices": [{"logprobs": {"tokens": [" red"], "token_logprobs": [-0.5], "top_logprobs": [tokens]}}]})


def cut_out(tokens: dict[str, float]) -> str:
    return json.dumps([{"token": token, "logprob": value, "bytes": [32]} for token, value in tokens.items()])


def vllm(tokens: dict[str, float]) -> str:
    top = {str(i): {"logprob": value, "rank": i, "decoded_token": token} for i, (token, value) in enumerate(tokens.items())}
    return json.dumps({"top_logprobs": [top]})


def compared(p: str, q: str, kind: str = KIND):
    inputs = read_inputs(KINDS[kind], [Piece(p, "", "P"), Piece(q, "", "Q")])
    return inputs, KINDS[kind].compare(inputs.p, inputs.q, [] if KINDS[kind].named else None)


def with_rest(p: list[float], q: list[float]) -> float:
    p, q = ([*map(math.exp, side), 1 - sum(map(math.exp, side))] for side in (p, q))
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


@pytest.mark.parametrize("written", [chat, completion, cut_out, vllm])
def test_answers_of_apis_are_read_and_matched_by_token(written):
    inputs, result = compared(written(P), written(dict(reversed(Q.items()))))
    assert inputs.p.names == ["“ red”", "“ blue”"]
    assert result.kl.pq == pytest.approx(with_rest([-0.5, -1.5], [-0.9, -1.2]), rel=1e-12)


@pytest.mark.parametrize("kind", [KIND, "Logits"])
@pytest.mark.parametrize("placeholder", ["-9999.0", "-1e9", "-999"])
def test_a_placeholder_puts_its_class_among_the_others_and_is_said(kind, placeholder):
    _, result = compared(f"-0.5, -1.5, {placeholder}", "-0.9, -1.2, -2.5", kind)
    assert result.kl.pq == pytest.approx(with_rest([-0.5, -1.5], [-0.9, -1.2]), rel=1e-12)
    assert any("in P is a placeholder" in said and "1 class is" in said for said in result.warnings)


def test_a_mask_among_whole_logits_stays_a_mask():
    _, result = compared("2, 1, -1e9", "1, 1, -1e9", "Logits")
    assert not any("placeholder" in said for said in result.warnings)
