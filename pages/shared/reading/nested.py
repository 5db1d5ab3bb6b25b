"""Objects of lists and of objects: what they can be."""

import re

from .columns import P_NAMES, Q_NAMES
from .frames import cell_text
from .table import Table


def are_mean_and_covariance(first: object, second: object) -> bool:
    """A list, and as many lists of its length."""
    if not (isinstance(first, list) and isinstance(second, list) and first and is_flat(first)):
        return False
    return len(second) == len(first) and all(isinstance(row, list) and len(row) == len(first) for row in second)


def is_flat(value: dict | list) -> bool:
    return not any(isinstance(cell, list | tuple | dict) for cell in (value.values() if isinstance(value, dict) else value))


def of_columns(entries: dict, **more) -> Table | None:
    """Columns by the same rows, as pandas writes them, or rows by the same columns P and Q; None for two that names match."""
    outer, inner = [str(key) for key in entries], [str(key) for key in next(iter(entries.values()))]
    if len(inner) < 2 or any([str(key) for key in one] != inner for one in entries.values()):
        return None
    cells = [[cell_text(cell) for cell in one.values()] for one in entries.values()]
    if inner == [str(i) for i in range(len(inner))] and len(outer) > 1:
        return Table(outer, [list(row) for row in zip(*cells, strict=True)], [0] * len(inner), **more)
    words = [set(re.split(r"[^a-z]+", key.lower())) for key in inner]
    if any(one & P_NAMES for one in words) and any(one & Q_NAMES for one in words):
        return Table(["name", *inner], [[key, *row] for key, row in zip(outer, cells, strict=True)], [0] * len(outer), **more)
    if len(outer) > 2:
        return Table(["name", *outer], [[key, *row] for key, *row in zip(inner, *cells, strict=True)], [0] * len(inner), **more)
    return None
