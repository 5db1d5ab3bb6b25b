"""Total variation: ∫|p − q| has a corner wherever p and q cross, so the panels with a crossing are cut there."""

from __future__ import annotations

import torch
from torch import Tensor

from .nodes import FINE, Nodes, better_ratio, log_density_on, log_difference
from .numerics.quadrature import panels as gauss
from .pair import Pair

__all__ = ["total_variation_of"]

_MOST_CROSSINGS = 16  # crossings a pair; beyond, and in rounding noise, the corners are too small to matter


def total_variation_of(nodes: Nodes, pair: Pair | None) -> Tensor:
    """½·∫|p − q| as a sum over nodes; pair: the one they belong to, None for probabilities."""
    if nodes.panels is None or pair is None:
        return (nodes.sum(nodes.gap.abs()) / 2).clamp(0.0, 1.0)
    by_panel = (nodes.weights * nodes.gap.abs()).unflatten(-1, (-1, FINE)).sum(-1)
    with torch.no_grad():
        places = _crossings(nodes, pair)
    if places is None:
        return (by_panel.sum(-1) / 2).clamp(0.0, 1.0)
    crossed, pieces = _repaired(nodes, pair, places)
    return ((torch.where(crossed, 0.0, by_panel).sum(-1) + pieces) / 2).clamp(0.0, 1.0)


def _difference(pair: Pair, x: Tensor, below: Tensor, nearby: Tensor | None) -> Tensor:
    plain = log_density_on(pair.p, x, below) - log_density_on(pair.q, x, below)
    return plain if nearby is None else better_ratio(pair.p, pair.q, (x, below), plain, nearby)


def _crossings(nodes: Nodes, pair: Pair) -> Tensor | None:
    """Where log p − log q changes sign between neighbouring nodes, (batch_shape + (m,)); NaN for an unused place."""
    x, order = nodes.x.sort(-1)
    ratio = torch.where(nodes.both, nodes.ratio, torch.nan).expand(x.shape).gather(-1, order)
    left, right = ratio[..., :-1], ratio[..., 1:]
    change = (left * right < 0) & (x.diff(dim=-1) > 0)
    most = min(int(change.sum(-1).amax().item()) if change.numel() else 0, _MOST_CROSSINGS)
    if most == 0:
        return None
    # If there are too many, those in which most of |p − q| turns over.
    size = (nodes.weights * nodes.gap.abs()).expand(x.shape).gather(-1, order)
    chosen = torch.where(change, size[..., :-1] + size[..., 1:], -1.0).topk(most, -1).indices
    pick = lambda values: values.gather(-1, chosen)
    a, b, f_a, f_b = pick(x[..., :-1]), pick(x[..., 1:]), pick(left), pick(right)
    used = pick(change)
    for _ in range(12):  # false position with halving (Illinois); the error in the area is the square of that in x, in its slopes that in x
        c = torch.where(used, (a * f_b - b * f_a) / (f_b - f_a), a)
        c = torch.maximum(torch.minimum(c, b), a)
        f_c = _difference(pair, c, 1 - c, nodes.nearby)
        same = f_c * f_b > 0
        a, f_a = torch.where(same, a, b), torch.where(same, f_a / 2, f_b)
        b, f_b = c, f_c
        a, b, f_a, f_b = (
            torch.where(a <= b, a, b),
            torch.where(a <= b, b, a),
            torch.where(a <= b, f_a, f_b),
            torch.where(a <= b, f_b, f_a),
        )
    return torch.where(used, c, torch.nan)


def _repaired(nodes: Nodes, pair: Pair, places: Tensor) -> tuple[Tensor, Tensor]:
    """Which panels, (batch_shape + (n,)), hold a crossing, and ∫|p − q| over them, cut there."""
    panels = nodes.panels
    assert panels is not None  # as of all densities
    left, right = panels.left.unsqueeze(-2), panels.right.unsqueeze(-2)  # (..., 1, n)
    inside = torch.where(panels.mirrored, 1 - places.unsqueeze(-1), places.unsqueeze(-1))
    holds = (inside > left) & (inside < right)  # (..., m, n); false for NaN
    crossed = holds.any(-2)
    # One place a crossing; the same panel twice is integrated once.
    index = holds.to(torch.int8).argmax(-1)
    repeated = (index.unsqueeze(-1) == index.unsqueeze(-2)).tril(-1).any(-1)
    live = holds.any(-1) & ~repeated
    shape = places.shape
    take = lambda values: values.expand(shape[:-1] + values.shape[-1:]).gather(-1, index).unsqueeze(-1)
    low, high = take(panels.left), take(panels.right)
    flip = panels.mirrored[index].unsqueeze(-1)
    cuts = torch.where(flip, 1 - places.unsqueeze(-2), places.unsqueeze(-2)).nan_to_num(nan=-torch.inf)
    cuts = torch.maximum(torch.minimum(cuts, high), low)
    place, weights = gauss(torch.cat([low, cuts, high], -1).sort(-1).values, FINE)
    x, below = torch.where(flip, 1 - place, place), torch.where(flip, place, 1 - place)
    weights = torch.where(live.unsqueeze(-1), weights, 0.0)
    x, below, weights = (values.flatten(-2) for values in (x, below, weights))
    log_p, log_q = log_density_on(pair.p, x, below), log_density_on(pair.q, x, below)
    ratio = None if nodes.nearby is None else better_ratio(pair.p, pair.q, (x, below), log_difference(log_p, log_q), nodes.nearby)
    piece = Nodes.of_logs(x, weights, log_p, log_q, ratio)
    return crossed, piece.sum(piece.gap.abs())
