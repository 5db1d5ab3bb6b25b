"""The charts of a run's report as pictures that need nothing else: SVG, for the page to take along."""

import base64
from collections.abc import Sequence
from html import escape
from math import floor, log10

import numpy as np

from .run_words import brief, lowered

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 460, 230, 52, 30, 10


def chart_svg(panel: dict, chart: dict) -> str:
    """One chart of a scene, with its title above and its note below; its colours are those of the page's style, by class."""
    (x0, x1), (y0, y1) = chart["x_range"], chart["y_range"]
    across = lambda x: LEFT + (x - x0) / (x1 - x0) * (WIDTH - LEFT - 10)
    up = lambda y: HEIGHT - BOTTOM - (y - y0) / (y1 - y0) * (HEIGHT - BOTTOM - TOP)
    ticks = chart.get("x_ticks") or [[x, brief(x)] for x in _round_numbers(x0, x1)]
    parts = [f'<text x="{across(x):.1f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(str(name))}</text>' for x, name in ticks]
    for y in _round_numbers(y0, y1):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{up(y):.1f}" y2="{up(y):.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{up(y) + 4:.1f}" text-anchor="end">{brief(y)}</text>')
    for look, series in zip(panel["series"], chart["series"], strict=True):
        xs, ys = _values(series["x"]), _values(series["y"])
        points = " ".join(f"{across(x):.1f},{up(min(max(y, y0), y1)):.1f}" for x, y in zip(xs, ys, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" class="{look["style"].split()[0]}"/>')
    drawn = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(panel["label"])}">{"".join(parts)}</svg>'
    return f"<figure><figcaption><b>{escape(panel['title'])}</b></figcaption>{drawn}<small>{lowered(panel['note'])}</small></figure>"


def _values(packed: str) -> Sequence[float]:
    return np.frombuffer(base64.b64decode(packed), dtype=np.float64).tolist()


def _round_numbers(low: float, high: float) -> list[float]:
    """Three to six multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    first = int(np.ceil(low / step))
    return [step * i for i in range(first, int(np.floor(high / step)) + 1)]
