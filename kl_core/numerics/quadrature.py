"""Gauss–Legendre panels, and where on the line a distribution lives.

A smooth integrand on a panel is integrated to rounding error by a dozen or two nodes, provided the panel keeps
its distance from the integrand's complex singularities. So the art is in the edges, which each family knows for
its own density (`kl_core.density`), and the rest is this one rule, batched.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of

__all__ = ["panels", "between", "interval", "support_edges"]


@cache
@torch.inference_mode(False)  # kept for later calls, some of which want gradients
def _legendre(order: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Nodes and weights of the rule on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    as_tensor = lambda values: torch.as_tensor(values, dtype=dtype, device=device)
    return as_tensor((nodes + 1) / 2), as_tensor(weights / 2)


def panels(edges: Tensor, order: int = 16) -> tuple[Tensor, Tensor]:
    """Nodes and weights of Gauss–Legendre on each panel between neighbouring edges.

    ∫ f over [edges[..., 0], edges[..., -1]] ≈ (weights · f(nodes)).sum(-1).

    edges: (..., n + 1), non-decreasing; a panel of no width has weight 0. Differentiable in the edges.
    Returns nodes and weights, both (..., n · order), nodes ascending.
    """
    unit_nodes, unit_weights = _legendre(order, edges.dtype, edges.device)
    left, width = edges[..., :-1, None], edges.diff(dim=-1)[..., None]
    return (left + width * unit_nodes).flatten(-2), (width * unit_weights).flatten(-2)


def between(start: Tensor, end: Tensor, shift: float) -> tuple[Tensor, Tensor, Tensor]:
    """Nodes x from start to end, end − x with all its digits, and weights: ∫ f over [start, end] ≈ (weights · f(x)).sum(-1).

    start, end: batch-shaped, of one shape, both above −shift. Panels are even in log(shift + x), for an f that is smooth there,
    and no longer than 1. Each node is reckoned from the lesser end, which is the nearer one in floats. Returns each
    (batch_shape + (nodes,)); weights are negative where end < start.
    """
    first, last = (shift + start).unsqueeze(-1), (shift + end).unsqueeze(-1)
    d = (end - start).unsqueeze(-1)
    near = d.abs() < 0.5 * first
    span = torch.where(near, torch.log1p(torch.where(near, d, 0.0) / first), (last / first).log())
    count = 1 + math.ceil(span.detach().abs().amax().item()) if span.numel() else 1
    t, weights = panels(torch.linspace(0, 1, count + 1, dtype=d.dtype, device=d.device))
    rest = -last * torch.expm1(-span * (1 - t))
    x = torch.where(span > 0, start.unsqueeze(-1) + first * torch.expm1(span * t), end.unsqueeze(-1) - rest)
    return x, rest, span * weights * (shift + x)


def support_edges(p: Distribution) -> tuple[float, float]:
    """The exact ends of P's support, ±inf where it has none: (0, 1) for a Beta, (low, high) for a Uniform.

    For a discrete P the least and the greatest outcome that has mass. P unbatched.
    """
    lower, upper = density_of(p).support(p)
    return lower.item(), upper.item()


def interval(p: Distribution, tail: float = 1e-3) -> tuple[float, float]:
    """An interval (lo, hi) that holds all of P but about `tail` of its mass at each side.

    The exact quantiles at tail and 1 − tail; for a discrete P the outcomes there, as integers. P unbatched,
    0 < tail < 1/2.
    """
    if not 0 < tail < 0.5:
        raise ValueError(f"tail = {tail} is outside its domain: a number between 0 and 0.5")
    quantile = density_of(p).quantile
    with torch.no_grad():
        lo, hi = quantile(p, tail), quantile(p, 1 - tail)
    return (int(lo), int(hi)) if density_of(p).discrete else (float(lo), float(hi))
