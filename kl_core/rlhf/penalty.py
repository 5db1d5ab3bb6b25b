"""Losses with a KL penalty as language models are trained with: RLHF's, PPO's clipping, GRPO's, and a controller of β.

All log-probabilities are of tokens that were sampled, in nats. β is in units of reward a nat, so a β means nothing
without the reward's scale, and without knowing whether the KL is per token or per sequence.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..estimates.estimators import ESTIMATORS, k1

__all__ = ["rlhf_loss", "adaptive_beta", "group_advantages", "clipped_surrogate", "grpo_loss"]


def rlhf_loss(reward: Tensor, logprobs_current: Tensor, logprobs_reference: Tensor, beta: float = 0.05) -> tuple[Tensor, float]:
    """(−reward + β·estimate, estimate), estimate = mean over tokens of log π_θ − log π_ref: k1 of KL(π_θ‖π_ref).

    reward: a scalar. logprobs_current, logprobs_reference: (tokens,), of tokens drawn from π_θ.
    A KL is never negative, but this estimate of it may be, and then the penalty is a bonus. Differentiated as it
    stands its penalty has mean gradient 0 on-policy: `kl_core.estimates.estimator_gradients`.
    """
    estimate = k1(logprobs_current, logprobs_reference).mean()
    return -reward + beta * estimate, estimate.item()


def adaptive_beta(beta: float, kl: float, target: float, n_steps: int, horizon: int = 10_000) -> float:
    """β·(1 + e·n_steps/horizon), e = KL/target − 1 cut to ±0.2: raises β while the KL is above its target.

    kl, target: in nats, of the same kind, both per sequence or both per token. n_steps: samples seen since the last
    call. horizon: samples over which β may change by some 20 %. (Ziegler et al. 2019, arXiv 1909.08593, §2.2.)
    ValueError for a target or horizon that is not positive, or a negative or NaN beta.
    """
    for name, value in (("target", target), ("horizon", horizon)):
        if not value > 0:
            raise ValueError(f"{name} is {value}; it is a number above 0")
    if not beta >= 0:
        raise ValueError(f"beta is {beta}; it is a number of at least 0")
    error = min(max(kl / target - 1, -0.2), 0.2)
    return beta * (1 + error * n_steps / horizon)


def group_advantages(rewards: Tensor, *, scale: bool = True) -> Tensor:
    """Rewards less their group's mean, over the group's standard deviation if `scale`; (..., group). The deviation divides by n − 1.

    Dividing by the deviation, as GRPO does (DeepSeekMath 2024, arXiv 2402.03300), also divides it out of the balance
    with the KL penalty: the β that was meant becomes β times the deviation. A group of equal rewards gives 0.
    """
    centred = rewards - rewards.mean(-1, keepdim=True)
    return centred / (rewards.std(-1, keepdim=True) + 1e-8) if scale else centred


def clipped_surrogate(log_policy: Tensor, log_old: Tensor, advantages: Tensor, clip: float = 0.2, clip_high: float | None = None) -> Tensor:
    """min(ρ·A, clamp(ρ, 1 − clip, 1 + clip_high)·A) of each token, ρ = π/π_old; to be maximised (Schulman et al. 2017).

    clip_high: None for the same as clip; DAPO has 0.28 beside 0.2, to let rare tokens rise (Yu et al. 2025, arXiv 2503.14476).
    """
    ratio = (log_policy - log_old).exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + (clip if clip_high is None else clip_high)) * advantages)


def grpo_loss(
    log_policy: Tensor,
    log_old: Tensor,
    log_reference: Tensor,
    advantages: Tensor,
    mask: Tensor | None = None,
    *,
    beta: float = 0.04,
    clip: float = 0.2,
    clip_high: float | None = None,
    estimator: str = "k3",
    length_normalise: bool = True,
    token_mean: bool = False,
) -> Tensor:
    """GRPO's loss for one group of sequences, a scalar: −mean over sequences of Σ over tokens (surrogate − β·estimate).

    log_policy, log_old, log_reference: (group, tokens). advantages: (group,) or (group, tokens). mask: (group, tokens), 1 at
    a sequence's tokens and 0 after its end, where the others may hold anything and have gradient 0. estimator: "k1", "k2"
    or "k3"; the published loss has k3, whose gradient is that of KL(π_ref‖π), and k1's has mean 0. length_normalise: each
    sum over the sequence's length, as published; without it, as in Dr. GRPO (Liu et al. 2025, arXiv 2503.20783), long wrong
    answers are not spared. token_mean: instead the mean over all tokens of the group, as in DAPO. clip_high: as in
    `clipped_surrogate`.
    ValueError for an unknown estimator.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator is {estimator!r}; it is one of {', '.join(ESTIMATORS)}")
    mask = torch.ones_like(log_policy) if mask is None else mask.to(log_policy.dtype)
    advantages = advantages if advantages.dim() == log_policy.dim() else advantages.unsqueeze(-1)
    # Before the exponentials: 0 times what they make of a token that does not count may be NaN, and so is its gradient.
    only = lambda value: torch.where(mask > 0, value, torch.zeros((), dtype=value.dtype, device=value.device))
    log_policy, log_old, log_reference, advantages = map(only, (log_policy, log_old, log_reference, advantages))
    gain = clipped_surrogate(log_policy, log_old, advantages, clip, clip_high)
    gain = (gain - beta * ESTIMATORS[estimator](log_policy, log_reference)) * mask
    if token_mean:
        return -gain.sum() / mask.sum().clamp_min(1)
    total = gain.sum(-1)
    return -(total / mask.sum(-1).clamp_min(1) if length_normalise else total).mean()
