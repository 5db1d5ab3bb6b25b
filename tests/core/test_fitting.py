"""Fits of one Gaussian to a mixture, against published figures, thresholds and mpmath."""

import math

import mpmath as mp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from torch.distributions import Normal

from kl_core import kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fitting import fit_forward, fit_reverse, reverse_slope
from kl_core.gaussian_average import Mixture


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def two(m: float, sd: float = 1.0, weight: float = 0.5):
    return gaussian_mixture(vector(weight, 1 - weight), vector(-m, m), vector(sd, sd))


# Target, forward (loc, scale, kl), every reverse minimum.
GOLDEN = [
    (two(2), (0, 2.2360679775, 0.1719987625), [(0, 2.0470095199, 0.2265079608)]),
    (two(3), (0, 3.1622776602, 0.4619946135),
     [(-2.9843059878, 1.0233685597, 0.6887689959), (2.9843059878, 1.0233685597, 0.6887689959), (0, 2.7437693091, 0.8406214313)]),
    (two(4, 0.5), (0, 4.0311288741, 1.3940464544),
     [(-4, 0.5, 0.6931471806), (4, 0.5, 0.6931471806), (0, 3.2675677282, 9.9494070009)]),
]


@pytest.mark.parametrize(("target", "forward", "reverse"), GOLDEN)
def test_the_fits_are_the_published_ones(target, forward, reverse):
    fit = fit_forward(target)
    assert [float(one) for one in (fit.loc, fit.scale, fit.kl)] == pytest.approx(forward, abs=1e-10)
    found = sorted([float(one.kl), float(one.loc), float(one.scale)] for one in fit_reverse(target))
    for one, expected in zip(found, sorted([kl, loc, sd] for loc, sd, kl in reverse), strict=True):
        assert one[0] == pytest.approx(expected[0], abs=1e-10)
        assert abs(one[1]) == pytest.approx(abs(expected[1]), abs=1e-10)
        assert one[2] == pytest.approx(expected[2], abs=1e-10)


def test_the_textbook_case_does_not_pick_a_mode():
    (only,) = fit_reverse(two(2))
    assert abs(float(only.loc)) < 1e-9


def test_three_minima_appear_where_the_modes_are_2_41222971801_from_the_middle():
    threshold = 2.41222971801
    assert len(fit_reverse(two(threshold - 1e-6))) == 1
    assert len(fit_reverse(two(threshold + 1e-6))) == 3


def test_a_mode_becomes_the_best_fit_at_2_80008221758():
    def lead(m: float) -> float:
        fits = fit_reverse(two(m))
        centre = next(fit for fit in fits if abs(float(fit.loc)) < 1e-6)
        mode = next(fit for fit in fits if abs(float(fit.loc)) > 1)
        return float(centre.kl - mode.kl)

    assert brentq(lead, 2.7, 2.9, xtol=1e-12) == pytest.approx(2.80008221758, abs=1e-9)


def reverse_kl(weights, locs, scales, loc, scale) -> mp.mpf:
    """KL(Normal(loc, scale)‖mixture) by mpmath, cut at every mode and half-way between, where one takes over."""
    with mp.workdps(30):
        normal = lambda x, m, s: mp.exp(-((x - m) / s) ** 2 / 2) / (s * mp.sqrt(2 * mp.pi))  # noqa: E731
        density = lambda x: mp.fsum(w * normal(x, mp.mpf(m), mp.mpf(s)) for w, m, s in zip(weights, locs, scales, strict=True))  # noqa: E731
        edges = [loc + k * scale for k in range(-12, 13, 2)] + [m for m in locs if abs(m - loc) < 12 * scale]
        edges += [(a + b) / 2 + k for a, b in zip(locs, locs[1:], strict=False) for k in (-1, -0.1, 0, 0.1, 1)]
        edges += [m + k * s for m, s in zip(locs, scales, strict=True) for k in (-6, -3, 3, 6) if abs(m + k * s - loc) < 12 * scale]
        integrand = lambda x: normal(x, loc, scale) * (mp.log(normal(x, loc, scale)) - mp.log(density(x)))  # noqa: E731
        return mp.quad(integrand, sorted(set(edges)))


HARD = [
    ((0.25, 0.75), (-1.0, 1.0), (0.15, 2.0), 0.3, 0.6),
    ((0.5, 0.5), (-10.0, 10.0), (0.5, 0.5), 3.0, 4.0),
    ((0.2, 0.3, 0.5), (-5.0, 0.0, 4.0), (1.0, 0.05, 2.0), 0.5, 2.5),
]


@pytest.mark.parametrize("case", HARD)
def test_the_reverse_divergence_agrees_with_thirty_digits(case):
    weights, locs, scales, loc, scale = case
    mixture = Mixture.of(gaussian_mixture(vector(*weights), vector(*locs), vector(*scales)))
    value, _, _ = reverse_slope(mixture, vector(loc)[0], vector(scale)[0].log())
    assert float(value) == pytest.approx(float(reverse_kl(weights, locs, scales, loc, scale)), rel=1e-10)


def test_slopes_and_curvature_are_the_derivatives():
    mixture = Mixture.of(gaussian_mixture(vector(0.3, 0.7), vector(-2, 1.5), vector(0.6, 1.3)))
    place = vector(0.4, -0.2)
    value = lambda one: reverse_slope(mixture, one[0], one[1])[0]  # noqa: E731
    _, gradient, hessian = reverse_slope(mixture, *place)
    step = 1e-4
    for i in range(2):
        shift = torch.zeros(2, dtype=torch.float64)
        shift[i] = step
        slope = (value(place + shift) - value(place - shift)) / (2 * step)
        assert float(slope) == pytest.approx(float(gradient[i]), abs=1e-7)
        bend = (reverse_slope(mixture, *(place + shift))[1] - reverse_slope(mixture, *(place - shift))[1]) / (2 * step)
        assert bend.tolist() == pytest.approx(hessian[i].tolist(), abs=1e-6)


mixtures = st.integers(2, 4).flatmap(lambda n: st.tuples(
    st.lists(st.floats(0.05, 1), min_size=n, max_size=n), st.lists(st.floats(-8, 8), min_size=n, max_size=n),
    st.lists(st.floats(0.1, 3), min_size=n, max_size=n)))


@settings(max_examples=15, deadline=None)
@given(mixtures)
def test_every_reverse_fit_is_a_minimum_and_the_forward_fit_has_the_targets_moments(case):
    weights, locs, scales = (vector(*one) for one in case)
    target = gaussian_mixture(weights, locs, scales)
    fits = fit_reverse(target)
    assert fits
    mixture = Mixture.of(target)
    for fit in fits:
        value, gradient, hessian = reverse_slope(mixture, fit.loc, fit.scale.log())
        assert torch.linalg.eigvalsh(hessian)[0] > 0
        assert float(gradient.abs().max()) < 1e-6
        assert float(value) == pytest.approx(float(fit.kl), abs=1e-9)
    assert [float(fit.kl) for fit in fits] == sorted(float(fit.kl) for fit in fits)
    forward = fit_forward(target)
    assert float(forward.loc) == pytest.approx(float(target.mean), abs=1e-9)
    assert float(forward.scale**2) == pytest.approx(float(target.variance), rel=1e-9)
    # No Gaussian nearby does better.
    for shift in (-0.01, 0.01):
        worse = Normal(forward.loc + shift * forward.scale, forward.scale)
        assert float(kl(target, worse)) > float(forward.kl)


@settings(max_examples=6, deadline=None)
@given(mixtures, st.floats(-20, 20), st.floats(0.2, 5))
def test_shifting_and_stretching_the_target_shifts_and_stretches_its_fits(case, shift, stretch):
    weights, locs, scales = (vector(*one) for one in case)
    here = fit_reverse(gaussian_mixture(weights, locs, scales))
    there = fit_reverse(gaussian_mixture(weights, shift + stretch * locs, stretch * scales))
    assert len(here) == len(there)
    assert float(there[0].kl) == pytest.approx(float(here[0].kl), abs=1e-9)


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
