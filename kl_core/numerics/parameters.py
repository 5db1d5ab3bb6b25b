"""The tensors that a distribution was made from, and their dtype."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from ..density import arguments_of, has_density

__all__ = ["parameters_of", "dtype_of"]


def parameters_of(d: Distribution) -> list[Tensor]:
    """The tensors it was made from: the logits in place of probs, if those were given."""
    values = []
    for value in arguments_of(d).values():
        values += parameters_of(value) if isinstance(value, Distribution) else [value]
    return values


def dtype_of(d: Distribution) -> torch.dtype:
    """The float dtype of its parameters."""
    while isinstance(d, Independent):
        d = d.base_dist
    if has_density(d):
        values = parameters_of(d)
    else:  # what it keeps itself, which is not computed by being asked for; or what it passed on to one inside
        values = [d.__dict__[name] for name in d.arg_constraints if name in d.__dict__] or [getattr(d, name) for name in d.arg_constraints]
    dtypes = [value.dtype for value in values if isinstance(value, Tensor) and value.is_floating_point()]
    return reduce(torch.promote_types, dtypes) if dtypes else torch.get_default_dtype()
