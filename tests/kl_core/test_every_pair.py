"""Every family against every family: mpmath where the KL is finite, exact infinity where it is not."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from kl_core import kl, kl_report
from tests.kl_core.named_references import kl_of
from tests.kl_core.pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, finite, made
from tests.kl_core.reference import kl_discrete


@pytest.mark.parametrize(("name_p", "name_q"), list(itertools.product(CONTINUOUS, repeat=2)))
def test_kl_of_continuous_pair_agrees_with_mpmath_and_its_error_bounds_the_truth(name_p, name_q):
    values_p, values_q = CONTINUOUS[name_p], OTHER_CONTINUOUS[name_q]
    report = kl_report(made(name_p, values_p), made(name_q, values_q))
    if not finite(name_p, name_q):
        assert report.value.item() == math.inf
        assert report.error.item() == 0 and report.reason
        return
    truth = kl_of(name_p, name_q)
    gap = abs(report.value.item() - truth)
    assert gap <= 5e-14 * truth
    assert gap <= report.error.item()
    assert report.error.item() <= 1e-12 * max(truth, 1)


@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_kl_of_continuous_distribution_from_itself_is_exactly_zero(name):
    assert kl(made(name, CONTINUOUS[name]), made(name, CONTINUOUS[name])).item() == 0


@pytest.mark.parametrize(("name_p", "name_q"), list(itertools.product(DISCRETE, repeat=2)))
def test_kl_of_discrete_pair_agrees_with_mpmath_and_its_error_bounds_the_truth(name_p, name_q):
    values_p, values_q = DISCRETE[name_p], OTHER_DISCRETE[name_q]
    report = kl_report(made(name_p, values_p), made(name_q, values_q))
    truth = kl_discrete(name_p, values_p, name_q, values_q)
    if truth == math.inf:
        assert report.value.item() == math.inf and report.infinite_by == "support"
        return
    gap = abs(report.value.item() - truth)
    assert gap <= 1e-14 * truth
    assert gap <= report.error.item()


def _torch_has(name_p: str, name_q: str) -> bool:
    first, second = {**CONTINUOUS, **DISCRETE}, {**OTHER_CONTINUOUS, **OTHER_DISCRETE}
    try:
        torch.distributions.kl_divergence(made(name_p, first[name_p]), made(name_q, second[name_q]))
    except NotImplementedError:
        return False
    return True


IN_TORCH = [pair for names in (CONTINUOUS, DISCRETE) for pair in itertools.product(names, repeat=2) if _torch_has(*pair)]


@pytest.mark.parametrize(("name_p", "name_q"), IN_TORCH)
def test_kl_agrees_with_torch_where_torch_has_the_pair(name_p, name_q):
    first, second = {**CONTINUOUS, **DISCRETE}, {**OTHER_CONTINUOUS, **OTHER_DISCRETE}
    p, q = made(name_p, first[name_p]), made(name_q, second[name_q])
    theirs = torch.distributions.kl_divergence(p, q)
    torch.testing.assert_close(kl(p, q), theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name_p", "name_q"), [("normal", "poisson"), ("poisson", "normal"), ("beta", "bernoulli"), ("bernoulli", "uniform")]
)
def test_kl_between_a_continuum_and_separate_outcomes_is_infinite(name_p, name_q):
    first, second = {**CONTINUOUS, **DISCRETE}, {**OTHER_CONTINUOUS, **OTHER_DISCRETE}
    report = kl_report(made(name_p, first[name_p]), made(name_q, second[name_q]))
    assert report.value.item() == math.inf and report.infinite_by == "kind"
