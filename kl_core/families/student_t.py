"""Student's t: between Cauchy (df = 1) and Normal (df → ∞)."""

from __future__ import annotations

import math

import torch
from scipy import stats
from torch import Tensor
from torch.distributions import StudentT, constraints

from ..density import LOG, DensitySpec, End, last, log_rise, real_line, register_density, standard_gap
from ..numerics.gamma_functions import lgamma_bregman, stirling, stirling_slope
from .family import Affine, Family, Parameter
from .normal import NORMAL_OFFSETS, spread

DF = Parameter(
    "df", "ν", "degrees of freedom", constraints.positive, "a number greater than 0", low=0.5, high=30, step=0.5, default=3.0, log=True
)
LOC = Parameter("loc", "μ", "centre", constraints.real, "a finite number", low=-6, high=6, step=0.1, default=0.0)
SCALE = Parameter("scale", "σ", "scale", constraints.positive, "a number greater than 0", low=0.1, high=5, step=0.05, default=1.0, log=True)

FAMILY = Family(
    "student_t",
    "Student-t",
    "continuous",
    (DF, LOC, SCALE),
    StudentT,
    "all real numbers",
    Affine(shift=("value", "loc"), stretch=("value", "scale")),
    rank=5,
)


def _log_density(d: StudentT, x: Tensor, below: Tensor | None = None) -> Tensor:
    df, loc, scale = last(d.df, d.loc, d.scale)
    z = (x - loc) / scale
    half = df / 2
    # log Γ(½ + ν/2) − log Γ(ν/2) − ½ log(ν/2), by Stirling's formula, in which the large parts cancel on paper.
    gammas = half * torch.log1p(0.5 / half) - 0.5 + stirling(half + 0.5) - stirling(half)
    return gammas - 0.5 * math.log(2 * math.pi) - scale.log() - (half + 0.5) * torch.log1p(z * z / df)


def _log_ratio(p: StudentT, q: StudentT, x: Tensor, below: Tensor | None = None) -> Tensor:
    """In ν: that of the two Gammas by digamma and what lgamma bends, that of log(1 + z²/ν) through its quotient."""
    z, more, t = standard_gap(p, q, x)
    df_p, df_q = last(p.df, q.df)
    gap, half = df_p - df_q, df_q / 2
    digamma_step = torch.log1p(0.5 / half) - 0.5 / (half + 0.5) + stirling_slope(half + 0.5) + 0.5 / half - stirling_slope(half)
    gammas = gap / 2 * digamma_step + lgamma_bregman(df_p / 2 + 0.5, half + 0.5, gap / 2) - lgamma_bregman(df_p / 2, half, gap / 2)
    bell = 1 + z * z / df_p
    rise = (more * (2 * z + more) + z * z / df_p * gap) / df_q / bell  # 1 + z²/ν under Q over that under P, less 1
    tails = torch.where(rise.abs() < 0.5, log_rise(rise), ((1 + (z + more).square() / df_q) / bell).log())
    return gammas - 0.5 * log_rise(gap / df_q) - log_rise(t) - gap / 2 * bell.log() + (df_q + 1) / 2 * tails


def _cuts(d: StudentT) -> Tensor:
    """A Normal's panels, and geometric ones from √ν, where the poles are, out to a mass of 1e-20."""
    lightest = d.df.detach().amin().item() if d.df.numel() else 1.0
    count = min(max(math.ceil(33 / min(lightest, 1.0)), 33), 250)
    tail = 1.5 * 4.0 ** torch.arange(count + 1, dtype=d.scale.dtype, device=d.scale.device)
    reach = (d.scale * d.df.sqrt()).unsqueeze(-1) * tail
    centre = d.loc.unsqueeze(-1)
    return torch.cat([centre - reach, spread(d.loc, d.scale, NORMAL_OFFSETS), centre + reach], -1)


def _ends(d: StudentT) -> tuple[End, End]:
    return End(LOG, d.df + 1), End(LOG, d.df + 1)


DENSITY = register_density(
    StudentT,
    DensitySpec(
        arguments=("df", "loc", "scale"),
        support=real_line,
        log_density=_log_density,
        quantile=lambda d, u: d.loc.item() + d.scale.item() * float(stats.t.ppf(u, d.df.item())),
        cuts=_cuts,
        ends=_ends,
        log_ratio=_log_ratio,
    ),
)
