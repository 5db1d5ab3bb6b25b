"""h(x) = x − 1 − log x, which most closed forms are made of: zero at 1 and to second order there, and exact everywhere.

Three ways to have it, by how far from 1 a batch goes: a polynomial next to 1, a quotient of two polynomials within a factor of 4,
and beyond a logarithm of what the nearest point that has the polynomial leaves over. None has a branch on an entry, since a `where`
of 10,000 numbers takes as long as three products; they go with the extent of the batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import torch
from torch import Tensor

from .few import FAINT, LEAST, MOST, h_of, horner, of_few
from .polynomials import as_tensors, economised, polynomial
from .values import extent, recorded, room_of

__all__ = [
    "h",
    "h_of_ratio",
    "h_of_rise",
    "h_by_values",
    "h_of_many",
    "h_near",
    "h_of_number",
    "atanh_tail",
    "atanh_tail_of_number",
    "TWO_TAILS",
]

# From LEAST to MOST a ratio has h by a polynomial; a ratio beyond is that bound times a ratio with a logarithm, which then has no
# digits left to lose.
_ATANH_TAIL = economised([Fraction(1, 2 * k + 3) for k in range(20)], Fraction(0), Fraction(1, 9), 10)
TWO_TAILS = economised([Fraction(2, 2 * k + 3) for k in range(16)], Fraction(0), Fraction(1, 81), 5)

# The same function 2·(atanh(s) − s)/s³ of s² as a quotient of polynomials, by the minimax approximation on 0 ≤ s² ≤ 0.36, that is
# of a ratio within a factor of 4: off by 2.2e-17. No logarithm: 25 µs less in 80 for 10,000 numbers.
_LEAST_BY_QUOTIENT, _MOST_BY_QUOTIENT = 1 / 4, 4.0
_NUMERATOR = (-0.0001864455558863944, 0.046072660719812385, -0.4308594804704821, 1.30567546791238, -1.583324726091599, 2 / 3)
_DENOMINATOR = (-0.028949844239011684, 0.38351117121257317, -1.6935885032948683, 3.3149340267784986, -2.974987089137387, 1.0)


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
    value = None if recorded(x, t) else h_by_values(t, x.clone)
    return h_of_many(x, t, *extent(x)) if value is None else value


def h_of_rise(t: Tensor, x: Callable[[], Tensor]) -> Tensor:
    """h(1 + t); x: what makes 1 + t with all its digits where that is small, asked only if it is."""
    few = of_few(_h_of_rise_of_number, t)
    if few is not None:
        return few
    value = None if recorded(t) else h_by_values(t, x)
    return h(x(), t) if value is None else value


def h_of_ratio(a: Tensor, b: Tensor, d: Tensor | None = None, t: Tensor | None = None) -> Tensor:
    """h(a/b) for a, b > 0, also where a/b is 0 in floats. d, t: a − b, and that over b, where the caller has them."""
    few = of_few(_h_of_ratio_of_numbers, *((a, b) if d is None else (a, b, d)))
    if few is not None:
        return few
    d = a - b if d is None else d
    t = d / b if t is None else t
    value = None if recorded(a, b, d) else h_by_values(t, lambda: a / b)
    if value is not None:
        return value
    x = a / b
    least, most = extent(x)
    return h_of_many(x, t, least, most) if least > 1e-300 else _h_of_underflowing(a, b, x, t)


def h_by_values(t: Tensor, x: Callable[[], Tensor]) -> Tensor | None:
    """h(1 + t) of what nobody wants a gradient of, x as in `h_of_rise`; None where a ratio is next to the ends of the floats, or NaN.

    With c the nearest to x within a factor of 4 of 1, it is h(c) + (x − c) − log(x/c): beyond, that logarithm has no digits to lose.
    """
    least, most = extent(t)
    if not most < math.inf:
        return None
    if _LEAST_BY_QUOTIENT - 1 <= least and most <= _MOST_BY_QUOTIENT - 1:
        return _h_next_to_1(t) if LEAST - 1 <= least and most <= MOST - 1 else torch.mul(*_factors_by_quotient(t))
    if least > 1:
        return t - t.log1p()
    if least > FAINT - 1:
        return _h_by_steps(t)
    whole = x()
    if not extent(whole)[0] > 1e-300:
        return None
    if most < FAINT - 1:
        return t - whole.log_()
    near = t.clamp(_LEAST_BY_QUOTIENT - 1, _MOST_BY_QUOTIENT - 1)
    logs = whole.div_(whole.clamp(_LEAST_BY_QUOTIENT, _MOST_BY_QUOTIENT)).log_()
    return (t - near).sub_(logs).addcmul_(*_factors_by_quotient(near))


def _h_of_underflowing(a: Tensor, b: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """h(a/b) where some ratios underflow; the difference of the logs does not."""
    lost = x < 1e-300
    return torch.where(lost, b.log() - a.log() - 1, h(torch.where(lost, 1.0, x), torch.where(lost, 0.0, t)))


def h_of_many(x: Tensor, t: Tensor, least: float, most: float) -> Tensor:
    if LEAST <= least and most <= MOST:
        return _h_next_to_1(t)
    if least > 2 or most < FAINT:
        return t - x.log()
    if least > FAINT:
        return _h_by_steps(t)
    return _h_with_faint(x, t)


def _h_with_faint(x: Tensor, t: Tensor) -> Tensor:
    """With a small x among them, of which t has lost digits: its logarithm is taken of x itself."""
    enough = t.clamp_min(FAINT - 1)
    return _h_by_steps(enough) + (t - enough - (x / x.clamp_min(FAINT)).log())


def h_of_number(x: float, t: float) -> float:
    """h of Python's floats, t = x − 1."""
    return h_of(x, t, TWO_TAILS)


def _h_of_rise_of_number(t: float) -> float:
    if t < FAINT - 1:
        raise ValueError("t has lost the digits of 1 + t")
    return h_of_number(1 + t, t)


def _h_of_ratio_of_numbers(a: float, b: float, d: float | None = None) -> float:
    return h_of_number(a / b, (a - b if d is None else d) / b)


def _h_by_steps(t: Tensor) -> Tensor:
    """h(1 + t) for t ≥ −0.9."""
    two, sum_of_reciprocals = as_tensors((2.0, 1 / MOST + MOST - 1), t.dtype, t.device)
    near = t.clamp(LEAST - 1, MOST - 1)
    m = t - near
    beyond = torch.log1p((sum_of_reciprocals - near) * m)  # the factor is 1/(1 + near), wherever m is not 0
    return torch.addcmul(m - beyond, *_factors_next_to_1(near, room_of(t), two))


def _h_next_to_1(t: Tensor) -> Tensor:
    """h(1 + t) where −0.2 ≤ t ≤ 0.25."""
    room = room_of(t)
    s, rest = _factors_next_to_1(t, room, *as_tensors((2.0,), t.dtype, t.device))
    return torch.mul(s, rest, out=room(s))


def _factors_by_quotient(t: Tensor) -> tuple[Tensor, Tensor]:
    """As `_factors_next_to_1`, where −¾ ≤ t ≤ 3, of what nobody wants a gradient of."""
    (two,) = as_tensors((2.0,), t.dtype, t.device)
    s = two + t
    s = torch.div(t, s, out=s)
    square = s * s
    tail = polynomial(_NUMERATOR, square, lambda total: total).div_(polynomial(_DENOMINATOR, square, lambda total: total))
    return s, torch.addcmul(t, square, tail, value=-1, out=tail)


def _factors_next_to_1(t: Tensor, room: Callable[[Tensor], Tensor | None], two: Tensor) -> tuple[Tensor, Tensor]:
    """Whose product it is. With s = t/(2 + t), log x = 2·atanh(s) and t − 2s = t·s, so h = s·(t − s²·2·tail)."""
    s = two + t
    s = torch.div(t, s, out=room(s))
    square = s * s
    tail = polynomial(TWO_TAILS, square, room)
    return s, torch.addcmul(t, square, tail, value=-1, out=room(tail))


def h_near(t: Tensor) -> Tensor:
    """h(1 + t) where −½ ≤ t ≤ 1."""
    room = room_of(t)
    s = t + 2
    s = torch.div(t, s, out=room(s))
    square = s * s
    tail = polynomial(_ATANH_TAIL, square, room)
    rest = torch.addcmul(t, square, tail, value=-2, out=room(tail))
    return torch.mul(s, rest, out=room(rest))
