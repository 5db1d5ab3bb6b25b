"""Total variation: ∫|p − q| has a corner wherever p and q cross, so the panels with a crossing are cut there."""

from __future__ import annotations

import torch
from torch import Tensor

from .nodes import FINE, Nodes, Panels, Places, better_ratio, log_density_at, log_difference
from .numerics.quadrature import panels as gauss
from .pair import Pair

__all__ = ["total_variation_of"]

# Of the distance between two nodes, the last step: for a gradient, whose error is that of the place, until it is of rounding. The area's
# error is the square of it, so that without one 1e-8 is rounding too.
_SETTLED, _SETTLED_FOR_THE_AREA = 1e-13, 1e-8
_MOST_CROSSINGS = 16  # crossings a pair; beyond, and in rounding noise, the corners are too small to matter


def total_variation_of(nodes: Nodes, pair: Pair | None) -> Tensor:
    """½·∫|p − q| as a sum over nodes; pair: the one they belong to, None for probabilities."""
    if nodes.panels is None or pair is None:
        return (nodes.sum(nodes.gap.abs()) / 2).clamp(0.0, 1.0)
    by_panel = (nodes.weights * nodes.gap.abs()).unflatten(-1, (-1, FINE)).sum(-1)
    settled = _SETTLED if torch.is_grad_enabled() else _SETTLED_FOR_THE_AREA
    with torch.no_grad():
        crossings = _crossings(nodes, pair, settled)
    if crossings is None:
        return (by_panel.sum(-1) / 2).clamp(0.0, 1.0)
    crossed, pieces = _repaired(nodes, pair, *crossings)
    return ((torch.where(crossed, 0.0, by_panel).sum(-1) + pieces) / 2).clamp(0.0, 1.0)


def _difference(pair: Pair, places: Places, nearby: Tensor | None) -> Tensor:
    plain = log_difference(log_density_at(pair.p, places), log_density_at(pair.q, places))
    return plain if nearby is None else better_ratio(pair.p, pair.q, (places.x, places.below), plain, nearby)


def _with_ends(nodes: Nodes, pair: Pair) -> tuple[Tensor, Tensor]:
    """The nodes of every panel between its ends, in its coordinate, and log p − log q there, (batch_shape + (panels, FINE + 2)).

    NaN where one of them has no mass.
    """
    ends = _panels(nodes).ends
    log_p, log_q = (log_density_at(d, ends) for d in (pair.p, pair.q))
    both = (log_p > -torch.inf) & (log_q > -torch.inf)
    at_ends = torch.where(both, _difference(pair, ends, nodes.nearby), torch.nan).unflatten(-1, (-1, 2))
    ratio = torch.where(nodes.both, nodes.ratio, torch.nan).unflatten(-1, (-1, FINE))
    at = nodes.at.unflatten(-1, (-1, FINE)).expand_as(ratio)
    sides = ends.at.unflatten(-1, (-1, 2)).expand_as(at_ends)
    around = lambda outer, inner: torch.cat([outer[..., :1], inner, outer[..., 1:]], -1)
    return around(sides, at), around(at_ends, ratio)


def _crossings(nodes: Nodes, pair: Pair, settled: float) -> tuple[Tensor, Tensor] | None:
    """Where log p − log q changes sign between neighbours, in the panel's coordinate, and in which panel, each (batch_shape + (m,)).

    NaN for an unused place. None if there are no crossings.
    """
    at, ratio = _with_ends(nodes, pair)
    change = ((ratio[..., :-1] * ratio[..., 1:] < 0) & (at.diff(dim=-1) > 0)).flatten(-2)
    most = min(int(change.sum(-1).amax().item()) if change.numel() else 0, _MOST_CROSSINGS)
    if most == 0:
        return None
    # If there are too many, those in which most of |p − q| turns over.
    size = torch.nn.functional.pad((nodes.weights * nodes.gap.abs()).unflatten(-1, (-1, FINE)), (1, 1))
    chosen = torch.where(change, (size[..., :-1] + size[..., 1:]).flatten(-2).expand_as(change), -1.0).topk(most, -1).indices
    pick = lambda values: values.flatten(-2).gather(-1, chosen)
    a, b, f_a, f_b = pick(at[..., :-1]), pick(at[..., 1:]), pick(ratio[..., :-1]), pick(ratio[..., 1:])
    used, panel = change.gather(-1, chosen), chosen // (FINE + 1)
    coordinate, close, c = _panels(nodes).coordinate[panel], settled * (b - a), a
    for _ in range(12):  # false position with halving (Illinois); the error in the area is the square of that in x, in its slopes that in x
        before, c = c, torch.where(used, (a * f_b - b * f_a) / (f_b - f_a), a)
        c = torch.maximum(torch.minimum(c, b), a)
        if bool(((c - before).abs() <= close).all()):  # after four or five: neighbouring nodes are nearly on a line
            break
        f_c = _difference(pair, Places(c, coordinate), nodes.nearby)
        same = f_c * f_b > 0
        a, f_a = torch.where(same, a, b), torch.where(same, f_a / 2, f_b)
        b, f_b = c, f_c
        ordered = a <= b
        a, b = torch.where(ordered, a, b), torch.where(ordered, b, a)
        f_a, f_b = torch.where(ordered, f_a, f_b), torch.where(ordered, f_b, f_a)
    return torch.where(used, c, torch.nan), panel


def _panels(nodes: Nodes) -> Panels:
    assert nodes.panels is not None  # as of all densities
    return nodes.panels


def _repaired(nodes: Nodes, pair: Pair, places: Tensor, panel: Tensor) -> tuple[Tensor, Tensor]:
    """Which panels, (batch_shape + (n,)), hold a crossing, and ∫|p − q| over them, cut there."""
    panels = _panels(nodes)
    used = ~places.isnan()
    crossed = torch.zeros(places.shape[:-1] + panels.coordinate.shape, dtype=torch.bool, device=places.device)
    crossed = crossed.scatter(-1, torch.where(used, panel, panel[..., :1]), True)  # the first, of the largest, is always used where any is
    crossed = crossed & used.any(-1, keepdim=True)
    # One place a crossing; the same panel twice is integrated once.
    together = panel.unsqueeze(-1) == panel.unsqueeze(-2)
    live = used & ~(together & used.unsqueeze(-2)).tril(-1).any(-1)
    take = lambda values: values.expand(places.shape[:-1] + values.shape[-1:]).gather(-1, panel).unsqueeze(-1)
    low, high = take(panels.left), take(panels.right)
    cuts = torch.where(together & used.unsqueeze(-2), places.unsqueeze(-2), -torch.inf)
    cuts = torch.maximum(torch.minimum(cuts, high), low)
    at, weights = gauss(torch.cat([low, cuts, high], -1).sort(-1).values, FINE)
    weights = torch.where(live.unsqueeze(-1), weights, 0.0).flatten(-2)
    here = Places(at.flatten(-2), panels.coordinate[panel].unsqueeze(-1).expand(at.shape).flatten(-2))
    log_p, log_q = log_density_at(pair.p, here), log_density_at(pair.q, here)
    ratio = None if nodes.nearby is None else _difference(pair, here, nodes.nearby)
    piece = Nodes.of_logs(here.at, weights, log_p, log_q, ratio)
    return crossed, piece.sum(piece.gap.abs())
