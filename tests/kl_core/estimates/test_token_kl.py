"""Per-token and per-sequence KL from sampled log-probabilities: against exact values and known standard errors."""

import math
import time

import pytest
import torch

from kl_core import kl_from_probs
from kl_core.estimates.token_kl import token_kl, worst_tokens

CURRENT, REFERENCE = (torch.tensor(one, dtype=torch.float64) for one in ([-0.5, -1.2, -0.8, -0.3], [-0.3, -0.5, -0.4, -0.2]))
P, Q = (torch.tensor(one, dtype=torch.float64) for one in ([0.3, 0.5, 0.2], [0.35, 0.3, 0.35]))


def sampled(sequences: int, length: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    x = torch.multinomial(P, sequences * length, replacement=True, generator=torch.Generator().manual_seed(seed))
    return P.log()[x], Q.log()[x], torch.arange(sequences).repeat_interleave(length)


def test_the_four_tokens_of_the_worked_example_give_a_negative_estimate_per_token_and_four_times_it_per_sequence():
    estimates = token_kl(CURRENT, REFERENCE)
    assert estimates.per_token["k1"].mean == pytest.approx(-0.35, rel=1e-14)
    assert estimates.per_sequence["k1"].mean == pytest.approx(-1.4, rel=1e-14)
    assert estimates.per_token["k3"].mean > 0
    assert (estimates.tokens, estimates.sequences) == (4, 1) and math.isnan(estimates.per_sequence["k1"].error)


def test_unbiased_estimates_are_within_four_standard_errors_of_the_exact_divergence():
    exact = float(kl_from_probs(P, Q))
    estimates = token_kl(*sampled(2000, 10, seed=5))
    for name in ("k1", "k3"):
        assert abs(estimates.per_token[name].mean - exact) < 4 * estimates.per_token[name].error
        assert abs(estimates.per_sequence[name].mean - 10 * exact) < 4 * estimates.per_sequence[name].error


def test_standard_errors_are_the_spread_of_repeated_estimates():
    runs = [token_kl(*sampled(40, 5, seed)) for seed in range(300)]
    for kind in ("per_token", "per_sequence", "whole_sequence"):
        means = torch.tensor([getattr(run, kind)["k3"].mean for run in runs])
        errors = torch.tensor([getattr(run, kind)["k3"].error for run in runs])
        assert float(means.std()) == pytest.approx(float(errors.square().mean().sqrt()), rel=0.15)


def test_tokens_of_one_sequence_are_not_counted_as_independent():
    """Ten copies of each token: the same information as one, so the same standard error."""
    log_p, log_q, _ = sampled(200, 1, seed=2)
    once = token_kl(log_p, log_q, torch.arange(200))
    copied = token_kl(*(one.repeat_interleave(10) for one in (log_p, log_q, torch.arange(200))))
    assert copied.per_token["k1"].error == pytest.approx(once.per_token["k1"].error, rel=1e-9)


def test_k1_of_a_whole_sequence_is_the_sum_of_its_tokens_and_k3_is_not():
    estimates = token_kl(*sampled(200, 10, seed=4))
    assert estimates.whole_sequence["k1"].mean == pytest.approx(estimates.per_sequence["k1"].mean, rel=1e-12)
    assert abs(estimates.whole_sequence["k3"].mean - estimates.per_sequence["k3"].mean) > 1e-3
    assert estimates.whole_sequence["k3"].error > estimates.per_sequence["k3"].error


def test_sequence_numbers_may_come_in_any_order():
    log_p, log_q, ids = sampled(50, 4, seed=6)
    order = torch.randperm(200, generator=torch.Generator().manual_seed(0))
    one, other = token_kl(log_p, log_q, ids), token_kl(log_p[order], log_q[order], 7 * ids[order] - 3)
    assert other.per_sequence["k2"].mean == pytest.approx(one.per_sequence["k2"].mean, rel=1e-12)


def test_a_hundred_thousand_tokens_take_less_than_half_a_second():
    data = sampled(1000, 100, seed=1)
    start = time.perf_counter()
    token_kl(*data)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("log_p", "log_q", "ids", "match"),
    [
        ([-1.0, 0.5], [-1.0, -1.0], None, "log_p is 0.5 at token 1"),
        ([-1.0, -1.0], [-1.0, math.nan], None, "log_q is nan at token 1"),
        ([-1.0], [-1.0, -1.0], None, "as many"),
        ([-1.0, -1.0], [-1.0, -1.0], [0], "as many"),
        ([], [], None, "at least one"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(log_p, log_q, ids, match):
    with pytest.raises(ValueError, match=match):
        token_kl(torch.tensor(log_p), torch.tensor(log_q), None if ids is None else torch.tensor(ids))


def test_what_is_infinite_has_its_reason_and_what_is_finite_has_none():
    """The mean of k3 of the second is e^799/3 = 3.34e346, and e^897 = 3.65e389 of the third as a whole, by mpmath."""
    told = lambda log_p, log_q: token_kl(torch.tensor(log_p), torch.tensor(log_q))
    impossible = told([-1.0, -2.0, -1.0, -1.0], [-1.0, -math.inf, -2.0, -math.inf])
    assert impossible.infinite_by == "support" and "at token 1 and at 1 more" in impossible.reason
    overflown = told([-800.0, -2.0, -1.0], [-1.0, -1.0, -2.0])
    assert overflown.infinite_by == "overflow" and "about 3.34e346 nats" in overflown.reason
    assert overflown.per_token["k3"].error == math.inf and math.isfinite(overflown.per_token["k1"].error)
    whole = told([-500.0, -400.0, -1.0], [-1.0, -1.0, -2.0])
    assert "of whole sequences is finite" in whole.reason and "about 3.65e389 nats" in whole.reason
    assert (token_kl(CURRENT, REFERENCE).infinite_by, token_kl(CURRENT, REFERENCE).reason) == (None, None)


def test_a_masked_token_makes_nothing_infinite():
    estimates = token_kl(torch.tensor([-1.0, -2.0]), torch.tensor([-1.5, -math.inf]), mask=torch.tensor([1, 0]))
    assert estimates.infinite_by is None and estimates.per_token["k1"].mean == pytest.approx(0.5)


def test_the_worst_tokens_are_found_on_either_side():
    log_p, log_q = torch.tensor([-1.0, -5.0, -1.0, -1.0]), torch.tensor([-1.0, -1.0, -5.0, -1.1])
    assert worst_tokens(log_p, log_q, 3).tolist() == [1, 2, 3]
    assert len(worst_tokens(log_p, log_q, 50)) == 4
