"""What people write around a table in the same file or sheet: titles above it, remarks below it."""

from collections.abc import Sequence

from .numerals import looks_like_a_number

_MOST_TITLES = 20

Rows = list[Sequence[str]]


def without_surroundings(rows: Rows, lines: list[int]) -> tuple[Rows, list[int], list[str]]:
    """The table's own rows with their lines, and a sentence for what is left out. An empty line shows as a gap in `lines`."""
    width = max(map(_filled, rows))
    if width < 2:
        return rows, lines, []
    start, end = _titles(rows, lines, width), _end(rows, lines)
    notes = []
    for left, where in ((rows[:start], "above"), (rows[end:], "below")):
        if left:
            title = " ".join(cell.strip() for cell in left[0] if cell.strip())
            more = f" and {len(left) - 1} more line{'s' if len(left) > 2 else ''}" if len(left) > 1 else ""
            notes.append(f"“{title[:40]}”{more} {where} the table left out.")
    return rows[start:end], lines[start:end], notes


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_short(row: Sequence[str], width: int) -> bool:
    """Whether a row has fewer cells than the table, and no number."""
    return _filled(row) < width and not any(map(looks_like_a_number, row))


def _titles(rows: Rows, lines: list[int], width: int) -> int:
    """How many rows stand above the header, or above an empty line."""
    gaps = [i for i in range(1, min(len(rows), _MOST_TITLES)) if lines[i] - lines[i - 1] > 1]
    singles = next((i for i, row in enumerate(rows[:_MOST_TITLES]) if _filled(row) > 1), 0)
    for at in (*gaps[-1:], *gaps[:1], singles):
        if 0 < at < len(rows) - 1 and all(_is_short(row, width) for row in rows[:at]):
            if _is_header(rows[at], rows[at + 1]) or at in gaps and width > 2 and _filled(rows[at]) == width:
                return at
    return 0


def _is_header(row: Sequence[str], below: Sequence[str]) -> bool:
    words = _filled(row) > 1 and not any(map(looks_like_a_number, row))
    return words and any(map(looks_like_a_number, below))


def _end(rows: Rows, lines: list[int]) -> int:
    """The table ends where an empty line follows, and below it only lone words."""
    end = len(rows)
    while end > 2 and _filled(rows[end - 1]) == 1 and _is_short(rows[end - 1], 2):
        end -= 1
    return end if end < len(rows) and lines[end] - lines[end - 1] > 1 else len(rows)
