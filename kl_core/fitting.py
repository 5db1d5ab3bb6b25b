"""One Gaussian fitted to a mixture, both ways.

Forward: argmin KL(target‖q), under the target: exact moment matching. Reverse: argmin KL(q‖target), under the model:
every local minimum. Forward and reverse mean something only in relation to a fit; they are used here and nowhere below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.distributions import MixtureSameFamily, Normal

from .divergence import kl
from .families.gaussian_mixture import gaussian_mixture
from .gaussian_average import Mixture, average_log_density, moments

__all__ = ["Fit", "fit_forward", "fit_reverse", "reverse_slope", "reverse_value", "modified_newton_step"]

ITERATIONS = 60
SAME = 1e-6
"""Two ends of a search within this many standard deviations are one minimum."""

_LOG_2_PI_E = math.log(2 * math.pi * math.e)


@dataclass(frozen=True)
class Fit:
    """A stationary Gaussian: loc, scale, its KL in nats, and the Hessian of KL in (loc, log scale), (2, 2)."""

    loc: Tensor
    scale: Tensor
    kl: Tensor
    hessian: Tensor


def fit_forward(target: MixtureSameFamily) -> Fit:
    """The Gaussian q that minimises KL(target‖q): the target's own mean and variance (Bishop 2006, 10.187).

    target: a mixture of Gaussians, any batch_shape; the fit's tensors have that shape (the Hessian + (2, 2)).
    """
    mixture = Mixture.of(target)
    weight = mixture.log_weight.exp()
    loc = (weight * mixture.loc).sum(-1)
    # About the mean, not E[x²] − mean²: no digits are lost far from 0.
    variance = (weight * (mixture.scale**2 + (mixture.loc - loc[..., None]) ** 2)).sum(-1)
    scale = variance.sqrt()
    zero = torch.zeros_like(loc)
    hessian = torch.stack([torch.stack([1 / variance, zero], -1), torch.stack([zero, zero + 2], -1)], -2)
    return Fit(loc, scale, kl(target, Normal(loc, scale)), hessian)


def fit_reverse(target: MixtureSameFamily) -> list[Fit] | list[list[Fit]]:
    """Every local minimum of KL(q‖target) over Gaussians q, sorted by KL; for a batch of targets a list for each.

    Newton's method on (loc, log scale), with the Hessian's eigenvalues made positive so that it leaves saddles, from
    the moments of every subset of components and a grid besides; all targets and starts at once.
    """
    mixture = Mixture.of(target)
    batch = mixture.loc.shape[:-1]
    flat = Mixture(*(one.reshape(-1, one.shape[-1]) for one in (mixture.log_weight, mixture.loc, mixture.scale, mixture.cuts)))
    loc, log_scale = _search(flat.unsqueezed(), *_starts(flat))
    value, gradient, hessian = reverse_slope(flat.unsqueezed(), loc, log_scale)
    good = _is_minimum(gradient, hessian, log_scale)
    found = [_distinct(loc[i][good[i]], log_scale[i][good[i]], value[i][good[i]], hessian[i][good[i]]) for i in range(len(loc))]
    fits = [_fits(each, gaussian_mixture(flat.log_weight[i].exp(), flat.loc[i], flat.scale[i])) for i, each in enumerate(found)]
    return fits[0] if not batch else fits


def reverse_value(mixture: Mixture, loc: Tensor, log_scale: Tensor) -> Tensor:
    """KL(q‖target) in nats = −½ log 2πe − log scale − E_q[log p]."""
    return -0.5 * _LOG_2_PI_E - log_scale - average_log_density(mixture, loc, log_scale.exp())


def reverse_slope(mixture: Mixture, loc: Tensor, log_scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """KL(q‖target), its gradient (…, 2) and its Hessian (…, 2, 2) in (loc, log scale), by x = loc + scale·z."""
    m = moments(mixture, loc, log_scale.exp(), curvature=True)
    value = -0.5 * _LOG_2_PI_E - log_scale - m.log_p
    gradient = torch.stack([-m.slope, -1 - m.slope_z], -1)
    rows = [torch.stack([-m.curve, -m.curve_z], -1), torch.stack([-m.curve_z, -m.curve_zz - m.slope_z], -1)]
    return value, gradient, torch.stack(rows, -2)


def modified_newton_step(gradient: Tensor, hessian: Tensor, log_scale: Tensor) -> Tensor:
    """−|H|⁻¹·gradient, at most one standard deviation and a factor e long: downhill from anywhere."""
    # In units of the Gaussian's own width, so that spikes and hills are alike.
    unit = torch.stack([log_scale.exp(), torch.ones_like(log_scale)], -1)
    g, h = gradient * unit, hessian * unit[..., :, None] * unit[..., None, :]
    values, vectors = torch.linalg.eigh(h)
    along = (vectors.mT @ g[..., None])[..., 0] / values.abs().clamp_min(1e-8)
    step = -(vectors @ along[..., None])[..., 0]
    return unit * step / (step.abs().amax(-1, keepdim=True)).clamp_min(1)


def _search(mixture: Mixture, loc: Tensor, log_scale: Tensor) -> tuple[Tensor, Tensor]:
    for _ in range(ITERATIONS):
        _, gradient, hessian = reverse_slope(mixture, loc, log_scale)
        step = modified_newton_step(gradient, hessian, log_scale)
        loc, log_scale = loc + step[..., 0], log_scale + step[..., 1]
        if bool((step / torch.stack([log_scale.exp(), torch.ones_like(loc)], -1)).abs().max() < 1e-13):
            break
    return loc, log_scale


def _starts(mixture: Mixture) -> tuple[Tensor, Tensor]:
    """Where searches begin, (targets, starts): the moments of each subset of components, and a coarse grid."""
    loc, scale = mixture.loc, mixture.scale
    weight = mixture.log_weight.exp()
    subsets = torch.tensor([one for one in product((0.0, 1.0), repeat=loc.shape[-1]) if any(one)], dtype=loc.dtype)
    share = subsets * weight[:, None, :].clamp_min(1e-12)
    share = share / share.sum(-1, keepdim=True)
    means = (share * loc[:, None, :]).sum(-1)
    spread = (share * (scale[:, None, :] ** 2 + (loc[:, None, :] - means[..., None]) ** 2)).sum(-1).sqrt()
    low, high = (loc - scale).amin(-1), (loc + scale).amax(-1)
    places = torch.linspace(0, 1, 7, dtype=loc.dtype)
    sizes = torch.linspace(0, 1, 3, dtype=loc.dtype)
    grid_loc = (low[:, None] + (high - low)[:, None] * places)[:, :, None].expand(-1, -1, 3).flatten(1)
    ends = scale.amin(-1).log()[:, None], (high - low).log()[:, None]
    grid_scale = (ends[0] + (ends[1] - ends[0]) * sizes)[:, None, :].expand(-1, 7, -1).flatten(1)
    return torch.cat([means, grid_loc], -1), torch.cat([spread.log(), grid_scale], -1)


def _is_minimum(gradient: Tensor, hessian: Tensor, log_scale: Tensor) -> Tensor:
    unit = torch.stack([log_scale.exp(), torch.ones_like(log_scale)], -1)
    flat = (gradient * unit).abs().amax(-1) < 1e-9
    curved = torch.linalg.eigvalsh(hessian * unit[..., :, None] * unit[..., None, :])[..., 0] > 1e-9
    return flat & curved


def _distinct(loc: Tensor, log_scale: Tensor, value: Tensor, hessian: Tensor) -> list[tuple[Tensor, ...]]:
    """One of each, the deepest first."""
    kept: list[tuple[Tensor, ...]] = []
    for i in value.argsort().tolist():
        near = (bool((loc[i] - one[0]).abs() < SAME * log_scale[i].exp()) and bool((log_scale[i] - one[1]).abs() < SAME)
                for one in kept)
        if not any(near):
            kept.append((loc[i], log_scale[i], hessian[i]))
    return kept


def _fits(found: list[tuple[Tensor, ...]], target: MixtureSameFamily) -> list[Fit]:
    """With the KL that `kl` finds, which keeps its digits where the target is nearly a Gaussian itself."""
    if not found:
        return []
    loc, log_scale, hessian = (torch.stack(each) for each in zip(*found, strict=True))
    scale = log_scale.exp()
    value = kl(Normal(loc, scale), target)
    order = value.argsort().tolist()
    return [Fit(loc[i], scale[i], value[i], hessian[i]) for i in order]
