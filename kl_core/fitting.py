"""One Gaussian fitted to a mixture, in either direction.

Forward is KL(target‖q), the expectation under the target: it has one minimum, moment matching. Reverse is
KL(q‖target), the expectation under the model q: it may have several minima, and all of them are found.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from .divergence import kl
from .mixture_panels import LogMixture, Slopes, log_mixture, log_mixture_moments, reverse_kl, reverse_slopes
from .parameters import dtype_of

__all__ = ["Fit", "fit_forward", "fit_reverse", "newton_minima", "spectral", "newton_step", "distinct_minima", "subset_moments"]

_ITERATIONS = 100
_SAME = 1e-5            # two ends of a search this close, in the Gaussian's own units, are one minimum
_FLAT = 1e-9            # a gradient that counts as zero, in nats


@dataclass(frozen=True)
class Fit:
    """A Gaussian that minimises a KL: loc, scale, the KL in nats, and its Hessian in (loc, log scale).

    Tensors of the target's batch_shape, the Hessian with (2, 2) at its end.
    """

    loc: Tensor
    scale: Tensor
    kl: Tensor
    hessian: Tensor


def fit_forward(target: Distribution) -> Fit:
    """The Gaussian q of least KL(target‖q): the one with the target's mean and variance.

    KL(target‖q) = E_target[log target] + ½·log(2πe·variance), the expectation one integral a component.
    target: a `gaussian_mixture`, batched or not; ValueError for anything else. Source: Bishop (2006), 10.7.
    """
    rows = log_mixture(target)
    weights = rows.log_weights.exp()
    # From a place among the components, so that no digits are lost far from 0.
    origin = rows.locs[:, :1]
    loc = (weights * (rows.locs - origin)).sum(-1) + origin.squeeze(-1)
    variance = (weights * (rows.scales**2 + (rows.locs - loc.unsqueeze(-1)) ** 2)).sum(-1)
    scale = variance.sqrt()
    each = torch.arange(len(loc), device=loc.device).repeat_interleave(weights.shape[-1])
    mean_log = log_mixture_moments(rows, rows.locs.flatten(), rows.scales.flatten(), 0, each).view(weights.shape)
    least = (weights * mean_log).sum(-1) + scale.log() + 0.5 * math.log(2 * math.pi * math.e)
    shape, dtype = target.batch_shape, dtype_of(target)
    loc, scale, least = loc.view(shape), scale.view(shape), least.view(shape)
    if bool((least < 1e-2).any()):  # mostly cancellation
        least = torch.where(least < 1e-2, kl(target, Normal(loc, scale, validate_args=False)).double(), least)
    zero = torch.zeros_like(loc)
    hessian = torch.stack([scale**-2, zero, zero, zero + 2], -1).unflatten(-1, (2, 2))
    return Fit(loc.to(dtype), scale.to(dtype), least.to(dtype), hessian.to(dtype))


def fit_reverse(target: Distribution) -> tuple[Fit, ...] | list:
    """Every local minimum of KL(q‖target) over Gaussians q, the lowest first.

    Newton's method in (loc, log scale), all starts at once: the moments of every subset of components, and a grid.
    target: a `gaussian_mixture`; ValueError for anything else. For a batch a list of such tuples, nested like it.
    No q narrower than the narrowest component is a minimum: there 1/scale² = E_q[−(log target)″] ≤ 1/min(scales)².
    """
    rows = log_mixture(target)
    index, loc, log_scale = _starts(rows)
    slopes_at = lambda which, loc, scale: reverse_slopes(rows, loc, scale, index[which])
    loc, log_scale, slopes = newton_minima(slopes_at, loc, log_scale)
    index, loc, log_scale, slopes = distinct_minima(index, loc, log_scale, slopes)
    values = reverse_kl(rows, loc, log_scale.exp(), which=index)
    # Mirror images have the same KL but for rounding: the left one first.
    order = (values * 1e12).round().argsort(stable=True)
    order = order[index[order].argsort(stable=True)]
    fits = _fits(loc[order], log_scale[order].exp(), values[order], slopes.hessian[order], dtype_of(target))
    counts = torch.bincount(index, minlength=rows.locs.shape[0]).tolist()
    groups = iter(_grouped(fits, counts))
    return _nested(groups, tuple(target.batch_shape))


def _fits(loc: Tensor, scale: Tensor, kl: Tensor, hessian: Tensor, dtype: torch.dtype) -> list[Fit]:
    """A Fit for each row; hessian in the Gaussians' own units."""
    unit = torch.stack([1 / scale, torch.ones_like(scale)], -1)
    hessian = hessian * unit.unsqueeze(-1) * unit.unsqueeze(-2)
    columns = [value.to(dtype).unbind(0) for value in (loc, scale, kl, hessian)]
    return [Fit(*row) for row in zip(*columns, strict=True)]


def _grouped(fits: list[Fit], counts: list[int]) -> list[tuple[Fit, ...]]:
    groups, start = [], 0
    for count in counts:
        groups.append(tuple(fits[start:start + count]))
        start += count
    return groups


def _nested(groups, shape: tuple[int, ...]):
    """The groups as lists nested like a tensor of this shape."""
    return [_nested(groups, shape[1:]) for _ in range(shape[0])] if shape else next(groups)


_PLACES, _SIZES = 9, 4  # of the grid of starts


def _starts(rows: LogMixture) -> tuple[Tensor, Tensor, Tensor]:
    """Which mixture, loc and log scale of every start; each (starts,)."""
    subsets = [subset_moments(rows), subset_moments(rows, evenly=True)]
    loc, log_scale = (torch.cat(each, -1) for each in zip(*subsets, strict=True))
    low, high = (rows.locs - rows.scales).amin(-1, keepdim=True), (rows.locs + rows.scales).amax(-1, keepdim=True)
    places = torch.linspace(0, 1, _PLACES, dtype=loc.dtype, device=loc.device).repeat_interleave(_SIZES)
    sizes = torch.linspace(0, 1, _SIZES, dtype=loc.dtype, device=loc.device).repeat(_PLACES)
    narrow, wide = rows.scales.amin(-1, keepdim=True).log(), ((high - low) / 2).log()
    loc = torch.cat([loc, low + (high - low) * places], -1)
    log_scale = torch.cat([log_scale, narrow + (wide - narrow) * sizes], -1)
    index = torch.arange(len(loc), device=loc.device).repeat_interleave(loc.shape[-1])
    return index, loc.flatten(), log_scale.flatten()


def subset_moments(rows: LogMixture, evenly: bool = False) -> tuple[Tensor, Tensor]:
    """loc and log scale of the Gaussian with the moments of each subset of components; (rows, 2ⁿ − 1).

    evenly: as if all components had the same weight.
    """
    n = rows.locs.shape[-1]
    subsets = rows.locs.new_tensor([one for one in itertools.product((0.0, 1.0), repeat=n) if any(one)])
    weights = torch.ones_like(rows.log_weights) if evenly else rows.log_weights.exp().clamp_min(1e-300)
    share = subsets * weights.unsqueeze(-2)
    share = share / share.sum(-1, keepdim=True)
    loc = (share * rows.locs.unsqueeze(-2)).sum(-1)
    gap = rows.locs.unsqueeze(-2) - loc.unsqueeze(-1)
    scale = (share * (rows.scales.unsqueeze(-2) ** 2 + gap**2)).sum(-1).sqrt()
    return loc, scale.log()


def spectral(matrix: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """function(matrix) for symmetric 2×2 matrices (…, 2, 2), applied to their eigenvalues; in closed form."""
    middle = (matrix[..., 0, 0] + matrix[..., 1, 1]) / 2
    half_gap, off = (matrix[..., 0, 0] - matrix[..., 1, 1]) / 2, matrix[..., 0, 1]
    radius = torch.hypot(half_gap, off)
    high, low = function(middle + radius), function(middle - radius)
    slope = torch.where(radius > 0, (high - low) / (2 * torch.where(radius > 0, radius, 1.0)), 0.0)
    mean = (high + low) / 2
    entries = [mean + slope * half_gap, slope * off, slope * off, mean - slope * half_gap]
    return torch.stack(entries, -1).unflatten(-1, (2, 2))


def newton_step(slopes: Slopes) -> Tensor:
    """−|H|⁻¹·gradient, (rows, 2): Newton's step with every curvature taken as positive, downhill from anywhere."""
    inverse = spectral(slopes.hessian, lambda curvature: 1 / curvature.abs().clamp_min(1e-12))
    return -(inverse @ slopes.gradient.unsqueeze(-1)).squeeze(-1)


def newton_minima(slopes_at: Callable[[Tensor, Tensor, Tensor], Slopes], loc: Tensor, log_scale: Tensor,
                  longest: float = 4.0) -> tuple[Tensor, Tensor, Slopes]:
    """Where Newton's method ends from each start; loc, log_scale: (starts,).

    slopes_at(which, loc, scale): the slopes at these Gaussians, `which` their indices among the starts. longest: the longest step, in the
    Gaussian's own units.
    A trust region for each: a step that does not fall as its parabola foretells is refused and the region shrinks.
    """
    loc, log_scale = loc.clone(), log_scale.clone()
    active = torch.arange(len(loc), device=loc.device)
    slopes = slopes_at(active, loc, log_scale.exp())
    final = Slopes(*(value.clone() for value in vars(slopes).values()))
    here = torch.stack([loc, log_scale], -1)
    radius = torch.full_like(loc, min(longest, 1.0))
    for _ in range(_ITERATIONS):
        step = newton_step(slopes)
        length = step.norm(dim=-1)
        short = torch.minimum(length, radius)
        step = step * (short / length.clamp_min(1e-300)).unsqueeze(-1)
        trial = here + torch.stack([step[:, 0] * here[:, 1].exp(), step[:, 1]], -1)
        there = slopes_at(active, trial[:, 0], trial[:, 1].exp())
        foretold = -(slopes.gradient * step).sum(-1) - 0.5 * (step * (slopes.hessian @ step.unsqueeze(-1)).squeeze(-1)).sum(-1)
        fallen = slopes.value - there.value
        # What differs by rounding only is not held against a step.
        good = (fallen > 0.1 * foretold) | (short < 1e-5)
        radius = torch.where(good, torch.where(fallen > 0.7 * foretold, 2 * radius, radius).clamp_max(longest), short / 4)
        keep = good.unsqueeze(-1)
        here = torch.where(keep, trial, here)
        slopes = Slopes(torch.where(good, there.value, slopes.value), torch.where(keep, there.gradient, slopes.gradient),
                        torch.where(keep.unsqueeze(-1), there.hessian, slopes.hessian))
        ended = (good & (short < 1e-9)) | (slopes.gradient.abs().amax(-1) < 1e-14) | (radius < 1e-12)
        done, on = ended.nonzero().squeeze(-1), (~ended).nonzero().squeeze(-1)
        _store(final, active[done], slopes.take(done))
        loc[active[done]], log_scale[active[done]] = here[done].unbind(-1)
        active, here, radius, slopes = active[on], here[on], radius[on], slopes.take(on)
        if not active.numel():
            break
    loc[active], log_scale[active] = here.unbind(-1)
    _store(final, active, slopes)
    return loc, log_scale, final


def _store(final: Slopes, rows: Tensor, slopes: Slopes) -> None:
    for name, value in vars(slopes).items():
        getattr(final, name)[rows] = value


def distinct_minima(index: Tensor, loc: Tensor, log_scale: Tensor,
                    slopes: Slopes) -> tuple[Tensor, Tensor, Tensor, Slopes]:
    """Of the ends of searches those that are minima, each once; `index` tells the problems apart."""
    (a, b), (_, d) = (row.unbind(-1) for row in slopes.hessian.unbind(-2))
    # In units in which a bell of the target's own width has curvatures of about 1: flatter than this is a fold.
    curved = (a > 0) & (a * d - b * b > 1e-9 * a * d)
    minimum = (slopes.gradient.abs().amax(-1) < _FLAT) & curved
    kept = minimum.nonzero().squeeze(-1)
    # Sorted by problem and place, an end is new if it is not one of its near neighbours on the left. Plain numbers:
    # they are few, and a tensor each would cost more than all the integrals.
    order = kept[loc[kept].argsort()]
    order = order[index[order].argsort(stable=True)]
    ends = list(zip(index[order].tolist(), loc[order].tolist(), log_scale[order].tolist(), strict=True))
    new: list[int] = []
    for i, (which, place, size) in enumerate(ends):
        reach = place - _SAME * math.exp(size)
        near = itertools.takewhile(lambda j: ends[j][0] == which and ends[j][1] >= reach, reversed(new))
        if all(abs(ends[j][2] - size) > _SAME for j in near):
            new.append(i)
    kept = order[new]
    return index[kept], loc[kept], log_scale[kept], slopes.take(kept)
