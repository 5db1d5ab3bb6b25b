"""Long texts of a scene, such as packed tables, go to the browser once: after that it is told their names alone.

Nine tenths of a scene are tables that a released handle does not change. Every message of the picture lists the texts that it holds
(`held.js`), so whatever is lost on the way, by a reload or another server, comes again in full.
"""

from collections.abc import Collection, Mapping
from typing import Any

LONG = 500
"""Letters from which on a text has a name."""
NAME = "$"
_MOST_NAMES, _LONGEST_NAME = 400, 16


def name_of(text: str) -> str:
    """Python remembers a text's hash, so asking again costs nothing. Other processes find other names, but serve other sessions."""
    return format(hash(text) & (2**64 - 1), "x")


def sparing(told: Any, held: Collection[str]) -> Any:
    """What is told, each long text as {"$": name, "text": text}, or as {"$": name} where the browser holds it."""
    match told:
        case str() if len(told) >= LONG:
            name = name_of(told)
            return {NAME: name} if name in held else {NAME: name, "text": told}
        case Mapping():
            return {key: sparing(value, held) for key, value in told.items()}
        case list() | tuple():
            return [sparing(value, held) for value in told]
    return told


def parted(raw: Any) -> tuple[frozenset[str], dict[str, Any]]:
    """The names that a message lists, and the rest of it; TypeError where they are none."""
    if not isinstance(raw, Mapping):
        raise TypeError
    names = raw.get("held", [])
    if not isinstance(names, list) or len(names) > _MOST_NAMES:
        raise TypeError
    if not all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in names):
        raise TypeError
    return frozenset(names), {key: value for key, value in raw.items() if key != "held"}
