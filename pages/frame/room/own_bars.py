"""A teacher's own bars to drag: outcomes without a page of the explorer behind them."""

from collections.abc import Mapping

from ..posts import Refused
from .rules import MOST_OPTIONS

PLACES = 51
"""Of each bar, from 0 to 1."""
LONGEST_NAME = 20


def own_bars(message: Mapping) -> dict:
    """The question to drag that a message of kind "bars" means: outcomes by their names, first all equally probable, and their true
    probabilities, where the teacher named them."""
    from kl_core.families import FAMILIES  # torch is imported when somebody asks

    from ...shared.live import CSS, scene, told

    names, truth = _names(message.get("outcomes")), message.get("truth")
    if truth is not None:
        truth = _shares(truth, len(names))
    curve = scene.curve("yours", "q", FAMILIES["categorical"], {"probs": (1 / len(names),) * len(names)}, names=names)
    picture = {
        "kind": "discrete",
        "unit": {"name": "nats", "per_nat": 1.0},
        "curves": {"q": curve},
        "numbers": {},
        "view": [-0.5, len(names) - 0.5],
        "panels": [{"kind": "curves", "curves": ["q"], "label": "Bars to drag"}],
        "hint": "Drag the top of a bar; the others share the rest.",
        "names": names,
    }
    return {
        "kind": "drag",
        "ask": message.get("ask"),
        "truth": truth,
        "keys": [f"probs.{i}" for i in range(len(names))],
        "names": names,
        "axes": [[i / (PLACES - 1) for i in range(PLACES)]] * len(names),
        "picture": {"scene": told(picture), "style": CSS},
    }


def _names(value: object) -> list[str]:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_OPTIONS:
        raise Refused(400, f"Bars have between 2 and {MOST_OPTIONS} outcomes.")
    if not all(isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME for name in value):
        raise Refused(400, f"The name of an outcome has between 1 and {LONGEST_NAME} characters.")
    return [name.strip() for name in value]


def _shares(value: object, count: int) -> list[float]:
    """Probabilities, or numbers in proportion to them."""
    if not isinstance(value, list) or len(value) != count:
        raise Refused(400, f"The true bars are {count} numbers.")
    numbers = [float(one) for one in value if isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= 1e9]
    if len(numbers) != count or not sum(numbers):
        raise Refused(400, "The true bars are numbers that are not negative, and not all 0.")
    return [number / sum(numbers) for number in numbers]
