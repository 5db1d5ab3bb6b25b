"""Two distributions of one family so close that log p − log q is better asked of the differences of their parameters."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..law import law_of
from .nodes import Table

__all__ = ["nearby_rows", "better_ratio"]


def nearby_rows(p: Distribution, q: Distribution, plain: Table) -> Tensor | None:
    """Rows of two of a family so close that log p − log q is better asked of the differences of their parameters.

    Close: Jeffreys' divergence ∫(p − q)·r is below ½, so that no scale or rate is ten times the other's. None if none is.
    """
    law = law_of(p)
    if law.log_ratio is None or law is not law_of(q):
        return None
    with torch.no_grad():
        apart = torch.where(plain.both, 0.0, plain.weights * (plain.p + plain.q)).sum(-1)
        nearby = (plain.sum(plain.gap * plain.ratio) < 0.5) & (apart < 1e-9)
    return nearby if bool(nearby.any()) else None


def better_ratio(p: Distribution, q: Distribution, place: tuple[Tensor, Tensor], plain: Tensor, nearby: Tensor) -> Tensor:
    """log p − log q at place, x and 1 − x: in nearby rows by the family's formula; elsewhere, or where it has none, as it was, `plain`.

    What it adds are digits: where it is further from the plain difference than rounding can be, it is not meant for there.
    """
    found = law_of(p).log_ratio(p, q, *place)
    if found is None:
        return plain
    with torch.no_grad():
        better = nearby.unsqueeze(-1) & ((found - plain).abs() < 1e-7 * (1 + plain.abs()))
    return torch.where(better, found, plain)
