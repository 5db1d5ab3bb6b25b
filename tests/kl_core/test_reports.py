"""The relatives' error bounds: they hold against formulas in 50 digits, and are not far above what is wrong."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import Beta, Gamma, Normal, Poisson, StudentT

from kl_core import (
    alpha_divergence,
    alpha_divergence_report,
    hellinger,
    hellinger_report,
    jensen_shannon,
    jensen_shannon_report,
    renyi,
    renyi_report,
    total_variation,
    total_variation_report,
)
from tests.kl_core.bounds import doubles, holds_relatively


def _affinity_of_gammas(a, b, c, d):
    partition = lambda a, b: mp.loggamma(a) - a * mp.log(b)
    return mp.exp(partition((a + c) / 2, (b + d) / 2) - (partition(a, b) + partition(c, d)) / 2)


@pytest.mark.parametrize("apart", [1.0, 1e-3, 1e-6])
def test_hellinger_of_gammas(apart):
    first, second = (2.3, 0.7), (2.3 * (1 + apart), 0.7 * (1 + 2 * apart))
    with mp.workdps(50):
        holds_relatively(
            hellinger_report(Gamma(*doubles(*first)), Gamma(*doubles(*second))),
            mp.sqrt(1 - _affinity_of_gammas(*map(mpf, (*first, *second)))),
            1e-10,
        )


@pytest.mark.parametrize("apart", [3.0, 1.0, 1e-4])
def test_total_variation_of_two_normals_of_one_width(apart):
    with mp.workdps(50):
        holds_relatively(
            total_variation_report(Normal(*doubles(0.0, 1.5)), Normal(*doubles(apart, 1.5))), mp.erf(mpf(apart) / (3 * mp.sqrt(2))), 1e-9
        )


@pytest.mark.parametrize("other", [(1.0, 1.5), (1e-3, 1.0)])
def test_jensen_shannon_of_normals(other):
    density = lambda x, m, s: mp.npdf(x, mpf(m), mpf(s))

    def integrand(x):
        a, b = density(x, 0, 1), density(x, *other)
        return (a * mp.log(2 * a / (a + b)) + b * mp.log(2 * b / (a + b))) / 2

    with mp.workdps(40):
        truth = mp.quad(integrand, [-20, -6, -3, 0, 1, 3, 6, 20])
        holds_relatively(jensen_shannon_report(Normal(*doubles(0.0, 1.0)), Normal(*doubles(*other))), truth, 1e-9)


@pytest.mark.parametrize("alpha", [0.3, 1 + 2.0**-20, 2.0])
@pytest.mark.parametrize("other", [(1.5, 1.2), (1e-6, 1.0)])
def test_renyi_of_normals(alpha, other):
    with mp.workdps(50):
        a, gap, scale = map(mpf, (alpha, *other))
        spread = a * scale**2 + 1 - a
        truth = a * gap**2 / (2 * spread) - mp.log(spread / scale ** (2 * a)) / (2 * (a - 1))
        holds_relatively(renyi_report(Normal(*doubles(0.0, 1.0)), Normal(*doubles(*other)), alpha), truth, 1e-7)


REPORTS = [
    (jensen_shannon_report, jensen_shannon),
    (total_variation_report, total_variation),
    (hellinger_report, hellinger),
    (lambda p, q: renyi_report(p, q, 0.7), lambda p, q: renyi(p, q, 0.7)),
    (lambda p, q: alpha_divergence_report(p, q, 0.3), lambda p, q: alpha_divergence(p, q, 0.3)),
    (lambda p, q: alpha_divergence_report(p, q, 1.5), lambda p, q: alpha_divergence(p, q, 1.5)),
]


@pytest.mark.parametrize(("report", "function"), REPORTS)
def test_a_report_has_the_functions_value_and_shape(report, function):
    random = torch.Generator().manual_seed(0)
    some = lambda *shape: 0.5 + 3 * torch.rand(*shape, generator=random, dtype=torch.float64)
    betas = Beta(some(11, 1), some(11, 1)), Beta(some(2), some(2))  # more rows than are integrated at a time
    for p, q, method in ((*betas, "quadrature"), (Poisson(some(3)), Poisson(some(3)), "sum"), (some(4, 7), some(4, 7), "sum")):
        reported = report(p, q)
        torch.testing.assert_close(reported.value, function(p, q), rtol=0, atol=0)
        assert reported.method == method and reported.error.shape == reported.value.shape
        assert bool((reported.error > 0).all()) and bool((reported.error < 1e-9).all())


def test_mass_that_no_panel_reaches_is_no_error_known():
    heavy = StudentT(*doubles(0.05, 0.0, 1.0))
    assert jensen_shannon_report(heavy, Normal(*doubles(0.0, 1.0))).error.item() == math.inf


def test_without_overlap_they_are_what_they_are():
    assert jensen_shannon_report(Normal(*doubles(0.0, 1.0)), Poisson(*doubles(1.0))).value.item() == math.log(2)
    report = renyi_report(Normal(*doubles(0.0, 1.0)), Poisson(*doubles(1.0)), 2.0)
    assert report.value.item() == math.inf and report.error.item() == 0
    with pytest.raises(ValueError, match="alpha = 1"):
        renyi_report(Normal(*doubles(0.0, 1.0)), Normal(*doubles(1.0, 1.0)), 1)


def test_one_row_at_a_time_or_many_gives_the_same_number():
    random = torch.Generator().manual_seed(1)
    a, b, c, d = (0.5 + 3 * torch.rand(20, generator=random, dtype=torch.float64) for _ in range(4))
    together = jensen_shannon(Beta(a, b), Beta(c, d))
    alone = torch.stack([jensen_shannon(Beta(a[i], b[i]), Beta(c[i], d[i])) for i in range(20)])
    torch.testing.assert_close(together, alone, rtol=1e-13, atol=0)
