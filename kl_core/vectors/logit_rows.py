"""Rows of logits in pieces that a cache holds, and the room that their answers need."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

__all__ = ["IN_RANGE", "RowAnswers", "chunks", "in_range", "room_for_slopes", "rooms"]

_CLASSES_AT_ONCE = {"cpu": 2**16, "cuda": 2**25}  # classes in one go: on a CPU, what the cache of one thread holds
IN_RANGE = 500.0  # of the logarithm of a sum of exponentials, within which none of them counts as 0 or is no float

RowAnswers = tuple[Tensor, list[Tensor | None], Tensor]  # KL of each row, gradients, and the rows that want another method


def room_for_slopes(rows: list[Tensor], wanted: tuple[bool, bool]) -> list[Tensor | None]:
    """Room for the gradients that are wanted: float32 for logits of 32 bits or fewer."""
    dtypes = [torch.promote_types(z.dtype, torch.float32) for z in rows]
    return [torch.empty_like(z, dtype=dtype) if want else None for z, dtype, want in zip(rows, dtypes, wanted)]


def chunks(z: Tensor) -> Iterator[slice]:
    """Slices of rows, of about _CLASSES_AT_ONCE classes for each thread."""
    many = _CLASSES_AT_ONCE["cpu"] * torch.get_num_threads() if z.device.type == "cpu" else _CLASSES_AT_ONCE["cuda"]
    step = max(1, many // z.shape[-1])
    return (slice(start, start + step) for start in range(0, len(z), step))


def rooms(z_p: Tensor, z_q: Tensor, count: int = 2) -> Iterator[tuple[slice, list[Tensor]]]:
    """Slices of rows, and float64 buffers of their shape, z_p and z_q in the first two: written over and over, they stay in the cache."""
    room: list[Tensor] = []
    for part in chunks(z_p):
        shape = z_p[part].shape
        if not room or room[0].shape != shape:
            room = [torch.empty(shape, dtype=torch.float64, device=z_p.device) for _ in range(count)]
        for z, buffer in zip((z_p, z_q), room):
            buffer.copy_(z[part])
        yield part, room


def in_range(total: Tensor) -> Tensor:
    """Where a sum of exponentials neither overflowed nor lost a term to underflow; False where it is NaN."""
    return total.log().abs() < IN_RANGE
