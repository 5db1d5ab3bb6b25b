"""Weibull: the weakest link. X = scale·E^(1/concentration), E a standard exponential."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Exponential, Weibull

from ..exact import digamma_bregman, exp_excess, kl_term
from ..families.gamma import grading
from ..law import LINEAR, LOG, LOG_SQUARED, End, Law, half_line, last, register_law
from ..registry import register_closed_form

_EULER = 0.57721566490153286


def _log_density(d: Weibull, x: Tensor, below: Tensor | None = None) -> Tensor:
    scale, k = last(d.scale, d.concentration)
    log_u = (x / scale).log()
    return k.log() - scale.log() + (k - 1) * log_u - torch.exp(k * log_u)


def _cuts(d: Weibull) -> Tensor:
    """Panels of an exponential, taken through the map from it."""
    k = d.concentration.unsqueeze(-1)
    towards_zero = 4.0 ** -torch.arange(grading(torch.ones_like(k)) + 1, dtype=k.dtype, device=k.device)
    far = torch.tensor((3.0, 8.0, 16.0, 28.0, 48.0), dtype=k.dtype, device=k.device)
    log_u = torch.cat([towards_zero, far]).log() / k
    # None with more than a factor of 4 between its edges, in x as well as in the exponential.
    steps = torch.linspace(0, 1, 5, dtype=k.dtype, device=k.device)[:-1]
    between = (log_u[..., :-1, None] + log_u.diff(dim=-1).unsqueeze(-1) * steps).flatten(-2)
    edges = torch.cat([between, log_u[..., -1:]], -1).clamp(-690, 690).exp()
    return torch.cat([torch.zeros_like(edges[..., :1]), edges], -1) * d.scale.unsqueeze(-1)


def _ends(d: Weibull) -> tuple[End, End]:
    """Far out −log density grows like (x/scale)^k, so k says its order; a batch shares one, its least."""
    k = d.concentration
    least = k.detach().amin().item() if k.numel() else LINEAR
    # Below 1 the orders are ranks only: faster than the square of a logarithm, however small k is.
    order = least if least >= LINEAR else LOG_SQUARED + (LINEAR - LOG_SQUARED) * least
    return End(LOG, k - 1), End(order, d.scale**-k)


LAW = register_law(Weibull, Law(
    arguments=("scale", "concentration"),
    support=half_line,
    log_density=_log_density,
    quantile=lambda d, u: d.scale.item() * (-math.log1p(-u)) ** (1 / d.concentration.item()),
    cuts=_cuts,
    ends=_ends,
    entropy=lambda d: _EULER * (1 - 1 / d.concentration) + (d.scale / d.concentration).log() + 1,
))


def _kl_weibulls(scale_p: Tensor, k_p: Tensor, scale_q: Tensor, k_q: Tensor) -> Tensor:
    """h(G) + log Γ(ρ) + γ(ρ − 1), ρ = k_q/k_p, G = (scale_p/scale_q)^k_q·Γ(1 + ρ) the mean of (x/scale_q)^k_q.

    Bauckhage (2013), rearranged: log Γ(ρ) + γ(ρ − 1) is the Bregman divergence of log Γ from 1, never negative.
    """
    ratio, d = k_q / k_p, (k_q - k_p) / k_p
    log_mean = (k_q * torch.log1p((scale_p - scale_q) / scale_q)
                + (1 - _EULER) * d + digamma_bregman(1 + ratio, 2 * torch.ones_like(d), d)
                + kl_term(1 + ratio, 2 * torch.ones_like(d), d))
    one = torch.ones_like(d)
    return exp_excess(log_mean) + digamma_bregman(ratio, one, d) + kl_term(ratio, one, d)


@register_closed_form(Weibull, Weibull)
def kl_weibull_weibull(p: Weibull, q: Weibull) -> Tensor:
    return _kl_weibulls(p.scale, p.concentration, q.scale, q.concentration)


@register_closed_form(Weibull, Exponential)
def kl_weibull_exponential(p: Weibull, q: Exponential) -> Tensor:
    """An exponential is a Weibull of concentration 1."""
    return _kl_weibulls(p.scale, p.concentration, 1 / q.rate, torch.ones_like(q.rate))


@register_closed_form(Exponential, Weibull)
def kl_exponential_weibull(p: Exponential, q: Weibull) -> Tensor:
    return _kl_weibulls(1 / p.rate, torch.ones_like(p.rate), q.scale, q.concentration)
