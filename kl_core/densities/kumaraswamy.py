"""Kumaraswamy: like a Beta, with a distribution function one can write down: 1 − (1 − x^a)^b."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Beta, Kumaraswamy

from ..density import LOG, DensitySpec, End, last, log_rise, register_density, unit_interval
from ..families.beta import kl_betas
from ..families.gamma import grading
from ..numerics.log_excess import h
from ..registry import held_equal, register_closed_form


def _log(x: Tensor, below: Tensor | None) -> Tensor:
    below = 1 - x if below is None else below
    return torch.where(x < 0.5, x.log(), torch.log1p(-below.clamp_max(0.5)))


def _log_density(d: Kumaraswamy, x: Tensor, below: Tensor | None = None) -> Tensor:
    a, b = last(d.concentration1, d.concentration0)
    log_x = _log(x, below)
    return a.log() + b.log() + (a - 1) * log_x + (b - 1) * torch.log(-torch.expm1(a * log_x))


def _log_density_of_log(d: Kumaraswamy, s: Tensor) -> Tensor:
    a, b = last(d.concentration1, d.concentration0)
    return a.log() + b.log() + a * s + (b - 1) * torch.log(-torch.expm1(a * s))


def _log_density_of_log_below(d: Kumaraswamy, s: Tensor) -> Tensor:
    """With 1 − x = e^s; where that is lost beside 1, 1 − x^a is a·e^s."""
    a, b = last(d.concentration1, d.concentration0)
    log_x = torch.log1p(-s.exp())
    near = s < -40
    rest = torch.where(near, a.log() + s, torch.log(-torch.expm1(a * torch.where(near, -1.0, log_x))))
    return a.log() + b.log() + (a - 1) * log_x + b * rest + torch.where(near, -a.log(), s - rest)


def _log_ratio(p: Kumaraswamy, q: Kumaraswamy, x: Tensor, below: Tensor | None = None) -> Tensor:
    """In b that of an exponential's −log(1 − x^a); in a also log((1 − x^a_p)/(1 − x^a_q)), by the difference of the powers."""
    (a_p, b_p), (a_q, b_q) = (last(d.concentration1, d.concentration0) for d in (p, q))
    log_x = _log(x, below)
    d = (a_p - a_q) * log_x
    rests = log_rise(-torch.expm1(d.clamp_max(700.0)) / torch.expm1(-a_q * log_x))
    scales = log_rise((a_p - a_q) / a_q) + log_rise((b_p - b_q) / b_q)
    return scales + d + (b_p - b_q) * torch.log(-torch.expm1(a_p * log_x)) + (b_q - 1) * rests


def _log_at_depths(d: Kumaraswamy) -> Tensor:
    """log x at the quantiles where −log(1 − u) is 4^j: the distribution's own scale, out to a mass of e^−60 at either end."""
    a, b = last(d.concentration1, d.concentration0)
    depth = torch.cat(
        [
            4.0 ** torch.arange(-33, 1, dtype=a.dtype, device=a.device),
            torch.tensor((2.0, 3.0, 5.0, 8.0, 16.0, 28.0, 48.0), dtype=a.dtype, device=a.device),
        ]
    )
    u = depth / b
    far = u > math.log(2)  # where 1 − e^−u is next to 1, its logarithm is −e^−u
    return torch.where(far, torch.log1p(-torch.exp(-u)), torch.log(-torch.expm1(-u.clamp_max(1.0)))) / a


def _side(edges: Tensor, index: Tensor) -> Tensor:
    """The distribution's own, none with more than a factor of 4 between its edges where the density goes like distance^(index − 1).

    Graded further towards the edge, for the sake of the other distribution.
    """
    steps = lambda count: 4.0 ** -torch.arange(1, count + 1, dtype=edges.dtype, device=edges.device)
    least = edges.amin(-1, keepdim=True)
    graded = 0.5 * steps(grading(index)).expand(*edges.shape[:-1], -1)
    return torch.cat([torch.zeros_like(least), least * steps(33), graded, edges], -1).clamp(0.0, 0.5)


DENSITY = register_density(
    Kumaraswamy,
    DensitySpec(
        arguments=("concentration1", "concentration0"),
        support=unit_interval,
        log_density=_log_density,
        quantile=lambda d, u: (-math.expm1(math.log1p(-u) / d.concentration0.item())) ** (1 / d.concentration1.item()),
        cuts=lambda d: _side(_log_at_depths(d).exp(), d.concentration1),
        cuts_below=lambda d: _side(-torch.expm1(_log_at_depths(d)), d.concentration0),
        ends=lambda d: (End(LOG, d.concentration1 - 1), End(LOG, d.concentration0 - 1)),
        log_ratio=_log_ratio,
        log_density_of_log=_log_density_of_log,
        log_density_of_log_below=_log_density_of_log_below,
    ),
)


@register_closed_form(Kumaraswamy, Kumaraswamy)
def kl_kumaraswamy_kumaraswamy(p: Kumaraswamy, q: Kumaraswamy) -> Tensor | None:
    """h(b_q/b_p) where both have the same a: −log(1 − x^a) is then exponential. None leaves the rest to quadrature."""
    if not held_equal(p.concentration1, q.concentration1):
        return None
    b_p, b_q = p.concentration0, q.concentration0
    return h(b_q / b_p, (b_q - b_p) / b_p)


def _as_beta(d: Kumaraswamy) -> tuple[Tensor, Tensor] | None:
    """The shapes of the Beta that it is, where a or b is 1 throughout: densities b·(1 − x)^(b − 1) and a·x^(a − 1)."""
    a, b = torch.broadcast_tensors(d.concentration1, d.concentration0)
    return (a, b) if held_equal(a, torch.ones_like(a)) or held_equal(b, torch.ones_like(b)) else None


@register_closed_form(Kumaraswamy, Beta)
def kl_kumaraswamy_beta(p: Kumaraswamy, q: Beta) -> Tensor | None:
    """That of two Betas where the Kumaraswamy is one. None leaves the rest to quadrature."""
    shapes = _as_beta(p)
    return None if shapes is None else kl_betas(*shapes, q.concentration1, q.concentration0)


@register_closed_form(Beta, Kumaraswamy)
def kl_beta_kumaraswamy(p: Beta, q: Kumaraswamy) -> Tensor | None:
    """The other way round."""
    shapes = _as_beta(q)
    return None if shapes is None else kl_betas(p.concentration1, p.concentration0, *shapes)
