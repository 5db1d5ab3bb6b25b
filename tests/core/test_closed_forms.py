"""Closed forms against 50-digit formulas: ordinary, one part in 1e8 apart, neighbours in floating point, extreme."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf

from kl_core import FAMILIES, kl, kl_report


def _normal(m1, s1, m2, s2):
    return mp.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - mpf(1) / 2


def _laplace(m1, b1, m2, b2):
    gap = abs(m1 - m2)
    return mp.log(b2 / b1) + gap / b2 + b1 / b2 * mp.exp(-gap / b1) - 1


def _cauchy(m1, s1, m2, s2):
    return mp.log(((s1 + s2) ** 2 + (m1 - m2) ** 2) / (4 * s1 * s2))


def _gamma(a1, b1, a2, b2):
    return ((a1 - a2) * mp.digamma(a1) - mp.loggamma(a1) + mp.loggamma(a2) + a2 * mp.log(b1 / b2)
            + a1 * (b2 - b1) / b1)


def _beta(a1, b1, a2, b2):
    log_b = lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    return (log_b(a2, b2) - log_b(a1, b1) + (a1 - a2) * mp.digamma(a1) + (b1 - b2) * mp.digamma(b1)
            + (a2 - a1 + b2 - b1) * mp.digamma(a1 + b1))


def _coin(p, q):
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


FORMULAS = {
    "normal": (("loc", "scale"), _normal),
    "laplace": (("loc", "scale"), _laplace),
    "cauchy": (("loc", "scale"), _cauchy),
    "log_normal": (("loc", "scale"), _normal),
    "exponential": (("rate",), lambda a, b: mp.log(a / b) + b / a - 1),
    "gamma": (("concentration", "rate"), _gamma),
    "beta": (("concentration1", "concentration0"), _beta),
    "poisson": (("rate",), lambda a, b: a * mp.log(a / b) - a + b),
    "bernoulli": (("probs",), _coin),
    "geometric": (("probs",), lambda p, q: _coin(p, q) / p),
}
ORDINARY = {
    "normal": (0.3, 1.7), "laplace": (0.3, 1.7), "cauchy": (0.3, 1.7), "log_normal": (0.3, 0.7), "exponential": (1.7,),
    "gamma": (2.3, 0.7), "beta": (2.3, 0.7), "poisson": (4.2,), "bernoulli": (0.3,), "geometric": (0.3,),
}
CASES = [
    *((name, values, tuple(v * f for v, f in zip(values, (1.25, 0.8)))) for name, values in ORDINARY.items()),
    *((name, values, tuple(v * (1 + f) for v, f in zip(values, (1e-3, -2e-3)))) for name, values in ORDINARY.items()),
    *((name, values, tuple(v * (1 + f) for v, f in zip(values, (1e-8, 3e-8)))) for name, values in ORDINARY.items()),
    *((name, values, tuple(math.nextafter(v, 100) for v in values)) for name, values in ORDINARY.items()),
    ("normal", (0.0, 1e-12), (1.0, 1e12)),
    ("normal", (0.0, 1e12), (1.0, 1e-12)),
    ("laplace", (1e6, 1e-6), (-1e6, 1e6)),
    ("cauchy", (0.0, 1e-9), (1e3, 1e9)),
    ("exponential", (1e-9,), (1e9,)),
    ("gamma", (1e6, 1.0), (1.001e6, 1.0)),
    ("gamma", (1e6, 1.0), (1e6 * (1 + 1e-8), 1 + 1e-8)),
    ("gamma", (1e-3, 1.0), (1e6, 5.0)),
    ("gamma", (1e6, 1.0), (1e-3, 5.0)),
    ("beta", (1e6, 2e6), (1.001e6, 2e6)),
    ("beta", (1e6, 2e6), (1e6 * (1 + 1e-8), 2e6)),
    ("beta", (0.01, 0.02), (30.0, 1e5)),
    ("poisson", (1e6,), (1e6 + 1e-3,)),
    ("poisson", (1e-9,), (30.0,)),
    ("bernoulli", (1e-12,), (3e-12,)),
    ("geometric", (1e-6,), (1.1e-6,)),
]


@pytest.mark.parametrize(("name", "first", "second"), CASES)
def test_closed_form_keeps_fourteen_digits(name, first, second):
    arguments, formula = FORMULAS[name]
    make = lambda values: FAMILIES[name].distribution(**dict(zip(arguments, values)))
    with mp.workdps(70):
        truth = formula(*map(mpf, first), *map(mpf, second))
        report = kl_report(make(first), make(second))
        assert report.method == "closed form"
        assert abs(report.value.item() - truth) <= 4e-15 * truth
        assert abs(report.value.item() - truth) <= report.error.item()


@pytest.mark.parametrize(("name", "values"), list(ORDINARY.items()))
def test_closed_form_in_float32_keeps_six_digits_for_neighbours(name, values):
    arguments, formula = FORMULAS[name]
    first = torch.tensor(values, dtype=torch.float32)
    second = first * torch.tensor([1 + 1e-4, 1 - 2e-4], dtype=torch.float32)[: len(values)]
    make = lambda vector: FAMILIES[name].distribution(**dict(zip(arguments, vector.unbind())))
    with mp.workdps(50):
        truth = formula(*map(mpf, first.tolist()), *map(mpf, second.tolist()))
    value = kl(make(first), make(second))
    assert value.dtype == torch.float32
    assert abs(value.item() - truth) <= 1e-6 * truth


def test_kl_of_normals_a_ulp_of_scale_apart_is_not_zero():
    # torch.distributions returns 0 here.
    p = FAMILIES["normal"].distribution(loc=0.0, scale=1.0)
    q = FAMILIES["normal"].distribution(loc=0.0, scale=math.nextafter(1.0, 2))
    assert kl(p, q).item() == pytest.approx(2.0**-104, rel=1e-12)


def test_kl_of_uniforms_a_ulp_apart_is_the_log_of_their_widths():
    p = FAMILIES["uniform"].distribution(low=0.0, high=1.0)
    q = FAMILIES["uniform"].distribution(low=0.0, high=math.nextafter(1.0, 2))
    assert kl(p, q).item() == pytest.approx(2.0**-52, rel=1e-12)
    assert kl(q, p).item() == math.inf


def test_binomials_with_as_many_tosses_are_tosses_added():
    make = FAMILIES["binomial"].distribution
    coin = FAMILIES["bernoulli"].distribution
    whole = kl(make(total_count=12, probs=0.3), make(total_count=12, probs=0.3 * (1 + 1e-9)))
    assert whole.item() == pytest.approx(12 * kl(coin(probs=0.3), coin(probs=0.3 * (1 + 1e-9))).item(), rel=1e-14)


@pytest.mark.parametrize("apart", [0.1, 1e-6])
@pytest.mark.parametrize("name", list(ORDINARY))
def test_gradient_of_closed_form_matches_mpmath_near_equality_and_far_from_it(name, apart):
    arguments, formula = FORMULAS[name]
    first = ORDINARY[name]
    values = [*first, *(v * (1 + apart * (i + 1)) for i, v in enumerate(first))]
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    p, q = (FAMILIES[name].distribution(**dict(zip(arguments, half))) for half in (leaves[:len(first)], leaves[len(first):]))
    kl(p, q).backward()
    with mp.workdps(60):
        exact = [mpf(v) for v in values]
        slopes = [mp.diff(lambda x, i=i: formula(*exact[:i], x, *exact[i + 1:]), exact[i]) for i in range(len(values))]
        largest = max(map(abs, slopes))
        assert all(abs(leaf.grad.item() - slope) <= 1e-14 * largest for leaf, slope in zip(leaves, slopes))
