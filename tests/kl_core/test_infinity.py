"""Infinity is an answer: exact, in both directions, with its reason and where."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Dirichlet, Geometric, NegativeBinomial, Poisson

from kl_core import FAMILIES, Pair, compare, cross_entropy, kl, kl_report, renyi

INF = math.inf


def make(name, **values):
    return FAMILIES[name].distribution(**values)


NORMAL, LAPLACE, LOGISTIC = (make(name, loc=0.0, scale=1.0) for name in ("normal", "laplace", "logistic"))
CAUCHY = make("cauchy", loc=0.0, scale=1.0)
MIXTURE = make("gaussian_mixture", weights=[0.5, 0.5], locs=[-2.0, 2.0], scales=[1.0, 1.0])
student = lambda df: make("student_t", df=df, loc=0.0, scale=1.0)


@pytest.mark.parametrize("q", [NORMAL, LAPLACE, LOGISTIC, MIXTURE], ids=["normal", "laplace", "logistic", "mixture"])
def test_kl_of_cauchy_from_a_lighter_tail_is_infinite_by_its_tail(q):
    report = kl_report(CAUCHY, q)
    assert report.value.item() == INF and report.infinite_by == "tail"
    assert "tail" in report.reason and report.region == ()
    assert math.isfinite(kl(q, CAUCHY))
    assert cross_entropy(CAUCHY, q).item() == INF


@pytest.mark.parametrize(
    ("df", "q", "finite"),
    [
        (2.0, NORMAL, False),
        (2.0001, NORMAL, True),
        (2.0, MIXTURE, False),
        (2.5, MIXTURE, True),
        (1.0, LAPLACE, False),
        (1.001, LAPLACE, True),
        (1.0, LOGISTIC, False),
        (1.5, LOGISTIC, True),
        (0.3, CAUCHY, True),
        (0.3, student(5.0), True),
    ],
)
def test_kl_of_student_t_is_infinite_just_where_the_moment_is_missing(df, q, finite):
    assert math.isfinite(kl(student(df), q)) == finite


def test_a_batch_is_infinite_row_by_row():
    value = kl(student([1.0, 2.0, 3.0, 30.0]), NORMAL)
    assert value.isinf().tolist() == [True, True, False, False]
    alone = [kl(student(df), NORMAL).item() for df in (3.0, 30.0)]
    assert value[2:].tolist() == pytest.approx(alone, rel=1e-13)


@pytest.mark.parametrize(
    ("p", "q", "region", "words"),
    [
        (NORMAL, make("exponential", rate=1.0), ((-INF, 0.0),), "P has mass below 0, where Q has none."),
        (
            NORMAL,
            make("beta", concentration1=2.0, concentration0=2.0),
            ((-INF, 0.0), (1.0, INF)),
            "P has mass below 0 and above 1, where Q has none.",
        ),
        (
            make("uniform", low=0.0, high=1.0),
            make("uniform", low=5.0, high=6.0),
            ((0.0, 1.0),),
            "P has mass between 0 and 1, where Q has none.",
        ),
        (
            make("uniform", low=-1.0, high=2.0),
            make("uniform", low=0.0, high=1.0),
            ((-1.0, 0.0), (1.0, 2.0)),
            "P has mass between -1 and 0 and between 1 and 2, where Q has none.",
        ),
        (
            make("gamma", concentration=2.0, rate=1.0),
            make("uniform", low=0.0, high=4.0),
            ((4.0, INF),),
            "P has mass above 4, where Q has none.",
        ),
        (
            make("poisson", rate=2.0),
            make("binomial", total_count=3, probs=0.5),
            ((4.0, INF),),
            "P gives some probability to every outcome from 4 on, and Q gives none.",
        ),
        (
            make("binomial", total_count=3, probs=0.5),
            make("bernoulli", probs=0.5),
            ((2.0, 2.0), (3.0, 3.0)),
            "P gives some probability to outcomes 2 and 3, and Q gives none.",
        ),
        (
            make("categorical", probs=[0.2, 0.3, 0.5]),
            make("categorical", probs=[0.5, 0.0, 0.5]),
            ((1.0, 1.0),),
            "P gives some probability to outcome 1, and Q gives none.",
        ),
        (
            make("bernoulli", probs=0.5),
            make("bernoulli", probs=1.0),
            ((0.0, 0.0),),
            "P gives some probability to outcome 0, and Q gives none.",
        ),
    ],
)
def test_missing_support_is_located_and_explained(p, q, region, words):
    report = kl_report(p, q)
    assert report.value.item() == INF and report.infinite_by == "support"
    assert report.region == region
    assert report.reason == words


def test_a_finite_kl_has_no_reason():
    report = kl_report(NORMAL, LAPLACE)
    assert (report.infinite_by, report.reason, report.region) == (None, None, ())


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [
        (make("bernoulli", probs=0.0), make("bernoulli", probs=0.25), math.log(4 / 3)),
        (make("bernoulli", probs=1.0), make("bernoulli", probs=0.25), math.log(4)),
        (make("bernoulli", probs=0.25), make("bernoulli", probs=0.0), INF),
        (make("bernoulli", probs=0.0), make("bernoulli", probs=0.0), 0.0),
        (make("binomial", total_count=0, probs=0.5), make("binomial", total_count=7, probs=0.5), 7 * math.log(2)),
        (make("binomial", total_count=4, probs=1.0), make("binomial", total_count=7, probs=0.5), math.log(128 / 35)),
        (make("binomial", total_count=5, probs=0.0), make("poisson", rate=2.0), 2.0),
        (make("poisson", rate=0.0), make("poisson", rate=1.5), 1.5),
        (make("poisson", rate=1.5), make("poisson", rate=0.0), INF),
        (make("poisson", rate=0.0), make("geometric", probs=0.25), math.log(4)),
        (make("geometric", probs=1.0), make("geometric", probs=0.25), math.log(4)),
        (make("geometric", probs=0.25), make("geometric", probs=1.0), INF),
        (make("categorical", probs=[0.0, 1.0, 0.0]), make("categorical", probs=[0.2, 0.3, 0.5]), -math.log(0.3)),
        (make("categorical", probs=[0.5, 0.5]), make("categorical", probs=[0.25, 0.25, 0.5]), math.log(2)),
        (make("categorical", probs=[0.0, 1.0]), make("bernoulli", probs=0.5), math.log(2)),
        (make("categorical", probs=[0.5, 0.5, 0.0]), make("bernoulli", probs=0.5), 0.0),
    ],
)
def test_one_point_distributions_and_zeros_are_right(p, q, expected):
    assert kl(p, q).item() == pytest.approx(expected, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    ("p", "q", "alpha", "finite"),
    [
        (make("normal", loc=0.0, scale=2.0), NORMAL, 2.0, False),
        (make("normal", loc=0.0, scale=1.2), NORMAL, 2.0, True),
        (LAPLACE, NORMAL, 1.01, False),
        (LAPLACE, NORMAL, 0.99, True),
        (NORMAL, LAPLACE, 5.0, True),
        (CAUCHY, NORMAL, 0.5, True),
        (CAUCHY, student(4.0), 1.2, True),
        (CAUCHY, student(4.0), 2.0, False),
        (make("gamma", concentration=0.2, rate=1.0), make("gamma", concentration=2.0, rate=1.0), 2.0, False),
    ],
)
def test_renyi_is_infinite_just_where_its_integral_diverges(p, q, alpha, finite):
    assert math.isfinite(renyi(p, q, alpha)) == finite


def test_comparison_agrees_with_the_single_functions_when_infinite():
    both = compare(CAUCHY, NORMAL)
    assert both.kl_pq.value.item() == both.cross_entropy_pq.item() == INF
    assert both.kl_qp.value.item() == pytest.approx(kl(NORMAL, CAUCHY).item(), rel=1e-14)
    assert both.jensen_shannon.item() < math.log(2) and both.hellinger.item() < 1


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(ValueError, match=r"batch shapes of p, \(3,\), and q, \(2,\)"):
        Pair(make("normal", loc=[0.0] * 3, scale=1.0), make("normal", loc=[0.0] * 2, scale=1.0))


@pytest.mark.parametrize(("p", "q"), [(NORMAL, Dirichlet(torch.ones(2))), (Dirichlet(torch.ones(2)), Dirichlet(torch.ones(3)))])
def test_values_of_different_shapes_are_named(p, q):
    with pytest.raises(ValueError, match=r"p's values have the shape \((2,)?\) and q's \([23],\)"):
        kl(p, q)


def test_a_negative_binomial_that_waits_for_no_failure_is_all_at_nought():
    never = NegativeBinomial(torch.tensor(0.0), torch.tensor(0.3))
    for p in (NegativeBinomial(torch.tensor(3.0), torch.tensor(0.3)), Poisson(torch.tensor(3.0)), Geometric(torch.tensor(0.3))):
        assert kl(p, never).isinf()
    assert kl(never, never).item() == 0 and kl(never, Poisson(torch.tensor(3.0))).item() == pytest.approx(3.0)
