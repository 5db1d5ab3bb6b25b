"""Half-normal: the size of a Normal error."""

from __future__ import annotations

import math

import torch
from scipy import special
from torch import Tensor
from torch.distributions import Exponential, HalfNormal, Normal

from ..density import LOG, SQUARE, DensitySpec, End, half_line, last, log_rise, register_density
from ..families.normal import kl_normal_normal, spread
from ..numerics.log_excess import h
from ..registry import register_closed_form

# Graded towards 0, where another distribution's log-density may bend like log x; then a Gaussian's panels.
_OFFSETS = (0.0, *(4.0**-j for j in range(34, -1, -1)), 2.0, 3.0, 4.5, 6.5, 9.0, 12.0)


def _log_density(d: HalfNormal, x: Tensor, below: Tensor | None = None) -> Tensor:
    (scale,) = last(d.scale)
    z = x / scale
    return -0.5 * z * z - scale.log() + 0.5 * math.log(2 / math.pi)


def _log_ratio(p: HalfNormal, q: HalfNormal, x: Tensor, below: Tensor | None = None) -> Tensor:
    scale_p, scale_q = last(p.scale, q.scale)
    t = (scale_p - scale_q) / scale_q
    return 0.5 * (x / scale_p) ** 2 * t * (2 + t) - log_rise(t)


DENSITY = register_density(
    HalfNormal,
    DensitySpec(
        arguments=("scale",),
        support=half_line,
        log_density=_log_density,
        quantile=lambda d, u: d.scale.item() * float(special.ndtri((1 + u) / 2)),
        cuts=lambda d: spread(torch.zeros_like(d.scale), d.scale, _OFFSETS),
        ends=lambda d: (End(LOG, torch.zeros_like(d.scale)), End(SQUARE, 0.5 / d.scale / d.scale)),
        entropy=lambda d: d.scale.log() + 0.5 * math.log(math.pi * math.e / 2),
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(HalfNormal, HalfNormal)
def kl_half_normal_half_normal(p: HalfNormal, q: HalfNormal) -> Tensor:
    """That of the two Normals folded at 0: both halves are alike."""
    zero = torch.zeros_like(p.scale)
    return kl_normal_normal(Normal(zero, p.scale, validate_args=False), Normal(zero, q.scale, validate_args=False))


@register_closed_form(Exponential, HalfNormal)
def kl_exponential_half_normal(p: Exponential, q: HalfNormal) -> Tensor:
    """½·h(2/(λσ)²) + ½·log π − ½; never below the last two, 0.072."""
    ratio = 1 / (p.rate * q.scale)
    return 0.5 * h(2 * ratio * ratio) + (0.5 * math.log(math.pi) - 0.5)


@register_closed_form(HalfNormal, Exponential)
def kl_half_normal_exponential(p: HalfNormal, q: Exponential) -> Tensor:
    """h(λm) + ½ + log(2/π), m = σ·√(2/π) the mean of P; never below the last two, 0.048."""
    return h(q.rate * p.scale * math.sqrt(2 / math.pi)) + (0.5 + math.log(2 / math.pi))
