"""Dirichlet: a vector of probabilities that is itself uncertain."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Dirichlet

from ..families.beta import kl_betas
from ..numerics.rounding import difference_of_products
from ..registry import register_closed_form


@register_closed_form(Dirichlet, Dirichlet)
def kl_dirichlet_dirichlet(p: Dirichlet, q: Dirichlet) -> Tensor:
    """A sum of KLs of Betas: a Dirichlet breaks a stick, each piece a Beta(aᵢ, aᵢ₊₁ + … + aₖ) of what is left.

    The breaks are independent (Connor & Mosimann 1969), so their KLs add up, and none is negative. The smallest are
    broken off first: the two largest, whose ratio may be all that differs, then meet as they were given.
    """
    a_p, a_q = torch.broadcast_tensors(p.concentration.double(), q.concentration.double())
    order = a_p.detach().argsort(-1)
    a_p, a_q = a_p.gather(-1, order), a_q.gather(-1, order)
    gap = a_q - a_p
    rest_p, rest_q, rest_gap = (_after(value) for value in (a_p, a_q, gap))
    a_p, a_q, gap = a_p[..., :-1], a_q[..., :-1], gap[..., :-1]
    near = gap.abs() * rest_p + rest_gap.abs() * a_p < a_q * rest_p + rest_q * a_p  # which products have rounded less
    cross = torch.where(near, difference_of_products(gap, rest_p, rest_gap, a_p), difference_of_products(a_q, rest_p, rest_q, a_p))
    return kl_betas(a_p, rest_p, a_q, rest_q, (gap, rest_gap, cross)).sum(-1)


def _after(a: Tensor) -> Tensor:
    """For each entry but the last, the sum of those after it."""
    return a[..., 1:].flip(-1).cumsum(-1).flip(-1)
