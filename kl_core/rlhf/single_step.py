"""One choice among a few actions: both penalised optima and best-of-n, exactly.

The penalty of RLHF is KL(π‖π_ref), with the policy under the expectation. Turned round, KL(π_ref‖π) makes another
optimum, which gives up no action that the reference takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["optimum_to_reference", "optimum_from_reference", "BestOfN", "best_of_n", "best_of_n_bound"]


def optimum_to_reference(log_reference: Tensor, reward: Tensor, beta: float) -> Tensor:
    """log of the policy that maximises E_π[r] − β·KL(π‖π_ref): π_ref·exp(r/β)/Z. Both (..., k), β in (0, ∞].

    Actions that the reference never takes stay at −inf. For reward = x under a standard normal this is N(1/β, 1), with
    KL = 1/(2β²): reward grows as √(2·KL).
    """
    log_reference, reward = _checked(log_reference, reward, beta)
    return (log_reference + (reward - reward.amax(-1, keepdim=True)) / beta).log_softmax(-1)


def optimum_from_reference(log_reference: Tensor, reward: Tensor, beta: float) -> Tensor:
    """log of the policy that maximises E_π[r] − β·KL(π_ref‖π): β·π_ref/(λ − r), λ such that it sums to 1.

    Both (..., k), β in (0, ∞]. λ lies in (max r, max r + β], r over the actions the reference takes. If an action that
    the reference never takes has a reward above that λ, λ is that reward and the action takes the mass left over
    (ties in equal parts): KL(π_ref‖π) charges nothing for mass where the reference has none.
    """
    log_reference, reward = _checked(log_reference, reward, beta)
    taken = log_reference > -torch.inf
    if math.isinf(beta):
        return log_reference.log_softmax(-1)
    top = torch.where(taken, reward, -torch.inf).amax(-1, keepdim=True)
    below = torch.where(taken, top - reward, 0.0)
    weight = beta * log_reference.softmax(-1)
    # f(u) = 1/Σ weight/(u + below), u = λ − top, rises and is concave: Newton's steps for f = 1 climb to the root
    # from the left, where the best action alone would have all the mass, and never pass it.
    u = torch.where(below == 0, weight, 0.0).sum(-1, keepdim=True)
    for _ in range(100):
        total = (weight / (u + below)).sum(-1, keepdim=True)
        step = total * (total - 1) / (weight / (u + below) ** 2).sum(-1, keepdim=True)
        u = u + step.clamp_min(0.0)
        if bool((step <= 1e-16 * u).all()):
            break
    outside = torch.where(taken, -torch.inf, reward).amax(-1, keepdim=True) - top
    policy = weight / (torch.maximum(u, outside) + below)
    best = ~taken & (reward - top == outside)
    rest = (1 - policy.sum(-1, keepdim=True)).clamp_min(0.0) * (outside > u)
    return (policy + best * rest / best.sum(-1, keepdim=True).clamp_min(1)).log()


def _checked(log_reference: Tensor, reward: Tensor, beta: float) -> tuple[Tensor, Tensor]:
    if not beta > 0:
        raise ValueError(f"beta is {beta}; it is a number above 0, or inf")
    if not bool(reward.isfinite().all()):
        raise ValueError(f"reward has the entry {reward[~reward.isfinite()][0].item():g}; rewards are finite")
    return torch.broadcast_tensors(log_reference, reward)


@dataclass(frozen=True)
class BestOfN:
    """log_policy: (k,) of the best of n draws. kl: KL(best-of-n‖reference) in nats. reward: its mean."""

    log_policy: Tensor
    kl: Tensor
    reward: Tensor


def best_of_n(log_reference: Tensor, reward: Tensor, n: int) -> BestOfN:
    """The distribution of the action with the greatest reward among n ≥ 1 independent draws from the reference; exact.

    log_reference, reward: (k,). A tie is won by any of the tied draws alike. With F the probability of a reward of at
    most this, a level of reward is won with probability Fⁿ − F₋ⁿ, and shared as the reference shares it.
    ValueError for n below 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; it is at least 1")
    probs = log_reference.softmax(-1)
    levels, index = reward.unique(return_inverse=True)  # in rising order
    mass = torch.zeros_like(levels).index_add_(0, index, probs)
    log_won = _log_won(mass, n)
    won = log_won.exp()
    log_share = torch.where(probs > 0, probs.log() - mass.log()[index], -torch.inf)
    kl = torch.where(won > 0, won * (log_won - mass.log()), 0.0).sum()
    return BestOfN(log_share + torch.where(probs > 0, log_won[index], -torch.inf), kl.clamp_min(0.0), won @ levels)


def _log_won(mass: Tensor, n: int) -> Tensor:
    """log(Fⁿ − F₋ⁿ) for levels in rising order with these probabilities; −inf for a level of none."""
    above = torch.cat([mass[1:].flip(0).cumsum(0).flip(0), mass.new_zeros(1)])
    below = mass.cumsum(0)
    # log F, from whichever side keeps its digits; the last level's is 0 exactly.
    log_upto = torch.where(above < 0.5, torch.log1p(-above.clamp(0, 1)), below.log())
    log_before = torch.cat([log_upto.new_full((1,), -torch.inf), log_upto[:-1]])
    fall = torch.where(log_before > -torch.inf, n * (log_before - log_upto), -torch.inf)
    return torch.where(mass > 0, n * log_upto + torch.log(-torch.expm1(fall)), -torch.inf)


def best_of_n_bound(n: Tensor | float) -> Tensor:
    """log n − (n − 1)/n nats: at least KL(best-of-n‖reference), and equal to it only without ties.

    n: at least 1, need not be whole. (Beirami et al. 2024, arXiv 2401.01879.)
    """
    n = torch.as_tensor(n, dtype=torch.float64)
    return n.log() - (n - 1) / n
