"""The families of `models` in NumPy, one member at a time: a path asks hundreds of times in a row, and torch's calls would cost
ten times what they compute. `tests/kl_core/fits/test_numpy_slopes.py` holds both to the same numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .models import LocationScale, Model, TwoGaussians

__all__ = ["LARGEST", "Array", "Coords", "NumpyModel", "exp_within", "numpy_model"]

Array = NDArray[np.float64]
Coords = Sequence[float]
Parts = Any  # what gradient and hessian want of log_density
_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
LARGEST = 300.0  # beyond e^±300 a width is as good as 0 or ∞


def exp_within(size: float) -> float:
    """e^size, for sizes beyond ±300 that of the nearest."""
    return math.exp(size if -LARGEST < size < LARGEST else math.copysign(LARGEST, size))


class NumpyModel(Protocol):
    """coords: k plain numbers, by `Model.coordinates`; x: (nodes,). Sums run over the nodes; own units as in `models`."""

    def units(self, coords: Coords) -> list[float]:
        """How much each coordinate changes in a step of 1 in Q's own units."""

    def bells(self, coords: Coords) -> list[tuple[float, float]]:
        """Centre and scale of each bell."""

    def log_density(self, coords: Coords, x: Array) -> tuple[Array, Parts]:
        """log q at x, and what `gradient` and `hessian` want of it."""

    def gradient(self, parts: Parts, first: Array) -> list[float]:
        """Σ first·∂log q."""

    def hessian(self, parts: Parts, first: Array, second: Array) -> Array:
        """Σ second·∂log q·∂log qᵀ + first·∂²log q, (k, k), less the corner of a Laplace."""


class _LocationScale:
    """q(x) = f(z)/scale, z = (x − loc)/scale."""

    def __init__(self, model: LocationScale):
        self.base, self.df = model.base, model.df
        student = lambda df: math.lgamma(df / 2) - math.lgamma((df + 1) / 2) + 0.5 * math.log(math.pi * df)
        self._constant = {"normal": _LOG_SQRT_2PI, "laplace": math.log(2)}.get(model.base) or student(model.df)

    def units(self, coords: Coords) -> list[float]:
        return [exp_within(coords[1]), 1.0]

    def bells(self, coords: Coords) -> list[tuple[float, float]]:
        return [(coords[0], exp_within(coords[1]))]

    def log_density(self, coords: Coords, x: Array) -> tuple[Array, Parts]:
        z = (x - coords[0]) * exp_within(-coords[1])
        below = coords[1] + self._constant
        if self.base == "normal":
            return z * z * -0.5 - below, z
        if self.base == "laplace":
            return -np.abs(z) - below, z
        return -(self.df + 1) / 2 * np.log1p(z * z / self.df) - below, z

    def _slopes(self, z: Array) -> tuple[Array, Array]:
        """The first two derivatives of log f."""
        if self.base == "normal":
            return -z, np.full_like(z, -1.0)
        if self.base == "laplace":
            return -np.sign(z), np.zeros_like(z)
        bottom = self.df + z * z
        return -(self.df + 1) * z / bottom, -(self.df + 1) * (self.df - z * z) / (bottom * bottom)

    def gradient(self, z: Parts, first: Array) -> list[float]:
        along = first * z if self.base == "normal" else -first * self._slopes(z)[0]
        return [along.sum(), along @ z - first.sum()]

    def hessian(self, z: Parts, first: Array, second: Array) -> Array:
        slope, bend = self._slopes(z)
        along_scale, mixed = -1 - z * slope, slope + z * bend
        a = second @ (slope * slope) + first @ bend
        b = -second @ (slope * along_scale) + first @ mixed
        return np.array([[a, b], [b, second @ (along_scale * along_scale) + first @ (z * mixed)]])


class _TwoGaussians:
    """w·N(loc1, scale1²) + (1 − w)·N(loc2, scale2²), w = sigmoid(log odds)."""

    def units(self, coords: Coords) -> list[float]:
        return [1.0, exp_within(coords[2]), 1.0, exp_within(coords[4]), 1.0]

    def bells(self, coords: Coords) -> list[tuple[float, float]]:
        return [(coords[1], exp_within(coords[2])), (coords[3], exp_within(coords[4]))]

    def log_density(self, coords: Coords, x: Array) -> tuple[Array, Parts]:
        odds, loc1, size1, loc2, size2 = coords
        z1, z2 = (x - loc1) * exp_within(-size1), (x - loc2) * exp_within(-size2)
        log_weights = -np.logaddexp(0.0, [-odds, odds])
        log1, log2 = z1 * z1 * -0.5 + (log_weights[0] - size1), z2 * z2 * -0.5 + (log_weights[1] - size2)
        top, gap = np.maximum(log1, log2), log1 - log2
        less = np.exp(-np.abs(gap))
        shares = np.where([gap > 0, gap <= 0], 1.0, less) / (1 + less)
        return top + np.log1p(less) - _LOG_SQRT_2PI, (z1, z2, *shares, np.exp(log_weights[0]))

    def gradient(self, parts: Parts, first: Array) -> list[float]:
        z1, z2, share1, share2, weight = parts
        mass1, mass2 = first * share1, first * share2
        total, along1, along2 = mass1.sum(), mass1 * z1, mass2 * z2
        return [
            total - weight * (total + mass2.sum()),
            along1.sum(),
            along1 @ z1 - total,
            along2.sum(),
            along2 @ z2 - mass2.sum(),
        ]

    def hessian(self, parts: Parts, first: Array, second: Array) -> Array:
        """∂²log q = Σ share·∂²log(wN) + share1·share2·ddᵀ over both components, d the difference of their ∂log(wN)."""
        z1, z2, share1, share2, weight = parts
        none = np.zeros_like(z1)
        scores1 = np.stack([np.full_like(z1, 1 - weight), z1, z1 * z1 - 1, none, none])
        scores2 = np.stack([np.full_like(z1, -weight), none, none, z2, z2 * z2 - 1])
        both, apart = share1 * scores1 + share2 * scores2, scores1 - scores2
        mass1, mass2 = first * share1, first * share2
        result: Array = second * both @ both.T + mass1 * share2 * apart @ apart.T
        result[0, 0] -= weight * (1 - weight) * first.sum()
        for i, z, mass in ((1, z1, mass1), (3, z2, mass2)):
            cross = -2 * (mass @ z)
            result[i : i + 2, i : i + 2] += [[-mass.sum(), cross], [cross, -2 * (mass @ (z * z))]]
        return result


def numpy_model(model: Model) -> NumpyModel:
    """The same family in NumPy."""
    if isinstance(model, TwoGaussians):
        return _TwoGaussians()
    assert isinstance(model, LocationScale)
    return _LocationScale(model)
