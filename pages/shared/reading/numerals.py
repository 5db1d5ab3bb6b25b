"""Numbers as people write them: decimal comma or point, thousands, percent signs. One convention for a whole file."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

MISSING = frozenset({"", "-", "—", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none", "missing"})
_EXPONENT = r"(?:[eE][-+]?\d+)?"
_POINT_THOUSANDS = re.compile(rf"[-+]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?{_EXPONENT}")
_DECIMAL_COMMA = re.compile(rf"[-+]?(?:\d{{1,3}}(?:\.\d{{3}})+|\d*),\d+{_EXPONENT}")
_MANY_POINTS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3}){2,}")
_POINTS_OF_COUNTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_SPACED = re.compile(rf"[-+]?\d{{1,3}}(?:[ '’_\u00a0\u2009\u202f]\d{{3}})+(?:[.,]\d+)?{_EXPONENT}")
_SPACES = " '’_\u00a0\u2009\u202f"
_GROUPED = {
    ".": re.compile(rf"[-+]?\d{{1,3}}(?:\.\d{{3}})+(?:,\d*)?{_EXPONENT}"),
    ",": re.compile(rf"[-+]?\d{{1,3}}(?:,\d{{2,3}})*,\d{{3}}(?:\.\d*)?{_EXPONENT}"),
}
"""By the mark between thousands; in India all groups but the last have two digits."""


class Marks(NamedTuple):
    """What divides the whole part from the fraction, and what groups thousands (any of these characters)."""

    decimal: str = "."
    thousands: str = ""


class Parsed(NamedTuple):
    """values: float64, NaN where a cell is missing or no number. bad: the first cell that is no number, or None."""

    values: np.ndarray
    bad: int | None
    percent: bool


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def looks_like_a_number(cell: str) -> bool:
    """In any of the conventions."""
    cell = cell.strip().removesuffix("%").rstrip()
    try:
        float(cell)
    except ValueError:
        return any(form.fullmatch(cell) for form in (_POINT_THOUSANDS, _DECIMAL_COMMA, _MANY_POINTS, _SPACED))
    return True


def decide_marks(cells: Iterable[str], separator: str, whole_numbers: bool) -> tuple[Marks, str]:
    """The convention that all of a file's cells have in common, and a sentence where it is not the plain one.

    whole_numbers: the numbers are counts, so "1,234" on its own is more likely a thousand than a decimal.
    """
    cells = [cell.strip().removesuffix("%").rstrip() for cell in cells]
    cells = [cell for cell in cells if looks_like_a_number(cell)]
    commas = [cell for cell in cells if "," in cell]
    spaced = _SPACES if any(_SPACED.fullmatch(cell) for cell in cells) else ""
    if not commas:
        if any(_MANY_POINTS.fullmatch(cell) for cell in cells):
            return Marks(",", "." + spaced), "Points group thousands: 1.234.567 is read as 1234567."
        points = [cell for cell in cells if "." in cell]
        if whole_numbers and points and all(_POINTS_OF_COUNTS.fullmatch(cell) for cell in points):
            return Marks(
                ",", "." + spaced
            ), f"Points group thousands, since counts are whole: {points[0]} is read as {points[0].replace('.', '')}."
        return Marks(".", spaced), _spaced_in_words(cells) if spaced else ""
    example = commas[0]
    if all(_POINT_THOUSANDS.fullmatch(cell) for cell in commas) and _commas_group(commas, cells, separator, whole_numbers):
        return Marks(".", "," + spaced), f"Commas group thousands: {example} is read as {example.replace(',', '')}."
    marks = Marks(",", "." + spaced)
    return marks, f"Commas are decimal commas: {example} is read as {translate(example, marks)}."


def _spaced_in_words(cells: list[str]) -> str:
    example = next(cell for cell in cells if _SPACED.fullmatch(cell))
    mark = "Apostrophes" if re.search("['’]", example) else "Underscores" if "_" in example else "Spaces"
    return f"{mark} group thousands: {example} is read as {translate(example, Marks('.', _SPACES))}."


def _commas_group(commas: list[str], cells: list[str], separator: str, whole_numbers: bool) -> bool:
    """Whether commas before three digits group thousands; "1,234" alone may be either."""
    if any(cell.count(",") > 1 or "." in cell for cell in commas):
        return True
    if any(cell.lstrip("+-").startswith("0") for cell in commas):
        return False
    if any("." in cell for cell in cells) or whole_numbers:
        return True
    return separator not in (";", "\n")


def follows(cell: str, marks: Marks) -> bool:
    """Whether points and commas between digits stand where the convention has them: “0.2” does not among decimal commas."""
    return all(mark not in marks.thousands or mark not in cell or form.fullmatch(cell) for mark, form in _GROUPED.items())


def translate(cell: str, marks: Marks) -> str:
    """The cell as Python writes numbers; ValueError for one in another convention."""
    if not follows(cell.strip(), marks):
        raise ValueError(cell)
    for mark in marks.thousands:
        cell = cell.replace(mark, "")
    return cell.replace(marks.decimal, ".") if marks.decimal != "." else cell


def parse(cells: Sequence[str], marks: Marks) -> Parsed:
    """All cells at once where they are plain, 150,000 of them in some hundredths of a second; else one by one."""
    try:
        return Parsed(np.array([translate(cell, marks) for cell in cells] if marks != Marks() else cells, dtype=np.float64), None, False)
    except ValueError:
        pass
    values, bad, percent = np.full(len(cells), np.nan), None, False
    for i, cell in enumerate(cells):
        bare = cell.strip()
        share = bare.endswith("%")
        try:
            values[i] = float(translate(bare.removesuffix("%").rstrip(), marks)) / (100 if share else 1)
        except ValueError:
            if not is_missing(bare) and bad is None:
                bad = i
        percent |= share
    return Parsed(values, bad, percent)
