"""Gumbel: the largest of many. X = loc − scale·log E, E a standard exponential."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Gumbel

from ..density import EXPONENTIAL, LINEAR, DensitySpec, End, last, log_rise, real_line, register_density, standard_gap
from ..families.normal import spread
from ..numerics.exact import exp_excess
from ..numerics.gamma_functions import EULER, lgamma_bregman
from ..registry import register_closed_form

# In scales: below, the density dies like e^−e^−z, above like e^−z, with e^−48 of the mass beyond.
_OFFSETS = (-4.5, -3.75, -3.0, -2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 3.0, 4.5, 6.5, 9.0, 13.0, 18.0, 24.0, 32.0, 40.0, 48.0)


def _log_density(d: Gumbel, x: Tensor, below: Tensor | None = None) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    z = (x - loc) / scale
    return -z - torch.exp(-z) - scale.log()


def _log_ratio(p: Gumbel, q: Gumbel, x: Tensor, below: Tensor | None = None) -> Tensor:
    """With z under P and `more` more of it under Q: more + e^−z·(e^−more − 1) − log(scale_p/scale_q)."""
    z, more, t = standard_gap(p, q, x)
    return more + torch.exp(-z) * torch.expm1((-more).clamp_max(700.0)) - log_rise(t)


def _ends(d: Gumbel) -> tuple[End, End]:
    """Downwards −log density grows like e^(|x|/scale), whose order says how fast."""
    return End((EXPONENTIAL + 1 / d.scale).detach(), (d.loc / d.scale).exp()), End(LINEAR, 1 / d.scale)


DENSITY = register_density(
    Gumbel,
    DensitySpec(
        arguments=("loc", "scale"),
        support=real_line,
        log_density=_log_density,
        quantile=lambda d, u: d.loc.item() - d.scale.item() * math.log(-math.log(u)),
        cuts=lambda d: spread(d.loc, d.scale, _OFFSETS),
        ends=_ends,
        entropy=lambda d: d.scale.log() + 1 + EULER,
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Gumbel, Gumbel)
def kl_gumbel_gumbel(p: Gumbel, q: Gumbel) -> Tensor:
    """h(G) + log Γ(ρ) + γ·(ρ − 1), ρ = scale_p/scale_q, G = e^((loc_q − loc_p)/scale_q)·Γ(1 + ρ): e^−X is a Weibull."""
    loc_p, scale_p, loc_q, scale_q = torch.broadcast_tensors(p.loc, p.scale, q.loc, q.scale)
    d = (scale_p - scale_q) / scale_q
    ratio, ones = scale_p / scale_q, torch.ones_like(d)
    log_mean = (loc_q - loc_p) / scale_q + (1 - EULER) * d + lgamma_bregman(1 + ratio, 2 * ones, d)
    return exp_excess(log_mean) + lgamma_bregman(ratio, ones, d)
