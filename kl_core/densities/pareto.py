"""Pareto: a power of x from a least value on. log(X/scale) is exponential."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Pareto

from ..density import DEPTHS, LOG, DensitySpec, End, last, log_rise, register_density
from ..numerics.log_excess import h
from ..registry import register_closed_form


def _log_density(d: Pareto, x: Tensor, below: Tensor | None = None) -> Tensor:
    scale, alpha = last(d.scale, d.alpha)
    return alpha.log() - alpha * (x / scale).log() - x.log()


def _log_density_of_log(d: Pareto, s: Tensor) -> Tensor:
    scale, alpha = last(d.scale, d.alpha)
    return alpha.log() - alpha * (s - scale.log())


def _log_ratio(p: Pareto, q: Pareto, x: Tensor, below: Tensor | None = None) -> Tensor:
    (scale_p, alpha_p), (scale_q, alpha_q) = (last(d.scale, d.alpha) for d in (p, q))
    rise = log_rise((scale_p - scale_q) / scale_q)
    return log_rise((alpha_p - alpha_q) / alpha_q) - (alpha_p - alpha_q) * (x / scale_p).log() + alpha_q * rise


def _log_edges(d: Pareto) -> Tensor:
    alpha = d.alpha.unsqueeze(-1)
    depths = torch.tensor((0.0, 0.25, *DEPTHS), dtype=alpha.dtype, device=alpha.device)
    return d.scale.log().unsqueeze(-1) + depths / alpha


def _cuts(d: Pareto) -> Tensor:
    """Each four times further out, to where e^−48 of the mass lies beyond."""
    least = d.alpha.detach().amin().item() if d.alpha.numel() else 1.0
    steps = torch.arange(min(math.ceil(DEPTHS[-1] / least / math.log(4)), 66) + 1, dtype=d.scale.dtype, device=d.scale.device)
    graded = d.scale.unsqueeze(-1) * 4.0**steps
    return torch.cat([graded, _log_edges(d).clamp(-690, 690).exp()], -1)


def _support(d: Pareto) -> tuple[Tensor, Tensor]:
    return d.scale, torch.full_like(d.scale, torch.inf)


DENSITY = register_density(
    Pareto,
    DensitySpec(
        arguments=("scale", "alpha"),
        support=_support,
        log_density=_log_density,
        quantile=lambda d, u: d.scale.item() * math.exp(-math.log1p(-u) / d.alpha.item()),
        cuts=_cuts,
        ends=lambda d: (End(LOG, torch.zeros_like(d.alpha)), End(LOG, d.alpha + 1)),
        entropy=lambda d: (d.scale / d.alpha).log() + 1 + 1 / d.alpha,
        log_ratio=_log_ratio,
        log_density_of_log=_log_density_of_log,
        cuts_of_log=_log_edges,
    ),
)


@register_closed_form(Pareto, Pareto)
def kl_pareto_pareto(p: Pareto, q: Pareto) -> Tensor:
    """h(α_q/α_p) + α_q·log(scale_p/scale_q); inf where Q begins above P."""
    scale_p, alpha_p, scale_q, alpha_q = torch.broadcast_tensors(p.scale, p.alpha, q.scale, q.alpha)
    rise = (scale_p - scale_q) / scale_q
    covered = rise >= 0
    value = h(alpha_q / alpha_p, (alpha_q - alpha_p) / alpha_p) + alpha_q * torch.log1p(torch.where(covered, rise, 0.0))
    return torch.where(covered, value, torch.inf)
