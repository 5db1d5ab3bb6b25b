"""Three answers and every method's path on one landscape: two logits, the objective over them, and where each method goes.

The smallest choice with a landscape: a softmax over three answers has two logits that matter, the third stays at the
reference's. Each method follows the mean of its gradient, without samples, so that paths differ by method alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .preferences import preference_margin
from .single_step import optimum_from_reference, optimum_to_reference

__all__ = ["PATH_METHODS", "Landscape", "objective_landscape", "method_path"]

PATH_METHODS = ("policy_gradient", "natural_gradient", "grpo", "dr_grpo", "dpo", "chi_po", "forward_kl")


@dataclass(frozen=True)
class Landscape:
    """first, second: (points,) shifts of the first two logits from the reference's. value: (points, points) E_π[r] − β·KL(π‖π_ref),
    rows by the second shift. best, best_forward: (2,) where it is greatest, and where E_π[r] − β·KL(π_ref‖π) is."""

    first: Tensor
    second: Tensor
    value: Tensor
    best: Tensor
    best_forward: Tensor


def _checked(reference: Sequence[float], reward: Sequence[float], beta: float) -> tuple[Tensor, Tensor]:
    weights, rewards = torch.as_tensor(reference, dtype=torch.float64), torch.as_tensor(reward, dtype=torch.float64)
    if weights.shape != (3,) or rewards.shape != (3,):
        raise ValueError("a landscape needs three answers: three weights and three rewards")
    if not bool((weights > 0).all() and weights.isfinite().all() and rewards.isfinite().all()):
        raise ValueError("weights are finite numbers above 0, and rewards finite numbers")
    if not 0 < beta < math.inf:
        raise ValueError(f"beta is {beta}; it is a finite number above 0")
    return (weights / weights.sum()).log(), rewards


def _log_policy(log_reference: Tensor, shift: Tensor) -> Tensor:
    """(..., 3) from shifts (..., 2) of the first two logits."""
    return (log_reference + torch.cat([shift, torch.zeros_like(shift[..., :1])], -1)).log_softmax(-1)


def objective_landscape(
    reference: Sequence[float], reward: Sequence[float], beta: float, points: int = 81, reach: float | None = None
) -> Landscape:
    """The objective over both shifts, from −reach to reach around what all optima need (None: 1.4 times the farthest)."""
    log_reference, rewards = _checked(reference, reward, beta)
    shift_of = lambda log_policy: ((log_policy - log_reference) - (log_policy - log_reference)[2])[:2]
    best = shift_of(optimum_to_reference(log_reference, rewards, beta))
    forward = shift_of(optimum_from_reference(log_reference, rewards, beta))
    reach = 1.4 * max(float(best.abs().max()), float(forward.abs().max()), 1.0) if reach is None else reach
    axis = torch.linspace(-reach, reach, points, dtype=torch.float64, device="cpu")
    log_policy = _log_policy(log_reference, torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1))
    policy = log_policy.exp()
    value = (policy * (rewards - beta * (log_policy - log_reference))).sum(-1)
    return Landscape(axis, axis, value, best, forward)


def method_path(
    reference: Sequence[float], reward: Sequence[float], beta: float, method: str, steps: int = 300, learning_rate: float = 0.3
) -> Tensor:
    """(steps + 1, 2) shifts of the first two logits, from the reference on, along the mean of a method's gradient.

    "policy_gradient": REINFORCE, and PPO before it clips, with k1 in the reward. "natural_gradient": the same through the
    inverse of Fisher's information. "grpo": the advantage over the reward's deviation under π, with k3 as a loss, whose
    mean gradient is ∇KL(π_ref‖π). "dr_grpo": without that division, and without a penalty. "dpo", "chi_po": the mean loss
    over all pairs of π_ref's answers. "forward_kl": E_π[r] − β·KL(π_ref‖π). ValueError for an unknown method.
    """
    if method not in PATH_METHODS:
        raise ValueError(f"method is {method!r}; it is one of {', '.join(PATH_METHODS)}")
    log_reference, rewards = _checked(reference, reward, beta)
    shift = torch.zeros(2, dtype=torch.float64, device="cpu")
    path = [shift]
    for _ in range(steps):
        shift = shift + learning_rate * _direction(log_reference, rewards, beta, method, shift)
        path.append(shift)
    return torch.stack(path)


def _direction(log_reference: Tensor, reward: Tensor, beta: float, method: str, shift: Tensor) -> Tensor:
    log_policy = _log_policy(log_reference, shift)
    policy, reference = log_policy.exp(), log_reference.exp()
    through = lambda gain: (policy * (gain - policy @ gain))[:2]  # Σ gain·∇π in the first two logits
    if method in ("policy_gradient", "natural_gradient"):
        gradient = through(reward - beta * (log_policy - log_reference))
        fisher = policy[:2].diag() - policy[:2].outer(policy[:2])
        return gradient if method == "policy_gradient" else torch.linalg.solve(fisher, gradient)
    towards = (reference - policy)[:2]  # −∇KL(π_ref‖π)
    if method == "grpo":
        deviation = (policy @ (reward - policy @ reward) ** 2).sqrt()
        return through(reward / (deviation + 1e-8)) + beta * towards
    if method == "dr_grpo":
        return through(reward)
    if method == "forward_kl":
        return through(reward) + beta * towards
    return _preference_direction(log_reference, reward, beta, method, shift)


def _preference_direction(log_reference: Tensor, reward: Tensor, beta: float, method: str, shift: Tensor) -> Tensor:
    moved = shift.detach().clone().requires_grad_()
    margin = preference_margin(_log_policy(log_reference, moved) - log_reference, beta, method)
    pairs = log_reference.exp().outer(log_reference.exp())
    likely = torch.sigmoid(reward.unsqueeze(-1) - reward)
    loss = -(pairs * likely * torch.nn.functional.logsigmoid(margin.unsqueeze(-1) - margin)).sum()
    return -torch.autograd.grad(loss, moved)[0]
