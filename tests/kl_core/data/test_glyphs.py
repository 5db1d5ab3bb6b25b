"""The glyphs and the strokes that they are made of: one size and place, one pen, one text in a link."""

import math

import pytest
import torch

from kl_core.data.glyphs import SKELETONS, held_out_glyphs, smooth, write_glyphs
from kl_core.data.strokes import (
    MOST_POINTS,
    MOST_STROKES,
    PEN,
    normalised,
    picture,
    rendered,
    segments_of,
    strokes_from_text,
    strokes_to_text,
)

SEVEN = [[(0.2, 0.1), (0.7, 0.1), (0.4, 0.9)]]


def test_the_same_seed_writes_the_same_glyphs_as_many_of_each_digit():
    first, again, other = write_glyphs(40, 3), write_glyphs(40, 3), write_glyphs(40, 4)
    assert torch.equal(first.images, again.images) and not torch.equal(first.images, other.images)
    assert held_out_glyphs().labels.bincount().tolist() == [100] * 10
    assert 0 <= float(first.images.min()) and float(first.images.max()) <= 1


@pytest.mark.parametrize("curves", [curves for digit in SKELETONS for curves in digit])
def test_a_smooth_curve_passes_through_the_points_of_its_skeleton(curves):
    for curve in curves:
        ends = smooth(curve, 12 * (len(curve) - 1)).flatten(0, 1)
        for point in curve:
            assert float((ends - torch.tensor(point, dtype=torch.float64)).norm(dim=-1).min()) < 1e-12


def test_strokes_of_any_size_and_place_become_the_same_picture():
    moved = [[(0.3 * x + 0.5, 0.3 * y + 0.2) for x, y in stroke] for stroke in SEVEN]
    assert torch.allclose(picture(moved), picture(SEVEN), atol=1e-12)
    points = normalised(segments_of(SEVEN)).flatten(0, 1)
    low, high = points.amin(0), points.amax(0)
    assert float((high - low).max()) == pytest.approx(18)
    assert ((low + high) / 2).tolist() == pytest.approx([14, 14])


def test_a_dot_stays_a_dot():
    assert float(picture([[(0.3, 0.8)]]).sum()) == pytest.approx(math.pi * PEN**2, abs=0.6)
    tiny = picture([[(0.5, 0.5), (0.502, 0.5)]])
    assert float(tiny.sum()) < 10


def test_ink_falls_from_one_to_zero_over_one_pixel_at_the_pen_s_edge():
    segments = normalised(segments_of(SEVEN))
    ink = rendered(segments).tolist()
    for row, column in [(5, 10), (6, 14), (12, 15), (20, 12), (14, 14), (2, 2), (22, 11)]:
        away = min(_distance((column + 0.5, row + 0.5), *piece) for piece in segments.tolist())
        assert ink[28 * row + column] == pytest.approx(min(max(PEN + 0.5 - away, 0), 1), abs=1e-12)


def _distance(point, start, end):
    """From a point to a piece, by the angle at its ends."""
    length = math.dist(start, end)
    along = sum((p - a) * (b - a) for p, a, b in zip(point, start, end)) / length
    if along <= 0 or along >= length:
        return min(math.dist(point, start), math.dist(point, end))
    return math.sqrt(max(math.dist(point, start) ** 2 - along**2, 0))


def test_strokes_come_back_from_a_link_to_the_nearest_of_512_places():
    back = strokes_from_text(strokes_to_text(SEVEN))
    assert [len(stroke) for stroke in back] == [3]
    for (x, y), (again, down) in zip(SEVEN[0], back[0]):
        assert abs(x - again) <= 0.5 / 512 and abs(y - down) <= 0.5 / 512
    assert strokes_to_text(back) == strokes_to_text(SEVEN)


TOO_LONG = ["A" * 3 * (MOST_POINTS + 1), ".".join(["AAA"] * (MOST_STROKES + 1))]


@pytest.mark.parametrize("text", ["", "AA", "AAAA", "AAA..AAA", "AAA.", "AA!", "äää", *TOO_LONG, None, 3, ["AAA"]])
def test_what_is_no_drawing_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"^This link's drawing .*\.$"):
        strokes_from_text(text)
