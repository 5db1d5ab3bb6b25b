"""The gallery: seven shapes to fit, each a single torch distribution on the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, StudentT, Uniform

from ..families.gaussian_mixture import gaussian_mixture

__all__ = ["TARGETS", "Shape"]


@dataclass(frozen=True)
class Shape:
    """name: for links. label: for people. build: makes the distribution, float64, without batch."""

    name: str
    label: str
    build: Callable[[], Distribution]


def _vector(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64, device="cpu")


def _hills(weights: tuple[float, ...], locs: tuple[float, ...], scales: tuple[float, ...]) -> Callable[[], Distribution]:
    return lambda: gaussian_mixture(_vector(*weights), _vector(*locs), _vector(*scales))


def _skewed() -> Distribution:
    """The first five bells of Marron & Wand's "strongly skewed" density (1992, density 3), stretched by 2 and moved by 3.

    N(3·((2/3)ˡ − 1), (2/3)²ˡ), l = 0 … 4, in equal parts: steep on the left, a long tail on the right.
    """
    powers = (2 / 3) ** torch.arange(5, dtype=torch.float64, device="cpu")
    return gaussian_mixture(torch.full_like(powers, 1 / 5), 6 * (powers - 1) + 3, 2 * powers)


TARGETS = {
    target.name: target
    for target in (
        Shape("two-hills", "Two hills", _hills((0.5, 0.5), (-3.0, 3.0), (1.0, 1.0))),
        Shape("unequal-hills", "Unequal hills", _hills((0.75, 0.25), (-2.0, 3.0), (1.0, 1.0))),
        Shape("spike-and-hump", "Spike and hump", _hills((0.3, 0.7), (-2.5, 1.5), (0.3, 1.5))),
        Shape("three-hills", "Three hills", _hills((1 / 3, 1 / 3, 1 / 3), (-4.5, 0.0, 4.5), (0.8, 0.8, 0.8))),
        Shape("skewed", "Skewed", _skewed),
        Shape("heavy-tails", "Heavy tails", lambda: StudentT(_vector(3.0)[0], _vector(0.0)[0], _vector(1.0)[0])),
        Shape("box", "Box", lambda: Uniform(_vector(-3.0)[0], _vector(3.0)[0])),
    )
}
