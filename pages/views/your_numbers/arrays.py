"""Which arrays of a file are meant, and what their entries are."""

import torch

from ...shared.reading.columns import P_NAMES, Q_NAMES, words_of
from ...shared.reading.table import Array, Table

_LARGEST_LOGIT = 1e5


def fitting(shape: str, tables: list[Table | Array], needed: int) -> list[Table | Array]:
    """Of a file's arrays the ones that can be meant, where there are more than `needed`; the others are left out, and said.

    Dumps of logits hold token ids and masks too: whole numbers, or too few axes.
    """
    arrays = [table for table in tables if isinstance(table, Array)]
    if len(arrays) < len(tables) or len(arrays) <= needed:
        return tables
    meant = [one for one in arrays if one.values.is_floating_point() and (shape == "vector" or one.values.dim() > 1)]
    if len(meant) > needed:
        meant = [one for one in meant if words_of(one.title) & (P_NAMES | Q_NAMES | {"logits"})]
    if len(meant) not in (needed, 2):
        return tables
    left = [one.title for one in arrays if not any(one is other for other in meant)]
    meant[0].notes.append(f"{', '.join(f'“{title}”' for title in left[:6])} left out.")
    return [*meant]


def of_bits(array: Array) -> Array:
    """Whole numbers of 16 bits as the bfloat16 that they are the bits of, since NumPy knows no bfloat16, where that gives logits."""
    if array.values.dtype != torch.uint16:
        return array
    floats = array.values.view(torch.bfloat16)
    masked = floats.masked_fill(floats == -torch.inf, 0.0)
    if bool(masked.isfinite().all()) and float(masked.abs().max()) < _LARGEST_LOGIT:
        return Array(array.title, floats, _say(array, "Whole numbers of 16 bits are read as the bits of bfloat16."))
    return array


def _say(array: Array, note: str) -> list[str]:
    array.notes.append(note)
    return array.notes
