"""Names and numbers below titles, as YAML and TOML write two tables of them."""

import re

_TITLE = re.compile(r"\s*(?:\[([^\[\]=:,]+)\]|([^\s\[\]=:,#-][^\[\]=:,]*):)\s*(?:#.*)?")
_PAIR = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([^=:#]+?))\s*[:=]\s*(\S+)\s*(?:#.*)?""")

_LOOKED_AT = 2000


def pairs_below_titles(text: str) -> dict[str, dict[str, str]] | None:
    """The names and numbers below each title; None for any other text."""
    first = next(
        (line for line in text[:_LOOKED_AT].splitlines() if line.strip() and line.strip() != "---" and line.lstrip()[0] != "#"), ""
    )
    if _TITLE.fullmatch(first) is None:  # as a log of a million lines
        return None
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#") and line.strip() != "---"]
    if len(lines) < 4:
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
