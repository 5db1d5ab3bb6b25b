"""A row of numbers from the words that stand for them; a word that is none gets a sentence with its place."""

import re
from typing import NamedTuple

import numpy as np

_HINTS = (
    (r"[-+]?\d+,\d+(?:e[-+]?\d+)?", "Decimals need a point, not a comma."),
    (r"[-+]?[\d.]+\s*%", "Leave out the percent signs: any sum will do."),
    (r"\.\.\.|…", "The list was shortened when it was printed; print it whole."),
)


class Row(NamedTuple):
    """numbers: of one line or one bracket. first: the column that the first of them stands in."""

    numbers: np.ndarray
    line: int
    first: int = 1
    name: str = ""


def numbers(cells: list[str], line: int, first: int, who: str) -> np.ndarray:
    try:
        found = np.array(cells, dtype=np.float64)  # fast for the 150,000 cells that are all right
    except ValueError:
        found = np.array([_number(cell, line, i, who) for i, cell in enumerate(cells, first)])
    too_large = np.isinf(found)
    if too_large.any():
        for i in too_large.nonzero()[0]:
            if "inf" not in cells[i].lower():
                raise ValueError(f"{who}, line {line}, column {i + first}: “{cells[i][:20]}” is too large; a float64 ends at 1.8e308.")
    if np.isnan(found).any():
        raise ValueError(f"{who}, line {line}, column {int(np.isnan(found).argmax()) + first}: NaN is no number to compare.")
    return found


def _number(cell: str, line: int, column: int, who: str) -> float:
    if not cell:
        raise ValueError(f"{who}, line {line}, column {column} is empty.")
    try:
        return float(cell)
    except ValueError:
        hint = next((f" {said}" for form, said in _HINTS if re.fullmatch(form, cell)), "")
        raise ValueError(f"{who}, line {line}, column {column}: “{cell[:20]}” is no number.{hint}") from None


def is_number(cell: str) -> bool:
    """Also of an empty cell: a number is missing there, no name."""
    try:
        float(cell)
    except ValueError:
        return not cell
    return True
