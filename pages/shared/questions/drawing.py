"""Small drawings as SVG: a prediction beside the truth, and two laws; on the page and on the sheet."""

from html import escape

import torch

from ..controls import Law
from ..style import number, short
from .prediction import Drag, Slide

WIDTH, HEIGHT, FOOT = 320.0, 110.0, 92.0
EDGE = 14.0
_PLACES = 121


def _svg(inside: str, label: str, height: float = HEIGHT) -> str:
    return f'<svg class="drawing" viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{escape(label)}">{inside}</svg>'


def _across(slide: Slide, value: float) -> float:
    """Places of a slider are evenly apart, whatever their values; between two of them, in proportion."""
    values = slide.values
    above = next((i for i, one in enumerate(values) if one >= value), len(values) - 1)
    if above == 0 or value > values[-1]:
        at = float(above)
    else:
        at = above - (values[above] - value) / (values[above] - values[above - 1])
    return EDGE + (WIDTH - 2 * EDGE) * at / (len(values) - 1)


def number_line(slide: Slide, said: float | None, truth: float | None) -> str:
    """The slider's range with the prediction (dashed, orange) and the truth (solid, blue), each if given."""
    y = 40.0
    parts = [f'<line class="axis" x1="{EDGE}" y1="{y}" x2="{WIDTH - EDGE}" y2="{y}"/>']
    for value in (slide.values[0], slide.values[len(slide.values) // 2], slide.values[-1]):
        parts.append(_word(_across(slide, value), y + 30, short(round(value, 4)), "tick"))
        parts.append(f'<line class="axis" x1="{_across(slide, value):.1f}" y1="{y - 4}" x2="{_across(slide, value):.1f}" y2="{y + 4}"/>')
    words = []
    unit = f" {slide.unit}" if slide.unit else ""
    for value, role, name, up in ((said, "q", "you", True), (truth, "p", "it is", False)):
        if value is None:
            continue
        x, text = _across(slide, value), f"{name}: {number(value) if role == 'p' else short(round(value, 4))}{unit}"
        words.append(text)
        parts.append(f'<line class="{role}" x1="{x:.1f}" y1="{y - 16 if up else y}" x2="{x:.1f}" y2="{y if up else y + 14}"/>')
        parts.append(_word(x, y - 22 if up else y + 30, text, role))
    if truth is not None:
        parts = [one for one in parts if 'class="tick"' not in one]
    return _svg("".join(parts), "; ".join(words) or f"A line from {short(slide.values[0])} to {short(slide.values[-1])}{unit}", 78)


def _word(x: float, y: float, text: str, style: str) -> str:
    anchor = "start" if x < WIDTH * 0.25 else "end" if x > WIDTH * 0.75 else "middle"
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def laws(named: dict[str, tuple[str, Law]], names: tuple[str, ...] | None = None, view: tuple[float, float] = (-6.0, 6.0)) -> str:
    """Laws by their style, "p" or "q", each with its name: curves over the view, or bars beside each other."""
    first = next(iter(named.values()))[1]
    drawn = _curves(named, view) if first.family.kind == "continuous" else _bars(named, names)
    return _svg(drawn, " and ".join(name for name, _ in named.values()))


def _curves(named: dict[str, tuple[str, Law]], view: tuple[float, float]) -> str:
    xs = torch.linspace(*view, _PLACES, dtype=torch.float64)
    heights = {role: law.distribution.log_prob(xs).exp() for role, (_, law) in named.items()}
    top = max(float(one.max()) for one in heights.values())
    parts = [f'<line class="axis" x1="0" y1="{FOOT}" x2="{WIDTH:g}" y2="{FOOT}"/>']
    for role, ys in heights.items():
        points = "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(((xs - view[0]) / (view[1] - view[0]) * WIDTH).tolist(),
                                                              (FOOT - ys / top * (FOOT - 18)).tolist(), strict=True))
        peak = int(ys.argmax())
        parts.append(f'<path class="{role}" d="M{points}"/>')
        parts.append(f'<text class="{role}" x="{peak / (_PLACES - 1) * WIDTH:.1f}" y="{FOOT - float(ys[peak]) / top * (FOOT - 18) - 5:.1f}" '
                     f'text-anchor="middle">{escape(named[role][0])}</text>')
    return "".join(parts) + "".join(_word(WIDTH * part, HEIGHT - 4, short(view[0] + part * (view[1] - view[0])), "tick") for part in (0, 0.5, 1))


def _shares(law: Law) -> list[float]:
    if law.family.name == "bernoulli":
        return [1 - float(law.values["probs"]), float(law.values["probs"])]
    return law.distribution.probs.tolist()


def _bars(named: dict[str, tuple[str, Law]], names: tuple[str, ...] | None) -> str:
    shares = {role: _shares(law) for role, (_, law) in named.items()}
    count, among = len(next(iter(shares.values()))), len(shares)
    slot = WIDTH / count
    wide = slot * 0.7 / among
    parts = [f'<line class="axis" x1="0" y1="{FOOT}" x2="{WIDTH:g}" y2="{FOOT}"/>']
    for which, (role, values) in enumerate(shares.items()):
        for i, value in enumerate(values):
            x, high = (i + 0.15) * slot + which * wide, value * (FOOT - 18)
            parts.append(f'<rect class="{role}" x="{x:.1f}" y="{FOOT - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}"/>')
            parts.append(f'<text class="{role}" x="{x + wide / 2:.1f}" y="{FOOT - high - 4:.1f}" text-anchor="middle">'
                         f'{escape(named[role][0]) + " " if i == 0 else ""}{value:.2g}</text>')
    labels = names or tuple(map(str, range(count)))
    return "".join(parts) + "".join(f'<text class="tick" x="{(i + 0.5) * slot:.1f}" y="{HEIGHT - 4}" text-anchor="middle">{escape(one)}</text>'
                                    for i, one in enumerate(labels))


def bars_beside(drag: Drag, said: object) -> str:
    """Dragged bars beside the true ones."""
    return laws({"p": ("it is", drag.truth()), "q": ("you", Law(drag.start.family, said))}, drag.names)
