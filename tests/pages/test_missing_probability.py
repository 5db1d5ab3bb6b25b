"""Probabilities that sum to less than 1: recognised, said in one line, and the other reading is one choice away."""

import math

import pytest
import torch

from pages.views.your_numbers.inputs import Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from pages.views.your_numbers.missing import DIVIDE, TAIL, missing_of_logarithms
from tests.pages.conftest import numbers, words

P, Q = [-0.5, -1.5, -2.5], [-0.9, -1.2, -2.5]
TYPED = {"p_numbers": ", ".join(map(str, P)), "q_numbers": ", ".join(map(str, Q))}


def with_rest(log_p: list[float], log_q: list[float]) -> float:
    """KL of the classes and one more, written out."""
    p, q = ([math.exp(one) for one in side] for side in (log_p, log_q))
    return sum(a * math.log(a / b) for a, b in zip([*p, 1 - sum(p)], [*q, 1 - sum(q)], strict=True))


def divided(log_p: list[float], log_q: list[float]) -> float:
    p, q = ([math.exp(one) / sum(map(math.exp, side)) for one in side] for side in (log_p, log_q))
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


@pytest.mark.parametrize("kind", ["Logits", "Log-probabilities of the top classes"])
def test_log_probabilities_of_the_top_classes_have_one_headline_whatever_they_are_called(visit, kind):
    at = visit("your_numbers", given=kind, **TYPED)
    assert numbers(at)["kl_pq"] == pytest.approx(with_rest(P, Q), rel=1e-12)
    assert numbers(at)["kl_qp"] == pytest.approx(with_rest(Q, P), rel=1e-12)
    assert "one more outcome, “all others”" in words(at)


def test_logits_that_look_like_log_probabilities_can_be_divided_by_their_sum_all_the_same(visit):
    at = visit("your_numbers", given="Logits", **TYPED)
    assert "their exponentials sum to 0.9117 for P and 0.7898 for Q" in words(at)
    at.segmented_control(key="missing_chosen").set_value(DIVIDE).run()
    assert numbers(at)["kl_pq"] == pytest.approx(divided(P, Q), rel=1e-12)
    assert "Read as logits" in words(at)
    again = visit("your_numbers", given="Logits", missing=DIVIDE, **TYPED)
    assert numbers(again) == numbers(at)


def test_probabilities_are_divided_unless_the_rest_is_chosen_as_one_more_outcome(visit):
    given = {"p_numbers": "0.6, 0.2, 0.1", "q_numbers": "0.4, 0.3, 0.1"}
    at = visit("your_numbers", **given)
    logs = [list(map(math.log, side)) for side in ([0.6, 0.2, 0.1], [0.4, 0.3, 0.1])]
    assert numbers(at)["kl_pq"] == pytest.approx(divided(*logs), rel=1e-12)
    at.segmented_control(key="missing_chosen").set_value(TAIL).run()
    assert numbers(at)["kl_pq"] == pytest.approx(with_rest(*logs), rel=1e-12)


def test_rows_of_top_log_probabilities_keep_their_rest(printed):
    kind = KINDS["Rows of logits"]
    text = ["\n".join([", ".join(map(str, first)), ", ".join(map(str, second))]) for first, second in ((P, Q), (Q, Q))]
    inputs = read_inputs(kind, [Piece(side, "", who) for side, who in zip(text, "PQ", strict=True)])
    result = kind.compare(inputs.p, inputs.q, None)
    assert result.missing.tail
    assert result.kl.pq == pytest.approx((with_rest(P, Q) + 0.0) / 2, rel=1e-12)
    assert f"{result.kl.pq:.6g}" in printed(result.code)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([-0.5, 0.1], [-1.0, -2.0]),
        ([0.0, -1.0], [-0.5, -1.0]),
        (torch.tensor([1.0, 2.0]).log_softmax(-1).tolist(), torch.tensor([0.0, 1.0]).log_softmax(-1).tolist()),
    ],
)
def test_logits_and_whole_log_probabilities_are_not_taken_for_a_part(p, q):
    assert missing_of_logarithms(torch.tensor(p).double(), torch.tensor(q).double(), None) is None


def test_logits_far_below_0_stay_logits_and_a_rounded_vocabulary_stays_whole():
    low = torch.tensor([-20.0, -21.0], dtype=torch.float64)
    assert missing_of_logarithms(low, low - 1, None).taken == DIVIDE
    vocabulary = torch.randn(5000, dtype=torch.float64).log_softmax(-1).half().double().clamp(max=0) - 1e-4
    assert missing_of_logarithms(vocabulary, vocabulary, None) is None
