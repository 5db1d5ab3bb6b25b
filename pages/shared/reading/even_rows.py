"""Long tables in which every line has as many cells: a million lines are read at once, without asking of each what it may be."""

import re

LONG = 20_000
"""Letters from which on it is worth to look."""
_ODD = re.compile(r'\n[^\S\n]*\n|^\s*(?:\n|#|"?sep=)|[|"\r]', re.IGNORECASE)
"""Quotation marks, empty lines, comments, "sep=;" and Markdown need the reader that looks at each line."""


def even_rows(text: str, separator: str) -> list[list[str]] | None:
    """The stripped cells of each line, if there is nothing else in the text; None for any other text."""
    if len(text) < LONG or separator not in (",", ";", "\t") or _ODD.search(text):
        return None
    rows = [[cell.strip() for cell in line.split(separator)] for line in text.strip("\n").split("\n")]
    widths = set(map(len, rows))
    if widths == {1} or len(widths) > 1 or not all(rows[0]) or not all(map(any, rows)):
        return None
    return None if any(re.fullmatch(r"[-:+\s]*", "".join(row)) for row in rows[:3]) else rows
