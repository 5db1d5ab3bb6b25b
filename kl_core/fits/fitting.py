"""One Gaussian fitted to a mixture, in either direction.

Forward is KL(target‖q), the expectation under the target: it has one minimum, moment matching. Reverse is
KL(q‖target), the expectation under the model q: it may have several minima, and all of them are found.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from ..divergence import kl
from ..numerics.parameters import dtype_of
from .mixture_panels import LogMixture, log_mixture, log_mixture_moments, reverse_kl, reverse_slopes
from .newton import distinct_minima, newton_minima

__all__ = ["Fit", "fit_forward", "fit_reverse", "subset_moments"]


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


def fit_reverse(target: Distribution) -> tuple[Fit, ...] | list[Any]:
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
        groups.append(tuple(fits[start : start + count]))
        start += count
    return groups


def _nested(groups: Iterator[tuple[Fit, ...]], shape: tuple[int, ...]) -> Any:
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
    subsets = rows.locs.new_tensor([members for members in itertools.product((0.0, 1.0), repeat=n) if any(members)])
    weights = torch.ones_like(rows.log_weights) if evenly else rows.log_weights.exp().clamp_min(1e-300)
    share = subsets * weights.unsqueeze(-2)
    share = share / share.sum(-1, keepdim=True)
    loc = (share * rows.locs.unsqueeze(-2)).sum(-1)
    gap = rows.locs.unsqueeze(-2) - loc.unsqueeze(-1)
    scale = (share * (rows.scales.unsqueeze(-2) ** 2 + gap**2)).sum(-1).sqrt()
    return loc, scale.log()
