"""Gamma: a sum of exponentials, and every shape between a spike at 0 and a bell."""

from __future__ import annotations

import math

import torch
from scipy import special
from torch import Tensor
from torch.distributions import Exponential, Gamma, constraints

from ..density import DEPTHS, LINEAR, LOG, SLOW_POWER, DensitySpec, End, half_line, ladder, last, log_rise, register_density
from ..numerics.exact import exp_excess
from ..numerics.gamma_functions import digamma_bregman, lgamma_bregman, stirling, stirling_slope
from ..numerics.log_excess import h, h_of_rise
from ..numerics.rounding import difference_of_products
from ..registry import register_closed_form
from .family import Affine, Family, Parameter

CONCENTRATION = Parameter(
    "concentration", "α", "shape", constraints.positive, "a number greater than 0", low=0.2, high=20, step=0.1, default=2.0, log=True
)
RATE = Parameter("rate", "β", "rate", constraints.positive, "a number greater than 0", low=0.1, high=5, step=0.05, default=1.0, log=True)

FAMILY = Family("gamma", "Gamma", "continuous", (CONCENTRATION, RATE), Gamma, "x > 0", Affine(stretch=("reciprocal", "rate")), rank=8)


def _log_density(d: Gamma, x: Tensor, below: Tensor | None = None) -> Tensor:
    """−a·h(bx/a) − log x + ½·log(a/2π) − stirling(a): no part is larger than the answer, whatever a."""
    a, b = last(d.concentration, d.rate)
    u = b * x / a
    return -a * h(u) - x.log() + 0.5 * (a / (2 * math.pi)).log() - stirling(a)


def _log_density_of_log(d: Gamma, s: Tensor) -> Tensor:
    """The same plus s: h(e^t) is e^t − 1 − t."""
    a, b = last(d.concentration, d.rate)
    return -a * exp_excess(s + (b / a).log()) + 0.5 * (a / (2 * math.pi)).log() - stirling(a)


def _log_ratio(p: Gamma, q: Gamma, x: Tensor, below: Tensor | None = None) -> Tensor:
    """(a_p − a_q)·(log b_q·x − digamma(a_q)), a_p·log(b_p/b_q) − (b_p − b_q)·x, less what lgamma bends from a_q to a_p."""
    a_p, a_q, b_p, b_q = last(p.concentration, q.concentration, p.rate, q.rate)
    more = (b_q * x / a_q).log() + 0.5 / a_q - stirling_slope(a_q)
    return (a_p - a_q) * more - lgamma_bregman(a_p, a_q) + (a_p * log_rise((b_p - b_q) / b_q) - (b_p - b_q) * x)


def grading(concentration: Tensor) -> int:
    """How many panels, each four times nearer to the edge, leave a mass of 1e-20 under x^(a − 1), unless they are laid in log x."""
    least = concentration.detach().amin().item() if concentration.numel() else 1.0
    return max(math.ceil(33 / least), 33) if least >= SLOW_POWER else 33


def _cuts(d: Gamma) -> Tensor:
    a = d.concentration.unsqueeze(-1)
    # With e^−t of the mass beyond: the tail of a Gamma lies inside a ± √(2at) + t (Boucheron et al. 2013, §2.4).
    depths = torch.tensor(DEPTHS, dtype=a.dtype, device=a.device)
    half_width = (2 * a * depths).sqrt()
    own = torch.cat([torch.zeros_like(a), a, (a - half_width).clamp_min(0.0), a + half_width + depths], -1)
    return torch.cat([own / d.rate.unsqueeze(-1), ladder(d.concentration / d.rate, grading(a))], -1)


def _entropy(d: Gamma) -> Tensor:
    """a + lgamma(a) + (1 − a)·digamma(a) − log b, with lgamma and digamma by Stirling's formula."""
    a = d.concentration
    bell = 0.5 * (2 * math.pi * a).log() + 0.5 - 0.5 / a
    return bell + stirling(a) + (1 - a) * stirling_slope(a) - d.rate.log()


DENSITY = register_density(
    Gamma,
    DensitySpec(
        arguments=("concentration", "rate"),
        support=half_line,
        log_density=_log_density,
        quantile=lambda d, u: float(special.gammaincinv(d.concentration.item(), u)) / d.rate.item(),
        cuts=_cuts,
        ends=lambda d: (End(LOG, d.concentration - 1), End(LINEAR, d.rate)),
        entropy=_entropy,
        log_ratio=_log_ratio,
        log_density_of_log=_log_density_of_log,
    ),
)


def _kl_gammas(a_p: Tensor, b_p: Tensor, a_q: Tensor, b_q: Tensor) -> Tensor:
    """a_q·h(b_q·a_p/(b_p·a_q)) + R(a_q) − R(a_p) − R′(a_p)·(a_q − a_p), R(a) = lgamma(a) − a·log a + a."""
    t = difference_of_products(b_q, a_p, b_p, a_q) / b_p / a_q  # the ratio less 1
    return a_q * h_of_rise(t, lambda: b_q / b_p * (a_p / a_q)) + digamma_bregman(a_q, a_p)


@register_closed_form(Gamma, Gamma)
def kl_gamma_gamma(p: Gamma, q: Gamma) -> Tensor:
    """The Gamma–Gamma form of Penny (2001), rearranged so that nothing cancels; see `_kl_gammas`."""
    return _kl_gammas(p.concentration, p.rate, q.concentration, q.rate)


@register_closed_form(Exponential, Gamma)
def kl_exponential_gamma(p: Exponential, q: Gamma) -> Tensor:
    """An exponential is a Gamma of concentration 1."""
    return _kl_gammas(torch.ones_like(p.rate), p.rate, q.concentration, q.rate)


@register_closed_form(Gamma, Exponential)
def kl_gamma_exponential(p: Gamma, q: Exponential) -> Tensor:
    """The other way round."""
    return _kl_gammas(p.concentration, p.rate, torch.ones_like(q.rate), q.rate)
