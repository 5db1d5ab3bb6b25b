"""Von Mises: a bell on the circle, here cut open at ±π as torch samples it."""

from __future__ import annotations

import math

import torch
from scipy import stats
from torch import Tensor
from torch.distributions import VonMises

from ..density import LOG, DensitySpec, End, last, register_density
from ..families.normal import NORMAL_OFFSETS
from ..numerics.quadrature import between, panels
from ..numerics.rounding import two_difference
from ..registry import register_closed_form


def _turn(d: VonMises, x: Tensor) -> Tensor:
    """1 − cos(x − loc), without cancellation."""
    (loc,) = last(d.loc)
    return 2 * torch.sin((x - loc) / 2).square()


def _log_density(d: VonMises, x: Tensor, below: Tensor | None = None) -> Tensor:
    (k,) = last(d.concentration)
    return -k * _turn(d, x) - (2 * math.pi * torch.special.i0e(k)).log()


def _log_ratio(p: VonMises, q: VonMises, x: Tensor, below: Tensor | None = None) -> Tensor:
    """−κ·(1 − cos): by the difference of the κ, less its mean, and by that of the cosines, less what log I₀ bends."""
    (loc_p, k_p), (loc_q, k_q) = (last(d.loc, d.concentration) for d in (p, q))
    half = (loc_p - loc_q) / 2
    cosines = 2 * torch.sin(x - loc_q - half) * torch.sin(half)
    k_all_p, k_all_q = torch.broadcast_tensors(p.concentration, q.concentration)
    _, away, _ = _moments(k_all_q)
    return k_q * cosines - (k_p - k_q) * (_turn(p, x) - last(away)[0]) - last(_bregman(k_all_q, k_all_p))[0]


def _support(d: VonMises) -> tuple[Tensor, Tensor]:
    end = torch.full(d.batch_shape, math.pi, dtype=torch.float64, device=d.loc.device)
    return -end, end


def _cuts(d: VonMises) -> Tensor:
    """A Gaussian's panels about loc, as near to ±π as they come, and eighths of the circle."""
    loc, k = last(d.loc, d.concentration)
    bell = loc + k.new_tensor(NORMAL_OFFSETS) / k.clamp_min(1.0).sqrt()
    around = torch.remainder(bell + math.pi, 2 * math.pi) - math.pi
    eighths = torch.linspace(-math.pi, math.pi, 9, dtype=k.dtype, device=k.device).expand(*around.shape[:-1], -1)
    return torch.cat([around, eighths], -1)


def _ends(d: VonMises) -> tuple[End, End]:
    end = End(LOG, torch.zeros_like(d.concentration))
    return end, end


DENSITY = register_density(
    VonMises,
    DensitySpec(
        arguments=("loc", "concentration"),
        support=_support,
        log_density=_log_density,
        quantile=lambda d, u: float(stats.vonmises.ppf(u, d.concentration.item(), d.loc.item())),
        cuts=_cuts,
        ends=_ends,
        log_ratio=_log_ratio,
    ),
)


def _moments(k: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean of cos x, of 1 − cos x, and their variance under a von Mises of concentration k at 0: integrals of positive terms only.

    By parts, the mean of cos x is k times that of sin² x.
    """
    reach = torch.minimum(torch.full_like(k, math.pi), 16 / k.clamp_min(1e-3).sqrt()).detach().unsqueeze(-1)
    x, weights = panels(reach * torch.linspace(0, 1, 7, dtype=k.dtype, device=k.device))
    turn = 2 * torch.sin(x / 2).square()  # 1 − cos x
    mass = weights * torch.exp(-k.unsqueeze(-1) * turn)
    mass = mass / mass.sum(-1, keepdim=True)
    away = (mass * turn).sum(-1, keepdim=True)
    mean = k * (mass * torch.sin(x).square()).sum(-1)
    return mean, away.squeeze(-1), (mass * (turn - away).square()).sum(-1)


def _turned(p: VonMises, q: VonMises) -> Tensor:
    """1 − cos(loc_p − loc_q), with all its digits next to a full turn too."""
    high, low = two_difference(p.loc, q.loc)
    return 2 * (torch.sin(high / 2) + torch.cos(high / 2) * low.detach() / 2).square()


@register_closed_form(VonMises, VonMises)
def kl_von_mises_von_mises(p: VonMises, q: VonMises) -> Tensor:
    """A(κ_p)·κ_q·(1 − cos Δ) + ∫ from κ_p to κ_q of (κ_q − x)·A′(x) dx, A = I₁/I₀ the mean of cos.

    The integral is the Bregman divergence of log I₀, and A′ the variance of cos; over log(1 + x), where both are smooth.
    """
    k_p, k_q = torch.broadcast_tensors(p.concentration, q.concentration)
    mean, _, _ = _moments(k_p)
    return mean * k_q * _turned(p, q) + _bregman(k_p, k_q)


def _bregman(k_p: Tensor, k_q: Tensor) -> Tensor:
    """∫ from κ_p to κ_q of (κ_q − x)·A′(x) dx."""
    x, rest, weights = between(k_p, k_q, 1)
    _, _, variance = _moments(x)
    return (weights * rest * variance).sum(-1)
