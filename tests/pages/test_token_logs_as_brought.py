"""Logs of runs as people have them: which tokens are one answer, which count, and what is said of the rest."""

import json

import pandas
import pytest
import torch

from pages.views.sample_estimates.run_samples import RUNS, sample_run
from pages.views.sample_estimates.token_file import read_tokens

P, Q = [-0.5, -1.2, -0.3], [-0.3, -0.5, -0.2]


def openai(values):
    return {"choices": [{"logprobs": {"content": [{"token": "x", "logprob": value, "top_logprobs": []} for value in values]}}]}


def candidates(values):
    return [{str(10 + i): {"logprob": value, "decoded_token": "x"}, "99": {"logprob": -9.0}} for i, value in enumerate(values)]


LINES = {
    "a line of OpenAI’s batch": {"response": {"body": openai(P)}, "ref_logprobs": Q},
    "a request of vLLM": {
        "outputs": [{"token_ids": [10, 11, 12], "logprobs": candidates(P)}],
        "ref_outputs": [{"logprobs": candidates(Q)}],
    },
    "lists written as text": {"log_probs": str(P), "ref_log_probs": str(Q)},
}


@pytest.mark.parametrize("line", LINES)
def test_each_line_of_lists_is_an_answer_of_its_own(line):
    tokens = read_tokens("\n".join([json.dumps(LINES[line])] * 2))
    assert tokens.log_p.tolist() == P * 2 and tokens.log_q.tolist() == Q * 2
    assert tokens.sequence.tolist() == [0, 0, 0, 1, 1, 1]


def test_several_answers_of_a_request_of_vllm_are_sequences():
    outputs = [{"token_ids": [10, 11, 12], "logprobs": candidates(values)} for values in (P, Q)]
    tokens = read_tokens(json.dumps({"request_id": "7", "outputs": outputs, "ref_outputs": [{"logprobs": candidates(Q)}] * 2}))
    assert tokens.log_p.tolist() == P + Q and tokens.sequence.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    "log",
    [
        {"step": 1, "samples": [{"log_probs": P, "ref_log_probs": Q, "reward": 1.0}, {"log_probs": Q, "ref_log_probs": P, "reward": 0.0}]},
        {"columns": ["log_probs", "ref_log_probs", "reward"], "data": [[P, Q, 1.0], [Q, P, 0.0]]},
    ],
    ids=["samples", "a table of wandb"],
)
def test_objects_inside_of_one_are_read(log):
    tokens = read_tokens(json.dumps(log))
    assert tokens.log_p.tolist() == P + Q and tokens.reward.tolist() == [1.0, 0.0]


def test_columns_as_pandas_writes_them_to_json_are_read_whole():
    frame = pandas.DataFrame({"seq": ["a", "a", "b"], "policy": P, "reference": Q})
    assert read_tokens(frame.to_json()).sequence.tolist() == [0, 0, 1]
    assert read_tokens('{"policy": {"a": -0.5, "b": -1.2}, "reference": {"a": -0.3, "b": -0.5}}').text == ["a", "b"]


ROWS = "-0.5,-0.3\n-1.2,-0.5"


@pytest.mark.parametrize(
    ("text", "sequence", "said"),
    [
        (f"{ROWS}\n\n{ROWS}", [0, 0, 1, 1], "Empty lines divide the tokens into 2 sequences."),
        ("seq,policy,reference\na,-.5,-.3\n,-1.2,-.5\nb,-.1,-.2\n", [0, 0, 1], "An empty “seq” is the one above it."),
        (
            "prompt_id,completion_id,policy,reference\n0,0,-.5,-.3\n0,1,-1.2,-.5\n1,0,-.1,-.2\n",
            [0, 1, 2],
            "A sequence is “prompt_id” and “completion_id” together.",
        ),
    ],
)
def test_what_divides_sequences_is_honoured_and_said(text, sequence, said):
    tokens = read_tokens(text)
    assert tokens.sequence.tolist() == sequence and tokens.notes == [said]


def with_column(name, values):
    return f"policy,reference,{name}\n" + "\n".join(f"{p},{q},{mask}" for p, q, mask in zip(P, Q, values, strict=True))


@pytest.mark.parametrize(("name", "values"), [("is_response", "110"), ("prompt_mask", "001"), ("tool_mask", "110")])
def test_a_mask_of_another_name_is_honoured(name, values):
    assert read_tokens(with_column(name, values)).log_p.tolist() == P[:2]


def test_a_column_of_0_and_1_that_may_be_a_mask_is_said_to_be_unused_and_can_be_chosen():
    text = with_column("is_special", "001")
    assert "“is_special” is not used" in read_tokens(text).notes[0] and len(read_tokens(text).log_p) == 3
    assert read_tokens(text, chosen={"mask": "is_special"}).log_p.tolist() == P[2:]


def test_zeros_at_the_ends_of_answers_are_said_to_look_like_padding():
    log = {"old_log_probs": [[-0.5, -1.2, 0, 0], [-0.5, -0.2, -0.3, 0]], "ref_log_prob": [[-0.3, -0.5, 0, 0], [-0.5, -0.2, -0.3, 0]]}
    assert "2 tokens at the ends of sequences have log-probability 0 on both sides" in read_tokens(json.dumps(log)).notes[0]
    assert not read_tokens("policy,reference\n0,0\n0,0\n-0.5,-0.3\n").notes  # certain tokens in the middle


@pytest.mark.parametrize("run", RUNS)
def test_our_own_runs_have_no_padding_and_nothing_is_said_of_it(run):
    assert not any("padding" in note for note in read_tokens(sample_run(run)).notes)


def test_what_is_no_log_probability_of_the_tokens_drawn_is_not_guessed():
    for header in ("logprob,log_ratio", "logps/chosen,logps/rejected", "logprob,advantage"):
        with pytest.raises(ValueError, match="no column “reference”"):
            read_tokens(f"{header}\n-0.5,-0.2\n-1.2,-0.7\n")
    both = read_tokens(json.dumps({"per_token_logps": [-0.6], "old_per_token_logps": [-0.5], "ref_per_token_logps": [-0.3]}))
    assert both.log_p.tolist() == [-0.5]  # the policy that drew the tokens


def test_words_before_two_columns_without_a_header_are_the_tokens():
    assert read_tokens("the,-0.5,-0.3\ncat,-1.2,-0.5\n").text == ["the", "cat"]


def test_a_missing_log_probability_is_named_by_its_place_in_the_list():
    with pytest.raises(ValueError, match="Line 1, token 2, policy is no number"):
        read_tokens(json.dumps({"policy": [-0.5, None, -0.3], "reference": Q}))
    with pytest.raises(ValueError, match="The log holds an empty object"):
        read_tokens("{}")


def test_what_rounding_put_above_0_is_said_once():
    assert read_tokens("policy,reference\n1e-7,-0.3\n-0.2,0.000002\n").notes == [
        "2 log-probabilities are rounded above 0, by at most 1e-05, and read as 0."
    ]


def test_objects_by_their_number_and_objects_one_after_the_other_are_answers():
    first, second = {"log_probs": P, "ref_log_probs": Q}, {"log_probs": P[:1], "ref_log_probs": Q[:1]}
    pretty = "\n".join(json.dumps(record, indent=2) for record in (first, second))
    for log in (
        json.dumps({"0": first, "1": second}),
        json.dumps(first) + json.dumps(second),
        pretty,
        f"{json.dumps(first)},\n{json.dumps(second)},\n",
    ):
        tokens = read_tokens(log)
        assert tokens.log_p.tolist() == [*P, P[0]] and tokens.sequence.tolist() == [0, 0, 0, 1]


def test_tensors_and_triples_inside_of_json_are_lists():
    written = {"old_log_probs": str(torch.tensor([P, P])), "ref_log_prob": str(torch.tensor([Q, Q]))}
    assert read_tokens(json.dumps(written)).log_q.tolist() == pytest.approx(Q * 2)
    sglang = lambda values: {"output_token_logprobs": [[value, 7, "x"] for value in values]}
    tokens = read_tokens(json.dumps({"meta_info": sglang(P), "ref_meta_info": sglang(Q)}))
    assert tokens.log_p.tolist() == P and tokens.log_q.tolist() == Q and tokens.text == ["x", "x", "x"]


def test_masks_in_the_plural_are_honoured():
    assert read_tokens(json.dumps({"logprobs": P, "ref_logprobs": Q, "padding_masks": [False, False, True]})).log_p.tolist() == P[:2]
    assert read_tokens(json.dumps({"logprobs": P, "ref_logprobs": Q, "tool_masks": [1, 0, 1]})).log_p.tolist() == [P[0], P[2]]
