"""What rounding leaves: the error of a product, a difference, a quotient or a logarithm, as a float of its own.

Where two large parts cancel, the answer is made of what each of them lost. These tails are constants to autograd:
the gradient of the rounded operation is right as it stands.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from functools import cache

import torch
from torch import Tensor

from .few import of_few
from .values import room_of

__all__ = ["product_tail", "difference_of_products", "difference_of_products_of", "two_difference", "quotient", "log_tail"]


def product_tail(a: Tensor, b: Tensor, product: Tensor) -> Tensor:
    """a·b − product, the rounding error of the product, exactly (Dekker 1971)."""

    room = room_of(a, b, product)

    def halves(x: Tensor) -> tuple[Tensor, Tensor]:
        big = 134217729.0 * x  # 2²⁷ + 1
        rest = big - x
        high = torch.sub(big, rest, out=room(big))
        return high, torch.sub(x, high, out=room(rest))

    (a_high, a_low), (b_high, b_low) = halves(a), halves(b)
    tail = a_high * b_high
    tail = torch.sub(tail, product, out=room(tail))
    for x, y in ((a_high, b_low), (a_low, b_high), (a_low, b_low)):  # products of 26 bits by 27 at most, and so exact
        tail = torch.addcmul(tail, x, y, out=room(tail))
    return tail


def difference_of_products(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """a·b − c·d to within two roundings of the result, however much cancels (Jeannerod, Louvet & Muller 2013)."""
    few = of_few(difference_of_products_of, a, b, c, d)
    if few is not None:
        return few
    first, second = a * b, c * d
    with torch.no_grad():
        tails = (product_tail(a, b, first) - product_tail(c, d, second)).nan_to_num(0.0, 0.0, 0.0)
    return (first - second) + tails


def difference_of_products_of(a: float, b: float, c: float, d: float) -> float:
    """The same of Python's floats."""
    first, second = a * b, c * d
    tails = _product_tail_of(a, b, first) - _product_tail_of(c, d, second)
    return (first - second) + (tails if math.isfinite(tails) else 0.0)


def _product_tail_of(a: float, b: float, product: float) -> float:
    (big_a, big_b) = 134217729.0 * a, 134217729.0 * b
    a_high, b_high = big_a - (big_a - a), big_b - (big_b - b)
    a_low, b_low = a - a_high, b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def two_difference(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """x − y as a float and what its rounding left, together exact (Knuth 1969, 4.2.2)."""
    high = x - y
    back = high - x
    return high, (x - (high - back)) - (y + back)


def quotient(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """a/b as a float, and what its rounding left: the remainder, which is exact, over b."""
    high = a / b
    with torch.no_grad():
        product = high * b
        low = ((a - product) - product_tail(high, b, product)) / b
    return high, low.nan_to_num(0.0, 0.0, 0.0)


# log c for the c = j/64 next to any m in [¾, 1½), each as a float and the rest.
_STEPS = range(48, 97)


@cache
@torch.inference_mode(False)
def _log_table(device: torch.device) -> tuple[Tensor, Tensor, tuple[float, float]]:
    """High and low parts of log(j/64), and of log 2, whose high part has 11 bits to spare for a product."""
    digits = Context(prec=50)

    def parts(x: Decimal) -> tuple[float, float]:
        return float(x), float(x - Decimal(float(x)))

    table = [parts(digits.ln(Decimal(j) / 64)) for j in _STEPS]
    log_2 = digits.ln(Decimal(2))
    high = math.ldexp(math.floor(math.ldexp(float(log_2), 42)), -42)
    as_tensor = lambda values: torch.tensor(values, dtype=torch.float64, device=device)
    logs_high, logs_low = map(as_tensor, zip(*table))
    return logs_high, logs_low, (high, float(log_2 - Decimal(high)))


@torch.no_grad()
def log_tail(x: Tensor) -> Tensor:
    """log x − torch.log(x), what the rounding of the logarithm left, to within 1e-21; float64 x > 0, not denormal.

    x = m·2^e and m = c·(1 + s)/(1 − s) with c next to m in a table (Tang 1990); then log(m/c) = 2s + ⅔s³ + …, up to
    s⁷: |s| ≤ 1/192, and what follows is 6e-22.
    """
    m, e = torch.frexp(x)
    low_half = m < 0.75
    m, e = torch.where(low_half, 2 * m, m), torch.where(low_half, e - 1, e).to(x.dtype)
    step = torch.round(64 * m)
    table_high, table_low, (two_high, two_low) = _log_table(x.device)
    at = step.long() - _STEPS.start
    c = step / 64
    s, s_low = quotient(m - c, m + c)
    with_rounding = two_difference(m, -c)[1]  # m + c was rounded too
    s_low = s_low - s * (with_rounding / (m + c))
    left = e * two_high - x.log()  # nearly exact: both are multiples of the same small power of 2
    total, rest = left, e * two_low + table_low[at] + 2 * s_low + s**3 * (2 / 3 + s * s * (2 / 5 + 2 / 7 * s * s))
    for part in (table_high[at], 2 * s):
        total, lost = two_difference(total, -part)
        rest = rest + lost
    return total + rest
