"""Entropy, cross-entropy, Jensen–Shannon, total variation, Hellinger and Rényi, far from equality and near it."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (Bernoulli, Beta, Categorical, Exponential, Gamma, Geometric, Kumaraswamy, NegativeBinomial,
                                 Normal, Poisson, StudentT, VonMises, Weibull)

from kl_core import (FAMILIES, alpha_divergence, compare, cross_entropy, entropy, gaussian_mixture, hellinger, jensen_shannon, kl, renyi,
                     total_variation)

from .pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, made
from .reference import LOG_DENSITY, _exact, _grid

PAIRS = [("normal", "laplace"), ("normal", "cauchy"), ("gamma", "log_normal"), ("student_t", "normal"),
         ("beta", "normal"), ("gaussian_mixture", "logistic"), ("uniform", "normal"), ("exponential", "uniform"),
         ("beta", "gamma"), ("gaussian_mixture", "gaussian_mixture")]
RELATIVES = {
    "jensen_shannon": (jensen_shannon, lambda p, q: sum(a * mp.log(2 * a / (p + q)) for a in (p, q) if a > 0) / 2),
    "total_variation": (total_variation, lambda p, q: abs(p - q) / 2),
    "hellinger": (hellinger, lambda p, q: (mp.sqrt(p) - mp.sqrt(q)) ** 2 / 2),
}


def _densities(name_p, name_q):
    laws = []
    for name, table in ((name_p, CONTINUOUS), (name_q, OTHER_CONTINUOUS)):
        values = {k: _exact(v) for k, v in table[name].items()}
        low, high = {"uniform": lambda v: (v["low"], v["high"]), "beta": lambda v: (0, 1)}.get(
            name, lambda v: (0, mp.inf) if name in ("gamma", "exponential", "log_normal") else (-mp.inf, mp.inf))(values)
        laws.append((name, values, low, high))
    density = lambda law, x: mp.exp(LOG_DENSITY[law[0]](x, **law[1])) if law[2] < x < law[3] else mpf(0)
    (a, b) = laws
    grid = sorted({*_grid(a[0], a[1], a[0], a[1]), *_grid(b[0], b[1], b[0], b[1])})
    return (lambda x: density(a, x)), (lambda x: density(b, x)), grid


def _crossings(p, q, grid):
    """Where p = q, by bisection between many places: a corner of |p − q| would spoil the reference."""
    ends = [x for x in grid if abs(x) < 1e3]
    places = [a + (b - a) * k / 24 for a, b in zip(ends, ends[1:]) for k in range(24)]
    found = []
    for a, b in zip(places, places[1:]):
        if (p(a) - q(a)) * (p(b) - q(b)) < 0:
            for _ in range(70):
                c = (a + b) / 2
                a, b = (c, b) if (p(a) - q(a)) * (p(c) - q(c)) > 0 else (a, c)
            found.append(a)
    return found


@pytest.mark.parametrize(("name_p", "name_q"), PAIRS)
def test_relatives_of_densities_agree_with_mpmath(name_p, name_q):
    together = compare(made(name_p, CONTINUOUS[name_p]), made(name_q, OTHER_CONTINUOUS[name_q]))
    with mp.workdps(20):
        p, q, grid = _densities(name_p, name_q)
        grid = sorted({*grid, *_crossings(p, q, grid)})
        for name, (function, integrand) in RELATIVES.items():
            truth = mp.quad(lambda x: integrand(p(x), q(x)), grid)
            truth = mp.sqrt(truth) if name == "hellinger" else truth
            value = function(made(name_p, CONTINUOUS[name_p]), made(name_q, OTHER_CONTINUOUS[name_q])).item()
            assert abs(value - truth) <= 1e-12, name
            assert getattr(together, name).item() == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_entropy_agrees_with_mpmath_and_is_cross_entropy_of_a_law_with_itself(name):
    p = made(name, CONTINUOUS[name])
    # H(P) = H(P, R) − KL(P‖R) with R a Cauchy, whose log-density any P here integrates.
    reference = dict(loc=0.0, scale=1.0)
    with mp.workdps(34):
        values = {k: _exact(v) for k, v in CONTINUOUS[name].items()}
        log_p = lambda x: LOG_DENSITY[name](x, **values)
        grid = _grid(name, values, "cauchy", {k: mpf(v) for k, v in reference.items()})
        truth = -mp.quad(lambda x: mp.exp(log_p(x)) * log_p(x) if log_p(x) > -300 else mpf(0), grid)
    assert abs(entropy(p).item() - truth) <= 1e-13
    assert cross_entropy(p, p).item() == pytest.approx(entropy(p).item(), rel=1e-14)


@pytest.mark.parametrize("name", list(DISCRETE))
def test_entropy_of_masses_agrees_with_their_sum(name):
    p = made(name, DISCRETE[name])
    top = {"bernoulli": 2, "categorical": 3, "binomial": 8}.get(name, 150)
    log_mass = p.log_prob(torch.arange(top, dtype=torch.float64))
    assert entropy(p).item() == pytest.approx(-(log_mass.exp() * log_mass).sum().item(), rel=1e-12)


@pytest.mark.parametrize(("name_p", "name_q"), [("normal", "student_t"), ("gamma", "log_normal"), ("beta", "normal")])
def test_cross_entropy_of_densities_agrees_with_mpmath(name_p, name_q):
    values_p, values_q = CONTINUOUS[name_p], OTHER_CONTINUOUS[name_q]
    with mp.workdps(34):
        p, q = ({k: _exact(v) for k, v in values.items()} for values in (values_p, values_q))
        truth = -mp.quad(lambda x: mp.exp(LOG_DENSITY[name_p](x, **p)) * LOG_DENSITY[name_q](x, **q),
                         [x for x in _grid(name_p, p, name_q, q) if abs(x) < 1e4])
    assert cross_entropy(made(name_p, values_p), made(name_q, values_q)).item() == pytest.approx(float(truth), rel=1e-13)


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
    assert renyi(p, q, 0.5).item() == pytest.approx(-2 * math.log1p(-hellinger(p, q).item() ** 2), rel=1e-12)


@pytest.mark.parametrize("apart", [1e-4, 1e-8, 1e-12])
def test_relatives_of_neighbouring_vectors_keep_their_digits(apart):
    generator = torch.Generator().manual_seed(5)
    q = torch.rand(20, generator=generator, dtype=torch.float64)
    p = q * (1 + apart * torch.randn(20, generator=generator, dtype=torch.float64))
    with mp.workdps(60):
        a, b = ([mpf(v) / sum(map(mpf, w)) for v in w] for w in (p.tolist(), q.tolist()))
        truths = {name: sum(integrand(x, y) for x, y in zip(a, b)) for name, (_, integrand) in RELATIVES.items()}
        truths["hellinger"] = mp.sqrt(truths["hellinger"])
        for name, (function, _) in RELATIVES.items():
            assert abs(function(p, q).item() - truths[name]) <= 2e-14 * truths[name], name
        for alpha in (0.5, 2.0):
            truth = mp.log(sum(x**mpf(alpha) * y ** (1 - mpf(alpha)) for x, y in zip(a, b))) / (mpf(alpha) - 1)
            assert abs(renyi(p, q, alpha).item() - truth) <= 1e-13 * truth


def test_relatives_of_neighbouring_normals_keep_their_digits():
    p = FAMILIES["normal"].distribution(loc=0.0, scale=1.0)
    q = FAMILIES["normal"].distribution(loc=1e-7, scale=1.0)
    # To leading order; what follows is 1e-14 of it.
    assert jensen_shannon(p, q).item() == pytest.approx(1e-14 / 8, rel=2e-14)
    assert hellinger(p, q).item() == pytest.approx(1e-7 / math.sqrt(8), rel=2e-14)
    assert total_variation(p, q).item() == pytest.approx(1e-7 / math.sqrt(2 * math.pi), rel=2e-14)


def test_laws_without_overlap_are_as_far_apart_as_can_be():
    p, q = (FAMILIES["uniform"].distribution(low=low, high=low + 1) for low in (0.0, 3.0))
    together = compare(p, q)
    for pair in ((p, q), (torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])),
                 (p, FAMILIES["poisson"].distribution(rate=1.0))):
        assert jensen_shannon(*pair).item() == pytest.approx(math.log(2), rel=1e-7)
        assert jensen_shannon(*pair).item() <= math.log(2) + 1e-8
        assert total_variation(*pair).item() == pytest.approx(1, rel=1e-14)
        assert hellinger(*pair).item() == pytest.approx(1, rel=1e-14)
        assert renyi(*pair, 0.5).item() == math.inf
    assert together.jensen_shannon.item() == pytest.approx(math.log(2), rel=1e-14)


def test_relatives_of_equal_laws_are_zero():
    for p in (made("gaussian_mixture", CONTINUOUS["gaussian_mixture"]), made("poisson", DISCRETE["poisson"])):
        for function in (jensen_shannon, total_variation, hellinger, lambda a, b: renyi(a, b, 3.0)):
            assert function(p, p).item() == 0


def test_total_variation_of_discrete_laws_is_half_the_sum_of_gaps():
    p, q = made("poisson", DISCRETE["poisson"]), made("geometric", OTHER_DISCRETE["geometric"])
    k = torch.arange(300, dtype=torch.float64)
    direct = (p.log_prob(k).exp() - q.log_prob(k).exp()).abs().sum() / 2
    assert total_variation(p, q).item() == pytest.approx(direct.item(), rel=1e-13)


def test_relatives_obey_pinsker_and_bretagnolle_huber():
    for name_p, name_q in PAIRS:
        p, q = made(name_p, CONTINUOUS[name_p]), made(name_q, OTHER_CONTINUOUS[name_q])
        tv, divergence = total_variation(p, q).item(), kl(p, q).item()
        assert tv <= math.sqrt(min(divergence, 1e9) / 2)
        assert tv <= math.sqrt(-math.expm1(-divergence))
        assert hellinger(p, q).item() ** 2 <= tv <= math.sqrt(2) * hellinger(p, q).item()


def test_bad_arguments_are_named():
    p = torch.tensor([0.5, 0.5])
    with pytest.raises(ValueError, match="alpha = -1 is outside its domain"):
        renyi(p, p, -1.0)
    with pytest.raises(ValueError, match="alpha = nan is outside its domain"):
        alpha_divergence(p, p, math.nan)
    with pytest.raises(ValueError, match="p has the entry -0.1"):
        jensen_shannon(torch.tensor([1.1, -0.1]), p)
    with pytest.raises(TypeError, match="one of each"):
        hellinger(p, FAMILIES["bernoulli"].distribution(probs=0.5))


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


def test_total_variation_of_neighbours_is_exact_to_first_order():
    generator = torch.Generator().manual_seed(3)
    q = torch.rand(30, generator=generator, dtype=torch.float64)
    p = q * (1 + 1e-4 * torch.randn(30, generator=generator, dtype=torch.float64))
    with mp.workdps(50):
        a, b = ([mpf(v) / sum(map(mpf, w)) for v in w] for w in (p.tolist(), q.tolist()))
        truth = sum(abs(x - y) for x, y in zip(a, b)) / 2
        assert abs(total_variation(p, q).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5, 0.9])
def test_renyi_of_a_faint_outcome_that_only_one_has_keeps_its_digits(alpha):
    faint = 2.0**-60
    p, q = torch.tensor([0.5, 0.5, 0.0]).double(), torch.tensor([0.5, 0.5, faint]).double()
    with mp.workdps(60):
        truth = mp.log((1 + mpf(faint)) ** (mpf(alpha) - 1)) / (mpf(alpha) - 1)
        assert abs(renyi(p, q, alpha).item() - truth) <= 2e-15 * truth
        other = mp.log((1 + mpf(faint)) ** -mpf(alpha)) / (mpf(alpha) - 1)
        assert abs(renyi(q, p, alpha).item() - other) <= 2e-15 * other


@pytest.mark.parametrize("apart", [1e-3, 1e-8, 1e-15])
def test_relatives_of_exponentials_next_to_each_other_keep_their_digits(apart):
    a, b = 1.7, 1.7 * (1 + apart)
    p, q = (Exponential(torch.tensor(rate, dtype=torch.float64)) for rate in (a, b))
    with mp.workdps(60):
        a, b = mpf(a), mpf(b)
        crossing = mp.log(a / b) / (a - b)
        far_apart = abs(mp.exp(-a * crossing) - mp.exp(-b * crossing))
        overlap = 2 * mp.sqrt(a * b) / (a + b)
        chernoff = mp.log(a**2 / (b * (2 * a - b)))
        assert abs(total_variation(p, q).item() - far_apart) <= 2e-15 * far_apart
        assert abs(hellinger(p, q).item() - mp.sqrt(1 - overlap)) <= 2e-15 * mp.sqrt(1 - overlap)
        assert abs(renyi(p, q, 2.0).item() - chernoff) <= 2e-15 * chernoff


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
        "negative_binomial": (lambda p: NegativeBinomial(torch.tensor(3.5, dtype=torch.float64), p),
                              lambda p: (mp.log(p),), lambda t: -mpf(3.5) * mp.log1p(-mp.exp(t))),
        "weibull": (lambda scale: Weibull(scale, torch.tensor(2.3, dtype=torch.float64)),
                    lambda scale: (scale ** -mpf(2.3),), lambda rate: -mp.log(rate)),
        "kumaraswamy": (lambda b: Kumaraswamy(torch.tensor(2.3, dtype=torch.float64), b), lambda b: (b,), lambda b: -mp.log(b)),
        "bernoulli": (Bernoulli, lambda a: (mp.log(a / (1 - a)),), lambda t: mp.log1p(mp.exp(t))),
    }[name]


@pytest.mark.parametrize("apart", [1e-3, 1e-8, 1e-13])
@pytest.mark.parametrize(("name", "values"), [
    ("gamma", (2.3, 0.7)), ("beta", (2.3, 1.4)), ("beta", (0.4, 30.0)), ("von_mises", (0.3, 1.7)), ("von_mises", (-2.0, 90.0)),
    ("negative_binomial", (0.4,)), ("weibull", (1.7,)), ("kumaraswamy", (1.7,)), ("bernoulli", (0.3,))])
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


@pytest.mark.parametrize("apart", [1e-3, 1e-9])
def test_jensen_shannon_and_kl_of_neighbouring_mixtures_keep_their_digits(apart):
    shares, moved_shares = (0.25, 0.75), (0.25 * (1 + apart), 0.75)
    locs, moved_locs, scales = (-2.0, 1.5), (-2.0, 1.5 + apart), (0.5, 1.0)
    as_tensors = lambda *rows: [torch.tensor(row, dtype=torch.float64) for row in rows]
    p, q = gaussian_mixture(*as_tensors(shares, locs, scales)), gaussian_mixture(*as_tensors(moved_shares, moved_locs, scales))
    with mp.workdps(45):
        def density(d, locs):
            weights = [mpf(w) for w in d.mixture_distribution.probs.tolist()]
            bell = lambda x, m, s: mp.exp(-((x - mpf(m)) / s) ** 2 / 2) / (s * mp.sqrt(2 * mp.pi))
            return lambda x: sum(w / sum(weights) * bell(x, m, s) for w, m, s in zip(weights, locs, scales))

        f, g = density(p, locs), density(q, moved_locs)
        edges = [-13, -8, -5, *(mpf(k) / 2 for k in range(-8, 10)), 6, 8, 11, 15]

        def terms(x):
            a, b = f(x), g(x)
            middle = (a + b) / 2
            return a * mp.log(a / b) - a + b, (a * mp.log(a / middle) + b * mp.log(b / middle)) / 2

        for index, found in ((0, kl(p, q)), (1, jensen_shannon(p, q))):
            truth = mp.quad(lambda x, index=index: terms(x)[index], edges, maxdegree=5)
            assert abs(found.item() - truth) <= 4e-15 * truth


@pytest.mark.parametrize("apart", [1e-2, 1e-6, 1e-12])
def test_negative_binomials_that_wait_for_nearly_as_many_failures_keep_their_digits(apart):
    r, s, chance = 3.5, 3.5 * (1 + apart), 0.4
    p, q = (NegativeBinomial(*(torch.tensor(v, dtype=torch.float64) for v in (count, chance))) for count in (r, s))
    with mp.workdps(60):
        mass = lambda k, r: mp.exp(mp.loggamma(k + r) - mp.loggamma(r) - mp.loggamma(k + 1) + r * mp.log1p(-mpf(chance))
                                   + k * mp.log(mpf(chance)))
        masses = [(mass(k, mpf(r)), mass(k, mpf(s))) for k in range(160)]
        truth = sum(a * mp.log(a / b) - a + b for a, b in masses)
        assert abs(kl(p, q).item() - truth) <= 4e-15 * truth


@pytest.mark.parametrize("given", ["probs", "logits"])
def test_categoricals_next_to_each_other_are_as_far_apart_as_their_probabilities(given):
    generator = torch.Generator().manual_seed(5)
    first = torch.randn(12, generator=generator, dtype=torch.float64)
    moved = first + 1e-9 * torch.randn(12, generator=generator, dtype=torch.float64)
    p, q = (Categorical(**{given: z if given == "logits" else z.exp()}) for z in (first, moved))
    with mp.workdps(50):
        made_of = lambda d: [mpf(v) if given == "probs" else mp.exp(mpf(v)) for v in getattr(d, given).tolist()]
        a, b = ([v / sum(w) for v in w] for w in (made_of(p), made_of(q)))
        truth = mp.sqrt(sum((mp.sqrt(x) - mp.sqrt(y)) ** 2 for x, y in zip(a, b)) / 2)
        assert abs(hellinger(p, q).item() - truth) <= 2e-15 * truth


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


def test_a_rare_outcome_that_is_much_rarer_in_one_of_two_close_coins_counts_in_full():
    # The coins are close, P(0) is not: 25 times as likely under Q. A formula for small changes must not be asked.
    a, b = 0.9997270015585967, 0.9930318489349687
    p, q = (Bernoulli(torch.tensor(chance, dtype=torch.float64)) for chance in (a, b))
    with mp.workdps(50):
        x, y = ([mpf(chance), 1 - mpf(chance)] for chance in (a, b))
        distance = mp.sqrt(sum((mp.sqrt(u) - mp.sqrt(v)) ** 2 for u, v in zip(x, y)) / 2)
        assert abs(hellinger(p, q).item() - distance) <= 2e-15 * distance
        chernoff = mp.log(sum(u**2 / v for u, v in zip(x, y)))
        assert abs(renyi(p, q, 2.0).item() - chernoff) <= 2e-15 * chernoff


def test_close_student_ts_whose_tails_are_far_from_alike_are_compared_in_full():
    p, q = (StudentT(*(torch.tensor(v, dtype=torch.float64) for v in values))
            for values in ((4.604529093537597, 1.6804594426808812, 16.573397209811876),
                           (87.9299958406361, -0.9553209411519621, 13.376714764170282)))
    # By mpmath at 30 digits.
    assert kl(p, q).item() == pytest.approx(0.333333440468650857318508426746, rel=4e-15)


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
def test_renyi_finds_what_lies_between_two_laws_far_apart(apart, scale, alpha):
    # p^α·q^(1 − α) is a bell of its own, where neither has any mass.
    p, q = (Normal(*(torch.tensor(v, dtype=torch.float64) for v in values)) for values in ((0.0, 1.0), (apart, scale)))
    with mp.workdps(40):
        a, s = mpf(alpha), mpf(scale)
        mixed = a * s**2 + (1 - a)
        truth = a * mpf(apart) ** 2 / (2 * mixed) - mp.log(mixed / s ** (2 * a)) / (2 * (a - 1))
        assert abs(renyi(p, q, alpha).item() - truth) <= 1e-13 * truth


@pytest.mark.parametrize(("first", "second", "alpha"),
                         [(5.0, 3000.0, 0.5), (306.0, 3539.0, 2.0), (7563.0, 8847.0, 20.0), (13.8, 7.3, 20.0)])
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
