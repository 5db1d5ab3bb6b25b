"""Two distributions of one family so close that log p − log q is better asked of the differences of their parameters."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of
from .places import within
from .quadrature_nodes import Nodes

__all__ = ["nearby_rows", "better_ratio"]


def nearby_rows(p: Distribution, q: Distribution, plain: Nodes) -> Tensor | None:
    """Rows of two of a family so close that log p − log q is better asked of the differences of their parameters.

    Close: Jeffreys' divergence ∫(p − q)·r is below ½, so that no scale or rate is ten times the other's. None if none is.
    """
    spec = density_of(p)
    if spec.log_ratio is None or spec is not density_of(q):
        return None
    with torch.no_grad():
        apart = torch.where(plain.both, 0.0, plain.weights * (plain.p + plain.q)).sum(-1)
        nearby = (plain.sum(plain.gap * plain.ratio) < 0.5) & (apart < 1e-9)
    return nearby if bool(nearby.any()) else None


def better_ratio(p: Distribution, q: Distribution, place: tuple[Tensor, Tensor], plain: Tensor, nearby: Tensor) -> Tensor:
    """log p − log q at place, x and 1 − x: in nearby rows by the family's formula; elsewhere, or where it has none, as it was, `plain`.

    What it adds are digits: where it is further from the plain difference than rounding can be, it is not meant for there.
    """
    spec, inside, (x, below) = density_of(p), None, place
    if not spec.discrete:
        inside, x, below = within(p, x, below)
    ratio = None if spec.log_ratio is None else spec.log_ratio(p, q, x, below)
    if ratio is None:
        return plain
    with torch.no_grad():
        better = nearby.unsqueeze(-1) & ((ratio - plain).abs() < 1e-7 * (1 + plain.abs()))
        better = better if inside is None else better & inside
    return torch.where(better, ratio, plain)
