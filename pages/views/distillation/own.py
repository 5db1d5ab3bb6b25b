"""Logits of one's own for the teacher, however they were written: by the reader of all pages."""

import torch

from kl_core.vectors.top_k import WHOLE

from ...shared.reading.columns import one_line_as_column, vector
from ...shared.reading.read import read_tables
from ...shared.reading.table import Table

MOST_CLASSES = 12
LARGEST = 1000.0
LEAST = 0.01
"""Top classes have more probability than that together; logits that are all negative can have less."""


def own_logits(raw: str) -> tuple[tuple[float, ...], list[str], list[str]]:
    """Two to twelve finite numbers; the classes' names, [] where they have none; what was decided, in sentences.

    ValueError with one plain sentence.

    A list, a row, a column, a print of NumPy or torch, with decimal commas or points, or names with numbers beside them.
    """
    if not raw.strip():
        raise ValueError(f"There are 0 logits; from 2 to {MOST_CLASSES} can be shown.")
    table = read_tables(raw, who="The logits", one_number_a_line=True)[0]
    if not isinstance(table, Table):
        raise ValueError("These are no logits.")
    table = one_line_as_column(table)
    if not table.numeric:
        bad = next((cell for row in table.rows for cell in row if cell.strip()), "")
        raise ValueError(f"“{bad[:20]}” is not a number.")
    block = vector(table, table.numeric[0], table.words[0] if table.words else None, "The logits")
    values, names = block.vector, block.names
    if not 2 <= len(values) <= MOST_CLASSES:
        raise ValueError(f"There are {len(values)} logits; from 2 to {MOST_CLASSES} can be shown.")
    if not bool(torch.isfinite(values).all()):
        raise ValueError("Each logit must be finite.")
    if float(values.abs().max()) > LARGEST:
        raise ValueError(f"A logit may be at most {LARGEST:g} in size.")
    notes = [note for note in (table.decided[1], *table.notes) if note]
    whole = float(values.exp().sum())
    if bool((values <= 0).all()) and LEAST < whole < 1 - WHOLE:
        notes.append(f"The exponentials sum to {whole:.3g}: if these are log-probabilities, softmax divides by that what is left out.")
    return tuple(values.tolist()), [name[:12] for name in names] if len(set(names)) == len(values) else [], notes
