"""Power series cut down to what a stretch of the line needs, and evaluated."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor

__all__ = ["economised", "polynomial", "as_tensors"]


def economised(taylor: list[Fraction], low: Fraction, high: Fraction, degree: int) -> tuple[float, ...]:
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


@cache
@torch.inference_mode(False)  # kept for later calls, some of which want gradients
def as_tensors(numbers: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> tuple[Tensor, ...]:
    """Each as a tensor without axes: torch takes half a step's time to make one of a Python number."""
    return tuple(torch.tensor(number, dtype=dtype, device=device) for number in numbers)


def polynomial(coefficients: tuple[float, ...], x: Tensor, room: Callable[[Tensor], Tensor | None] = lambda total: None) -> Tensor:
    """By Horner's rule, the highest coefficient first; room: as `values.room_of` says."""
    _, second, *rest = as_tensors(coefficients, x.dtype, x.device)
    total = torch.add(second, x, alpha=coefficients[0])  # a product with two tensors without axes takes twice the time
    for c in rest:
        total = torch.addcmul(c, total, x, out=room(total))
    return total
