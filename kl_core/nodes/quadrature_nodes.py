"""The quadrature nodes of a pair of distributions: every divergence between them is a weighted sum over these.

Near P = Q the plain sum of p·log(p/q) is all cancellation, so the nodes hold the log-ratio r = log p − log q,
whose error is relative to the densities' logs and not to their difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..numerics.exact import EPS, exp_excess
from .panels import FINE, Panels
from .places import IN_LOG

__all__ = ["Nodes", "log_difference", "log_power"]


def log_power(log_p: Tensor, log_q: Tensor, alpha: Tensor) -> Tensor:
    """log(p^α·q^(1 − α)), −inf where P or Q has no mass; the arguments broadcast."""
    both = (log_p > -torch.inf) & (log_q > -torch.inf)
    return torch.where(both, alpha * torch.where(both, log_p, 0.0) + (1 - alpha) * torch.where(both, log_q, 0.0), -torch.inf)


def log_difference(log_p: Tensor, log_q: Tensor) -> Tensor:
    """log p − log q where both have mass, otherwise 0."""
    both = (log_p > -torch.inf) & (log_q > -torch.inf)
    return torch.where(both, log_p, 0.0) - torch.where(both, log_q, 0.0)


@dataclass(frozen=True, eq=False)
class Nodes:
    """weights, log_p, log_q, p, q, ratio, gap: (batch_shape + (n,)); log_p and log_q are −inf where there is no mass.

    at: the nodes: outcomes, or each in its panel's coordinate (`Places`). p, q: the densities there, or the masses. ratio:
    log p − log q where both have mass, otherwise 0. gap: p − q, with all the digits of the ratio. panels: what the nodes
    came from, None for discrete distributions. coarse: the nodes of the lower order.
    beyond: what is to be added to KL(P‖Q) and to KL(Q‖P) for tails that go on after the last node; batch-shaped.
    left_out: by how much either may still be wrong for what no node reaches of P, and of Q; batch-shaped, inf where it stopped short.
    nearby: the rows in which the ratio is known better than as the difference of the logs, batch-shaped.
    past_floats: where P, and where Q, has mass but its log-density is beyond the floats, (batch_shape + (n,)); None where nowhere.
    """

    at: Tensor
    weights: Tensor
    log_p: Tensor
    log_q: Tensor
    p: Tensor
    q: Tensor
    ratio: Tensor
    gap: Tensor
    panels: Panels | None = None
    coarse: Nodes | None = None
    beyond: tuple[Tensor | float, Tensor | float] = (0.0, 0.0)
    left_out: tuple[Tensor | float, Tensor | float] = (0.0, 0.0)
    nearby: Tensor | None = None
    past_floats: tuple[Tensor | None, Tensor | None] = (None, None)

    @classmethod
    def of_logs(cls, at: Tensor, weights: Tensor, log_p: Tensor, log_q: Tensor, ratio: Tensor | None = None, **others: Any) -> Nodes:
        """From logs; ratio: log p − log q, if it is known better than as their difference. others: the fields from `panels` on."""
        if ratio is None:
            ratio = log_difference(log_p, log_q)
        p, q = log_p.exp(), log_q.exp()
        close = _close(log_p, log_q, ratio)
        gap = torch.where(close, -p * torch.expm1(-torch.where(close, ratio, 0.0)), p - q)
        return cls(at, weights, log_p, log_q, p, q, ratio, gap, **others)

    @cached_property
    def both(self) -> Tensor:
        """Where P and Q both have mass, so that the log-ratio is finite."""
        return (self.log_p > -torch.inf) & (self.log_q > -torch.inf)

    @cached_property
    def close(self) -> Tensor:
        """Where their difference is had from the ratio."""
        return _close(self.log_p, self.log_q, self.ratio)

    @cached_property
    @torch.enable_grad()  # kept for whoever asks next, who may want a gradient
    def swapped(self) -> Nodes:
        """The nodes of (Q, P)."""
        return replace(
            self,
            log_p=self.log_q,
            log_q=self.log_p,
            p=self.q,
            q=self.p,
            ratio=-self.ratio,
            gap=-self.gap,
            coarse=None if self.coarse is None else self.coarse.swapped,
            beyond=self.beyond[::-1],
            left_out=self.left_out[::-1],
            past_floats=self.past_floats[::-1],
        )

    @cached_property
    @torch.enable_grad()
    def kl_terms(self) -> Tensor:
        """p·log(p/q) − p + q at every node, ≥ 0; 0 where P has mass and Q none: support is checked apart."""
        small = torch.where(self.close, self.ratio, 0.0)
        alone = torch.where(self.log_p == -torch.inf, self.q, 0.0)
        far = torch.where(self.both, self.p * self.ratio - self.p + self.q, alone)
        return torch.where(self.close, self.p * exp_excess(-small), far)

    def overflows(self, value: Tensor) -> Tensor:
        """Whether a sum over p·log q, batch-shaped, lacks what counts, since log q is beyond the floats where P has mass.

        There −log q is above the largest float; so this float times P's mass there is the least that is lacking.
        """
        lost = self.past_floats[1]
        if lost is None:
            return torch.zeros_like(value, dtype=torch.bool)
        least = torch.finfo(torch.float64).max * self.sum(torch.where(lost, self.p, 0.0))
        return least > EPS * value

    @property
    def bends(self) -> tuple[Tensor, Tensor]:
        """|x·d log p/dx| and |x·d log q/dx|, by differences, x being the panel's coordinate; 0 for outcomes.

        How many of its own roundings a node's place costs a density: a spike far from 0 has many.
        """
        if self.panels is None:
            return torch.zeros_like(self.log_p), torch.zeros_like(self.log_q)
        by_panel = lambda value: value.unflatten(-1, (-1, FINE))
        at = by_panel(self.at)
        relative = at.abs()[..., 1:] / at.diff(dim=-1)

        def bend(log_density: Tensor) -> Tensor:
            steep = (by_panel(log_density).diff(dim=-1) * relative).abs().nan_to_num(0.0, 0.0, 0.0)
            return torch.cat([steep[..., :1], steep], -1).flatten(-2)

        return bend(self.log_p), bend(self.log_q)

    @property
    def density_logs(self) -> tuple[Tensor, Tensor]:
        """log p and log q as densities of x; `log_p` and `log_q` are of log x or log(1 − x) where a panel is laid in that."""
        if self.panels is None:
            return self.log_p, self.log_q
        order = self.at.shape[-1] // len(self.panels.coordinate)
        shift = torch.where(self.panels.coordinate.repeat_interleave(order) >= IN_LOG, self.at, 0.0)
        return self.log_p - shift, self.log_q - shift

    def sum(self, integrand: Tensor) -> Tensor:
        """∫ integrand, or Σ over outcomes, batch-shaped; integrand: (batch_shape + (n,)), its values at the nodes."""
        return (self.weights * integrand).sum(-1)


def _close(log_p: Tensor, log_q: Tensor, ratio: Tensor) -> Tensor:
    """Where p and q are within a factor of e^½, so that their difference is better had from the ratio."""
    return (log_p > -torch.inf) & (log_q > -torch.inf) & (ratio.abs() < 0.5)
