"""What is minimised over Q: the α-divergences from reverse to forward KL, and Jensen–Shannon, as integrands with slopes.

Every one is D = ∫ φ(log p, log q) dx with φ ≥ 0, and its slopes in Q's parameters θ need only ∂φ/∂log q and ∂²φ/∂(log q)²:
∂D = ∫ φ₁·∂log q and ∂²D = ∫ φ₂·∂log q·∂log qᵀ + φ₁·∂²log q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["DIVERGENCES", "Divergence", "alpha_between"]

_LOG_2 = math.log(2)


@dataclass(frozen=True)
class Divergence:
    """name: for links. label: for people. alpha: D_α of Minka (2005), 1 for KL(P‖Q), 0 for KL(Q‖P); None for Jensen–Shannon."""

    name: str
    label: str
    alpha: float | None

    def terms(self, log_p: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """φ, φ₁ and φ₂ at nodes, each of their shape; log_p may be −inf, where reverse KL is infinite."""
        return _js_terms(log_p, log_q) if self.alpha is None else _alpha_terms(self.alpha, log_p, log_q)


def alpha_between(alpha: float) -> Divergence:
    """D_α for any α from 0, reverse KL, to 1, forward KL; ValueError for another α."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha = {alpha:g} is outside its domain: a number from 0 (reverse KL) to 1 (forward KL)")
    named = next((one for one in DIVERGENCES.values() if one.alpha == alpha), None)
    return named or Divergence(f"alpha={alpha:g}", f"α-divergence, α = {alpha:g}", float(alpha))


DIVERGENCES = {
    one.name: one
    for one in (
        Divergence("forward", "forward KL(P‖Q)", 1.0),
        Divergence("hellinger", "Hellinger, α = ½", 0.5),
        Divergence("reverse", "reverse KL(Q‖P)", 0.0),
        Divergence("jensen-shannon", "Jensen–Shannon", None),
    )
}


def _alpha_terms(alpha: float, log_p: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """φ = (αp + (1 − α)q − v)/(α(1 − α)), v = p^α·q^(1 − α); φ₁ = (q − v)/α, φ₂ = φ₁ + v, and their limits at 0 and 1."""
    p, q, ratio = log_p.exp(), log_q.exp(), log_p - log_q
    if alpha == 1:
        near = ratio.abs() < 0.5
        gap = torch.where(near, -p * torch.expm1(-torch.where(near, ratio, 0.0)), p - q)  # p − q
        value = torch.where(p > 0, p * ratio.nan_to_num(0.0, 0.0, 0.0) - gap, q)
        return value, -gap, q
    if alpha == 0:
        first = torch.where(q > 0, -q * ratio, 0.0)
        near = ratio.abs() < 0.5
        gap = torch.where(near, q * torch.expm1(torch.where(near, ratio, 0.0)), p - q)
        return first + gap, first, first + q
    tilted = (log_q + alpha * torch.where(p > 0, ratio, -torch.inf)).exp()
    near = ratio.abs() < 0.5
    rise = torch.where(near, -q * torch.expm1(alpha * torch.where(near, ratio, 0.0)), q - tilted)  # q − v
    first = rise / alpha
    gap = torch.where(near, q * torch.expm1(torch.where(near, ratio, 0.0)), p - q)
    return (gap + first) / (1 - alpha), first, first + tilted


def _js_terms(log_p: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """φ = ½·(p·log(p/m) + q·log(q/m)), m = (p + q)/2; φ₁ = ½·q·log(q/m), φ₂ = φ₁ + ½·pq/(p + q)."""
    p, q, ratio = log_p.exp(), log_q.exp(), log_p - log_q
    soft = torch.nn.functional.softplus
    log_q_share = _LOG_2 - soft(ratio)  # log(q/m)
    log_p_share = torch.where(p > 0, _LOG_2 - soft(-ratio), 0.0)
    first = 0.5 * q * log_q_share
    total = p + q
    product = torch.where(total > 0, p * q / torch.where(total > 0, total, 1.0), 0.0)
    return 0.5 * p * log_p_share + first, first, first + 0.5 * product
