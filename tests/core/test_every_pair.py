"""Every family against every family: mpmath where the KL is finite, exact infinity where it is not."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from kl_core import FAMILIES, kl, kl_report

from .reference import kl_continuous, kl_discrete

CONTINUOUS = {
    "normal": dict(loc=0.7, scale=1.3),
    "laplace": dict(loc=-0.4, scale=0.9),
    "logistic": dict(loc=0.3, scale=0.6),
    "cauchy": dict(loc=0.2, scale=1.1),
    "student_t": dict(df=3.5, loc=-0.3, scale=0.8),
    "uniform": dict(low=0.125, high=0.75),
    "exponential": dict(rate=1.4),
    "gamma": dict(concentration=2.3, rate=1.7),
    "log_normal": dict(loc=0.1, scale=0.6),
    "beta": dict(concentration1=1.6, concentration0=2.7),
    "gaussian_mixture": dict(weights=(0.25, 0.75), locs=(-1.5, 2.0), scales=(0.5, 1.25)),
}
OTHER_CONTINUOUS = {
    "normal": dict(loc=0.75, scale=1.1),
    "laplace": dict(loc=-0.3, scale=1.0),
    "logistic": dict(loc=0.5, scale=0.9),
    "cauchy": dict(loc=-1.0, scale=0.5),
    "student_t": dict(df=2.5, loc=0.3, scale=1.1),
    "uniform": dict(low=-0.5, high=2.0),
    "exponential": dict(rate=0.6),
    "gamma": dict(concentration=0.6, rate=1.1),
    "log_normal": dict(loc=-0.4, scale=0.9),
    "beta": dict(concentration1=0.7, concentration0=1.3),
    "gaussian_mixture": dict(weights=(0.5, 0.5), locs=(-2.0, 2.25), scales=(1.0, 0.75)),
}
DISCRETE = {
    "bernoulli": dict(probs=0.3),
    "categorical": dict(probs=(0.3, 0.5, 0.2)),
    "binomial": dict(total_count=7, probs=0.35),
    "poisson": dict(rate=3.2),
    "geometric": dict(probs=0.4),
}
OTHER_DISCRETE = {
    "bernoulli": dict(probs=0.45),
    "categorical": dict(probs=(0.35, 0.4, 0.25)),
    "binomial": dict(total_count=9, probs=0.55),
    "poisson": dict(rate=2.2),
    "geometric": dict(probs=0.25),
}
REAL_LINE = {"normal", "laplace", "logistic", "cauchy", "student_t", "gaussian_mixture"}
POSITIVE = {"exponential", "gamma", "log_normal"}


def _finite(name_p: str, name_q: str) -> bool:
    """Whether KL is finite for the parameters above, from first principles."""
    if name_p == "cauchy":
        return name_q in ("cauchy", "student_t")
    if name_q in REAL_LINE:
        return True  # df = 3.5 leaves Student's t a variance
    if name_q in POSITIVE:
        return name_p in POSITIVE | {"uniform", "beta"}
    return name_p in ("beta", "uniform") if name_q == "beta" else name_p in ("uniform", "beta")


def made(name: str, values: dict):
    return FAMILIES[name].distribution(**{k: list(v) if isinstance(v, tuple) else v for k, v in values.items()})


@pytest.mark.parametrize(("name_p", "name_q"), list(itertools.product(CONTINUOUS, repeat=2)))
def test_kl_of_continuous_pair_agrees_with_mpmath_and_its_error_bounds_the_truth(name_p, name_q):
    values_p, values_q = CONTINUOUS[name_p], OTHER_CONTINUOUS[name_q]
    report = kl_report(made(name_p, values_p), made(name_q, values_q))
    if not _finite(name_p, name_q):
        assert report.value.item() == math.inf
        assert report.error.item() == 0 and report.reason
        return
    truth = kl_continuous(name_p, values_p, name_q, values_q)
    gap = abs(report.value.item() - truth)
    assert gap <= 5e-14 * truth
    assert gap <= report.error.item()
    assert report.error.item() <= 1e-12 * max(truth, 1)


@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_kl_of_continuous_law_from_itself_is_exactly_zero(name):
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


@pytest.mark.parametrize(("name_p", "name_q"), [("normal", "poisson"), ("poisson", "normal"), ("beta", "bernoulli"),
                                                ("bernoulli", "uniform")])
def test_kl_between_a_continuum_and_separate_outcomes_is_infinite(name_p, name_q):
    first, second = {**CONTINUOUS, **DISCRETE}, {**OTHER_CONTINUOUS, **OTHER_DISCRETE}
    report = kl_report(made(name_p, first[name_p]), made(name_q, second[name_q]))
    assert report.value.item() == math.inf and report.infinite_by == "kind"
