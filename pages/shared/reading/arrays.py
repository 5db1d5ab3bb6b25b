"""Arrays out of objects with lists in them: rows of logits as JSON lines and nested columns hold them."""

import numpy as np
import torch

from .table import Array


def arrays_of_records(records: list[dict], who: str) -> list[Array]:
    """An array of (objects, entries) for each field whose values are lists of as many numbers. ValueError where there is none.

    Fields of other values are left out, and said.
    """
    names = list(dict.fromkeys(str(key) for one in records for key in one))
    is_list = lambda value: hasattr(value, "__len__") and not isinstance(value, str | dict)
    lists = [name for name in names if any(is_list(one.get(name)) for one in records[:3])]
    arrays = []
    for name in lists:
        rows = _rows(records, name, who)
        if rows is not None:
            arrays.append(Array(name, torch.from_numpy(rows)))
    if not arrays:
        raise ValueError(f"{who} holds objects without a list of numbers: {', '.join(names)[:80]}.")
    left = [name for name in names if name not in {array.title for array in arrays}]
    if left:
        arrays[0].notes.append(f"{', '.join(f'“{name}”' for name in left[:6])}{' and more' if len(left) > 6 else ''} left out.")
    return arrays


def _rows(records: list[dict], name: str, who: str) -> np.ndarray | None:
    """One field of all objects as (objects, entries); None for lists of words or of unlike depth."""
    first = len(records[0][name]) if name in records[0] and records[0][name] is not None else 0
    for i, record in enumerate(records, 1):
        value = record.get(name)
        if value is None or isinstance(value, str) or not hasattr(value, "__len__"):
            raise ValueError(f"{who}, row {i} has no list “{name}”.")
        if len(value) != first:
            raise ValueError(f"{who}, row {i}: “{name}” has {len(value):,} entries, the first row has {first:,}.")
    try:
        return np.array([np.asarray(one[name], dtype=np.float64) for one in records])
    except (TypeError, ValueError):
        return None
