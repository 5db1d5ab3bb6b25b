"""What the masks of a log let through: 0 and 1, a padding mask the other way round, labels with −100; anything else is refused."""

import numpy as np

from .token_names import PADDING, plain

IGNORED = -100.0
"""PyTorch's ignore_index, which Hugging Face writes as the label of a token that is no target."""


def passing(name: str, cells: np.ndarray, where: str, notes: list[str]) -> np.ndarray:
    """Whether each entry of a mask lets its token through. where: how an error begins, or "". ValueError for what is no mask."""
    title = plain(name)
    if title == "labels":
        ignored = cells == IGNORED
        if ignored.any():
            _say(notes, f"“{name}” is −100 at tokens that are no targets: they are left out.")
        return ~ignored
    place = f"{where}: “{name}”" if where else f"“{name}”"
    bad = ~np.isfinite(cells) | (cells != np.round(cells))
    if bad.any():
        value = cells[bad.argmax()]
        told = "is empty or no number in an entry" if np.isnan(value) else f"holds {value:g}"
        raise ValueError(f"{place} {told}; a mask is 0 or 1, and weights between them are not supported.")
    if title in PADDING:
        _say(notes, f"“{name}” is read as PyTorch has it: 1 is padding and left out.")
        return cells == 0
    return cells != 0


def _say(notes: list[str], note: str) -> None:
    notes += [note] if note not in notes else []
