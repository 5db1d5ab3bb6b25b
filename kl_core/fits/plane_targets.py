"""Targets in the plane: pictures that books show, computed, and shapes to play with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.distributions import MixtureSameFamily

from .plane_nodes import plane_mixture

__all__ = ["MURPHY_DRAWN", "PLANE_TARGETS", "PlaneTarget", "murphy"]

# What Murphy's notebook draws as "reverse KL": N(mode, 0.6·Σ) on either hill, by (mean, covariance).
MURPHY_DRAWN = (((-1.0, -1.0), ((0.3, 0.15), (0.15, 0.6))), ((1.0, 1.0), ((0.3, -0.15), (-0.15, 0.6))))


@dataclass(frozen=True)
class PlaneTarget:
    """name: for links. label: for people. covariance: of the q that it is shown with. source: whose picture it is, or ""."""

    name: str
    label: str
    build: Callable[[], MixtureSameFamily]
    covariance: str = "full"
    source: str = ""


def murphy(separation: float = 1.0) -> MixtureSameFamily:
    """½N((−s, −s), [[.5, .25], [.25, 1]]) + ½N((s, s), [[.5, −.25], [−.25, 1]]), s the separation; Murphy (2022), figure 6.3, has s = 1."""
    locs = torch.tensor([[-separation, -separation], [separation, separation]], dtype=torch.float64, device="cpu")
    covariances = torch.tensor([[[0.5, 0.25], [0.25, 1.0]], [[0.5, -0.25], [-0.25, 1.0]]], dtype=torch.float64, device="cpu")
    return plane_mixture(torch.full((2,), 0.5, dtype=torch.float64, device="cpu"), locs, covariances)


def _mixture(weights: Sequence[float], locs: Sequence[Sequence[float]], covariances: Sequence[Any]) -> Callable[[], MixtureSameFamily]:
    return lambda: plane_mixture(*(torch.tensor(value, dtype=torch.float64, device="cpu") for value in (weights, locs, covariances)))


def _ring(hills: int = 6, radius: float = 3.0, sd: float = 0.7) -> MixtureSameFamily:
    angles = torch.arange(hills, dtype=torch.float64, device="cpu") * (2 * math.pi / hills)
    locs = radius * torch.stack([angles.cos(), angles.sin()], -1)
    return plane_mixture(
        torch.ones(hills, device="cpu"), locs, (sd**2 * torch.eye(2, dtype=torch.float64, device="cpu")).expand(hills, 2, 2)
    )


_THREE = (
    (0.4, 0.35, 0.25),
    ((-2.5, -1.0), (2.0, -1.5), (0.5, 2.5)),
    (((0.8, 0.3), (0.3, 0.6)), ((0.6, -0.2), (-0.2, 0.9)), ((1.0, 0.0), (0.0, 0.4))),
)
_BISHOP_3 = ((0.5, 0.5), ((-1.5, -1.5), (1.5, 1.5)), (((0.6, -0.3), (-0.3, 0.6)), ((0.6, -0.3), (-0.3, 0.6))))

PLANE_TARGETS = {
    target.name: target
    for target in (
        PlaneTarget("murphy", "Murphy's two hills", murphy, "full", "Murphy (2022), figure 6.3"),
        PlaneTarget("murphy-apart", "The same, 1.5 times as far apart", lambda: murphy(1.5)),
        PlaneTarget(
            "bishop-factorised",
            "A slanted Gaussian",
            _mixture((1.0,), ((0.0, 0.0),), (((1.0, 0.9), (0.9, 1.0)),)),
            "diagonal",
            "after Bishop (2006), figure 10.2",
        ),
        PlaneTarget("bishop-two-hills", "Two slanted hills", _mixture(*_BISHOP_3), "full", "after Bishop (2006), figure 10.3"),
        PlaneTarget("three-hills", "Three hills", _mixture(*_THREE)),
        PlaneTarget("ring", "A ring of hills", _ring),
    )
}
