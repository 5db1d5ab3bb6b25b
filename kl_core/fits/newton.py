"""Newton's method over Gaussians (loc, log scale), from many starts at once, and which of its ends are minima."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from .mixture_panels import Slopes

__all__ = ["newton_step", "newton_minima", "distinct_minima"]

_ITERATIONS = 100
_SAME = 1e-5  # two ends of a search this close, in the Gaussian's own units, are one minimum
_FLAT = 1e-9  # a gradient that counts as zero, in nats


def _spectral(matrix: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
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
    inverse = _spectral(slopes.hessian, lambda curvature: 1 / curvature.abs().clamp_min(1e-12))
    return -(inverse @ slopes.gradient.unsqueeze(-1)).squeeze(-1)


def newton_minima(
    slopes_at: Callable[[Tensor, Tensor, Tensor], Slopes], loc: Tensor, log_scale: Tensor, longest: float = 4.0
) -> tuple[Tensor, Tensor, Slopes]:
    """Where Newton's method ends from each start; loc, log_scale: (starts,).

    slopes_at(which, loc, scale): the slopes at these Gaussians, `which` their indices among the starts. longest: the
    longest step, in the Gaussian's own units. Returns loc, log_scale, (starts,), and the slopes there, minima or not.
    A trust region for each: a step that does not fall as its parabola foretells is refused and the region shrinks.
    """
    loc, log_scale = loc.clone(), log_scale.clone()
    active = torch.arange(len(loc), device=loc.device)
    slopes = slopes_at(active, loc, log_scale.exp())
    final = Slopes(*(value.clone() for value in vars(slopes).values()))
    place = torch.stack([loc, log_scale], -1)
    radius = torch.full_like(loc, min(longest, 1.0))
    for _ in range(_ITERATIONS):
        step = newton_step(slopes)
        length = step.norm(dim=-1)
        short = torch.minimum(length, radius)
        step = step * (short / length.clamp_min(1e-300)).unsqueeze(-1)
        trial = place + torch.stack([step[:, 0] * place[:, 1].exp(), step[:, 1]], -1)
        trial_slopes = slopes_at(active, trial[:, 0], trial[:, 1].exp())
        foretold = -(slopes.gradient * step).sum(-1) - 0.5 * (step * (slopes.hessian @ step.unsqueeze(-1)).squeeze(-1)).sum(-1)
        fallen = slopes.value - trial_slopes.value
        # What differs by rounding only is not held against a step.
        good = (fallen > 0.1 * foretold) | (short < 1e-5)
        radius = torch.where(good, torch.where(fallen > 0.7 * foretold, 2 * radius, radius).clamp_max(longest), short / 4)
        keep = good.unsqueeze(-1)
        place = torch.where(keep, trial, place)
        slopes = Slopes(
            torch.where(good, trial_slopes.value, slopes.value),
            torch.where(keep, trial_slopes.gradient, slopes.gradient),
            torch.where(keep.unsqueeze(-1), trial_slopes.hessian, slopes.hessian),
        )
        ended = (good & (short < 1e-9)) | (slopes.gradient.abs().amax(-1) < 1e-14) | (radius < 1e-12)
        done, on = ended.nonzero().squeeze(-1), (~ended).nonzero().squeeze(-1)
        _store(final, active[done], slopes.take(done))
        loc[active[done]], log_scale[active[done]] = place[done].unbind(-1)
        active, place, radius, slopes = active[on], place[on], radius[on], slopes.take(on)
        if not active.numel():
            break
    loc[active], log_scale[active] = place.unbind(-1)
    _store(final, active, slopes)
    return loc, log_scale, final


def _store(final: Slopes, rows: Tensor, slopes: Slopes) -> None:
    for name, value in vars(slopes).items():
        getattr(final, name)[rows] = value


def distinct_minima(index: Tensor, loc: Tensor, log_scale: Tensor, slopes: Slopes) -> tuple[Tensor, Tensor, Tensor, Slopes]:
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
