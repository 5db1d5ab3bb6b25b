"""Two or three answers and every method's path on one landscape: the objective over all policies, and where each method goes.

Of a softmax over k answers only k − 1 differences of logits matter, here those from the last answer's, counted from the
reference's. So with two answers a policy is one number and the landscape a profile; with three it is a plane. Each method
follows the mean of its gradient, without samples, so that paths differ by method alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .preferences import EXPONENT
from .single_step import optimum_from_reference, optimum_to_reference

__all__ = [
    "PATH_METHODS",
    "Landscape",
    "PathEnd",
    "Profile",
    "best_place",
    "method_path",
    "objective_landscape",
    "objective_profile",
    "optimum_end",
    "path_end",
]

PATH_METHODS = ("policy_gradient", "natural_gradient", "grpo", "dr_grpo", "dpo", "dpo_missing", "chi_po", "forward_kl")


def best_place(reward: Tensor) -> int:
    """Where the greatest reward is; the last of equals."""
    return len(reward) - 1 - int(reward.flip(0).argmax())


@dataclass(frozen=True)
class PathEnd:
    """Of a policy over the k answers: log_policy (k,), mean reward, KL(π‖π_ref) in nats, and objective E_π[r] − β·KL."""

    log_policy: Tensor
    reward: float
    kl: float
    objective: float


@dataclass(frozen=True)
class Landscape:
    """first, second: (points,) by how much log(π₁/π₃) and log(π₂/π₃) differ from the reference's. value: (points, points)
    E_π[r] − β·KL(π‖π_ref), rows by the second shift. best, best_forward: (2,) where it is greatest, and where E_π[r] − β·KL(π_ref‖π) is."""

    first: Tensor
    second: Tensor
    value: Tensor
    best: Tensor
    best_forward: Tensor


@dataclass(frozen=True)
class Profile:
    """share: (points,) π of the second of two answers, strictly between 0 and 1. value: (points,) E_π[r] − β·KL(π‖π_ref) there.
    best: the share at which it is greatest, π*."""

    share: Tensor
    value: Tensor
    best: float


_COUNTS = {2: "two", 3: "three"}


def _checked(
    reference: Sequence[float], reward: Sequence[float], beta: float, answers: Sequence[int] = tuple(_COUNTS)
) -> tuple[Tensor, Tensor]:
    """(k,) log π_ref and rewards, for k among `answers`."""
    weights, rewards = torch.as_tensor(reference, dtype=torch.float64), torch.as_tensor(reward, dtype=torch.float64)
    if weights.dim() != 1 or weights.shape != rewards.shape or len(weights) not in answers:
        named = " or ".join(_COUNTS[count] for count in answers)
        raise ValueError(
            f"reference and reward have the shapes {tuple(weights.shape)} and {tuple(rewards.shape)}; both need {named} answers"
        )
    if not bool((weights > 0).all() and weights.isfinite().all() and rewards.isfinite().all()):
        raise ValueError("weights are finite numbers above 0, and rewards finite numbers")
    if not 0 < beta < math.inf:
        raise ValueError(f"beta is {beta}; it is a finite number above 0")
    return (weights / weights.sum()).log(), rewards


def _log_policy(log_reference: Tensor, shift: Tensor) -> Tensor:
    """(..., k) from shifts (..., k − 1) of all logits but the last."""
    return (log_reference + torch.cat([shift, torch.zeros_like(shift[..., :1])], -1)).log_softmax(-1)


def objective_landscape(
    reference: Sequence[float], reward: Sequence[float], beta: float, points: int = 81, reach: float | None = None
) -> Landscape:
    """The objective over both shifts, from −reach to reach around what all optima need (None: 1.4 times the farthest); three answers."""
    log_reference, rewards = _checked(reference, reward, beta, [3])
    shift_of = lambda log_policy: ((log_policy - log_reference) - (log_policy - log_reference)[2])[:2]
    best = shift_of(optimum_to_reference(log_reference, rewards, beta))
    forward = shift_of(optimum_from_reference(log_reference, rewards, beta))
    reach = 1.4 * max(float(best.abs().max()), float(forward.abs().max()), 1.0) if reach is None else reach
    axis = torch.linspace(-reach, reach, points, dtype=torch.float64, device="cpu")
    log_policy = _log_policy(log_reference, torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1))
    policy = log_policy.exp()
    value = (policy * (rewards - beta * (log_policy - log_reference))).sum(-1)
    return Landscape(axis, axis, value, best, forward)


def objective_profile(reference: Sequence[float], reward: Sequence[float], beta: float, points: int = 201) -> Profile:
    """The objective over all policies on two answers, at even shares of the second; ValueError for another number of answers."""
    log_reference, rewards = _checked(reference, reward, beta, [2])
    share = (torch.arange(points, dtype=torch.float64, device="cpu") + 0.5) / points
    policy = torch.stack([1 - share, share], -1)
    value = (policy * (rewards - beta * (policy.log() - log_reference))).sum(-1)
    return Profile(share, value, float(optimum_to_reference(log_reference, rewards, beta)[1].exp()))


def path_end(reference: Sequence[float], reward: Sequence[float], beta: float, shift: Tensor) -> PathEnd:
    """What the policy at a place of the landscape, (k − 1,), is worth."""
    log_reference, rewards = _checked(reference, reward, beta)
    return _worth(log_reference, rewards, beta, _log_policy(log_reference, shift))


def optimum_end(reference: Sequence[float], reward: Sequence[float], beta: float) -> PathEnd:
    """π* and what it is worth."""
    log_reference, rewards = _checked(reference, reward, beta)
    return _worth(log_reference, rewards, beta, optimum_to_reference(log_reference, rewards, beta))


def _worth(log_reference: Tensor, rewards: Tensor, beta: float, log_policy: Tensor) -> PathEnd:
    mean, kl = float(log_policy.exp() @ rewards), float(log_policy.exp() @ (log_policy - log_reference))
    return PathEnd(log_policy, mean, max(kl, 0.0), mean - beta * max(kl, 0.0))


def method_path(
    reference: Sequence[float], reward: Sequence[float], beta: float, method: str, steps: int = 300, learning_rate: float = 0.3
) -> Tensor:
    """(steps + 1, k − 1) shifts of all logits but the last, from the reference on, along the mean of a method's gradient.

    "policy_gradient": REINFORCE, and PPO before it clips, with k1 in the reward. "natural_gradient": the same through the
    inverse of Fisher's information. "grpo": the advantage over the reward's deviation under π, with k3 as a loss, whose
    mean gradient is ∇KL(π_ref‖π). "dr_grpo": without that division, and without a penalty. "dpo", "chi_po": the mean loss
    over all pairs of π_ref's answers; "dpo_missing": over pairs without the answer of greatest reward (the last such),
    which ends where `preferences.dpo_limit` says; of two answers no pair is left, and nothing moves. "forward_kl":
    E_π[r] − β·KL(π_ref‖π). ValueError for an unknown method.
    """
    if method not in PATH_METHODS:
        raise ValueError(f"method is {method!r}; it is one of {', '.join(PATH_METHODS)}")
    log_reference, rewards = (table.numpy() for table in _checked(reference, reward, beta))  # for three numbers torch is ten times slower
    direction = _preference_direction if method in _BY_PAIRS else _reward_direction
    uphill = direction(log_reference, rewards, beta, method)
    path = np.zeros((steps + 1, len(rewards) - 1))
    for step in range(steps):
        logits = log_reference + np.append(path[step], 0.0)
        top = logits.max()
        gradient = uphill(logits - top - np.log(np.exp(logits - top).sum()))
        path[step + 1] = path[step] + learning_rate * (gradient[:-1] - gradient[-1])  # a softmax feels only differences
    return torch.from_numpy(path)


_BY_PAIRS = ("dpo", "dpo_missing", "chi_po")
_Table = npt.NDArray[np.float64]
_Uphill = Callable[[_Table], _Table]


def _reward_direction(log_reference: _Table, reward: _Table, beta: float, method: str) -> _Uphill:
    """From log π, (k,), the gradient of what the method maximises in all k logits."""
    reference = np.exp(log_reference)

    def uphill(log_policy: _Table) -> _Table:
        policy = np.exp(log_policy)
        penalised = reward - beta * (log_policy - log_reference)
        if method == "natural_gradient":
            return penalised  # Fisher's information takes π out again
        if method == "policy_gradient":
            return policy * (penalised - policy @ penalised)  # Σ gain·∇π
        centred = reward - policy @ reward
        towards = beta * (reference - policy) if method in ("grpo", "forward_kl") else 0.0  # −β·∇KL(π_ref‖π)
        deviation = np.sqrt(policy @ centred**2) + 1e-8 if method == "grpo" else 1.0
        return policy * centred / deviation + towards

    return uphill


def _preference_direction(log_reference: _Table, reward: _Table, beta: float, method: str) -> _Uphill:
    """From log π, (k,), downhill of the mean loss over pairs, −Σ P(pair)·P(first preferred)·log σ(margin of the first − of the second);
    margins as in `preferences.preference_margin`."""
    drawn = np.exp(log_reference)
    if method == "dpo_missing":
        drawn[best_place(torch.from_numpy(reward))] = 0.0
    chosen = np.outer(drawn, drawn) / drawn.sum() ** 2 / (1 + np.exp(np.minimum(reward - reward[:, None], _LARGEST)))

    def uphill(log_policy: _Table) -> _Table:
        log_ratio = log_policy - log_reference
        rho = np.exp(np.minimum(log_ratio, EXPONENT)) if method == "chi_po" else np.zeros_like(log_ratio)
        margin = beta * (log_ratio + rho)
        pull = chosen / (1 + np.exp(np.minimum(margin[:, None] - margin, _LARGEST)))
        slope = beta * (1 + np.where(log_ratio < EXPONENT, rho, 0.0)) * (pull.sum(1) - pull.sum(0))
        return slope - np.exp(log_policy) * slope.sum()

    return uphill


_LARGEST = 700.0  # e to more than that is no float
