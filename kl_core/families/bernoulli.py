"""Bernoulli: one toss of a coin."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Binomial, Geometric, NegativeBinomial, constraints
from torch.nn.functional import logsigmoid

from ..density import DensitySpec, device_of, given_as, grown, last, log_rise, register_density
from ..numerics.exact import bernoulli_kl, safe_log
from ..numerics.log_excess import h
from ..numerics.rounding import two_difference
from ..registry import register_closed_form
from ..vectors.logits import kl_of_softmaxes
from .family import Family, Parameter

PROBS = Parameter(
    "probs", "θ", "probability of a 1", constraints.unit_interval, "a number from 0 to 1", low=0, high=1, step=0.01, default=0.3
)

FAMILY = Family("bernoulli", "Bernoulli", "discrete", (PROBS,), lambda probs: Bernoulli(probs=probs), "0, 1", rank=1)


Toss = Bernoulli | Binomial | Geometric | NegativeBinomial  # all made of tosses with probs or logits


def chances(d: Toss) -> tuple[Tensor, Tensor]:
    """P(1) and P(0) of one toss, each with all its digits: from the logits, if those are what was given."""
    if given_as(d) == "logits":
        return torch.sigmoid(d.logits), torch.sigmoid(-d.logits)
    return d.probs, 1 - d.probs


def toss_log_ratios(p: Toss, q: Toss) -> tuple[Tensor, Tensor]:
    """log P(1) and log P(0) of one toss, P's less Q's, of coins nearby; (..., 1)."""
    (one_p, _), (one_q, zero_q) = chances(p), chances(q)
    by_logits = given_as(p) == given_as(q) == "logits"
    gap = -grown(logsigmoid(p.logits) + logsigmoid(-q.logits), q.logits - p.logits) if by_logits else one_p - one_q
    rise = lambda change, chance: log_rise(change / torch.where(chance > 0, chance, 1.0))
    one, zero = last(rise(gap, one_q), rise(-gap, zero_q))
    return one, zero


def _log_ratio(p: Bernoulli, q: Bernoulli, k: Tensor, below: Tensor | None = None) -> Tensor:
    ratio_of_one, ratio_of_zero = toss_log_ratios(p, q)
    return torch.where(k == 1, ratio_of_one, ratio_of_zero)


def _log_mass(d: Bernoulli, k: Tensor, below: Tensor | None = None) -> Tensor:
    chance_of_one, chance_of_zero = chances(d)
    log_one, log_zero = last(safe_log(chance_of_one), safe_log(chance_of_zero))
    return torch.where(k == 1, log_one, torch.where(k == 0, log_zero, -torch.inf))


def _support(d: Bernoulli) -> tuple[Tensor, Tensor]:
    chance_of_one, chance_of_zero = chances(d)
    return (chance_of_zero <= 0).double(), (chance_of_one > 0).double()


def _window(d: Bernoulli) -> tuple[Tensor, Tensor]:
    zero = torch.zeros(d.batch_shape, dtype=torch.float64, device=device_of(d))
    return zero, zero + 1


DENSITY = register_density(
    Bernoulli,
    DensitySpec(
        arguments=("probs",),
        support=_support,
        log_density=_log_mass,
        quantile=lambda d, u: float(u > 0.5),  # both outcomes are always shown
        window=_window,
        log_ratio=_log_ratio,
    ),
)


def _as_softmax(z: Tensor) -> Tensor:
    """Two logits, the greater one 0, whose softmax is the coin of log-odds z, which may be infinite."""
    return torch.stack([torch.where(z < 0, z, 0.0), torch.where(z < 0, 0.0, -z)], -1)


def kl_of_tosses(p: Toss, q: Toss) -> Tensor:
    """KL of one toss, P(1) = probs: by the logits if both were so given, since their difference has digits that chances lack."""
    if given_as(p) == given_as(q) == "logits":
        return kl_of_softmaxes(*torch.broadcast_tensors(_as_softmax(p.logits), _as_softmax(q.logits)))
    (one_p, zero_p), (one_q, zero_q) = chances(p), chances(q)
    return bernoulli_kl(one_p, one_q, one_p - one_q, (zero_p, zero_q))


def kl_until(p: Toss, q: Toss, outcome: int) -> Tensor:
    """KL of tossing until this outcome: that of one toss, times the 1/chance of them there are on average (Wald's identity).

    Where both log-odds are below −40 both parts may underflow; waiting is then exponential, and h(ratio of chances) it is.
    """
    value = kl_of_tosses(p, q) / chances(p)[1 - outcome]
    if not given_as(p) == given_as(q) == "logits":
        return value
    z_p, z_q = (d.logits if outcome == 1 else -d.logits for d in (p, q))
    rare = (z_p < -40) & (z_q < -40) & z_p.isfinite() & z_q.isfinite()
    if not bool(rare.any()):
        return value
    d, low = two_difference(torch.where(rare, z_q, -41.0), torch.where(rare, z_p, -41.0))
    ratio = d.exp() * (1 + low.detach())
    return torch.where(rare, h(ratio, torch.where(d.abs() < 1, torch.expm1(d), ratio - 1)), value)


@register_closed_form(Bernoulli, Bernoulli)
def kl_bernoulli_bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    """Two terms p·log(p/q), of a 1 and of a 0; inf where Q rules out what P allows."""
    return kl_of_tosses(p, q)
