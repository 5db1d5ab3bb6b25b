"""A batch in pieces small enough for a processor's cache, and for its allocator to have the room at hand.

A formula of a hundred steps writes a hundred tensors. Of 60,000 numbers each, every one of them is memory fetched anew from
the system: Dirichlet's KL of 10,000 pairs took three times as long.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["by_entries", "by_rows"]

_AT_ONCE = 2**13  # numbers, 64 KiB of float64


def by_entries(function: Callable[..., Tensor], *values: Tensor, at_once: int = _AT_ONCE) -> Tensor:
    """function(*values), which goes entry by entry; values: of one shape, that of the answer but for axes before it."""
    if values[0].numel() <= at_once or values[0].device.type != "cpu":
        return function(*values)
    parts = zip(*(value.reshape(-1).split(at_once) for value in values), strict=True)
    return _together([function(*part) for part in parts], values[0].shape)


def by_rows(function: Callable[..., Tensor], *values: Tensor, at_once: int = _AT_ONCE) -> Tensor:
    """function(*values), which has a number for each row; values: (..., k), the answer (...) but for axes before it."""
    shape = values[0].shape
    if values[0].numel() <= at_once or values[0].device.type != "cpu":
        return function(*values)
    rows = max(1, at_once // shape[-1])
    parts = zip(*(value.reshape(-1, shape[-1]).split(rows) for value in values), strict=True)
    return _together([function(*part) for part in parts], shape[:-1])


def _together(answers: list[Tensor], shape: torch.Size) -> Tensor:
    whole = torch.cat(answers, -1)
    return whole.view(whole.shape[:-1] + shape)
