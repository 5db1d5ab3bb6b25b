"""The laws beyond the families: against mpmath, near equality, and against each other."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (Binomial, Categorical, Dirichlet, Exponential, Gamma, HalfNormal, Kumaraswamy, LogNormal,
                                 MixtureSameFamily, MultivariateNormal, NegativeBinomial, Poisson, VonMises, Weibull)

from kl_core import FAMILIES, compare, kl, kl_report
from kl_core.law import law_of
from kl_core.quadrature import interval


def made(kind, *values):
    return kind(*(torch.tensor(v, dtype=torch.float64) for v in values))


def _weibull(s1, k1, s2, k2):
    return (mp.log(k1 / s1**k1) - mp.log(k2 / s2**k2) + (k1 - k2) * (mp.log(s1) - mp.euler / k1)
            + (s1 / s2) ** k2 * mp.gamma(k2 / k1 + 1) - 1)


def _von_mises(m1, k1, m2, k2):
    mean = mp.besseli(1, k1) / mp.besseli(0, k1)
    return mp.log(mp.besseli(0, k2) / mp.besseli(0, k1)) + mean * (k1 - k2 * mp.cos(m1 - m2))


def _negative_binomial(r1, p1, r2, p2):
    assert r1 == r2
    return r1 * mp.log((1 - p1) / (1 - p2)) + r1 * p1 / (1 - p1) * mp.log(p1 / p2)


def _log_normal_gamma(m, s, a, b):
    return (-m - mp.log(2 * mp.pi * mp.e * s**2) / 2 - a * mp.log(b) + mp.loggamma(a) - (a - 1) * m
            + b * mp.exp(m + s**2 / 2))


def _gamma_log_normal(a, b, m, s):
    entropy = a - mp.log(b) + mp.loggamma(a) + (1 - a) * mp.digamma(a)
    mean = mp.digamma(a) - mp.log(b)
    return -entropy + mean + mp.log(2 * mp.pi * s**2) / 2 + (mp.psi(1, a) + (mean - m) ** 2) / (2 * s**2)


def _half_normal(s1, s2):
    return mp.log(s2 / s1) + s1**2 / (2 * s2**2) - mpf(1) / 2


PAIRS = {
    "weibull": (Weibull, Weibull, _weibull),
    "von mises": (VonMises, VonMises, _von_mises),
    "negative binomial": (NegativeBinomial, NegativeBinomial, _negative_binomial),
    "half-normal": (HalfNormal, HalfNormal, _half_normal),
    "kumaraswamy": (Kumaraswamy, Kumaraswamy, lambda a1, b1, a2, b2: mp.log(b1 / b2) + b2 / b1 - 1),
    "weibull, exponential": (Weibull, Exponential, lambda s, k, rate: _weibull(s, k, 1 / rate, mpf(1))),
    "exponential, weibull": (Exponential, Weibull, lambda rate, s, k: _weibull(1 / rate, mpf(1), s, k)),
    "log-normal, gamma": (LogNormal, Gamma, _log_normal_gamma),
    "gamma, log-normal": (Gamma, LogNormal, _gamma_log_normal),
    "exponential, half-normal": (Exponential, HalfNormal, lambda rate, s: (
        mp.log(rate) - 1 - mp.log(2 / mp.pi) / 2 + mp.log(s) + 1 / (rate * s) ** 2)),
    "half-normal, exponential": (HalfNormal, Exponential, lambda s, rate: (
        -mp.log(mp.pi * s**2 / 2) / 2 - mpf(1) / 2 - mp.log(rate) + rate * s * mp.sqrt(2 / mp.pi))),
}
CLOSED = [
    ("weibull", (1.2, 2.5), (0.7, 1.3)), ("weibull", (1.2, 2.5), (1.2 * (1 + 1e-8), 2.5 * (1 - 3e-8))),
    ("weibull", (1.2, 2.5), (1.2, math.nextafter(2.5, 3))), ("weibull", (1.0, 0.3), (5.0, 0.8)),
    ("von mises", (0.5, 3.0), (1.5, 1.0)), ("von mises", (0.5, 3.0), (0.5 + 1e-8, 3.0 * (1 + 1e-8))),
    ("von mises", (0.5, 1e-6), (1.5, 40.0)), ("von mises", (0.5, 1e4), (0.51, 300.0)),
    ("von mises", (0.5, 1e5), (0.5, 1e5 * (1 + 1e-8))),
    ("negative binomial", (3.5, 0.4), (3.5, 0.5)), ("negative binomial", (3.5, 0.4), (3.5, 0.4 * (1 + 1e-9))),
    ("half-normal", (1.3,), (0.8,)), ("half-normal", (1.3,), (1.3 * (1 + 1e-9),)),
    ("kumaraswamy", (2.0, 3.0), (2.0, 0.5)), ("kumaraswamy", (2.0, 3.0), (2.0, 3.0 * (1 + 1e-9))),
    ("weibull, exponential", (1.2, 1.5), (0.4,)), ("exponential, weibull", (0.7,), (1.1, 1.4)),
    ("log-normal, gamma", (0.2, 0.7), (1.7, 0.9)), ("log-normal, gamma", (0.0, 0.01), (1e4, 1e4)),
    ("log-normal, gamma", (0.0, 1e-3), (1e6, 1e6)),
    ("gamma, log-normal", (2.3, 0.7), (0.4, 0.8)), ("gamma, log-normal", (1e4, 1e4), (0.0, 0.01)),
    ("gamma, log-normal", (1e-3, 1.0), (0.0, 3.0)),
    ("exponential, half-normal", (1.4,), (0.9,)), ("half-normal, exponential", (0.9,), (1.4,)),
]


@pytest.mark.parametrize(("name", "first", "second"), CLOSED)
def test_closed_form_keeps_fourteen_digits(name, first, second):
    kind_p, kind_q, formula = PAIRS[name]
    report = kl_report(made(kind_p, *first), made(kind_q, *second))
    assert report.method == "closed form"
    with mp.workdps(60):
        truth = formula(*map(mpf, first), *map(mpf, second))
        assert abs(report.value.item() - truth) <= 4e-15 * truth
        assert abs(report.value.item() - truth) <= report.error.item()


def _dirichlet(a, b):
    n_a, n_b = sum(a), sum(b)
    return (mp.loggamma(n_a) - mp.loggamma(n_b) + sum(mp.loggamma(y) - mp.loggamma(x) for x, y in zip(a, b))
            + sum((x - y) * (mp.digamma(x) - mp.digamma(n_a)) for x, y in zip(a, b)))


@pytest.mark.parametrize(("a", "b"), [
    ((0.5, 2.0, 7.0), (1.5, 2.5, 3.0)), ((1e5, 2e5, 3e5), (1.01e5, 2e5, 2.9e5)), ((0.01, 0.02, 0.5), (3.0, 0.1, 40.0)),
    ((0.5, 2.0, 7.0), (0.5 * (1 + 1e-8), 2.0, 7.0 * (1 - 2e-8))), ((1.0, 2.0, 7.0), (1.0, 2.0, math.nextafter(7.0, 8))),
])
def test_kl_of_dirichlets_keeps_fourteen_digits(a, b):
    with mp.workdps(60):
        truth = _dirichlet(list(map(mpf, a)), list(map(mpf, b)))
        value = kl(made(Dirichlet, a), made(Dirichlet, b)).item()
        assert abs(value - truth) <= 1e-14 * truth
    batch = kl(made(Dirichlet, [a, b]), made(Dirichlet, b))
    assert batch.shape == (2,) and batch[0].item() == pytest.approx(value, rel=1e-13) and batch[1] == 0


@pytest.mark.parametrize("apart", [1.0, 1e-4, 1e-8])
@pytest.mark.parametrize("name", ["covariance_matrix", "scale_tril"])
def test_kl_of_multivariate_normals_keeps_its_digits(apart, name):
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    first = torch.eye(3, dtype=torch.float64) * 2 + 0.3 * draw(3, 3).tril()
    second = first + apart * 0.3 * draw(3, 3).tril()
    loc, shift = draw(3), apart * draw(3)
    if name == "covariance_matrix":
        first, second = first @ first.T, second @ second.T
        first, second = ((m + m.T) / 2 for m in (first, second))
    p, q = (MultivariateNormal(m, **{name: s}) for m, s in ((loc, first), (loc + shift, second)))
    with mp.workdps(50):
        a, b = (mp.matrix(m.tolist()) for m in (first, second))
        a, b = (a, b) if name == "covariance_matrix" else (a * a.T, b * b.T)
        gap = mp.matrix([mpf(x) - mpf(y) for x, y in zip((loc + shift).tolist(), loc.tolist())])
        inverse = b**-1
        ratio = inverse * a
        truth = (sum(ratio[i, i] for i in range(3)) - 3 - mp.log(mp.det(a) / mp.det(b)) + (gap.T * inverse * gap)[0]) / 2
        assert abs(kl(p, q).item() - truth) <= 1e-14 * truth
    assert kl(p, p).item() == 0


LAWS = {
    "half-normal": made(HalfNormal, 1.3), "weibull": made(Weibull, 1.2, 1.7), "kumaraswamy": made(Kumaraswamy, 1.7, 2.3),
    "von mises": made(VonMises, 0.5, 2.0), "negative binomial": made(NegativeBinomial, 3.5, 0.4),
    "poisson mixture": MixtureSameFamily(Categorical(torch.tensor([0.25, 0.75]).double()), made(Poisson, (1.0, 6.0))),
}


@pytest.mark.parametrize("name", list(LAWS))
def test_own_log_density_agrees_with_torch(name):
    p = LAWS[name]
    torch.manual_seed(0)
    x = p.sample((100,)).double()
    torch.testing.assert_close(law_of(p).log_density(p, x, 1 - x), p.log_prob(x), rtol=1e-7, atol=1e-7)
    lo, hi = interval(p, 0.01)
    assert 0.9 <= ((x >= lo) & (x <= hi)).double().mean() <= 1 and lo < hi


def _density(log_p, log_q, grid):
    with mp.workdps(30):
        return mp.quad(lambda x: mp.exp(log_p(x)) * (log_p(x) - log_q(x)), grid)


gamma_log = lambda x, a, b: a * mp.log(b) + (a - 1) * mp.log(x) - b * x - mp.loggamma(a)
weibull_log = lambda x, s, k: mp.log(k / s) + (k - 1) * mp.log(x / s) - (x / s) ** k
half_log = lambda x, s: mp.log(2 / (mp.pi * s**2)) / 2 - (x / s) ** 2 / 2
kumaraswamy_log = lambda x, a, b: mp.log(a * b) + (a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x**a)
beta_log = lambda x, a, b: (a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x) - mp.log(mp.beta(a, b))
POSITIVE = [0, 1e-6, 1e-3, 0.1, 0.5, 1, 2, 4, 8, 16, 32]
UNIT = [0, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1]


@pytest.mark.parametrize(("p", "q", "log_p", "log_q", "grid"), [
    (made(Weibull, 1.25, 1.5), made(Gamma, 2.0, 1.5), lambda x: weibull_log(x, 1.25, 1.5), lambda x: gamma_log(x, 2, 1.5), POSITIVE),
    (made(Gamma, 2.0, 1.5), made(Weibull, 1.25, 0.75), lambda x: gamma_log(x, 2, 1.5), lambda x: weibull_log(x, 1.25, 0.75), POSITIVE),
    (made(HalfNormal, 1.25), made(Gamma, 1.5, 1.0), lambda x: half_log(x, 1.25), lambda x: gamma_log(x, 1.5, 1), POSITIVE),
    (made(Kumaraswamy, 1.5, 2.5), made(Kumaraswamy, 2.0, 1.5), lambda x: kumaraswamy_log(x, 1.5, 2.5),
     lambda x: kumaraswamy_log(x, 2, 1.5), UNIT),
    (made(Kumaraswamy, 0.5, 0.75), FAMILIES["beta"].distribution(concentration1=2.0, concentration0=3.0),
     lambda x: kumaraswamy_log(x, 0.5, 0.75), lambda x: beta_log(x, 2, 3), UNIT),
])
def test_pairs_without_a_closed_form_agree_with_mpmath_within_their_error(p, q, log_p, log_q, grid):
    report = kl_report(p, q)
    truth = _density(log_p, log_q, grid)
    assert report.method == "quadrature"
    assert abs(report.value.item() - truth) <= 1e-12 * truth
    assert abs(report.value.item() - truth) <= max(report.error.item(), 1e-14)


def test_negative_binomials_of_different_counts_are_summed():
    p, q = made(NegativeBinomial, 3.5, 0.4), made(NegativeBinomial, 2.0, 0.5)
    mass = lambda k, r, t: mp.loggamma(k + r) - mp.loggamma(r) - mp.loggamma(k + 1) + r * mp.log(1 - t) + k * mp.log(t)
    with mp.workdps(40):
        truth = sum(mp.exp(mass(k, 3.5, mpf(0.4))) * (mass(k, 3.5, mpf(0.4)) - mass(k, 2, mpf(0.5))) for k in range(300))
    report = kl_report(p, q)
    assert report.method == "sum" and abs(report.value.item() - truth) <= min(1e-14 * truth, report.error.item())


def test_mixtures_of_discrete_laws_are_summed_over_outcomes():
    p, q = LAWS["poisson mixture"], made(Poisson, 4.0)
    mass = lambda k, rate: mp.exp(k * mp.log(rate) - rate - mp.loggamma(k + 1))
    with mp.workdps(40):
        mixed = lambda k: mass(k, 1) / 4 + 3 * mass(k, 6) / 4
        truth = sum(mixed(k) * mp.log(mixed(k) / mass(k, 4)) for k in range(120))
    report = kl_report(p, q)
    assert report.method == "sum" and abs(report.value.item() - truth) <= min(1e-14 * truth, report.error.item())
    coins = MixtureSameFamily(Categorical(torch.tensor([1.0, 0.0]).double()),
                              Binomial(torch.tensor([3.0, 9.0]).double(), torch.tensor([0.5, 0.5]).double()))
    assert kl(coins, made(Binomial, 3.0, 0.5)).item() == 0
    assert kl(p, coins).item() == math.inf
    assert compare(p, q).jensen_shannon.item() > 0


@pytest.mark.parametrize("build", [
    lambda a, b: (Weibull(a, b), Weibull(b, a)), lambda a, b: (VonMises(a, b), VonMises(b, a)),
    lambda a, b: (Dirichlet(torch.stack([a, b])), Dirichlet(torch.stack([b, a]))),
    lambda a, b: (LogNormal(a, b), Gamma(b, a)), lambda a, b: (Gamma(a, b), LogNormal(b, a)),
    lambda a, b: (Kumaraswamy(a, b), Kumaraswamy(b, a)), lambda a, b: (NegativeBinomial(a, b / 3), NegativeBinomial(b, a / 3)),
    lambda a, b: (MultivariateNormal(torch.stack([a, b]), scale_tril=torch.diag(torch.stack([a, b]))),
                  MultivariateNormal(torch.stack([b, b]), scale_tril=torch.diag(torch.stack([b, a])))),
])
def test_gradients_pass_gradcheck(build):
    start = [torch.tensor(v, dtype=torch.float64).requires_grad_() for v in (1.3, 0.8)]
    assert torch.autograd.gradcheck(lambda a, b: kl(*build(a, b)), start, eps=1e-6, atol=2e-7, rtol=2e-6)
