"""Facts about KL between distributions, batches of them, and the hard cases for quadrature."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from torch.distributions import Gumbel, Independent, MixtureSameFamily, Normal, StudentT

from kl_core import FAMILIES, compare, cross_entropy, entropy, gaussian_mixture, kl, kl_report, register_closed_form
from tests.kl_core.pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, made
from tests.kl_core.reference import LOG_DENSITY, _exact

ALL = list(CONTINUOUS) + list(DISCRETE)
FIRST, SECOND = {**CONTINUOUS, **DISCRETE}, {**OTHER_CONTINUOUS, **OTHER_DISCRETE}
loc, scale = st.floats(-5, 5), st.floats(0.2, 4)


def make(name, **values):
    return FAMILIES[name].distribution(**values)


@settings(max_examples=40)
@given(
    st.sampled_from(["normal", "laplace", "logistic", "cauchy"]),
    st.sampled_from(["cauchy", "student_t", "logistic"]),
    loc,
    scale,
    loc,
    scale,
)
def test_kl_is_never_negative_and_zero_only_at_equality(name_p, name_q, m1, s1, m2, s2):
    if name_p == "cauchy" and name_q == "logistic":
        name_q = "cauchy"
    extra = dict(df=4.0) if name_q == "student_t" else {}
    p, q = make(name_p, loc=m1, scale=s1), make(name_q, loc=m2, scale=s2, **extra)
    value = kl(p, q).item()
    assert value >= 0
    assert (value == 0) == (name_p == name_q and (m1, s1) == (m2, s2))


@settings(max_examples=40)
@given(
    st.sampled_from([("normal", "student_t"), ("student_t", "cauchy"), ("logistic", "normal"), ("laplace", "logistic")]),
    loc,
    scale,
    loc,
    scale,
    st.floats(-50, 50),
    st.floats(0.01, 100),
)
def test_kl_does_not_see_an_affine_change_of_units(names, m1, s1, m2, s2, shift, stretch):
    extra = [dict(df=3.0) if name == "student_t" else {} for name in names]
    before = kl(make(names[0], loc=m1, scale=s1, **extra[0]), make(names[1], loc=m2, scale=s2, **extra[1]))
    after = kl(
        make(names[0], loc=shift + stretch * m1, scale=stretch * s1, **extra[0]),
        make(names[1], loc=shift + stretch * m2, scale=stretch * s2, **extra[1]),
    )
    assert after.item() == pytest.approx(before.item(), rel=1e-8, abs=1e-12)


@settings(max_examples=20)
@given(loc, scale, loc, scale)
def test_kl_does_not_see_the_logarithm(m1, s1, m2, s2):
    assert kl(make("log_normal", loc=m1, scale=s1), make("log_normal", loc=m2, scale=s2)).item() == pytest.approx(
        kl(make("normal", loc=m1, scale=s1), make("normal", loc=m2, scale=s2)).item(), rel=1e-12
    )


@pytest.mark.parametrize("name", ALL)
def test_kl_is_cross_entropy_less_entropy(name):
    p, q = made(name, FIRST[name]), made(name, SECOND[name])
    if kl(p, q).isinf():
        p, q = q, p
    assert (cross_entropy(p, q) - entropy(p)).item() == pytest.approx(kl(p, q).item(), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", ALL)
def test_comparison_says_what_the_single_functions_say(name):
    p, q = made(name, FIRST[name]), made(name, SECOND[name])
    both = compare(p, q)
    for value, single in (
        (both.kl_pq.value, kl(p, q)),
        (both.kl_qp.value, kl(q, p)),
        (both.entropy_p, entropy(p)),
        (both.entropy_q, entropy(q)),
        (both.cross_entropy_pq, cross_entropy(p, q)),
        (both.cross_entropy_qp, cross_entropy(q, p)),
    ):
        torch.testing.assert_close(value, single, rtol=1e-13, atol=1e-14)


components = st.lists(st.tuples(st.floats(0.05, 1), st.floats(-5, 5), st.floats(0.3, 2)), min_size=1, max_size=3)
change = st.floats(-0.6, 0.6)


@settings(max_examples=60)
@given(components, change, change, change)
@example([(0.57, -2.2, 1.1), (0.43, 2.2, 0.77)], 0.007, -0.1, -0.09)  # a component far less likely under P, where it hardly counts
def test_kl_of_mixtures_is_the_trapezoid_rules_which_is_exact_for_smooth_curves(parts, weight, loc, scale):
    first = torch.tensor(parts, dtype=torch.float64).T
    second = first * (1 + torch.tensor([[weight], [loc], [scale]], dtype=torch.float64))
    p, q = gaussian_mixture(*first), gaussian_mixture(*second)
    x = torch.arange(-60, 60, 0.005, dtype=torch.float64)
    log_p, log_q = p.log_prob(x), q.log_prob(x)
    terms = log_p.exp() * (log_p - log_q) - log_p.exp() + log_q.exp()
    assert kl(p, q).item() == pytest.approx(0.005 * terms.sum().item(), rel=1e-11, abs=1e-14)


def test_kl_of_independent_parts_adds_up():
    p = Independent(StudentT(torch.tensor([3.0, 5.0]).double(), torch.tensor([0.0, 1.0]).double(), 1.0), 1)
    q = Independent(Normal(torch.tensor([0.5, 0.0]).double(), torch.tensor([1.0, 2.0]).double()), 1)
    assert kl(p, q).item() == pytest.approx(kl(p.base_dist, q.base_dist).sum().item(), rel=1e-14)


def test_kl_of_a_mixture_of_far_parts_obeys_the_chain_rule():
    p = make("gaussian_mixture", weights=[0.3, 0.7], locs=[-1000.0, 1000.0], scales=[1.0, 2.0])
    q = make("gaussian_mixture", weights=[0.6, 0.4], locs=[-1001.0, 1000.5], scales=[1.5, 1.0])
    part = lambda m1, s1, m2, s2: kl(make("normal", loc=m1, scale=s1), make("normal", loc=m2, scale=s2)).item()
    coin = kl(make("bernoulli", probs=0.3), make("bernoulli", probs=0.6)).item()
    assert kl(p, q).item() == pytest.approx(coin + 0.3 * part(-1000.0, 1.0, -1001.0, 1.5) + 0.7 * part(1000.0, 2.0, 1000.5, 1.0), rel=1e-13)


@pytest.mark.parametrize("name_q", ["student_t", "normal", "gaussian_mixture", "laplace"])
@pytest.mark.parametrize("name_p", ["normal", "gaussian_mixture", "student_t", "log_normal"])
def test_batches_broadcast_and_agree_with_their_rows(name_p, name_q):
    def stacked(name, tables, axis):
        values = {k: torch.stack([torch.tensor(t[name][k], dtype=torch.float64) for t in tables]) for k in tables[0][name]}
        return FAMILIES[name].distribution(**{k: v.unsqueeze(1 - axis) for k, v in values.items()})

    tables = (CONTINUOUS, OTHER_CONTINUOUS)
    together = kl(stacked(name_p, tables, 0), stacked(name_q, tables, 1))
    assert together.shape == (2, 2)
    for i, first in enumerate(tables):
        for j, second in enumerate(tables):
            alone = kl(made(name_p, first[name_p]), made(name_q, second[name_q])).item()
            assert together[i, j].item() == pytest.approx(alone, rel=1e-12, abs=1e-15)


def test_batch_of_sums_agrees_with_its_rows():
    rates = torch.tensor([0.5, 3.0, 40.0], dtype=torch.float64)
    together = kl(make("poisson", rate=rates), make("geometric", probs=torch.tensor([[0.1], [0.6]])))
    assert together.shape == (2, 3)
    for i, probs in enumerate(torch.tensor([0.1, 0.6]).tolist()):
        for j, rate in enumerate(rates.tolist()):
            alone = kl(make("poisson", rate=rate), make("geometric", probs=probs)).item()
            assert together[i, j].item() == pytest.approx(alone, rel=1e-13)


def test_float32_distributions_answer_in_float32_with_six_digits():
    p = Normal(torch.tensor(0.5), torch.tensor(1.5))
    q = StudentT(torch.tensor(4.0), torch.tensor(0.0), torch.tensor(1.0))
    value = kl(p, q)
    assert value.dtype == torch.float32
    exact = kl(make("normal", loc=0.5, scale=1.5), make("student_t", df=4.0, loc=0.0, scale=1.0)).item()
    assert value.item() == pytest.approx(exact, rel=1e-7)
    assert compare(p, q).jensen_shannon.dtype == torch.float32


def test_distributions_unknown_here_go_to_torch():
    p, q = Gumbel(torch.tensor(0.0), torch.tensor(1.0)), Gumbel(torch.tensor(1.0), torch.tensor(2.0))
    assert kl(p, q).item() == pytest.approx(torch.distributions.kl_divergence(p, q).item())


def test_a_closed_form_registered_elsewhere_is_used():
    class Spike(Normal):
        pass

    @register_closed_form(Spike, Normal)
    def _(p, q):
        return torch.full(p.batch_shape, 42.0, dtype=torch.float64)

    assert kl(Spike(torch.tensor(0.0).double(), torch.tensor(1.0).double()), make("normal", loc=0.0, scale=1.0)).item() == 42
    assert kl_report(make("normal", loc=0.0, scale=1.0), make("normal", loc=0.0, scale=1.0)).value.item() == 0


G = "gaussian_mixture"
HARD = {
    "far modes": (
        G,
        dict(weights=(0.5, 0.5), locs=(-1000.0, 1000.0), scales=(1.0, 1.0)),
        "normal",
        dict(loc=0.0, scale=1000.0),
        [s * 1000 + k for s in (-1, 1) for k in (-40, -10, -5, 0, 5, 10, 40)],
    ),
    "a spike in P": (
        G,
        dict(weights=(0.3, 0.7), locs=(0.0, 1.0), scales=(0.01, 1.0)),
        "normal",
        dict(loc=0.0, scale=2.0),
        [-30, -8, -2, -0.5, -0.1, -0.04, 0, 0.04, 0.1, 0.5, 2, 8, 30],
    ),
    "a spike in Q": (
        "normal",
        dict(loc=0.0, scale=1.0),
        G,
        dict(weights=(0.3, 0.7), locs=(0.0, 1.0), scales=(0.01, 1.0)),
        [-30, -8, -2, -0.5, -0.1, -0.04, 0, 0.04, 0.1, 0.5, 2, 8, 30],
    ),
    "Q underflows": (
        "normal",
        dict(loc=0.0, scale=3.0),
        G,
        dict(weights=(0.5, 0.5), locs=(-4.0, 4.0), scales=(0.1, 0.1)),
        [-90, -20, -8, -4, -1, -0.05, -0.002, 0, 0.002, 0.05, 1, 4, 8, 20, 90],
    ),
    "a narrow P far in Q's tail": (
        "normal",
        dict(loc=0.0, scale=0.01),
        "cauchy",
        dict(loc=50.0, scale=0.01),
        [-0.4, -0.1, -0.05, 0, 0.05, 0.1, 0.4],
    ),
    "a wide log-normal": (
        "log_normal",
        dict(loc=0.0, scale=3.0),
        "cauchy",
        dict(loc=1.0, scale=0.1),
        [0, *(math.exp(k) for k in range(-40, 41, 2)), 1.0, 0.9, 1.1],
    ),
    "a sharp corner at 0": ("uniform", dict(low=0.0, high=1.0), "gamma", dict(concentration=0.3, rate=1.0), [0, 1e-12, 1e-6, 1e-3, 0.1, 1]),
}


@pytest.mark.parametrize("case", list(HARD))
def test_quadrature_keeps_twelve_digits_and_an_honest_error_where_quad_fails(case):
    name_p, values_p, name_q, values_q, grid = HARD[case]
    report = kl_report(made(name_p, values_p), made(name_q, values_q))
    with mp.workdps(40):
        p, q = ({k: _exact(v) for k, v in values.items()} for values in (values_p, values_q))

        def integrand(x):
            a = LOG_DENSITY[name_p](x, **p)
            return mp.exp(a) * (a - LOG_DENSITY[name_q](x, **q)) if a > -400 else mpf(0)

        truth = mp.quad(integrand, sorted(map(mpf, grid)))
        assert abs(report.value.item() - truth) <= 1e-12 * truth
        assert abs(report.value.item() - truth) <= report.error.item()


@pytest.mark.parametrize("shift", [1.0, 1e-3, 1e-6, 1e-8, 1e-12])
def test_kl_of_a_shifted_logistic_keeps_its_digits_by_quadrature(shift):
    report = kl_report(make("logistic", loc=0.0, scale=1.0), make("logistic", loc=shift, scale=1.0))
    assert report.method == "quadrature"
    with mp.workdps(60):
        truth = mpf(shift) * mp.coth(mpf(shift) / 2) - 2
        assert abs(report.value.item() - truth) <= 2e-15 * truth
        assert abs(report.value.item() - truth) <= report.error.item()


def test_kl_of_a_gamma_whose_mass_hides_next_to_zero_is_right():
    # Half of Gamma(0.1) lies below 6e-4 and a millionth below 1e-60; the truth by mpmath over log x.
    report = kl_report(make("gamma", concentration=0.1, rate=1.0), make("log_normal", loc=0.0, scale=2.0))
    assert report.value.item() == pytest.approx(24.4779933440564378519, rel=1e-14)
    arch = kl_report(make("beta", concentration1=0.1, concentration0=0.1), make("normal", loc=0.5, scale=1.0))
    assert arch.value.item() == pytest.approx(7.28423079770771082334811703308, rel=1e-14)


def test_student_t_with_a_million_degrees_keeps_ten_digits_of_its_kl_from_a_normal():
    # 7/(4ν²), to leading order.
    value = kl(make("student_t", df=1e6, loc=0.0, scale=1.0), make("normal", loc=0.0, scale=1.0)).item()
    with mp.workdps(40):
        p, q = dict(df=mpf(10) ** 6, loc=mpf(0), scale=mpf(1)), dict(loc=mpf(0), scale=mpf(1))

        def integrand(x):
            a = LOG_DENSITY["student_t"](x, **p)
            return mp.exp(a) * (a - LOG_DENSITY["normal"](x, **q))

        truth = 2 * mp.quad(integrand, [0, 2, 5, 10, 20, 30])
    assert abs(value - truth) <= 1e-10 * truth


def test_mixture_of_one_repeated_component_is_that_component():
    p = gaussian_mixture(torch.tensor([0.5, 0.5]).double(), torch.tensor([1.0, 1.0]).double(), torch.tensor([2.0, 2.0]).double())
    assert isinstance(p, MixtureSameFamily)
    assert kl(p, make("normal", loc=1.0, scale=2.0)).item() <= 1e-28
    assert kl(p, make("normal", loc=0.0, scale=2.0)).item() == pytest.approx(0.125, rel=1e-13)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (make("geometric", probs=1e-7), make("poisson", rate=5.0)),
        (make("poisson", rate=1e15), make("geometric", probs=0.5)),
        (make("binomial", total_count=1e14, probs=0.5), make("poisson", rate=4e13)),
        (make("student_t", df=1e-3, loc=0.0, scale=1.0), make("cauchy", loc=0.0, scale=1.0)),
    ],
)
def test_a_distribution_too_wide_to_table_is_answered_soon_and_without_a_bound(p, q):
    report = kl_report(p, q)
    assert report.error.item() == math.inf
    assert not report.value.isnan()


def test_a_gamma_whose_mass_is_nearer_to_0_than_any_float_has_its_kl_from_a_cauchy():
    report = kl_report(make("gamma", concentration=1e-4, rate=1.0), make("cauchy", loc=0.0, scale=1.0))
    assert report.value.item() == pytest.approx(9991.511391119488, rel=1e-13)  # mpmath, 40 digits: −H(P) + log π + E_P[log(1 + x²)]
    assert report.error.item() < 1e-9


def test_a_wide_but_tabled_sum_has_a_bound():
    assert kl_report(make("geometric", probs=1e-2), make("poisson", rate=5.0)).error.item() < 1e-9
