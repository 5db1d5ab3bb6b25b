"""Elementary functions that keep their digits where the textbook expression cancels.

Nearly every KL is a sum of terms each of which vanishes to second order at P = Q, built from first-order pieces
that cancel. Written as below the cancellation is done on paper and each term is right to rounding error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import torch
from torch import Tensor

from .few import exp_excess_of, kl_term_of, of_few
from .log_excess import TWO_TAILS, atanh_tail, h_by_values, h_of_many
from .polynomials import as_tensors, economised, polynomial
from .values import extent, recorded, room_of

__all__ = [
    "exp_excess",
    "kl_term",
    "kl_term_of_numbers",
    "bernoulli_kl",
    "log_quotient",
    "safe_log",
    "EPS",
]

EPS = 2.0**-52  # from 1 to the next float64: twice the relative error of one rounding

_NEAR = 1 / 3  # up to here kl_term is, of |p − q|/(p + q), where zeros and numbers next to the ends of the floats are about

# x·coth(x/2) = 2 + x²·B(x²), whose coefficients are twice those of Bernoulli over (2k)!; cut down for |x| ≤ 1 and for |x| ≤ ¼.
_BERNOULLI = map(Fraction, "1/6 -1/30 1/42 -1/30 5/66 -691/2730 7/6 -3617/510 43867/798 -174611/330 854513/138 -236364091/2730".split())
_COTH = [2 * number / math.factorial(2 * k + 2) for k, number in enumerate(_BERNOULLI)]
_COTH_UP_TO_1 = economised(_COTH, Fraction(0), Fraction(1), 7)
_COTH_OF_SMALL, _SMALL = economised(_COTH, Fraction(0), Fraction(1, 16), 4), 0.25


def exp_excess(x: Tensor) -> Tensor:
    """e^x − 1 − x: zero at 0 and to second order there.

    With c the nearest to x in [−1, 1] and m = x − c, it is that of c, less m, plus e^c·(e^m − 1).
    """
    few = of_few(_exp_excess_of, x)
    if few is not None:
        return few
    least, most = extent(x)
    room = room_of(x)
    if -1 <= least and most <= 1:
        return _exp_excess_near_0(x, room, _COTH_OF_SMALL if max(-least, most) <= _SMALL else _COTH_UP_TO_1)
    if least > 1 or most < -1:
        return torch.expm1(x) - x
    c = x.clamp(-1, 1)
    m = x - c
    excess = _exp_excess_near_0(c, room, _COTH_UP_TO_1)
    if most <= 1 and not recorded(x):  # so that e^c is 1/e wherever m is not 0; what e^m − 1 loses does not show, in half the time
        return excess.sub_(m).add_(torch.exp(m).sub_(as_tensors((1.0,), x.dtype, x.device)[0]), alpha=1 / math.e)
    rise = torch.expm1(m)
    c = torch.add(c, excess, out=room(c))
    excess = torch.sub(excess, m, out=room(excess))
    excess = torch.add(excess, rise, out=room(excess))
    return torch.addcmul(excess, c, rise, out=room(excess))


def _exp_excess_near_0(x: Tensor, room: Callable[[Tensor], Tensor | None], series: tuple[float, ...]) -> Tensor:
    """For |x| ≤ 1, as x²·(1 − x·B)/(2 − x + x²·B) with B as above: half the steps of a polynomial."""
    square = x * x
    b = polynomial(series, square, room)
    below = torch.addcmul(as_tensors((2.0,), x.dtype, x.device)[0] - x, square, b)
    b = torch.mul(b, x, out=room(b))
    square = torch.addcmul(square, square, b, value=-1, out=room(square))
    return torch.div(square, below, out=room(square))


def _exp_excess_of(x: float) -> float:
    return exp_excess_of(x, _COTH_UP_TO_1)


def exp_excess_near_zero(x: Tensor) -> Tensor:
    """e^x − 1 − x for |x| ≤ 1, without a branch on the values."""
    return _exp_excess_near_0(x, lambda total: None, _COTH_UP_TO_1)


def kl_term(p: Tensor, q: Tensor, d: Tensor | None = None) -> Tensor:
    """p·log(p/q) − p + q, for p, q ≥ 0: never negative, zero only at p = q, and Σ kl_term = KL for probabilities.

    d: p − q, where the caller has it more exactly than the subtraction. p = 0 gives q; q = 0 < p gives inf.
    Gradients are finite: at p = 0, where the slope in p is −∞, it is taken as 0.
    """
    given = (p, q) if d is None else (p, q, d)
    few = of_few(kl_term_of_numbers, *given)
    if few is not None:
        return few
    if not recorded(*given):
        value = h_by_values((q - p if d is None else -d) / p, lambda: q / p) if extent(p)[0] > 1e-270 else None
        return _term_anywhere(p, q, p - q if d is None else d) if value is None else value.mul_(p)
    d = p - q if d is None else d
    ratio = q / p
    least, most = extent(ratio)
    if least > 1e-30 and most < 1e30 and extent(p)[0] > 1e-270:  # 1e30: ratio/p, of the gradient, is to be a float too
        return p * h_of_many(ratio, -d / p, least, most)
    return _term_anywhere(p, q, d)


def kl_term_of_numbers(p: float, q: float, d: float | None = None) -> float:
    """kl_term of Python's floats; ValueError next to 0 and to the ends of the floats."""
    return kl_term_of(p, q, p - q if d is None else d, TWO_TAILS)


def _term_anywhere(p: Tensor, q: Tensor, d: Tensor) -> Tensor:
    """The same where there may be zeros, and ratios that are no floats."""
    total = p + q
    near = _share(d, total).abs() < _NEAR  # not where both are 0, and the share is NaN
    # A NaN where both are 0 would spoil the gradient on its way through 0/0.
    close = _term_near(_share(torch.where(near, d, 0.0), torch.where(near, total, 1.0)), d)
    return torch.where(near, close, _term_far(p, q, d, ~near))


def _share(d: Tensor, total: Tensor) -> Tensor:
    """d/total; both are lifted where 1/total, which the gradient has in it, would be no float."""
    if extent(total)[0] > 1e-290:
        return d / total
    faint = (total < 1e-290) & (total > 0)
    lift = torch.ones_like(total).masked_fill(faint, 2.0**900)
    return d * lift / (total * lift)


def _term_near(s: Tensor, d: Tensor) -> Tensor:
    return d * s * (1 + (1 + s) * s * atanh_tail(s))


def _term_far(p: Tensor, q: Tensor, d: Tensor, far: Tensor) -> Tensor:
    """With zeros among them, and ratios that are no floats."""
    inner = far & (p > 0) & (q > 0)
    safe_p, safe_q = torch.where(inner, p, 1.0), torch.where(inner, q, 1.0)
    return torch.where(inner, safe_p * log_quotient(safe_p, safe_q) - d, torch.where(p > 0, torch.inf, q))


def log_quotient(p: Tensor, q: Tensor) -> Tensor:
    """log(p/q) for p, q > 0: to one rounding of the quotient where that is a float, otherwise log p − log q.

    The gradient is that of log p − log q everywhere: through the quotient it would have p/q² in it, which overflows first.
    """
    logs = p.log() - q.log()
    with torch.no_grad():
        quotient = p / q
        tame = (quotient > 1e-300) & (quotient < 1e300)
        mended = torch.where(tame, quotient.log() - logs, 0.0)
    return logs + mended


def bernoulli_kl(p: Tensor, q: Tensor, d: Tensor | None = None, others: tuple[Tensor, Tensor] | None = None) -> Tensor:
    """KL in nats between two coins, p and q in [0, 1] the probabilities of heads.

    d: p − q, others: 1 − p and 1 − q, where the caller has them more exactly.
    """
    d = p - q if d is None else d
    other_p, other_q = (1 - p, 1 - q) if others is None else others
    return kl_term(p, q, d) + kl_term(other_p, other_q, -d)


def safe_log(p: Tensor) -> Tensor:
    """log p, −inf at 0 with a gradient of 0 there, so that a zero spoils nobody else's gradient."""
    positive = p > 0
    return torch.where(positive, torch.where(positive, p, 1.0).log(), -torch.inf)
