"""KL from the top classes and a tail, and PSI: against sums written out, and as bounds."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_core import kl_from_probs
from kl_core.estimates.empirical import kl_from_counts
from kl_core.vectors.stability import jeffreys, population_stability_index
from kl_core.vectors.top_k import kl_from_top_k


def test_the_tail_is_one_more_outcome():
    p, q = torch.tensor([0.5, 0.25, 0.125], dtype=torch.float64), torch.tensor([0.25, 0.25, 0.25], dtype=torch.float64)
    expected = 0.5 * math.log(2) + 0.125 * math.log(0.5) + 0.125 * math.log(0.5)
    assert kl_from_top_k(p.log(), q.log()).item() == pytest.approx(expected, rel=1e-14)


def test_classes_that_only_one_side_lists_join_the_tail_and_a_full_list_has_none():
    inf = math.inf
    log_p = torch.tensor([[math.log(0.5), math.log(0.3), -inf], [math.log(0.5), math.log(0.3), math.log(0.2)]], dtype=torch.float64)
    log_q = torch.tensor([[math.log(0.6), -inf, math.log(0.1)], [math.log(0.6), math.log(0.1), math.log(0.3)]], dtype=torch.float64)
    tail_as_one = kl_from_top_k(log_p, log_q)
    assert tail_as_one[0].item() == pytest.approx(0.5 * math.log(0.5 / 0.6) + 0.5 * math.log(0.5 / 0.4), rel=1e-13)
    assert tail_as_one[1].item() == pytest.approx(kl_from_probs(log_p[1].exp(), log_q[1].exp()).item(), rel=1e-9)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1)), min_size=3, max_size=12), st.integers(1, 11))
def test_it_never_exceeds_the_whole_kl(pairs, k):
    p, q = (torch.tensor(side, dtype=torch.float64) for side in zip(*pairs, strict=True))
    p, q = p / p.sum(), q / q.sum()
    top = p.argsort(descending=True)[: min(k, len(p) - 1)]
    tail_as_one = kl_from_top_k(p[top].log(), q[top].log())
    if 1 - q[top].sum() > 1e-6:  # else what rounding left of Q's sum decides
        assert 0 <= tail_as_one.item() <= kl_from_probs(p, q).item() * (1 + 1e-9) + 1e-12


def test_what_is_no_log_probability_is_refused():
    good = torch.tensor([-1.0, -2.0])
    for bad, said in (
        (torch.tensor([0.5, -1.0]), "at most 0"),
        (torch.tensor([-0.1, -0.2]), "sums to 1.72"),
        (torch.tensor([float("nan"), -1.0]), "nan"),
    ):
        with pytest.raises(ValueError, match=said):
            kl_from_top_k(bad, good)


def test_psi_is_the_sum_of_both_kls_and_says_what_was_added():
    p, q = torch.tensor([10, 0, 30]), torch.tensor([5, 5, 10])
    for smoothing in (0.5, 1.0):
        a, b = [(c + smoothing) / (40 + 3 * smoothing) for c in (10, 0, 30)], [(c + smoothing) / (20 + 3 * smoothing) for c in (5, 5, 10)]
        expected = sum((x - y) * math.log(x / y) for x, y in zip(a, b, strict=True))
        assert population_stability_index(p, q, smoothing=smoothing).item() == pytest.approx(expected, rel=1e-13)
        both = kl_from_counts(p, q, smoothing).value + kl_from_counts(q, p, smoothing).value
        assert both == pytest.approx(expected, rel=1e-12)
    assert population_stability_index(p, q, smoothing=0.0).item() == math.inf
    assert jeffreys(p.double() + 1, q.double() + 1).item() == pytest.approx(
        population_stability_index(p, q, smoothing=1.0).item(), rel=1e-14
    )
    with pytest.raises(ValueError, match="smoothing is -1"):
        population_stability_index(p, q, smoothing=-1.0)


@pytest.mark.parametrize("counts", [[3.0, -1.0], [math.nan, 1.0], [math.inf, 1.0], [0.0, 0.0]])
def test_what_counts_nothing_is_refused(counts):
    with pytest.raises(ValueError, match="counts"):
        population_stability_index(torch.tensor(counts), torch.tensor([1.0, 2.0]), smoothing=0.0)
