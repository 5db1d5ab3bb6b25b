"""Facts about KL between distributions, and batches of them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.distributions import Gumbel, Independent, Normal, StudentT

from kl_core import FAMILIES, compare, cross_entropy, entropy, gaussian_mixture, kl, kl_report, register_closed_form
from tests.kl_core.pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, made

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
