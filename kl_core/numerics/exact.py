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
from .polynomials import economised, polynomial
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

_SMALL = 0.25  # up to here e^x − 1 − x is a polynomial
_NEAR = 1 / 3  # up to here kl_term is, of |p − q|/(p + q), where zeros and numbers next to the ends of the floats are about

_FACTORIALS = [Fraction(1, math.factorial(k + 2)) for k in range(22)]
_EXP_EXCESS = economised(_FACTORIALS, Fraction(-1), Fraction(1), 14)
_EXP_EXCESS_OF_SMALL = economised(_FACTORIALS, Fraction(-1, 4), Fraction(1, 4), 9)


def exp_excess(x: Tensor) -> Tensor:
    """e^x − 1 − x: zero at 0 and to second order there.

    With c the nearest to x in [−¼, ¼] and m = x − c, it is that of c, plus e^m − 1 − m, plus (e^c − 1)·(e^m − 1).
    """
    few = of_few(_exp_excess_of, x)
    if few is not None:
        return few
    least, most = extent(x)
    room = room_of(x)
    if -_SMALL <= least and most <= _SMALL:
        return _exp_excess_of_small(x, room)
    if least > 1 or most < -1:
        return torch.expm1(x) - x
    c = x.clamp(-_SMALL, _SMALL)
    m = x - c
    excess = _exp_excess_of_small(c, room)
    rise = torch.expm1(m)
    m = torch.sub(rise, m, out=room(m))
    c = torch.add(c, excess, out=room(c))
    excess = torch.add(excess, m, out=room(excess))
    return torch.addcmul(excess, c, rise, out=room(excess))


def _exp_excess_of_small(x: Tensor, room: Callable[[Tensor], Tensor | None]) -> Tensor:
    total = polynomial(_EXP_EXCESS_OF_SMALL, x, room)
    total = torch.mul(total, x, out=room(total))
    return torch.mul(total, x, out=room(total))


def _exp_excess_of(x: float) -> float:
    return exp_excess_of(x, _EXP_EXCESS_OF_SMALL, _SMALL)


def exp_excess_near_zero(x: Tensor) -> Tensor:
    """e^x − 1 − x for |x| < 1, without a branch on the values."""
    return polynomial(_EXP_EXCESS, x) * x * x


def kl_term(p: Tensor, q: Tensor, d: Tensor | None = None) -> Tensor:
    """p·log(p/q) − p + q, for p, q ≥ 0: never negative, zero only at p = q, and Σ kl_term = KL for probabilities.

    d: p − q, where the caller has it more exactly than the subtraction. p = 0 gives q; q = 0 < p gives inf.
    Gradients are finite: at p = 0, where the slope in p is −∞, it is taken as 0.
    """
    d = p - q if d is None else d
    few = of_few(kl_term_of_numbers, p, q, d)
    if few is not None:
        return few
    if not recorded(p, q, d):
        value = h_by_values((d / p).neg_(), q, p) if extent(p)[0] > 1e-270 else None
        return _term_anywhere(p, q, d) if value is None else value.mul_(p)
    ratio = q / p
    least, most = extent(ratio)
    if least > 1e-30 and most < 1e30 and extent(p)[0] > 1e-270:  # 1e30: ratio/p, of the gradient, is to be a float too
        return p * h_of_many(ratio, -d / p, least, most)
    return _term_anywhere(p, q, d)


def kl_term_of_numbers(p: float, q: float, d: float) -> float:
    """kl_term of Python's floats, d = p − q; ValueError next to 0 and to the ends of the floats."""
    return kl_term_of(p, q, d, TWO_TAILS)


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
