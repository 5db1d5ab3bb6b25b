"""Closed forms against the textbooks' in 80 digits: ordinary, near-identical, neighbours in floating point, extreme."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    AffineTransform,
    Bernoulli,
    Beta,
    Binomial,
    Categorical,
    Chi2,
    ContinuousBernoulli,
    Dirichlet,
    Distribution,
    ExpTransform,
    Gamma,
    Geometric,
    Gumbel,
    HalfCauchy,
    Independent,
    InverseGamma,
    Kumaraswamy,
    LogNormal,
    MultivariateNormal,
    NegativeBinomial,
    Normal,
    OneHotCategorical,
    Pareto,
    TransformedDistribution,
    Uniform,
    kl_divergence,
)

from kl_core import kl, kl_report
from kl_core.registry import _CLOSED_FORMS
from tests.kl_core.formulas import BETWEEN_TYPES, EXTREME, FIXED, FORMULAS, ORDINARY, cases, dirichlet, distribution, exact, neighbours

EVERY = [case for apart in ((0.25, -0.2), (1e-3, -2e-3), (1e-8, 3e-8), (0.0,)) for case in cases(apart)]


def _name(case) -> str:
    kind_p, first, kind_q, second = case
    return f"{kind_p.__name__}{first}-{kind_q.__name__}{second}"


@pytest.mark.parametrize("case", EVERY + BETWEEN_TYPES + EXTREME, ids=_name)
def test_closed_form_keeps_every_digit_but_the_last(case):
    kind_p, first, kind_q, second = case
    truth = exact(kind_p, first, kind_q, second)
    report = kl_report(distribution(kind_p, first), distribution(kind_q, second))
    assert report.method == "closed form"
    gap = abs(report.value.item() - truth)
    assert gap <= 2e-15 * truth
    assert gap <= report.error.item()


def test_every_closed_form_has_a_formula_to_be_checked_against():
    elsewhere = {(kind, kind) for kind in (Dirichlet, MultivariateNormal, torch.distributions.Categorical)}
    elsewhere |= {(Kumaraswamy, Beta), (Beta, Kumaraswamy)}  # nodes/test_edges.py: where one is the other
    elsewhere |= {pair for pair in _CLOSED_FORMS if "joint_normals" in _CLOSED_FORMS[pair].__module__}  # test_torch_registry.py, as these:
    elsewhere |= {(kind, kind) for kind in (Gumbel, Pareto, ContinuousBernoulli)}
    registered = {pair for pair in _CLOSED_FORMS if all("test" not in kind.__module__ for kind in pair)}
    assert registered <= set(FORMULAS) | elsewhere
    assert set(FORMULAS) <= {(kind_p, kind_q) for kind_p, _, kind_q, _ in EVERY + BETWEEN_TYPES + EXTREME}


@pytest.mark.parametrize("seed", range(6))
def test_betas_of_any_two_sizes_keep_their_digits(seed):
    # From 1e-6 to 1e6 in each parameter: one is often tiny beside the other, where lgammas all but cancel.
    generator = torch.Generator().manual_seed(seed)
    values = torch.exp(13.8 * (2 * torch.rand(20, 4, generator=generator, dtype=torch.float64) - 1))
    close = values * (1 + 1e-7 * torch.randn(20, 4, generator=generator, dtype=torch.float64))
    for a_p, b_p, a_q, b_q in values.tolist() + torch.cat([values[:, :2], close[:, :2]], -1).tolist():
        truth = exact(Beta, (a_p, b_p), Beta, (a_q, b_q))
        assert abs(kl(distribution(Beta, (a_p, b_p)), distribution(Beta, (a_q, b_q))).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0.0015031038657219021, 0.44524531233607717), (5.935237183847763, 67336.72986041394)),
        ((1.024185544453079, 0.0004389365658217366), (667712.513117513, 0.02175056488774195)),
        ((555376.508974552, 3.6513746343993128), (0.42246086619416445, 0.09866477327104284)),
        ((0.0011190434586588725, 230064.41641251932), (0.002502752471335052, 1.3007838385897595e-06)),
    ],
)
def test_betas_whose_divergence_moves_from_one_parameter_to_the_other_keep_their_digits(first, second):
    truth = exact(Beta, first, Beta, second)
    assert abs(kl(distribution(Beta, first), distribution(Beta, second)).item() - truth) <= 2e-15 * truth


def test_dirichlets_of_two_nearly_proportional_giants_beside_a_dwarf_keep_their_digits():
    first = (163304.26621747317, 154144.7534161895, 0.47600864552428024)
    second = (163328.38746024316, 154169.12054995078, 0.4759696788804227)
    with mp.workdps(60):
        truth = dirichlet([mpf(a) for a in first], [mpf(a) for a in second])
    assert abs(kl(distribution(Dirichlet, first), distribution(Dirichlet, second)).item() - truth) <= 2e-15 * truth


def test_a_batch_of_betas_and_dirichlets_is_its_rows():
    generator = torch.Generator().manual_seed(0)
    p, q = (torch.exp(5 * torch.randn(40, 3, generator=generator, dtype=torch.float64)) for _ in range(2))
    together = kl(Dirichlet(p), Dirichlet(q))
    alone = torch.stack([kl(Dirichlet(a), Dirichlet(b)) for a, b in zip(p, q)])
    torch.testing.assert_close(together, alone, rtol=1e-15, atol=0)
    betas = kl(Beta(p[:, 0], p[:, 1]), Beta(q[:, 0], q[:, 1]))
    torch.testing.assert_close(betas, kl(Dirichlet(p[:, :2]), Dirichlet(q[:, :2])), rtol=2e-15, atol=0)


@pytest.mark.parametrize("kind", ORDINARY)
def test_closed_form_in_float32_keeps_six_digits_for_neighbours(kind):
    first = torch.tensor(ORDINARY[kind], dtype=torch.float32).tolist()
    second = torch.tensor(neighbours(kind, first, (1e-4, -2e-4)), dtype=torch.float32).tolist()
    truth = exact(kind, first, kind, second)
    value = kl(distribution(kind, first, torch.float32), distribution(kind, second, torch.float32))
    assert value.dtype == torch.float32
    assert abs(value.item() - truth) <= 1e-6 * truth


def test_normals_of_any_width_in_float32_are_finite():
    # torch.distributions answers inf.
    value = kl(distribution(Normal, (0.0, 1e-12), torch.float32), distribution(Normal, (0.0, 1e12), torch.float32))
    assert value.item() == pytest.approx(54.762042, rel=1e-6)


def test_kl_of_normals_a_ulp_of_scale_apart_is_not_zero():
    # torch.distributions returns 0 here.
    value = kl(distribution(Normal, (0.0, 1.0)), distribution(Normal, (0.0, math.nextafter(1.0, 2))))
    assert value.item() == pytest.approx(2.0**-104, rel=1e-12)


def test_kl_of_uniforms_a_ulp_apart_is_the_log_of_their_widths():
    p, q = distribution(Uniform, (0.0, 1.0)), distribution(Uniform, (0.0, math.nextafter(1.0, 2)))
    assert kl(p, q).item() == pytest.approx(2.0**-52, rel=1e-12)
    assert kl(q, p).item() == math.inf


def _multivariate(a, b, gap) -> mpf:
    inverse = b**-1
    ratio = inverse * a
    trace = sum(ratio[i, i] for i in range(a.rows))
    return (trace - a.rows - mp.log(mp.det(a) / mp.det(b)) + (gap.T * inverse * gap)[0]) / 2


@pytest.mark.parametrize("given", ["scale_tril", "covariance_matrix", "precision_matrix"])
@pytest.mark.parametrize("apart", [1e3, 1.0, 1e-3, 1e-8, 1e-13])
@pytest.mark.parametrize("size", [2, 3, 6])
def test_multivariate_normals_of_good_condition_keep_every_digit_but_the_last(given, apart, size):
    generator = torch.Generator().manual_seed(size)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    first = torch.eye(size, dtype=torch.float64) * 2 + 0.3 * draw(size, size).tril()
    second = first + apart * 0.3 * draw(size, size).tril() if apart <= 1 else first * apart
    loc = draw(size)
    shifted = loc + min(apart, 1.0) * draw(size)
    if given != "scale_tril":
        first, second = first @ first.T, second @ second.T
        first, second = ((m + m.T) / 2 for m in (first, second))
    p, q = (MultivariateNormal(m, **{given: s}) for m, s in ((loc, first), (shifted, second)))
    with mp.workdps(60):
        a, b = (mp.matrix(m.tolist()) for m in (first, second))
        a, b = {"scale_tril": (a * a.T, b * b.T), "covariance_matrix": (a, b), "precision_matrix": (a**-1, b**-1)}[given]
        truth = _multivariate(a, b, mp.matrix([mpf(x) - mpf(y) for x, y in zip(shifted.tolist(), loc.tolist())]))
        assert abs(kl(p, q).item() - truth) <= 2e-15 * truth
    assert kl(p, p).item() == 0


def _coin_of_logits(a: float, b: float) -> mpf:
    p, q = (1 / (1 + mp.exp(-mpf(z))) for z in (a, b))
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


TOSSES = [
    (lambda z: Bernoulli(logits=z), lambda p: 1),
    (lambda z: Binomial(7, logits=z), lambda p: 7),
    (lambda z: Geometric(logits=z), lambda p: 1 / p),
    (lambda z: NegativeBinomial(torch.tensor(3.5, dtype=torch.float64), logits=z), lambda p: 3.5 / (1 - p)),
]


@pytest.mark.parametrize(
    "pair",
    [
        (0.3, 0.9),
        (0.3, 0.3 * (1 + 1e-9)),
        (0.3, math.nextafter(0.3, 1)),
        (-40.0, -40.000000004),
        (0.0, 1e-12),
        (-750.0, -751.0),
        (800.0, 801.0),
        (40.0, -300.0),
        (5.0, -5.0),
    ],
)
@pytest.mark.parametrize(("build", "tosses"), TOSSES, ids=["bernoulli", "binomial", "geometric", "negative binomial"])
def test_coins_given_by_logits_keep_the_digits_of_their_difference(build, tosses, pair):
    p, q = (build(torch.tensor(z, dtype=torch.float64)) for z in pair)
    assert q.probs >= 0  # which torch now keeps beside the logits
    with mp.workdps(900):
        truth = _coin_of_logits(*pair) * tosses(1 / (1 + mp.exp(-mpf(pair[0]))))
        if mpf("1e-300") < truth:
            assert abs(kl(p, q).item() - truth) <= 2e-15 * truth


def test_bernoullis_with_logits_of_a_thousand_are_finite():
    # The chances themselves are 0 and 1 in floats, which would make it inf.
    p, q = (Bernoulli(logits=torch.tensor(z, dtype=torch.float64)) for z in (1000.0, -1000.0))
    assert kl(p, q).item() == pytest.approx(1000.0, rel=1e-15)


def test_independent_normals_are_a_diagonal_multivariate_normal():
    loc, scale = torch.tensor([0.3, -1.0]).double(), torch.tensor([1.0, 0.5]).double()
    settings = (loc, scale), (loc + 0.1, scale * 1.1)
    parts, whole = (
        tuple(make(m, s) for m, s in settings)
        for make in (lambda m, s: Independent(Normal(m, s), 1), lambda m, s: MultivariateNormal(m, scale_tril=s.diag()))
    )
    assert kl(*parts).item() == pytest.approx(kl_divergence(*whole).item(), rel=1e-12)
    assert kl(*whole).item() == pytest.approx(kl(*parts).item(), rel=2e-15)


SMOOTH = [case for apart in ((0.1, 0.2), (1e-6, 2e-6)) for case in cases(apart)] + BETWEEN_TYPES


@pytest.mark.parametrize("case", SMOOTH, ids=_name)
def test_gradient_of_closed_form_matches_mpmath_near_equality_and_far_from_it(case):
    kind_p, first, kind_q, second = case
    whole = {"Binomial": (0, 2), "NegativeBinomial": (0, 2), "Kumaraswamy": (0, 2)}.get(kind_p.__name__, ())
    values = [*first, *second]
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=i not in whole) for i, v in enumerate(values)]
    build = lambda kind, half: kind(torch.stack(half)) if kind is Dirichlet else kind(*half)
    kl(build(kind_p, leaves[: len(first)]), build(kind_q, leaves[len(first) :])).backward()
    formula = FORMULAS.get((kind_p, kind_q), lambda *all: dirichlet(all[: len(first)], all[len(first) :]))
    with mp.workdps(60):
        point = [mpf(v) for v in values]
        slopes = {
            i: mp.diff(lambda x, i=i: formula(*point[:i], x, *point[i + 1 :]), point[i]) for i in range(len(values)) if i not in whole
        }
        largest = max(map(abs, slopes.values()))
        assert all(abs(leaves[i].grad.item() - slope) <= 1e-13 * largest for i, slope in slopes.items())


@pytest.mark.parametrize("apart", [0.0, 1e-9, 0.3])
@pytest.mark.parametrize("kind", [kind for kind in ORDINARY if kind is not Dirichlet], ids=lambda kind: kind.__name__)
def test_curvature_of_closed_form_matches_mpmath_even_at_equality_where_it_is_fishers_information(kind, apart):
    first, fixed = ORDINARY[kind], FIXED.get(kind)
    second = [value if i == fixed else value * (1 + apart) for i, value in enumerate(first)]
    free = [i for i in range(len(second)) if i != fixed]

    def moved(x):
        return [x[free.index(i)] if i in free else torch.tensor(value, dtype=torch.float64) for i, value in enumerate(second)]

    at = torch.tensor([second[i] for i in free], dtype=torch.float64)
    found = torch.autograd.functional.hessian(lambda x: kl(distribution(kind, first), kind(*moved(x))), at)
    with mp.workdps(60):
        step, formula = mpf(10) ** -15, FORMULAS[kind, kind]

        def shifted(*steps):
            point = [mpf(value) for value in second]
            for i, by in steps:
                point[i] += by
            return formula(*map(mpf, first), *point)

        second_difference = lambda i, j: sum(s * t * shifted((i, s * step), (j, t * step)) for s in (1, -1) for t in (1, -1))
        truth = [[second_difference(i, j) / (4 * step**2) for j in free] for i in free]
        largest = max(abs(value) for row in truth for value in row)
        assert all(abs(f - t) <= 1e-13 * largest for a, b in zip(found.tolist(), truth) for f, t in zip(a, b))


@pytest.mark.parametrize("given", ["scale_tril", "covariance_matrix", "precision_matrix"])
def test_curvature_of_equal_multivariate_normals_is_that_of_torchs_form(given):
    identity, zero = torch.eye(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    q = MultivariateNormal(zero, **{given: identity})

    def curvature(divergence):
        matrix = (lambda m: m.tril()) if given == "scale_tril" else (lambda m: (m + m.mT) / 2)
        return torch.autograd.functional.hessian(lambda m: divergence(MultivariateNormal(zero, **{given: matrix(m)}), q), identity)

    torch.testing.assert_close(curvature(kl), curvature(kl_divergence), rtol=1e-13, atol=1e-14)


def test_log_normal_against_gamma_stays_finite_as_long_as_a_float_holds_it():
    first, second = (-2.454454041169499, 37.70433124697666), (0.00047995681332076027, 0.19359674039301336)
    truth = exact(LogNormal, first, Gamma, second, 80)
    assert truth > 8e306
    assert abs(kl(distribution(LogNormal, first), distribution(Gamma, second)).item() - truth) <= 2e-15 * truth


def test_scales_whose_ratio_is_no_float_are_compared_by_their_logs():
    truth = exact(Normal, (0.0, 1e-200), Normal, (0.0, 1e200), 80)
    assert abs(kl(distribution(Normal, (0.0, 1e-200)), distribution(Normal, (0.0, 1e200))).item() - truth) <= 2e-15 * truth


def test_a_chi_squared_distribution_is_the_gamma_distribution_that_it_inherits_from():
    p, q = (Chi2(torch.tensor(df)) for df in (3.0, 4.0))
    as_gamma = [Gamma(torch.tensor(df / 2), torch.tensor(0.5)) for df in (3.0, 4.0)]
    assert kl(p, q).item() == kl(*as_gamma).item() == pytest.approx(kl_divergence(*as_gamma).item(), rel=1e-5)


def test_one_hot_vectors_have_the_kl_of_their_outcomes_and_a_bijection_that_of_its_base():
    p, q = (torch.tensor(values, dtype=torch.float64) for values in ([0.5, 0.5], [1e-300, 1.0]))
    assert kl(OneHotCategorical(p), OneHotCategorical(q)).item() == kl(Categorical(p), Categorical(q)).item() > 344
    logits = torch.tensor([1000.0, -1000.0], dtype=torch.float64)
    assert kl(OneHotCategorical(logits=logits), OneHotCategorical(logits=-logits)).item() == 2000
    bases = [Normal(torch.tensor(loc, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)) for loc in (0.0, 1e-8)]
    assert kl(*(TransformedDistribution(base, [ExpTransform()]) for base in bases)).item() == kl(*bases).item() > 0


def test_half_cauchys_and_inverse_gammas_next_to_each_other_keep_their_digits():
    one, other = (torch.tensor(value, dtype=torch.float64) for value in (2.0, 2.0 + 2.0**-30))
    with mp.workdps(50):
        gap = mpf(other.item()) - 2
        truth = mp.log1p(gap**2 / (4 * 2 * (2 + gap)))
        assert abs(kl(HalfCauchy(one), HalfCauchy(other)).item() - truth) <= 2e-15 * truth
    rate = torch.tensor(1.5, dtype=torch.float64)
    assert kl(InverseGamma(one, rate), InverseGamma(other, rate)).item() == kl(Gamma(one, rate), Gamma(other, rate)).item() > 0


def test_distributions_that_only_torch_knows_are_never_negative_and_one_that_nobody_knows_is_named():
    distributions = [ContinuousBernoulli(torch.tensor(0.2 + j * 1e-9, dtype=torch.float64)) for j in range(30)]
    assert all(kl(p, distributions[0]).item() >= 0 and kl(p, distributions[0]).dtype == torch.float64 for p in distributions)
    with pytest.raises(NotImplementedError, match="no KL is known between TransformedDistribution and LogNormal"):
        kl(TransformedDistribution(LogNormal(0.0, 1.0), [AffineTransform(1.0, 2.0)]), LogNormal(0.0, 1.0))


def test_half_floats_are_answered_in_float32():
    p, q = (Normal(torch.tensor(loc).half(), torch.tensor(1.0).half()) for loc in (0.0, 1e-4))
    gap = q.loc.item()
    assert kl(p, q).dtype == torch.float32 and kl(p, q).item() == pytest.approx(gap**2 / 2, rel=1e-6)


def test_the_bound_on_a_float32_answer_counts_that_it_was_rounded():
    p, q = Normal(0.1, 1.3), Normal(0.7, 2.1)
    report, exact = kl_report(p, q), kl(*(Normal(d.loc.double(), d.scale.double()) for d in (p, q)))
    assert 0 < (report.value.double() - exact).abs() <= report.error < 1e-7


def test_a_form_registered_for_a_distribution_of_ones_own_may_be_infinite_or_missing(monkeypatch):
    class Own(Distribution):
        arg_constraints = {}

        def __init__(self, size):
            self.size = torch.tensor(size)
            super().__init__(validate_args=False)

    monkeypatch.setitem(_CLOSED_FORMS, (Own, Own), lambda p, q: None if p.size > 2 else q.size / p.size)
    report = kl_report(Own(0.0), Own(1.0))
    assert report.value.isinf() and report.error == 0
    with pytest.raises(NotImplementedError, match="no KL is known between Own and Own"):
        kl(Own(3.0), Own(1.0))
