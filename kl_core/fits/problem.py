"""One fit: a target P, what Q may be and what is minimised, with its value and slopes at any Q."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import log_density
from ..infinite import diverges_in_tail, lacks_support
from .integrands import Divergence
from .mixture_panels import Slopes
from .models import LocationScale, Model
from .target_nodes import PanelNodes, TargetNodes

__all__ = ["Problem"]

_ORDER = 14  # nodes of a shared panel
_CHUNK = 64  # rows with nodes of their own at a time


class Problem:
    """Minimise a divergence between a target P and Q over a family.

    target: any unbatched continuous distribution with a registered density (mixture, drawing, box, heavy tails…).
    model: one of `models.MODELS` or its functions. divergence: one of `integrands.DIVERGENCES` or `alpha_between(α)`.
    nodes: `TargetNodes` of the same target, to share between problems. coords everywhere: (rows, coordinates of the model).
    """

    def __init__(self, target: Distribution, model: Model, divergence: Divergence, nodes: TargetNodes | None = None):
        self.model, self.divergence = model, divergence
        self.nodes = TargetNodes(target, model.reach) if nodes is None else nodes
        self.target = self.nodes.target

    @cached_property
    def infinite_because(self) -> str | None:
        """Why every Q of the family is at an infinite divergence, in one sentence; None if it is finite."""
        alpha = self.divergence.alpha
        if alpha not in (0, 1):
            return None
        q = self.model.distribution(self.typical())
        symbol, first, second = ("KL(P‖Q)", self.target, q) if alpha == 1 else ("KL(Q‖P)", q, self.target)
        if bool(lacks_support(first, second).any()):
            low, high = (f"{end:.3g}".replace("-", "−") for end in self.nodes.support)
            return f"{symbol} is ∞ for every Q here: each has mass outside [{low}, {high}], where P has none."
        if bool(diverges_in_tail(first, second).any()):
            heavy, light = ("P", "Q") if alpha == 1 else ("Q", "P")
            return f"{symbol} is ∞ for every Q here: the tails of {heavy} are too heavy for those of {light}."
        return None

    @cached_property
    def moments(self) -> tuple[Tensor, Tensor] | None:
        """P's mean and variance, where they are all that counts: forward KL over Gaussians, P of finite variance; else None."""
        if self.divergence.alpha != 1 or not isinstance(self.model, LocationScale) or self.model.base != "normal":
            return None
        mean, variance = self.target.mean.double(), self.target.variance.double()
        return (mean, variance) if bool(variance.isfinite()) else None

    @cached_property
    def least(self) -> Tensor:
        """(1,): KL(P‖N), N the Gaussian of P's moments, in nats."""
        assert self.moments is not None
        coords = torch.stack([self.moments[0], 0.5 * self.moments[1].log()]).view(1, 2)
        return self._value(coords, self.nodes.own_nodes(self.model, coords))

    def typical(self) -> Tensor:
        """A member near the middle of P, (1, k)."""
        loc, size = self.nodes.centre, torch.tensor((self.nodes.high - self.nodes.low) / 4, device="cpu").log().item()
        row = [loc, size] if len(self.model.coordinates) == 2 else [0.0, loc - size, size, loc + size, size]
        return torch.tensor([row], dtype=torch.float64, device="cpu")

    def values(self, coords: Tensor) -> Tensor:
        """The divergence in nats, (rows,); inf with the reason in `infinite_because`."""
        if self.infinite_because:
            return torch.full(coords.shape[:1], torch.inf, dtype=torch.float64, device="cpu")
        if self.moments:
            mean, variance = self.moments
            size = 0.5 * variance.log() - coords[:, 1]  # log of the ratio of sds; KL(P‖Q) = KL(P‖N) + KL(N‖Q)
            return self.least + 0.5 * torch.expm1(2 * size) - size + 0.5 * ((coords[:, 0] - mean) / coords[:, 1].exp()).square()
        return self._each(coords, lambda some, nodes: self._value(some, nodes))

    def slopes(self, coords: Tensor, order: int = _ORDER) -> Slopes:
        """Value (rows,), gradient (rows, k) and Hessian (rows, k, k), in Q's own units; see `Model.units`.

        order: nodes of a shared panel; 14 leave about 1e-10.
        """
        parts = self._each(coords, lambda some, nodes: self._slopes(some, nodes), order)
        return Slopes(*parts)

    def exact_slopes(self, coords: Tensor, order: int = 20) -> Slopes:
        """The same on panels cut for each row: right to rounding where the density is smooth between the target's cuts."""
        some = [self._slopes(rows, self.nodes.own_nodes(self.model, rows, order)) for rows in coords.split(_CHUNK)]
        return Slopes(*(torch.cat(column) for column in zip(*some)))

    def _each(self, coords: Tensor, function: Callable[[Tensor, PanelNodes], Any], order: int = _ORDER) -> Any:
        """function(rows, nodes) for all rows, on the shared nodes or, for rows too narrow for them, on their own."""
        resolved = self.nodes.resolves(self.model, coords)
        if bool(resolved.all()):
            return function(coords, self.nodes.shared(order))
        good, bad = resolved.nonzero().squeeze(-1), (~resolved).nonzero().squeeze(-1)
        pieces = [(good, function(coords[good], self.nodes.shared(order)))] if len(good) else []
        for rows in bad.split(_CHUNK):
            pieces.append((rows, function(coords[rows], self.nodes.own_nodes(self.model, coords[rows], 16))))
        order_back = torch.cat([rows for rows, _ in pieces]).argsort()
        if isinstance(pieces[0][1], Tensor):
            return torch.cat([piece for _, piece in pieces])[order_back]
        return tuple(torch.cat(column)[order_back] for column in zip(*(piece for _, piece in pieces)))

    def _value(self, coords: Tensor, nodes: PanelNodes) -> Tensor:
        log_q, _ = self.model.log_density(coords, nodes.x)
        terms = self.divergence.terms(nodes.log_p.expand_as(log_q), log_q)[0]
        return (nodes.weights * terms).sum(-1)

    def _slopes(self, coords: Tensor, nodes: PanelNodes) -> tuple[Tensor, Tensor, Tensor]:
        log_q, parts = self.model.log_density(coords, nodes.x)
        terms, first, second = self.divergence.terms(nodes.log_p.expand_as(log_q), log_q)
        value = (nodes.weights * terms).sum(-1)
        first, second = nodes.weights * first, nodes.weights * second
        at_centre = self._at_centre(coords) if self.model.kinked else None
        return value, self.model.gradient(parts, first), self.model.hessian(coords, parts, first, second, at_centre)

    def _at_centre(self, coords: Tensor) -> Tensor:
        """φ₁ at Q's centre, (rows,)."""
        centre = coords[:, :1]
        log_p = log_density(self.target, centre.flatten()).unsqueeze(-1)
        return self.divergence.terms(log_p, self.model.log_density(coords, centre)[0])[1].squeeze(-1)
