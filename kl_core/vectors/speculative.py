"""Speculative decoding: a small draft Q proposes tokens, a large target P keeps or replaces them, and what is left is exactly P.

A drafted token x ~ Q is kept with probability min(1, p(x)/q(x)). The first one that is not is replaced by a draw from the
residual max(0, p − q)/TV, and where all γ are kept P adds a token of its own (Leviathan, Kalman & Matias 2022, arXiv 2211.17192;
Chen et al. 2023, arXiv 2302.01318). A draft is kept with probability Σ min(p, q) = 1 − TV(P, Q), which either KL bounds from below.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .probabilities import checked_probs

__all__ = [
    "acceptance",
    "acceptance_of_token",
    "residual",
    "pinsker_bound",
    "bretagnolle_huber_bound",
    "expected_tokens",
    "speed_up",
    "tempered",
    "SpeculativeRun",
    "speculative_run",
]


def acceptance(p: Tensor, q: Tensor) -> Tensor:
    """Σ min(p, q) = 1 − TV(P, Q): the probability that a token drafted from Q is kept. p, q: (..., k) probabilities; the answer (...)."""
    p, q = _normalised(p, q)
    return torch.minimum(p, q).sum(-1)


def acceptance_of_token(p: Tensor, q: Tensor) -> Tensor:
    """min(1, p(x)/q(x)), (..., k): the probability that a drafted x is kept; 1 where Q never drafts it."""
    p, q = _normalised(p, q)
    return torch.where(q > p, p / torch.where(q > p, q, 1.0), 1.0)


def residual(p: Tensor, q: Tensor) -> Tensor:
    """max(0, p − q)/TV, (..., k): what P draws from in place of a draft that was not kept. Where p = q none is, and the answer is p."""
    p, q = _normalised(p, q)
    rest = (p - q).clamp_min(0.0)
    total = rest.sum(-1, keepdim=True)
    return torch.where(total > 0, rest / torch.where(total > 0, total, 1.0), p)


def pinsker_bound(kl: Tensor | float) -> Tensor:
    """1 − √(KL/2), at most the acceptance, by Pinsker's TV ≤ √(KL/2); below 0, where it says nothing, from KL = 2 nats on.

    kl: KL(P‖Q) or KL(Q‖P), in nats; −inf where it is inf.
    """
    return 1 - (_double(kl) / 2).sqrt()


def bretagnolle_huber_bound(kl: Tensor | float) -> Tensor:
    """1 − √(1 − e^−KL), at most the acceptance, by Bretagnolle & Huber's TV ≤ √(1 − e^−KL); always at least 0, which it is at inf.

    kl: either direction, in nats. It is the better of the two bounds from KL = 1.594 nats on, where 1 − e^−KL = KL/2.
    """
    return 1 - (-torch.expm1(-_double(kl))).sqrt()


def expected_tokens(accepted: Tensor | float, gamma: int) -> Tensor:
    """(1 − a^(γ+1))/(1 − a) = 1 + a + … + a^γ: tokens per call of P, from 1 to γ + 1 (Leviathan et al. 2022, eq. 1).

    accepted: a in [0, 1], of any shape, independent from token to token. gamma: drafted tokens per call, at least 0.
    """
    accepted = _double(accepted).unsqueeze(-1)
    return (accepted ** torch.arange(gamma + 1, dtype=torch.float64, device=accepted.device)).sum(-1)


def speed_up(accepted: Tensor | float, gamma: int, cost: float) -> Tensor:
    """Expected tokens ÷ (γ·cost + 1): how many times as fast as P alone (Leviathan et al. 2022, theorem 3.8).

    cost: the time of one call of Q, in calls of P. P must score γ + 1 tokens in the time of one.
    """
    return expected_tokens(accepted, gamma) / (gamma * cost + 1)


def tempered(probs: Tensor, temperature: float) -> Tensor:
    """p^(1/T) over its sum, (..., k): softmax(logits/T) written for probabilities. temperature: above 0; zeros stay zeros."""
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}; it is above 0")
    return (torch.as_tensor(probs).double().log() / temperature).softmax(-1)


@dataclass(frozen=True)
class SpeculativeRun:
    """Steps of drafting and checking. drafts: (steps, γ) tokens from Q; accepted: (steps,) how many of them from the left P keeps;
    last: (steps,) the token that P says then, from the residual or, where all were kept, from P itself."""

    drafts: Tensor
    accepted: Tensor
    last: Tensor

    @property
    def text(self) -> Tensor:
        """(tokens,) all that was said, in order: kept drafts and P's own tokens."""
        steps, gamma = self.drafts.shape
        place = torch.arange(gamma + 1, device=self.drafts.device).expand(steps, gamma + 1)
        said = (place < self.accepted.unsqueeze(-1)) | (place == gamma)
        return torch.cat([self.drafts, self.last.unsqueeze(-1)], -1)[said]


def speculative_run(p: Tensor, q: Tensor, gamma: int, steps: int, seed: int) -> SpeculativeRun:
    """`steps` calls of P on drafts of γ independent tokens from Q, the same for the same seed. p, q: (k,) probabilities."""
    if gamma < 1 or steps < 1:
        raise ValueError(f"gamma and steps are {gamma} and {steps}; both are at least 1")
    p, q = _normalised(p, q)
    generator = torch.Generator(p.device).manual_seed(seed)
    drafts = torch.multinomial(q, steps * gamma, replacement=True, generator=generator).view(steps, gamma)
    uniform = torch.rand(steps, gamma, dtype=torch.float64, generator=generator, device=p.device)
    accepted = (uniform < acceptance_of_token(p, q)[drafts]).long().cumprod(-1).sum(-1)
    replaced = torch.multinomial(residual(p, q), steps, replacement=True, generator=generator)
    added = torch.multinomial(p, steps, replacement=True, generator=generator)
    return SpeculativeRun(drafts, accepted, torch.where(accepted < gamma, replaced, added))


def _normalised(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    p, q, _ = checked_probs(p, q)
    return p / p.sum(-1, keepdim=True), q / q.sum(-1, keepdim=True)


def _double(value: Tensor | float) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64)
