"""The distributions beyond the families: their densities, and their KLs where there is no closed form."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    Binomial,
    Categorical,
    Dirichlet,
    Distribution,
    Gamma,
    HalfNormal,
    Kumaraswamy,
    LogNormal,
    MixtureSameFamily,
    MultivariateNormal,
    NegativeBinomial,
    Poisson,
    Uniform,
    VonMises,
    Weibull,
    constraints,
)

from kl_core import FAMILIES, compare, hellinger, kl, kl_report
from kl_core.density import LOG, DensitySpec, End, density_of, register_density
from kl_core.numerics.quadrature import interval


def made(kind, *values):
    return kind(*(torch.tensor(v, dtype=torch.float64) for v in values))


DISTRIBUTIONS = {
    "half-normal": made(HalfNormal, 1.3),
    "weibull": made(Weibull, 1.2, 1.7),
    "kumaraswamy": made(Kumaraswamy, 1.7, 2.3),
    "von mises": made(VonMises, 0.5, 2.0),
    "negative binomial": made(NegativeBinomial, 3.5, 0.4),
    "poisson mixture": MixtureSameFamily(Categorical(torch.tensor([0.25, 0.75]).double()), made(Poisson, (1.0, 6.0))),
}


@pytest.mark.parametrize("name", list(DISTRIBUTIONS))
def test_own_log_density_agrees_with_torch(name):
    p = DISTRIBUTIONS[name]
    torch.manual_seed(0)
    x = p.sample((100,)).double()
    torch.testing.assert_close(density_of(p).log_density(p, x, 1 - x), p.log_prob(x), rtol=1e-7, atol=1e-7)
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


@pytest.mark.parametrize(
    ("p", "q", "log_p", "log_q", "grid"),
    [
        (made(Weibull, 1.25, 1.5), made(Gamma, 2.0, 1.5), lambda x: weibull_log(x, 1.25, 1.5), lambda x: gamma_log(x, 2, 1.5), POSITIVE),
        (made(Gamma, 2.0, 1.5), made(Weibull, 1.25, 0.75), lambda x: gamma_log(x, 2, 1.5), lambda x: weibull_log(x, 1.25, 0.75), POSITIVE),
        (made(HalfNormal, 1.25), made(Gamma, 1.5, 1.0), lambda x: half_log(x, 1.25), lambda x: gamma_log(x, 1.5, 1), POSITIVE),
        (
            made(Kumaraswamy, 1.5, 2.5),
            made(Kumaraswamy, 2.0, 1.5),
            lambda x: kumaraswamy_log(x, 1.5, 2.5),
            lambda x: kumaraswamy_log(x, 2, 1.5),
            UNIT,
        ),
        (
            made(Kumaraswamy, 0.5, 0.75),
            FAMILIES["beta"].distribution(concentration1=2.0, concentration0=3.0),
            lambda x: kumaraswamy_log(x, 0.5, 0.75),
            lambda x: beta_log(x, 2, 3),
            UNIT,
        ),
    ],
)
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


def test_mixtures_of_discrete_distributions_are_summed_over_outcomes():
    p, q = DISTRIBUTIONS["poisson mixture"], made(Poisson, 4.0)
    mass = lambda k, rate: mp.exp(k * mp.log(rate) - rate - mp.loggamma(k + 1))
    with mp.workdps(40):
        mixed = lambda k: mass(k, 1) / 4 + 3 * mass(k, 6) / 4
        truth = sum(mixed(k) * mp.log(mixed(k) / mass(k, 4)) for k in range(120))
    report = kl_report(p, q)
    assert report.method == "sum" and abs(report.value.item() - truth) <= min(1e-14 * truth, report.error.item())
    coins = MixtureSameFamily(
        Categorical(torch.tensor([1.0, 0.0]).double()), Binomial(torch.tensor([3.0, 9.0]).double(), torch.tensor([0.5, 0.5]).double())
    )
    assert kl(coins, made(Binomial, 3.0, 0.5)).item() == 0
    assert kl(p, coins).item() == math.inf
    assert compare(p, q).jensen_shannon.item() > 0


class Wedge(Distribution):
    """Density 2x/width² on (0, width): a distribution that only this test knows."""

    arg_constraints = {"width": constraints.positive}

    def __init__(self, width, validate_args=None):
        self.width = width
        super().__init__(width.shape, validate_args=validate_args)


def test_a_distribution_registered_by_somebody_else_has_every_divergence():
    register_density(
        Wedge,
        DensitySpec(
            arguments=("width",),
            support=lambda d: (torch.zeros_like(d.width), d.width),
            log_density=lambda d, x, below: (2 * x).log() - 2 * d.width.log().unsqueeze(-1),
            quantile=lambda d, u: d.width.item() * u**0.5,
            cuts=lambda d: d.width.unsqueeze(-1) * 4.0 ** -torch.arange(-1, 34, dtype=torch.float64).clamp_min(0),
            ends=lambda d: (End(LOG, torch.ones_like(d.width)), End(LOG, torch.zeros_like(d.width))),
        ),
    )
    p, q = Wedge(torch.tensor([1.0, 2.0], dtype=torch.float64)), made(Uniform, 0.0, 2.0)
    # E[log 2x/w²] = log(2/w) − ½.
    assert kl(p, q).tolist() == pytest.approx([math.log(4) - 0.5, math.log(2) - 0.5], rel=1e-14)
    assert hellinger(p, q).square().tolist() == pytest.approx([1 - 2 / 3, 1 - 2 * math.sqrt(2) / 3], rel=1e-13)
    assert kl(q, p).tolist() == pytest.approx([math.inf, 1 - math.log(2)], rel=1e-13)


@pytest.mark.parametrize(
    "build",
    [
        lambda a, b: (Weibull(a, b), Weibull(b, a)),
        lambda a, b: (VonMises(a, b), VonMises(b, a)),
        lambda a, b: (Dirichlet(torch.stack([a, b])), Dirichlet(torch.stack([b, a]))),
        lambda a, b: (LogNormal(a, b), Gamma(b, a)),
        lambda a, b: (Gamma(a, b), LogNormal(b, a)),
        lambda a, b: (Kumaraswamy(a, b), Kumaraswamy(b, a)),
        lambda a, b: (NegativeBinomial(a, b / 3), NegativeBinomial(b, a / 3)),
        lambda a, b: (
            MultivariateNormal(torch.stack([a, b]), scale_tril=torch.diag(torch.stack([a, b]))),
            MultivariateNormal(torch.stack([b, b]), scale_tril=torch.diag(torch.stack([b, a]))),
        ),
    ],
)
def test_gradients_pass_gradcheck(build):
    start = [torch.tensor(v, dtype=torch.float64).requires_grad_() for v in (1.3, 0.8)]
    assert torch.autograd.gradcheck(lambda a, b: kl(*build(a, b)), start, eps=1e-6, atol=2e-7, rtol=2e-6)
