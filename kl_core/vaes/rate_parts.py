"""The rate's three parts over a set of images: mutual information, total correlation and dimension-wise KL.

mean KL(q(z|x)‖p(z)) = I(x; z) + KL(q(z)‖p(z)), with q(z) the mean of all posteriors (Hoffman & Johnson 2016, "ELBO surgery"), and
KL(q(z)‖p(z)) = KL(q(z)‖Π q(zⱼ)) + Σ KL(q(zⱼ)‖p(zⱼ)): total correlation and dimension-wise KL (Chen et al. 2018, "Isolating Sources of
Disentanglement", arXiv 1802.04942). In two dimensions q(z) is a mixture of Gaussians with diagonal covariances, so its density on a
grid is one product of two matrices, and every part is a sum over that grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .vae import posterior_kl
from .vae_latent import Encoded, split_rate

__all__ = ["RateParts", "rate_parts", "sampled_rate_parts", "aggregate_density"]

_FARTHEST = 7.0  # standard deviations of a component: its mass beyond is 3e-12
_SIDES = (257, 513, 1025, 2049)
_ENOUGH = 1e-6


@dataclass(frozen=True)
class RateParts:
    """information + total_correlation + dimension_wise = rate, the exact mean KL; all in nats. by_dimension: the two KL(q(zⱼ)‖p(zⱼ)).
    error: how far the entropies of a grid of every second node are from these, at most; with all nodes they are closer. Where it was
    sampled, the standard error of the mismatch."""

    rate: float
    information: float
    total_correlation: float
    by_dimension: tuple[float, float]
    error: float

    @property
    def dimension_wise(self) -> float:
        return sum(self.by_dimension)

    @property
    def mismatch(self) -> float:
        """KL(q(z)‖p(z)) = total_correlation + dimension_wise."""
        return self.total_correlation + self.dimension_wise


@torch.no_grad()
def rate_parts(encoded: Encoded) -> RateParts:
    """The three parts for these images, two latent dimensions; nodes are doubled until every second one agrees to 1e-6 nats."""
    mu, sd = encoded.mu.double(), encoded.sd.double()
    for side in _SIDES:
        joint, *single, error = _entropies(mu, sd, side)
        if error <= _ENOUGH:
            break
    given = float((0.5 * (2 * math.pi * math.e * sd.square()).log()).sum(-1).mean())
    second = (mu.square() + sd.square()).mean(0)
    by_dimension = [float(0.5 * (math.log(2 * math.pi) + moment)) - entropy for moment, entropy in zip(second, single, strict=True)]
    rate = float(posterior_kl(mu, 2 * sd.log()).sum(-1).mean())
    return RateParts(rate, joint - given, sum(single) - joint, (by_dimension[0], by_dimension[1]), error)


@torch.no_grad()
def sampled_rate_parts(encoded: Encoded, draws: int = 8, seed: int = 0) -> RateParts:
    """The three parts from `draws` samples of each posterior, at least 2: for posteriors too narrow for any grid."""
    if draws < 2:
        raise ValueError(f"draws is {draws}; it is at least 2")
    mu, logvar = encoded.mu.double(), encoded.logvar.double()
    whole = [split_rate(Encoded(mu, logvar, encoded.labels), 1, seed + i) for i in range(draws)]
    mismatch = torch.tensor([split.mismatch for split in whole], dtype=mu.dtype, device="cpu")
    single = [split_rate(Encoded(mu[:, i : i + 1], logvar[:, i : i + 1], encoded.labels), draws, seed).mismatch for i in range(2)]
    information = sum(split.information for split in whole) / draws
    rate = float(posterior_kl(mu, logvar).sum(-1).mean())
    return RateParts(rate, information, float(mismatch.mean()) - sum(single), (single[0], single[1]), float(mismatch.std()) / draws**0.5)


def aggregate_density(encoded: Encoded, axes: tuple[Tensor, Tensor]) -> Tensor:
    """q(z), the mean of all posteriors, at (axes[0][i], axes[1][j]): (n, m)."""
    first, second = (_densities(axis, encoded.mu[:, i].double(), encoded.sd[:, i].double()) for i, axis in enumerate(axes))
    return first @ second.T / len(encoded.mu)


def _densities(axis: Tensor, mu: Tensor, sd: Tensor) -> Tensor:
    """(n, images) N(axis; mu, sd²)."""
    u = (axis.unsqueeze(-1) - mu) / sd
    return (-0.5 * u.square()).exp() / (sd * math.sqrt(2 * math.pi))


def _entropies(mu: Tensor, sd: Tensor, side: int) -> tuple[float, float, float, float]:
    """Of q(z), q(z₁) and q(z₂), in nats, and by how much every second node misses the worst of them."""
    low, high = (mu - _FARTHEST * sd).amin(0), (mu + _FARTHEST * sd).amax(0)
    axes = [torch.linspace(float(a), float(b), side, dtype=mu.dtype, device=mu.device) for a, b in zip(low, high, strict=True)]
    parts = [_densities(axis, mu[:, i], sd[:, i]) for i, axis in enumerate(axes)]
    steps = [float(axis[1] - axis[0]) for axis in axes]
    joint = parts[0] @ parts[1].T / len(mu)
    tables = [(joint, steps[0] * steps[1], 4.0), *((part.mean(-1), step, 2.0) for part, step in zip(parts, steps, strict=True))]
    values, misses = [], []
    for density, cell, coarser in tables:
        whole = cell * float(torch.special.entr(density).sum())
        half = cell * coarser * float(torch.special.entr(density[(slice(None, None, 2),) * density.dim()]).sum())
        values.append(whole)
        misses.append(abs(whole - half))
    return values[0], values[1], values[2], max(misses)
