"""A batch of pairs, a few rows at a time: each row has thousands of nodes, and only some rows fit into a cache together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import itemgetter

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of, device_of, rebuilt

__all__ = ["in_groups"]

_ROWS = 13  # one more than are reckoned one by one in Python's floats; of 100 panels a temporary then has 400 KiB


def in_groups(function: Callable[[Distribution, Distribution], tuple[Tensor, ...]], p: Distribution, q: Distribution) -> tuple[Tensor, ...]:
    """function(p, q), whose answers are tensors of p's and q's batch shape. Memory does not grow with the batch, but for gradients.

    Outcomes, which are few, and a GPU take all rows at once.
    """
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    if shape.numel() <= _ROWS or density_of(p).discrete or device_of(p).type != "cpu":
        return function(p, q)
    p, q = (rebuilt(d, partial(_in_one_row, len(d.batch_shape), shape)) for d in (p, q))
    starts = range(0, shape.numel(), _ROWS)
    answers = [function(*(rebuilt(d, itemgetter(slice(start, start + _ROWS))) for d in (p, q))) for start in starts]
    return tuple(torch.cat(parts).reshape(shape) for parts in zip(*answers))


def _in_one_row(dims: int, shape: torch.Size, value: Tensor) -> Tensor:
    """A parameter whose first axes, as many as dims, are a batch that broadcasts to shape: with one axis in their place."""
    own = value.shape[dims:]
    return value.expand(shape + own).reshape(-1, *own)
