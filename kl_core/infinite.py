"""Whether KL(P‖Q) is infinite, decided from supports and tails, and the reason in words."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Distribution

from .density import EXPONENTIAL, LINEAR, LOG, density_of, device_of, real_line

__all__ = [
    "lacks_support",
    "diverges_in_tail",
    "edge_powers",
    "renyi_diverges",
    "missing_region",
    "support_reason",
    "KIND_REASON",
    "OVERFLOW_REASON",
    "TAIL_REASON",
]

KIND_REASON = "One of P and Q is continuous and the other discrete, so P has mass where Q has none."
OVERFLOW_REASON = "KL is finite, but numbers on the way to it are larger than the largest one that this float type holds."
TAIL_REASON = "Q's tail falls off so much faster than P's that the integral of p·log(p/q) diverges."


def lacks_support(p: Distribution, q: Distribution) -> Tensor:
    """Whether P has mass where Q has none, batch-shaped; both continuous or both discrete."""
    (p_lower, p_upper), (q_lower, q_upper) = density_of(p).support(p), density_of(q).support(q)
    beyond = (p_lower < q_lower) | (p_upper > q_upper)
    holes = _holes(p, q)
    return beyond if holes is None else beyond | holes.any(-1)


def _holes(p: Distribution, q: Distribution) -> Tensor | None:
    """Outcomes 0, 1, …, on a last axis, that P allows and Q has a gap at; None if Q's distribution has no gaps."""
    allowed = density_of(q).allowed
    if allowed is None:
        return None
    q_allows = allowed(q)
    outcomes = torch.arange(q_allows.shape[-1], dtype=torch.float64, device=q_allows.device)
    lower, upper = (end.unsqueeze(-1) for end in density_of(p).support(p))
    p_allows = (outcomes >= lower) & (outcomes <= upper)
    allowed = density_of(p).allowed
    if allowed is not None:
        own = allowed(p)
        width = min(own.shape[-1], outcomes.shape[-1])
        p_allows = p_allows[..., :width] & own[..., :width]
        q_allows = q_allows[..., :width]
    return p_allows & ~q_allows


def diverges_in_tail(p: Distribution, q: Distribution) -> Tensor:
    """Whether E_P[−log q] is infinite for want of moments of P, batch-shaped.

    −log q grows like |x| or x², or like an exponential, in an unending tail; a P with density like |x|^−(ν + 1) has moments
    below ν only.
    """
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    result = torch.zeros(shape, dtype=torch.bool, device=device_of(p))
    if density_of(p).discrete:
        return result
    for end_p, end_q, bound in zip(density_of(p).ends(p), density_of(q).ends(q), density_of(p).support(p)):
        order, own = end_q.orders, end_p.orders
        result = result | (bound.isinf() & (own == LOG) & (order >= LINEAR) & (order >= end_p.coefficient - 1))
        # E_P[e^(rate·|x|)] needs a P that falls off faster than e^−(rate·|x|).
        too_fast = (own < LINEAR) | (own == LINEAR) & (end_p.coefficient <= order - EXPONENTIAL)
        result = result | (bound.isinf() & (order >= EXPONENTIAL) & too_fast)
    return result


def edge_powers(d: Distribution, side: int) -> Tensor:
    """The power of the distance with which d's mass falls off at an edge of its support at 0 (side 0) or at 1; batch-shaped.

    A Beta's or a Gamma's shape; inf where it has no such edge.
    """
    spec = density_of(d)
    if spec.support is real_line:
        return spec.support(d)[1]
    end, edge = spec.ends(d)[side], spec.support(d)[side].detach()
    return torch.where((edge == float(side)) & (end.orders == LOG), 1 + end.coefficient.detach(), torch.inf)


def renyi_diverges(p: Distribution, q: Distribution, alpha: Tensor) -> Tensor:
    """Whether ∫ p^α·q^(1−α), or the sum, is infinite in a tail or at an edge; batch-shaped. P is inside Q's support."""
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape, alpha.shape)
    result = torch.zeros(shape, dtype=torch.bool, device=device_of(p))
    if not (density_of(p).has_ends and density_of(q).has_ends):  # of finitely many outcomes
        return result
    supports = zip(density_of(p).support(p), density_of(q).support(q))
    for end_p, end_q, (bound_p, bound_q) in zip(density_of(p).ends(p), density_of(q).ends(q), supports):
        order_p, order_q = end_p.orders, end_q.orders
        total = alpha * end_p.coefficient + (1 - alpha) * end_q.coefficient
        # Of two logarithms the product goes like |x|^−total far out, or distance^total at an edge.
        least = torch.where(order_p == LOG, torch.where(bound_p.isinf(), 1.0, -1.0), 0.0)
        bad = (order_q > order_p) | ((order_q == order_p) & (total <= least))
        result = result | ((bound_p == bound_q) & (alpha > 1) & bad)  # elsewhere Q has no edge of its own
    return result


def missing_region(p: Distribution, q: Distribution) -> tuple[tuple[float, float], ...]:
    """Where P has mass and Q none: intervals, or outcomes (k, k) and for an unending run (k, inf). One pair."""
    (p_lower, p_upper), (q_lower, q_upper) = ([end.item() for end in density_of(d).support(d)] for d in (p, q))
    if not density_of(p).discrete:
        below = [(p_lower, min(q_lower, p_upper))] if p_lower < q_lower else []
        above = [(max(q_upper, p_lower), p_upper)] if p_upper > q_upper else []
        return tuple(below + above)
    outcomes = []
    holes = _holes(p, q)
    if holes is not None:
        outcomes = [float(k) for k in holes.nonzero().flatten().tolist()]
    outcomes += [float(k) for k in range(int(p_lower), int(min(q_lower, p_upper + 1)))]
    start = max(q_upper + 1, p_lower)
    unending = math.isinf(p_upper) and math.isfinite(q_upper)
    if not unending and p_upper > q_upper:
        outcomes += [float(k) for k in range(int(start), int(p_upper) + 1)]
    allowed = density_of(p).allowed
    if allowed is not None:
        has_mass = allowed(p).tolist()
        outcomes = [k for k in outcomes if has_mass[int(k)]]
    return tuple((k, k) for k in sorted(set(outcomes))) + (((start, math.inf),) if unending else ())


def support_reason(region: tuple[tuple[float, float], ...], discrete: bool) -> str:
    """One sentence on where P has mass and Q has none."""
    if not discrete:
        return f"P has mass {' and '.join(_place(lo, hi) for lo, hi in region)}, where Q has none."
    singles = [f"{lo:g}" for lo, hi in region if hi == lo]
    parts = []
    if singles:
        shown = singles if len(singles) <= 4 else [*singles[:3], f"{len(singles) - 3} more"]
        listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
        parts.append(f"outcome{'s' if len(singles) > 1 else ''} {listed}")
    parts += [f"every outcome from {lo:g} on" for lo, hi in region if hi > lo]
    return f"P gives some probability to {' and '.join(parts)}, and Q gives none."


def _place(lo: float, hi: float) -> str:
    if math.isinf(lo):
        return f"below {hi:g}"
    return f"above {lo:g}" if math.isinf(hi) else f"between {lo:g} and {hi:g}"
