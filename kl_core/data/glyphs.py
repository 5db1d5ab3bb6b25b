"""Digits of 28×28 pixels, written by a pen of ours: skeletons of 10 digits, bent, slanted and stretched at random.

There is no file of them: the same seed always writes the same glyphs.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from .digits import Digits
from .strokes import PEN, normalised, rendered

__all__ = ["SKELETONS", "smooth", "TRAINING_GLYPHS", "TEST_GLYPHS", "glyph_segments", "write_glyphs", "training_glyphs", "held_out_glyphs"]

TRAINING_GLYPHS, TEST_GLYPHS = 6000, 1000
_PIECES = 48  # straight pieces of a glyph
_AT_ONCE = 25  # glyphs drawn together: what fits a processor's cache
# Standard deviations: of the bumps, in heights of a glyph; of the log of the width; of the slant about 0.08; of the turn, radians; of
# half the pen's width, pixels.
_BEND, _WIDE, _SLANT, _TURN, _PEN = 0.03, 0.1, 0.12, 0.05, 0.12
_MEAN_SLANT = 0.08
_ZERO = ((0.31, 0), (0.08, 0.18), (0, 0.5), (0.08, 0.82), (0.31, 1), (0.54, 0.82), (0.62, 0.5), (0.54, 0.18), (0.31, 0))
_LOOP_OF_9 = ((0.57, 0.24), (0.46, 0.05), (0.27, 0), (0.07, 0.1), (0.02, 0.29), (0.14, 0.47), (0.33, 0.49), (0.5, 0.39), (0.57, 0.24))
_TOP_OF_5 = (((0.56, 0), (0.1, 0)), ((0.1, 0), (0.06, 0.42)))

Curve = tuple[tuple[float, float], ...]

SKELETONS: tuple[tuple[tuple[Curve, ...], ...], ...] = (
    ((_ZERO,),),
    ((((0.02, 0.24), (0.28, 0)), ((0.28, 0), (0.28, 1))), (((0.3, 0), (0.3, 1)),)),
    (
        (
            ((0.03, 0.25), (0.12, 0.07), (0.32, 0), (0.53, 0.08), (0.59, 0.28), (0.47, 0.52), (0.22, 0.78), (0, 1)),
            ((0, 1), (0.62, 1)),
        ),
    ),
    (
        (
            ((0.03, 0.12), (0.28, 0), (0.52, 0.1), (0.54, 0.3), (0.42, 0.44), (0.2, 0.48)),
            ((0.2, 0.48), (0.46, 0.53), (0.6, 0.72), (0.5, 0.93), (0.26, 1), (0, 0.88)),
        ),
    ),
    (
        (((0.46, 0), (0, 0.68)), ((0, 0.68), (0.64, 0.68)), ((0.46, 0), (0.46, 1))),
        (((0.1, 0.02), (0.03, 0.54)), ((0.03, 0.54), (0.62, 0.54)), ((0.5, 0.02), (0.46, 1))),
    ),
    ((*_TOP_OF_5, ((0.06, 0.42), (0.3, 0.36), (0.54, 0.48), (0.59, 0.7), (0.45, 0.94), (0.2, 1), (0, 0.9))),),
    (
        (
            (
                (0.5, 0), (0.25, 0.16), (0.06, 0.45), (0.02, 0.72), (0.14, 0.94), (0.33, 1), (0.53, 0.91), (0.58, 0.72),
                (0.47, 0.55), (0.29, 0.51), (0.1, 0.6), (0.02, 0.76),
            ),
        ),
    ),
    ((((0, 0), (0.6, 0)), ((0.6, 0), (0.22, 1))),),
    (
        (
            (
                (0.31, 0.47), (0.11, 0.34), (0.09, 0.13), (0.31, 0), (0.53, 0.13), (0.51, 0.34), (0.31, 0.47), (0.07, 0.61),
                (0.04, 0.86), (0.31, 1), (0.58, 0.86), (0.55, 0.61), (0.31, 0.47),
            ),
        ),
    ),
    (
        (_LOOP_OF_9, ((0.57, 0.24), (0.55, 0.6), (0.5, 1))),
        (_LOOP_OF_9, ((0.57, 0.24), (0.57, 0.62), (0.44, 0.94), (0.2, 1), (0.06, 0.92))),
    ),
)  # fmt: skip
"""For each digit its ways of being written, each made of smooth curves through these points; x and y from 0 to 1, y downwards."""


def smooth(curve: Curve, pieces: int) -> Tensor:
    """(pieces, 2, 2) straight pieces of the Catmull–Rom spline through the points; closed if it ends where it begins.

    curve: at least two points.
    """
    points = torch.tensor(curve, dtype=torch.float64, device="cpu")
    closed = curve[0] == curve[-1]
    before, after = (points[-2], points[1]) if closed else (2 * points[0] - points[1], 2 * points[-1] - points[-2])
    padded = torch.cat([before[None], points, after[None]])
    at = torch.linspace(0, len(points) - 1, pieces + 1, dtype=torch.float64, device="cpu")
    leg = at.long().clamp_max(len(points) - 2)
    t = (at - leg)[:, None]
    a, b, c, d = (padded[leg + k] for k in range(4))
    line = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3)
    return torch.stack([line[:-1], line[1:]], -2)


@cache
def _skeletons() -> tuple[Tensor, Tensor]:
    """Every way of every digit as (ways, 48, 2, 2) pieces, and (ways,) the digit."""
    ways, labels = [], []
    for digit, written in enumerate(SKELETONS):
        for curves in written:
            lengths = [len(curve) - 1 for curve in curves]
            counts = [max(1, _PIECES * length // sum(lengths)) for length in lengths]
            counts[-1] += _PIECES - sum(counts)
            ways.append(torch.cat([smooth(curve, count) for curve, count in zip(curves, counts)]))
            labels.append(digit)
    return torch.stack(ways), torch.tensor(labels, device="cpu")


def glyph_segments(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(count, 48, 2, 2) float64 pieces of random glyphs, in units of their height, and (count,) their digits, in turn 0 to 9."""
    ways, digit_of = _skeletons()
    labels = torch.arange(count, device="cpu") % 10
    chance = (digit_of == labels[:, None]).double()
    segments = ways[torch.multinomial(chance, 1, generator=generator).squeeze(-1)]
    middle = torch.tensor([0.31, 0.5], dtype=torch.float64, device="cpu")
    return _moved(_bent(segments - middle, generator), generator), labels


def _bent(segments: Tensor, generator: torch.Generator) -> Tensor:
    """Every glyph's paper is stretched here and pressed together there: twelve bumps, 0.3 wide, of random height."""
    across, down = (
        torch.linspace(-0.4, 0.4, 3, dtype=torch.float64, device="cpu"),
        torch.linspace(-0.5, 0.5, 4, dtype=torch.float64, device="cpu"),
    )
    centres = torch.stack(torch.meshgrid(across, down, indexing="ij"), -1).reshape(-1, 2)
    heights = _BEND * torch.randn(len(segments), len(centres), 2, generator=generator, dtype=torch.float64, device="cpu")
    near = (-0.5 * ((segments.unsqueeze(-2) - centres) / 0.3).square().sum(-1)).exp()
    return segments + torch.einsum("nsek,nkx->nsex", near, heights)


def _moved(segments: Tensor, generator: torch.Generator) -> Tensor:
    """A random width, slant and turn for each."""
    wide, slant, turn = torch.randn(3, len(segments), 1, 1, generator=generator, dtype=torch.float64, device="cpu")
    x, y = segments[..., 0], segments[..., 1]
    x = (_WIDE * wide).exp() * x - (_MEAN_SLANT + _SLANT * slant) * y
    angle = _TURN * turn
    return torch.stack([angle.cos() * x - angle.sin() * y, angle.sin() * x + angle.cos() * y], -1)


def write_glyphs(count: int, seed: int) -> Digits:
    """Random glyphs, as many of each digit as of every other; images: (count, 784) float32 ink from 0 to 1."""
    generator = torch.Generator().manual_seed(seed)
    segments, labels = glyph_segments(count, generator)
    pen = PEN + _PEN * torch.randn(count, 1, generator=generator, device="cpu").clamp(-2, 2)
    pixels = normalised(segments).float()
    images = torch.cat([rendered(part, width.squeeze(-1)) for part, width in zip(pixels.split(_AT_ONCE), pen.split(_AT_ONCE))])
    return Digits(images, labels)


@cache
@torch.inference_mode(False)  # kept for trainings too, whoever asks first
def training_glyphs() -> Digits:
    """6,000 glyphs. What is returned is shared: do not write into it."""
    return write_glyphs(TRAINING_GLYPHS, 0)


@cache
@torch.inference_mode(False)
def held_out_glyphs() -> Digits:
    """1,000 others, by the same pen; shared as well."""
    return write_glyphs(TEST_GLYPHS, 1)
