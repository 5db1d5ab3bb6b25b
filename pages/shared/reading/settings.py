"""Names and numbers below titles, as YAML and TOML write two tables of them."""

import re

_TITLE = re.compile(r"\s*(?:\[([^\[\]=:,]+)\]|([^\s\[\]=:,#-][^\[\]=:,]*):)\s*(?:#.*)?")
_PAIR = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([^=:#]+?))\s*[:=]\s*(\S+)\s*(?:#.*)?""")


def pairs_below_titles(text: str) -> dict[str, dict[str, str]] | None:
    """The names and numbers below each title; None for any other text."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#") and line.strip() != "---"]
    if len(lines) < 4 or _TITLE.fullmatch(lines[0]) is None:
        return None
    tables: dict[str, dict[str, str]] = {}
    inside: dict[str, str] = {}
    for line in lines:
        if (title := _TITLE.fullmatch(line)) is not None:
            inside = tables.setdefault((title[1] or title[2]).strip(), {})
        elif (pair := _PAIR.fullmatch(line)) is not None:
            inside[(pair[1] or pair[2] or pair[3]).strip()] = pair[4]
        else:
            return None
    return tables if len(tables) == 2 and all(tables.values()) else None
