"""Placeholders among log-probabilities of the top classes: no probabilities, and said."""

import torch
from torch import Tensor

from ...shared.reading.placeholders import NO_LOG_PROBABILITY, PLACEHOLDERS, as_written


def without_placeholders(p: Tensor, q: Tensor) -> tuple[tuple[Tensor, Tensor], list[str]]:
    """Each side with −inf, “not listed”, instead of placeholders such as −9999; a sentence for each side that has any."""
    cleaned, said = [], []
    for who, side in (("P", p), ("Q", q)):
        held = torch.isin(side, torch.tensor(PLACEHOLDERS, dtype=side.dtype)) | side.isfinite() & (side <= NO_LOG_PROBABILITY)
        if bool(held.any()):
            count = int(held.sum())
            said.append(
                f"{as_written(float(side[held][0]))} in {who} is a placeholder for “no log-probability known”: {count:,} "
                f"{'classes are' if count > 1 else 'class is'} counted with all others."
            )
        cleaned.append(side.masked_fill(held, -torch.inf))
    return (cleaned[0], cleaned[1]), said
