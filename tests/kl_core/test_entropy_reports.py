"""The error bounds of entropy and cross-entropy: they hold against formulas in 50 digits, and are not far above what is wrong."""

from __future__ import annotations

import math

import pytest
import scipy.stats
import torch
from mpmath import mp, mpf
from torch.distributions import (
    Bernoulli,
    Beta,
    Categorical,
    Cauchy,
    Dirichlet,
    Gamma,
    Geometric,
    Independent,
    LogNormal,
    MultivariateNormal,
    Normal,
    OneHotCategorical,
    Poisson,
    StudentT,
    VonMises,
    Weibull,
)

from kl_core import cross_entropy, cross_entropy_report, entropy, entropy_report, gaussian_mixture, kl
from tests.kl_core.bounds import doubles, holds
from tests.kl_core.named_references import cross_entropy_of, entropy_of
from tests.kl_core.pairs import CONTINUOUS, OTHER_CONTINUOUS, made


def _gamma(a, b):
    return a - mp.log(b) + mp.loggamma(a) + (1 - a) * mp.digamma(a)


def _beta(a, b):
    log_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    return log_beta - (a - 1) * mp.digamma(a) - (b - 1) * mp.digamma(b) + (a + b - 2) * mp.digamma(a + b)


def _student(df, loc, scale):
    return (df + 1) / 2 * (mp.digamma((df + 1) / 2) - mp.digamma(df / 2)) + mp.log(scale * mp.sqrt(df) * mp.beta(df / 2, mpf(1) / 2))


def _von_mises(loc, k):
    return mp.log(2 * mp.pi * mp.besseli(0, k)) - k * mp.besseli(1, k) / mp.besseli(0, k)


def _poisson(rate):
    reach = int(14 * mp.sqrt(rate)) + 60
    logs = [k * mp.log(rate) - rate - mp.loggamma(k + 1) for k in range(max(0, int(rate) - reach), int(rate) + reach)]
    return -mp.fsum(mp.exp(log) * log for log in logs)


FORMULAS = [
    (Gamma, (2.3, 0.7), _gamma, 1e-13),
    (Gamma, (1e6, 2.0), _gamma, 1e-13),
    (Gamma, (1e-3, 2.0), _gamma, 1e-11),
    (Beta, (2.0, 3.5), _beta, 1e-13),
    (Beta, (1e-3, 1e5), _beta, 1e-11),
    (LogNormal, (1e3, 1e-300), lambda m, s: m + mp.log(s) + mp.log(2 * mp.pi * mp.e) / 2, 1e-11),
    (Weibull, (1.0, 1e-3), lambda s, k: mp.euler * (1 - 1 / k) + mp.log(s / k) + 1, 1e-11),
    (Cauchy, (3.0, 1 / (4 * math.pi)), lambda m, s: mp.log(4 * mp.pi * s), 1e-13),  # next to 0
    (StudentT, (3.0, 0.5, 2.0), _student, 1e-12),
    (StudentT, (0.3, 0.5, 2.0), _student, 1e-10),
    (StudentT, (1e5, -7.0, 1e-3), _student, 1e-9),
    (VonMises, (1.0, 4.0), _von_mises, 1e-12),
    (Poisson, (4.0,), _poisson, 1e-13),
    (Poisson, (1e4,), _poisson, 1e-12),
    (Geometric, (0.03,), lambda t: -mp.log(t) - (1 - t) / t * mp.log1p(-t), 1e-11),
    (Bernoulli, (1e-12,), lambda t: -t * mp.log(t) - (1 - t) * mp.log1p(-t), 1e-14),
]


@pytest.mark.parametrize(("kind", "values", "formula", "at_most"), FORMULAS, ids=lambda value: getattr(value, "__name__", None))
def test_the_bound_of_an_entropy_holds_and_is_small(kind, values, formula, at_most):
    with mp.workdps(50):
        holds(entropy_report(kind(*doubles(*values))), formula(*map(mpf, values)), at_most)


@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_it_holds_for_every_family(name):
    holds(entropy_report(made(name, CONTINUOUS[name])), entropy_of(name), 1e-12)


@pytest.mark.parametrize(("name_p", "name_q"), [("normal", "student_t"), ("gamma", "log_normal"), ("beta", "normal")])
def test_cross_entropy_of_densities_is_within_its_bound_of_mpmath(name_p, name_q):
    report = cross_entropy_report(made(name_p, CONTINUOUS[name_p]), made(name_q, OTHER_CONTINUOUS[name_q]))
    holds(report, cross_entropy_of(name_p, name_q), 1e-12)
    assert report.method == ("closed form" if name_p == "gamma" else "quadrature")


def test_a_faint_spike_a_thousand_away_is_within_its_bound():
    # The two components do not overlap in floats.
    p = gaussian_mixture(*doubles([0.25, 0.75], [1000.0, 0.0], [0.01, 1.0]))
    with mp.workdps(50):
        parts = [w * (mp.log(mpf(s) * mp.sqrt(2 * mp.pi * mp.e)) - mp.log(w)) for w, s in ((mpf(1) / 4, 0.01), (mpf(3) / 4, 1.0))]
        holds(entropy_report(p), sum(parts), 1e-8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_vectors_of_probabilities(dtype):
    random = torch.Generator().manual_seed(0)
    p, q = (torch.rand(5, 1000, generator=random, dtype=torch.float64).pow(4).to(dtype) for _ in range(2))
    own, crossed = entropy_report(p), cross_entropy_report(p, q)
    with mp.workdps(40):
        for row, (a, b) in enumerate(zip(p.tolist(), q.tolist(), strict=True)):
            (a, total_a), (b, total_b) = ((list(map(mpf, w)), mp.fsum(w)) for w in (a, b))
            a, b = [x / total_a for x in a], [x / total_b for x in b]
            for report, logs in ((own, a), (crossed, b)):
                truth = -mp.fsum(x * mp.log(y) for x, y in zip(a, logs, strict=True))
                at_most = 1e-13 if dtype == torch.float64 else 1e-6
                assert abs(mpf(report.value[row].item()) - truth) <= report.error[row].item() <= at_most


PAIRS = [
    (Normal(*doubles([0.0, 1.0], [1.0, 2.0])), Normal(*doubles(0.5, 1.5)), "closed form"),
    (Normal(0.25, 1.5), Normal(torch.zeros(3), 1.0), "closed form"),
    (StudentT(*doubles([3.0, 4.0], 0.0, 1.0)), Normal(*doubles(0.5, 1.5)), "quadrature"),
    (Poisson(*doubles([3.0, 4.0])), Geometric(*doubles(0.3)), "sum"),
    (torch.tensor([[0.2, 0.8], [0.5, 0.5]]), torch.tensor([0.3, 0.7]), "sum"),
    (OneHotCategorical(*doubles([0.2, 0.8])), OneHotCategorical(*doubles([0.3, 0.7])), "sum"),
]


@pytest.mark.parametrize(("p", "q", "method"), PAIRS)
def test_a_report_has_the_functions_value_shape_and_dtype(p, q, method):
    for report, value in ((entropy_report(p), entropy(p)), (cross_entropy_report(p, q), cross_entropy(p, q))):
        torch.testing.assert_close(report.value, value, rtol=0, atol=0)
        assert report.method == method and report.error.shape == value.shape
        assert bool((report.error > 0).all()) and bool((report.error < 1e-6).all())


def test_a_bound_has_no_gradient_and_the_value_has():
    scale = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    for report in (entropy_report(Normal(0.0, scale)), cross_entropy_report(Normal(0.0, scale), StudentT(*doubles(3.0, 0.0, 1.0)))):
        assert not report.error.requires_grad and report.value.requires_grad
    (slope,) = torch.autograd.grad(entropy_report(Normal(0.0, scale)).value.sum(), scale)
    torch.testing.assert_close(slope, 1 / scale.detach())


def test_an_infinite_cross_entropy_has_no_error():
    for p, q in ((Cauchy(*doubles(0.0, 1.0)), Normal(*doubles(0.0, 1.0))), (torch.tensor([0.2, 0.8]), torch.tensor([1.0, 0.0]))):
        report = cross_entropy_report(p, q)
        assert report.value.item() == math.inf and report.error.item() == 0


def test_what_nothing_is_known_of_has_no_bound():
    assert entropy_report(StudentT(*doubles(0.05, 0.0, 1.0))).error.item() == math.inf  # a tail that no panel reaches
    assert entropy_report(Geometric(*doubles(1e-7))).error.item() == math.inf  # more outcomes than are summed
    assert entropy_report(Dirichlet(torch.ones(3))).error.item() == math.inf  # torch's own form


def test_independent_parts_are_added_up_whatever_they_are():
    # torch has no entropy of a von Mises.
    locs, concentrations = doubles([[0.0, 1.0]], [[0.5, 3.0]])
    parts = VonMises(locs, concentrations)
    truth = sum(scipy.stats.vonmises.entropy(k) for k in (0.5, 3.0))
    report = entropy_report(Independent(parts, 1))
    assert report.value.shape == (1,) and report.value.item() == pytest.approx(truth, rel=1e-12)
    assert 0 < report.error.item() < 1e-12
    assert entropy_report(Independent(parts, 0)).value.shape == (1, 2)


def test_independent_parts_with_no_axis_of_theirs_keep_their_batch():
    p, q = (Independent(Normal(*doubles([0.0, 1.0, mean], 1.0)), 0) for mean in (2.0, 3.0))
    torch.testing.assert_close(kl(p, q), *doubles([0.0, 0.0, 0.5]))
    assert entropy(p).shape == cross_entropy(p, q).shape == (3,)


def test_masses_below_torchs_least_count_in_a_one_hots_entropy():
    p = OneHotCategorical(*doubles([1e-20, 1.0]))
    assert entropy(p).item() == pytest.approx(1e-20 * (math.log(1e20) + 1), rel=0.05)


def test_a_normal_in_many_dimensions_given_by_its_root():
    root = torch.tensor([[1e-8, 0.0], [3.0, 1e8]], dtype=torch.float64)
    with mp.workdps(30):
        truth = sum(mp.log(mpf(x)) for x in (1e-8, 1e8)) + mp.log(2 * mp.pi * mp.e)
        holds(entropy_report(MultivariateNormal(torch.zeros(2, dtype=torch.float64), scale_tril=root)), truth, 1e-12)
    assert entropy_report(Categorical(*doubles([0.5, 0.5]))).value.item() == pytest.approx(math.log(2), rel=1e-15)
