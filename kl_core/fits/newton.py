"""Newton's method over Gaussians (loc, log scale), from many starts at once, and which of its ends are minima."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from .mixture_panels import Slopes
from .search import newton_search

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
    """
    index = torch.arange(len(loc), dtype=loc.dtype, device=loc.device)

    def at(states: Tensor) -> Slopes:
        return slopes_at(states[:, 2].long(), states[:, 0], states[:, 1].exp())

    def move(states: Tensor, step: Tensor) -> Tensor:
        return torch.stack([states[:, 0] + step[:, 0] * states[:, 1].exp(), states[:, 1] + step[:, 1], states[:, 2]], -1)

    start = torch.stack([loc, log_scale, index], -1)
    ends, slopes = newton_search(at, move, start, iterations=_ITERATIONS, longest=longest, steps=newton_step)
    return ends[:, 0], ends[:, 1], slopes


def distinct_minima(index: Tensor, loc: Tensor, log_scale: Tensor, slopes: Slopes) -> tuple[Tensor, Tensor, Tensor, Slopes]:
    """Of the ends of searches those that are minima, each once; `index` tells the problems apart."""
    (a, b), (_, d) = (row.unbind(-1) for row in slopes.hessian.unbind(-2))
    # In units in which a bell of the target's own width has curvatures of about 1: flatter than this is a fold.
    curved = (a > 0) & (a * d - b * b > 1e-9 * a * d)
    minimum = (slopes.gradient.abs().amax(-1) < _FLAT) & curved
    minima = minimum.nonzero().squeeze(-1)
    # Sorted by problem and place, an end is new if it is not one of its near neighbours on the left. Plain numbers:
    # they are few, and a tensor each would cost more than all the integrals.
    order = minima[loc[minima].argsort()]
    order = order[index[order].argsort(stable=True)]
    ends = list(zip(index[order].tolist(), loc[order].tolist(), log_scale[order].tolist(), strict=True))
    new: list[int] = []
    for i, (which, place, size) in enumerate(ends):
        reach = place - _SAME * math.exp(size)
        near = itertools.takewhile(lambda j: ends[j][0] == which and ends[j][1] >= reach, reversed(new))
        if all(abs(ends[j][2] - size) > _SAME for j in near):
            new.append(i)
    distinct = order[new]
    return index[distinct], loc[distinct], log_scale[distinct], slopes.take(distinct)
