"""Dirichlet: a vector of probabilities that is itself uncertain."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Dirichlet

from ..families.beta import kl_betas
from ..numerics.exact import kl_term, kl_term_of_numbers
from ..numerics.few import of_few_rows
from ..numerics.gamma_functions import digamma_bregman, digamma_bregman_of_numbers
from ..numerics.pieces import by_rows
from ..numerics.rounding import difference_of_products, difference_of_products_of
from ..registry import register_closed_form

_AT_ONCE = 6000  # entries; with a sum for each row no more than what `digamma_bregman` does in one go


@register_closed_form(Dirichlet, Dirichlet)
def kl_dirichlet_dirichlet(p: Dirichlet, q: Dirichlet) -> Tensor:
    """The Bregman divergence of Σ lgamma(aᵢ) − lgamma(Σ aᵢ), from P to Q, through the means; where that cancels, by breaks."""
    a_p, a_q = torch.broadcast_tensors(p.concentration.double(), q.concentration.double())
    if a_p.shape[-1] == 2:
        return by_rows(_by_breaks, a_p, a_q)
    few = of_few_rows(_through_the_means_of, a_p, a_q)
    if few is not None:
        return few
    value, size = by_rows(_through_the_means, a_p, a_q, at_once=_AT_ONCE)
    lost = ~(size <= 3 * value).detach()
    if not bool(lost.any()):
        return value
    return value.masked_scatter(lost, by_rows(_by_breaks, a_p[lost], a_q[lost]))


def _through_the_means(a_p: Tensor, a_q: Tensor) -> Tensor:
    """(2, …): n_q·KL(a_q/n_q‖a_p/n_p) + R-parts of all aᵢ, less that of n = Σ aᵢ; R as in `digamma_bregman`. And its parts' size.

    One R-part for each aᵢ, where a Beta for each break takes three. Entries stand on the first axis and n after them, so that
    what a step goes along lies together: on the last axis, a few numbers long, it takes twice the time.
    """
    a_p, a_q = (value.movedim(-1, 0).contiguous() for value in (a_p, a_q))
    gap = a_q - a_p
    a_p, a_q, gap = (torch.cat([value, value.sum(0, keepdim=True)]) for value in (a_p, a_q, gap))
    parts = digamma_bregman(a_q, a_p, gap)
    (a_p, n_p), (a_q, n_q), (gap, n_gap) = (value.tensor_split([-1]) for value in (a_p, a_q, gap))
    means = n_q * kl_term(a_q / n_q, a_p / n_p, _cross(a_p, n_p, a_q, n_q, gap, n_gap) / n_q / n_p)
    total, whole = (means + parts[:-1]).sum(0), parts[-1]
    return torch.stack((total - whole, total + whole))


def _through_the_means_of(a_p: Sequence[float], a_q: Sequence[float]) -> float:
    """The same of Python's floats; ValueError where that cancels."""
    n_p, n_q, n_gap = math.fsum(a_p), math.fsum(a_q), math.fsum((*a_q, *(-a for a in a_p)))
    parts = []
    for a, b in zip(a_p, a_q):
        gap = b - a
        near = abs(gap) * n_p + abs(n_gap) * a < b * n_p + n_q * a
        cross = difference_of_products_of(gap, n_p, n_gap, a) if near else difference_of_products_of(b, n_p, n_q, a)
        parts += [n_q * kl_term_of_numbers(b / n_q, a / n_p, cross / n_q / n_p), digamma_bregman_of_numbers(b, a, gap)]
    total, whole = math.fsum(parts), digamma_bregman_of_numbers(n_q, n_p, n_gap)
    if not total + whole <= 3 * (total - whole):
        raise ValueError("the parts cancel")
    return total - whole


def _cross(a_p: Tensor, n_p: Tensor, a_q: Tensor, n_q: Tensor, gap: Tensor, n_gap: Tensor) -> Tensor:
    """a_q·n_p − n_q·a_p, by the gaps where their products have rounded less."""
    near = gap.abs() * n_p + n_gap.abs() * a_p < a_q * n_p + n_q * a_p
    n_p, n_q, n_gap = n_p.expand_as(a_p), n_q.expand_as(a_p), n_gap.expand_as(a_p)
    return difference_of_products(torch.where(near, gap, a_q), n_p, torch.where(near, n_gap, n_q), a_p)


def _by_breaks(a_p: Tensor, a_q: Tensor) -> Tensor:
    """A sum of KLs of Betas: a Dirichlet breaks a stick, each piece a Beta(aᵢ, aᵢ₊₁ + … + aₖ) of what is left.

    The breaks are independent (Connor & Mosimann 1969), so their KLs add up, and none is negative. The smallest are
    broken off first: the two largest, whose ratio may be all that differs, then meet as they were given.
    """
    order = a_p.detach().argsort(-1)
    a_p, a_q = a_p.gather(-1, order), a_q.gather(-1, order)
    gap = a_q - a_p
    rest_p, rest_q, rest_gap = (_after(value) for value in (a_p, a_q, gap))
    a_p, a_q, gap = a_p[..., :-1], a_q[..., :-1], gap[..., :-1]
    return kl_betas(a_p, rest_p, a_q, rest_q, (gap, rest_gap, _cross(a_p, rest_p, a_q, rest_q, gap, rest_gap))).sum(-1)


def _after(a: Tensor) -> Tensor:
    """For each entry but the last, the sum of those after it."""
    return a[..., 1:].flip(-1).cumsum(-1).flip(-1)
