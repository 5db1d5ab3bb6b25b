"""PanelNodes on which any Q that is not too narrow can be integrated against one target, whose log-density is kept there.

A search asks for hundreds of Qs, and the target is always the same: so log p is computed once, on panels that resolve
p everywhere and any Q whose scale is not far below the panels'. Narrower Qs get panels of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from ..density import LOG, density_of, in_double
from ..nodes import log_density_on
from ..numerics.quadrature import interval, panels
from .models import Model

__all__ = ["PanelNodes", "TargetNodes"]

_CENTRAL = 24  # panels over the central range
_PER_PANEL = 4.0  # scales of Q on a panel that its nodes resolve
_GROWTH = 1.35  # of panels outside the central range
_HEAVY_GROWTH = 3.0  # of panels over a heavy tail of P or Q
_FARTHEST = 1e12
_BELL = (-9.0, -6.5, -4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5, 6.5, 9.0)  # panel edges of a Q of its own, in its scales
_EXACT_ORDER = 20


@dataclass(frozen=True)
class PanelNodes:
    """x, weights and log_p, (nodes,) for all Qs alike or (rows, nodes) for each its own."""

    x: Tensor
    weights: Tensor
    log_p: Tensor


class TargetNodes:
    """Panels over one continuous target, with log p on them.

    target: any unbatched distribution with a registered density. reach: how many scales out a Q has mass that counts.
    low, high: where the middle of P lies, quantiles at 0.001. ValueError for a batch or a discrete target.
    """

    def __init__(self, target: Distribution, reach: float = 9.0):
        if target.batch_shape or target.event_shape or density_of(target).discrete:
            raise ValueError("The target must be a single continuous distribution on the line.")
        self.target = in_double(target)
        self.low, self.high = interval(self.target, 1e-3)
        self.centre, self.half = (self.low + self.high) / 2, 0.75 * (self.high - self.low)
        self.support = tuple(end.item() for end in density_of(self.target).support(self.target))
        self.own = self._own_edges()
        self.edges = self._edges(reach)
        self.panel = 2 * self.half / _CENTRAL

    def _own_edges(self) -> Tensor:
        """The target's, as far out as a mass of 1e-14 lies."""
        quantile = density_of(self.target).quantile
        ends = [quantile(self.target, 1e-14), quantile(self.target, 1 - 1e-14)]
        span = self.high - self.low
        low, high = ((end if math.isfinite(end) else other) for end, other in zip(ends, (self.low - 50 * span, self.high + 50 * span)))
        edges = density_of(self.target).cuts(self.target).detach()
        bounds = edges.new_tensor([end for end in self.support if math.isfinite(end)])
        parts = [edges[(edges >= low - span) & (edges <= high + span)], bounds]
        for side, end, bound in zip((-1.0, 1.0), density_of(self.target).ends(self.target), self.support):
            if math.isinf(bound) and bool((end.orders == LOG).all()):  # moments of a heavy tail come from far out
                parts.append(
                    (low if side < 0 else high) + side * span * _HEAVY_GROWTH ** torch.arange(1, 28, dtype=torch.float64, device="cpu")
                )
        return torch.cat(parts).sort().values

    def _edges(self, reach: float) -> Tensor:
        """The target's and evenly spaced ones in the middle, growing outside; none empty."""
        middle = torch.linspace(-1, 1, _CENTRAL + 1, dtype=torch.float64, device="cpu")
        growth = _GROWTH if reach < 100 else _HEAVY_GROWTH
        count = math.ceil(math.log(min(max(2 * reach, 12.0), _FARTHEST)) / math.log(growth))
        outer = growth ** torch.arange(1, count + 1, dtype=torch.float64, device="cpu")
        even = self.centre + self.half * torch.cat([-outer, middle, outer])
        # Even edges only where the target's own leave a gap.
        gap = torch.searchsorted(self.own, even)
        left = torch.where(gap > 0, even - self.own[(gap - 1).clamp_min(0)], torch.inf)
        right = torch.where(gap < len(self.own), self.own[gap.clamp_max(len(self.own) - 1)] - even, torch.inf)
        width = torch.where((even - self.centre).abs() <= self.half, 2 * self.half / _CENTRAL, 0.3 * (even - self.centre).abs())
        edges = torch.cat([self.own, even[torch.minimum(left, right) > 0.3 * width]]).sort().values
        return edges[torch.cat([edges.new_ones(1, dtype=torch.bool), edges.diff() > 1e-12 * self.half])]

    def _log_p(self, x: Tensor) -> Tensor:
        return log_density_on(self.target, x.flatten(), 1 - x.flatten()).view(x.shape)

    def shared(self, order: int) -> PanelNodes:
        """One set of nodes for all Qs that `resolves`."""
        cache = self.__dict__.setdefault("_cache", {})
        if order not in cache:
            cache[order] = self.on(self.edges, order)
        return cache[order]

    def covering(self, low: float, high: float, width: float, order: int, beyond: Tensor | None = None) -> PanelNodes:
        """Nodes from low to high on panels no wider than `width`, and cut where the target is; beyond: edges that go further out."""
        edges = self.own[(self.own > low) & (self.own < high)] if beyond is None else beyond
        edges = torch.cat([edges, edges.new_tensor([low, high])]).sort().values
        edges = edges[torch.cat([edges.new_ones(1, dtype=torch.bool), edges.diff() > self._least_gap(width)])]
        gaps = edges.diff()
        inside = (edges[:-1] >= low) & (edges[1:] <= high)
        parts = torch.where(inside, (gaps / width).ceil().clamp_min(1), 1.0).long()
        start = edges[:-1].repeat_interleave(parts)
        place = torch.arange(len(start), device="cpu") - (parts.cumsum(0) - parts).repeat_interleave(parts)
        cut = torch.cat([start + (gaps / parts).repeat_interleave(parts) * place, edges[-1:]])
        return self.on(cut, order)

    def mass(self, low: float, high: float) -> float:
        """P's mass between two places, ∫ p dx."""
        low, high = max(low, self.edges[0].item(), self.support[0]), min(high, self.edges[-1].item(), self.support[1])
        if not low < high:
            return 0.0
        inner = self.edges[(self.edges > low) & (self.edges < high)]
        x, weights = panels(torch.cat([inner.new_tensor([low]), inner, inner.new_tensor([high])]), _EXACT_ORDER)
        return float((weights * self._log_p(x).exp()).sum().clamp(0, 1))

    def _least_gap(self, width: float) -> float:
        """Between edges: a smooth mixture of Gaussians needs no panel far narrower than its bells."""
        bells = getattr(self.target, "component_distribution", None)
        return min(0.1 * width, 0.15 * float(bells.scale.min())) if isinstance(bells, Normal) else 1e-9 * width

    def resolves_bell(self, centre: float, scale: float) -> bool:
        """Whether the shared panels resolve a bell where it lies."""
        far = abs(centre - self.centre)
        return scale >= self.panel / _PER_PANEL and (far + 6 * scale <= self.half or scale >= 0.2 * far)

    def resolves(self, model: Model, coords: Tensor) -> Tensor:
        """Which rows have no bell that is too narrow for the shared panels where it lies, (rows,)."""
        centre, scale = model.centre_and_scale(coords)
        far = (centre - self.centre).abs()
        inside = far + 6 * scale <= self.half
        return ((scale >= self.panel / _PER_PANEL) & (inside | (scale >= 0.2 * far))).all(-1) & (not model.kinked)

    def own_edges(self, model: Model, coords: Tensor) -> Tensor:
        """Panel edges for each row: the target's, and some of each of its bells; (rows, edges)."""
        centre, scale = model.centre_and_scale(coords)
        offsets = list(_BELL)
        if model.reach > 9:
            offsets += [side * step for side in (-1, 1) for step in (13.0, 18.0, 25.0, 34.0, 45.0)]
        if model.reach > 100:
            offsets += [side * 45.0 * _HEAVY_GROWTH**k for side in (-1, 1) for k in range(1, 24)]
        bells = centre.unsqueeze(-1) + scale.unsqueeze(-1) * coords.new_tensor(offsets)
        shared = self.edges.expand(len(coords), -1)
        return torch.cat([shared, bells.flatten(-2)], -1).sort(-1).values

    def on(self, edges: Tensor, order: int) -> PanelNodes:
        """The nodes of panels between edges, (…, edges)."""
        x, weights = panels(edges, order)
        return PanelNodes(x, weights, self._log_p(x))

    def own_nodes(self, model: Model, coords: Tensor, order: int = _EXACT_ORDER) -> PanelNodes:
        """A set of nodes for each row, cut by the target and by each of its bells; (rows, nodes)."""
        return self.on(self.own_edges(model, coords), order)
