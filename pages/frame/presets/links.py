"""Short links to presets: /two_distributions?preset=heavy-tail stands for the address with every parameter."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from .examples import EXAMPLES
from .states import PAIRS, TARGETS


class Linked(Protocol):
    """A preset: what its link holds."""

    def link(self) -> dict[str, str]: ...


PRESETS: Mapping[str, Mapping[str, Linked]] = {"two_distributions": PAIRS, "forward_reverse": TARGETS, "your_numbers": EXAMPLES}


def short(name: str) -> str:
    """A preset's name as its short link has it."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


@cache
def presets_of(page: str) -> list[dict[str, str]]:
    """The presets of a page: name, short name and whole address."""
    return [
        {"name": name, "short": short(name), "address": f"/{page}?{urlencode(preset.link())}"}
        for name, preset in PRESETS.get(page, {}).items()
    ]


def expanded(address: str) -> str:
    """The address with its preset, if it has a real one, written out; other parameters stay and have the last word."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    presets = PRESETS.get(parts.path.strip("/"), {})
    named = next((preset for name, preset in presets.items() if short(name) == query.get("preset")), None)
    if named is None:
        return address
    return f"{parts.path}?{urlencode(named.link() | {key: value for key, value in query.items() if key != 'preset'})}"
