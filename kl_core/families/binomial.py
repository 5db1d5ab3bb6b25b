"""Binomial: heads in n tosses."""

from __future__ import annotations

import math

import torch
from scipy import stats
from torch import Tensor
from torch.distributions import Binomial, constraints

from ..density import DensitySpec, last, register_density
from ..numerics.exact import kl_term, safe_log
from ..numerics.gamma_functions import stirling
from ..registry import register_closed_form
from .bernoulli import chances, kl_of_tosses, toss_log_ratios
from .family import Family, Parameter

TOTAL_COUNT = Parameter(
    "total_count",
    "n",
    "number of tosses",
    constraints.nonnegative_integer,
    "a whole number of at least 0",
    low=1,
    high=60,
    step=1,
    default=10.0,
    integer=True,
)
PROBS = Parameter(
    "probs", "θ", "probability of heads", constraints.unit_interval, "a number from 0 to 1", low=0, high=1, step=0.01, default=0.3
)

FAMILY = Family(
    "binomial",
    "Binomial",
    "discrete",
    (TOTAL_COUNT, PROBS),
    lambda total_count, probs: Binomial(total_count, probs=probs),
    "0, 1, …, n",
    rank=3,
)


def _log_mass(d: Binomial, k: Tensor, below: Tensor | None = None) -> Tensor:
    """Loader's saddle-point form (2000): −n·KL(k/n‖θ) + ½·log(n/2πk(n − k)) and remainders of Stirling's formula."""
    n, heads, tails = last(d.total_count.to(k.dtype), *chances(d))
    rest = n - k
    inner = (k > 0) & (rest > 0)
    k_in, rest_in = torch.where(inner, k, 1.0), torch.where(inner, rest, 1.0)
    n_in = k_in + rest_in
    gap = k_in * tails - rest_in * heads
    peak = kl_term(k_in, n_in * heads, gap) + kl_term(rest_in, n_in * tails, -gap)
    bell = 0.5 * (n_in / (2 * math.pi * k_in * rest_in)).log() + stirling(n_in) - stirling(k_in) - stirling(rest_in)
    # At the ends: n·log θ or n·log(1 − θ), log(1 − θ) by log1p where θ is small.
    log_tails = torch.where(heads < 0.5, torch.log1p(-heads.clamp_max(0.5)), safe_log(tails))
    count = n.clamp_min(1.0)
    edge = torch.where(n == 0, 0.0, torch.where(k <= 0, count * log_tails, count * safe_log(heads)))
    return torch.where(inner, bell - peak, torch.where((k >= 0) & (rest >= 0), edge, -torch.inf))


def _log_ratio(p: Binomial, q: Binomial, k: Tensor, below: Tensor | None = None) -> Tensor | None:
    """None where they do not toss equally often."""
    if not bool((p.total_count == q.total_count).all()):
        return None
    heads, tails = toss_log_ratios(p, q)
    return k * heads + (p.total_count.unsqueeze(-1) - k) * tails


def _support(d: Binomial) -> tuple[Tensor, Tensor]:
    n = d.total_count.double()
    heads, tails = chances(d)
    return torch.where(tails > 0, 0.0, n), torch.where(heads > 0, n, 0.0)


def _window(d: Binomial) -> tuple[Tensor, Tensor]:
    """Everything, or for a large n what is within e^−60 of all the mass (Bernstein's inequality)."""
    n = d.total_count.detach().double()
    heads, tails = (chance.detach().double() for chance in chances(d))
    reach = (120 * n * heads * tails).sqrt() + 40
    return (n * heads - reach).floor().clamp_min(0.0), torch.minimum((n * heads + reach).ceil(), n)


DENSITY = register_density(
    Binomial,
    DensitySpec(
        arguments=("total_count", "probs"),
        support=_support,
        log_density=_log_mass,
        quantile=lambda d, u: float(max(stats.binom.ppf(u, d.total_count.item(), d.probs.item()), 0)),
        window=_window,
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Binomial, Binomial)
def kl_binomial_binomial(p: Binomial, q: Binomial) -> Tensor | None:
    """n times the KL of one toss, where both toss equally often; None leaves other cases to the sum."""
    if not bool((p.total_count == q.total_count).all()):
        return None
    n = p.total_count
    return torch.where(n > 0, torch.where(n > 0, n, 1.0) * kl_of_tosses(p, q), 0.0)
