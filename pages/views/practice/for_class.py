"""A practice question as a live room asks it, and what the class did with what it dragged."""

from collections.abc import Mapping, Sequence

from ...shared.live import CSS, told
from .asked import drag_scene
from .pictures import State
from .prediction import Choice, Drag, Slide, entries_of
from .question import Question

Numbers = tuple[float, ...]


def for_class(question: Question) -> dict:
    """The message that asks it."""
    said = {"ask": question.told(question.ask), "why": question.told(question.why)}
    match question.prediction:
        case Choice() as choice:
            return said | {"kind": "choice", "options": [question.told(option.text) for option in choice.options], "truth": choice.right}
        case Slide() as slide:
            truth = float(question.facts[slide.truth])
            return said | {"kind": "slide", "places": list(slide.values), "unit": slide.unit, "truth": truth, "near": slide.near}
        case Drag() as drag:
            return said | _dragged(drag, question.name)


def _dragged(drag: Drag, name: str) -> dict:
    parameters = {parameter.name: parameter for parameter in drag.start.family.parameters}
    keys, names, axes = [], [], []
    for parameter, grid in drag.grids.items():
        value = drag.start.values[parameter]
        count = len(entries_of(value))
        keys += [f"{parameter}.{i}" for i in range(count)] if isinstance(value, tuple) else [parameter]
        names += list(drag.names or ()) if isinstance(value, tuple) else [parameters[parameter].label]
        axes += [list(grid)] * count
    truth = None
    if drag.truth:
        values = drag.truth().values
        truth = [round(entry, 9) for parameter in drag.grids for entry in entries_of(values[parameter])]
    return {
        "kind": "drag",
        "keys": keys,
        "names": names,
        "axes": axes,
        "truth": truth,
        "judge": name,
        "picture": {"scene": told(drag_scene(drag, State({"q": drag.start}))), "style": CSS},
    }


def camps(question: Question, said: Sequence[Numbers]) -> Mapping[str, Sequence[Numbers]]:
    """Which answers did what, by what they did in words; the last says which are right."""
    drag = question.prediction
    if not isinstance(drag, Drag):
        raise ValueError(f"Nothing is dragged in {question.name}.")
    placed = {numbers: drag.placed(numbers) for numbers in said}
    tests = [*drag.camps, ("had it right", lambda values: drag.is_right(values, question.facts))]
    return {words: [numbers for numbers, values in placed.items() if values and test(values)] for words, test in tests}
