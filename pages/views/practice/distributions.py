"""Distributions as the questions write them."""

from kl_core.families import FAMILIES

from ...shared.values import ChosenDistribution


def normal(loc: float, scale: float) -> ChosenDistribution:
    return ChosenDistribution(FAMILIES["normal"], {"loc": loc, "scale": scale})


def bars(*probs: float) -> ChosenDistribution:
    return ChosenDistribution(FAMILIES["categorical"], {"probs": probs})


def coin(probs: float) -> ChosenDistribution:
    return ChosenDistribution(FAMILIES["bernoulli"], {"probs": probs})


def two_hills(apart: float, scale: float = 1.0) -> ChosenDistribution:
    """½N(−apart, scale) + ½N(apart, scale)."""
    return ChosenDistribution(FAMILIES["gaussian_mixture"], {"weights": (0.5, 0.5), "locs": (-apart, apart), "scales": (scale, scale)})


def evenly(low: float, high: float, count: int) -> tuple[float, ...]:
    """`count` places from low to high, without rounding noise."""
    return tuple(round(low + (high - low) * i / (count - 1), 10) for i in range(count))
