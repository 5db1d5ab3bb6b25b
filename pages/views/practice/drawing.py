"""Small drawings: a prediction beside the truth on a line, and, as SVG for the sheet, one distribution or two."""

from html import escape

import torch

from ...shared.style import short
from ...shared.values import ChosenDistribution
from .prediction import Slide, in_words

WIDTH, HEIGHT, FOOT = 320.0, 110.0, 92.0
_PLACES = 121


def _svg(inside: str, label: str, height: float = HEIGHT) -> str:
    return f'<svg class="drawing" viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{escape(label)}">{inside}</svg>'


def number_line(slide: Slide, said: float | None, truth: float | None) -> str:
    """The slider's range with the prediction (dashed, orange) and the truth (solid, blue), each if given; HTML, for
    Streamlit keeps no SVG."""
    unit = f" {slide.unit}" if slide.unit else ""
    marks = [] if said is None else [("q", f"you: {short(round(said, 4))}{unit}", said)]
    marks += [] if truth is None else [("p", f"true: {in_words(truth)}{unit}", truth)]
    words = "; ".join(word for _, word, _ in marks) or f"A line from {_short(slide.values[0])} to {_short(slide.values[-1])}{unit}"
    drawn = "".join(
        f'<div class="mark {role} {_side(slide, value)}" style="--at:{100 * _part(slide, value):.1f}%"><b>{escape(word)}</b></div>'
        for role, word, value in marks
    )
    count = len(slide.values) - 1
    ticked = sorted({0, count // 4, count // 2, 3 * count // 4, count})
    ticks = "".join(f'<span style="--at:{100 * i / count:.1f}%">{_short(slide.values[i])}</span>' for i in ticked)
    return f'<div class="line" role="img" aria-label="{escape(words)}">{drawn}<div class="ticks">{ticks}</div></div>'


def _short(value: float) -> str:
    return short(round(value, 4))


def _part(slide: Slide, value: float) -> float:
    """How far along: places of a slider are evenly apart, whatever their values; between two of them, in proportion."""
    values = slide.values
    above = next((i for i, place in enumerate(values) if place >= value), len(values) - 1)
    if above == 0 or value > values[-1]:
        return above / (len(values) - 1)
    return (above - (values[above] - value) / (values[above] - values[above - 1])) / (len(values) - 1)


def _side(slide: Slide, value: float) -> str:
    """Which way a mark's words run, so that they stay on the line."""
    return "left" if _part(slide, value) > 0.6 else "right"


def drawn_distributions(
    named: dict[str, tuple[str, ChosenDistribution]], names: tuple[str, ...] | None = None, view: tuple[float, float] = (-6.0, 6.0)
) -> str:
    """Distributions by their style, "p" or "q", each with its name: curves over the view, or bars beside each other."""
    first = next(iter(named.values()))[1]
    drawn = _curves(named, view) if first.family.kind == "continuous" else _bars(named, names)
    return _svg(drawn, " and ".join(name for name, _ in named.values()))


def _curves(named: dict[str, tuple[str, ChosenDistribution]], view: tuple[float, float]) -> str:
    xs = torch.linspace(*view, _PLACES, dtype=torch.float64)
    heights = {role: chosen.distribution.log_prob(xs).exp() for role, (_, chosen) in named.items()}
    top = max(float(height.max()) for height in heights.values())
    parts = [f'<line class="axis" x1="0" y1="{FOOT}" x2="{WIDTH:g}" y2="{FOOT}"/>']
    for role, ys in heights.items():
        points = "L".join(
            f"{x:.1f} {y:.1f}"
            for x, y in zip(((xs - view[0]) / (view[1] - view[0]) * WIDTH).tolist(), (FOOT - ys / top * (FOOT - 18)).tolist(), strict=True)
        )
        peak = int(ys.argmax())
        parts.append(f'<path class="{role}" d="M{points}"/>')
        parts.append(
            f'<text class="{role}" x="{peak / (_PLACES - 1) * WIDTH:.1f}" '
            f'y="{FOOT - float(ys[peak]) / top * (FOOT - 18) - 5:.1f}" '
            f'text-anchor="middle">{escape(named[role][0])}</text>'
        )
    ends = (("start", 0.0), ("middle", 0.5), ("end", 1.0))
    return "".join(parts) + "".join(
        f'<text class="tick" x="{WIDTH * part:g}" y="{HEIGHT - 4}" text-anchor="{anchor}">'
        f"{short(view[0] + part * (view[1] - view[0]))}</text>"
        for anchor, part in ends
    )


def _shares(chosen: ChosenDistribution) -> list[float]:
    if chosen.family.name == "bernoulli":
        return [1 - float(chosen.values["probs"]), float(chosen.values["probs"])]
    return chosen.distribution.probs.tolist()  # type: ignore[attr-defined]  # a Categorical's


def _bars(named: dict[str, tuple[str, ChosenDistribution]], names: tuple[str, ...] | None) -> str:
    shares = {role: _shares(chosen) for role, (_, chosen) in named.items()}
    count, among = len(next(iter(shares.values()))), len(shares)
    slot = WIDTH / count
    wide = slot * 0.7 / among
    parts = [f'<line class="axis" x1="0" y1="{FOOT}" x2="{WIDTH:g}" y2="{FOOT}"/>']
    for which, (role, values) in enumerate(shares.items()):
        for i, value in enumerate(values):
            x, high = (i + 0.15) * slot + which * wide, value * (FOOT - 18)
            parts.append(f'<rect class="{role}" x="{x:.1f}" y="{FOOT - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}"/>')
            parts.append(
                f'<text class="{role}" x="{x + wide / 2:.1f}" y="{FOOT - high - 4:.1f}" text-anchor="middle">'
                f"{escape(named[role][0]) + ' ' if i == 0 else ''}{value:.2g}</text>"
            )
    labels = names or tuple(map(str, range(count)))
    return "".join(parts) + "".join(
        f'<text class="tick" x="{(i + 0.5) * slot:.1f}" y="{HEIGHT - 4}" text-anchor="middle">{escape(label)}</text>'
        for i, label in enumerate(labels)
    )
