"""The α-divergence against mpmath wherever p and q may lie, and the fits along it."""

import math

import pytest
import torch
from torch.distributions import Normal

from kl_core import alpha_divergence, kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits import alpha as alpha_module
from kl_core.fits.alpha import fit_alpha
from kl_core.fits.fitting import _starts, fit_forward, fit_reverse
from tests.kl_core.fits.references import ALPHA, SPIKE, TWO, alpha_by_mpmath


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def target_of(case):
    return gaussian_mixture(*(vector(*one) for one in case))


@pytest.mark.parametrize("alpha", [0.05, 0.5, 0.9])
@pytest.mark.parametrize(
    ("case", "loc", "scale"),
    [("two modes", 20.0, 1.0), ("two modes", 0.0, 30.0), ("two modes", 1.0, 0.01), ("a spike", 0.5, 0.7)],
    ids=["beside the target", "wider than it", "narrower than it", "a spike"],
)
def test_the_alpha_divergence_agrees_with_mpmath_wherever_the_model_lies(case, loc, scale, alpha):
    found = alpha_divergence(target_of(ALPHA[case]), Normal(*vector(loc, scale)), alpha)
    assert float(found) == pytest.approx(float(alpha_by_mpmath(case, loc, scale, alpha)), rel=1e-10)


def test_the_alpha_divergence_goes_over_into_both_directions_without_a_jump():
    target, q = target_of(SPIKE), Normal(*vector(0.3, 1.3))
    for end, other in ((0.0, 1e-9), (1.0, 1 - 1e-9)):
        assert float(alpha_divergence(target, q, other)) == pytest.approx(float(alpha_divergence(target, q, end)), rel=1e-7)
    assert float(alpha_divergence(target, q, 1)) == float(kl(target, q))


def test_the_alpha_divergence_keeps_its_digits_between_nearly_equal_distributions():
    # For nearly equal distributions every D_α is half of Fisher's ∫(p − q)²/p: here ½·δ² for a shift by δ.
    target = gaussian_mixture(vector(0.5, 0.5), vector(0, 0), vector(1, 1))
    for alpha in (0.2, 0.5, 0.8):
        assert float(alpha_divergence(target, Normal(*vector(1e-7, 1)), alpha)) == pytest.approx(0.5e-14, rel=1e-6)


def test_batched_models_have_the_divergence_of_each():
    target = target_of(TWO)
    q = Normal(vector(0, 1, 30), vector(0.2, 3, 1))
    values = alpha_divergence(target, q, 0.3)
    for i in range(3):
        assert float(values[i]) == pytest.approx(float(alpha_divergence(target, Normal(q.loc[i], q.scale[i]), 0.3)), rel=1e-12)


@pytest.mark.parametrize("case", [TWO, SPIKE, ((0.7, 0.3), (-3.0, 3.0), (1.0, 1.0))], ids=["two modes", "a spike", "0.7 and 0.3"])
def test_every_alpha_fit_is_a_minimum_and_the_best_stands_first(case):
    target, alphas = target_of(case), torch.linspace(0, 1, 9, dtype=torch.float64)
    by_alpha = fit_alpha(target, alphas)
    for fits, end in ((by_alpha[0], fit_reverse(target)), (by_alpha[-1], (fit_forward(target),))):
        assert [(one.loc, one.scale, one.divergence) for one in fits] == [(one.loc, one.scale, one.kl) for one in end]
    for alpha, fits in zip(alphas.tolist()[1:-1], by_alpha[1:-1], strict=True):
        assert all(a.divergence <= b.divergence + 1e-11 for a, b in zip(fits, fits[1:], strict=False))
        for fit in fits:
            here = float(alpha_divergence(target, Normal(fit.loc, fit.scale), alpha))
            assert float(fit.divergence) == pytest.approx(here, rel=1e-9)
            for move, stretch in ((0.01, 1.0), (-0.01, 1.0), (0.0, 1.01), (0.0, 0.99)):
                beside = Normal(fit.loc + move * fit.scale, fit.scale * stretch)
                assert float(alpha_divergence(target, beside, alpha)) > here


def test_the_minima_at_the_modes_end_at_one_alpha_and_those_of_a_mirrored_target_are_mirrored():
    by_alpha = fit_alpha(target_of(TWO), torch.linspace(0, 1, 41, dtype=torch.float64))
    counts = [len(fits) for fits in by_alpha]
    assert set(counts) == {1, 3} and counts == sorted(counts, reverse=True)
    for fits in by_alpha:
        locs = sorted(float(fit.loc) for fit in fits)
        assert locs == pytest.approx([-loc for loc in reversed(locs)], abs=1e-6)


def test_starts_on_a_grid_find_no_further_alpha_fit(monkeypatch):
    alphas = vector(0.1, 0.3, 0.5, 0.8)
    generator = torch.Generator().manual_seed(4)
    uniform = lambda n, low, high: torch.empty(n, dtype=torch.float64).uniform_(low, high, generator=generator)
    targets = [gaussian_mixture(uniform(n, 0.1, 1), uniform(n, -8, 8), uniform(n, -1.5, 1).exp()) for n in (2, 2, 3, 3, 4)]
    found = [[len(fits) for fits in fit_alpha(target, alphas)] for target in targets]
    monkeypatch.setattr(alpha_module, "subset_moments", lambda rows: tuple(one.view(1, -1) for one in _starts(rows)[1:]))
    assert [[len(fits) for fits in fit_alpha(target, alphas)] for target in targets] == found
    assert max(map(max, found)) > 1


@pytest.mark.parametrize("alpha", [-0.1, 1.1, math.nan])
def test_an_alpha_outside_its_domain_is_named(alpha):
    with pytest.raises(ValueError, match="^alphas = "):
        fit_alpha(target_of(TWO), vector(alpha))
