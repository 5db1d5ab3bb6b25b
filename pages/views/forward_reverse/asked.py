"""What a message of a canvas asks for beside the state that it leads to, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WISHES = ("partial", "balls", "ends", "seen", "question", "link")
"""What a message may have beside what a hand did."""
_MOST_ENDS, _MOST_NUMBERS, _LARGEST = 4, 5, 1e6
_MOST_WORDS, _LONGEST = 16, 2000


@dataclass(frozen=True)
class Asked:
    """partial: a hand still moves P. balls: 25 are to be dropped. ends: where each Q on screen ends, in numbers that the scene had.

    seen: the browser has the answer already, so that only the address is to be written.
    """

    partial: bool = False
    balls: bool = False
    ends: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    seen: bool = False


def asked_by(message: Mapping) -> Asked:
    """What a message asks for; ValueError in one sentence."""
    return Asked(
        bool(message.get("partial")),
        bool(message.get("balls")),
        _ends(message.get("ends") or {}),
        "link" in message and bool(message.get("seen")),
    )


def _ends(raw: object) -> dict[str, tuple[float, ...]]:
    if not isinstance(raw, Mapping) or len(raw) > _MOST_ENDS:
        raise ValueError("Where each Q ends is a list of numbers by its name.")
    return {str(name): _numbers(entries) for name, entries in raw.items()}


def _numbers(raw: object) -> tuple[float, ...]:
    if not isinstance(raw, list) or len(raw) > _MOST_NUMBERS:
        raise ValueError(f"Where a Q ends is a list of at most {_MOST_NUMBERS} numbers.")
    for entry in raw:
        if isinstance(entry, bool) or not isinstance(entry, int | float) or not abs(entry) <= _LARGEST:
            raise ValueError("Where a Q ends is finite.")
    return tuple(float(entry) for entry in raw)


def checked_link(raw: object) -> dict[str, str]:
    """An address's query as an object of texts; ValueError in one sentence."""
    if not isinstance(raw, Mapping) or len(raw) > _MOST_WORDS:
        raise ValueError("A link is an object of texts.")
    if not all(isinstance(text, str) and len(text) <= _LONGEST for text in raw.values()):
        raise ValueError(f"A link holds texts of at most {_LONGEST} letters.")
    return dict(raw)
