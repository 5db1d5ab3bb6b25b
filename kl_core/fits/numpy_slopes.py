"""A fit's value and slopes at one Q in NumPy, for paths: what `Problem` gives for many Qs at once in torch."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from .moving_nodes import MovingNodes, NodeArrays
from .numpy_models import LARGEST, Array, Coords, exp_within, numpy_model
from .problem import Problem

__all__ = ["NumpySlopes", "numpy_slopes"]

_LOG_2 = math.log(2)


class NumpySlopes(Protocol):
    """coords: k plain numbers, by `Model.coordinates`. Slopes are in Q's own units; the divergence is in nats."""

    def units(self, coords: Coords) -> list[float]:
        """How much each coordinate changes in a step of 1 in Q's own units."""

    def gradient(self, coords: Coords) -> tuple[float, list[float]]:
        """The divergence and its gradient, (k,)."""

    def slopes(self, coords: Coords) -> tuple[float, list[float], Array]:
        """The same with the Hessian, (k, k)."""

    def value(self, coords: Coords) -> float:
        """The divergence."""

    def fisher(self, coords: Coords) -> Array:
        """Fisher's metric, (k, k): E_Q of the score's outer product."""


def numpy_slopes(problem: Problem) -> NumpySlopes:
    """Of a problem whose divergence is finite; from P's moments where they are all that counts."""
    return _ByMoments(problem) if problem.moments else _ByNodes(problem)


class _ByMoments:
    """KL(P‖Q) = KL(P‖N) + KL(N‖Q), N the Gaussian of P's moments."""

    def __init__(self, problem: Problem):
        assert problem.moments is not None
        self.units = numpy_model(problem.model).units
        self._mean, self._variance = (moment.item() for moment in problem.moments)
        self._least = problem.least.item()

    def _apart(self, coords: Coords) -> tuple[float, float]:
        """z, from P's mean to Q's in Q's scales, and the logarithm of P's sd in them."""
        return (coords[0] - self._mean) * exp_within(-coords[1]), 0.5 * math.log(self._variance) - coords[1]

    def gradient(self, coords: Coords) -> tuple[float, list[float]]:
        z, size = self._apart(coords)
        excess = math.expm1(min(2 * size, LARGEST))
        return self._least + 0.5 * (excess + z * z) - size, [z, -excess - z * z]

    def slopes(self, coords: Coords) -> tuple[float, list[float], Array]:
        value, gradient = self.gradient(coords)
        return value, gradient, np.array([[1.0, -2 * gradient[0]], [-2 * gradient[0], 2 * (1 - gradient[1])]])

    def value(self, coords: Coords) -> float:
        return self.gradient(coords)[0]

    def fisher(self, coords: Coords) -> Array:
        return np.diag([1.0, 2.0])


class _ByNodes:
    """By quadrature, on nodes that follow Q."""

    def __init__(self, problem: Problem):
        self.model, self._alpha = numpy_model(problem.model), problem.divergence.alpha
        self.units = self.model.units
        self._nodes = MovingNodes(problem.nodes, problem.model)
        self._kinked = problem.model.kinked

    def gradient(self, coords: Coords) -> tuple[float, list[float]]:
        nodes, log_q, parts = self._at(coords)
        q = np.exp(log_q)
        first = nodes.weights * self._first(nodes, log_q, q)
        return self._value(nodes, log_q, q, first), self.model.gradient(parts, first)

    def slopes(self, coords: Coords) -> tuple[float, list[float], Array]:
        nodes, log_q, parts = self._at(coords)
        q = np.exp(log_q)
        bare = self._first(nodes, log_q, q)
        first, second = nodes.weights * bare, nodes.weights * self._second(nodes, q, bare)
        hessian = self.model.hessian(parts, first, second)
        if self._kinked:  # the corner at Q's centre, the last of the nodes: (log f)″ = −2δ
            hessian[0, 0] -= 2 * self.units(coords)[0] * bare[-1]
        return self._value(nodes, log_q, q, first), self.model.gradient(parts, first), hessian

    def value(self, coords: Coords) -> float:
        nodes, log_q, _ = self._at(coords)
        q = np.exp(log_q)
        return self._value(nodes, log_q, q, nodes.weights * self._first(nodes, log_q, q))

    def fisher(self, coords: Coords) -> Array:
        nodes, log_q, parts = self._at(coords)
        return self.model.hessian(parts, np.zeros_like(log_q), nodes.weights * np.exp(log_q))

    def _at(self, coords: Coords) -> tuple[NodeArrays, Array, object]:
        nodes = self._nodes.at(coords, self.model.bells(coords))
        log_q, parts = self.model.log_density(coords, nodes.x)
        return nodes, log_q, parts

    def _first(self, nodes: NodeArrays, log_q: Array, q: Array) -> Array:
        """φ₁ = ∂φ/∂log q, as in `integrands`."""
        if self._alpha == 1:
            return q - nodes.p
        if self._alpha == 0:
            return q * (log_q - nodes.log_p)
        if self._alpha is None:
            return 0.5 * q * (_LOG_2 - np.logaddexp(0.0, nodes.log_p - log_q))
        return (q - np.exp(log_q + self._alpha * (nodes.log_p - log_q))) / self._alpha

    def _second(self, nodes: NodeArrays, q: Array, first: Array) -> Array:
        """φ₂ = ∂²φ/∂(log q)²."""
        if self._alpha == 1:
            return q
        if self._alpha == 0:
            return first + q
        if self._alpha is None:
            total = nodes.p + q
            return first + 0.5 * nodes.p * q / np.where(total > 0, total, 1.0)
        return first + q - self._alpha * first

    def _value(self, nodes: NodeArrays, log_q: Array, q: Array, first: Array) -> float:
        """∫ φ, first = weights·φ₁; what rounding leaves of it is about 1e-15 nats."""
        if self._alpha == 1:
            return float(nodes.negentropy - (nodes.weights * nodes.p) @ log_q + first.sum())
        if self._alpha is None:
            log_p_share = _LOG_2 - np.logaddexp(0.0, log_q - nodes.log_p)
            return float(0.5 * (nodes.weights * nodes.p) @ np.where(nodes.p > 0, log_p_share, 0.0) + first.sum())
        return float((nodes.mass - nodes.weights @ q + first.sum()) / (1 - self._alpha))
