"""Nodes for a Q that moves a little at a time: the target's shared ones while they resolve it, else panels cut for it, which are
cut again when it has left them. In NumPy, as `numpy_slopes` wants them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from .models import Model
from .numpy_models import Array, Coords
from .target_nodes import PanelNodes, TargetNodes

__all__ = ["MovingNodes", "NodeArrays"]

_ORDER, _NEAR_ORDER = 14, 20  # nodes of a shared panel, and of one cut for a narrow Q
_SHIFT, _STRETCH = 0.5, 1.25  # by how much a Q may differ from the one that panels were cut for, in its scales and as a factor


@dataclass(frozen=True)
class NodeArrays:
    """x, weights, log_p, and p of it, (nodes,). mass: ∫ p. negentropy: ∫ p·log p."""

    x: Array
    weights: Array
    log_p: Array
    p: Array
    mass: float
    negentropy: float

    @staticmethod
    def of(x: Array, weights: Array, log_p: Array) -> NodeArrays:
        p = np.exp(log_p)
        spread = weights * p
        return NodeArrays(x, weights, log_p, p, float(spread.sum()), float(spread @ np.where(p > 0, log_p, 0.0)))


@dataclass(frozen=True)
class _Panels:
    """Edges in ascending order, `order` nodes between each two, and whom they were cut for; None for all whom they resolve."""

    edges: Array
    order: int
    nodes: NodeArrays
    bells: list[tuple[float, float]] | None = None


class MovingNodes:
    """target: its nodes. model: Q's family; where that has a corner, panels are cut at Q's centre as well."""

    def __init__(self, target: TargetNodes, model: Model):
        self._target, self._model = target, model
        self._shared = _Panels(target.edges.numpy(), _ORDER, _arrays(target.shared(_ORDER)))
        self._near: _Panels | None = None

    def at(self, coords: Coords, bells: list[tuple[float, float]]) -> NodeArrays:
        """Nodes that resolve this Q; bells: the centre and scale of each of its bells."""
        panels = self._panels(coords, bells)
        return _cut(panels, bells[0][0]) if self._model.kinked else panels.nodes

    def _panels(self, coords: Coords, bells: list[tuple[float, float]]) -> _Panels:
        if all(self._target.resolves_bell(*bell) for bell in bells):
            return self._shared
        if self._near is None or not _alike(self._near.bells or [], bells):
            rows = torch.as_tensor(coords, dtype=torch.float64, device="cpu").view(1, -1)
            edges = self._target.own_edges(self._model, rows)
            nodes = _arrays(self._target.on(edges, _NEAR_ORDER))
            self._near = _Panels(edges[0].numpy(), _NEAR_ORDER, nodes, bells)
        return self._near


def _alike(before: list[tuple[float, float]], now: list[tuple[float, float]]) -> bool:
    return all(
        abs(loc - old) <= _SHIFT * size and size / _STRETCH <= scale <= size * _STRETCH for (old, size), (loc, scale) in zip(before, now)
    )


def _arrays(nodes: PanelNodes) -> NodeArrays:
    return NodeArrays.of(nodes.x.flatten().numpy(), nodes.weights.flatten().numpy(), nodes.log_p.flatten().numpy())


@cache
def _interpolation(order: int) -> tuple[Array, Array, Array]:
    """Gauss–Legendre nodes on [−1, 1], their weights, and what turns values at the nodes into Legendre coefficients."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    vandermonde = np.polynomial.legendre.legvander(nodes, order - 1)
    return nodes, weights, np.linalg.inv(vandermonde).astype(np.float64)


def _cut(panels: _Panels, place: float) -> NodeArrays:
    """The nodes with the panel that holds a place cut in two there, where log p is its polynomial, and the place itself, of weight 0,
    as the last one."""
    whole, edges, order = panels.nodes, panels.edges, panels.order
    k = min(max(int(np.searchsorted(edges, place)) - 1, 0), len(edges) - 2)
    start, end = edges[k], edges[k + 1]
    here = slice(k * order, (k + 1) * order)
    nodes, weights, coefficients = _interpolation(order)
    at = min(max(2 * (place - start) / (end - start) - 1, -1.0), 1.0) if end > start else 1.0
    left, right = (at + 1) / 2, (1 - at) / 2
    t = np.concatenate([(nodes + 1) * left - 1, (nodes + 1) * right + at, [at]])
    log_p = whole.log_p[here]
    if np.isfinite(log_p).all():
        log_p = np.polynomial.legendre.legvander(t, order - 1) @ (coefficients @ log_p)
    else:
        log_p = np.full(len(t), -np.inf)  # a panel lies outside P's support, or inside
    half = (end - start) / 2
    x = start + half * (t + 1)
    spread = half * np.concatenate([left * weights, right * weights, [0.0]])
    keep = np.r_[0 : here.start, here.stop : len(whole.x)]
    joined = lambda old, new: np.concatenate([old[keep], new])
    return NodeArrays.of(joined(whole.x, x), joined(whole.weights, spread), joined(whole.log_p, log_p))
