"""Mixtures of discrete distributions: a sum over outcomes, where the density spec of Gaussian mixtures would lay panels."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.distributions import MixtureSameFamily

from ..density import DensitySpec, density_of, register_density
from ..families import gaussian_mixture
from ..families.gaussian_mixture import log_weights


def _log_mass(d: MixtureSameFamily, k: Tensor, below: Tensor | None = None) -> Tensor:
    parts = d.component_distribution
    each = density_of(parts).log_density(parts, k.unsqueeze(-2), None) + log_weights(d).unsqueeze(-1)
    # An outcome that no component has: −inf, and 0 rather than NaN for a gradient.
    none = (each == -torch.inf).all(-2)
    return torch.where(none, -torch.inf, torch.where(none.unsqueeze(-2), 0.0, each).logsumexp(-2))


def _extent(d: MixtureSameFamily, ends: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """From the least to the greatest of the components' ends, of those with weight."""
    dead = log_weights(d) == -torch.inf
    lower, upper = ends
    return torch.where(dead, torch.inf, lower).amin(-1), torch.where(dead, -torch.inf, upper).amax(-1)


def _quantile(d: MixtureSameFamily, u: float) -> float:
    """The least outcome with at least u of the mass up to it, by adding up."""
    first, last = (end.item() for end in _extent(d, density_of(d.component_distribution).window(d.component_distribution)))
    k = torch.arange(first, last + 1, dtype=torch.float64, device=log_weights(d).device)
    return first + int((_log_mass(d, k).exp().cumsum(-1) < u).sum().clamp_max(len(k) - 1))


DISCRETE = DensitySpec(
    arguments=gaussian_mixture.DENSITY.arguments,
    support=lambda d: _extent(d, density_of(d.component_distribution).support(d.component_distribution)),
    log_density=_log_mass,
    quantile=_quantile,
    window=lambda d: _extent(d, density_of(d.component_distribution).window(d.component_distribution)),
)

CONTINUOUS = gaussian_mixture.DENSITY
register_density(
    MixtureSameFamily, replace(CONTINUOUS, instead=lambda d: DISCRETE if density_of(d.component_distribution).discrete else CONTINUOUS)
)
