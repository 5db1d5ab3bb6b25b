"""Which direction should the penalty have? Both optima for one choice between a few answers, side by side.

Averaged under the policy, β·KL(π‖π_ref), the optimum is π_ref·exp(r/β)/Z; averaged under the reference, β·KL(π_ref‖π), it
is β·π_ref/(λ − r). Both keep every answer at every β > 0, and answers of equal reward keep the reference's odds in both.
Which one collapses more depends on β and on the rewards (GX-Chen et al. 2025, arXiv 2510.20817).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .single_step import optimum_from_reference, optimum_to_reference

__all__ = ["Choice", "CHOICES", "Side", "Directions", "directions"]


@dataclass(frozen=True)
class Choice:
    """A few answers. reference: π_ref, weights that are normalised; reward: one number each; hack: the place of the answer
    that the reward likes and nobody wants; beta: a β that shows the point. more_collapsed: "reverse" or "forward", the
    direction that puts more on the hack there.
    """

    name: str
    answers: tuple[str, ...]
    reference: tuple[float, ...]
    reward: tuple[float, ...]
    hack: int
    beta: float
    more_collapsed: str


_ANSWERS = ("helpful", "short", "polite", "odd", "rare", "hack")
CHOICES = {
    choice.name: choice
    for choice in (
        Choice("a rare hack", _ANSWERS, (0.30, 0.25, 0.20, 0.15, 0.09, 0.01), (1.0, 0.6, 0.4, 0.0, 0.8, 2.0), 5, 0.3, "forward"),
        Choice(
            "a common, well-paid hack", _ANSWERS, (0.30, 0.25, 0.20, 0.10, 0.05, 0.10), (1.0, 0.6, 0.4, 0.0, 0.8, 3.0), 5, 0.3, "reverse"
        ),
    )
}


@dataclass(frozen=True)
class Side:
    """One optimum. policy: (k,). multiple: (k,) π*/π_ref, how many times as likely as before. odds: (k,) π*/(1 − π*).

    kl: the divergence that this side pays for, in its own direction; entropy; both in nats. reward: mean.
    hack: share on the hack. multiplier: λ of the forward side, β·log Z of the reverse one, in reward units.
    """

    policy: Tensor
    multiple: Tensor
    odds: Tensor
    kl: float
    entropy: float
    reward: float
    hack: float
    multiplier: float


@dataclass(frozen=True)
class Directions:
    """reverse: of β·KL(π‖π_ref), averaged under π; forward: of β·KL(π_ref‖π), averaged under π_ref."""

    beta: float
    reverse: Side
    forward: Side

    @property
    def more_collapsed(self) -> str:
        """The direction that puts more on the hack; "reverse" where both put the same."""
        return "forward" if self.forward.hack > self.reverse.hack else "reverse"


def directions(reference: Sequence[float] | Tensor, reward: Sequence[float] | Tensor, beta: float, hack: int = -1) -> Directions:
    """Both optima, exactly. reference: (k,) positive weights, normalised here; reward: (k,) finite; beta in (0, ∞].

    ValueError for other arguments, naming what is wrong.
    """
    weights, reward = torch.as_tensor(reference, dtype=torch.float64), torch.as_tensor(reward, dtype=torch.float64)
    if weights.dim() != 1 or weights.shape != reward.shape or len(weights) < 2:
        raise ValueError("reference and reward must be two lists of the same length, at least two answers each")
    if not bool((weights.isfinite() & (weights > 0)).all()):
        raise ValueError("reference needs a finite number above 0 for every answer")
    if not -len(weights) <= hack < len(weights):
        raise ValueError(f"hack is {hack}; it is the place of one of the {len(weights)} answers")
    log_ref = (weights / weights.sum()).log()
    to = optimum_to_reference(log_ref, reward, beta)
    away = optimum_from_reference(log_ref, reward, beta)
    # At a stationary point these are the same for every answer; at β = ∞ both tend to the mean reward.
    mean = float(log_ref.exp() @ reward)
    soft = float((reward + beta * (log_ref - to))[0]) if beta < float("inf") else mean
    lagrange = float((reward + beta * (log_ref - away).exp())[0]) if beta < float("inf") else float("inf")
    return Directions(
        float(beta),
        _side(to, log_ref, reward, hack, float((to.exp() * (to - log_ref)).sum()), soft),
        _side(away, log_ref, reward, hack, float((log_ref.exp() * (log_ref - away)).sum()), lagrange),
    )


def _side(log_policy: Tensor, log_ref: Tensor, reward: Tensor, hack: int, kl: float, multiplier: float) -> Side:
    policy = log_policy.exp()
    entropy = -float(torch.where(policy > 0, policy * log_policy, 0.0).sum())
    rest = torch.stack([torch.cat([policy[:i], policy[i + 1 :]]).sum() for i in range(len(policy))])  # keeps its digits near 1
    return Side(
        policy,
        (log_policy - log_ref).exp(),
        policy / rest,
        max(kl, 0.0),
        max(entropy, 0.0),
        float(policy @ reward),
        float(policy[hack]),
        multiplier,
    )
