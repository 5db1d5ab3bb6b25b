"""Pen strokes as 28×28 pictures: brought to one size and place, drawn with one pen, and written as a text short enough for a link.

What a visitor draws and what the glyph VAE is trained on go through the same `normalised` and `rendered`.
"""

from __future__ import annotations

import string
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = [
    "GLYPH_SIDE",
    "GLYPH_PIXELS",
    "PEN",
    "GRID",
    "MOST_STROKES",
    "MOST_POINTS",
    "Strokes",
    "segments_of",
    "normalised",
    "rendered",
    "picture",
    "strokes_to_text",
    "strokes_from_text",
]

GLYPH_SIDE, GLYPH_PIXELS = 28, 784
INK_BOX = 18.0  # pixels: the longer side of the box round all the strokes' middle lines
PEN = 1.35  # pixels, half the width of a line
LEAST_SIZE = 0.08  # of the paper: a dot stays small instead of being blown up to a blot
GRID = 512  # places along each side of the paper that a point may have
MOST_STROKES, MOST_POINTS = 24, 120
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"  # base64url
_LETTERS = 3  # a point: 9 bits across and 9 bits down

Strokes = Sequence[Sequence[tuple[float, float]]]
"""Each stroke is a row of points (x, y), from 0 to 1, y downwards; of one point, it is a dot."""


def segments_of(strokes: Strokes) -> Tensor:
    """(s, 2, 2) float64, the straight pieces of all strokes, [piece, end, x or y]. ValueError if there are none."""
    pieces = [[start, end] for stroke in strokes for start, end in zip(stroke, stroke[1:] if len(stroke) > 1 else stroke)]
    if not pieces:
        raise ValueError("Draw at least one stroke.")
    return torch.tensor(pieces, dtype=torch.float64, device="cpu")


def normalised(segments: Tensor) -> Tensor:
    """The pieces in pixels: the box round them is centred in the square and its longer side is INK_BOX pixels long.

    segments: (..., s, 2, 2), in any unit of which the paper's side is 1. Returns that shape. What is smaller than LEAST_SIZE of
    the paper is magnified as if it were so large.
    """
    points = segments.flatten(-3, -2)
    low, high = points.amin(-2), points.amax(-2)
    size = (high - low).amax(-1, keepdim=True).clamp_min(LEAST_SIZE)
    middle = ((low + high) / 2)[..., None, None, :]
    return (segments - middle) * (INK_BOX / size)[..., None, None, :] + GLYPH_SIDE / 2


def rendered(segments: Tensor, pen: Tensor | float = PEN) -> Tensor:
    """(..., 784) ink from 0 to 1, row by row: clamp(pen + ½ − distance, 0, 1), the distance of a pixel's middle from the nearest piece.

    segments: (..., s, 2, 2) in pixels. pen: half the width of a line, in pixels; a number or (...).
    """
    line = torch.arange(GLYPH_SIDE, dtype=segments.dtype, device=segments.device) + 0.5
    x, y = line.repeat(GLYPH_SIDE), line.repeat_interleave(GLYPH_SIDE)
    start_x, start_y = segments[..., 0, 0, None], segments[..., 0, 1, None]
    along_x, along_y = segments[..., 1, 0, None] - start_x, segments[..., 1, 1, None] - start_y
    x, y = x - start_x, y - start_y  # (..., s, 784), from the start of each piece
    share = ((x * along_x + y * along_y) / (along_x**2 + along_y**2).clamp_min(1e-12)).clamp(0, 1)
    distance = ((x - share * along_x).square() + (y - share * along_y).square()).amin(-2).sqrt()
    return (torch.as_tensor(pen, dtype=segments.dtype).unsqueeze(-1) + 0.5 - distance).clamp(0, 1)


def picture(strokes: Strokes) -> Tensor:
    """(784,) float64, the strokes as the glyph VAE sees them."""
    return rendered(normalised(segments_of(strokes)))


def strokes_to_text(strokes: Strokes) -> str:
    """Three base64url letters per point, strokes separated by dots: fit for a URL as it is."""
    return ".".join("".join(_point_to_text(x, y) for x, y in stroke) for stroke in strokes)


def _point_to_text(x: float, y: float) -> str:
    across, down = (min(max(int(value * GRID + 0.5), 0), GRID - 1) for value in (x, y))
    number = across * GRID + down
    return "".join(_ALPHABET[number >> shift & 63] for shift in (12, 6, 0))


def strokes_from_text(text: object) -> list[list[tuple[float, float]]]:
    """The strokes that `strokes_to_text` wrote down, points as multiples of 1/512; ValueError in one sentence for any other text."""
    longest = _LETTERS * MOST_POINTS + MOST_STROKES
    if not isinstance(text, str) or not text or len(text) > longest or not set(text) <= {*_ALPHABET, "."}:
        raise ValueError(f"This link's drawing cannot be read: it is not 1 to {MOST_POINTS} points of three letters each.")
    parts = text.split(".")
    if len(parts) > MOST_STROKES or any(not part or len(part) % _LETTERS for part in parts):
        raise ValueError(f"This link's drawing cannot be read: it is not 1 to {MOST_STROKES} strokes of three letters per point.")
    if sum(map(len, parts)) > _LETTERS * MOST_POINTS:
        raise ValueError(f"This link's drawing has more than {MOST_POINTS} points.")
    return [[_point_from_text(part[i : i + _LETTERS]) for i in range(0, len(part), _LETTERS)] for part in parts]


def _point_from_text(letters: str) -> tuple[float, float]:
    number = sum(_ALPHABET.index(letter) << shift for letter, shift in zip(letters, (12, 6, 0)))
    return number // GRID / GRID, number % GRID / GRID
