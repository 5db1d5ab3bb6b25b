"""Families as data: found, valid in their own ranges, and strict about everything else."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from scipy import stats

from kl_core import FAMILIES, Logistic
from kl_core.density import density_of
from kl_core.numerics.quadrature import interval, panels, support_edges
from tests.kl_core.pairs import CONTINUOUS, DISCRETE, made

NAMES = {
    "normal",
    "laplace",
    "logistic",
    "cauchy",
    "student_t",
    "uniform",
    "exponential",
    "gamma",
    "log_normal",
    "beta",
    "gaussian_mixture",
    "bernoulli",
    "binomial",
    "poisson",
    "geometric",
    "categorical",
}
ALL = {**CONTINUOUS, **DISCRETE}


def defaults(family):
    return {p.name: p.default for p in family.parameters}


def test_every_family_is_found_the_continuous_first():
    assert set(FAMILIES) == NAMES
    kinds = [family.kind for family in FAMILIES.values()]
    assert kinds == sorted(kinds)
    assert all(name == family.name for name, family in FAMILIES.items())


@pytest.mark.parametrize("family", list(FAMILIES.values()), ids=list(FAMILIES))
def test_declared_data_is_true_of_torch(family):
    p = family.distribution(**defaults(family))
    assert p.batch_shape == () and p.event_shape == ()
    for parameter in family.parameters:
        entries = [parameter.default] if parameter.length is None else parameter.default
        assert all(parameter.low <= value <= parameter.high for value in entries)
        assert 0 < parameter.step < parameter.high - parameter.low
        for value in (parameter.low, parameter.high):
            if parameter.length is None and family.name != "uniform":
                family.distribution(**{**defaults(family), parameter.name: value})
    lower, upper = support_edges(p)
    x = p.sample((200,)).double()
    assert (x >= lower).all() and (x <= upper).all()


@pytest.mark.parametrize("name", list(ALL))
def test_own_log_density_agrees_with_torch(name):
    p = made(name, ALL[name])
    torch.manual_seed(0)
    x = p.sample((100,)).double()
    torch.testing.assert_close(density_of(p).log_density(p, x, 1 - x), p.log_prob(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", list(CONTINUOUS))
@pytest.mark.parametrize("tail", [1e-3, 0.05])
def test_interval_leaves_its_tail_at_each_side(name, tail):
    p = made(name, CONTINUOUS[name])
    lo, hi = interval(p, tail)
    frozen = {"student_t": lambda: stats.t(3.5, -0.3, 0.8), "beta": lambda: stats.beta(1.6, 2.7)}
    cdf = frozen[name]().cdf if name in frozen else lambda x: p.cdf(torch.tensor(x, dtype=torch.float64)).item()
    assert cdf(lo) == pytest.approx(tail, rel=1e-8)
    assert 1 - cdf(hi) == pytest.approx(tail, rel=1e-8)


@pytest.mark.parametrize("name", ["binomial", "poisson", "geometric"])
def test_interval_of_masses_is_of_whole_outcomes(name):
    p = made(name, DISCRETE[name])
    lo, hi = interval(p, 1e-3)
    assert isinstance(lo, int) and isinstance(hi, int)
    mass = p.log_prob(torch.arange(lo, hi + 1).double()).exp().sum().item()
    assert mass >= 1 - 2e-3
    without_last = p.log_prob(torch.arange(lo, hi).double()).exp().sum().item()
    assert without_last < 1 - 1e-3


def test_interval_refuses_a_tail_that_is_none():
    with pytest.raises(ValueError, match="tail = 0.7 is outside its domain"):
        interval(made("normal", CONTINUOUS["normal"]), 0.7)


@pytest.mark.parametrize("name", list(FAMILIES))
def test_affine_structure_is_true_of_the_densities(name):
    family = FAMILIES[name]
    if family.affine.shift is None and family.affine.stretch is None:
        assert family.shape_parameters == family.parameters
        return
    links = {"value": lambda v: v, "reciprocal": lambda v: 1 / v, "exp": math.exp, "difference": lambda a, b: a - b}
    follow = lambda rule, values, none: none if rule is None else links[rule[0]](*(values[n] for n in rule[1:]))
    first, second = defaults(family), dict(defaults(family))
    for parameter in family.parameters:
        if parameter not in family.shape_parameters:
            second[parameter.name] = parameter.default + 0.625 if parameter.name != "low" else -2.5
    u = torch.tensor([0.15, 0.4, 0.75], dtype=torch.float64)
    base = []
    for values in (first, second):
        shift, stretch = follow(family.affine.shift, values, 0.0), follow(family.affine.stretch, values, 1.0)
        p = family.distribution(**values)
        base.append(p.log_prob(shift + stretch * u) + math.log(stretch))
    torch.testing.assert_close(*base, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("normal", dict(loc=0, scale=-1), "scale = -1 is outside the domain of Normal's scale: a number greater than 0"),
        ("normal", dict(loc=0, scale=0), "scale = 0 is outside"),
        ("normal", dict(loc=math.nan, scale=1), "loc = nan is outside the domain of Normal's loc: a finite number"),
        ("normal", dict(loc=math.inf, scale=1), "loc = inf is outside"),
        ("normal", dict(loc=0, scale=math.inf), "scale = inf is outside"),
        ("normal", dict(loc="left", scale=1), "loc = 'left' is outside"),
        ("normal", dict(loc=[0, 1], scale=[1, -2]), "scale = -2 is outside"),
        ("normal", dict(loc=[0, 1], scale=[1, 2, 3]), "do not broadcast"),
        ("normal", dict(loc=0), "Normal needs scale: a number greater than 0"),
        ("normal", dict(loc=0, scale=1, df=2), "Normal has no parameter df; it has loc, scale"),
        ("student_t", dict(df=0, loc=0, scale=1), "df = 0 is outside"),
        ("uniform", dict(low=2, high=1), "high = 1 is outside .*greater than low = 2"),
        ("uniform", dict(low=1, high=1), "high = 1 is outside"),
        ("exponential", dict(rate=0), "rate = 0 is outside"),
        ("gamma", dict(concentration=-2, rate=1), "concentration = -2 is outside"),
        ("beta", dict(concentration1=1, concentration0=0), "concentration0 = 0 is outside"),
        ("bernoulli", dict(probs=1.5), "probs = 1.5 is outside .*a number from 0 to 1"),
        ("geometric", dict(probs=0), "probs = 0 is outside .*greater than 0, at most 1"),
        ("poisson", dict(rate=-1), "rate = -1 is outside"),
        ("binomial", dict(total_count=2.5, probs=0.5), "total_count = 2.5 is outside .*whole number"),
        ("binomial", dict(total_count=-1, probs=0.5), "total_count = -1 is outside"),
        ("categorical", dict(probs=[0.5, -0.1]), r"probs = \[0.5, -0.1\] is outside"),
        ("categorical", dict(probs=[0, 0]), r"probs = \[0, 0\] is outside .*not all"),
        ("categorical", dict(probs=[1.0]), "1 entries, not 2 to 12"),
        ("categorical", dict(probs=[0.1] * 13), "13 entries, not 2 to 12"),
        ("categorical", dict(probs=0.5), "one number, not 2 to 12"),
        ("gaussian_mixture", dict(weights=[0, 0], locs=[0, 1], scales=[1, 1]), r"weights = \[0, 0\] is outside"),
        ("gaussian_mixture", dict(weights=[1, 1], locs=[0, 1], scales=[1, 0]), r"scales = \[1, 0\] is outside"),
        ("gaussian_mixture", dict(weights=[1, 1, 1], locs=[0, 1], scales=[1, 1]), "weights has 3, locs has 2"),
    ],
)
def test_bad_parameters_are_named_with_value_and_domain(name, values, words):
    with pytest.raises(ValueError, match=words):
        FAMILIES[name].distribution(**values)


def test_values_are_float64_unless_all_are_tensors_of_another_float():
    normal = FAMILIES["normal"].distribution
    assert normal(loc=0, scale=1).loc.dtype == torch.float64
    assert normal(loc=torch.tensor(0.0), scale=1).loc.dtype == torch.float64
    assert normal(loc=torch.tensor(0.0), scale=torch.tensor(1.0)).loc.dtype == torch.float32
    assert normal(loc=torch.tensor(0), scale=torch.tensor(1)).loc.dtype == torch.float64
    assert normal(loc=[0, 1, 2], scale=[[1], [2]]).batch_shape == (2, 3)


def test_weights_are_normalised_and_a_zero_component_is_as_good_as_absent():
    mixture = FAMILIES["gaussian_mixture"].distribution
    three = mixture(weights=[2, 6, 0], locs=[-1, 1, 50], scales=[1, 2, 0.1])
    two = mixture(weights=[0.25, 0.75], locs=[-1, 1], scales=[1, 2])
    assert three.mixture_distribution.probs.tolist() == [0.25, 0.75, 0]
    x = torch.linspace(-5, 60, 40, dtype=torch.float64)
    torch.testing.assert_close(density_of(three).log_density(three, x, None), density_of(two).log_density(two, x, None))


def test_logistic_agrees_with_scipy():
    p, theirs = Logistic(torch.tensor(0.4, dtype=torch.float64), 1.7), stats.logistic(0.4, 1.7)
    x = torch.linspace(-80, 80, 41, dtype=torch.float64)
    assert p.log_prob(x).tolist() == pytest.approx(theirs.logpdf(x.numpy()), rel=1e-13)
    assert p.cdf(x).tolist() == pytest.approx(theirs.cdf(x.numpy()), rel=1e-12)
    assert p.entropy().item() == pytest.approx(theirs.entropy(), rel=1e-12)
    torch.manual_seed(0)
    draws = p.expand((3,)).rsample((20000,))
    assert draws.shape == (20000, 3)
    assert draws.mean().item() == pytest.approx(p.mean.item(), abs=0.06)
    assert draws.var().item() == pytest.approx(p.variance.item(), rel=0.05)
    with pytest.raises(ValueError):
        Logistic(0.0, -1.0)


def test_panels_integrate_polynomials_exactly_and_in_batches():
    edges = torch.tensor([[0.0, 1.0, 3.0], [-1.0, -1.0, 2.0]], dtype=torch.float64)
    nodes, weights = panels(edges, order=4)
    assert nodes.shape == weights.shape == (2, 8)
    assert (weights * nodes**7).sum(-1).tolist() == pytest.approx([3**8 / 8, (2**8 - 1) / 8], rel=1e-13)
    assert (weights[1, :4] == 0).all()


@pytest.mark.parametrize(("df_p", "df_q"), [(3.0, 3.001), (1.5, 1.6), (40.0, 41.0), (2.0, 9.0)])
def test_the_log_ratio_of_student_ts_is_that_of_their_densities(df_p, df_q):
    p, q = (FAMILIES["student_t"].distribution(df=df, loc=0.0, scale=1.0) for df in (df_p, df_q))
    x = torch.tensor([0.0, 0.7, -3.0, 40.0], dtype=torch.float64)
    with mp.workdps(40):
        log = lambda df, x: (
            mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2 - (df + 1) / 2 * mp.log1p(mpf(x) ** 2 / df)
        )
        truth = [float(log(mpf(df_p), at) - log(mpf(df_q), at)) for at in x.tolist()]
    assert density_of(p).log_ratio(p, q, x).tolist() == pytest.approx(truth, rel=1e-9)
