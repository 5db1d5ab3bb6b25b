"""Cauchy: tails so heavy that it has no mean."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Cauchy, HalfCauchy, constraints

from ..density import LOG, DensitySpec, End, last, log_rise, real_line, register_density, standard_gap
from ..registry import register_closed_form
from .family import Affine, Family, Parameter
from .normal import spread

LOC = Parameter("loc", "location", "location", constraints.real, "a finite number", low=-6, high=6, step=0.1, default=0.0)
SCALE = Parameter(
    "scale",
    "scale",
    "scale",
    constraints.positive,
    "a number greater than 0",
    low=0.1,
    high=5,
    step=0.05,
    default=1.0,
    log=True,
)

FAMILY = Family(
    "cauchy",
    "Cauchy",
    "continuous",
    (LOC, SCALE),
    Cauchy,
    "all real numbers",
    Affine(shift=("value", "loc"), stretch=("value", "scale")),
    rank=4,
)

# Geometric panels: the density's poles are at ±i, so a panel may be as wide as it is far. 4³⁴ leaves a mass of 1e-21.
_TAIL = tuple(1.5 * 4.0**j for j in range(35))
_OFFSETS = tuple(-offset for offset in reversed(_TAIL)) + (0.0,) + _TAIL


def _log_density(d: Cauchy, x: Tensor, below: Tensor | None = None) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    z = (x - loc) / scale
    return -torch.log1p(z * z) - scale.log() - math.log(math.pi)


def _log_ratio(p: Cauchy, q: Cauchy, x: Tensor, below: Tensor | None = None) -> Tensor:
    z, more, t = standard_gap(p, q, x)
    return log_rise(more * (2 * z + more) / (1 + z * z)) - log_rise(t)


def _ends(d: Cauchy) -> tuple[End, End]:
    end = End(LOG, torch.full_like(d.scale, 2.0))
    return end, end


DENSITY = register_density(
    Cauchy,
    DensitySpec(
        arguments=("loc", "scale"),
        support=real_line,
        log_density=_log_density,
        quantile=lambda d, u: d.icdf(torch.as_tensor(u, dtype=d.loc.dtype)).item(),
        cuts=lambda d: spread(d.loc, d.scale, _OFFSETS),
        ends=_ends,
        entropy=lambda d: (4 * math.pi * d.scale).log(),
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Cauchy, Cauchy)
def kl_cauchy_cauchy(p: Cauchy, q: Cauchy) -> Tensor:
    """log(1 + ((γ_p − γ_q)² + (x_p − x_q)²) / 4γ_pγ_q); symmetric (Chyzak & Nielsen 2019)."""
    gap, spread_gap = p.loc - q.loc, p.scale - q.scale
    # Each square is divided once by each scale, so that neither overflows before the other.
    return torch.log1p(0.25 * (spread_gap / p.scale * (spread_gap / q.scale) + gap / p.scale * (gap / q.scale)))


@register_closed_form(HalfCauchy, HalfCauchy)
def kl_half_cauchy_half_cauchy(p: HalfCauchy, q: HalfCauchy) -> Tensor:
    """That of the whole Cauchys round 0: folding both halves onto one takes nothing from a log-ratio that is alike on both."""
    gap, scale_p, scale_q = p.scale.double() - q.scale.double(), p.scale.double(), q.scale.double()
    return torch.log1p(0.25 * (gap / scale_p * (gap / scale_q)))
