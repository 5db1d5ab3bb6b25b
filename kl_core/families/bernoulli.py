"""Bernoulli: one toss of a coin."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Bernoulli, constraints

from ..exact import bernoulli_kl, safe_log
from ..law import Law, device_of, last, register_law
from ..registry import register_closed_form
from .family import Family, Parameter

PROBS = Parameter("probs", "θ", "probability of a 1", constraints.unit_interval, "a number from 0 to 1",
                  low=0, high=1, step=0.01, default=0.3)

FAMILY = Family("bernoulli", "Bernoulli", "discrete", (PROBS,), lambda probs: Bernoulli(probs=probs), "0, 1", rank=1)


def chances(d: Bernoulli) -> tuple[Tensor, Tensor]:
    """P(1) and P(0), each with all its digits: from the logits, if those are what was given."""
    if "probs" not in d.__dict__:
        return torch.sigmoid(d.logits), torch.sigmoid(-d.logits)
    return d.probs, 1 - d.probs


def _log_mass(d: Bernoulli, k: Tensor, below: Tensor | None = None) -> Tensor:
    one, zero = chances(d)
    log_one, log_zero = last(safe_log(one), safe_log(zero))
    return torch.where(k == 1, log_one, torch.where(k == 0, log_zero, -torch.inf))


def _support(d: Bernoulli) -> tuple[Tensor, Tensor]:
    one, zero = chances(d)
    return (zero <= 0).double(), (one > 0).double()


def _rebuild(d: Bernoulli, dtype: torch.dtype) -> Bernoulli:
    if "probs" not in d.__dict__:
        return Bernoulli(logits=d.logits.to(dtype), validate_args=False)
    return Bernoulli(probs=d.probs.to(dtype), validate_args=False)


def _window(d: Bernoulli) -> tuple[Tensor, Tensor]:
    zero = torch.zeros(d.batch_shape, dtype=torch.float64, device=device_of(d))
    return zero, zero + 1


LAW = register_law(Bernoulli, Law(
    arguments=("probs",),
    support=_support,
    log_density=_log_mass,
    quantile=lambda d, u: float(u > 0.5),  # both outcomes are always shown
    window=_window,
    rebuild=_rebuild,
))


@register_closed_form(Bernoulli, Bernoulli)
def kl_bernoulli_bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    """Two terms p·log(p/q), of a 1 and of a 0; inf where Q rules out what P allows."""
    (one_p, zero_p), (one_q, zero_q) = chances(p), chances(q)
    # The smaller chance has the digits; both logits' forms are exact on their own side.
    gap = torch.where(one_p < 0.5, one_p - one_q, zero_q - zero_p)
    return bernoulli_kl(one_p, one_q, gap, (zero_p, zero_q))
