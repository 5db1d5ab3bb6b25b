"""The numbers of a pair whose handle was just let go, and the range that shows it, by a route and without a script run.

The page is told of the release at the same moment; its run takes these numbers from where they are kept, and brings the rest: the
number boxes, the link, the picture's tables. `frame/answers.py` is the route.
"""

from collections.abc import Mapping
from typing import Any

from kl_core.families import FAMILIES
from kl_core.families.family import Family, Parameter

from ...frame.posts import Refused
from ...shared.gate import GATE
from ...shared.pair.scene import pair_view, settled_numbers
from ...shared.state import as_widget_takes
from ...shared.values import ChosenDistribution, Value, checked, checked_unit, sentence

ROUTE = "pair"
MOST_WAITING = 2
"""Script runs in line beyond which the page's run alone brings the numbers: it costs the server less than both."""
_QUESTION = ("unit", "names", "moved", "p", "q")
_MOST_NAMES, _LONGEST_NAME = 64, 16
_FAMILIES = {family.label: family for family in FAMILIES.values()}


def answer(question: Mapping[str, Any]) -> dict:
    """question: {unit, names, moved, p, q}; P and Q as {family, values}, as the picture has them; moved: {curve, names}, which of them
    a hand has changed. ValueError in one sentence; Refused where many wait."""
    if GATE.waiting() > MOST_WAITING:
        raise Refused(503, "Many wait for this server. The page brings these numbers by itself.")
    if question.keys() != set(_QUESTION):
        raise ValueError(f"A question has {', '.join(_QUESTION)}, and nothing else.")
    unit, names, moved = checked_unit(question["unit"]), _names(question["names"]), question["moved"]
    if not isinstance(moved, Mapping) or not isinstance(moved.get("names"), list):
        raise ValueError("What was moved has a curve and the names of parameters.")
    try:
        p, q = (_distribution(question[role], moved["names"] if moved.get("curve") == role else []) for role in ("p", "q"))
    except ValueError as problem:
        raise ValueError(sentence(problem)) from None
    if p.family.kind != q.family.kind:
        raise ValueError("P and Q are both continuous, or both discrete.")
    return {"numbers": settled_numbers(p, q, unit, names), "view": pair_view(p, q)}


def _distribution(told: object, moved: list) -> ChosenDistribution:
    if not isinstance(told, Mapping) or not isinstance(told.get("values"), Mapping):
        raise ValueError("A distribution has a family and its values.")
    family, values = _FAMILIES.get(str(told.get("family"))), told["values"]
    if family is None or values.keys() != {parameter.name for parameter in family.parameters}:
        raise ValueError("A distribution is of no family that there is, or its parameters are not that family's.")
    in_boxes = {one.name: _as_boxed(family, one, values[one.name], one.name in moved) for one in family.parameters}
    chosen = ChosenDistribution(family, in_boxes)
    chosen.distribution  # noqa: B018 - made here: its parameters may not fit each other
    return chosen


def _as_boxed(family: Family, parameter: Parameter, raw: object, moved: bool) -> Value:
    """As the page reads it from a box: what a hand has moved is written there first, a vector with six digits an entry."""
    value = checked(family, parameter, raw)
    return checked(family, parameter, as_widget_takes(parameter, value)) if moved else value


def _names(told: object) -> list[str] | None:
    if told is None:
        return None
    if not isinstance(told, list) or len(told) > _MOST_NAMES or not all(isinstance(one, str) and len(one) <= _LONGEST_NAME for one in told):
        raise ValueError(f"Names are at most {_MOST_NAMES} texts of at most {_LONGEST_NAME} letters.")
    return told
