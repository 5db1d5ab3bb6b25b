"""KL between softmaxes, on the last axis: exact, and fast enough for a language model's vocabulary.

With d = z_q − z_p and x = d − E_P[d], all in float64, KL = log(Σe^z_q / Σe^z_p) − E_P[d] = log(1 + E_P[e^x − 1 − x]).
The first form, of two exponentials a class, is right to about 1e-15 nats, so it serves every float32 KL above 1e-7.
The second, whose terms are never negative and of second order at P = Q, serves float64. Rows still short of digits
(logits far apart or out of exp's range) are done again with every rounding kept. The gradient is analytic,
dKL/dz_q = q − p and dKL/dz_p = p·(log(p/q) − KL) = −p·x, formed while the exponentials are still in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ..numerics.exact import exp_excess, exp_excess_near_zero
from ..numerics.log_excess import h
from ..numerics.rounding import two_difference
from ..numerics.values import mapped
from .logit_rows import RowAnswers, chunks, in_range, room_for_slopes, rooms
from .logit_sums import by_sums
from .mapped_logits import checked_top, differentiable_slopes, kl_of_mapped_softmaxes

__all__ = ["kl_of_softmaxes"]


def kl_of_softmaxes(z_p: Tensor, z_q: Tensor) -> Tensor:
    """KL(softmax(z_p)‖softmax(z_q)) in nats; z_p, z_q: (..., k) of one shape. Float64 gives float64, others float32.

    −inf masks a class; inf where a class is masked in Q only. ValueError for NaN, +inf or a row all masked.
    """
    if mapped() or any(forward_ad.unpack_dual(z).tangent is not None for z in (z_p, z_q)):
        dtype = torch.promote_types(torch.promote_types(z_p.dtype, z_q.dtype), torch.float32)
        return kl_of_mapped_softmaxes(z_p.double(), z_q.double()).to(dtype)
    if torch.is_grad_enabled() and (z_p.requires_grad or z_q.requires_grad):
        return _KLOfSoftmaxes.apply(z_p, z_q)
    return _value_and_slopes(z_p, z_q, (False, False))[0]


def _value_and_slopes(z_p: Tensor, z_q: Tensor, wanted: tuple[bool, bool]) -> tuple[Tensor, list[Tensor | None]]:
    rows_p, rows_q = (z.reshape(-1, z.shape[-1]) for z in (z_p, z_q))
    dtype = torch.promote_types(torch.promote_types(z_p.dtype, z_q.dtype), torch.float32)
    first, *others = _methods(z_p.device.type, dtype)
    value, slopes, again = first(rows_p, rows_q, wanted)
    for method in others:  # none where the device would have to be waited for
        if not bool(again.any()):
            break
        again = _overwrite(value, slopes, again, lambda some_p, some_q: method(some_p, some_q, wanted), rows_p, rows_q)
    if dtype == torch.float64 and any(wanted):
        _balance(slopes, rows_p.argmax(-1, keepdim=True))
    return value.to(dtype).reshape(z_p.shape[:-1]), slopes


class _KLOfSoftmaxes(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z_p: Tensor, z_q: Tensor) -> Tensor:
        value, slopes = _value_and_slopes(z_p, z_q, ctx.needs_input_grad)
        ctx.save_for_backward(z_p, z_q, *(slope for slope in slopes if slope is not None))
        return value

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> tuple[Tensor | None, ...]:
        z_p, z_q, *saved = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants a second derivative
            slopes: Sequence[Tensor | None] = differentiable_slopes(z_p, z_q)
        else:
            left = iter(saved)
            slopes = [next(left).view_as(z) if wanted else None for z, wanted in zip((z_p, z_q), ctx.needs_input_grad)]
        above = above.unsqueeze(-1)
        return tuple(
            (slope * above.to(slope.dtype)).to(z.dtype) if wanted and slope is not None else None
            for slope, z, wanted in zip(slopes, (z_p, z_q), ctx.needs_input_grad)
        )


def _methods(device: str, dtype: torch.dtype) -> tuple[Callable[[Tensor, Tensor, tuple[bool, bool]], RowAnswers], ...]:
    """The first is asked of all rows, each other one of the rows that those before it leave short of digits."""
    if dtype == torch.float64:
        return _second_order, _within_p, _careful
    return (by_sums, _careful) if device == "cpu" else (_in_one_go,)


def _balance(slopes: list[Tensor | None], top: Tensor) -> None:
    """Writes the slope of P's likeliest class as minus the sum of the rest, as slopes sum to 0; top: its index, (n, 1).

    Where that class has nearly all of P, its own slope is a difference of equals.
    """
    for slope in slopes:
        if slope is not None:
            slope.scatter_(-1, top, -slope.scatter_(-1, top, 0.0).sum(-1, keepdim=True))


def _in_one_go(z_p: Tensor, z_q: Tensor, wanted: tuple[bool, bool]) -> RowAnswers:
    """KL = Σ p·log(p/q) − p + q of logits of at most 32 bits, and its gradients, where no step depends on a value: a GPU never waits.

    No term is negative, and an error of log(p/q) that is the same for all classes counts only by its square. NaN for a row that
    has an entry which is no logit, or no class: to raise an error, the host would have to wait for the values.
    """
    log_p, log_q = (z.double().log_softmax(-1) for z in (z_p, z_q))
    p, q = log_p.exp(), log_q.exp()
    in_p = log_p > -torch.inf
    live = in_p & (log_q > -torch.inf)
    r = torch.where(live, log_p - log_q, 0.0)
    near = live & (r.abs() < 1)
    small = torch.where(near, -r, 0.0)
    gap = torch.where(near, p * torch.expm1(small), q - p)
    value = torch.where(near, p * exp_excess_near_zero(small), p * r + gap).sum(-1)
    infinite = (in_p & ~live & ~log_q.isnan()).any(-1)
    value = torch.where(infinite, torch.inf, value).clamp_min(0.0)
    slopes = (p * (r - (p * r).sum(-1, keepdim=True)) if wanted[0] else None, gap if wanted[1] else None)
    dtypes = [torch.promote_types(z.dtype, torch.float32) for z in (z_p, z_q)]
    safe = [None if slope is None else slope.masked_fill(infinite.unsqueeze(-1), 0.0).to(dtype) for slope, dtype in zip(slopes, dtypes)]
    return value, safe, torch.zeros_like(infinite)


def _second_order(z_p: Tensor, z_q: Tensor, wanted: tuple[bool, bool], beyond: Tensor | float = 0.0) -> RowAnswers:
    """KL = log(1 + rise) + beyond, where rise = E_P[e^x] − 1 = E_P[e^x − 1 − x], as E_P[x] = 0; gradients, rows to do again.

    No term is negative and none is of first order at P = Q, so no digits cancel.
    """
    slopes = room_for_slopes([z_p, z_q], wanted)
    sums = torch.empty(4, len(z_p), 1, dtype=torch.float64, device=z_p.device)
    for part, (p, x) in rooms(z_p, z_q):
        x.sub_(p)
        total = p.exp_().sum(-1, keepdim=True)
        mean = _dot(p, x) / total
        if not bool(mean.isfinite().all()):  # as when a class is masked in both, which is harmless
            mean = _dot(p, x.nan_to_num_(0.0, torch.inf, -torch.inf)) / total
        x.sub_(mean)
        if (slope := slopes[0]) is not None:
            slope[part] = (x * p).div_(-total)  # p·(log(p/q) − KL)
        excess = exp_excess(x)
        rise = _dot(p, excess) / total
        for row, values in zip(sums, (rise, mean, total, x.amax(-1, keepdim=True))):
            row[part] = values
        if (slope := slopes[1]) is not None:
            slope[part] = x.add_(excess).sub_(rise).div_((1 + rise) * total).mul_(p)  # q − p
    rise, mean, total, top = sums.squeeze(-1)
    value = rise.log1p()
    return value + beyond, slopes, ~(_right_exactly(value, mean, top) & (value < torch.inf) & in_range(total))


def _right_exactly(value: Tensor, mean: Tensor, top: Tensor) -> Tensor:
    """Where the sum of second-order terms is right to its last digits; mean: of z_q − z_p, top: the greatest x.

    z_q − z_p was rounded by ε·|mean| at most, which moves KL by that times Σ|q − p| ≤ min(2, √(2·KL)); e^x by ε·x.
    """
    return (mean.abs() * (2 * value).sqrt().clamp_max(2) < 4 * value) & (top <= 4 * (1 + value))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Σ a·b over the last axis, (n, 1), added up in pairs: the rounding does not grow with the classes."""
    return (a * b).sum(-1, keepdim=True)


def _within_p(z_p: Tensor, z_q: Tensor, wanted: tuple[bool, bool]) -> RowAnswers:
    """As `_second_order`, where P alone masks classes: KL among P's own, and log(1 + Q's mass elsewhere over that among them)."""
    elsewhere = z_p == -torch.inf
    if not bool(elsewhere.any()):
        return torch.zeros(len(z_p), dtype=torch.float64, device=z_p.device), [None, None], torch.ones_like(elsewhere[:, 0])
    wide = z_q.double()
    power = (wide - (wide.amax(-1, keepdim=True) - 700).clamp_min(0.0)).exp()  # as it is, unless it overflows
    others, own = (torch.where(mask, power, 0.0).sum(-1) for mask in (elsewhere, ~elsewhere))
    beyond = (others / own).log1p()
    among = wide.masked_fill(elsewhere, -torch.inf)
    if not bool(beyond.isfinite().all()):
        beyond = torch.where(beyond.isfinite(), beyond, wide.masked_fill(~elsewhere, -torch.inf).logsumexp(-1) - among.logsumexp(-1))
    value, slopes, again = _second_order(z_p, z_q.masked_fill(elsewhere, -torch.inf), wanted, beyond)
    if (slope := slopes[1]) is not None:
        q = power / power.sum(-1, keepdim=True)
        slope += torch.where(elsewhere, q, among.softmax(-1) * torch.expm1(-beyond).unsqueeze(-1))
    return value, slopes, again


def _overwrite(
    value: Tensor, slopes: list[Tensor | None], rows: Tensor, method: Callable[[Tensor, Tensor], RowAnswers], z_p: Tensor, z_q: Tensor
) -> Tensor:
    """Does those rows again, a few at a time; returns the rows that this method too leaves short of digits."""
    left = torch.zeros_like(rows)
    index = rows.nonzero().squeeze(-1)
    for part in chunks(z_p):
        chosen = index[part]
        if not len(chosen):
            break
        value[chosen], better, left[chosen] = method(z_p[chosen], z_q[chosen])
        for slope, new in zip(slopes, better):
            if slope is not None and new is not None:
                slope[chosen] = new.to(slope.dtype)
    return left


def _below_top(z: Tensor, name: str) -> tuple[Tensor, Tensor, Tensor]:
    """z less its greatest entry, in two parts, and e to that; ValueError for what is no logit."""
    top = checked_top(z, name)
    high, low = two_difference(z, top)
    low = torch.where(high > -torch.inf, low, 0.0)
    power = high.exp()
    return high, low, power + power * low


def _careful(z_p: Tensor, z_q: Tensor, wanted: tuple[bool, bool] = (True, True)) -> RowAnswers:
    """KL of each row, (n, k), and both gradients; no digit is lost anywhere.

    With r = log(p/q), KL = Σ p·(e^−r − 1 + r), where p·e^−r is taken as q itself where |r| is large. r is a difference
    of the logits, exact in two parts, less that of the normalisers' logarithms, whose rounding is the only error
    of first order; Σ(q − p), which should be 0, shows it, and it is taken out of r.
    """
    a, a_low, power_p = _below_top(z_p.double(), "z_p")
    b, b_low, power_q = _below_top(z_q.double(), "z_q")
    in_p, in_q = a > -torch.inf, b > -torch.inf
    live = in_p & in_q
    infinite = (in_p & ~in_q).any(-1)
    total_p, total_q = power_p.sum(-1, keepdim=True), power_q.sum(-1, keepdim=True)
    p, q = power_p / total_p, power_q / total_q
    d, d_low = two_difference(torch.where(live, a, 0.0), torch.where(live, b, 0.0))
    d_low = d_low + (a_low - b_low)
    r = (d - (total_p.log() - total_q.log())) + d_low
    near = live & (r.abs() < 1)

    def gap() -> Tensor:
        """q − p"""
        return torch.where(near, p * torch.expm1(torch.where(near, -r, 0.0)), q - p)

    moved = gap()
    for _ in range(12):  # once is enough, except next to a KL that rests on a class of probability 1e-40 or less
        r = torch.where(live, r + torch.log1p(moved.sum(-1, keepdim=True).clamp(-0.5, 0.5)), 0.0)
        moved = gap()
        off = moved.sum(-1)
        if not bool((off.abs() > 5e-10 * moved.abs().sum(-1)).any()):
            break
    terms = torch.where(near, p * exp_excess(torch.where(near, -r, 0.0)), p * r + moved)
    value = (terms.sum(-1) - h(1 + off, off)).clamp_min(0.0)
    top = a.argmax(-1, keepdim=True)
    lean, lean_low = two_difference(d, d.gather(-1, top))  # r less that of P's likeliest class, and free of any first-order error
    lean = lean + (lean_low + (d_low - d_low.gather(-1, top)))
    slope_p = torch.where(p > 0, p * (lean - torch.where(p > 0, p * lean, 0.0).sum(-1, keepdim=True)), 0.0)
    value = torch.where(infinite, torch.inf, value)
    # Where the answer is inf there is no slope to follow; 0 spoils nobody else's.
    slopes: list[Tensor | None] = [torch.where(infinite.unsqueeze(-1), 0.0, slope) for slope in (slope_p, moved)]
    return value, slopes, torch.zeros_like(infinite)
