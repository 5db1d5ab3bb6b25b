"""Elementary functions that keep their digits where the textbook expression cancels.

Nearly every KL is a sum of terms each of which vanishes to second order at P = Q, built from first-order pieces
that cancel. Written as below the cancellation is done on paper and each term is right to rounding error.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor

__all__ = ["h", "h_near", "exp_excess", "kl_term", "bernoulli_kl", "log_quotient", "safe_log", "atanh_tail", "polynomial", "EPS"]

EPS = 2.0**-52  # from 1 to the next float64: twice the relative error of one rounding

# Below this |s|, s = (x − y)/(x + y), so up to a factor of 2 between x and y, the polynomial in s² is used; beyond, the
# direct form loses less than a factor of 4 by cancellation.
_NEAR = 1 / 3


def _economised(taylor: list[Fraction], low: Fraction, high: Fraction, degree: int) -> tuple[float, ...]:
    """A power series that converges on [low, high], shortened by Chebyshev polynomials of that interval (Lanczos 1938).

    Highest coefficient first.
    """
    times_x = lambda series: [2 * (b - (low + high) / 2 * a) * 2 / (high - low) for a, b in zip([*series, 0], [0, *series])]
    chebyshev: list[list[Any]] = [[Fraction(1)], [-(low + high) / (high - low), 2 / (high - low)]]
    while len(chebyshev) < len(taylor):
        chebyshev.append([a - b for a, b in zip_longest(times_x(chebyshev[-1]), chebyshev[-2], fillvalue=0)])
    short = taylor
    while len(short) > degree + 1:
        top = chebyshev[len(short) - 1]
        short = [a - short[-1] / top[-1] * b for a, b in zip(short, top)][:-1]
    return tuple(map(float, short[::-1]))


_ATANH_TAIL = _economised([Fraction(1, 2 * k + 3) for k in range(20)], Fraction(0), Fraction(1, 9), 10)
_EXP_EXCESS = _economised([Fraction(1, math.factorial(k + 2)) for k in range(22)], Fraction(-1), Fraction(1), 14)


@cache
@torch.inference_mode(False)  # kept for later calls, some of which want gradients
def _as_tensors(coefficients: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> tuple[Tensor, ...]:
    return tuple(torch.tensor(c, dtype=dtype, device=device) for c in coefficients)


def polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    """By Horner's rule, the highest coefficient first."""
    total, *rest = _as_tensors(coefficients, x.dtype, x.device)
    for c in rest:
        total = torch.addcmul(c, total, x)
    return total


def _some_and_all(mask: Tensor) -> tuple[bool, bool]:
    """Whether any place is set, and whether every one is: most calls then need one branch of a `where` only."""
    if mask.numel() == 1:
        return bool(mask), bool(mask)
    return bool(mask.any()), bool(mask.all())


def atanh_tail(s: Tensor) -> Tensor:
    """1/3 + s²/5 + s⁴/7 + …, so that atanh(s) = s + s³·tail; |s| ≤ 1/3."""
    return polynomial(_ATANH_TAIL, s * s)


def h(x: Tensor, t: Tensor | None = None) -> Tensor:
    """x − 1 − log x, for x > 0: zero at 1 and to second order there. t: x − 1, where the caller has it exactly.

    With s = t/(2 + t), log x = 2·atanh(s) and t − 2s = t·s, so h = s·(t − 2s²·tail).
    """
    t = x - 1 if t is None else t
    near = (t > -0.5) & (t < 1)  # as |s| < 1/3
    some, every = _some_and_all(near)
    if every:
        return h_near(t)
    if not some:
        return x - 1 - x.log()
    far = torch.where(near, 2.0, x)
    return torch.where(near, h_near(torch.where(near, t, 0.0)), far - 1 - far.log())


def h_near(t: Tensor) -> Tensor:
    """h(1 + t) where −½ ≤ t ≤ 1."""
    s = t / (2 + t)
    square = s * s
    return s * (t - 2 * square * polynomial(_ATANH_TAIL, square))


def exp_excess(x: Tensor) -> Tensor:
    """e^x − 1 − x: zero at 0 and to second order there. x² times a polynomial for |x| < 1."""
    near = x.abs() < 1
    some, every = _some_and_all(near)
    if every:
        return exp_excess_near_zero(x)
    if not some:
        return torch.expm1(x) - x
    small, large = torch.where(near, x, 0.0), torch.where(near, 1.0, x)
    return torch.where(near, exp_excess_near_zero(small), torch.expm1(large) - large)


def exp_excess_near_zero(x: Tensor) -> Tensor:
    """e^x − 1 − x for |x| < 1, without a branch on the values."""
    return polynomial(_EXP_EXCESS, x) * x * x


def kl_term(p: Tensor, q: Tensor, d: Tensor | None = None) -> Tensor:
    """p·log(p/q) − p + q, for p, q ≥ 0: never negative, zero only at p = q, and Σ kl_term = KL for probabilities.

    d: p − q, where the caller has it more exactly than the subtraction. p = 0 gives q; q = 0 < p gives inf.
    Gradients are finite: at p = 0, where the slope in p is −∞, it is taken as 0.
    """
    d = p - q if d is None else d
    total = p + q
    s = _share(d, total)
    near = s.abs() < _NEAR  # not where both are 0, and s is NaN
    some, every = _some_and_all(near)
    if every:
        return _term_near(s, d)
    ratio = p / q
    if bool(((ratio > 1e-30) & (ratio < 1e30) & (q > 1e-270)).all()):  # ratio/q, of the gradient, is a float too
        far = p * ratio.log() - d
        return torch.where(near, _term_near(s.clamp(-_NEAR, _NEAR), d), far) if some else far
    # A NaN where both are 0 would spoil the gradient on its way through 0/0.
    close = _term_near(_share(torch.where(near, d, 0.0), torch.where(near, total, 1.0)), d)
    return torch.where(near, close, _term_far(p, q, d, ~near))


def _share(d: Tensor, total: Tensor) -> Tensor:
    """d/total; both are lifted where 1/total, which the gradient has in it, would be no float."""
    faint = (total < 1e-290) & (total > 0)
    if not bool(faint.any()):
        return d / total
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
