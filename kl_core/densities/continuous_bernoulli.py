"""Continuous Bernoulli: e^(ηx) on (0, 1), η the logit of `probs` (Loaiza-Ganem & Cunningham 2019, arXiv 1907.06845)."""

from __future__ import annotations

import math
from fractions import Fraction

import torch
from torch import Tensor
from torch.distributions import ContinuousBernoulli

from ..density import DEPTHS, LOG, DensitySpec, End, given_as, last, register_density, unit_interval
from ..numerics.polynomials import polynomial
from ..numerics.quadrature import panels
from ..registry import register_closed_form

_BERNOULLI = [Fraction(1, 6), Fraction(-1, 30), Fraction(1, 42), Fraction(-1, 30), Fraction(5, 66), Fraction(-691, 2730)]
_BERNOULLI += [Fraction(7, 6), Fraction(-3617, 510), Fraction(43867, 798), Fraction(-174611, 330)]
# log(sinh(η/2)/(η/2)) = Σ B₂ₖ·η²ᵏ/(2k·(2k)!) and its second derivative, as series in η², the highest power first.
_LOG_SINHC = tuple(float(b / (2 * k * math.factorial(2 * k))) for k, b in enumerate(_BERNOULLI, 1))[::-1]
_VARIANCE = tuple(float(b * (2 * k - 1) / math.factorial(2 * k)) for k, b in enumerate(_BERNOULLI, 1))[::-1]


def _logit(d: ContinuousBernoulli) -> Tensor:
    return d.logits if given_as(d) == "logits" else d.probs.log() - torch.log1p(-d.probs)


def _log_normaliser(eta: Tensor) -> Tensor:
    """log ∫ e^(ηx) dx = η/2 + log(sinh(η/2)/(η/2))."""
    near = eta.abs() < 1
    small, size = torch.where(near, eta, 0.0), torch.where(near, 1.0, eta).abs()
    far = size / 2 + torch.log(-torch.expm1(-size)) - size.log()
    return eta / 2 + torch.where(near, polynomial(_LOG_SINHC, small * small) * small * small, far)


def _variance(eta: Tensor) -> Tensor:
    """Of x: 1/η² − 1/(4·sinh²(η/2))."""
    near = eta.abs() < 1
    small, size = torch.where(near, eta, 0.0), torch.where(near, 1.0, eta).abs()
    far = size**-2 - torch.exp(-size) / torch.expm1(-size).square()
    return torch.where(near, polynomial(_VARIANCE, small * small), far)


def _log_density(d: ContinuousBernoulli, x: Tensor, below: Tensor | None = None) -> Tensor:
    """From the side where the mass is: η·x less the normaliser is −η·(1 − x) less that of −η."""
    (eta,) = last(_logit(d))
    below = 1 - x if below is None else below
    return torch.where(eta > 0, -eta * below - _log_normaliser(-eta), eta * x - _log_normaliser(eta))


def _cuts(d: ContinuousBernoulli) -> Tensor:
    rate = _logit(d).abs().clamp_min(1.0).unsqueeze(-1)
    return torch.tensor((0.0, *DEPTHS), dtype=rate.dtype, device=rate.device).div(rate).clamp_max(0.5)


def _ends(d: ContinuousBernoulli) -> tuple[End, End]:
    end = End(LOG, torch.zeros_like(_logit(d)))
    return end, end


def _quantile(d: ContinuousBernoulli, u: float) -> float:
    eta = _logit(d).item()
    return u if abs(eta) < 1e-9 else math.log1p(u * math.expm1(eta)) / eta if eta < 700 else 1 + math.log(u) / eta


DENSITY = register_density(
    ContinuousBernoulli,
    DensitySpec(
        arguments=("probs",),
        support=unit_interval,
        log_density=_log_density,
        quantile=_quantile,
        cuts=_cuts,
        cuts_below=_cuts,
        ends=_ends,
    ),
)


@register_closed_form(ContinuousBernoulli, ContinuousBernoulli)
def kl_continuous_bernoulli_continuous_bernoulli(p: ContinuousBernoulli, q: ContinuousBernoulli) -> Tensor:
    """The Bregman divergence of the log-normaliser: δ²·∫(1 − t)·Var(η_p + tδ) dt, δ = η_q − η_p; every part is positive."""
    eta_p, eta_q = torch.broadcast_tensors(_logit(p), _logit(q))
    delta = (eta_q - eta_p).unsqueeze(-1)
    # Variance falls off like 1/η², with its poles at ±2πi: panels of at most 3 about 0, and graded by the square root of η beyond.
    count = 1 + math.ceil(delta.detach().abs().amax().item() / 3) if delta.numel() else 1
    t, weights = panels(torch.linspace(0, 1, min(count, 600) + 1, dtype=delta.dtype, device=delta.device))
    return (weights * (1 - t) * _variance(eta_p.unsqueeze(-1) + t * delta)).sum(-1) * delta.squeeze(-1).square()
