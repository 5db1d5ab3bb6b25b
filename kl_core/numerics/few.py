"""A few numbers at a time, as Python's floats.

torch takes a microsecond or two for any operation on one number, Python 50 nanoseconds. A closed form of one pair has twenty to
two hundred operations, and in Python's floats it takes as long as torch's own. Same formulas, same roundings as in `exact`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.autograd import forward_ad

__all__ = ["LEAST", "MOST", "FAINT", "of_few", "of_few_rows", "horner", "h_of", "exp_excess_of", "kl_term_of"]

_FEW, _FEW_OUTCOMES = 12, 64
LEAST, MOST, FAINT = 0.8, 1.25, 0.1  # `exact` says why


def of_few(function: Callable[..., float], *values: Tensor) -> Tensor | None:
    """function(*entries) for each entry of tensors of one shape; None where torch must do it.

    That is, of many entries, of what is differentiated, mapped, compiled or on another device, and where Python raises an
    error while torch says inf or NaN.
    """
    if not _are_numbers(values, _FEW):
        return None
    shape = values[0].shape
    try:
        if not shape:
            return torch.scalar_tensor(function(*(value.item() for value in values)), dtype=torch.float64, device="cpu")
        entries = zip(*(value.flatten().tolist() for value in values))
        return torch.tensor([function(*entry) for entry in entries], dtype=torch.float64, device="cpu").view(shape)
    except (ArithmeticError, ValueError):
        return None


def of_few_rows(function: Callable[..., float], *values: Tensor) -> Tensor | None:
    """function(*rows), rows as lists, for each row of tensors of one shape, (..., k); returns (...), None as `of_few`."""
    if not _are_numbers(values, _FEW_OUTCOMES) or values[0].dim() == 0 or values[0].numel() == 0:
        return None
    shape = values[0].shape[:-1]
    try:
        if not shape:
            return torch.scalar_tensor(function(*(value.tolist() for value in values)), dtype=torch.float64, device="cpu")
        rows = zip(*(value.flatten(0, -2).tolist() for value in values))
        return torch.tensor([function(*row) for row in rows], dtype=torch.float64, device="cpu").view(shape)
    except (ArithmeticError, ValueError):
        return None


def _are_numbers(values: Sequence[Tensor], most: int) -> bool:
    """Whether they are float64 tensors of one shape and at most that many entries, whose values may be read and are all that counts."""
    if values[0].numel() > most or torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return False
    followed, forward = torch.is_grad_enabled(), forward_ad._current_level >= 0
    for value in values:
        if type(value) is not Tensor or not value.is_cpu or value.dtype != torch.float64:
            return False
        if value.shape != values[0].shape or (followed and value.requires_grad):
            return False
        if forward and forward_ad.unpack_dual(value).tangent is not None:
            return False
    return True


def horner(coefficients: Sequence[float], x: float) -> float:
    """A polynomial, the highest coefficient first."""
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total


def h_of(x: float, t: float, tail: Sequence[float]) -> float:
    """As `exact.h`; tail: the coefficients of its polynomial."""
    if x > 2 or x < FAINT:
        return t - math.log(x)
    c = t if LEAST <= x <= MOST else MOST - 1 if t > 0 else LEAST - 1
    s = c / (2 + c)
    square = s * s
    near = s * (c - square * horner(tail, square))
    return near if c == t else near + ((t - c) - math.log1p((t - c) / (1 + c)))


def exp_excess_of(x: float, series: Sequence[float]) -> float:
    """As `exact.exp_excess`; series: the coefficients of its B, good for |x| ≤ 1."""
    if abs(x) > 1:
        return math.expm1(x) - x
    square = x * x
    b = horner(series, square)
    return square * (1 - x * b) / (2 - x + square * b)


def kl_term_of(p: float, q: float, d: float, tail: Sequence[float]) -> float:
    """As `exact.kl_term`, for p and q well inside the floats; ValueError for others."""
    if not (p > 1e-270 and 1e-30 * p < q < 1e30 * p):
        raise ValueError("a 0, or next to the ends of the floats")
    return p * h_of(q / p, -d / p, tail)
