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

from .few import FAINT, LEAST, MOST, exp_excess_of, h_of, horner, kl_term_of, of_few

__all__ = [
    "h",
    "h_near",
    "h_of_number",
    "exp_excess",
    "kl_term",
    "kl_term_of_numbers",
    "bernoulli_kl",
    "log_quotient",
    "safe_log",
    "atanh_tail",
    "polynomial",
    "extent",
    "mapped",
    "holds",
    "EPS",
]

EPS = 2.0**-52  # from 1 to the next float64: twice the relative error of one rounding

# Within this factor of 1 a ratio has h by a polynomial; a ratio beyond is that bound times a ratio with a logarithm, which then
# has no digits left to lose: LEAST and MOST. So there is no branch: a `where` of 10,000 numbers takes as long as three products.
_SMALL = 0.25  # the same for e^x − 1 − x
_NEAR = 1 / 3  # the same for kl_term, of |p − q|/(p + q), where zeros and numbers next to the ends of the floats are about


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
_TWO_TAILS = _economised([Fraction(2, 2 * k + 3) for k in range(16)], Fraction(0), Fraction(1, 81), 5)
_FACTORIALS = [Fraction(1, math.factorial(k + 2)) for k in range(22)]
_EXP_EXCESS = _economised(_FACTORIALS, Fraction(-1), Fraction(1), 14)
_EXP_EXCESS_OF_SMALL = _economised(_FACTORIALS, Fraction(-1, 4), Fraction(1, 4), 9)


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


def extent(x: Tensor) -> tuple[float, float]:
    """The least and the greatest of x, to choose a method by; NaN if x has one.

    (−∞, ∞) where reading them would make a GPU wait or cannot be done, as under vmap and torch.compile: then the method is
    the one that serves everything.
    """
    if x.device.type != "cpu" or torch.compiler.is_compiling():
        return -math.inf, math.inf
    try:
        if x.numel() == 1:
            return (value := x.item()), value
        least, most = x.detach().aminmax()
        return least.item(), most.item()
    except RuntimeError:  # vmap has no values to read, and an empty tensor has no least
        return -math.inf, math.inf


def mapped() -> bool:
    """Whether torch.func is at work, under which no method may be chosen by values, nor rows be picked by a mask."""
    return torch._C._are_functorch_transforms_active()


def holds(mask: Tensor) -> bool:
    """Whether every entry is true; under vmap, where values cannot be read, nothing is refused."""
    try:
        return bool(mask.all())
    except RuntimeError:
        return True


def atanh_tail(s: Tensor) -> Tensor:
    """1/3 + s²/5 + s⁴/7 + …, so that atanh(s) = s + s³·tail; |s| ≤ 1/3."""
    return polynomial(_ATANH_TAIL, s * s)


def atanh_tail_of_number(s: float) -> float:
    """The same of Python's float."""
    return horner(_ATANH_TAIL, s * s)


def h(x: Tensor, t: Tensor | None = None) -> Tensor:
    """x − 1 − log x, for x > 0: zero at 1 and to second order there. t: x − 1, where the caller has it exactly.

    With c the nearest to x in [0.8, 1.25] and m = x − c, h(x) = h(c) + m − log1p(m/c): next to 1 the last two are 0 exactly,
    elsewhere h(c) keeps what they would lose.
    """
    t = x - 1 if t is None else t
    few = of_few(h_of_number, x, t)
    if few is not None:
        return few
    return _h_of_many(x, t, *extent(x))


def _h_of_many(x: Tensor, t: Tensor, least: float, most: float) -> Tensor:
    if LEAST <= least and most <= MOST:
        return _h_next_to_1(t)
    if least > 2 or most < FAINT:
        return t - x.log()
    if least > FAINT:
        return _h_by_steps(t)
    enough = t.clamp_min(FAINT - 1)  # for t has lost digits of a small x: its logarithm is taken of x itself
    return _h_by_steps(enough) + ((t - enough) - (x / x.clamp_min(FAINT)).log())


def h_of_number(x: float, t: float) -> float:
    """h of Python's floats, t = x − 1."""
    return h_of(x, t, _TWO_TAILS)


def _h_by_steps(t: Tensor) -> Tensor:
    """h(1 + t) for t ≥ −0.9."""
    near = t.clamp(LEAST - 1, MOST - 1)
    m = t - near
    return torch.addcmul(m - torch.log1p(m / (1 + near)), *_factors_next_to_1(near))


def _h_next_to_1(t: Tensor) -> Tensor:
    """h(1 + t) where −0.2 ≤ t ≤ 0.25."""
    s, rest = _factors_next_to_1(t)
    return s * rest


def _factors_next_to_1(t: Tensor) -> tuple[Tensor, Tensor]:
    """Whose product it is. With s = t/(2 + t), log x = 2·atanh(s) and t − 2s = t·s, so h = s·(t − s²·2·tail)."""
    s = t / (2 + t)
    square = s * s
    return s, torch.addcmul(t, square, polynomial(_TWO_TAILS, square), value=-1)


def h_near(t: Tensor) -> Tensor:
    """h(1 + t) where −½ ≤ t ≤ 1."""
    s = t / (2 + t)
    square = s * s
    return s * torch.addcmul(t, square, polynomial(_ATANH_TAIL, square), value=-2)


def exp_excess(x: Tensor) -> Tensor:
    """e^x − 1 − x: zero at 0 and to second order there.

    With c the nearest to x in [−¼, ¼] and m = x − c, it is that of c, plus e^m − 1 − m, plus (e^c − 1)·(e^m − 1).
    """
    few = of_few(_exp_excess_of, x)
    if few is not None:
        return few
    least, most = extent(x)
    if -_SMALL <= least and most <= _SMALL:
        return polynomial(_EXP_EXCESS_OF_SMALL, x) * x * x
    if least > 1 or most < -1:
        return torch.expm1(x) - x
    c = x.clamp(-_SMALL, _SMALL)
    m = x - c
    excess, rise = polynomial(_EXP_EXCESS_OF_SMALL, c) * c * c, torch.expm1(m)
    return torch.addcmul(excess + (rise - m), c + excess, rise)


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
    ratio = q / p
    least, most = extent(ratio)
    reach = 1e30 if ratio.requires_grad else 1e280  # ratio/p, of the gradient, is to be a float too
    if least > 1 / reach and most < reach and extent(p)[0] > 1e-270:
        return p * _h_of_many(ratio, -d / p, least, most)
    return _term_anywhere(p, q, d)


def kl_term_of_numbers(p: float, q: float, d: float) -> float:
    """kl_term of Python's floats, d = p − q; ValueError next to 0 and to the ends of the floats."""
    return kl_term_of(p, q, d, _TWO_TAILS)


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
