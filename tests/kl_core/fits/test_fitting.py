"""Fits of one Gaussian to a mixture, against published figures, thresholds and mpmath."""

import math

import mpmath as mp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Categorical, MixtureSameFamily, Normal

from kl_core import kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits import fitting
from kl_core.fits.fitting import fit_forward, fit_reverse
from kl_core.fits.mixture_panels import log_mixture, reverse_kl, reverse_slopes


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def two(m: float, sd: float = 1.0, weight: float = 0.5):
    return gaussian_mixture(vector(weight, 1 - weight), vector(-m, m), vector(sd, sd))


# Target, forward (loc, scale, kl), every reverse minimum.
GOLDEN = [
    (two(2), (0, 2.2360679775, 0.1719987625), [(0, 2.0470095199, 0.2265079608)]),
    (
        two(3),
        (0, 3.1622776602, 0.4619946135),
        [(-2.9843059878, 1.0233685597, 0.6887689959), (2.9843059878, 1.0233685597, 0.6887689959), (0, 2.7437693091, 0.8406214313)],
    ),
    (two(4, 0.5), (0, 4.0311288741, 1.3940464544), [(-4, 0.5, 0.6931471806), (4, 0.5, 0.6931471806), (0, 3.2675677282, 9.9494070009)]),
]


@pytest.mark.parametrize(("target", "forward", "reverse"), GOLDEN)
def test_the_fits_are_the_published_ones(target, forward, reverse):
    fit = fit_forward(target)
    assert [float(one) for one in (fit.loc, fit.scale, fit.kl)] == pytest.approx(forward, abs=1e-10)
    found = sorted([float(one.kl), float(one.loc), float(one.scale)] for one in fit_reverse(target))
    for one, expected in zip(found, sorted([least, loc, sd] for loc, sd, least in reverse), strict=True):
        assert one[0] == pytest.approx(expected[0], abs=1e-10)
        assert abs(one[1]) == pytest.approx(abs(expected[1]), abs=1e-10)
        assert one[2] == pytest.approx(expected[2], abs=1e-10)


def test_the_textbook_case_does_not_pick_a_mode():
    (only,) = fit_reverse(two(2))
    assert abs(float(only.loc)) < 1e-9


def reverse_kl_by_mpmath(weights, locs, scales, loc, scale) -> mp.mpf:
    """KL(Normal(loc, scale)‖mixture) by mpmath, cut at every mode and half-way between, where one takes over."""
    with mp.workdps(30):
        normal = lambda x, m, s: mp.exp(-(((x - m) / s) ** 2) / 2) / (s * mp.sqrt(2 * mp.pi))
        density = lambda x: mp.fsum(w * normal(x, mp.mpf(m), mp.mpf(s)) for w, m, s in zip(weights, locs, scales, strict=True))
        edges = [loc + k * scale for k in range(-12, 13, 2)] + [m for m in locs if abs(m - loc) < 12 * scale]
        edges += [(a + b) / 2 + k for a, b in zip(locs, locs[1:], strict=False) for k in (-1, -0.1, 0, 0.1, 1)]
        edges += [m + k * s for m, s in zip(locs, scales, strict=True) for k in (-6, -3, 3, 6) if abs(m + k * s - loc) < 12 * scale]
        integrand = lambda x: normal(x, loc, scale) * (mp.log(normal(x, loc, scale)) - mp.log(density(x)))
        return mp.quad(integrand, sorted(set(edges)))


HARD = [
    ((0.25, 0.75), (-1.0, 1.0), (0.15, 2.0), 0.3, 0.6),
    ((0.5, 0.5), (-10.0, 10.0), (0.5, 0.5), 3.0, 4.0),
    ((0.2, 0.3, 0.5), (-5.0, 0.0, 4.0), (1.0, 0.05, 2.0), 0.5, 2.5),
]


@pytest.mark.parametrize("case", HARD)
def test_the_reverse_divergence_agrees_with_thirty_digits(case):
    weights, locs, scales, loc, scale = case
    rows = log_mixture(gaussian_mixture(vector(*weights), vector(*locs), vector(*scales)))
    value = reverse_kl(rows, vector(loc), vector(scale))
    assert float(value) == pytest.approx(float(reverse_kl_by_mpmath(weights, locs, scales, loc, scale)), rel=1e-10)


def test_slopes_and_curvature_are_the_derivatives():
    rows = log_mixture(gaussian_mixture(vector(0.3, 0.7), vector(-2, 1.5), vector(0.6, 1.3)))
    loc, scale, step = 0.4, math.exp(-0.2), 1e-4
    # In the Gaussian's own units: a step of one is a scale along loc, and a factor e of the scale.
    moved = lambda a, b: (vector(loc + scale * a), vector(scale * math.exp(b)))
    slopes = reverse_slopes(rows, *moved(0, 0))
    for i, shift in enumerate(((step, 0), (0, step))):
        ahead, behind = moved(*shift), moved(-shift[0], -shift[1])
        slope = (reverse_kl(rows, *ahead) - reverse_kl(rows, *behind)) / (2 * step)
        assert float(slope) == pytest.approx(float(slopes.gradient[0, i]), abs=1e-7)
        # Along loc the unit changes with the scale, so it is fixed at the middle's.
        fixed = lambda place: reverse_slopes(rows, *place).gradient[0] * vector(scale / float(place[1]), 1)
        bend = (fixed(ahead) - fixed(behind)) / (2 * step)
        assert bend.tolist() == pytest.approx(slopes.hessian[0, i].tolist(), abs=1e-6)


mixtures = st.integers(2, 4).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.05, 1), min_size=n, max_size=n),
        st.lists(st.floats(-8, 8), min_size=n, max_size=n),
        st.lists(st.floats(0.1, 3), min_size=n, max_size=n),
    )
)


@settings(max_examples=15)
@given(mixtures)
def test_every_reverse_fit_is_a_minimum_and_the_forward_fit_has_the_targets_moments(case):
    weights, locs, scales = (vector(*one) for one in case)
    target = gaussian_mixture(weights, locs, scales)
    fits = fit_reverse(target)
    assert fits
    rows = log_mixture(target)
    for fit in fits:
        slopes = reverse_slopes(rows, fit.loc.view(1), fit.scale.view(1))
        assert torch.linalg.eigvalsh(fit.hessian)[0] > 0
        assert float(slopes.gradient.abs().max()) < 1e-9
        assert float(kl(Normal(fit.loc, fit.scale), target)) == pytest.approx(float(fit.kl), rel=1e-10, abs=1e-14)
        assert fit.scale >= scales.min() * (1 - 1e-12)
    assert all(a.kl <= b.kl + 1e-11 for a, b in zip(fits, fits[1:], strict=False))
    forward = fit_forward(target)
    assert float(forward.loc) == pytest.approx(float(target.mean), abs=1e-9)
    assert float(forward.scale**2) == pytest.approx(float(target.variance), rel=1e-9)
    # No Gaussian nearby does better.
    for shift in (-0.01, 0.01):
        worse = Normal(forward.loc + shift * forward.scale, forward.scale)
        assert float(kl(target, worse)) > float(forward.kl)


@settings(max_examples=6)
@given(mixtures, st.floats(-20, 20), st.floats(0.2, 5))
def test_shifting_and_stretching_the_target_shifts_and_stretches_its_fits(case, shift, stretch):
    weights, locs, scales = (vector(*numbers) for numbers in case)
    here = fit_reverse(gaussian_mixture(weights, locs, scales))
    there = fit_reverse(gaussian_mixture(weights, shift + stretch * locs, stretch * scales))
    assert len(here) == len(there)
    for fit, other in zip(here, there, strict=True):
        assert float(other.kl) == pytest.approx(float(fit.kl), abs=1e-9)


def test_a_far_mode_costs_minus_the_log_of_its_weight():
    fits = fit_reverse(two(30, weight=0.7))
    assert float(fits[0].kl) == pytest.approx(-math.log(0.7), abs=1e-10)


def test_a_batch_of_targets_has_the_fits_of_each():
    locs = torch.stack([vector(-2, 2), vector(-3, 3)])
    batch = fit_reverse(gaussian_mixture(vector(0.5, 0.5).expand(2, 2), locs, torch.ones(2, 2, dtype=torch.float64)))
    assert [len(fits) for fits in batch] == [1, 3]
    assert float(batch[1][0].kl) == pytest.approx(0.6887689959, abs=1e-10)


def test_a_target_that_is_no_mixture_of_gaussians_is_refused():
    with pytest.raises(ValueError, match="mixture of Gaussians"):
        fit_forward(Normal(0.0, 1.0))


def test_a_batch_of_two_axes_is_answered_by_lists_nested_like_it():
    locs = torch.stack([vector(-2, 2), vector(-3, 3), vector(-4, 4), vector(0, 1)]).view(2, 2, 2)
    target = gaussian_mixture(torch.full((2, 2, 2), 0.5), locs, torch.ones(2, 2, 2, dtype=torch.float64))
    assert [[len(fits) for fits in row] for row in fit_reverse(target)] == [[1, 3], [3, 1]]
    assert fit_forward(target).kl.shape == (2, 2) and fit_forward(target).hessian.shape == (2, 2, 2, 2)


def test_a_component_of_no_weight_changes_nothing():
    plain, padded = two(3), gaussian_mixture(vector(0.5, 0.5, 0), vector(-3, 3, 50), vector(1, 1, 0.1))
    assert float(fit_forward(padded).kl) == pytest.approx(float(fit_forward(plain).kl), rel=1e-12)
    found = [[float(value) for value in (fit.loc, fit.scale, fit.kl)] for fit in fit_reverse(padded)]
    expected = [[float(value) for value in (fit.loc, fit.scale, fit.kl)] for fit in fit_reverse(plain)]
    assert torch.allclose(torch.tensor(found), torch.tensor(expected), rtol=1e-10, atol=1e-10)


def test_a_gaussian_in_disguise_is_its_own_fit():
    target = gaussian_mixture(vector(0.3, 0.7), vector(1, 1), vector(2, 2))
    (only,) = fit_reverse(target)
    for fit in (only, fit_forward(target)):
        assert (float(fit.loc), float(fit.scale)) == pytest.approx((1, 2), abs=1e-9)
        assert 0 <= float(fit.kl) < 1e-15


def test_a_float32_target_is_answered_in_float32():
    target = gaussian_mixture(torch.tensor([0.5, 0.5]), torch.tensor([-3.0, 3.0]), torch.ones(2))
    fits = fit_reverse(target)
    assert len(fits) == 3 and {fits[0].loc.dtype, fits[0].kl.dtype, fit_forward(target).kl.dtype} == {torch.float32}


def chains(count: int, components: int, narrow: float, wide: float, nearest: float, farthest: float):
    """Mixtures whose neighbouring modes are so many standard deviations apart; all numbers spread evenly in logs."""
    generator = torch.Generator().manual_seed(components)
    spread = lambda low, high: (
        torch.empty(count, components, dtype=torch.float64).uniform_(math.log(low), math.log(high), generator=generator).exp()
    )
    scales = spread(narrow, wide)
    gaps = spread(nearest, farthest)[:, 1:] * torch.maximum(scales[:, 1:], scales[:, :-1])
    locs = torch.cat([torch.zeros(count, 1, dtype=torch.float64), gaps.cumsum(-1)], -1)
    return gaussian_mixture(spread(0.02, 1), locs, scales)


@pytest.mark.parametrize("components", [2, 3, 4])
@pytest.mark.parametrize("kind", [(0.01, 10, 0.5, 40), (0.3, 3, 1, 8)], ids=["sds 0.01 to 10, modes to 40 sds apart", "alike"])
def test_six_times_as_many_starts_find_no_further_minimum(components, kind, monkeypatch):
    target = chains(8, components, *kind)
    found = [len(fits) for fits in fit_reverse(target)]
    monkeypatch.setattr(fitting, "_PLACES", 24)
    monkeypatch.setattr(fitting, "_SIZES", 9)
    assert [len(fits) for fits in fit_reverse(target)] == found
    assert max(found) > 1


def test_a_mixture_of_one_gaussian_is_fitted_by_that_gaussian():
    one = MixtureSameFamily(Categorical(probs=vector(1.0)), Normal(vector(0.5), vector(2.0)))
    for fit in (fit_forward(one), *fit_reverse(one)):
        assert abs(fit.loc - 0.5) <= 1e-12 and abs(fit.scale - 2.0) <= 1e-12 and abs(fit.kl) <= 1e-15
