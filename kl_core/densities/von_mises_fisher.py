"""Von Mises–Fisher: a bell on the sphere in d dimensions, density ∝ e^(κ·mean·x); torch has no class for it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..families.normal import NORMAL_OFFSETS
from ..numerics.quadrature import between, panels

__all__ = ["kl_von_mises_fisher"]


def kl_von_mises_fisher(mean_p: Tensor, concentration_p: Tensor, mean_q: Tensor, concentration_q: Tensor) -> Tensor:
    """KL(P‖Q) in nats of two von Mises–Fisher distributions on the unit sphere of any dimension d ≥ 2; batch-shaped.

    mean_p, mean_q: (..., d) directions, of any length above 0. concentration_p, concentration_q: (...), κ ≥ 0. It is
    A(κ_p)·κ_q·(1 − cos Δ) + ∫ from κ_p to κ_q of (κ_q − x)·A′(x) dx, A the mean of the cosine to the mean direction and A′ its
    variance: as of the von Mises, whose case is d = 2 (Mardia & Jupp 2000, §9.3). Every part is positive. ValueError for
    shapes that do not fit, or a direction or κ that is none.
    """
    mean_p, mean_q = (torch.as_tensor(mean).double() for mean in (mean_p, mean_q))
    k_p, k_q = (torch.as_tensor(k, device=mean_p.device).double() for k in (concentration_p, concentration_q))
    dimension = mean_p.shape[-1] if mean_p.dim() else 0
    if dimension < 2 or mean_q.dim() == 0 or mean_q.shape[-1] != dimension:
        raise ValueError(f"mean_p and mean_q have the shapes {tuple(mean_p.shape)} and {tuple(mean_q.shape)}; both need (..., d), d ≥ 2")
    lengths = [mean.norm(dim=-1, keepdim=True) for mean in (mean_p, mean_q)]
    for name, length, k in zip("pq", lengths, (k_p, k_q)):
        if not bool(((length > 0) & (length < torch.inf)).all() and ((k >= 0) & (k < torch.inf)).all()):
            raise ValueError(f"mean_{name} needs a length above 0, and concentration_{name} is a finite number of at least 0")
    turned = (mean_p / lengths[0] - mean_q / lengths[1]).square().sum(-1) / 2
    turned, k_p, k_q = torch.broadcast_tensors(turned, k_p, k_q)
    mean, _ = _moments(k_p, dimension)
    return mean * k_q * turned + _bregman(k_p, k_q, dimension)


def _moments(k: Tensor, dimension: int) -> tuple[Tensor, Tensor]:
    """Mean and variance of cos θ, whose angle has the density sin^(d − 2) θ · e^(κ·cos θ), by panels about its mode.

    By parts, the mean of cos θ is κ/(d − 1) times that of sin² θ.
    """
    power = dimension - 2
    cosine = 2 * k / (power + (power * power + 4 * k * k).sqrt()).clamp_min(1e-300)
    mode = torch.arccos(cosine.clamp(0.0, 1.0)) if power else torch.zeros_like(k)
    sine_square = (1 - cosine * cosine).clamp_min(1e-300) if power else torch.ones_like(k)
    width = (power / sine_square + k * cosine).clamp_min(1 / math.pi**2).rsqrt()
    offsets = torch.tensor(NORMAL_OFFSETS, dtype=k.dtype, device=k.device)
    edges = mode.unsqueeze(-1) + width.unsqueeze(-1) * offsets
    whole = torch.linspace(0, math.pi, 9, dtype=k.dtype, device=k.device).expand(*k.shape, -1)
    angle, weights = panels(torch.cat([edges.clamp(0.0, math.pi), whole], -1).detach().sort(-1).values, 24)
    turn = 2 * torch.sin(angle / 2).square()  # 1 − cos θ
    exponent = (power * torch.sin(angle).log() if power else 0.0) - k.unsqueeze(-1) * turn
    mass = weights * (exponent - exponent.amax(-1, keepdim=True)).exp()
    mass = mass / mass.sum(-1, keepdim=True)
    away = (mass * turn).sum(-1, keepdim=True)
    return k / (dimension - 1) * (mass * torch.sin(angle).square()).sum(-1), (mass * (turn - away).square()).sum(-1)


def _bregman(k_p: Tensor, k_q: Tensor, dimension: int) -> Tensor:
    """∫ from κ_p to κ_q of (κ_q − x)·A′(x) dx; over log(d + x), A′ is smooth."""
    x, rest, weights = between(k_p, k_q, dimension)
    _, variance = _moments(x.clamp_min(0.0), dimension)
    return (weights * rest * variance).sum(-1)
