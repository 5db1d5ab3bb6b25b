"""KL between vectors of probabilities or logits, on the last axis, right to rounding error.

A vector of floats sums to 1 only to within 1e-16, and that alone spoils Σ p·log(p/q) once P and Q are closer than
about 1e-8. So here the answer is that of the exactly normalised vectors, and every sum is of terms that are never
negative. Everything is computed in float64 and returned in the inputs' own dtype, or float32 for half floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from ..numerics.exact import kl_term, kl_term_of_numbers, log_quotient
from ..numerics.few import of_few_rows
from ..numerics.pieces import by_rows
from ..numerics.values import extent, holds, mapped, room_of
from .logits import kl_of_softmaxes
from .normalised import centred, normalised_pair

__all__ = ["kl_from_probs", "kl_from_logits", "kl_terms"]

# The least KL that Σ p·log(p/q) has right: in float64 to 1.5e-15 in a million random rows of 2 to 30,000 outcomes, of a quarter
# of it to 5e-15; below it terms of second order keep the digits. In float32 to 4e-10, which a float32 does not show.
_PLAIN_FROM = {torch.float64: 0.08, torch.float32: 5e-7}
_AT_ONCE = 2**17  # outcomes, as the steps of `_plain` are few
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
        _least(name, value)
    return p, q, dtype


def _least(name: str, value: Tensor) -> Tensor:
    """The least entry of each row; ValueError if they are no weights."""
    value = value.detach()
    low, total = value.amin(-1), value.sum(-1)
    if holds((low >= 0) & (total > 0) & (total < torch.inf)):
        return low
    good = (value >= 0) & (value < torch.inf)
    if not bool(good.all()):
        raise ValueError(f"{name} has the entry {value[~good][0].item():g}; probabilities are numbers of at least 0")
    if not bool((total > 0).all()):
        raise ValueError(f"{name} has no mass: all its entries are 0")
    return low  # the sum of large weights is no float


@cache
@torch.inference_mode(False)  # kept for later calls, some of which want gradients
def _ones(count: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.ones(count, dtype=dtype, device=device)


def _row_sum(x: Tensor) -> Tensor:
    """Σ over the last axis. Of 10,000 rows of ten a product with ones takes a third of the time of `sum`."""
    return x @ _ones(x.shape[-1], x.dtype, x.device) if x.shape[-1] <= 64 else x.sum(-1)


def kl_from_probs(p: Tensor, q: Tensor) -> Tensor:
    """KL(P‖Q) = Σ p·log(p/q) in nats, over the last axis.

    p, q: (..., k) probabilities or non-negative weights, leading shapes broadcast; each is normalised exactly.
    Returns (...). 0·log(0/q) is 0; inf where p > 0 = q. Never negative, and zero only for p ∝ q. Gradients are
    finite wherever the KL is, and 0 where it is inf; at p = 0, where the slope is −∞, it counts as 0. ValueError for a negative or NaN
    entry, a row without mass, or shapes that do not fit; under vmap, which cannot look at values, a row of no probabilities is NaN.
    """
    few = of_few_rows(_kl_of_numbers, p, q)
    if few is not None:
        return few
    p, q, dtype = checked_pair(p, q, cast=False)
    if mapped():
        return _mapped(*checked_probs(p, q)[:2]).to(dtype)
    return _kl_of_rows(p, q, _PLAIN_FROM[dtype]).to(dtype)


def _kl_of_numbers(p: Sequence[float], q: Sequence[float]) -> float:
    """KL of one row of Python's floats, as `_plain` and `_second_order` have it; ValueError for what is not plain sailing."""
    if not (min(p) > 1e-270 and min(q) > 1e-270):
        raise ValueError("a 0, next to one, or no probability")
    total_p, total_q = math.fsum(p), math.fsum(q)
    rise = math.fsum((*p, *(-b for b in q))) / total_q
    if not abs(rise) < 0.01:
        raise ValueError("sums far apart")
    value = math.fsum(a * math.log(a / b) for a, b in zip(p, q)) / total_p - math.log1p(rise)
    if value > _PLAIN_FROM[torch.float64]:
        return value
    value = math.fsum(kl_term_of_numbers(a, b + b * rise, (a - b) - b * rise) for a, b in zip(p, q)) / total_p
    if not (value > 1e-14 and rise * rise < 0.04 * value):
        raise ValueError("closer than the roundings of the sums")
    return value


def _kl_of_rows(p: Tensor, q: Tensor, plain_from: float) -> Tensor:
    """KL of each row of p and q, (..., k), in float64; a row that is inf has no slope to follow, and 0 spoils nobody else's."""
    (least_p, most_p), (least_q, most_q) = extent(p), extent(q)
    if least_p > 0 and least_q > _FAINT and max(most_p, most_q) < 1e300:  # of all rows at once: nothing to ask of each
        return _mended(*_plain(p, q, plain_from), _second_order, p, q)
    p, q = p.double(), q.double()
    low_p, low_q = _least("p", p), _least("q", q)
    if bool((low_q <= 0).any()) and bool((infinite := ((p > 0) & (q <= 0)).any(-1)).any()):
        return torch.where(infinite, torch.inf, _kl_of_rows(*_ones_in(infinite, p, q), plain_from))
    faint = (low_p <= 0) | (low_q < _FAINT)
    value, lost = _plain(*_ones_in(faint, p, q), plain_from)
    return _mended(value, faint | lost, _second_order, p, q)


def _mended(value: Tensor, lost: Tensor, method: Callable[[Tensor, Tensor], Tensor], p: Tensor, q: Tensor) -> Tensor:
    """The values, with the lost rows' by another method."""
    rows = lost.flatten().nonzero().squeeze(-1)  # looked for once: of three masked reads and writes each would do it again
    if not len(rows):
        return value
    if len(rows) == lost.numel():
        return by_rows(method, p, q)
    chosen = (x.reshape(-1, x.shape[-1]).index_select(0, rows) for x in (p, q))
    return value.flatten().index_copy(0, rows, by_rows(method, *chosen)).view(value.shape)


def _plain(p: Tensor, q: Tensor, plain_from: float) -> tuple[Tensor, Tensor]:
    """Σ p·log(p/q)/Σp − log(Σp/Σq), and the rows in which it is too small to have all its digits.

    The sums' difference is had from those of the entries: the sums themselves are rounded by 1e-16 each, four times what all
    the roundings of the entries come to.
    """
    total_q, apart, weighted = by_rows(_sums, p, q, at_once=_AT_ONCE)
    shift = torch.log1p(apart / total_q)
    value = weighted / (total_q + apart) - shift
    with torch.no_grad():
        right = (torch.add(value, shift.abs(), alpha=-12 * plain_from) > plain_from) & (shift > -2)
    return value, ~right


def _sums(p: Tensor, q: Tensor) -> Tensor:
    """Σq, Σ(p − q) and Σ p·log(p/q), (3, …)."""
    p, q = p.double(), q.double()
    room = room_of(p, q)
    gaps = p - q
    apart = _row_sum(gaps)
    terms = torch.div(p, q, out=room(gaps))
    terms = torch.log(terms, out=room(terms))
    return torch.stack((_row_sum(q), apart, _row_sum(torch.mul(terms, p, out=room(terms)))))


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
    p, q = p.double(), q.double()
    total_p, total_q = _row_sum(p).unsqueeze(-1), _row_sum(q).unsqueeze(-1)
    rise = (total_p - total_q) / total_q
    wild = ~((rise.abs() < 0.01) & (total_p < 1e100) & (total_p > 1e-100)).squeeze(-1)
    safe_p, safe_q = _ones_in(wild, p, q)
    shift = safe_q * rise
    value = _row_sum(kl_term(safe_p, safe_q + shift, (safe_p - safe_q) - shift)) / total_p.squeeze(-1)
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
