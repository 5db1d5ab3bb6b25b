"""Exponential: waiting without memory."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Exponential, Laplace, Normal, Uniform, constraints

from ..density import LINEAR, LOG, DensitySpec, End, half_line, ladder, last, log_rise, register_density
from ..numerics.log_excess import h, h_of_ratio
from ..registry import register_closed_form
from .family import Affine, Family, Parameter

RATE = Parameter(
    "rate",
    "λ",
    "events in a unit of time",
    constraints.positive,
    "a number greater than 0",
    low=0.1,
    high=5,
    step=0.05,
    default=1.0,
    log=True,
)

FAMILY = Family("exponential", "Exponential", "continuous", (RATE,), Exponential, "x ≥ 0", Affine(stretch=("reciprocal", "rate")), rank=7)

# Graded towards 0, where another family's log-density may bend like log x.
_RUNGS, _OFFSETS = 34, (0.0, 1.0, 3.0, 8.0, 16.0, 28.0, 48.0)


def _log_density(d: Exponential, x: Tensor, below: Tensor | None = None) -> Tensor:
    (rate,) = last(d.rate)
    return rate.log() - rate * x


def _log_ratio(p: Exponential, q: Exponential, x: Tensor, below: Tensor | None = None) -> Tensor:
    rate_p, rate_q = last(p.rate, q.rate)
    return log_rise((rate_p - rate_q) / rate_q) - (rate_p - rate_q) * x


def _cuts(d: Exponential) -> Tensor:
    offsets = torch.tensor(_OFFSETS, dtype=d.rate.dtype, device=d.rate.device)
    return torch.cat([offsets / d.rate.unsqueeze(-1), ladder(1 / d.rate, _RUNGS)], -1)


DENSITY = register_density(
    Exponential,
    DensitySpec(
        arguments=("rate",),
        support=half_line,
        log_density=_log_density,
        quantile=lambda d, u: -math.log1p(-u) / d.rate.item(),
        cuts=_cuts,
        ends=lambda d: (End(LOG, torch.zeros_like(d.rate)), End(LINEAR, d.rate)),
        entropy=lambda d: 1 - d.rate.log(),
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Exponential, Exponential)
def kl_exponential_exponential(p: Exponential, q: Exponential) -> Tensor:
    """h(λ_q/λ_p)."""
    return h_of_ratio(q.rate, p.rate)


@register_closed_form(Exponential, Normal)
def kl_exponential_normal(p: Exponential, q: Normal) -> Tensor:
    """½·h(1/(λσ)²) + ½·((1/λ − μ)/σ)² + ½·log 2π − ½; never below the last two, 0.419."""
    ratio = 1 / (p.rate * q.scale)
    z = (1 / p.rate - q.loc) / q.scale
    return 0.5 * h(ratio * ratio) + 0.5 * z * z + (0.5 * math.log(2 * math.pi) - 0.5)


@register_closed_form(Exponential, Laplace)
def kl_exponential_laplace(p: Exponential, q: Laplace) -> Tensor:
    """h(A/b) + log(2λA), where A = E_P|x − μ| ≥ log 2/λ; never below log(2·log 2) = 0.327."""
    u = p.rate * q.loc
    inside = u > 0
    gap = torch.where(inside, 2 * torch.exp(-torch.where(inside, u, 0.0)) + u - 1, 1 - u)  # λA
    return h(gap / (p.rate * q.scale)) + (2 * gap).log()


@register_closed_form(Uniform, Exponential)
def kl_uniform_exponential(p: Uniform, q: Exponential) -> Tensor:
    """h(λm) + log(2m/w) + 1 − log 2, m and w the middle and width of P, where P is on x ≥ 0; otherwise inf."""
    inside = p.low >= 0
    low = torch.where(inside, p.low, 0.0)
    width = torch.where(inside, p.high - p.low, 1.0)
    value = h(q.rate * (low + width / 2)) + torch.log1p(2 * low / width) + (1 - math.log(2))
    return torch.where(inside, value, torch.inf)
