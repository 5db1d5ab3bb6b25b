"""Negative binomial: successes before the r-th failure, in torch's words; r need not be whole."""

from __future__ import annotations

import math

import torch
from scipy import stats
from torch import Tensor
from torch.distributions import NegativeBinomial

from ..density import LINEAR, LOG, DensitySpec, End, last, register_density
from ..families.bernoulli import chances, kl_until, toss_log_ratios
from ..numerics.exact import kl_term, safe_log
from ..numerics.gamma_functions import lgamma_bregman, stirling, stirling_slope
from ..registry import held_equal, register_closed_form


def _log_mass(d: NegativeBinomial, k: Tensor, below: Tensor | None = None) -> Tensor:
    """Loader's form (2000) of the binomial with r failures in n = k + r, times r/n; r·log(1 − θ) at 0."""
    r, hit, miss = last(d.total_count.to(k.dtype), *chances(d))
    inner = (k > 0) & (hit > 0) & (r > 0)
    k_in, r = torch.where(inner, k, 1.0), torch.where((r == 0) & (k > 0), 1.0, r)
    n = k_in + r
    gap = k_in * miss - r * hit
    peak = kl_term(k_in, n * hit, gap) + kl_term(r.expand_as(n), n * miss, -gap)
    bell = 0.5 * (r / (2 * math.pi * k_in * n)).log() + stirling(n) - stirling(k_in) - stirling(r)
    none = r * torch.where(hit < 0.5, torch.log1p(-hit.clamp_max(0.5)), miss.log())
    return torch.where(inner, bell - peak, torch.where(k == 0, none, -torch.inf))


def _log_ratio(p: NegativeBinomial, q: NegativeBinomial, k: Tensor, below: Tensor | None = None) -> Tensor:
    """Of the tosses, and in r that of Γ(k + r)/Γ(r), by the difference of digamma and what lgamma bends."""
    hit, miss = toss_log_ratios(p, q)
    r_p, r_q, miss_p = last(p.total_count.to(k.dtype), q.total_count.to(k.dtype), chances(p)[1])
    gap, n = r_p - r_q, k + r_q
    step = (n / r_q).log() + 0.5 * k / r_q / n + stirling_slope(n) - stirling_slope(r_q)  # digamma(n) − digamma(r)
    bent = lgamma_bregman(k + r_p, n, gap) - lgamma_bregman(r_p, r_q, gap)
    return k * hit + r_q * miss + (gap * (step + safe_log(miss_p)) + bent)


def _support(d: NegativeBinomial) -> tuple[Tensor, Tensor]:
    hit, _ = chances(d)
    lower = torch.zeros(d.batch_shape, dtype=torch.float64, device=hit.device)
    return lower, torch.where((hit > 0) & (d.total_count > 0), torch.inf, lower)


def _window(d: NegativeBinomial) -> tuple[Tensor, Tensor]:
    """All but about e^−60 of the mass: a Gaussian's reach, and the tail's own, which is that of a geometric."""
    hit, miss = (chance.detach().double() for chance in chances(d))
    r = d.total_count.detach().double()
    mean, spread = r * hit / miss, (r * hit).sqrt() / miss
    tail = 60 / -torch.log(hit.clamp(1e-300, 1 - 1e-16))
    lower = (mean - math.sqrt(120) * spread).floor().clamp_min(0.0)
    return lower, (mean + math.sqrt(120) * spread + 2 * tail).ceil()


def _quantile(d: NegativeBinomial, u: float) -> float:
    return float(max(stats.nbinom.ppf(u, d.total_count.item(), chances(d)[1].item()), 0))


DENSITY = register_density(
    NegativeBinomial,
    DensitySpec(
        arguments=("total_count", "probs"),
        support=_support,
        log_density=_log_mass,
        quantile=_quantile,
        window=_window,
        ends=lambda d: (End(LOG, torch.zeros_like(chances(d)[0])), End(LINEAR, -safe_log(chances(d)[0]))),
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(NegativeBinomial, NegativeBinomial)
def kl_negative_binomial_negative_binomial(p: NegativeBinomial, q: NegativeBinomial) -> Tensor | None:
    """r times the KL of tossing until a failure, for one r; None leaves the rest to the sum."""
    if not held_equal(p.total_count, q.total_count):
        return None
    return p.total_count * kl_until(p, q, 0)
