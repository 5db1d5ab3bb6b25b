"""The hard cases for quadrature: spikes, far modes, mass next to an edge, corners, and sums too wide to table."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import MixtureSameFamily

from kl_core import FAMILIES, gaussian_mixture, kl, kl_report
from tests.kl_core.pairs import made
from tests.kl_core.reference import LOG_DENSITY, _exact


def make(name, **values):
    return FAMILIES[name].distribution(**values)


G = "gaussian_mixture"
HARD = {
    "far modes": (
        G,
        dict(weights=(0.5, 0.5), locs=(-1000.0, 1000.0), scales=(1.0, 1.0)),
        "normal",
        dict(loc=0.0, scale=1000.0),
        [s * 1000 + k for s in (-1, 1) for k in (-40, -10, -5, 0, 5, 10, 40)],
    ),
    "a spike in P": (
        G,
        dict(weights=(0.3, 0.7), locs=(0.0, 1.0), scales=(0.01, 1.0)),
        "normal",
        dict(loc=0.0, scale=2.0),
        [-30, -8, -2, -0.5, -0.1, -0.04, 0, 0.04, 0.1, 0.5, 2, 8, 30],
    ),
    "a spike in Q": (
        "normal",
        dict(loc=0.0, scale=1.0),
        G,
        dict(weights=(0.3, 0.7), locs=(0.0, 1.0), scales=(0.01, 1.0)),
        [-30, -8, -2, -0.5, -0.1, -0.04, 0, 0.04, 0.1, 0.5, 2, 8, 30],
    ),
    "Q underflows": (
        "normal",
        dict(loc=0.0, scale=3.0),
        G,
        dict(weights=(0.5, 0.5), locs=(-4.0, 4.0), scales=(0.1, 0.1)),
        [-90, -20, -8, -4, -1, -0.05, -0.002, 0, 0.002, 0.05, 1, 4, 8, 20, 90],
    ),
    "a narrow P far in Q's tail": (
        "normal",
        dict(loc=0.0, scale=0.01),
        "cauchy",
        dict(loc=50.0, scale=0.01),
        [-0.4, -0.1, -0.05, 0, 0.05, 0.1, 0.4],
    ),
    "a wide log-normal": (
        "log_normal",
        dict(loc=0.0, scale=3.0),
        "cauchy",
        dict(loc=1.0, scale=0.1),
        [0, *(math.exp(k) for k in range(-40, 41, 2)), 1.0, 0.9, 1.1],
    ),
    "a sharp corner at 0": ("uniform", dict(low=0.0, high=1.0), "gamma", dict(concentration=0.3, rate=1.0), [0, 1e-12, 1e-6, 1e-3, 0.1, 1]),
}


@pytest.mark.parametrize("case", list(HARD))
def test_quadrature_keeps_twelve_digits_and_an_honest_error_where_quad_fails(case):
    name_p, values_p, name_q, values_q, grid = HARD[case]
    report = kl_report(made(name_p, values_p), made(name_q, values_q))
    with mp.workdps(40):
        p, q = ({k: _exact(v) for k, v in values.items()} for values in (values_p, values_q))

        def integrand(x):
            a = LOG_DENSITY[name_p](x, **p)
            return mp.exp(a) * (a - LOG_DENSITY[name_q](x, **q)) if a > -400 else mpf(0)

        truth = mp.quad(integrand, sorted(map(mpf, grid)))
        assert abs(report.value.item() - truth) <= 1e-12 * truth
        assert abs(report.value.item() - truth) <= report.error.item()


@pytest.mark.parametrize("shift", [1.0, 1e-3, 1e-6, 1e-8, 1e-12])
def test_kl_of_a_shifted_logistic_keeps_its_digits_by_quadrature(shift):
    report = kl_report(make("logistic", loc=0.0, scale=1.0), make("logistic", loc=shift, scale=1.0))
    assert report.method == "quadrature"
    with mp.workdps(60):
        truth = mpf(shift) * mp.coth(mpf(shift) / 2) - 2
        assert abs(report.value.item() - truth) <= 2e-15 * truth
        assert abs(report.value.item() - truth) <= report.error.item()


def test_kl_of_a_gamma_whose_mass_hides_next_to_zero_is_right():
    # Half of Gamma(0.1) lies below 6e-4 and a millionth below 1e-60; the truth by mpmath over log x.
    report = kl_report(make("gamma", concentration=0.1, rate=1.0), make("log_normal", loc=0.0, scale=2.0))
    assert report.value.item() == pytest.approx(24.4779933440564378519, rel=1e-14)
    arch = kl_report(make("beta", concentration1=0.1, concentration0=0.1), make("normal", loc=0.5, scale=1.0))
    assert arch.value.item() == pytest.approx(7.28423079770771082334811703308, rel=1e-14)


def test_student_t_with_a_million_degrees_keeps_ten_digits_of_its_kl_from_a_normal():
    # 7/(4ν²), to leading order.
    value = kl(make("student_t", df=1e6, loc=0.0, scale=1.0), make("normal", loc=0.0, scale=1.0)).item()
    with mp.workdps(40):
        p, q = dict(df=mpf(10) ** 6, loc=mpf(0), scale=mpf(1)), dict(loc=mpf(0), scale=mpf(1))

        def integrand(x):
            a = LOG_DENSITY["student_t"](x, **p)
            return mp.exp(a) * (a - LOG_DENSITY["normal"](x, **q))

        truth = 2 * mp.quad(integrand, [0, 2, 5, 10, 20, 30])
    assert abs(value - truth) <= 1e-10 * truth


def test_mixture_of_one_repeated_component_is_that_component():
    p = gaussian_mixture(torch.tensor([0.5, 0.5]).double(), torch.tensor([1.0, 1.0]).double(), torch.tensor([2.0, 2.0]).double())
    assert isinstance(p, MixtureSameFamily)
    assert kl(p, make("normal", loc=1.0, scale=2.0)).item() <= 1e-28
    assert kl(p, make("normal", loc=0.0, scale=2.0)).item() == pytest.approx(0.125, rel=1e-13)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (make("geometric", probs=1e-7), make("poisson", rate=5.0)),
        (make("poisson", rate=1e15), make("geometric", probs=0.5)),
        (make("binomial", total_count=1e14, probs=0.5), make("poisson", rate=4e13)),
        (make("student_t", df=1e-3, loc=0.0, scale=1.0), make("cauchy", loc=0.0, scale=1.0)),
    ],
)
def test_a_distribution_too_wide_to_table_is_answered_soon_and_without_a_bound(p, q):
    report = kl_report(p, q)
    assert report.error.item() == math.inf
    assert not report.value.isnan()


def test_a_gamma_whose_mass_is_nearer_to_0_than_any_float_has_its_kl_from_a_cauchy():
    report = kl_report(make("gamma", concentration=1e-4, rate=1.0), make("cauchy", loc=0.0, scale=1.0))
    assert report.value.item() == pytest.approx(9991.511391119488, rel=1e-13)  # mpmath, 40 digits: −H(P) + log π + E_P[log(1 + x²)]
    assert report.error.item() < 1e-9


def test_a_wide_but_tabled_sum_has_a_bound():
    assert kl_report(make("geometric", probs=1e-2), make("poisson", rate=5.0)).error.item() < 1e-9
