"""Closed forms against the textbooks' in 80 digits: ordinary, near-identical, neighbours in floating point, extreme."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    AffineTransform,
    Beta,
    Categorical,
    Chi2,
    ContinuousBernoulli,
    Dirichlet,
    Distribution,
    ExpTransform,
    Gamma,
    Gumbel,
    HalfCauchy,
    InverseGamma,
    Kumaraswamy,
    LogNormal,
    MultivariateNormal,
    Normal,
    OneHotCategorical,
    Pareto,
    TransformedDistribution,
    Uniform,
    kl_divergence,
)

from kl_core import kl, kl_report
from kl_core.registry import _CLOSED_FORMS
from tests.kl_core.formulas import BETWEEN_TYPES, EXTREME, FORMULAS, case_name, cases, distribution, exact

EVERY = [case for apart in ((0.25, -0.2), (1e-3, -2e-3), (1e-8, 3e-8), (0.0,)) for case in cases(apart)]


@pytest.mark.parametrize("case", EVERY + BETWEEN_TYPES + EXTREME, ids=case_name)
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


def test_kl_of_normals_a_ulp_of_scale_apart_is_not_zero():
    # torch.distributions returns 0 here.
    value = kl(distribution(Normal, (0.0, 1.0)), distribution(Normal, (0.0, math.nextafter(1.0, 2))))
    assert value.item() == pytest.approx(2.0**-104, rel=1e-12)


def test_kl_of_uniforms_a_ulp_apart_is_the_log_of_their_widths():
    p, q = distribution(Uniform, (0.0, 1.0)), distribution(Uniform, (0.0, math.nextafter(1.0, 2)))
    assert kl(p, q).item() == pytest.approx(2.0**-52, rel=1e-12)
    assert kl(q, p).item() == math.inf


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
