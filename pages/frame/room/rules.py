"""What a room accepts: codes, addresses, questions and answers. Everything else gets one plain sentence."""

import json
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from operator import contains

from ...shared.map import MAP
from ..posts import Refused

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels: a code spells no word, and I and O are not taken for 1 and 0."""
LONGEST_ADDRESS, LONGEST_MOVE, LONGEST_ASK, LONGEST_OPTION, LONGEST_JUDGE = 4000, 8000, 600, 200, 1000
MOST_OPTIONS, MOST_PLACES, MOST_NUMBERS = 8, 201, 12
_PAGES = {"", *(entry.name for entry in MAP)}
_PHONE = re.compile(r"[A-Za-z0-9_-]{16,64}")


Said = float | tuple[float, ...]
"""An answer: the index of an option, a place of a slider, or every number of what was dragged."""


@dataclass(frozen=True)
class Question:
    """kind: "choice", with `options`; "slide", with its increasing `places` and their `unit`; or "drag", a distribution put where it
    will be: each of its numbers, by its key in the picture, has `axes` of places and a name.

    truth: the index of the right option, the true number or numbers; None where the teacher named none. near: how many places beside
    the one nearest to the truth are right too. why: told at Reveal. judge: who says what a dragged answer did, and `camps`, once it
    is revealed: what the class did, and how many of it.
    """

    kind: str
    ask: str
    options: tuple[str, ...] = ()
    places: tuple[float, ...] = ()
    unit: str = ""
    truth: Said | None = None
    near: int = 0
    why: str = ""
    keys: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    axes: tuple[tuple[float, ...], ...] = ()
    judge: str = ""
    camps: tuple[tuple[str, int], ...] = ()

    def accepts(self, value: Said) -> bool:
        """True for the index of an option, a place of the slider, or numbers of which each is on its axis."""
        if self.kind == "drag":
            return isinstance(value, tuple) and len(value) == len(self.axes) and all(map(contains, self.axes, value))
        return value in (range(len(self.options)) if self.kind == "choice" else self.places)

    def text(self) -> str:
        return json.dumps(asdict(self))


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(4))


def code_of(text: str) -> str:
    """The code that was meant; Refused if it cannot be a code."""
    code = text.strip().upper()
    if len(code) != 4 or not set(code) <= set(LETTERS):
        raise Refused(404, f"There is no room {code[:8]}. A code has four letters.")
    return code


def address_of(value: object) -> str:
    """An address below the app's first page, such as "beta?view=…"; Refused for anything that leads elsewhere."""
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
        raise Refused(400, f"An address has at most {LONGEST_ADDRESS:,} characters.")
    if value.partition("?")[0] not in _PAGES or any(ord(char) < 32 for char in value):
        raise Refused(400, "This address is no page of the explorer.")
    return value


def live_of(value: object) -> str:
    """What the teacher's hand has moved in a picture, as JSON: {"key": which picture, "posture": {…}}; "" for None. Its numbers
    are read by that picture alone."""
    if value is None:
        return ""
    if not isinstance(value, dict) or set(value) != {"key", "posture"} or not isinstance(value["key"], str):
        raise Refused(400, "This is no move of a picture.")
    try:
        text = json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        raise Refused(400, "This is no move of a picture.") from None
    if len(text) > LONGEST_MOVE:
        raise Refused(400, f"A move has at most {LONGEST_MOVE:,} characters.")
    return text


def phone_of(value: object) -> str:
    if not isinstance(value, str) or not _PHONE.fullmatch(value):
        raise Refused(400, "An answer needs the random id of its phone.")
    return value


def number_of(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(400, f"{name} must be a number.")
    return float(value)


def said_of(value: object) -> Said:
    """An answer, of whatever kind of question."""
    if isinstance(value, list) and 0 < len(value) <= MOST_NUMBERS:
        return tuple(number_of(number, "An answer") for number in value)
    return number_of(value, "An answer")


def question_of(message: Mapping) -> Question:
    """The question that a message holds; Refused with what it lacks."""
    ask, kind = _words(message.get("ask"), LONGEST_ASK, "The question"), message.get("kind")
    why = _words(message["why"], LONGEST_ASK, "The explanation") if message.get("why") else ""
    truth = message.get("truth")
    if kind == "drag":
        return _drag(message, ask, None if truth is None else said_of(truth), why)
    truth = None if truth is None else number_of(truth, "The true answer")
    if kind == "choice":
        question = Question("choice", ask, options=_options(message.get("options")), truth=truth, why=why)
        if truth is not None and not question.accepts(truth):
            raise Refused(400, "The right answer is not among the options.")
        return question
    if kind == "slide":
        return _slide(message, ask, truth, why)
    raise Refused(400, "A question is a choice, a slider or something to drag.")


def _slide(message: Mapping, ask: str, truth: float | None, why: str) -> Question:
    places, near, unit = message.get("places"), message.get("near", 0), message.get("unit") or ""
    if not isinstance(places, list) or not 2 <= len(places) <= MOST_PLACES:
        raise Refused(400, f"A slider has between 2 and {MOST_PLACES} places.")
    numbers = tuple(number_of(place, "A place of the slider") for place in places)
    if any(after <= before for before, after in pairwise(numbers)):
        raise Refused(400, "A slider runs from a smaller to a larger number.")
    if isinstance(near, bool) or not isinstance(near, int) or not 0 <= near < len(places):
        raise Refused(400, "How many places are near the truth is a whole number.")
    return Question("slide", ask, places=numbers, unit=_words(unit, 20, "The unit") if unit else "", truth=truth, near=near, why=why)


def _drag(message: Mapping, ask: str, truth: Said | None, why: str) -> Question:
    keys, names, axes = (_numbered(message.get(name)) for name in ("keys", "names", "axes"))
    judge = message.get("judge")
    if not all(isinstance(axis, list) and 2 <= len(axis) <= MOST_PLACES for axis in axes):
        raise Refused(400, f"Each number has between 2 and {MOST_PLACES} places.")
    question = Question(
        "drag",
        ask,
        truth=truth,
        why=why,
        keys=tuple(_words(key, 40, "A number's key") for key in keys),
        names=tuple(_words(name, 40, "A number's name") for name in names),
        axes=tuple(tuple(number_of(place, "A place") for place in axis) for axis in axes),
        judge=_words(judge, LONGEST_JUDGE, "The judge") if judge else "",
    )
    numbers = {len(question.keys), len(question.names), len(question.axes)}
    if len(numbers | ({len(truth)} if isinstance(truth, tuple) else set())) > 1 or isinstance(truth, float):
        raise Refused(400, "Every number of what is dragged has a key, a name, its places and, where there is one, its truth.")
    return question


def _numbered(value: object) -> list:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_NUMBERS:
        raise Refused(400, f"What is dragged has between 1 and {MOST_NUMBERS} numbers.")
    return value


def _words(value: object, longest: int, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise Refused(400, f"{name} needs between 1 and {longest} characters.")
    return value.strip()


def _options(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_OPTIONS:
        raise Refused(400, f"A choice has between 2 and {MOST_OPTIONS} options.")
    return tuple(_words(option, LONGEST_OPTION, "An option") for option in value)


def stored_question(text: str) -> Question:
    """What `Question.text` wrote."""
    values = json.loads(text)
    for name in ("options", "places", "keys", "names"):
        values[name] = tuple(values[name])
    for name in ("axes", "camps"):
        values[name] = tuple(map(tuple, values[name]))
    return Question(**values | {"truth": tuple(values["truth"]) if isinstance(values["truth"], list) else values["truth"]})
