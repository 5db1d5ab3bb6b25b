"""Gauss–Legendre panels over the union of two supports, cut where either distribution says its density bends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import SLOW_POWER, density_of
from ..infinite import edge_powers
from ..numerics.quadrature import panels as gauss
from .places import IN_BELOW, IN_LOG, IN_LOG_BELOW, IN_X, Places
from .tails import tail_edges

__all__ = ["FINE", "COARSE", "Ways", "BOTH", "FORTH", "NEITHER", "Panels", "first_panels", "attached"]

Ways = tuple[bool, bool]  # whether KL(P‖Q), and whether KL(Q‖P), will be summed
BOTH, FORTH, NEITHER = (True, True), (True, False), (False, False)

FINE, COARSE = 20, 16  # orders of the rule whose sum is the answer, and of the one it is compared with

# Slower mass is laid out as if it fell off so fast. Measured on Beta(a, 1): down to a = 1e-13 the nodes hold all of it but 1e-15, at
# 1e-14 all but 3e-4.
_LEAST_POWER = 1e-12
# Of an edge in log x; beyond, above 1, and below, next to 0, panels are laid in log x. Measured on log-normals: up to e^60 both ways
# agree to 1e-15; in x alone, the KL is off by 2e-14 with edges at e^480, and 4e-14 of the mass is lost at e^−560.
_WIDE, _DEEP = 60.0, -600.0
_LOG_2 = math.log(2)
# Of mass like e^(power·s), e^−60 lies below −60/power; no scale that a float can hold moves it further than 745/power.
_DEPTH = 60.0 + 745.0


@dataclass(frozen=True)
class Panels:
    """left, right: (batch_shape + (n,)) ends, in the panel's coordinate. coordinate: (n,), which that is; see `Places`."""

    left: Tensor
    right: Tensor
    coordinate: Tensor

    def nodes(self, order: int) -> tuple[Places, Tensor]:
        """The nodes and the weights, each (batch_shape + (panels · order,)), panel by panel."""
        place, weights = gauss(torch.stack([self.left, self.right], -1), order)
        return Places(place.flatten(-2), self.coordinate.repeat_interleave(order)), weights.flatten(-2)

    @property
    def ends(self) -> Places:
        """Both ends of every panel, (batch_shape + (2n,))."""
        return Places(torch.stack([self.left, self.right], -1).flatten(-2), self.coordinate.repeat_interleave(2))

    def last(self, count: int) -> Panels:
        """The last ones."""
        return Panels(self.left[..., -count:], self.right[..., -count:], self.coordinate[-count:])

    def halved(self, which: Tensor, steep: bool = False) -> Panels:
        """With the panels of `which`, (n,), cut in two and put last; steep: one that begins at 0 is cut much nearer to it."""
        middle = (self.left + self.right) / 2
        middle = torch.where((self.left == 0) & (self.coordinate < IN_LOG), self.right / 256, middle) if steep else middle
        keep, cut = ~which, which
        left = torch.cat([self.left[..., keep], self.left[..., cut], middle[..., cut]], -1)
        right = torch.cat([self.right[..., keep], middle[..., cut], self.right[..., cut]], -1)
        return Panels(left, right, torch.cat([self.coordinate[keep], self.coordinate[cut], self.coordinate[cut]]))


def _between(edges: Tensor, coordinate: int) -> Panels:
    """Panels between the sorted edges, in each row without the empty ones, as long as no row has more."""
    edges = edges.sort(-1).values
    if edges.dim() == 1:
        edges = edges.unique_consecutive()
    left, right = edges[..., :-1], edges[..., 1:]
    if edges.dim() > 1 and left.numel():
        empty = left == right
        full_first = empty.to(torch.uint8).argsort(dim=-1, stable=True)[..., : int((~empty).sum(-1).amax())]
        left, right = left.gather(-1, full_first), right.gather(-1, full_first)
    return Panels(left, right, torch.full(left.shape[-1:], coordinate, device=edges.device))


def _joined(groups: list[Panels]) -> Panels:
    return Panels(*(torch.cat([getattr(group, name) for group in groups], -1) for name in ("left", "right", "coordinate")))


def first_panels(p: Distribution, q: Distribution, extra: Tensor | None, power: Tensor | None = None, ways: Ways = BOTH) -> Panels:
    """Panels over the union of the supports, cut where either distribution cuts and where either support ends.

    extra: more edges. power: the α of p^α·q^(1 − α), if that will be summed. ways: which KLs will be, whose tails may go further out.
    """
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    row = lambda edges: edges.detach().expand(shape + edges.shape[-1:])
    edges = _edges(p, q, extra, shape, ways)
    mirrored = [row(cuts(d)) for d in (p, q) if (cuts := density_of(d).cuts_below) is not None]
    logs = [row(cuts(d)) for d in (p, q) if (cuts := density_of(d).cuts_of_log) is not None]
    at_zero, at_one = (_least_power(p, q, side, power, logs) for side in (0, 1))
    farthest = max((float(cuts.amax()) for cuts in logs if cuts.numel()), default=0.0)
    if not mirrored and at_zero is None and farthest < _WIDE:
        return _between(edges, IN_X)
    # A distribution that is steep at 1: between ½ and 1 the panels are laid in the distance below 1, which keeps its digits.
    zero, half, one = (torch.full(shape + (1,), value, dtype=edges.dtype, device=edges.device) for value in (0.0, 0.5, 1.0))
    below = torch.cat([(1 - edges).clamp(0.0, 0.5), zero, half, *mirrored], -1)
    groups = [_between(torch.cat([edges.clamp_max(0.5 if at_zero is None else 0.0), half if at_zero is None else zero], -1), IN_X)]
    if at_zero is not None:
        groups.append(_in_logs(torch.cat([edges, half], -1), (-_DEPTH / at_zero, -_LOG_2), IN_LOG, logs))
    groups.append(_between(below, IN_BELOW) if at_one is None else _in_logs(below, (-_DEPTH / at_one, -_LOG_2), IN_LOG_BELOW))
    upper = torch.cat([edges.clamp_min(1.0), one], -1)
    reach = max(farthest, float(upper.amax().log()) if upper.numel() else 0.0)  # those of a tail lie further out than either's own
    groups.append(_between(upper, IN_X) if farthest < _WIDE else _in_logs(upper, (0.0, reach), IN_LOG, logs))
    return _joined(groups)


def _edges(p: Distribution, q: Distribution, extra: Tensor | None, shape: torch.Size, ways: Ways) -> Tensor:
    """The places x at which panels begin and end, unsorted, from the lower end of the union of the supports to the upper."""
    row = lambda edges: edges.detach().expand(shape + edges.shape[-1:])
    supports = [density_of(d).support(d) for d in (p, q)]
    lower = torch.minimum(supports[0][0], supports[1][0]).detach().expand(shape).unsqueeze(-1)
    upper = torch.maximum(supports[0][1], supports[1][1]).detach().expand(shape).unsqueeze(-1)
    parts = [row(density_of(d).cuts(d)) for d in (p, q)]
    parts += [row(edges) for wanted, pair in zip(ways, ((p, q), (q, p))) if wanted for edges in tail_edges(*pair)]
    parts += [row(extra)] if extra is not None else []
    ends = [row(end.unsqueeze(-1)) for support in supports for end in support]
    inside = lambda edges: torch.maximum(torch.minimum(edges, upper), lower)
    anchor = parts[0][..., :1]
    return inside(torch.cat(parts + [torch.where(end.isfinite(), end, anchor) for end in ends], -1))


def _in_logs(edges: Tensor, ends: tuple[float, float], coordinate: int, own: list[Tensor] | None = None) -> Panels:
    """Panels in the log of a distance, between the two ends: at the edges given, which are distances, and ever twice as far from 0."""
    low, high = ends
    rungs = _LOG_2 * 2.0 ** torch.arange(math.ceil(math.log2(max(high, -low) / _LOG_2)) + 1, dtype=edges.dtype, device=edges.device)
    ladder = torch.cat([rungs.new_tensor(ends), rungs if high > 0 else -rungs]).expand(*edges.shape[:-1], -1)
    logs = torch.where(edges > 0, edges, 0.5).log()
    return _between(torch.cat([logs, ladder, *(own or [])], -1).clamp(low, high), coordinate)


def _least_power(p: Distribution, q: Distribution, side: int, power: Tensor | None, logs: list[Tensor]) -> float | None:
    """How slowly mass falls off towards 0 (side 0) or 1 (side 1), as a power of the distance, where floats do not reach it; else None.

    Of P, of Q, and of p^α·q^(1 − α) if α is given; over the whole batch. logs: their edges in log x.
    """
    powers = [edge_powers(d, side) for d in (p, q)]
    least = min(float(value.amin()) if value.numel() else 1.0 for value in powers)
    if power is not None and powers[0].numel() and powers[1].numel():
        both = power * powers[0] + (1 - power) * powers[1]
        least = min(least, float(both[both > 0].amin()) if bool((both > 0).any()) else 1.0)
    deepest = min((float(cuts.amin()) for cuts in logs if cuts.numel()), default=0.0) if side == 0 else 0.0
    if deepest < _DEEP:  # all of a log-normal may lie there
        least = min(least, SLOW_POWER / 2, -_DEPTH / deepest)
    return max(least, _LEAST_POWER) if least < SLOW_POWER else None


def attached(panels: Panels, p: Distribution, q: Distribution) -> Panels:
    """The panels with those ends that are ends of a support following it, for the gradient's sake."""
    left, right = panels.left, panels.right
    for d in (p, q):
        for end in density_of(d).support(d):
            if end.requires_grad:
                end = _in_coordinate(end.unsqueeze(-1), panels.coordinate)
                left = torch.where(_same(left, end), end, left)
                right = torch.where(_same(right, end), end, right)
    return Panels(left, right, panels.coordinate)


def _in_coordinate(x: Tensor, coordinate: Tensor) -> Tensor:
    """x in each panel's coordinate; NaN where it has none."""
    place = torch.where((coordinate == IN_BELOW) | (coordinate == IN_LOG_BELOW), 1 - x, x)
    in_logs = coordinate >= IN_LOG
    positive = in_logs & (place > 0)
    log = torch.where(positive, place, 1.0).log()
    return torch.where(positive, log, torch.where(in_logs, torch.nan, place))


def _same(a: Tensor, b: Tensor) -> Tensor:
    """Equal but for the rounding of a logarithm."""
    return (a - b).abs() <= 1e-15 * b.abs()
