"""What the teacher's page shows, kept so that phones draw it without a script run of their own.

A script run takes the server tens of milliseconds, one at a time; two hundred phones that open a page at once would wait for
each other for more than ten seconds. So the teacher's browser sends what its pictures were told, once, and every phone draws it with
the same modules. The phones' own runs follow one by one, or when somebody touches the page.
"""

import base64
import gzip
import json
from collections.abc import Mapping

from ...shared.scripts import modules
from ..posts import Refused
from .rules import address_of

LONGEST_STAGE, LONGEST_TITLE, LONGEST_WORDS, MOST_PARTS, LONGEST_STYLE = 3_000_000, 200, 4000, 12, 100_000
SECONDS_A_RUN, LONGEST_SPREAD = 0.1, 30.0
"""A script run takes less on one core; nobody waits longer for one of his own."""


def stage_of(message: Mapping) -> tuple[str, dict]:
    """The address, and what is to be drawn there; Refused for anything but data for our own modules, which read it themselves."""
    parts, told = message.get("parts"), {}
    for name, longest in (("title", LONGEST_TITLE), ("words", LONGEST_WORDS)):
        text = message.get(name)
        if not isinstance(text, str) or len(text) > longest:
            raise Refused(400, f"The {name} of a page has at most {longest:,} characters.")
        told[name] = text
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        raise Refused(400, f"A page shows at most {MOST_PARTS} pictures.")
    return address_of(message.get("address")), {**told, "parts": [_part(part) for part in parts]}


def _part(part: object) -> dict:
    if not isinstance(part, dict) or not isinstance(part.get("script"), str) or part["script"] not in modules():
        raise Refused(400, "This is no picture of the explorer.")
    if not isinstance(part.get("data"), dict):
        raise Refused(400, "A picture is told an object.")
    if not isinstance(part.get("style"), str) or len(part["style"]) > LONGEST_STYLE:
        raise Refused(400, f"A picture's style has at most {LONGEST_STYLE:,} characters.")
    return {name: part[name] for name in ("script", "data", "style")}


def picture_of(message: Mapping) -> dict | None:
    """What the picture of a question to drag is told, with its style sheet; None for other questions."""
    if message.get("kind") != "drag":
        return None
    picture = message.get("picture")
    if not isinstance(picture, dict) or not isinstance(picture.get("scene"), dict) or not isinstance(picture.get("style"), str):
        raise Refused(400, "What is dragged needs its picture.")
    return {"scene": picture["scene"], "style": picture["style"]}


def packed(stage: Mapping) -> str:
    """As a store keeps it: once compressed, for all phones."""
    return base64.b64encode(gzip.compress(json.dumps(stage, ensure_ascii=False, separators=(",", ":")).encode(), 4)).decode()


def compressed(text: str) -> bytes:
    """What `packed` made, as browsers take it."""
    return base64.b64decode(text)


def spread(phones: int) -> float:
    """Seconds over which this many phones spread their own script runs."""
    return min(SECONDS_A_RUN * phones, LONGEST_SPREAD)
