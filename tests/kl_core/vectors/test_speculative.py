"""Speculative decoding against enumeration of every draft, mpmath and plain `math`."""

import math
from itertools import product

import mpmath
import pytest
import scipy.stats
import torch

from kl_core import kl_from_probs, total_variation
from kl_core.vectors.speculative import (
    acceptance,
    acceptance_of_token,
    bretagnolle_huber_bound,
    expected_tokens,
    pinsker_bound,
    residual,
    speculative_run,
    speed_up,
    tempered,
)

P = torch.tensor([0.45, 0.30, 0.17, 0.08], dtype=torch.float64)
Q = torch.tensor([0.25, 0.50, 0.25, 0.0], dtype=torch.float64)


def said_in_a_step(p: torch.Tensor, q: torch.Tensor, gamma: int) -> dict[tuple[int, ...], float]:
    """Every text that one call of P can leave, with its probability: all drafts and all decisions, by plain sums."""
    keep, rest = acceptance_of_token(p, q).tolist(), residual(p, q).tolist()
    texts: dict[tuple[int, ...], float] = {}
    for drafts in product(range(len(p)), repeat=gamma):
        chance = math.prod(float(q[x]) for x in drafts)
        for accepted in range(gamma + 1):
            all_accepted = math.prod(keep[x] for x in drafts[:accepted])
            ends = 1.0 if accepted == gamma else 1 - keep[drafts[accepted]]
            for own, probability in enumerate(p.tolist() if accepted == gamma else rest):
                text = (*drafts[:accepted], own)
                texts[text] = texts.get(text, 0.0) + chance * all_accepted * ends * probability
    return texts


def beginnings(p: torch.Tensor, q: torch.Tensor, gamma: int, length: int) -> dict[tuple[int, ...], float]:
    """The distribution of the first `length` tokens over as many steps as they take."""
    step, growing, whole = said_in_a_step(p, q, gamma), {(): 1.0}, {}
    while growing:
        longer: dict[tuple[int, ...], float] = {}
        for (text, chance), (said, probability) in product(growing.items(), step.items()):
            joined = (text + said)[:length]
            into = whole if len(joined) == length else longer
            into[joined] = into.get(joined, 0.0) + chance * probability
        growing = longer
    return whole


@pytest.mark.parametrize("gamma", [1, 2, 3])
@pytest.mark.parametrize("p, q", [(P, Q), (Q, P)], ids=["Q drafts", "P drafts"])
def test_what_is_left_is_exactly_p_word_after_word(p, q, gamma):
    texts = beginnings(p, q, gamma, 3)
    assert sum(texts.values()) == pytest.approx(1, abs=1e-13)
    for text in product(range(len(p)), repeat=3):
        assert texts.get(text, 0.0) == pytest.approx(math.prod(float(p[x]) for x in text), abs=1e-14)


@pytest.mark.parametrize("gamma", [1, 2, 4])
def test_the_expected_tokens_are_those_of_the_enumeration(gamma):
    mean = sum(len(text) * chance for text, chance in said_in_a_step(P, Q, gamma).items())
    assert float(expected_tokens(acceptance(P, Q), gamma)) == pytest.approx(mean, rel=1e-13)


def test_a_draft_is_kept_as_often_as_the_bars_overlap():
    assert float(acceptance(P, Q)) == pytest.approx(0.25 + 0.30 + 0.17, abs=1e-15)
    assert float(acceptance(P, Q)) == pytest.approx(1 - float(total_variation(P, Q)), abs=1e-15)
    assert float((Q * acceptance_of_token(P, Q)).sum()) == pytest.approx(float(acceptance(P, Q)), abs=1e-15)


def test_weights_that_do_not_sum_to_one_are_divided_by_their_sum():
    assert float(acceptance(3 * P, 7 * Q)) == pytest.approx(float(acceptance(P, Q)), rel=1e-14)


def test_the_residual_is_what_p_has_above_q():
    assert residual(P, Q).tolist() == pytest.approx([0.20 / 0.28, 0, 0, 0.08 / 0.28], abs=1e-14)
    assert residual(P, P).tolist() == P.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_both_bounds_of_both_directions_stay_below_the_acceptance(seed):
    p, q = torch.rand(2, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) ** (1 + seed % 7)
    for kl in (kl_from_probs(p, q), kl_from_probs(q, p)):
        assert float(pinsker_bound(kl)) <= float(acceptance(p, q)) + 1e-15
        assert float(bretagnolle_huber_bound(kl)) <= float(acceptance(p, q)) + 1e-15


def test_the_bounds_are_their_formulas_in_50_digits():
    with mpmath.workdps(50):
        for kl in (1e-12, 0.1719, 1.594, 9.0):
            assert float(pinsker_bound(kl)) == pytest.approx(float(1 - mpmath.sqrt(mpmath.mpf(kl) / 2)), rel=1e-14)
            assert float(bretagnolle_huber_bound(kl)) == pytest.approx(float(1 - mpmath.sqrt(1 - mpmath.e**-kl)), rel=1e-11)
    assert float(pinsker_bound(math.inf)) == -math.inf and float(bretagnolle_huber_bound(math.inf)) == 0.0


def test_bretagnolle_and_huber_overtake_pinsker_where_the_kl_is_1_594():
    low, high = (float(bretagnolle_huber_bound(kl) - pinsker_bound(kl)) for kl in (1.593, 1.594))
    assert low < 0 < high


def test_tokens_per_call_run_from_one_to_the_whole_draft_and_one():
    assert expected_tokens(torch.tensor([0.0, 1.0]), 5).tolist() == [1.0, 6.0]
    assert float(expected_tokens(1 - 1e-12, 5)) == pytest.approx(6, abs=1e-10)
    assert float(speed_up(0.8, 5, 0.0)) == float(expected_tokens(0.8, 5))
    assert float(speed_up(0.8, 5, 0.1)) == pytest.approx((1 - 0.8**6) / 0.2 / 1.5, rel=1e-14)


def test_a_temperature_is_a_softmax_of_the_logits_over_it():
    z = torch.tensor([1.0, 2.0, -0.5], dtype=torch.float64)
    assert tempered(z.softmax(-1), 0.5).tolist() == pytest.approx((z / 0.5).softmax(-1).tolist(), rel=1e-13)
    assert tempered(tempered(P, 3.0), 1 / 3.0).tolist() == pytest.approx(P.tolist(), rel=1e-13)
    assert tempered(Q, 2.0)[3] == 0
    with pytest.raises(ValueError, match="above 0"):
        tempered(P, 0.0)


def test_a_long_run_has_the_shares_of_p_and_the_expected_length():
    run = speculative_run(P, Q, 3, 20_000, seed=5)
    counts = torch.bincount(run.text, minlength=len(P))
    assert scipy.stats.chisquare(counts, len(run.text) * P).pvalue > 1e-3
    spread = float((run.accepted + 1.0).std()) / math.sqrt(20_000)
    assert len(run.text) / 20_000 == pytest.approx(float(expected_tokens(acceptance(P, Q), 3)), abs=5 * spread)


def test_the_text_of_a_run_is_its_kept_drafts_and_its_own_tokens():
    run = speculative_run(P, Q, 2, 30, seed=1)
    expected = [
        x
        for drafts, accepted, last in zip(run.drafts.tolist(), run.accepted.tolist(), run.last.tolist(), strict=True)
        for x in (*drafts[:accepted], last)
    ]
    assert run.text.tolist() == expected
    assert torch.equal(run.text, speculative_run(P, Q, 2, 30, seed=1).text)
    with pytest.raises(ValueError, match="at least 1"):
        speculative_run(P, Q, 0, 30, seed=1)
