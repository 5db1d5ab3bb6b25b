"""One table of nodes for a pair of distributions, from which every divergence between them is a weighted sum.

For densities the nodes are those of Gauss–Legendre panels over the union of both supports, cut where either law
says its density bends and halved where two rules of different order disagree; for masses they are the outcomes
themselves. Near P = Q the plain sum of p·log(p/q) is all cancellation, so the table works from the log-ratio
r = log p − log q, whose error is relative to the densities' logs and not to their difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, reduce

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from .exact import exp_excess
from .infinite import diverges_in_tail, lacks_support
from .law import LOG, LOG_SQUARED, has_law, law_of
from .quadrature import panels as gauss

__all__ = ["Table", "table_of", "dtype_of", "parameters_of"]

FINE, COARSE = 20, 16   # orders of the rule whose sum is the answer, and of the one it is compared with
_ROUNDS = 12            # of halving the panels that are not good enough
_FARTHEST = 240         # factors of 4 that tails are followed for: x² is still a float
_MOST = 2**18           # outcomes of one law that are summed; beyond, the report knows no bound on its error
_EPS = 2.0**-52


@dataclass(frozen=True)
class Table:
    """weights, log_p, log_q: (batch_shape + (n,)); log_p and log_q are −inf where there is no mass.

    x: the nodes. panels: what the nodes came from, None for discrete laws. coarse: the table of the lower order.
    log_ratio: log p − log q, where it is known better than as their difference, in the rows of `nearby`, batch-shaped.
    left_out: what the table does not reach may add to a KL, batch-shaped; inf where it had to stop short.
    """

    x: Tensor
    weights: Tensor
    log_p: Tensor
    log_q: Tensor
    panels: "Panels | None" = None
    coarse: "Table | None" = None
    left_out: Tensor | float = 0.0
    log_ratio: Tensor | None = None
    nearby: Tensor | None = None

    @cached_property
    def p(self) -> Tensor:
        return self.log_p.exp()

    @cached_property
    def q(self) -> Tensor:
        return self.log_q.exp()

    @cached_property
    def both(self) -> Tensor:
        """Where P and Q both have mass, so that the log-ratio is finite."""
        return (self.log_p > -torch.inf) & (self.log_q > -torch.inf)

    @cached_property
    def ratio(self) -> Tensor:
        """log p − log q where both have mass, otherwise 0."""
        both = self.both
        if self.log_ratio is not None:
            return torch.where(both, self.log_ratio, 0.0)
        return torch.where(both, self.log_p, 0.0) - torch.where(both, self.log_q, 0.0)

    @cached_property
    def close(self) -> Tensor:
        return self.both & (self.ratio.abs() < 0.5)

    @cached_property
    def gap(self) -> Tensor:
        """p − q, relative to which it is exact."""
        small = torch.where(self.close, self.ratio, 0.0)
        return torch.where(self.close, -self.p * torch.expm1(-small), self.p - self.q)

    @cached_property
    def swapped(self) -> "Table":
        """The table of (Q, P), sharing what has been computed."""
        coarse = None if self.coarse is None else self.coarse.swapped
        other = Table(self.x, self.weights, self.log_q, self.log_p, self.panels, coarse, self.left_out)
        other.__dict__.update(p=self.q, q=self.p, both=self.both, close=self.close, ratio=-self.ratio, gap=-self.gap)
        return other

    @cached_property
    def kl_terms(self) -> Tensor:
        """p·log(p/q) − p + q at every node, ≥ 0; 0 where P has mass and Q none: support is checked apart."""
        small = torch.where(self.close, self.ratio, 0.0)
        alone = torch.where(self.log_p == -torch.inf, self.q, 0.0)
        far = torch.where(self.both, self.p * self.ratio - self.p + self.q, alone)
        return torch.where(self.close, self.p * exp_excess(-small), far)

    @property
    def bends(self) -> tuple[Tensor, Tensor]:
        """|x·d log p/dx| and |x·d log q/dx|, by differences: how many of its own roundings a node's place costs a density.

        A spike far from 0 has many. Where panels are laid in the distance below 1, x stands for that. 0 for outcomes.
        """
        if self.panels is None:
            return torch.zeros_like(self.log_p), torch.zeros_like(self.log_q)
        by_panel = lambda value: value.unflatten(-1, (-1, FINE))
        x = by_panel(self.x)
        size = torch.where(self.panels.mirrored.unsqueeze(-1), 1 - x, x.abs())[..., 1:]
        relative = size / x.diff(dim=-1)

        def bend(log_density: Tensor) -> Tensor:
            steep = (by_panel(log_density).diff(dim=-1) * relative).abs().nan_to_num(0.0, 0.0, 0.0)
            return torch.cat([steep[..., :1], steep], -1).flatten(-2)

        return bend(self.log_p), bend(self.log_q)

    def sum(self, integrand: Tensor) -> Tensor:
        return (self.weights * integrand).sum(-1)


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

    def halved(self, which: Tensor) -> "Panels":
        """With the panels of `which`, (n,), cut in two."""
        middle = (self.left + self.right) / 2
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


def _first_panels(p: Distribution, q: Distribution, extra: Tensor | None) -> Panels:
    """Panels over the union of the supports, cut where either law cuts and where either support ends."""
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    row = lambda edges: edges.detach().expand(shape + edges.shape[-1:])
    supports = [law_of(d).support(d) for d in (p, q)]
    lower = torch.minimum(supports[0][0], supports[1][0]).detach().expand(shape).unsqueeze(-1)
    upper = torch.maximum(supports[0][1], supports[1][1]).detach().expand(shape).unsqueeze(-1)
    parts = [row(law_of(d).cuts(d)) for d in (p, q)] + [row(edges) for edges in _tail_edges(p, q) + _tail_edges(q, p)]
    parts += [row(extra)] if extra is not None else []
    ends = [row(end.unsqueeze(-1)) for support in supports for end in support]
    inside = lambda edges: torch.maximum(torch.minimum(edges, upper), lower)
    anchor = parts[0][..., :1]
    edges = inside(torch.cat(parts + [torch.where(end.isfinite(), end, anchor) for end in ends], -1))
    mirrored = [row(law_of(d).cuts_below(d)) for d in (p, q) if law_of(d).cuts_below is not None]
    if not mirrored:
        return _between(edges, False)
    # A law that is steep at 1: between ½ and 1 the panels are laid in the distance below 1, which keeps its digits.
    ends = torch.tensor([0.0, 0.5], dtype=edges.dtype, device=edges.device).expand(shape + (2,))
    below = torch.cat([(1 - edges).clamp(0.0, 0.5), ends] + mirrored, -1)
    return _joined([_between(torch.cat([edges.clamp_max(0.5), ends[..., 1:]], -1), False), _between(below, True),
                    _between(torch.cat([edges.clamp_min(1.0), ends[..., 1:] * 2], -1), False)])


def _tail_edges(p: Distribution, q: Distribution) -> list[Tensor]:
    """Panel edges, each four times further out, for a tail of P like |x|^−(ν + 1) under a −log q that grows like |x| or x².

    What lies beyond x is then like x^(1 − ν) or x^(2 − ν), which P's own panels, made for its mass, may leave too large.
    """
    found = []
    for side, end_p, end_q, bound in zip((-1.0, 1.0), law_of(p).ends(p), law_of(q).ends(q), law_of(p).support(p)):
        index = (end_p.coefficient - 1 - end_q.order).detach()
        if end_p.order != LOG or end_q.order == LOG or not bool((bound.isinf() & (index > 0)).any()):
            continue
        count = min(math.ceil(33 / index[index > 0].amin().item()), _FARTHEST)
        steps = 4.0 ** torch.arange(count + 1, dtype=index.dtype, device=index.device)
        own = law_of(p).cuts(p).detach()
        edges = own.mean(-1, keepdim=True) + side * steps
        found.append(torch.where((index > 0).unsqueeze(-1), edges, own[..., :1]))
    return found


def log_density_on(d: Distribution, x: Tensor, below: Tensor) -> Tensor:
    """log density at x, −inf outside the support; nowhere is the formula asked about a point it does not know."""
    law = law_of(d)
    lower, upper = (end.detach().unsqueeze(-1) for end in law.support(d))
    if not (lower.isfinite().any() or upper.isfinite().any()):
        return law.log_density(d, x, below)
    # Strictly inside; at 1 the distance is asked, since x itself may have been rounded to it.
    inside = (x > lower) & torch.where(upper == 1, below > 0, x < upper)
    cuts = law.cuts(d).detach().sort(-1).values
    home = cuts[..., cuts.shape[-1] // 2].unsqueeze(-1)
    value = law.log_density(d, torch.where(inside, x, home), torch.where(inside, below, 1 - home))
    return torch.where(inside, value, -torch.inf)


def _evaluated(p: Distribution, q: Distribution, panels: Panels, nearby: Tensor | None) -> Table:
    """The table on these panels, and its coarse companion, from one evaluation of each density; nearby: see `nearby_rows`."""
    fine, coarse = panels.nodes(FINE), panels.nodes(COARSE)
    x, below = (torch.cat(pair, -1) for pair in zip(fine[:2], coarse[:2]))
    log_p, log_q = log_density_on(p, x, below), log_density_on(q, x, below)
    shape, cut = torch.broadcast_shapes(log_p.shape, log_q.shape), fine[2].shape[-1]
    log_p, log_q = log_p.expand(shape), log_q.expand(shape)
    fine_ratio = coarse_ratio = None
    if nearby is not None:
        ratio = better_ratio(p, q, x, Table(x, x, log_p, log_q).ratio, nearby)
        fine_ratio, coarse_ratio = ratio[..., :cut], ratio[..., cut:]
    companion = Table(x[..., cut:], coarse[2], log_p[..., cut:], log_q[..., cut:], log_ratio=coarse_ratio, nearby=nearby)
    return Table(x[..., :cut], fine[2], log_p[..., :cut], log_q[..., :cut], panels, companion, _out_of_reach(p, q),
                 fine_ratio, nearby)


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


def better_ratio(p: Distribution, q: Distribution, x: Tensor, plain: Tensor, nearby: Tensor) -> Tensor:
    """log p − log q at x: by the family's own formula in nearby rows, and elsewhere, or where it has none, as it was."""
    found = law_of(p).log_ratio(p, q, x)
    return plain if found is None else torch.where(nearby.unsqueeze(-1), found, plain)


def _unsettled(table: Table, finite: tuple[bool, bool]) -> Tensor:
    """Which panels, (n,), still differ between the two rules in any row by more than rounding explains.

    Asked of the bounded (p − q)²/(p + q), on which the relatives rest, and of either KL's terms if it is finite
    anywhere: an integrand that diverges would be halved without end, for nothing.
    """
    integrands = [lambda t: t.gap * (t.gap / torch.where(t.p + t.q > 0, t.p + t.q, 1.0))]
    integrands += [term for term, wanted in zip((lambda t: t.kl_terms, lambda t: t.swapped.kl_terms), finite) if wanted]
    noise = _EPS * table.sum(table.gap.abs() * (2 + table.ratio.abs()))
    if table.nearby is not None:
        noise = torch.where(table.nearby, 64 * _EPS * table.sum((table.gap * table.ratio).abs()), noise)
    bad = torch.zeros_like(table.panels.mirrored)
    for integrand in integrands:
        fine, coarse = ((t.weights * integrand(t)).unflatten(-1, (-1, order)).sum(-1)
                        for t, order in ((table, FINE), (table.coarse, COARSE)))
        allowed = (2e-15 * fine.sum(-1) + noise).unsqueeze(-1)
        bad = bad | ((fine - coarse).abs() > allowed).reshape(-1, bad.shape[0]).any(0)
    return bad


def _attached(panels: Panels, p: Distribution, q: Distribution) -> Panels:
    """The panels with those ends that are ends of a support following it, for the gradient's sake."""
    left, right = panels.left, panels.right
    for d in (p, q):
        for end in law_of(d).support(d):
            if end.requires_grad:
                end = torch.where(panels.mirrored, 1 - end.unsqueeze(-1), end.unsqueeze(-1))
                left = torch.where(left == end, end, left)
                right = torch.where(right == end, end, right)
    return Panels(left, right, panels.mirrored)


def table_of(p: Distribution, q: Distribution, extra: Tensor | None = None, *, bounded: bool = False) -> Table:
    """The table of a pair of float64 distributions, both continuous or both discrete, batch shapes broadcast.

    extra: more panel edges, where the caller knows of some. bounded: only what is bounded will be summed, such as
    Jensen–Shannon, and no KL: fewer panels will do. Differentiable in the parameters of p and q.
    """
    if law_of(p).discrete:
        return _sum_table(p, q)
    with torch.no_grad():
        panels = _first_panels(p, q, extra)
        table = _evaluated(p, q, panels, None)
        nearby = nearby_rows(p, q, table)
        table = table if nearby is None else _evaluated(p, q, panels, nearby)
        finite = tuple(not bounded and not bool((lacks_support(a, b) | diverges_in_tail(a, b)).all())
                       for a, b in ((p, q), (q, p)))
        for _ in range(_ROUNDS):
            bad = _unsettled(table, finite)
            if not bool(bad.any()) or panels.left.numel() > 2_000_000:
                break
            panels = panels.halved(bad)
            table = _evaluated(p, q, panels, nearby)
    if not torch.is_grad_enabled() or not _needs_gradient(p, q):
        return table
    return _evaluated(p, q, _attached(panels, p, q), nearby)


def parameters_of(d: Distribution) -> list[Tensor]:
    """The tensors it was made from: the logits in place of probs, if those were given."""
    values = []
    for name in law_of(d).arguments:
        value = getattr(d, "logits" if name == "probs" and "probs" not in d.__dict__ else name)
        values += parameters_of(value) if isinstance(value, Distribution) else [value]
    return values


def dtype_of(d: Distribution) -> torch.dtype:
    """The float dtype of its parameters."""
    while isinstance(d, Independent):
        d = d.base_dist
    values = parameters_of(d) if has_law(d) else [d.__dict__.get(name) for name in d.arg_constraints]
    found = [value.dtype for value in values if isinstance(value, Tensor) and value.is_floating_point()]
    return reduce(torch.promote_types, found) if found else torch.get_default_dtype()


def _needs_gradient(*laws: Distribution) -> bool:
    return any(value.requires_grad for d in laws for value in parameters_of(d))


def _sum_table(p: Distribution, q: Distribution) -> Table:
    """The outcomes worth summing under P, and those under Q that are not among them, each of weight 1."""
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    (p_first, p_last), (q_first, q_last) = (
        [end.expand(shape).unsqueeze(-1) for end in law_of(d).window(d)] for d in (p, q))
    steps = lambda first, last: torch.arange(min(int((last - first).amax().item()), _MOST) + 1 if first.numel() else 1,
                                             dtype=torch.float64, device=first.device)
    of_p, of_q = p_first + steps(p_first, p_last), q_first + steps(q_first, q_last)
    weights = torch.cat([of_p <= p_last, (of_q <= q_last) & ((of_q < p_first) | (of_q > p_last))], -1).double()
    k = torch.cat([of_p, of_q], -1)
    if k.dim() == 1:
        k, weights = k[weights > 0], weights[weights > 0]
    log_p, log_q = law_of(p).log_density(p, k, None), law_of(q).log_density(q, k, None)
    shape = torch.broadcast_shapes(log_p.shape, log_q.shape, k.shape)
    log_p, log_q = log_p.expand(shape), log_q.expand(shape)
    plain = Table(k, weights, log_p, log_q)
    nearby = nearby_rows(p, q, plain)
    ratio = None if nearby is None else better_ratio(p, q, k, plain.ratio, nearby)
    short = (p_last - p_first > _MOST) | (q_last - q_first > _MOST)
    return Table(k, weights, log_p, log_q, left_out=torch.where(short.squeeze(-1), torch.inf, 0.0), log_ratio=ratio, nearby=nearby)


def _out_of_reach(*laws: Distribution) -> Tensor | float:
    """0, or inf where a tail or an edge is so heavy that a table of panels cannot reach all its mass."""
    found = []
    for d, other in zip(laws, laws[::-1]):
        for end, end_other, bound in zip(law_of(d).ends(d), law_of(other).ends(other), law_of(d).support(d)):
            if end.order == LOG:  # mass beyond x like |x|^−index far out, distance^index at an edge
                index = end.coefficient.detach()
                growth = end_other.order if end_other.order != LOG_SQUARED else LOG
                beyond = index - 1 - growth  # of −log of the other; not above 0, that KL is infinite anyway
                short = (index - 1 < 0.14) | ((beyond > 0) & (beyond < 0.14))
                found.append(torch.where(bound.detach().isinf(), short, index + 1 < 0.07))
    return sum(torch.where(short, torch.inf, 0.0) for short in found) if found else 0.0
