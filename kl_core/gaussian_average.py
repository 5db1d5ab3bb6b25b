"""Averages under a Gaussian of what a mixture's log-density is and does: the ground under every reverse fit.

With x = loc + scale·z, z standard normal, E_q[f(x)] is integrated by Gauss–Legendre panels in z. Their edges are fixed
ones for the Gaussian's own weight, and the branch points of the mixture's log-density, where it turns over from one
component to the next; between them it is close to a parabola.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import MixtureSameFamily

from .families.gaussian_mixture import branch_cuts, log_weights
from .quadrature import panels

__all__ = ["Mixture", "Moments", "average_log_density", "moments"]

REACH = 9.0
"""Standard deviations kept: a Gaussian has 2e-19 of its mass beyond."""

_OWN_EDGES = (-REACH, -6.5, -4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5, 6.5, REACH)


@dataclass(frozen=True)
class Mixture:
    """A Gaussian mixture as tensors; all (batch_shape + (components,)), cuts (batch_shape + (cuts,))."""

    log_weight: Tensor
    loc: Tensor
    scale: Tensor
    cuts: Tensor

    @classmethod
    def of(cls, target: MixtureSameFamily) -> Mixture:
        """From torch's distribution, in float64. ValueError when it is no mixture of one-dimensional Gaussians."""
        parts = getattr(target, "component_distribution", None)
        if not isinstance(parts, torch.distributions.Normal):
            raise ValueError(f"target must be a mixture of Gaussians, not {type(target).__name__}")
        log_weight = log_weights(target).double()
        return cls(*torch.broadcast_tensors(log_weight, parts.loc.double(), parts.scale.double()), branch_cuts(target).double())

    def unsqueezed(self) -> Mixture:
        """With one more batch axis, last, to meet many Gaussians for each target."""
        return Mixture(*(one.unsqueeze(-2) for one in (self.log_weight, self.loc, self.scale, self.cuts)))


@dataclass(frozen=True)
class Moments:
    """E_q of log p and of what its slopes do to a Gaussian's parameters; each of the Gaussians' shape.

    log_p: E[ℓ], ℓ = log p. slope: E[ℓ′]. slope_z: E[ℓ′·scale·z]. curve, curve_z, curve_zz: E[ℓ″·(scale·z)^k], k = 0, 1, 2.
    """

    log_p: Tensor
    slope: Tensor
    slope_z: Tensor
    curve: Tensor | None = None
    curve_z: Tensor | None = None
    curve_zz: Tensor | None = None


def nodes(mixture: Mixture, loc: Tensor, scale: Tensor, order: int = 16) -> tuple[Tensor, Tensor]:
    """z and the weights of E over a standard normal, panels cut for this mixture and these Gaussians."""
    own = torch.tensor(_OWN_EDGES, dtype=loc.dtype, device=loc.device)
    cuts = ((mixture.cuts - loc[..., None]) / scale[..., None]).clamp(-REACH, REACH).nan_to_num(0.0)
    edges = torch.cat([own.expand(*cuts.shape[:-1], -1), cuts], -1).sort(-1).values
    z, weight = panels(edges.detach(), order)
    return z, weight * torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def average_log_density(mixture: Mixture, loc: Tensor, scale: Tensor, order: int = 12) -> Tensor:
    """E_q[log p] alone, for many Gaussians: component by component, which needs the fewest tables."""
    z, weight = nodes(mixture, loc, scale, order)
    x = loc[..., None] + scale[..., None] * z
    log_p = None
    for log_weight, centre, width in zip(mixture.log_weight.unbind(-1), mixture.loc.unbind(-1), mixture.scale.unbind(-1), strict=True):
        each = ((x - centre[..., None]) / width[..., None]).square_().mul_(-0.5).add_((log_weight - width.log())[..., None])
        log_p = each if log_p is None else torch.logaddexp(log_p, each)
    return (weight * log_p).sum(-1) - 0.5 * math.log(2 * math.pi)


def moments(mixture: Mixture, loc: Tensor, scale: Tensor, *, curvature: bool = False, order: int = 16) -> Moments:
    """The averages of `Moments` for Gaussians (loc, scale), any shape that broadcasts with the mixture's batch."""
    loc, scale = torch.broadcast_tensors(loc, scale)
    z, weight = nodes(mixture, loc, scale, order)
    step = scale[..., None] * z
    x = loc[..., None] + step
    # (…, components, nodes)
    away = (x[..., None, :] - mixture.loc[..., None]) / mixture.scale[..., None]
    each = mixture.log_weight[..., None] - mixture.scale.log()[..., None] - 0.5 * away * away
    log_p = each.logsumexp(-2)
    share = (each - log_p[..., None, :]).exp()
    slopes = -away / mixture.scale[..., None]
    slope = (share * slopes).sum(-2)

    def average(values: Tensor) -> Tensor:
        return (weight * values).sum(-1)

    first = (average(log_p) - 0.5 * math.log(2 * math.pi), average(slope), average(slope * step))
    if not curvature:
        return Moments(*first)
    bend = (share * (slopes * slopes - (1 / mixture.scale**2)[..., None])).sum(-2) - slope * slope
    return Moments(*first, average(bend), average(bend * step), average(bend * step * step))
