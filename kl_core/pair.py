"""Two distributions and everything worth asking of them, from one set of nodes.

The functions of `divergence` and `divergences` are each one question to a `Pair`; ask the pair itself to share the
work when several are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeGuard

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, OneHotCategorical, TransformedDistribution, kl_divergence

from . import densities, families  # noqa: F401  they register density specs and closed forms
from .density import density_of, device_of, has_density, in_double
from .infinite import KIND_REASON, OVERFLOW_REASON, TAIL_REASON, diverges_in_tail, lacks_support, missing_region, support_reason
from .nodes import FORTH, Nodes, in_groups, nodes_of
from .numerics.exact import EPS
from .numerics.parameters import dtype_of
from .registry import closed_form_of

__all__ = ["KLReport", "Pair", "sum_of_parts"]


@dataclass(frozen=True)
class KLReport:
    """What `kl_report` says of KL(P‖Q).

    value: in nats, batch-shaped. method: "closed form", "quadrature" or "sum".
    error: a bound on the absolute error in nats, batch-shaped; 0 where the value is infinite.
    infinite_by: None, "support" (P has mass where Q has none), "tail" (Q falls off too fast), "kind" (one is continuous,
    the other discrete) or "overflow" (finite, but not computed: floats end before). reason: the same as one sentence, None when
    finite. region: where P has mass and Q has none, as intervals (lo, hi) or outcomes (k, k); an unending run of outcomes
    is one (k, inf).
    The last three are for a single pair; for a batch they are None, None and ().
    """

    value: Tensor
    method: str
    error: Tensor
    infinite_by: str | None = None
    reason: str | None = None
    region: tuple[tuple[float, float], ...] = ()


class Pair:
    """P and Q, their quadrature nodes and their divergences, each computed when first asked for.

    p, q: torch distributions whose batch shapes broadcast; all answers are float64 of that shape, in nats, but those of
    `kl_report`, which are of p's and q's dtype. ValueError where the shapes of batches or of values do not fit, TypeError for
    what is no distribution. alone: KL(P‖Q) is all that will be asked, so that its nodes need not serve anything else.
    """

    def __init__(self, p: Distribution, q: Distribution, *, alone: bool = False):
        for name, d in (("p", p), ("q", q)):
            if not isinstance(d, Distribution):
                raise TypeError(
                    f"{name} is a {type(d).__name__} and no torch distribution; vectors are compared by kl_from_probs and kl_from_logits"
                )
        p, q = _unwrapped(p, q)
        if p.event_shape != q.event_shape:
            raise ValueError(f"p's values have the shape {tuple(p.event_shape)} and q's {tuple(q.event_shape)}; they must be alike")
        self.alone = alone
        self._asked = False  # for `_closed`, which may have found None
        self._found: Tensor | None = None
        self._mirror: Pair | None = None  # (Q, P), whose nodes this one shares
        self.known = has_density(p) and has_density(q)
        self.p, self.q = (in_double(p), in_double(q)) if self.known else (p, q)
        self.dtype = torch.float64
        if not self.known or self.p is not p or self.q is not q:
            # Next to equality a KL is the square of what half floats can tell apart.
            self.dtype = torch.promote_types(torch.promote_types(dtype_of(p), dtype_of(q)), torch.float32)
        try:
            same = p.batch_shape == q.batch_shape
            self.batch_shape = p.batch_shape if same else torch.broadcast_shapes(p.batch_shape, q.batch_shape)
        except RuntimeError:
            raise ValueError(f"the batch shapes of p, {tuple(p.batch_shape)}, and q, {tuple(q.batch_shape)}, do not broadcast") from None

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes that their divergences are sums over; NotImplementedError for what has no density spec."""
        return nodes_of(self.p, self.q) if self._mirror is None else self._mirror.nodes.swapped

    @cached_property
    def swapped(self) -> Pair:
        """(Q, P), sharing this pair's nodes."""
        other = Pair(self.q, self.p)
        other.dtype, other._mirror = self.dtype, self
        return other

    @property
    def by_torch(self) -> bool:
        """Whether nothing here knows the two, so that KL is torch's own form, which cancels near P = Q."""
        parts = isinstance(self.p, Independent) and isinstance(self.q, Independent)
        return not self.known and not parts and closed_form_of(self.p, self.q) is None

    @cached_property
    def same_kind(self) -> bool:
        """Whether both are continuous or both discrete."""
        return density_of(self.p).discrete == density_of(self.q).discrete

    @cached_property
    def lacks_support(self) -> Tensor:
        """Whether P has mass where Q has none, batch-shaped; of two of the same kind."""
        return lacks_support(self.p, self.q).expand(self.batch_shape)

    @cached_property
    def infinite(self) -> Tensor:
        """Whether KL(P‖Q) is infinite."""
        return self.lacks_support | diverges_in_tail(self.p, self.q)

    @property
    def _closed(self) -> Tensor | None:
        """KL(P‖Q) by its closed form, where there is one for these parameters.

        Not a cached property, whose lock in Python 3.11 takes a tenth of a pair's time, and of which the compiler has no graph.
        """
        if not self._asked:
            form = closed_form_of(self.p, self.q) if self.known else None
            value = None if form is None else form(self.p, self.q)
            self._found = value if value is None or value.shape == self.batch_shape else value.expand(self.batch_shape)
            self._asked = True
        return self._found

    @cached_property
    def _answer(self) -> tuple[Tensor, str, Tensor]:
        """KL(P‖Q) with its method and error bound."""
        if not self.known:
            return _without_density(self.p, self.q)
        value = self._closed
        if value is not None:
            return value, "closed form", torch.where(value.isinf(), 0.0, 16 * EPS * value.detach().abs())
        if not self.same_kind:
            value = torch.full(self.batch_shape, torch.inf, dtype=torch.float64, device=device_of(self.p))
            return value, "closed form", torch.zeros_like(value)
        method = "sum" if density_of(self.p).discrete else "quadrature"
        infinite = self.infinite
        if bool(infinite.all()):  # nothing to integrate
            value = torch.full(self.batch_shape, torch.inf, dtype=torch.float64, device=device_of(self.p))
            return value, method, torch.zeros_like(value)
        value, error = self._sum_alone() if self.alone else _sum_over_nodes(self.nodes)
        return torch.where(infinite, torch.inf, value), method, torch.where(infinite, 0.0, error)

    def _sum_alone(self) -> tuple[Tensor, ...]:
        """KL(P‖Q) and its error bound as a sum over nodes of its own."""
        return in_groups(lambda p, q: _sum_over_nodes(nodes_of(p, q, ways=FORTH)), self.p, self.q)

    def kl(self) -> Tensor:
        """KL(P‖Q), without the trouble of an error bound where a closed form has it."""
        return self._answer[0] if self._closed is None else self._closed

    def kl_report(self) -> KLReport:
        """KL(P‖Q) with its method, error bound and, for a single pair, why it is infinite if it is."""
        exact, method, error = self._answer
        value = exact.to(self.dtype)
        error = error.double() + torch.where(exact.isinf(), 0.0, (value.double() - exact.double()).detach().abs())
        if self.batch_shape != () or not self.known or bool(value.detach() < torch.inf):
            return KLReport(value, method, error)
        region: tuple[tuple[float, float], ...] = ()
        if not self.same_kind:
            by, reason = "kind", KIND_REASON
        elif bool(self.lacks_support):
            region = missing_region(self.p, self.q)
            by, reason = "support", support_reason(region, density_of(self.p).discrete)
        elif bool(self.infinite):
            by, reason = "tail", TAIL_REASON
        else:
            by, reason = "overflow", OVERFLOW_REASON
        return KLReport(value, method, error, by, reason, region)


def sum_of_parts(whole: Independent[Distribution], values: Tensor) -> Tensor:
    """The sum over a distribution's independent parts; values: one for each."""
    count: int = whole.reinterpreted_batch_ndims
    return values.sum(tuple(range(-count, 0))) if count else values  # a sum over no axis is one over all of them


def _unwrapped(p: Distribution, q: Distribution) -> tuple[Distribution, Distribution]:
    """The distributions of plainer values that have the same KL: of outcomes for one-hot vectors, of z for one bijection f(z) of both."""
    if isinstance(p, OneHotCategorical) and isinstance(q, OneHotCategorical):
        return p._categorical, q._categorical
    if _is_bijection_of_base(p) and _is_bijection_of_base(q) and p.transforms == q.transforms:
        return _unwrapped(p.base_dist, q.base_dist)
    return p, q


def _is_bijection_of_base(d: Distribution) -> TypeGuard[TransformedDistribution]:
    """Whether it is a known distribution's value put through a bijection, as an InverseGamma is, without a density spec of its own."""
    return (
        isinstance(d, TransformedDistribution)
        and not has_density(d)
        and d.batch_shape == d.base_dist.batch_shape
        and all(transform.bijective for transform in d.transforms)
    )


def _without_density(p: Distribution, q: Distribution) -> tuple[Tensor, str, Tensor]:
    """For distributions that cannot be integrated here: a closed form of ours or of torch's; independent parts are added up."""
    form = closed_form_of(p, q)
    value = None if form is None else form(p, q)
    if value is not None:
        # Sums over entries, and a factorisation for a Normal: a few roundings for each.
        entries = max(1, p.event_shape.numel())
        eps = torch.finfo(value.dtype).eps
        return value, "closed form", torch.where(value.isinf(), 0.0, 32 * eps * entries * value.detach().abs())
    if isinstance(p, Independent) and isinstance(q, Independent):
        if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
            raise NotImplementedError("Independent distributions with different event dimensions have no KL here")
        value, method, error = Pair(p.base_dist, q.base_dist, alone=True)._answer
        return sum_of_parts(p, value), method, sum_of_parts(p, error)
    try:
        value = kl_divergence(p, q).clamp_min(0.0)
    except NotImplementedError:
        raise NotImplementedError(
            f"no KL is known between {type(p).__name__} and {type(q).__name__}; teach it by "
            "kl_core.density.register_density or kl_core.register_closed_form, or estimate it by kl_core.estimates.sampling.kl_by_sampling"
        ) from None
    # torch's forms cancel near P = Q: their error is that of their largest part, about a nat.
    return value, "closed form", 1e3 * torch.finfo(value.dtype).eps * (1 + value.detach().abs())


def _sum_over_nodes(nodes: Nodes) -> tuple[Tensor, Tensor]:
    """Σ w·kl_terms near P = Q and Σ w·p·r far from it, with a bound on the error.

    Both equal the KL. The first leaves a rounding error relative to |p − q|, but needs Q's mass to be all there.
    """

    def both(t: Nodes) -> tuple[Tensor, Tensor]:
        return t.sum(t.kl_terms), t.sum(torch.where(t.both, t.p * t.ratio, 0.0))

    careful, plain = both(nodes)
    far = plain.detach() > 0.1
    value = torch.where(far, plain, careful).clamp_min(0.0)
    with torch.no_grad():
        logs = torch.where(nodes.both, 2 + nodes.log_p.abs() + nodes.log_q.abs(), 0.0)
        rounding = torch.where(far, nodes.sum(nodes.p * logs), nodes.sum(nodes.gap.abs() * logs))
        by_p, by_q = (nodes.p * nodes.ratio).abs(), nodes.gap.abs()  # the slopes of kl_terms in log p and log q
        bent_p, bent_q = nodes.bends
        near_bends, far_bends = by_p * bent_p + by_q * bent_q, (by_p + nodes.p) * bent_p + nodes.p * bent_q
        rounding = rounding + 0.5 * torch.where(far, nodes.sum(far_bends), nodes.sum(near_bends))
        of_p, of_q = (torch.as_tensor(bound, device=value.device) for bound in nodes.left_out)
        error = 8 * EPS * rounding + torch.where(far, of_p, torch.maximum(of_p, of_q)) + 4 * EPS * value
        if nodes.coarse is not None:
            low_careful, low_plain = both(nodes.coarse)
            error = error + (value - torch.where(far, low_plain, low_careful)).abs()
        overflows = nodes.overflows(value)
    return torch.where(overflows, torch.inf, value + nodes.beyond[0]), torch.where(overflows, 0.0, error)
