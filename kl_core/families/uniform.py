"""Uniform: all of an interval alike, and nothing outside."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Laplace, Normal, Uniform, constraints

from ..density import LOG, DensitySpec, End, last, register_density
from ..numerics.log_excess import h
from ..registry import register_closed_form
from .family import Affine, Family, Parameter

LOW = Parameter("low", "a", "left end", constraints.real, "a finite number, less than high", low=-6, high=6, step=0.1, default=-1.0)
HIGH = Parameter("high", "b", "right end", constraints.real, "a finite number, greater than low", low=-6, high=6, step=0.1, default=1.0)


def _build(low: Tensor, high: Tensor) -> Uniform:
    wrong = low >= high
    if bool(wrong.any()):
        low, high = (value[wrong][0].item() for value in torch.broadcast_tensors(low, high))
        raise ValueError(f"high = {high:g} is outside the domain of Uniform's high: a number greater than low = {low:g}")
    return Uniform(low, high)


FAMILY = Family(
    "uniform",
    "Uniform",
    "continuous",
    (LOW, HIGH),
    _build,
    "low ≤ x ≤ high",
    Affine(shift=("value", "low"), stretch=("difference", "high", "low")),
    rank=6,
)


def _log_density(d: Uniform, x: Tensor, below: Tensor | None = None) -> Tensor:
    low, high = last(d.low, d.high)
    return -(high - low).log() + torch.zeros_like(x)


def _cuts(d: Uniform) -> Tensor:
    return torch.stack([d.low, (d.low + d.high) / 2, d.high], -1)


def _ends(d: Uniform) -> tuple[End, End]:
    end = End(LOG, torch.zeros_like(d.low))
    return end, end


DENSITY = register_density(
    Uniform,
    DensitySpec(
        arguments=("low", "high"),
        support=lambda d: (d.low, d.high),
        log_density=_log_density,
        quantile=lambda d, u: (d.low + u * (d.high - d.low)).item(),
        cuts=_cuts,
        ends=_ends,
        entropy=lambda d: (d.high - d.low).log(),
    ),
)


@register_closed_form(Uniform, Uniform)
def kl_uniform_uniform(p: Uniform, q: Uniform) -> Tensor:
    """log of Q's width over P's where Q covers P, otherwise inf."""
    inside = (q.low <= p.low) & (p.high <= q.high)
    # Both margins are ≥ 0 inside, and exact when small.
    margin = torch.where(inside, (q.high - p.high) + (p.low - q.low), 0.0)
    return torch.where(inside, torch.log1p(margin / (p.high - p.low)), torch.inf)


@register_closed_form(Uniform, Normal)
def kl_uniform_normal(p: Uniform, q: Normal) -> Tensor:
    """½·h(w²/12σ²) + ½·((m − μ)/σ)² + ½·log(πe/6), m and w the middle and width of P; never below the last, 0.176."""
    ratio = (p.high - p.low) / q.scale
    z = ((p.low - q.loc) + (p.high - q.loc)) / 2 / q.scale
    return 0.5 * h(ratio * ratio / 12) + 0.5 * z * z + 0.5 * math.log(math.pi * math.e / 6)


@register_closed_form(Uniform, Laplace)
def kl_uniform_laplace(p: Uniform, q: Laplace) -> Tensor:
    """h(A/b) + log(4A/w) + 1 − log 2, where A = E_P|x − μ| ≥ w/4."""
    width = p.high - p.low
    offset = ((p.low - q.loc) + (p.high - q.loc)).abs() / width  # of Q's centre from P's, in half-widths
    excess = torch.where(offset <= 1, offset * offset, 2 * offset - 1)
    return h(width * (1 + excess) / (4 * q.scale)) + torch.log1p(excess) + (1 - math.log(2))
