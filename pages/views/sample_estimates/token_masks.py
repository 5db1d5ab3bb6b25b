"""What the masks of a log let through: 0 and 1, a padding mask the other way round, labels with −100; anything else is refused."""

import numpy as np

from ...shared.reading.numerals import is_missing
from .token_names import PADDING, masks, plain, second_name

_LOOKED_AT = 2000
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
        what = "1 at the prompt, which is" if title.startswith("prompt_mask") else "read as PyTorch has it: 1 is padding and"
        _say(notes, f"“{name}” is {what} left out.")
        return cells == 0
    return cells != 0


def say_unused_masks(columns: dict[str, list[str]], names: list[str], roles: dict[str, str], notes: list[str]) -> None:
    """Says which columns of 0 and 1, or of weights, could tell what counts and are not used. columns: the cells by name."""
    used = {*roles.values(), *masks(names, roles), second_name(names, roles)}
    for name, cells in columns.items():
        if name in used:
            continue
        bare = {cell.strip().rstrip("0").rstrip(".") or "0" for cell in cells[:_LOOKED_AT] if not is_missing(cell)}
        if bare == {"0", "1"} or "weight" in plain(name):
            _say(notes, f"“{name}” is not used. If it says which tokens count, choose it as the mask under “The other fields”.")


def _say(notes: list[str], note: str) -> None:
    notes += [note] if note not in notes else []
