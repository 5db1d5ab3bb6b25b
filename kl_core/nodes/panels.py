"""Gauss–Legendre panels over the union of two supports, cut where either distribution says its density bends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of
from ..numerics.quadrature import panels as gauss
from .tails import tail_edges

__all__ = ["FINE", "COARSE", "Panels", "first_panels", "attached"]

FINE, COARSE = 20, 16  # orders of the rule whose sum is the answer, and of the one it is compared with


@dataclass(frozen=True)
class Panels:
    """left, right: (batch_shape + (n,)) ends. mirrored: (n,), where they are distances below 1 and not places."""

    left: Tensor
    right: Tensor
    mirrored: Tensor

    def nodes(self, order: int) -> tuple[Tensor, Tensor, Tensor]:
        """x, 1 − x and the weights, each (batch_shape + (panels · order,)), panel by panel."""
        place, weights = gauss(torch.stack([self.left, self.right], -1), order)
        other = 1 - place
        flip = self.mirrored.unsqueeze(-1)
        x, below = torch.where(flip, other, place), torch.where(flip, place, other)
        return x.flatten(-2), below.flatten(-2), weights.flatten(-2)

    def halved(self, which: Tensor, steep: bool = False) -> Panels:
        """With the panels of `which`, (n,), cut in two; steep: one that begins at 0 is cut much nearer to it."""
        middle = (self.left + self.right) / 2
        middle = torch.where(self.left == 0, self.right / 256, middle) if steep else middle
        keep, cut = ~which, which
        left = torch.cat([self.left[..., keep], self.left[..., cut], middle[..., cut]], -1)
        right = torch.cat([self.right[..., keep], middle[..., cut], self.right[..., cut]], -1)
        return Panels(left, right, torch.cat([self.mirrored[keep], self.mirrored[cut], self.mirrored[cut]]))


def _between(edges: Tensor, mirrored: bool) -> Panels:
    """Panels between the sorted edges; for a single pair, without the empty ones."""
    edges = edges.sort(-1).values
    if edges.dim() == 1:
        edges = edges.unique_consecutive()
    left = edges[..., :-1]
    return Panels(left, edges[..., 1:], torch.full(left.shape[-1:], mirrored, device=edges.device))


def _joined(groups: list[Panels]) -> Panels:
    return Panels(*(torch.cat([getattr(group, name) for group in groups], -1) for name in ("left", "right", "mirrored")))


def first_panels(p: Distribution, q: Distribution, extra: Tensor | None) -> Panels:
    """Panels over the union of the supports, cut where either distribution cuts and where either support ends."""
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    row = lambda edges: edges.detach().expand(shape + edges.shape[-1:])
    supports = [density_of(d).support(d) for d in (p, q)]
    lower = torch.minimum(supports[0][0], supports[1][0]).detach().expand(shape).unsqueeze(-1)
    upper = torch.maximum(supports[0][1], supports[1][1]).detach().expand(shape).unsqueeze(-1)
    parts = [row(density_of(d).cuts(d)) for d in (p, q)] + [row(edges) for edges in tail_edges(p, q) + tail_edges(q, p)]
    parts += [row(extra)] if extra is not None else []
    ends = [row(end.unsqueeze(-1)) for support in supports for end in support]
    inside = lambda edges: torch.maximum(torch.minimum(edges, upper), lower)
    anchor = parts[0][..., :1]
    edges = inside(torch.cat(parts + [torch.where(end.isfinite(), end, anchor) for end in ends], -1))
    functions = [(d, density_of(d).cuts_below) for d in (p, q)]
    mirrored = [row(cuts_below(d)) for d, cuts_below in functions if cuts_below is not None]
    if not mirrored:
        return _between(edges, False)
    # A distribution that is steep at 1: between ½ and 1 the panels are laid in the distance below 1, which keeps its digits.
    halves = torch.tensor([0.0, 0.5], dtype=edges.dtype, device=edges.device).expand(shape + (2,))
    below = torch.cat([(1 - edges).clamp(0.0, 0.5), halves] + mirrored, -1)
    return _joined(
        [
            _between(torch.cat([edges.clamp_max(0.5), halves[..., 1:]], -1), False),
            _between(below, True),
            _between(torch.cat([edges.clamp_min(1.0), halves[..., 1:] * 2], -1), False),
        ]
    )


def attached(panels: Panels, p: Distribution, q: Distribution) -> Panels:
    """The panels with those ends that are ends of a support following it, for the gradient's sake."""
    left, right = panels.left, panels.right
    for d in (p, q):
        for end in density_of(d).support(d):
            if end.requires_grad:
                end = torch.where(panels.mirrored, 1 - end.unsqueeze(-1), end.unsqueeze(-1))
                left = torch.where(left == end, end, left)
                right = torch.where(right == end, end, right)
    return Panels(left, right, panels.mirrored)
