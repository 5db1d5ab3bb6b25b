"""Closed forms of KL by the types of P and Q, in the manner of `torch.distributions.kl.register_kl`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

import torch
from torch import Tensor
from torch.distributions import Distribution

__all__ = ["register_closed_form", "closed_form_of", "held_equal"]

_CLOSED_FORMS: dict[tuple[type, type], Callable[..., Tensor | None]] = {}


Form = TypeVar("Form", bound=Callable[..., Tensor | None])


def register_closed_form(type_p: type[Distribution], type_q: type[Distribution]) -> Callable[[Form], Form]:
    """Decorator: the function of (p, q) is KL(P‖Q) in nats, batch-shaped, for these types and their subclasses.

    It gets float64 distributions (of a class without a registered density spec, them as they are) and returns inf where the KL is
    infinite, or None where, for these parameters, there is no closed form. It must be accurate near P = Q too;
    a form that cancels there is worse than quadrature and should not be registered.
    """

    def decorate(function: Form) -> Form:
        _CLOSED_FORMS[type_p, type_q] = function
        _closed_form_of_kinds.cache_clear()
        return function

    return decorate


def closed_form_of(p: Distribution, q: Distribution) -> Callable[..., Tensor | None] | None:
    """The registered closed form for the most specific types of p and q, or None."""
    type_p: type = type(p)  # not type[Distribution], which mypy does not take for hashable
    type_q: type = type(q)
    return _closed_form_of_kinds(type_p, type_q)


@cache
def _closed_form_of_kinds(type_p: type, type_q: type) -> Callable[..., Tensor | None] | None:
    pairs = ((kind_p, kind_q) for kind_p in type_p.__mro__ for kind_q in type_q.__mro__)
    return next((_CLOSED_FORMS[pair] for pair in pairs if pair in _CLOSED_FORMS), None)


def held_equal(a: Tensor, b: Tensor) -> bool:
    """Whether a parameter is the same in P and Q, for a closed form that rests on that and so has no slope in it."""
    moves = torch.is_grad_enabled() and (a.requires_grad or b.requires_grad)
    return not moves and bool((a == b).all())
