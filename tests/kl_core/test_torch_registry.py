"""Every pair that torch's own registry knows, held to this library's promises; and those beside it that torch lacks."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch import distributions as td
from torch.distributions.kl import _KL_REGISTRY, kl_divergence

from kl_core import kl, kl_report
from kl_core.densities.von_mises_fisher import kl_von_mises_fisher
from kl_core.estimates.sampling import kl_by_sampling
from kl_core.pair import Pair
from tests.kl_core.bounds import doubles


def _normal(e=0.0):
    return td.MultivariateNormal(*doubles([0.0 + e, 1.0], [[2.0, 0.5], [0.5, 2.25 + e]]))


MADE = {
    td.Bernoulli: lambda e: td.Bernoulli(*doubles(0.3 + e)),
    td.Beta: lambda e: td.Beta(*doubles(2.0 + e, 3.0)),
    td.Binomial: lambda e: td.Binomial(5, *doubles(0.3 + e)),
    td.Categorical: lambda e: td.Categorical(*doubles([0.2 + e, 0.3, 0.5])),
    td.Cauchy: lambda e: td.Cauchy(*doubles(0.0 + e, 1.0)),
    td.ContinuousBernoulli: lambda e: td.ContinuousBernoulli(*doubles(0.3 + e)),
    td.Dirichlet: lambda e: td.Dirichlet(*doubles([1.0 + e, 2.0, 3.0])),
    td.Exponential: lambda e: td.Exponential(*doubles(1.0 + e)),
    td.Gamma: lambda e: td.Gamma(*doubles(2.0 + e, 1.0)),
    td.Geometric: lambda e: td.Geometric(*doubles(0.3 + e)),
    td.Gumbel: lambda e: td.Gumbel(*doubles(0.0 + e, 1.0 + e)),
    td.HalfNormal: lambda e: td.HalfNormal(*doubles(1.0 + e)),
    td.Independent: lambda e: td.Independent(td.Normal(*doubles([0.0 + e, 1.0], [1.0, 2.0])), 1),
    td.Laplace: lambda e: td.Laplace(*doubles(0.0 + e, 1.0)),
    td.LowRankMultivariateNormal: lambda e: td.LowRankMultivariateNormal(*doubles([0.0 + e, 1.0], [[1.0 + e], [0.5]], [1.0, 2.0])),
    td.MultivariateNormal: _normal,
    td.Normal: lambda e: td.Normal(*doubles(0.0 + e, 1.0)),
    td.OneHotCategorical: lambda e: td.OneHotCategorical(*doubles([0.2 + e, 0.3, 0.5])),
    td.Pareto: lambda e: td.Pareto(*doubles(1.0, 3.0 + e)),
    td.Poisson: lambda e: td.Poisson(*doubles(2.0 + e)),
    td.TransformedDistribution: lambda e: td.TransformedDistribution(td.Normal(*doubles(0.0 + e, 1.0)), [td.TanhTransform()]),
    td.Uniform: lambda e: td.Uniform(*doubles(0.0, 1.0 + e)),
}
PAIRS = sorted((pair for pair in _KL_REGISTRY if td.ExponentialFamily not in pair), key=str)
FALSE_INFINITIES = {(td.ContinuousBernoulli, td.Uniform), (td.Uniform, td.ContinuousBernoulli)}
"""(0, 1) lies inside (0, 1.125), and torch says inf."""


def test_every_class_of_the_registry_is_made_here():
    assert {kind for pair in PAIRS for kind in pair} <= set(MADE)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].__name__}-{pair[1].__name__}")
def test_a_pair_agrees_with_torch_and_says_why_where_it_is_infinite(pair):
    p, q = MADE[pair[0]](0.0), MADE[pair[1]](0.125)
    report, theirs = kl_report(p, q), kl_divergence(p, q).item()
    if pair in FALSE_INFINITIES:
        assert theirs == math.inf and math.isfinite(report.value.item())
        x = torch.linspace(0.0005, 0.9995, 1000, dtype=torch.float64)  # midpoints
        log_p, log_q = (torch.where((x > 0) & (x < 1), d.log_prob(x), -torch.inf) for d in (p, q))
        assert report.value.item() == pytest.approx((log_p.exp() * (log_p - log_q)).mean().item(), rel=1e-4)
        return
    assert report.value.item() == pytest.approx(theirs, rel=1e-9)
    assert (report.value.item() == math.inf) == (report.reason is not None)
    assert abs(report.value.item() - theirs) <= report.error.item() + 1e-10 or theirs == math.inf


def _wishart(degrees: float, stretch: float = 1.0) -> td.Wishart:
    scale = torch.tensor([[2.0, 0.5], [0.5, 2.25]], dtype=torch.float64)
    return td.Wishart(*doubles(degrees), stretch * scale)


@pytest.mark.filterwarnings("ignore:Singular sample detected:UserWarning")
def test_two_wisharts_alone_take_torchs_own_form_and_the_error_bound_says_so():
    own = {pair for pair in PAIRS if Pair(*(MADE[kind](0.0) for kind in pair)).by_torch}
    assert not own and Pair(_wishart(4.0), _wishart(5.0)).by_torch
    for degrees, stretch in ((5.0, 1.25), (4.0 + 1e-6, 1.0), (4.0, 1.0 + 1e-9)):
        with mp.workdps(50):
            n, m, c = (mpf(value) for value in (4.0, degrees, stretch))
            # Of two dimensions, W = c·V: Penny (2001), with the multivariate gamma function.
            gammas = sum(mp.loggamma((m - i) / 2) - mp.loggamma((n - i) / 2) + (n - m) / 2 * mp.digamma((n - i) / 2) for i in (0, 1))
            truth = float(m * mp.log(c) + n * (1 / c - 1) + gammas)
        report = kl_report(_wishart(4.0), _wishart(degrees, stretch))
        assert abs(report.value.item() - truth) <= report.error.item() < 1e-12


@pytest.mark.parametrize("kind", [kind for kind in MADE if (kind, kind) in _KL_REGISTRY], ids=lambda kind: kind.__name__)
def test_next_to_equality_the_kl_is_of_second_order(kind):
    # KL(P‖P + e) = ½·I·e² + O(e³), so a step a thousand times smaller gives a millionth, but for e³.
    large, small = (kl(MADE[kind](0.0), MADE[kind](2.0**-k)).item() for k in (13, 23))
    if kind is td.Uniform:
        assert small == pytest.approx(math.log1p(2.0**-23), rel=1e-12)
    else:
        assert small > 0 and small * 4.0**10 == pytest.approx(large, rel=2e-3)


def _gumbel_truth(p, q):
    mu, b, nu, c = (mpf(value) for value in (*p, *q))
    mean = mu + mp.euler * b
    return -(mp.log(b) + 1 + mp.euler) + mp.log(c) + (mean - nu) / c + mp.exp((nu - mu) / c) * mp.gamma(1 + b / c)


@pytest.mark.parametrize(
    ("p", "q"), [((0.0, 1.0), (1e-8, 1.0 + 3e-9)), ((0.0, 1.0), (1e-3, 1.5)), ((5.0, 0.125), (-3.0, 4.0)), ((0.0, 2.0), (1.0, 0.25))]
)
def test_gumbels_keep_their_digits(p, q):
    with mp.workdps(60):
        truth = float(_gumbel_truth(p, q))
    assert kl(td.Gumbel(*doubles(*p)), td.Gumbel(*doubles(*q))).item() == pytest.approx(truth, rel=2e-13, abs=0)


def test_gumbel_against_slower_tails_is_infinite_where_its_exponential_has_no_mean():
    gumbel = td.Gumbel(*doubles(0.0, 1.0))
    assert kl_report(td.Laplace(*doubles(0.0, 1.0)), gumbel).infinite_by == "tail"
    assert kl_report(td.StudentT(*doubles(9.0, 0.0, 1.0)), gumbel).infinite_by == "tail"
    b = 0.875  # E[e^−X] = 1/(1 − b²)
    truth = -(math.log(2 * b) + 1) + 1 / (1 - b * b)
    assert kl(td.Laplace(*doubles(0.0, b)), gumbel).item() == pytest.approx(truth, rel=1e-12)
    s = 6.0  # E[e^−X] = e^(s²/2): its mass lies at −36, six standard deviations below
    truth = -math.log(s * math.sqrt(2 * math.pi * math.e)) + math.exp(s * s / 2)
    assert kl(td.Normal(*doubles(0.0, s)), gumbel).item() == pytest.approx(truth, rel=1e-12)
    assert kl_report(td.Normal(*doubles(0.0, 60.0)), gumbel).infinite_by == "overflow"


@pytest.mark.parametrize(("eta_p", "eta_q"), [(0.0, 1e-7), (0.5, 0.75), (-30.0, 40.0), (2.0, 400.0), (1e-3, -2e-3)])
def test_continuous_bernoullis_keep_their_digits(eta_p, eta_q):
    with mp.workdps(60):
        a = lambda eta: mp.log(mp.expm1(eta) / eta) if eta else mpf(0)
        slope = lambda eta: 1 / (1 - mp.exp(-eta)) - 1 / eta if eta else mpf(1) / 2
        e, f = mpf(eta_p), mpf(eta_q)
        truth = float(a(f) - a(e) - slope(e) * (f - e))
    p, q = (td.ContinuousBernoulli(logits=doubles(eta)[0]) for eta in (eta_p, eta_q))
    assert kl(p, q).item() == pytest.approx(truth, rel=1e-12, abs=0)


def test_paretos_of_any_tail():
    with mp.workdps(40):
        for s, a, r, b in ((2.0, 0.01, 1.0, 3.0), (1.0 + 1e-8, 2.0, 1.0, 2.0), (1.0, 1.5, 1.0, 1.5 + 1e-8)):
            s_, a_, r_, b_ = map(mpf, (s, a, r, b))
            truth = float(mp.log(a_ / b_) - 1 + b_ / a_ + b_ * mp.log(s_ / r_))
            assert kl(td.Pareto(*doubles(s, a)), td.Pareto(*doubles(r, b))).item() == pytest.approx(truth, rel=1e-12, abs=0)
    # E[log X] = 1/a and E[(log X)²] = 2/a² with scale 1.
    a = 0.05
    cross = 1 / a + math.log(3 * math.sqrt(2 * math.pi)) + (2 / a**2) / 18
    assert kl(td.Pareto(*doubles(1.0, a)), td.LogNormal(*doubles(0.0, 3.0))).item() == pytest.approx(
        cross - (1 + 1 / a - math.log(a)), rel=1e-11
    )
    assert kl_report(td.Pareto(*doubles(1.0, 1.5)), td.Normal(*doubles(0.0, 1.0))).infinite_by == "tail"


def test_independent_parts_and_low_ranks_against_a_normal_both_ways():
    normal, parts, low = _normal(), MADE[td.Independent](0.0), MADE[td.LowRankMultivariateNormal](0.0)
    as_normal = td.MultivariateNormal(parts.mean, torch.diag(parts.variance))
    for p, q, like in (
        (parts, normal, (as_normal, normal)),
        (normal, parts, (normal, as_normal)),
        (low, parts, (_of(low), as_normal)),
        (parts, low, (as_normal, _of(low))),
        (low, normal, (_of(low), normal)),
    ):
        assert kl(p, q).item() == pytest.approx(kl_divergence(*like).item(), rel=1e-12)
    e = 1e-8  # KL = ½·tr((S⁻¹dS)²)/2 to second order, with dS = 2e at one place of S = FFᵀ + D
    near = td.LowRankMultivariateNormal(low.loc, low.cov_factor, low.cov_diag + torch.tensor([e, 0.0], dtype=torch.float64))
    moved = (near.cov_diag - low.cov_diag)[0].item() * torch.linalg.inv(low.covariance_matrix)[0, 0].item()
    assert kl(low, near).item() == pytest.approx(moved**2 / 4, rel=1e-6, abs=0)


def _of(d):
    return td.MultivariateNormal(d.mean, d.covariance_matrix)


def test_independent_laplaces_against_a_correlated_normal_agree_with_sampling():
    laplaces = td.Independent(td.Laplace(*doubles([0.5, -1.0], [1.0, 0.5])), 1)
    for p, q in ((laplaces, _normal()), (_normal(), laplaces)):
        sampled = kl_by_sampling(p, q, 50_000)
        assert abs(kl(p, q).item() - sampled.value) < 4 * sampled.error < 0.1
    cauchys = td.Independent(td.Cauchy(*doubles([0.0, 0.0], [1.0, 1.0])), 1)
    assert kl(cauchys, _normal()).item() == math.inf


def test_mixtures_in_the_plane_have_error_bars_that_hold():
    part = lambda *at: td.MultivariateNormal(torch.tensor(at, dtype=torch.float64), torch.eye(2, dtype=torch.float64))
    weights = td.Categorical(torch.tensor([0.25, 0.75], dtype=torch.float64))
    far = td.MixtureSameFamily(weights, part([-20.0, 0.0], [20.0, 0.0]))
    # The parts do not overlap: KL = ¼·log(¼/½) + ¾·log(¾/½).
    even = td.MixtureSameFamily(td.Categorical(torch.tensor([0.5, 0.5], dtype=torch.float64)), part([-20.0, 0.0], [20.0, 0.0]))
    sampled = kl_by_sampling(far, even, 20_000)
    assert abs(sampled.value - (0.25 * math.log(0.5) + 0.75 * math.log(1.5))) < 4 * sampled.error + 1e-12
    assert kl_by_sampling(far, far).value == kl_by_sampling(far, far).error == 0
    shifted = td.MixtureSameFamily(weights, part([-20.0, 0.5], [20.0, 0.5]))
    sampled = kl_by_sampling(far, shifted, 20_000, seed=3)
    assert abs(sampled.value - 0.125) < 4 * sampled.error < 0.02
    assert sampled == kl_by_sampling(far, shifted, 20_000, seed=3)


@pytest.mark.parametrize("dimension", [2, 3, 4, 10, 300])
@pytest.mark.parametrize(("k_p", "k_q", "turn"), [(1.5, 4.0, 0.5), (0.0, 50.0, 3.0), (800.0, 2.0, 0.01), (20.0, 20.0 + 2.0**-30, 1e-9)])
def test_von_mises_fisher_in_any_dimension(dimension, k_p, k_q, turn):
    def log_c(k):  # κ^(d/2 − 1)/((2π)^(d/2)·I(κ))
        v = mpf(dimension) / 2 - 1
        return v * mp.log(k) - mp.log(mp.besseli(v, k)) if k else v * mp.log(2) + mp.loggamma(v + 1)

    with mp.workdps(80):
        k, m, v = mpf(k_p), mpf(k_q), mpf(dimension) / 2 - 1
        a = mp.besseli(v + 1, k) / mp.besseli(v, k) if k else mpf(0)
        truth = float(log_c(k) - log_c(m) + (k - m) * a + m * a * 2 * mp.sin(mpf(turn) / 2) ** 2)
    mean_p = torch.zeros(dimension, dtype=torch.float64)
    mean_q = mean_p.clone()
    mean_p[0], mean_q[0], mean_q[1] = 1.0, math.cos(turn), math.sin(turn)
    assert kl_von_mises_fisher(mean_p, *doubles(k_p), mean_q, *doubles(k_q)).item() == pytest.approx(truth, rel=1e-10, abs=0)
