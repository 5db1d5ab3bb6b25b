"""KL over a whole grid of Gaussians at once, and which reverse minimum each place of it belongs to."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import MixtureSameFamily

from .fitting import fit_forward, fit_reverse
from .gaussian_average import Mixture, average_log_density, moments
from .relatives import entropy

__all__ = ["landscape", "basins", "forward_value"]

DIRECTIONS = ("forward", "reverse")
_AT_ONCE = 1024
"""Gaussians integrated together: the tables of one such chunk stay in the processor's cache."""


def landscape(target: MixtureSameFamily, direction: str, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """KL(target‖q) ("forward") or KL(q‖target) ("reverse") in nats for every q = Normal(loc, e^log_scale).

    target: a mixture of Gaussians, unbatched. loc_grid: (m,). log_scale_grid: (n,). Returns (m, n).
    Forward costs one entropy, E_p[log q] being a parabola in the target's moments; reverse one quadrature a place.
    Raises ValueError for another direction.
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be 'forward' or 'reverse', not {direction!r}")
    loc, log_scale = torch.broadcast_tensors(loc_grid.double()[:, None], log_scale_grid.double()[None, :])
    if direction == "forward":
        return forward_value(target, loc, log_scale)
    mixture = Mixture.of(target)
    chunks = zip(loc.reshape(-1).split(_AT_ONCE), log_scale.reshape(-1).split(_AT_ONCE), strict=True)
    log_p = [average_log_density(mixture, a, b.exp()) for a, b in chunks]
    return -0.5 * math.log(2 * math.pi * math.e) - log_scale - torch.cat(log_p).reshape(loc.shape)


def forward_value(target: MixtureSameFamily, loc: Tensor, log_scale: Tensor) -> Tensor:
    """KL(target‖q) = −H(target) + ½ log 2π + log scale + (variance + (mean − loc)²)/(2·scale²)."""
    moment = fit_forward(target)
    square = moment.scale**2 + (moment.loc - loc) ** 2
    return -entropy(target) + 0.5 * math.log(2 * math.pi) + log_scale + 0.5 * square * torch.exp(-2 * log_scale)


def basins(target: MixtureSameFamily, loc_grid: Tensor, log_scale_grid: Tensor, steps: int = 400) -> Tensor:
    """Which minimum of KL(q‖target) natural-gradient flow reaches from each place of the grid.

    The flow is followed in short Euler steps, all places at once, until Newton's method takes over near a minimum.
    Returns (m, n), the index into `fit_reverse(target)`; −1 where none is reached. Arguments as in `landscape`.
    """
    mixture = Mixture.of(target)
    fits = fit_reverse(target)
    loc, log_scale = (one.reshape(-1).clone() for one in torch.broadcast_tensors(
        loc_grid.double()[:, None], log_scale_grid.double()[None, :]))
    reached = torch.full_like(loc, -1.0)
    left = torch.arange(len(loc))
    for step in range(steps):
        size = 0.1 if step < steps // 4 else 0.3
        loc[left], log_scale[left] = _flow(mixture, loc[left], log_scale[left], size)
        for index, fit in enumerate(fits):
            near = ((loc[left] - fit.loc).abs() < 0.05 * fit.scale) & ((log_scale[left] - fit.scale.log()).abs() < 0.05)
            reached[left[near]] = index
        left = left[reached[left] < 0]
        if not len(left):
            break
    return reached.reshape(len(loc_grid), len(log_scale_grid))


def _flow(mixture: Mixture, loc: Tensor, log_scale: Tensor, size: float) -> tuple[Tensor, Tensor]:
    """One Euler step against the natural gradient: Fisher's metric is diag(1/scale², 2) in (loc, log scale)."""
    scale = log_scale.exp()
    m = moments(mixture, loc, scale, order=6)
    step_loc = (size * m.slope * scale**2).clamp(-0.5 * scale, 0.5 * scale)
    return loc + step_loc, log_scale + (size * 0.5 * (1 + m.slope_z)).clamp(-0.3, 0.3)
