"""What a visitor draws, as a distribution, and as a text short enough for a link."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence

import torch
from torch import Tensor

from ..densities.piecewise_log_linear import PiecewiseLogLinear

__all__ = ["AXIS", "KNOTS", "FLOOR", "drawn", "levels_of", "drawn_from_levels", "drawing_to_text", "drawing_from_text"]

AXIS = (-8.0, 8.0)  # that is drawn over
KNOTS = 97  # of a drawing
FLOOR = 1e-4  # of the peak: a drawn density is nowhere lower between its ends, so that Q may be anywhere
_TAIL = 1 / 32  # of the axis: beyond its ends the density falls by a factor of e in this length
_FEWEST, _MOST = 5, 110  # heights
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"  # base64url
_TOP = len(_ALPHABET) - 1
_SMOOTH = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


def drawn(heights: Sequence[float] | Tensor, low: float = AXIS[0], high: float = AXIS[1]) -> PiecewiseLogLinear:
    """The distribution of drawn heights: `drawn_from_levels(levels_of(heights), low, high)`, the same as its link's.

    heights: 5 to 110 numbers of at least 0, one for each of as many places from low to high; any unit.
    ValueError in one sentence for anything else.
    """
    return drawn_from_levels(levels_of(heights), low, high)


def levels_of(heights: Sequence[float] | Tensor) -> list[int]:
    """Each height as a whole number from 0 to 63, on the scale of √(height/peak), which has more steps where p is small."""
    values = torch.as_tensor(heights, dtype=torch.float64).detach()
    if values.dim() != 1 or not _FEWEST <= len(values) <= _MOST:
        raise ValueError(f"A drawing has {_FEWEST} to {_MOST} heights in one row; here they have the shape {tuple(values.shape)}.")
    if not bool((values.isfinite() & (values >= 0)).all()):
        raise ValueError("A drawing's heights are finite numbers of at least 0.")
    peak = values.max()
    if not bool(peak > 0):
        raise ValueError("Draw something above the axis first: a density needs some mass.")
    return (_TOP * (values / peak).sqrt()).round().long().tolist()


def drawn_from_levels(levels: Sequence[int], low: float = AXIS[0], high: float = AXIS[1]) -> PiecewiseLogLinear:
    """Levels become heights (level/63)², smoothed over five neighbours, with a floor of 1e-4 of the peak; log p is linear between.

    Beyond low and high the density falls off exponentially, by e in a 32nd of the axis.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"A drawing's axis goes from a lower to a higher number; here from {low:g} to {high:g}.")
    heights = (torch.as_tensor(levels, dtype=torch.float64) / _TOP).square()
    padded = torch.cat([heights[:1].expand(2), heights, heights[-1:].expand(2)])
    smooth = torch.zeros_like(heights)
    for k, weight in enumerate(_SMOOTH):
        smooth = smooth + weight * padded[k : k + len(heights)]
    knots = torch.linspace(low, high, len(heights), dtype=torch.float64, device="cpu")
    rate = torch.tensor(1 / (_TAIL * (high - low)), dtype=torch.float64, device="cpu")
    return PiecewiseLogLinear(knots, smooth.clamp_min(FLOOR * smooth.max()).log(), rate, rate, validate_args=False)


def drawing_to_text(levels: Sequence[int], low: float = AXIS[0], high: float = AXIS[1]) -> str:
    """`low~high~` and one base64url letter per height, such as `-8~8~AABCX…`: fit for a URL as it is."""
    return f"{low:g}~{high:g}~" + "".join(_ALPHABET[level] for level in levels)


def drawing_from_text(text: str) -> PiecewiseLogLinear:
    """The distribution that `drawing_to_text` wrote down; ValueError in one sentence for any other text."""
    parts = text.split("~") if isinstance(text, str) else []
    if len(parts) != 3 or not _FEWEST <= len(parts[2]) <= _MOST or not set(parts[2]) <= set(_ALPHABET):
        raise ValueError(f"This link's drawing cannot be read: it is not two numbers and {_FEWEST} to {_MOST} letters.")
    try:
        low, high = float(parts[0]), float(parts[1])
    except ValueError:
        raise ValueError("This link's drawing cannot be read: the ends of its axis are not numbers.") from None
    if not (-1e3 <= low < high <= 1e3 and high - low >= 1e-3):
        raise ValueError("This link's drawing cannot be read: its axis must go from a lower to a higher number, within ±1000.")
    levels = [_ALPHABET.index(letter) for letter in parts[2]]
    if not any(levels):
        raise ValueError("This link's drawing is empty: a density needs some mass.")
    return drawn_from_levels(levels, low, high)
