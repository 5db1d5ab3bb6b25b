"""All divergences beside KL, far from equality and near it; what is Rényi's alone is in test_renyi."""

from __future__ import annotations

import math
from functools import partial

import numpy
import pytest
import scipy.stats
import torch
from mpmath import mp, mpf
from torch.distributions import Bernoulli, Categorical, Exponential, Gamma, LogNormal, NegativeBinomial, Normal, StudentT

from kl_core import (
    FAMILIES,
    alpha_divergence,
    compare,
    cross_entropy,
    entropy,
    gaussian_mixture,
    hellinger,
    jensen_shannon,
    kl,
    renyi,
    total_variation,
)
from tests.kl_core.named_references import INTEGRANDS, cross_entropy_of, divergence_of, entropy_of
from tests.kl_core.pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, made

PAIRS = [
    ("normal", "laplace"),
    ("normal", "cauchy"),
    ("gamma", "log_normal"),
    ("student_t", "normal"),
    ("beta", "normal"),
    ("gaussian_mixture", "logistic"),
    ("uniform", "normal"),
    ("exponential", "uniform"),
    ("beta", "gamma"),
    ("gaussian_mixture", "gaussian_mixture"),
]
DIVERGENCES = {"jensen_shannon": jensen_shannon, "total_variation": total_variation, "hellinger": hellinger}


@pytest.mark.parametrize(("name_p", "name_q"), PAIRS)
def test_divergences_of_densities_agree_with_mpmath(name_p, name_q):
    together = compare(made(name_p, CONTINUOUS[name_p]), made(name_q, OTHER_CONTINUOUS[name_q]))
    for name, function in DIVERGENCES.items():
        value = function(made(name_p, CONTINUOUS[name_p]), made(name_q, OTHER_CONTINUOUS[name_q])).item()
        assert abs(value - divergence_of(name, name_p, name_q)) <= 1e-12, name
        assert getattr(together, name).item() == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_entropy_agrees_with_mpmath_and_is_cross_entropy_of_a_distribution_with_itself(name):
    p = made(name, CONTINUOUS[name])
    assert abs(entropy(p).item() - entropy_of(name)) <= 1e-13
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
    truth = float(cross_entropy_of(name_p, name_q))
    assert cross_entropy(made(name_p, values_p), made(name_q, values_q)).item() == pytest.approx(truth, rel=1e-13)


@pytest.mark.parametrize("apart", [1e-4, 1e-8, 1e-12])
def test_divergences_of_neighbouring_vectors_keep_their_digits(apart):
    generator = torch.Generator().manual_seed(5)
    q = torch.rand(20, generator=generator, dtype=torch.float64)
    p = q * (1 + apart * torch.randn(20, generator=generator, dtype=torch.float64))
    with mp.workdps(60):
        a, b = ([mpf(v) / sum(map(mpf, w)) for v in w] for w in (p.tolist(), q.tolist()))
        truths = {name: sum(integrand(x, y) for x, y in zip(a, b)) for name, integrand in INTEGRANDS.items()}
        truths["hellinger"] = mp.sqrt(truths["hellinger"])
        for name, function in DIVERGENCES.items():
            assert abs(function(p, q).item() - truths[name]) <= 2e-14 * truths[name], name
        for alpha in (0.5, 2.0):
            truth = mp.log(sum(x ** mpf(alpha) * y ** (1 - mpf(alpha)) for x, y in zip(a, b))) / (mpf(alpha) - 1)
            assert abs(renyi(p, q, alpha).item() - truth) <= 1e-13 * truth


def test_divergences_of_neighbouring_normals_keep_their_digits():
    p = FAMILIES["normal"].distribution(loc=0.0, scale=1.0)
    q = FAMILIES["normal"].distribution(loc=1e-7, scale=1.0)
    # To leading order; what follows is 1e-14 of it.
    assert jensen_shannon(p, q).item() == pytest.approx(1e-14 / 8, rel=2e-14)
    assert hellinger(p, q).item() == pytest.approx(1e-7 / math.sqrt(8), rel=2e-14)
    assert total_variation(p, q).item() == pytest.approx(1e-7 / math.sqrt(2 * math.pi), rel=2e-14)


def test_distributions_without_overlap_are_as_far_apart_as_can_be():
    p, q = (FAMILIES["uniform"].distribution(low=low, high=low + 1) for low in (0.0, 3.0))
    together = compare(p, q)
    for pair in ((p, q), (torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])), (p, FAMILIES["poisson"].distribution(rate=1.0))):
        assert jensen_shannon(*pair).item() == pytest.approx(math.log(2), rel=1e-7)
        assert jensen_shannon(*pair).item() <= math.log(2) + 1e-8
        assert total_variation(*pair).item() == pytest.approx(1, rel=1e-14)
        assert hellinger(*pair).item() == pytest.approx(1, rel=1e-14)
        assert renyi(*pair, 0.5).item() == math.inf
    assert together.jensen_shannon.item() == pytest.approx(math.log(2), rel=1e-14)


def test_divergences_of_equal_distributions_are_zero():
    for p in (made("gaussian_mixture", CONTINUOUS["gaussian_mixture"]), made("poisson", DISCRETE["poisson"])):
        for function in (jensen_shannon, total_variation, hellinger, lambda a, b: renyi(a, b, 3.0)):
            assert function(p, p).item() == 0


def test_total_variation_of_discrete_distributions_is_half_the_sum_of_gaps():
    p, q = made("poisson", DISCRETE["poisson"]), made("geometric", OTHER_DISCRETE["geometric"])
    k = torch.arange(300, dtype=torch.float64)
    direct = (p.log_prob(k).exp() - q.log_prob(k).exp()).abs().sum() / 2
    assert total_variation(p, q).item() == pytest.approx(direct.item(), rel=1e-13)


def test_divergences_obey_pinsker_and_bretagnolle_huber():
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
    with pytest.raises(TypeError, match="q is a float and no torch distribution"):
        kl(FAMILIES["bernoulli"].distribution(probs=0.5), 0.5)
    with pytest.raises(ValueError, match="p has complex entries"):
        jensen_shannon(torch.tensor([0.5 + 0.1j, 0.5]), p)


def test_lists_and_arrays_of_probabilities_are_as_good_as_tensors():
    p, q = [0.5, 0.3, 0.2], [0.2, 0.2, 0.6]
    tensors = [torch.tensor(values, dtype=torch.float64) for values in (p, q)]
    for ours in (jensen_shannon, total_variation, hellinger, cross_entropy, partial(renyi, alpha=0.7), partial(alpha_divergence, alpha=2)):
        assert ours(numpy.array(p), numpy.array(q)).item() == ours(*tensors).item()
        assert ours(p, q).item() == pytest.approx(ours(*tensors).item(), rel=1e-6)
    assert entropy(p).item() == pytest.approx(scipy.stats.entropy(p), rel=1e-6)


def test_total_variation_of_neighbours_is_exact_to_first_order():
    generator = torch.Generator().manual_seed(3)
    q = torch.rand(30, generator=generator, dtype=torch.float64)
    p = q * (1 + 1e-4 * torch.randn(30, generator=generator, dtype=torch.float64))
    with mp.workdps(50):
        a, b = ([mpf(v) / sum(map(mpf, w)) for v in w] for w in (p.tolist(), q.tolist()))
        truth = sum(abs(x - y) for x, y in zip(a, b)) / 2
        assert abs(total_variation(p, q).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize("apart", [1e-3, 1e-8, 1e-15])
def test_divergences_of_exponentials_next_to_each_other_keep_their_digits(apart):
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


@pytest.mark.parametrize("apart", [1e-3, 1e-9])
def test_jensen_shannon_and_kl_of_neighbouring_mixtures_keep_their_digits(apart):
    shares, moved_shares = (0.25, 0.75), (0.25 * (1 + apart), 0.75)
    locs, moved_locs, scales = (-2.0, 1.5), (-2.0, 1.5 + apart), (0.5, 1.0)
    as_tensors = lambda *rows: [torch.tensor(row, dtype=torch.float64) for row in rows]
    p, q = gaussian_mixture(*as_tensors(shares, locs, scales)), gaussian_mixture(*as_tensors(moved_shares, moved_locs, scales))
    with mp.workdps(45):

        def density(d, locs):
            weights = [mpf(w) for w in d.mixture_distribution.probs.tolist()]
            bell = lambda x, m, s: mp.exp(-(((x - mpf(m)) / s) ** 2) / 2) / (s * mp.sqrt(2 * mp.pi))
            return lambda x: sum(w / sum(weights) * bell(x, m, s) for w, m, s in zip(weights, locs, scales))

        f, g = density(p, locs), density(q, moved_locs)
        edges = [-13, -8, -5, *(mpf(k) / 2 for k in range(-8, 10)), 6, 8, 11, 15]

        def terms(x):
            a, b = f(x), g(x)
            middle = (a + b) / 2
            return a * mp.log(a / b) - a + b, (a * mp.log(a / middle) + b * mp.log(b / middle)) / 2

        for index, value in ((0, kl(p, q)), (1, jensen_shannon(p, q))):
            truth = mp.quad(lambda x, index=index: terms(x)[index], edges, maxdegree=5)
            assert abs(value.item() - truth) <= 4e-15 * truth


@pytest.mark.parametrize("apart", [1e-2, 1e-6, 1e-12])
def test_negative_binomials_that_wait_for_nearly_as_many_failures_keep_their_digits(apart):
    r, s, chance = 3.5, 3.5 * (1 + apart), 0.4
    p, q = (NegativeBinomial(*(torch.tensor(v, dtype=torch.float64) for v in (count, chance))) for count in (r, s))
    with mp.workdps(60):
        mass = lambda k, r: mp.exp(
            mp.loggamma(k + r) - mp.loggamma(r) - mp.loggamma(k + 1) + r * mp.log1p(-mpf(chance)) + k * mp.log(mpf(chance))
        )
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


@pytest.mark.parametrize("logits", [(-25.0, -18.0), (-18.0, -25.0), (-17.0, -15.9), (25.0, 18.0), (-700.0, -30.0)])
def test_coins_by_logits_that_hardly_ever_fall_on_one_side_count_it_in_full(logits):
    p, q = (Bernoulli(logits=torch.tensor(z, dtype=torch.float64)) for z in logits)
    with mp.workdps(400):
        a, b = ([1 / (1 + mp.exp(-mpf(z))), 1 / (1 + mp.exp(mpf(z)))] for z in logits)
        entropy_of = lambda w: -sum(v * mp.log(v) for v in w)
        truth = entropy_of([(x + y) / 2 for x, y in zip(a, b)]) - (entropy_of(a) + entropy_of(b)) / 2
        assert abs(jensen_shannon(p, q).item() - truth) <= 2e-15 * truth


def test_close_student_ts_whose_tails_are_far_from_alike_are_compared_in_full():
    p, q = (
        StudentT(*(torch.tensor(v, dtype=torch.float64) for v in values))
        for values in (
            (4.604529093537597, 1.6804594426808812, 16.573397209811876),
            (87.9299958406361, -0.9553209411519621, 13.376714764170282),
        )
    )
    # By mpmath at 30 digits.
    assert kl(p, q).item() == pytest.approx(0.333333440468650857318508426746, rel=4e-15)


@pytest.mark.parametrize("kind", [Normal, LogNormal])
def test_total_variation_of_shifted_normals_and_its_slopes_are_those_of_the_normal_integral(kind):
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.3, 1.2, 0.44, 1.2)]
    value = total_variation(kind(*leaves[:2]), kind(*leaves[2:]))
    by_loc, by_scale, by_other_loc, by_other_scale = torch.autograd.grad(value, leaves)
    shift, scale = mpf("0.14"), mpf("1.2")  # 2Φ(δ/2σ) − 1
    bell = mp.npdf(shift / (2 * scale))
    assert value.item() == pytest.approx(float(2 * mp.ncdf(shift / (2 * scale)) - 1), rel=1e-13)
    assert by_other_loc.item() == pytest.approx(float(bell / scale), rel=1e-10) == -by_loc.item()
    assert (by_scale + by_other_scale).item() == pytest.approx(float(-shift * bell / scale**2), rel=1e-10)


def test_total_variation_of_gammas_is_right_to_twelve_digits():
    p, q = (Gamma(*(torch.tensor(value, dtype=torch.float64) for value in values)) for values in ((2.3, 1.2), (3.04, 1.61)))
    density = lambda x, a, b: mp.exp(a * mp.log(b) - mp.loggamma(a) + (a - 1) * mp.log(x) - b * x)
    apart = lambda x: density(x, mpf("2.3"), mpf("1.2")) - density(x, mpf("3.04"), mpf("1.61"))
    with mp.workdps(30):
        crossings = [mp.findroot(apart, bracket, solver="anderson", verify=False) for bracket in ((0.3, 1.5), (2, 9))]
        pieces = zip([mpf(0), *crossings], [*crossings, mp.inf])
        truth = sum(abs(mp.quad(apart, [start, end] if end < mp.inf else [start, 10, 30, end])) for start, end in pieces) / 2
    assert total_variation(p, q).item() == pytest.approx(float(truth), rel=1e-12)
