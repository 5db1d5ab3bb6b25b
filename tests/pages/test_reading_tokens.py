"""Logs of tokens, as trainers write them, read to the tokens that count."""

import json

import pandas
import pytest
import torch

from kl_core.estimates.estimators import ESTIMATORS, log_mean_k3
from pages.shared.style import UNITS
from pages.views.sample_estimates.token_extremes import beyond_floats, infinite_because, scientific
from pages.views.sample_estimates.token_file import read_tokens
from tests.pages.reading import report

TOKENS = {
    "tok_mask.csv": (2, (-0.45, 0.1325, 0.167577732815323)),
    "tok_garbage_pad.csv": (2, (-0.45, 0.1325, 0.167577732815323)),
    "tok_null_first.jsonl": (2, (-0.45, 0.1325, 0.167577732815323)),
    "tok_quote.tsv": (4, (-0.275, 0.07875, 0.0974629228106523)),
}


@pytest.mark.parametrize("name", TOKENS)
def test_masks_nulls_and_quotation_marks_leave_the_tokens_that_count(name):
    tokens = read_tokens(report(name), name)
    count, means = TOKENS[name]
    assert len(tokens.log_p) == count
    assert [float(k(tokens.log_p, tokens.log_q).mean()) for k in ESTIMATORS.values()] == pytest.approx(means, rel=1e-12)
    assert tokens.notes


def test_a_placeholder_is_named_and_no_kl():
    tokens = read_tokens(report("tok_9999.csv"))
    assert tokens.log_q.tolist() == [-0.3]
    assert "-9999.0 under the reference is a placeholder" in tokens.notes[0]


def test_an_impossible_token_makes_the_kl_infinite_with_its_reason(visit):
    tokens = read_tokens(report("tok_neginf_ref.csv"))
    assert "token 2" in infinite_because(tokens) and "∞" in infinite_because(tokens)
    at = visit("sample_estimates", view="Your run")
    at.text_area(key="tokens_text").set_value(report("tok_neginf_ref.csv").decode()).run()
    assert "no probability" in at.error[0].value


def test_a_k3_beyond_the_floats_is_said():
    tokens = read_tokens(report("tok_overflow.csv"))
    assert float(ESTIMATORS["k1"](tokens.log_p, tokens.log_q).mean()) == pytest.approx(-266.633333333333, rel=1e-12)
    assert "8.22 × 10³⁴⁶" in beyond_floats(tokens, UNITS["nats"])
    assert beyond_floats(read_tokens(report("tok_mask.csv")), UNITS["nats"]) is None
    p, q = torch.tensor([-1.0, -2.0], dtype=torch.float64), torch.tensor([-1.5, -0.1], dtype=torch.float64)
    assert float(log_mean_k3(p, q).exp()) == pytest.approx(float(ESTIMATORS["k3"](p, q).mean()), rel=1e-12)
    assert scientific(0.0) == "1.00 × 10⁰"


DUMPS = {
    "verl": {"old_log_probs": [-0.5, -1.2], "ref_log_prob": [-0.3, -0.5], "response_mask": [1, 1], "rollout_log_probs": [-0.51, -1.19]},
    "a batch of verl": {"old_log_probs": [[-0.5], [-1.2, -9.0]], "ref_log_prob": [[-0.3], [-0.5, -1.0]], "response_mask": [[1], [1, 0]]},
    "slime": {"log_probs": [-0.5, -1.2, -3], "ref_log_probs": [-0.3, -0.5, -2], "loss_mask": [1, 1, 0], "reward": 1.5},
    "openrlhf": {"action_log_probs": [-0.5, -1.2], "base_action_log_probs": [-0.3, -0.5], "attention_mask": [0, 1, 1, 1]},
    "trl": {"logprobs": [-0.5, -1.2], "ref_logprobs": [-0.3, -0.5]},
    "openai": {
        "logprobs": {"content": [{"token": "the", "logprob": -0.5}, {"token": "cat", "logprob": -1.2}]},
        "ref_logprobs": [-0.3, -0.5],
    },
    "vllm": {
        "logprobs": [{"5": {"logprob": -0.5, "decoded_token": "the"}}, {"7": {"logprob": -1.2, "decoded_token": "cat"}}],
        "ref_logprobs": [-0.3, -0.5],
    },
}


@pytest.mark.parametrize("trainer", DUMPS)
def test_dumps_of_trainers_are_read(trainer, tmp_path):
    record = DUMPS[trainer]
    for text in (json.dumps(record), json.dumps([record])):
        tokens = read_tokens(text)
        assert tokens.log_p.tolist() == [-0.5, -1.2] and tokens.log_q.tolist() == [-0.3, -0.5]
    if not isinstance(record[next(iter(record))], dict) and "vllm" != trainer:
        pandas.DataFrame([record]).to_parquet(tmp_path / "dump.parquet")
        assert read_tokens((tmp_path / "dump.parquet").read_bytes(), "dump.parquet").log_p.tolist() == [-0.5, -1.2]


def test_tokens_with_commas_quotes_and_line_breaks_come_back():
    words = [",", '"', "a,b", "\n", "x"]
    frame = pandas.DataFrame({"token": words, "policy": [-0.5] * 5, "reference": [-0.25] * 5})
    for separator in ",;\t":
        tokens = read_tokens(frame.to_csv(sep=separator, index=False))
        assert tokens.text == words


def test_positions_count_within_each_sequence():
    tokens = read_tokens("sequence,policy,reference\na,-1,-1\nb,-1,-1\na,-1,-1\nb,-1,-1\na,-1,-1\n")
    assert tokens.position.tolist() == [0, 0, 1, 1, 2]
