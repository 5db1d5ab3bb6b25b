"""KL between vectors of probabilities or logits, on the last axis, right to rounding error.

A vector of floats sums to 1 only to within 1e-16, and that alone spoils Σ p·log(p/q) once P and Q are closer than
about 1e-8. So here the answer is that of the exactly normalised vectors, and every sum is of terms that are never
negative. Everything is computed in float64 and returned in the inputs' own dtype, or float32 for half floats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..numerics.exact import extent, holds, kl_term, log_quotient, mapped
from ..numerics.rounding import difference_of_products, product_tail
from .logits import kl_of_softmaxes

__all__ = ["kl_from_probs", "kl_from_logits", "kl_terms"]

_OUTCOMES_AT_ONCE = {"cpu": 2**15}  # outcomes in one go, that its cache may hold what a sum of terms takes
# A growth of 4 costs at most 1.8e-15 in 160,000 random rows; 8 would be right for nearly all of ten outcomes, and twice as wrong.
# Of 1e6, 4e-10, which float32 does not show.
_PLAIN_GROWTH = {torch.float64: 4.0, torch.float32: 1e6}
_FAINT = 1e-150  # for a q below it p/q², which the gradient of log(p/q) has in it, may be no float


def checked_pair(p: Tensor, q: Tensor, names: tuple[str, str] = ("p", "q"), *, cast: bool = True) -> tuple[Tensor, Tensor, torch.dtype]:
    """Both broadcast and, if cast, in float64, with the dtype to answer in; ValueError if their shapes do not fit."""
    p, q = map(torch.as_tensor, (p, q))
    if p.is_complex() or q.is_complex():
        raise ValueError(f"{names[0] if p.is_complex() else names[1]} has complex entries; they must be real")
    p, q = (value if value.is_floating_point() else value.double() for value in (p, q))
    # A half float could not hold the answer: next to equality it is the square of what the inputs can tell apart.
    dtype = torch.promote_types(torch.promote_types(p.dtype, q.dtype), torch.float32)
    for name, value in zip(names, (p, q)):
        if value.dim() == 0 or value.shape[-1] == 0:
            raise ValueError(f"{name} needs its outcomes on the last axis; its shape is {tuple(value.shape)}")
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(f"{names[0]} has {p.shape[-1]} outcomes and {names[1]} has {q.shape[-1]}; they must be as many")
    try:
        p, q = torch.broadcast_tensors(*((p.double(), q.double()) if cast else (p, q)))
    except RuntimeError:
        raise ValueError(f"the shapes of {names[0]}, {tuple(p.shape)}, and {names[1]}, {tuple(q.shape)}, do not broadcast") from None
    return p, q, dtype


def checked_probs(p: Any, q: Any) -> tuple[Tensor, Tensor, torch.dtype]:
    """As checked_pair; ValueError for an entry that is negative, NaN or infinite, and for a row of zeros."""
    p, q, dtype = checked_pair(p, q)
    for name, value in (("p", p), ("q", q)):
        _lows_and_totals(name, value)
    return p, q, dtype


def _lows_and_totals(name: str, value: Tensor) -> tuple[Tensor, Tensor]:
    """The least entry and the sum of each row; ValueError if they are none of weights."""
    low, total = value.detach().amin(-1), value.sum(-1)
    if holds((low >= 0) & (total > 0) & (total < torch.inf)):
        return low, total
    good = (value >= 0) & (value < torch.inf)
    if not bool(good.all()):
        raise ValueError(f"{name} has the entry {value[~good][0].item():g}; probabilities are numbers of at least 0")
    if not bool((total > 0).all()):
        raise ValueError(f"{name} has no mass: all its entries are 0")
    return low, total  # the sum of large weights is no float


def _row_sum(x: Tensor) -> Tensor:
    """Σ over the last axis. Of 10,000 rows of ten a product with ones takes a quarter of the time of `sum`."""
    return x @ torch.ones(x.shape[-1], dtype=x.dtype, device=x.device) if x.shape[-1] <= 64 else x.sum(-1)


def matched(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """q scaled to p's sum, and p less that, with all its digits even where p is all but proportional to q."""
    total_p, total_q = p.sum(-1, keepdim=True), q.sum(-1, keepdim=True)
    rise, apart = (total_p - total_q) / total_q, p - q
    little = torch.minimum(0.1 * apart.abs().sum(-1, keepdim=True) / total_p, torch.full_like(rise, 0.01))
    if not mapped() and bool((rise.abs() <= little).all()):  # the rounding of its product will not show
        shift = q * rise
        return q + shift, apart - shift
    scale = total_p / total_q
    scaled = q * scale
    with torch.no_grad():
        tail = product_tail(q, scale, scaled).nan_to_num(0.0, 0.0, 0.0)
    return scaled, (p - scaled) - tail


def centred(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """p, q scaled to p's sum, their difference with all its digits, and p's sum, (..., 1)."""
    p, q = _within_reach(p), _within_reach(q)
    scaled, gap = matched(p, q)
    total = p.sum(-1, keepdim=True)
    # The scale was rounded; what it left of the sums' difference is taken out of the gap, where it shows. Once is
    # enough, except next to a KL that rests on an outcome of probability 1e-40 or less. What is left in the sum costs
    # KL (Σgap)²/2Σp, and KL is at least (Σ|gap|)²/8Σp.
    off = gap.sum(-1, keepdim=True)
    for _ in range(12):
        gap = gap - scaled * (off / total)
        off = gap.sum(-1, keepdim=True)
        if mapped() or not bool((off.abs() > 5e-10 * gap.abs().sum(-1, keepdim=True)).any()):
            break
    return p, scaled, _gap_below_rounding(p, q, gap), total


# Relative to the most probable outcome. The scale is rounded by 1e-16, so the gap of each outcome carries an error of 1e-32 of
# that outcome; from here on upwards it costs at most 2e-17/√(the largest probability) of the KL.
_BELOW_ROUNDING = 1e-15


def _gap_below_rounding(p: Tensor, q: Tensor, gap: Tensor) -> Tensor:
    """The gap, taken against the most probable outcome m in rows where the two hardly differ there.

    With e = p − q·(p_m/q_m) = (p·q_m − q·p_m)/q_m, which loses no digits, the gap is e − q·(Σe/Σq): its rounding is
    relative to e, not to p. A constant to autograd, as every tail.
    """
    if mapped():
        return gap
    with torch.no_grad():
        most = p.argmax(-1, keepdim=True)
        too_close = gap.gather(-1, most).abs() < _BELOW_ROUNDING * p.gather(-1, most)
        if not bool(too_close.any()):
            return gap
        rows = too_close.squeeze(-1)
        mended = torch.zeros_like(gap)
        mended[rows] = _gap_against(p[rows], q[rows], most[rows]) - gap[rows]
    return gap + mended


def _gap_against(p: Tensor, q: Tensor, most: Tensor) -> Tensor:
    """p − q·(Σp/Σq), (n, k), by differences from the outcome `most`, (n, 1), where p_m and q_m are above 0."""
    exponent_p, exponent_q = (torch.frexp(value.gather(-1, most)).exponent for value in (p, q))
    p, q = torch.ldexp(p, -exponent_p), torch.ldexp(q, -exponent_q)
    p_most, q_most = p.gather(-1, most), q.gather(-1, most)
    apart = difference_of_products(p, q_most, q, p_most) / q_most
    gap = apart - q * (apart.sum(-1, keepdim=True) / q.sum(-1, keepdim=True))
    return torch.ldexp(gap, exponent_p)


def _within_reach(p: Tensor) -> Tensor:
    """p times a power of 2, which is exact, in rows whose sum or products would leave the floats."""
    top = p.detach().amax(-1, keepdim=True)
    wild = (top > 1e100) | (top < 1e-100)
    if mapped() or not bool(wild.any()):
        return p
    _, exponent = torch.frexp(top)
    half = torch.where(wild, -exponent, 0).div(2, rounding_mode="floor")
    ones = torch.ones_like(top)
    return p * torch.ldexp(ones, half) * torch.ldexp(ones, torch.where(wild, -exponent, 0) - half)


def normalised_pair(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """p/Σp, q/Σq, and their difference to full relative precision."""
    p, q, gap, total = centred(p, q)
    return p / total, q / total, gap / total


def kl_from_probs(p: Tensor, q: Tensor) -> Tensor:
    """KL(P‖Q) = Σ p·log(p/q) in nats, over the last axis.

    p, q: (..., k) probabilities or non-negative weights, leading shapes broadcast; each is normalised exactly.
    Returns (...). 0·log(0/q) is 0; inf where p > 0 = q. Never negative, and zero only for p ∝ q. Gradients are
    finite wherever the KL is, and 0 where it is inf; at p = 0, where the slope is −∞, it counts as 0. ValueError for a negative or NaN
    entry, a row without mass, or shapes that do not fit; under vmap, which cannot look at values, a row of no probabilities is NaN.
    """
    p, q, dtype = checked_pair(p, q, cast=False)
    if mapped():
        return _mapped(*checked_probs(p, q)[:2]).to(dtype)
    shape, rows = p.shape[:-1], max(1, _OUTCOMES_AT_ONCE.get(p.device.type, p.numel()) // p.shape[-1])
    parts_p, parts_q = (value.reshape(-1, p.shape[-1]).split(rows) for value in (p, q))
    parts = zip(parts_p, parts_q, strict=True)
    return torch.cat([_kl_of_rows(part_p, part_q, _PLAIN_GROWTH[dtype]) for part_p, part_q in parts]).to(dtype).reshape(shape)


def _kl_of_rows(p: Tensor, q: Tensor, growth: float) -> Tensor:
    """KL of each row of p and q, (n, k), in float64; a row that is inf has no slope to follow, and 0 spoils nobody else's."""
    p, q = p.double(), q.double()
    (least_p, most_p), (least_q, most_q) = extent(p), extent(q)
    if least_p > 0 and least_q > _FAINT and max(most_p, most_q) < 1e300:  # of all rows at once: nothing to ask of each
        value, lost = _plain(p, q, _row_sum(p), _row_sum(q), growth)
        return _mended(value, lost, _second_order, p, q)
    (low_p, total_p), (low_q, total_q) = _lows_and_totals("p", p), _lows_and_totals("q", q)
    if bool((low_q <= 0).any()) and bool((infinite := ((p > 0) & (q <= 0)).any(-1)).any()):
        return torch.where(infinite, torch.inf, _kl_of_rows(*_ones_in(infinite, p, q), growth))
    faint = (low_p <= 0) | (low_q < _FAINT)
    value, lost = _plain(*_ones_in(faint, p, q), total_p, total_q, growth)
    return _mended(value, faint | lost, _second_order, p, q)


def _mended(value: Tensor, lost: Tensor, method: Callable[[Tensor, Tensor], Tensor], p: Tensor, q: Tensor) -> Tensor:
    """The values, with the lost rows' by another method."""
    if not bool(lost.any()):
        return value
    if bool(lost.all()):
        return method(p, q)
    return value.masked_scatter(lost, method(p[lost], q[lost]))


def _plain(p: Tensor, q: Tensor, total_p: Tensor, total_q: Tensor, growth: float) -> tuple[Tensor, Tensor]:
    """Σ p·log(p/q)/Σp − log(Σp/Σq), and the rows where its roundings are more than `growth` times the answer's."""
    shift = (total_p / total_q).log()
    terms = p * (p / q).log()
    value = _row_sum(terms) / total_p - shift
    with torch.no_grad():  # the quotient is rounded by half of 2⁻⁵², each logarithm by its own size
        size = _row_sum(terms.abs()) / total_p + (0.5 + 2 * shift.abs())
        return value, ~(size < growth * value)


def _ones_in(rows: Tensor, p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """p and q with ones in the rows that another method will do, where they could spoil the others' gradients."""
    return _with_ones(rows, p, q) if bool(rows.any()) else (p, q)


def _with_ones(rows: Tensor, p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    return torch.where(rows.unsqueeze(-1), 1.0, p), torch.where(rows.unsqueeze(-1), 1.0, q)


def _second_order(p: Tensor, q: Tensor) -> Tensor:
    """Σ T(p, q̃)/Σp with T(p, q) = p·log(p/q) − p + q ≥ 0, q̃ being q scaled to p's sum.

    What the sums were rounded by moves it by the square of that only, and what q̃ was by that times √(2·KL), as Σ T has
    its minimum at the true scale. Where this would show, the sums are far apart or out of reach, every rounding is kept.
    """
    total_p, total_q = p.sum(-1, keepdim=True), q.sum(-1, keepdim=True)
    rise = (total_p - total_q) / total_q
    wild = ~((rise.abs() < 0.01) & (total_p < 1e100) & (total_p > 1e-100)).squeeze(-1)
    safe_p, safe_q = _ones_in(wild, p, q)
    shift = safe_q * rise
    value = kl_term(safe_p, safe_q + shift, (safe_p - safe_q) - shift).sum(-1) / total_p.squeeze(-1)
    with torch.no_grad():
        lost = wild | ~((value > 1e-14) & (rise.squeeze(-1).square() < 0.04 * value))
    return _mended(value, lost, _careful, p, q)


def _careful(p: Tensor, q: Tensor) -> Tensor:
    """The same, with p − q̃ to more digits than either has."""
    p, q, gap, total = centred(p, q)
    return (kl_term(p, q, gap).sum(-1) / total.squeeze(-1)).clamp_min(0.0)


def _mapped(p: Tensor, q: Tensor) -> Tensor:
    """As `_careful`, of any rows at once: for torch.func. What is infinite has no slope; what are no probabilities is NaN."""
    infinite = ((p > 0) & (q <= 0)).any(-1)
    bad = ~(p >= 0).all(-1) | ~(q >= 0).all(-1) | ~((p.sum(-1) > 0) & (q.sum(-1) > 0))
    value = _careful(*_with_ones(infinite | bad, p, q))
    return torch.where(bad, torch.nan, torch.where(infinite, torch.inf, value))


def kl_terms(p: Tensor, q: Tensor) -> Tensor:
    """The contributions p·log(p/q) in nats, of p and q normalised, one an outcome; their sum is KL(P‖Q).

    p, q: (..., k) as in `kl_from_probs`; returns (..., k). A single term may be negative, where q > p. 0 where
    p = 0; inf where p > 0 = q. The sum agrees with `kl_from_probs` to a few 1e-16 absolute, not relative: close to
    P = Q the terms cancel.
    """
    p, q, dtype = checked_probs(p, q)
    p, q, gap = normalised_pair(p, q)
    return torch.where((p > 0) & (q == 0), torch.inf, p * log_ratio(p, q, gap)).to(dtype)


def log_ratio(p: Tensor, q: Tensor, gap: Tensor) -> Tensor:
    """log p − log q where both are above 0, otherwise 0; gap: p − q, with all its digits. All of one shape."""
    both = (p > 0) & (q > 0)
    near = both & (gap.abs() < 0.5 * q)
    far = log_quotient(torch.where(both, p, 1.0), torch.where(both, q, 1.0))
    return torch.where(near, torch.log1p(torch.where(near, gap, 0.0) / torch.where(near, q, 1.0)), far)


def kl_from_logits(z_p: Tensor, z_q: Tensor) -> Tensor:
    """KL(softmax(z_p)‖softmax(z_q)) in nats, over the last axis.

    z_p, z_q: (..., k) logits, any finite size; −inf masks a class; leading shapes broadcast. Returns (...): float64
    for float64 logits, float32 for all others, which are computed in float64 inside (a half float could not hold a
    KL of 1e-6). inf where a class is masked in Q only. Never negative, zero only for equal softmaxes; the gradient is
    analytic, 0 at masked classes and in rows whose KL is inf. ValueError for NaN or +inf, for a row that is masked
    entirely, or shapes that do not fit. How: `kl_core.vectors.logits`.
    """
    z_p, z_q, _ = checked_pair(z_p, z_q, ("z_p", "z_q"), cast=False)
    return kl_of_softmaxes(z_p, z_q)
