"""Weibull: the weakest link. X = scale·E^(1/concentration), E a standard exponential."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Exponential, Weibull

from ..density import DEPTHS, LINEAR, LOG, LOG_SQUARED, DensitySpec, End, half_line, last, log_rise, register_density
from ..families.gamma import grading
from ..numerics.exact import exp_excess
from ..numerics.gamma_functions import EULER, lgamma_bregman, stirling
from ..numerics.rounding import product_tail, quotient, two_difference
from ..registry import register_closed_form


def _log_density(d: Weibull, x: Tensor, below: Tensor | None = None) -> Tensor:
    scale, k = last(d.scale, d.concentration)
    log_u = (x / scale).log()
    return k.log() - scale.log() + (k - 1) * log_u - torch.exp(k * log_u)


def _log_density_of_log(d: Weibull, s: Tensor) -> Tensor:
    scale, k = last(d.scale, d.concentration)
    t = k * (s - scale.log())
    return k.log() + t - t.exp()


def _far_logs(d: Weibull) -> Tensor:
    """log(x/scale) in the upper tail, out to where x² has its mean: E^(2/k) under e^−E is a Gamma's of shape 2/k."""
    k = d.concentration.unsqueeze(-1)
    shape, depths = 2 / k, torch.tensor(DEPTHS, dtype=k.dtype, device=k.device)
    return torch.cat([depths.log().expand(*k.shape[:-1], -1), (shape + (2 * shape * depths).sqrt() + depths).log()], -1).sort(-1).values / k


def _cuts(d: Weibull) -> Tensor:
    """Panels of an exponential, taken through the map from it."""
    k = d.concentration.unsqueeze(-1)
    towards_zero = 4.0 ** -torch.arange(grading(torch.ones_like(k)) + 1, dtype=k.dtype, device=k.device)
    log_u = torch.cat([(towards_zero.log() / k), _far_logs(d)], -1)
    # None with more than a factor of 4 between its edges, in x as well as in the exponential; of a very wide one, see `cuts_of_log`.
    least = k.detach().amin().item() if k.numel() else 1.0
    steps = torch.linspace(0, 1, 1 + min(max(math.ceil(1 / least), 4), 16), dtype=k.dtype, device=k.device)[:-1]
    between = (log_u[..., :-1, None] + log_u.diff(dim=-1).unsqueeze(-1) * steps).flatten(-2)
    edges = torch.cat([between, log_u[..., -1:]], -1).clamp(-690, 690).exp()
    return torch.cat([torch.zeros_like(edges[..., :1]), edges], -1) * d.scale.unsqueeze(-1)


def _ends(d: Weibull) -> tuple[End, End]:
    """Far out −log density grows like (x/scale)^k, so k says its order."""
    k = d.concentration
    # Below 1 the orders are ranks only: faster than the square of a logarithm, however small k is.
    order = torch.where(k >= LINEAR, k, LOG_SQUARED + (LINEAR - LOG_SQUARED) * k).detach()
    return End(LOG, k - 1), End(order, d.scale**-k)


def _log_ratio(p: Weibull, q: Weibull, x: Tensor, below: Tensor | None = None) -> Tensor:
    """The log-density is log k − log x + a − e^a with a = k·log(x/scale), which is d more under P."""
    (scale_p, k_p), (scale_q, k_q) = (last(d.scale, d.concentration) for d in (p, q))
    d = (k_p - k_q) * (x / scale_p).log() - k_q * log_rise((scale_p - scale_q) / scale_q)
    return log_rise((k_p - k_q) / k_q) + d - (x / scale_q) ** k_q * torch.expm1(d.clamp_max(700.0))


DENSITY = register_density(
    Weibull,
    DensitySpec(
        arguments=("scale", "concentration"),
        support=half_line,
        log_density=_log_density,
        quantile=lambda d, u: d.scale.item() * (-math.log1p(-u)) ** (1 / d.concentration.item()),
        cuts=_cuts,
        ends=_ends,
        entropy=lambda d: EULER * (1 - 1 / d.concentration) + (d.scale / d.concentration).log() + 1,
        log_ratio=_log_ratio,
        log_density_of_log=_log_density_of_log,
        cuts_of_log=lambda d: _far_logs(d) + d.scale.log().unsqueeze(-1),
    ),
)


def _log(high: Tensor, low: Tensor) -> Tensor:
    """log(high + low), with all its digits next to 1 too."""
    near = (high - 1).abs() < 0.5
    return torch.where(near, torch.log1p(torch.where(near, high - 1 + low, 0.0)), high.log())


def _root_of_gamma(x: Tensor) -> Tensor:
    """√Γ(x) for x ≥ 1 to a few roundings, by Stirling's formula; Γ itself would overflow at 172, and the power at 256."""
    half = x ** (x / 4 - 0.125)
    return (2 * math.pi) ** 0.25 * half * torch.exp(-x / 2) * half * torch.exp(stirling(x) / 2)


def _large_mean(ratio: Tensor, left: Tensor, k: Tensor, shapes: Tensor, shapes_left: Tensor) -> Tensor:
    """(ratio + left)^k·Γ(1 + shapes), where its logarithm is so large that exp would make its rounding show."""
    x = 1 + shapes
    with torch.no_grad():
        x_left = shapes_left + two_difference(shapes, torch.full_like(shapes, -1.0))[1]
        mended = 1 + k * left / ratio + x.log() * x_left  # digamma is nearly log
    return (ratio ** (k / 2) * _root_of_gamma(x)).square() * mended


def _kl_weibulls(scales: tuple[Tensor, Tensor], k_p: Tensor, k_q: Tensor) -> Tensor:
    """h(G) + log Γ(ρ) + γ(ρ − 1), ρ = k_q/k_p, G = (scale_p/scale_q)^k_q·Γ(1 + ρ) the mean of (x/scale_q)^k_q.

    scales: scale_p/scale_q as a float and what its rounding left. Bauckhage (2013), rearranged:
    log Γ(ρ) + γ(ρ − 1) is the Bregman divergence of log Γ from 1, never negative.
    """
    scale, scale_left, k_p, k_q = torch.broadcast_tensors(*scales, k_p, k_q)
    ratio, ratio_left = quotient(k_q, k_p)
    d = (k_q - k_p) / k_p
    ones = torch.ones_like(d)
    log_mean = k_q * _log(scale, scale_left) + (1 - EULER) * d + lgamma_bregman(1 + ratio, 2 * ones, d)
    large = log_mean > 3
    mean = _large_mean(*(torch.where(large, value, 1.0) for value in (scale, scale_left, k_q, ratio, ratio_left)))
    spread = torch.where(large, mean - 1 - log_mean, exp_excess(torch.where(large, 0.0, log_mean)))
    return spread + lgamma_bregman(ratio, ones, d)


@register_closed_form(Weibull, Weibull)
def kl_weibull_weibull(p: Weibull, q: Weibull) -> Tensor:
    """Bauckhage's form (2013, arXiv 1310.3713), rearranged so that nothing cancels; see `_kl_weibulls`."""
    return _kl_weibulls(quotient(p.scale, q.scale), p.concentration, q.concentration)


@register_closed_form(Weibull, Exponential)
def kl_weibull_exponential(p: Weibull, q: Exponential) -> Tensor:
    """An exponential is a Weibull of concentration 1 and scale 1/rate."""
    scale = p.scale * q.rate
    with torch.no_grad():
        left = product_tail(p.scale, q.rate, scale)
    return _kl_weibulls((scale, left), p.concentration, torch.ones_like(q.rate))


@register_closed_form(Exponential, Weibull)
def kl_exponential_weibull(p: Exponential, q: Weibull) -> Tensor:
    """The other way round."""
    product = p.rate * q.scale
    scale, left = quotient(torch.ones_like(product), product)
    with torch.no_grad():
        left = left - scale * (product_tail(p.rate, q.scale, product) / product)
    return _kl_weibulls((scale, left), torch.ones_like(p.rate), q.concentration)
