"""Laplace: two exponentials, back to back."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Laplace, Normal, constraints

from ..density import LINEAR, DensitySpec, End, last, log_rise, real_line, register_density
from ..numerics.exact import exp_excess
from ..numerics.log_excess import h, h_of_ratio
from ..numerics.values import recorded
from ..registry import register_closed_form
from .family import Affine, Family, Parameter
from .normal import spread

LOC = Parameter("loc", "μ", "centre", constraints.real, "a finite number", low=-6, high=6, step=0.1, default=0.0)
SCALE = Parameter("scale", "b", "scale", constraints.positive, "a number greater than 0", low=0.1, high=5, step=0.05, default=1.0, log=True)

FAMILY = Family(
    "laplace",
    "Laplace",
    "continuous",
    (LOC, SCALE),
    Laplace,
    "all real numbers",
    Affine(shift=("value", "loc"), stretch=("value", "scale")),
    rank=2,
)

_OFFSETS = (-48.0, -28.0, -16.0, -8.0, -3.0, 0.0, 3.0, 8.0, 16.0, 28.0, 48.0)


def _log_density(d: Laplace, x: Tensor, below: Tensor | None = None) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    return -(x - loc).abs() / scale - (2 * scale).log()


def _log_ratio(p: Laplace, q: Laplace, x: Tensor, below: Tensor | None = None) -> Tensor:
    """|x − μ_q| − |x − μ_p| is (x − μ_p) + (x − μ_q), but never more than |μ_p − μ_q| either way."""
    loc_p, loc_q, scale_p, scale_q = last(p.loc, q.loc, p.scale, q.scale)
    t, shift = (scale_p - scale_q) / scale_q, loc_p - loc_q
    further = torch.minimum(torch.maximum((x - loc_p) + (x - loc_q), -shift.abs()), shift.abs()) * shift.sign()
    return further / scale_q + (x - loc_p).abs() / scale_p * t - log_rise(t)


def _ends(d: Laplace) -> tuple[End, End]:
    return End(LINEAR, 1 / d.scale), End(LINEAR, 1 / d.scale)


DENSITY = register_density(
    Laplace,
    DensitySpec(
        arguments=("loc", "scale"),
        support=real_line,
        log_density=_log_density,
        quantile=lambda d, u: d.icdf(torch.as_tensor(u, dtype=d.loc.dtype)).item(),
        cuts=lambda d: spread(d.loc, d.scale, _OFFSETS),
        ends=_ends,
        log_ratio=_log_ratio,
        entropy=lambda d: 1 + (2 * d.scale).log(),
    ),
)


@register_closed_form(Laplace, Laplace)
def kl_laplace_laplace(p: Laplace, q: Laplace) -> Tensor:
    """h(b_p/b_q) + (b_p/b_q)·(e^−u − 1 + u), u = |μ_p − μ_q|/b_p."""
    gap = p.loc - q.loc
    if recorded(gap):
        minus_gap = torch.sub(gap, gap.clamp_min(0.0), alpha=2)  # abs has the slope 0 at 0, which would lose the second derivative
    else:
        minus_gap = gap.abs_().neg_()
    return torch.addcmul(h_of_ratio(p.scale, q.scale), p.scale / q.scale, exp_excess(minus_gap / p.scale))


@register_closed_form(Laplace, Normal)
def kl_laplace_normal(p: Laplace, q: Normal) -> Tensor:
    """½·h(2b²/σ²) + ½·((μ_p − μ_q)/σ)² + ½·log π − ½; never below the last two, 0.072."""
    ratio, z = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return 0.5 * h(2 * ratio * ratio) + 0.5 * z * z + (0.5 * math.log(math.pi) - 0.5)


@register_closed_form(Normal, Laplace)
def kl_normal_laplace(p: Normal, q: Laplace) -> Tensor:
    """h(A/b) + log(A/A₀) + ½ + log(2/π), where A = E_P|x − μ_q| and A₀ = σ·√(2/π), its least value."""
    u = (p.loc - q.loc) / p.scale
    rise = torch.expm1(-0.5 * u * u) + math.sqrt(math.pi / 2) * u * torch.erf(u / math.sqrt(2))
    mean_gap = p.scale * math.sqrt(2 / math.pi) * (1 + rise)
    return h(mean_gap / q.scale) + torch.log1p(rise) + (0.5 + math.log(2 / math.pi))
