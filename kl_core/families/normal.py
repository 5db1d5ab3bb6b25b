"""Normal: X = loc + scale·Z."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import LogNormal, Normal, constraints

from ..density import SQUARE, DensitySpec, End, last, log_rise, real_line, register_density, standard_gap
from ..numerics.log_excess import h_of_ratio
from ..registry import register_closed_form
from .family import Affine, Family, Parameter

LOC = Parameter("loc", "μ", "mean", constraints.real, "a finite number", low=-6, high=6, step=0.1, default=0.0)
SCALE = Parameter(
    "scale", "σ", "standard deviation", constraints.positive, "a number greater than 0", low=0.1, high=5, step=0.05, default=1.0, log=True
)

FAMILY = Family(
    "normal",
    "Normal",
    "continuous",
    (LOC, SCALE),
    Normal,
    "all real numbers",
    Affine(shift=("value", "loc"), stretch=("value", "scale")),
    rank=1,
)

# Panels of a Gaussian, in standard deviations; the mass beyond 12 is 2e-33.
NORMAL_OFFSETS = (-12.0, -9.0, -6.5, -4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5, 6.5, 9.0, 12.0)


def spread(loc: Tensor, scale: Tensor, offsets: tuple[float, ...]) -> Tensor:
    """loc + scale·offsets, (batch_shape + (len(offsets),))."""
    return loc.unsqueeze(-1) + scale.unsqueeze(-1) * torch.tensor(offsets, dtype=scale.dtype, device=scale.device)


def _log_density(d: Normal, x: Tensor, below: Tensor | None = None) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    z = (x - loc) / scale
    return -0.5 * z * z - scale.log() - 0.5 * math.log(2 * math.pi)


def normal_log_ratio(p: Normal | LogNormal, q: Normal | LogNormal, x: Tensor, below: Tensor | None = None) -> Tensor:
    """½·(z_q² − z_p²) by the difference of the z, and log(scale_q/scale_p) by that of the scales: the spec's log_ratio."""
    z, more, t = standard_gap(p, q, x)
    return more * (z + 0.5 * more) - log_rise(t)


def _ends(d: Normal) -> tuple[End, End]:
    # Halved before squaring the reciprocal: 1/(2σ²) without forming σ², which underflows first.
    end = End(SQUARE, 0.5 / d.scale / d.scale)
    return end, end


DENSITY = register_density(
    Normal,
    DensitySpec(
        arguments=("loc", "scale"),
        support=real_line,
        log_density=_log_density,
        quantile=lambda d, u: d.icdf(torch.as_tensor(u, dtype=d.loc.dtype)).item(),
        cuts=lambda d: spread(d.loc, d.scale, NORMAL_OFFSETS),
        ends=_ends,
        log_ratio=normal_log_ratio,
        entropy=lambda d: d.scale.log() + 0.5 * math.log(2 * math.pi * math.e),
    ),
)


@register_closed_form(Normal, Normal)
def kl_normal_normal(p: Normal | LogNormal, q: Normal | LogNormal) -> Tensor:
    """h(r) + ½·(r − 1)² + ½·((μ_p − μ_q)/σ_q)², r = σ_p/σ_q and h(x) = x − 1 − log x: every part is positive.

    The first two are ½·h(r²), the form of the textbooks, without a square under the logarithm.
    """
    more = p.scale - q.scale
    t, z = more / q.scale, (p.loc - q.loc) / q.scale
    return torch.add(h_of_ratio(p.scale, q.scale, more, t), torch.addcmul(t * t, z, z), alpha=0.5)
