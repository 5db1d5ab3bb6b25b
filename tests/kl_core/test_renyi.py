"""Rényi's divergence and the α-divergence: next to α = 1 and to P = Q, far apart, and infinite just where they are."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    Bernoulli,
    Beta,
    Cauchy,
    Exponential,
    Gamma,
    Geometric,
    Kumaraswamy,
    NegativeBinomial,
    Normal,
    Poisson,
    VonMises,
    Weibull,
)

from kl_core import FAMILIES, alpha_divergence, hellinger, kl, renyi
from tests.kl_core.pairs import CONTINUOUS, OTHER_CONTINUOUS, made


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9, 0.999999, 1.0, 1.000001, 1.5, 3.0, 8.0])
@pytest.mark.parametrize(("m1", "s1", "m2", "s2"), [(0.0, 1.0, 1.5, 1.2), (0.0, 1.0, 1e-7, 1 + 1e-7), (0, 1, 6, 1.5)])
def test_renyi_of_normals_agrees_with_its_closed_form(alpha, m1, s1, m2, s2):
    p, q = (FAMILIES["normal"].distribution(loc=float(m), scale=float(s)) for m, s in ((m1, s1), (m2, s2)))
    with mp.workdps(60):
        a, m1, s1, m2, s2 = map(mpf, (alpha, m1, s1, m2, s2))
        if alpha == 1.0:
            truth = mp.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - mpf(1) / 2
        else:
            spread = a * s2**2 + (1 - a) * s1**2  # Gil, Alajaji & Linder 2013
            assert spread > 0
            truth = a * (m1 - m2) ** 2 / (2 * spread) - mp.log(spread / (s1 ** (2 * (1 - a)) * s2 ** (2 * a))) / (2 * (a - 1))
        assert abs(renyi(p, q, alpha).item() - truth) <= 1e-8 * truth + 1e-13 * (truth > 1e-6)
        if truth > 1e-6:
            assert abs(renyi(p, q, alpha).item() - truth) <= 1e-11 * truth


def test_renyi_takes_many_alphas_at_once_and_grows_with_alpha():
    p, q = made("gamma", CONTINUOUS["gamma"]), made("log_normal", OTHER_CONTINUOUS["log_normal"])
    alphas = torch.linspace(0.1, 0.9, 9, dtype=torch.float64)
    together = renyi(p, q, alphas)
    assert together.tolist() == pytest.approx([renyi(p, q, a.item()).item() for a in alphas], rel=1e-12)
    assert (together.diff() > 0).all()
    # At ½ it is −2·log(1 − Hellinger²).
    assert renyi(p, q, 0.5).item() == pytest.approx(-2 * math.log1p(-(hellinger(p, q).item() ** 2)), rel=1e-12)


@pytest.mark.parametrize("alpha", [1e-6, 0.01, 1 - 1e-8, 1 - 2.0**-53, 1 + 2.0**-52, 1 + 1e-8, 1.001])
@pytest.mark.parametrize("apart", [1e-12, 1e-6, 0.3, 3.0])
def test_renyi_keeps_its_digits_near_one_and_near_zero(alpha, apart):
    generator = torch.Generator().manual_seed(3)
    q = torch.rand(8, generator=generator, dtype=torch.float64) + 0.01
    p = q * torch.exp(apart * torch.randn(8, generator=generator, dtype=torch.float64))
    with mp.workdps(90):
        a, b = ([mpf(v) / sum(map(mpf, w)) for v in w] for w in (p.tolist(), q.tolist()))
        exact = mpf(alpha)
        truth = mp.log(sum(x**exact * y ** (1 - exact) for x, y in zip(a, b))) / (exact - 1)
        assert abs(renyi(p, q, alpha).item() - truth) <= 4e-15 * truth


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5, 0.9])
def test_renyi_of_a_faint_outcome_that_only_one_has_keeps_its_digits(alpha):
    faint = 2.0**-60
    p, q = torch.tensor([0.5, 0.5, 0.0]).double(), torch.tensor([0.5, 0.5, faint]).double()
    with mp.workdps(60):
        truth = mp.log((1 + mpf(faint)) ** (mpf(alpha) - 1)) / (mpf(alpha) - 1)
        assert abs(renyi(p, q, alpha).item() - truth) <= 2e-15 * truth
        other = mp.log((1 + mpf(faint)) ** -mpf(alpha)) / (mpf(alpha) - 1)
        assert abs(renyi(q, p, alpha).item() - other) <= 2e-15 * other


@pytest.mark.parametrize("apart", [1e-6, 1e-12])
def test_renyi_of_normals_next_to_each_other_keeps_its_digits(apart):
    s, t, gap = 1.7, 1.7 * (1 + apart), 0.3 * apart
    p, q = (Normal(*(torch.tensor(v, dtype=torch.float64) for v in values)) for values in ((gap, s), (0.0, t)))
    with mp.workdps(60):
        gap, s, t, half = mpf(gap), mpf(s), mpf(t), mpf(1) / 2
        mixed = half * s**2 + half * t**2
        truth = gap**2 / (4 * mixed) + mp.log(mixed / (s * t))
        assert abs(renyi(p, q, 0.5).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize("alpha", [0.5, 2.0, 5.0])
def test_renyi_of_vectors_whose_logs_are_large_keeps_its_digits(alpha):
    p, q = (torch.tensor(v, dtype=torch.float64) for v in ([0.75, 0.25, 3e-60, 2e-45], [0.5, 0.5, 5e-61, 7e-46]))
    with mp.workdps(60):
        a, b = ([mpf(v) for v in w.tolist()] for w in (p, q))
        truth = mp.log(sum((x / sum(a)) ** mpf(alpha) * (y / sum(b)) ** (1 - mpf(alpha)) for x, y in zip(a, b))) / (mpf(alpha) - 1)
        assert abs(renyi(p, q, alpha).item() - truth) <= 2e-15 * truth


def _log_partition(name):
    """Of an exponential family in its natural parameters: F, and those parameters from torch's."""
    return {
        "gamma": (Gamma, lambda a, b: (a, b), lambda a, b: mp.loggamma(a) - a * mp.log(b)),
        "beta": (Beta, lambda a, b: (a, b), lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)),
        "von_mises": (VonMises, lambda m, k: (k * mp.cos(m), k * mp.sin(m)), lambda x, y: mp.log(mp.besseli(0, mp.hypot(x, y)))),
        "negative_binomial": (
            lambda p: NegativeBinomial(torch.tensor(3.5, dtype=torch.float64), p),
            lambda p: (mp.log(p),),
            lambda t: -mpf(3.5) * mp.log1p(-mp.exp(t)),
        ),
        "weibull": (
            lambda scale: Weibull(scale, torch.tensor(2.3, dtype=torch.float64)),
            lambda scale: (scale ** -mpf(2.3),),
            lambda rate: -mp.log(rate),
        ),
        "kumaraswamy": (lambda b: Kumaraswamy(torch.tensor(2.3, dtype=torch.float64), b), lambda b: (b,), lambda b: -mp.log(b)),
        "bernoulli": (Bernoulli, lambda a: (mp.log(a / (1 - a)),), lambda t: mp.log1p(mp.exp(t))),
    }[name]


@pytest.mark.parametrize("apart", [1e-3, 1e-8, 1e-13])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("gamma", (2.3, 0.7)),
        ("beta", (2.3, 1.4)),
        ("beta", (0.4, 30.0)),
        ("von_mises", (0.3, 1.7)),
        ("von_mises", (-2.0, 90.0)),
        ("negative_binomial", (0.4,)),
        ("weibull", (1.7,)),
        ("kumaraswamy", (1.7,)),
        ("bernoulli", (0.3,)),
    ],
)
def test_hellinger_and_renyi_of_neighbours_in_an_exponential_family_keep_their_digits(name, values, apart):
    # Rényi's at ½ is −2·log Σ√(pq) = F(P) + F(Q) − 2·F(midway), F the log-partition function.
    build, natural, partition = _log_partition(name)
    moved = tuple(v * (1 + apart * change) for v, change in zip(values, (1.0, 0.7)))
    p, q = (build(*(torch.tensor(v, dtype=torch.float64) for v in one)) for one in (values, moved))
    with mp.workdps(80):
        a, b = (natural(*map(mpf, one)) for one in (values, moved))
        truth = partition(*a) + partition(*b) - 2 * partition(*((x + y) / 2 for x, y in zip(a, b)))
        distance = mp.sqrt(-mp.expm1(-truth / 2))
        assert abs(renyi(p, q, 0.5).item() - truth) <= 2e-15 * truth
        assert abs(hellinger(p, q).item() - distance) <= 2e-15 * distance


@pytest.mark.parametrize("alpha", [0.3, 0.5, 0.999, 1.0, 2.0, 3.5])
@pytest.mark.parametrize("faint", [1e-60, 1e-160, 1e-300])
def test_gradients_of_renyi_are_right_where_q_all_but_rules_out_what_p_allows(alpha, faint):
    p, q = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.5, 0.25, 0.25], [faint, 0.5, 0.5]))
    renyi(p, q, alpha).backward()
    with mp.workdps(700):
        a, b = ([mpf(v) for v in w.tolist()] for w in (p, q))
        power, total_p, total_q = mpf(alpha), sum(a), sum(b)
        if alpha == 1.0:
            slopes = [1 / total_q - x / y / total_p for x, y in zip(a, b)]
        else:  # of (log Σ x^α·y^(1 − α) − α·log P − (1 − α)·log Q)/(α − 1)
            powers = [x**power * y ** (1 - power) for x, y in zip(a, b)]
            slopes = [1 / total_q - one / y / sum(powers) for one, y in zip(powers, b)]
    assert q.grad.tolist() == pytest.approx([float(one) for one in slopes], rel=1e-10, abs=1e-13)
    assert p.grad.isfinite().all()


@pytest.mark.parametrize("alpha", [-1.5, -1e-9, 0.3, 0.5, 0.999, 1 + 1e-9, 2.0, 3.5])
@pytest.mark.parametrize("apart", [1e-12, 1e-5, 1.0])
def test_the_alpha_divergence_of_vectors_keeps_its_digits(alpha, apart):
    generator = torch.Generator().manual_seed(2)
    q = torch.rand(7, generator=generator, dtype=torch.float64) + 0.01
    p = q * torch.exp(apart * torch.randn(7, generator=generator, dtype=torch.float64))
    with mp.workdps(90):
        a, b = ([mpf(v) / sum(map(mpf, w)) for v in w] for w in (p.tolist(), q.tolist()))
        power = mpf(alpha)
        truth = (1 - sum(x**power * y ** (1 - power) for x, y in zip(a, b))) / (power * (1 - power))
        assert abs(alpha_divergence(p, q, alpha).item() - truth) <= 4e-15 * truth


def test_the_alpha_divergence_takes_many_alphas_and_ends_in_both_directions_of_kl():
    p, q = made("gamma", CONTINUOUS["gamma"]), made("log_normal", OTHER_CONTINUOUS["log_normal"])
    many = alpha_divergence(p, q, torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0], dtype=torch.float64))
    assert many[0].item() == kl(q, p).item() and many[-1].item() == kl(p, q).item()
    assert many[2].item() == pytest.approx(4 * hellinger(p, q).item() ** 2, rel=1e-14)
    assert many[1].item() == pytest.approx(alpha_divergence(q, p, 0.75).item(), rel=1e-14)


def test_the_alpha_divergence_without_overlap_is_the_inverse_of_its_product_below_one_and_infinite_above():
    p, q = made("uniform", {"low": 0.0, "high": 1.0}), made("uniform", {"low": 2.0, "high": 3.0})
    assert alpha_divergence(p, q, 0.25).item() == pytest.approx(1 / (0.25 * 0.75))
    assert alpha_divergence(p, q, 2.0).item() == alpha_divergence(p, q, -1.0).item() == math.inf


def test_whether_renyi_is_infinite_is_asked_of_each_row_of_a_batch():
    # The tail of a Weibull of concentration 0.5 is heavier than an exponential's, that of 3 lighter.
    p = Weibull(*(torch.tensor(v, dtype=torch.float64) for v in ([1.0, 1.0], [0.5, 3.0])))
    q = Exponential(torch.tensor([1.0, 1.0], dtype=torch.float64))
    together = renyi(p, q, 2.0)
    alone = renyi(Weibull(p.scale[1], p.concentration[1]), Exponential(q.rate[1]), 2.0)
    assert together[0].item() == math.inf
    assert together[1].item() == pytest.approx(alone.item(), rel=1e-14)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(("apart", "scale"), [(3.0, 0.01), (20.0, 0.01), (100.0, 1.0), (1000.0, 0.1)])
def test_renyi_finds_what_lies_between_two_distributions_far_apart(apart, scale, alpha):
    # p^α·q^(1 − α) is a bell of its own, where neither has any mass.
    p, q = (Normal(*(torch.tensor(v, dtype=torch.float64) for v in values)) for values in ((0.0, 1.0), (apart, scale)))
    with mp.workdps(40):
        a, s = mpf(alpha), mpf(scale)
        mixed = a * s**2 + (1 - a)
        truth = a * mpf(apart) ** 2 / (2 * mixed) - mp.log(mixed / s ** (2 * a)) / (2 * (a - 1))
        assert abs(renyi(p, q, alpha).item() - truth) <= 1e-13 * truth


@pytest.mark.parametrize(
    ("first", "second", "alpha"), [(5.0, 3000.0, 0.5), (306.0, 3539.0, 2.0), (7563.0, 8847.0, 20.0), (13.8, 7.3, 20.0)]
)
def test_renyi_of_poissons_is_summed_where_its_terms_are(first, second, alpha):
    p, q = (Poisson(torch.tensor(rate, dtype=torch.float64)) for rate in (first, second))
    with mp.workdps(60):
        a, m, n = mpf(alpha), mpf(first), mpf(second)
        truth = (m**a * n ** (1 - a) - a * m - (1 - a) * n) / (a - 1)
        assert abs(renyi(p, q, alpha).item() - truth) <= 1e-12 * truth


def test_renyi_above_one_of_geometrics_is_infinite_where_the_ratio_of_its_terms_is_above_one():
    p, q = (Geometric(torch.tensor(chance, dtype=torch.float64)) for chance in (0.1, 0.4))
    assert renyi(p, q, 1.2).item() == pytest.approx(math.log(0.1**1.2 * 0.4**-0.2 / (1 - 0.9**1.2 * 0.6**-0.2)) / 0.2)
    assert renyi(p, q, 2.0).item() == math.inf  # 0.9² > 0.6
    assert renyi(p, Poisson(torch.tensor(3.0, dtype=torch.float64)), 1.2).item() == math.inf


def test_renyi_above_one_of_betas_reaches_into_an_edge_that_is_steeper_than_either():
    # x^(α·a₁ + (1 − α)·a₂ − 1) = x^−0.77 at 0.
    first, second, alpha = (0.7402307350037026, 16.657067956245466), (1.7670224142937705, 3.1115982877654464), 1.5
    p, q = (Beta(*(torch.tensor(v, dtype=torch.float64) for v in values)) for values in (first, second))
    with mp.workdps(50):
        partition = lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
        a, (x, y), (u, v) = mpf(alpha), map(mpf, first), map(mpf, second)
        truth = (partition(a * x + (1 - a) * u, a * y + (1 - a) * v) - a * partition(x, y) - (1 - a) * partition(u, v)) / (a - 1)
        assert abs(renyi(p, q, alpha).item() - truth) <= 2e-14 * truth


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.6, 0.9, 0.99, 0.999])
def test_renyi_below_one_is_right_where_kl_is_infinite(alpha):
    p, q = (kind(torch.tensor(0.0, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)) for kind in (Cauchy, Normal))
    assert kl(p, q).isinf()
    with mp.workdps(30):
        a, places = mpf(alpha), [0, 1, 3, 10, 30, 100, 300, 1000, mp.inf]
        power = lambda x: (1 / (mp.pi * (1 + x * x))) ** a * (mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)) ** (1 - a)
        integral = 2 * mp.quad(power, places)
        for function, truth in ((renyi, mp.log(integral) / (a - 1)), (alpha_divergence, (1 - integral) / (a * (1 - a)))):
            assert abs(function(p, q, alpha).item() - truth) <= 1e-13 * truth


@pytest.mark.parametrize("alpha", [1e-6, 0.1, 0.5, 0.999, 0.999999, 2.0])
@pytest.mark.parametrize(("s1", "s2"), [(1e-12, 1e12), (1e12, 1e-12)])
def test_renyi_of_normals_of_scales_far_apart_agrees_with_its_closed_form(alpha, s1, s2):
    p, q = (Normal(torch.tensor(0.0, dtype=torch.float64), torch.tensor(s, dtype=torch.float64)) for s in (s1, s2))
    with mp.workdps(60):
        a, s1, s2 = map(mpf, (alpha, s1, s2))
        spread = a * s2**2 + (1 - a) * s1**2  # Gil, Alajaji & Linder 2013
        truth = mp.log(s2 / s1) - mp.log(spread / s2**2) / (2 * (a - 1)) if spread > 0 else mp.inf
        found = renyi(p, q, alpha).item()
        assert found == truth if truth == mp.inf else abs(found - truth) <= 1e-12 * truth


@pytest.mark.parametrize("alpha", [1e-9, -1e-9, 1e-6, 1e-3])
def test_the_alpha_divergence_next_to_nought_agrees_with_its_closed_form(alpha):
    p, q = (Normal(*(torch.tensor(value, dtype=torch.float64) for value in values)) for values in ((0.0, 0.01), (3.0, 1.0)))
    with mp.workdps(60):
        a, s1, s2, gap = mpf(alpha), mpf(0.01), mpf(1), mpf(3)
        spread = a * s2**2 + (1 - a) * s1**2
        log_integral = mp.log(s1 ** (1 - a) * s2**a / mp.sqrt(spread)) - a * (1 - a) * gap**2 / (2 * spread)
        truth = (1 - mp.exp(log_integral)) / (a * (1 - a)) if spread > 0 else mp.inf
        assert abs(alpha_divergence(p, q, alpha).item() - truth) <= 1e-13 * truth


def test_renyi_of_gammas_whose_powers_all_but_diverge_at_nought_is_found_as_far_as_floats_reach():
    # p²/q goes like x^−0.979, and 1e-6 of it lies below 1e-290; looking for that had taken minutes.
    (a, b), (c, d) = (0.0568, 3.93), (0.0924, 3.06)
    p, q = Gamma(*torch.tensor([a, b], dtype=torch.float64)), Gamma(*torch.tensor([c, d], dtype=torch.float64))
    with mp.workdps(40):
        of = lambda a, b: mp.loggamma(a) - a * mp.log(b)
        truth = of(2 * mpf(a) - mpf(c), 2 * mpf(b) - mpf(d)) - 2 * of(mpf(a), mpf(b)) + of(mpf(c), mpf(d))
    assert renyi(p, q, 2.0).item() == pytest.approx(float(truth), rel=3e-6)
