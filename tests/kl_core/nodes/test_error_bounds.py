"""Where quadrature is hardest, against expectations known in closed form: the answer, and that its error is honest."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import Gamma, Geometric, Kumaraswamy, Laplace, Normal, Poisson, StudentT

from kl_core import gaussian_mixture, kl_report
from tests.kl_core.bounds import doubles


def _holds(report, truth: mpf, relative: float) -> None:
    gap = abs(report.value.item() - truth)
    assert gap <= relative * truth
    assert gap <= report.error.item()


def _student_entropy(v: mpf) -> mpf:
    return (v + 1) / 2 * (mp.digamma((v + 1) / 2) - mp.digamma(v / 2)) + mp.log(mp.sqrt(v) * mp.beta(v / 2, mpf(1) / 2))


@pytest.mark.parametrize("df", [2.00001, 2.01, 2.1, 2.2, 2.5, 3.0, 6.0, 1e3, 1e5])
def test_student_against_normal_reaches_all_of_the_variance(df):
    # Of E[x²] = df/(df − 2), what lies beyond x falls off like x^(2 − df) only.
    with mp.workdps(50):
        v = mpf(df)
        truth = -_student_entropy(v) + mp.log(2 * mp.pi * 4) / 2 + (v / (v - 2) + mpf(0.25) ** 2) / 8
        _holds(kl_report(StudentT(*doubles(df, 0.0, 1.0)), Normal(*doubles(0.25, 2.0))), truth, 1e-12)


@pytest.mark.parametrize("df", [1.00001, 1.01, 1.1, 1.5, 4.0])
def test_student_against_laplace_reaches_all_of_the_mean_deviation(df):
    # What lies beyond x falls off like x^(1 − df).
    with mp.workdps(50):
        v = mpf(df)
        deviation = 2 * mp.sqrt(v) / ((v - 1) * mp.beta(v / 2, mpf(1) / 2))
        truth = -_student_entropy(v) + mp.log(mpf(4)) + deviation / 2
        _holds(kl_report(StudentT(*doubles(df, 0.25, 1.0)), Laplace(*doubles(0.25, 2.0))), truth, 1e-12)


def test_the_gradient_of_a_tail_that_no_float_reaches_is_that_of_the_variance():
    df, scale = (value.requires_grad_() for value in doubles(2.01, 1.5))
    kl_report(StudentT(df, doubles(0.0)[0], scale), Normal(*doubles(0.25, 2.0))).value.backward()
    with mp.workdps(50):
        v, s = mpf(2.01), mpf(1.5)
        assert float(scale.grad) == pytest.approx(float(s * v / (v - 2) / 4 - 1 / s), rel=1e-10)
        slope = mp.diff(lambda v: -_student_entropy(v) + s**2 * v / (v - 2) / 8, v)
        assert float(df.grad) == pytest.approx(float(slope), rel=1e-10)


def test_gamma_of_a_million_against_the_normal_like_it():
    a = mpf(10) ** 6
    with mp.workdps(50):
        entropy = a + mp.loggamma(a) + (1 - a) * mp.digamma(a)
        truth = mp.log(2 * mp.pi * a) / 2 + mpf(1) / 2 - entropy
        _holds(kl_report(Gamma(*doubles(1e6, 1.0)), Normal(*doubles(1e6, 1e3))), truth, 1e-10)


def test_kumaraswamys_steep_at_both_edges():
    # E[log x] and E[log(1 − x^a)] are digammas; b = 1 leaves Q only the first.
    with mp.workdps(50):
        a, b, c = mpf(0.5), mpf(0.125), mpf(2)
        mean_log = (mp.digamma(1) - mp.digamma(b + 1)) / a
        truth = mp.log(a * b / c) + (a - c) * mean_log - (b - 1) / b
        _holds(kl_report(Kumaraswamy(*doubles(0.5, 0.125)), Kumaraswamy(*doubles(2.0, 1.0))), truth, 1e-12)


def test_a_faint_spike_a_thousand_away():
    # The two components do not overlap in floats, so E[x²] and the entropy are sums.
    p = gaussian_mixture(*doubles([0.25, 0.75], [1000.0, 0.0], [0.01, 1.0]))
    with mp.workdps(50):
        weights, scales = (mpf(1) / 4, mpf(3) / 4), (mpf(0.01), mpf(1))
        entropy = sum(w * (mp.log(s * mp.sqrt(2 * mp.pi * mp.e)) - mp.log(w)) for w, s in zip(weights, scales))
        second = weights[0] * (mpf(1000) ** 2 + scales[0] ** 2) + weights[1]
        truth = -entropy + mp.log(2 * mp.pi) / 2 + second / 2
        _holds(kl_report(p, Normal(*doubles(0.0, 1.0))), truth, 1e-12)
    assert math.isfinite(kl_report(p, Normal(*doubles(0.0, 1.0))).error.item())


@pytest.mark.parametrize("mean", [1e4, 1e5])
def test_a_sum_knows_its_error_where_q_has_more_outcomes_than_are_summed(mean):
    rate, chance = torch.tensor(mean, dtype=torch.float64), torch.tensor(1 / mean, dtype=torch.float64)
    with mp.workdps(30):
        level, theta = mpf(mean), mpf(chance.item())
        reach = int(14 * mean**0.5)
        log_masses = [k * mp.log(level) - level - mp.loggamma(k + 1) for k in range(int(mean) - reach, int(mean) + reach)]
        truth = mp.fsum(mp.exp(one) * one for one in log_masses) - mp.log(theta) - level * mp.log1p(-theta)
        _holds(kl_report(Poisson(rate), Geometric(chance)), truth, 1e-12)


@pytest.mark.parametrize(("locs", "scales"), [((-1.0, 0.5, 2.0), (0.3, 0.7, 0.2)), ((-40.0, 0.5, 60.0), (0.01, 3.0, 0.2))])
def test_a_mixture_that_names_each_component_twenty_times_is_the_same_mixture(locs, scales):
    weights, q = (0.2, 0.5, 0.3), Normal(*doubles(0.3, 2.0))
    few = kl_report(gaussian_mixture(*doubles(weights, locs, scales)), q)
    many = kl_report(gaussian_mixture(*doubles(20 * weights, 20 * locs, 20 * scales)), q)
    assert abs(few.value - many.value).item() <= 1e-13 * few.value.item()
    assert abs(few.value - many.value).item() <= (few.error + many.error).item()
