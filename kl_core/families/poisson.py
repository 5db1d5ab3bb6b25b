"""Poisson: how many events in a unit of time."""

from __future__ import annotations

import math

import torch
from scipy import stats
from torch import Tensor
from torch.distributions import Poisson, constraints

from ..density import LOG, LOG_FACTORIAL, DensitySpec, End, device_of, last, log_rise, register_density
from ..numerics.exact import kl_term
from ..numerics.gamma_functions import stirling
from ..registry import register_closed_form
from .family import Family, Parameter

RATE = Parameter("rate", "λ", "mean", constraints.nonnegative, "a number of at least 0", low=0.1, high=30, step=0.1, default=4.0, log=True)

FAMILY = Family("poisson", "Poisson", "discrete", (RATE,), Poisson, "0, 1, 2, …", rank=4)


def _log_mass(d: Poisson, k: Tensor, below: Tensor | None = None) -> Tensor:
    """Loader's form (2000): −kl_term(k, λ) − ½·log 2πk − stirling(k); −λ at 0."""
    (rate,) = last(d.rate)
    inner = k > 0
    k_in = torch.where(inner, k, 1.0)
    mass = -kl_term(k_in, rate) - 0.5 * (2 * math.pi * k_in).log() - stirling(k_in)
    return torch.where(inner, mass, torch.where(k == 0, -rate, -torch.inf))


def _log_ratio(p: Poisson, q: Poisson, k: Tensor, below: Tensor | None = None) -> Tensor:
    rate_p, rate_q = last(p.rate, q.rate)
    return k * log_rise((rate_p - rate_q) / torch.where(rate_q > 0, rate_q, 1.0)) - (rate_p - rate_q)


def _support(d: Poisson) -> tuple[Tensor, Tensor]:
    lower = torch.zeros(d.batch_shape, dtype=torch.float64, device=device_of(d))
    return lower, torch.where(d.rate > 0, torch.inf, lower)


def _window(d: Poisson) -> tuple[Tensor, Tensor]:
    """All but e^−60 of the mass (Bernstein's inequality)."""
    rate = d.rate.detach().double()
    reach = (120 * rate).sqrt()
    return (rate - reach).floor().clamp_min(0.0), (rate + reach + 60).ceil()


DENSITY = register_density(
    Poisson,
    DensitySpec(
        arguments=("rate",),
        support=_support,
        log_density=_log_mass,
        quantile=lambda d, u: float(stats.poisson.ppf(u, d.rate.item())),
        window=_window,
        ends=lambda d: (End(LOG, torch.zeros_like(d.rate)), End(LOG_FACTORIAL, torch.ones_like(d.rate))),
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Poisson, Poisson)
def kl_poisson_poisson(p: Poisson, q: Poisson) -> Tensor:
    """λ_p·log(λ_p/λ_q) − λ_p + λ_q."""
    return kl_term(p.rate, q.rate)
