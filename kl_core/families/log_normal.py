"""Log-normal: e to a Normal."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Exponential, Gamma, LogNormal, constraints

from ..density import LOG_SQUARED, DensitySpec, End, half_line, last, register_density
from ..numerics.exact import exp_excess
from ..numerics.gamma_functions import EULER, stirling, stirling_slope, trigamma_excess
from ..numerics.log_excess import h
from ..numerics.rounding import log_tail, product_tail, quotient, two_difference
from ..registry import register_closed_form
from .family import Affine, Family, Parameter
from .normal import NORMAL_OFFSETS, kl_normal_normal, normal_log_ratio, spread

LOC = Parameter("loc", "μ", "mean of log x", constraints.real, "a finite number", low=-2, high=3, step=0.05, default=0.0)
SCALE = Parameter(
    "scale",
    "σ",
    "standard deviation of log x",
    constraints.positive,
    "a number greater than 0",
    low=0.1,
    high=2,
    step=0.05,
    default=0.5,
    log=True,
)

FAMILY = Family("log_normal", "Log-normal", "continuous", (LOC, SCALE), LogNormal, "x > 0", Affine(stretch=("exp", "loc")), rank=9)


def _log_density(d: LogNormal, x: Tensor, below: Tensor | None = None) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    log_x = x.log()
    z = (log_x - loc) / scale
    return -0.5 * z * z - log_x - scale.log() - 0.5 * math.log(2 * math.pi)


def _log_density_of_log(d: LogNormal, s: Tensor) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    return -0.5 * ((s - loc) / scale) ** 2 - scale.log() - 0.5 * math.log(2 * math.pi)


def _cuts(d: LogNormal) -> Tensor:
    """A Gaussian's panels in log x, none with more than a factor of 4 between its edges."""
    widest = d.scale.detach().amax().item() if d.scale.numel() else 1.0
    count = min(max(math.ceil(24 * widest / math.log(4)), 16), 400)
    z = torch.linspace(-12, 12, count + 1, dtype=d.scale.dtype, device=d.scale.device)
    log_edges = (d.loc.unsqueeze(-1) + d.scale.unsqueeze(-1) * z).clamp(-690, 690)
    # Towards 0 the density vanishes, but not its log under another distribution's mass: graded, as for an Exponential.
    grade = 4.0 ** -torch.arange(1, 34, dtype=z.dtype, device=z.device)
    edges = log_edges.exp()
    return torch.cat([torch.zeros_like(edges[..., :1]), edges[..., :1] * grade, edges], -1)


def _ends(d: LogNormal) -> tuple[End, End]:
    end = End(LOG_SQUARED, 0.5 / d.scale / d.scale)
    return end, end


DENSITY = register_density(
    LogNormal,
    DensitySpec(
        arguments=("loc", "scale"),
        support=half_line,
        log_density=_log_density,
        quantile=lambda d, u: d.icdf(torch.as_tensor(u, dtype=d.loc.dtype)).item(),
        cuts=_cuts,
        ends=_ends,
        log_ratio=lambda p, q, x, below: normal_log_ratio(p, q, x.log()),
        log_density_of_log=_log_density_of_log,
        cuts_of_log=lambda d: spread(d.loc, d.scale, NORMAL_OFFSETS),
        entropy=lambda d: d.loc + d.scale.log() + 0.5 * math.log(2 * math.pi * math.e),
    ),
)


@register_closed_form(LogNormal, LogNormal)
def kl_log_normal_log_normal(p: LogNormal, q: LogNormal) -> Tensor:
    """That of the two Normals: taking logs is a bijection, and KL does not see bijections."""
    return kl_normal_normal(p, q)


def _log_ratio(a: Tensor, b: Tensor, plus: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """log(a/b) and the terms of `plus`, added up as a float and what its rounding left: they may all but cancel."""
    ratio, ratio_left = quotient(a, b)
    total = ratio.log()
    with torch.no_grad():
        left = log_tail(ratio) + ratio_left / ratio
    for term in plus:
        total, lost = two_difference(total, -term)
        left = left + lost.detach()
    return total, left


def _times_square(a: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """a·x² as a float and what its rounding left."""
    square = x * x
    product = a * square
    with torch.no_grad():
        left = product_tail(a, square, product) + a * product_tail(x, x, square)
    return product, left


def _kl_log_normal_gamma(p: LogNormal, a: Tensor, b: Tensor) -> Tensor:
    """a·(e^y − 1 − y) + ½·h(aσ²) + stirling(a), e^y = b·m/a, m = e^(μ + σ²/2) the mean of P; each part positive."""
    half, half_left = _times_square(torch.full_like(p.scale, 0.5), p.scale)
    y, left = _log_ratio(b, a, (p.loc, half))
    # The rounding's effect by Taylor's formula: e^y − 1 is the slope of e^y − 1 − y.
    low, lost = y.clamp_max(700.0), left + half_left
    excess = a * (exp_excess(low) + torch.expm1(low.detach()) * lost)
    # a·e^y is a float for longer than e^y is.
    root = (y.clamp_min(700.0) / 2).exp()
    excess = torch.where(y > 700, a * root * root * (1 + lost), excess)
    variance, variance_left = _times_square(a, p.scale)
    return excess + 0.5 * h(variance, variance - 1 + variance_left) + stirling(a)


@register_closed_form(LogNormal, Gamma)
def kl_log_normal_gamma(p: LogNormal, q: Gamma) -> Tensor:
    """lgamma(a) − a·(μ + log b) + b·e^(μ + σ²/2) − ½·log(2πeσ²), rearranged so that nothing cancels; see `_kl_log_normal_gamma`."""
    return _kl_log_normal_gamma(p, q.concentration, q.rate)


@register_closed_form(LogNormal, Exponential)
def kl_log_normal_exponential(p: LogNormal, q: Exponential) -> Tensor:
    """An exponential is a Gamma of concentration 1; never below ½·(2 − log 2π), 0.081."""
    return _kl_log_normal_gamma(p, torch.ones_like(q.rate), q.rate)


@register_closed_form(Exponential, LogNormal)
def kl_exponential_log_normal(p: Exponential, q: LogNormal) -> Tensor:
    """½·h(π²/6σ²) + ½·((m − μ)/σ)² + ½·log(π³/3) − ½ − γ, m = −γ − log λ the mean of log x; at least 0.091."""
    z = (-EULER - p.rate.log() - q.loc) / q.scale
    ratio = 1 / q.scale
    return 0.5 * h(math.pi**2 / 6 * ratio * ratio) + 0.5 * z * z + 0.09057301953851255


@register_closed_form(Gamma, LogNormal)
def kl_gamma_log_normal(p: Gamma, q: LogNormal) -> Tensor:
    """½·h(v/σ²) + ½·((m − μ)/σ)² + C(a), m and v the mean and variance of log x, digamma(a) − log b and trigamma(a).

    C = ½·log(a·v) + a·stirling′(a) − stirling(a), about 1/(12a): a log-Gamma's distance from the nearest Normal.
    """
    a = p.concentration
    excess = a * trigamma_excess(a)  # a·v − 1
    gap, left = _log_ratio(a, p.rate, (-q.loc, -0.5 / a + stirling_slope(a)))
    z = (gap + left) / q.scale
    constant = 0.5 * torch.log1p(excess) + a * stirling_slope(a) - stirling(a)
    variance, variance_left = _times_square(a, q.scale)
    t = (1 - variance - variance_left + excess) / variance
    return 0.5 * h((1 + excess) / variance, t) + 0.5 * z * z + constant
