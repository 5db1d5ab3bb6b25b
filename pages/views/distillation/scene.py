"""A teacher's answer at every temperature: its logits, which may be dragged if they are one's own, and what they soften to."""

from math import ceil, exp, floor, log

import torch

from kl_core import entropy
from kl_core.data.digits import SIDE, load_digits
from kl_core.distilling.distillation import soften
from kl_core.families import FAMILIES

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, amount
from .examples import TEMPERATURES, Example, place_of, softened

COMPARED = (1.0, 2.0, 5.0, 20.0, 100.0)
WARM = 5.0
"""The temperature at which the odds are said beside those of T = 1."""
_STEP = 0.1


def soften_scene(example: Example, unit: Unit, start: float) -> dict:
    """T under the scrubber; the digit, its logits, their softened bars beside those at T = 1, and the numbers."""
    soft, where = softened(example), place_of(start)
    first, second = example.order[:2]
    tracks = {"entropy": entropy(soft), "first": soft[:, first], "second": soft[:, second]}
    ranks = {"first": {"rank": 1, "outcome": first}, "second": {"rank": 2, "outcome": second}}
    own = example.digit is None
    told = {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-0.5, len(example.names) - 0.5],
        "names": list(example.names),
        "size": "ruled tall" if own else "ruled lead beside",
        "levels": _levels(example.logits),
        "top": 1.08 if own else min(1.08, 1.15 * float(soft.max())),
        "curves": {"p": _bars("", "p", example, soft[where], own), "q": _bars("", "faint", example, soft[place_of(1.0)], False)},
        "softens": {"of": "p", "at": {"p": None, "q": 1.0}},
        "numbers": {
            name: scene.number("entropy", ("p",), float(one[where]), status="exact") | ranks.get(name, {}) for name, one in tracks.items()
        },
        "readouts": _readouts(example, unit),
        "panels": _panels(example),
        "charts": {"compared": _compared(example)},
        "scrub": {
            "label": "Temperature T",
            "unit": "T =",
            "values": packed(TEMPERATURES),
            "seconds": 8,
            "start": where,
            "curves": {"p": {f"probs.{i}": packed(soft[:, i]) for i in range(len(example.names))}},
            "numbers": {name: packed(one) for name, one in tracks.items()},
        },
        "export": "soft_targets",
        "hint": _hint(example),
    }
    if not own:
        pixels = load_digits()[1].images[example.digit]
        told["images"] = {"digit": {"pixels": packed(255 * pixels, torch.uint8), "side": SIDE, "count": 1, "columns": 1}}
    return told


def _hint(example: Example) -> str:
    if example.digit is None:
        return "Drag a logit up or down. Then raise T: the bars even out, and their order stays."
    return f"The teacher sees {example.looks}. Raise T to see it in the bars; their order stays."


def _readouts(example: Example, unit: Unit) -> list[dict]:
    return [
        {"quantity": "second", "title": "Second most probable class", "plain": True},
        {"quantity": "first", "title": "Most probable class", "plain": True},
        {"quantity": "entropy", "title": "Entropy of the soft targets", "note": f"at most {amount(_most(example), unit)}"},
    ]


def _bars(label: str, style: str, example: Example, probs: torch.Tensor, movable: bool) -> dict:
    """Bars of probabilities that carry the logits they are softened from, with a handle on each logit if movable."""
    curve = scene.curve(label, style, FAMILIES["categorical"], {"probs": tuple(probs.tolist())}, movable=False, filled=style == "p")
    curve["values"]["logits"] = list(example.logits)
    if movable:
        low, high = _levels(example.logits)
        common = {"name": "logits", "meaning": "logit", "low": low, "high": high, "step": _STEP, "log": False, "integer": False}
        curve["parameters"] = [common | {"key": f"logits.{i}", "label": f"z{scene.subscript(i + 1)}"} for i in range(len(example.logits))]
        curve["handles"] = [
            {"key": f"logits.{i}", "kind": "level", "outcome": i, "name": f"Logit of {name}"} for i, name in enumerate(example.names)
        ]
    return curve


def _levels(logits: tuple[float, ...]) -> list[float]:
    """The logits' axis, with room to drag, in whole steps so that a small move leaves it as it is."""
    reach = max(*map(abs, logits), 4.0)
    step = 2.0 if reach < 20 else 50.0 if reach < 500 else 500.0
    return [step * floor(min(*logits, 0.0) / step - 1), step * ceil(max(*logits, 0.0) / step + 1)]


def _most(example: Example) -> float:
    return log(len(example.names))


def _panels(example: Example) -> list[dict]:
    beside = example.digit is not None
    levels = {
        "kind": "levels",
        "curves": ["p"],
        "of": "logits",
        "wide": beside,
        "label": "The teacher's logits",
        "title": "The teacher’s logits z" + ("" if beside else ": drag them"),
    }
    bars = {
        "kind": "curves",
        "curves": ["p", "q"],
        "label": "The teacher's probabilities at T and at T = 1",
        "wide": beside,
        "title": "Soft targets at T; dotted: at T = 1",
    }
    panels: list[dict] = [
        *([bars, levels] if beside else [levels, bars]),
        {
            "kind": "chart",
            "name": "compared",
            "label": "The soft targets at five temperatures, side by side",
            "title": "The soft targets at five temperatures",
            "note": _dark_knowledge(example),
            "series": [{"style": "p solid bar", "label": ""}],
        },
    ]
    return [_digit_panel(example), *panels] if beside else panels


def _digit_panel(example: Example) -> dict:
    return {
        "kind": "images",
        "name": "digit",
        "narrow": True,
        "label": f"Test digit {example.digit}, labelled {example.label}",
        "note": f"labelled {example.label}",
        "title": f"{example.looks[0].upper()}{example.looks[1:]}",
    }


def _dark_knowledge(example: Example) -> str:
    """What a higher temperature shows of this very answer, in exact numbers, and its name."""
    logits = torch.tensor(example.logits, dtype=torch.float64)
    first, *others = example.order
    gaps = {name: float(logits[first] - logits[name]) for name in others}
    other = next((name for name, gap in gaps.items() if gap >= 1), others[-1])  # the first that is clearly behind
    gap = gaps[other]
    if gap == 0:
        return "All these logits are equal, and so are the probabilities, at every T."
    return (
        f"At T = 1, {example.names[first]} is {_times(gap)} as probable as {example.names[other]}, "
        f"at T = {WARM:g} only {_times(gap / WARM)}. "
        "The teacher’s ranking of wrong classes is its dark knowledge (Hinton’s term). A high T makes it visible."
    )


def _times(gap: float) -> str:
    """How many times as probable, e to a gap of logits."""
    return f"{exp(gap):,.3g} times" if gap < log(1000) else f"e^{gap:.4g} times"


def _compared(example: Example) -> dict:
    """The bars at a few temperatures, group by group."""
    logits = torch.tensor(example.logits, dtype=torch.float64)
    count = len(example.names)
    apart = count + 2
    places = torch.cat([torch.arange(count, dtype=torch.float64) + apart * i for i in range(len(COMPARED))])
    heights = soften(logits, torch.tensor(COMPARED, dtype=torch.float64)).flatten()
    return {
        "x_range": [-1.0, apart * len(COMPARED) - 2.0],
        "y_range": [0.0, 1.05],
        "bars": True,
        "together": True,
        "x_ticks": [[apart * i + (count - 1) / 2, f"T = {T:g}"] for i, T in enumerate(COMPARED)],
        "series": [{"x": packed(places), "y": packed(heights)}],
    }
