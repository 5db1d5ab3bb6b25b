"""What the browser tells of a hand: typed, and checked before any page hears of it. Whoever opens a page can send anything."""

import logging
from collections.abc import Callable, Mapping
from math import isnan
from typing import Any, TypedDict, TypeVar

_LOG = logging.getLogger("kl_explorer")
_T = TypeVar("_T")
_MOST = 64
"""Entries of a message and of a vector in it, and letters of a name: no scene has more."""


class Moved(TypedDict):
    """A curve's parameters were moved. partial: the hand is still on it. question: the answer names it."""

    curve: str
    values: dict[str, float | list[float]]
    partial: bool
    question: int


class Scrubbed(TypedDict):
    """The scrubber was left at this value of its own, which may be infinite."""

    scrub: float


class Probed(TypedDict):
    """A probe was left at this place of a latent space."""

    z: list[float]


class Dialled(TypedDict):
    """Sliders were left at these values."""

    dials: dict[str, float]


Message = Moved | Scrubbed | Probed | Dialled


def parse_message(raw: object) -> Message | None:
    """The message, or None and a line in the log if it is none of these."""
    return parse_with(_parsed, raw)


def parse_fields(raw: object, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any] | None:
    """The message of another component, or None and a line in the log. It has some of these fields and no others, each as its
    reader takes it; a reader raises TypeError or ValueError."""

    def parsed(raw: Any) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            raise TypeError
        return {key: readers[key](value) for key, value in raw.items()}

    return parse_with(parsed, raw)


def text_of(most: int) -> Callable[[Any], str]:
    """A reader of texts of at most so many letters."""

    def read(raw: Any) -> str:
        if not isinstance(raw, str) or len(raw) > most:
            raise TypeError
        return raw

    return read


def parse_with(parsed: Callable[[Any], _T], raw: object) -> _T | None:
    """What a reader makes of the message, or None and a line in the log where it makes nothing of it."""
    try:
        return parsed(raw)
    except (TypeError, ValueError, OverflowError, KeyError):
        _LOG.warning("A message from the browser is none that the page sends, so it was ignored: %s", _shown(raw))
        return None


def _parsed(raw: Any) -> Message:
    if not isinstance(raw, Mapping):
        raise TypeError
    match sorted(map(str, raw)):
        case ["scrub"]:
            return {"scrub": number(raw["scrub"])}
        case ["z"]:
            return {"z": _list(raw["z"])}
        case ["dials"]:
            return {"dials": _table(raw["dials"], number)}
        case ["curve", "partial", "question", "values"]:
            values = _table(raw["values"], lambda value: _list(value) if isinstance(value, list) else number(value))
            return {"curve": _name(raw["curve"]), "values": values, "partial": _flag(raw["partial"]), "question": _count(raw["question"])}
    raise ValueError


def number(raw: Any) -> float:
    """A reader of numbers: a number, or text that is one: so infinity travels. Not NaN."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str) or (isinstance(raw, str) and len(raw) > _MOST):
        raise TypeError
    value = float(raw)
    if isnan(value):
        raise ValueError
    return value


def _list(raw: Any) -> list[float]:
    if not isinstance(raw, list) or not 0 < len(raw) <= _MOST:
        raise TypeError
    return [number(entry) for entry in raw]


def _table(raw: Any, entry: Callable[[Any], _T]) -> dict[str, _T]:
    if not isinstance(raw, Mapping) or not 0 < len(raw) <= _MOST:
        raise TypeError
    return {_name(name): entry(value) for name, value in raw.items()}


def _name(raw: Any) -> str:
    if not isinstance(raw, str) or not 0 < len(raw) <= _MOST:
        raise TypeError
    return raw


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _count(raw: Any) -> int:
    value = number(raw)
    if isinstance(raw, str) or not 0 <= value <= 2**53 or value != int(value):
        raise ValueError
    return int(value)


def _shown(raw: object) -> str:
    """The beginning of it, on one line; a number of any length and anything nested deeply has none."""
    try:
        return ascii(raw)[:100]
    except (RecursionError, ValueError):
        return f"a {type(raw).__name__}"
