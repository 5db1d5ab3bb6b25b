"""The gradient of one sample's KL estimate as a random vector: its mean and its covariance, exactly, for any sampler.

`estimator_gradients` has the means. Here is how far single samples scatter around them, for a choice between a few
actions (in the plane of what a softmax can feel: adding one number to all logits changes nothing) and for short
sequences of two words, token by token and as whole sequences. Sampled from an older policy μ, k3 as a loss goes astray,
and (π/μ)·k3, differentiated whole, has the mean ∇KL(π‖π_ref) again (DeepSeek-V3.2, arXiv 2512.02556).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .estimators import k3

__all__ = [
    "LOSSES",
    "GradientNoise",
    "NoisyGradients",
    "between",
    "plane",
    "action_gradients",
    "SEQUENCE_LOSSES",
    "sequence_gradients",
]

LOSSES = ("k1", "k2", "k3", "weighted_k2", "weighted_k3")
SEQUENCE_LOSSES = ("token_k2", "token_k3", "token_weighted_k3", "sequence_k1", "sequence_k2", "sequence_k3", "sequence_weighted_k3")
_MOST = 2**14


@dataclass(frozen=True)
class GradientNoise:
    """Of one sample's gradient: mean (d,) and covariance (d, d); n samples' mean has covariance/n."""

    mean: Tensor
    covariance: Tensor

    def angle(self, direction: Tensor) -> float:
        """Degrees between the mean and a direction (d,), from 0 to 180; NaN where the mean is 0 up to rounding."""
        size, length = float(self.mean.norm()), float(direction.norm())
        if size <= 1e-12 * length or length == 0:
            return math.nan
        # 2·atan2 of the unit vectors' difference and sum stays exact where acos of their product does not.
        unit, other = self.mean / size, direction / length
        return math.degrees(2 * math.atan2(float((unit - other).norm()), float((unit + other).norm())))

    def spread(self, samples: int = 1) -> float:
        """Root mean square distance of the mean of so many samples from its expectation: √(trace of the covariance/samples)."""
        return math.sqrt(float(self.covariance.trace()) / samples)

    def axes(self, samples: int = 1) -> Tensor:
        """(d, d) half-axes of the ellipse of one standard deviation of the mean of so many samples, as rows, the longest last."""
        values, vectors = torch.linalg.eigh(self.covariance / samples)
        return vectors.T * values.clamp_min(0.0).sqrt().unsqueeze(-1)

    def outline(self, points: int = 65, sds: float = 1.0, samples: int = 1) -> Tensor:
        """(points, 2) that ellipse as a closed line, for d = 2."""
        angle = torch.linspace(0, 2 * math.pi, points, dtype=self.mean.dtype, device=self.mean.device)
        circle = torch.stack([angle.cos(), angle.sin()], -1)
        return self.mean + sds * circle @ self.axes(samples)


@dataclass(frozen=True)
class NoisyGradients:
    """by_loss: the noise of each loss. to_reference: ∇KL(π‖π_ref), what is meant; from_reference: ∇KL(π_ref‖π); each (d,)."""

    by_loss: dict[str, GradientNoise]
    to_reference: Tensor
    from_reference: Tensor


def between(log_policy: Tensor, log_reference: Tensor, share: float) -> Tensor:
    """log μ ∝ π^(1 − share)·π_ref^share, normalised: the policy itself at 0, the reference at 1; (..., k). share: any number."""
    return ((1 - share) * log_policy + share * log_reference).log_softmax(-1)


def plane(actions: int) -> Tensor:
    """(k − 1, k) orthonormal rows that span the logits' directions that matter, Σ = 0 (Helmert's)."""
    rows = torch.zeros(actions - 1, actions, dtype=torch.float64, device="cpu")
    for i in range(1, actions):
        rows[i - 1, :i], rows[i - 1, i] = 1.0, -float(i)
    return rows / rows.norm(dim=-1, keepdim=True)


def action_gradients(logits: Tensor, log_reference: Tensor, log_sampler: Tensor | None = None) -> NoisyGradients:
    """Mean and covariance of ∇(loss) at one action drawn from the sampler, by loss, in the coordinates of `plane`.

    logits: (k,), π = softmax(logits). log_reference: (k,) normalised, finite. log_sampler: (k,) log μ; None for π. Losses:
    "k1", "k2", "k3" as they are; "weighted_k2": (π/μ)·k2, the weight held fixed; "weighted_k3": (π/μ)·k3, differentiated
    whole. On-policy the means are 0, ∇KL(π‖π_ref), ∇KL(π_ref‖π), ∇KL(π‖π_ref) and ∇KL(π‖π_ref); off-policy only the
    weighted ones keep theirs. ValueError for shapes that do not agree.
    """
    log_policy = logits.log_softmax(-1)
    if logits.dim() != 1 or log_reference.shape != logits.shape or (log_sampler is not None and log_sampler.shape != logits.shape):
        raise ValueError("logits, log_reference and log_sampler must be lists of the same length")
    sampler = log_policy if log_sampler is None else log_sampler.log_softmax(-1)
    ratio, weight = log_policy - log_reference, (log_policy - sampler).exp()
    slope_of_k3 = -torch.expm1(-ratio)
    slopes = {
        "k1": torch.ones_like(ratio),
        "k2": ratio,
        "k3": slope_of_k3,
        "weighted_k2": weight * ratio,
        "weighted_k3": weight * (k3(log_policy, log_reference) + slope_of_k3),
    }
    policy, basis = log_policy.exp(), plane(len(logits)).to(logits)
    scores = (torch.eye(len(logits), dtype=logits.dtype, device=logits.device) - policy) @ basis.T  # ∇log π(a) by action
    by_loss = {name: _noise(sampler.exp(), slope.unsqueeze(-1) * scores) for name, slope in slopes.items()}
    to_reference = (policy * ratio).unsqueeze(-1) * scores
    return NoisyGradients(by_loss, to_reference.sum(0), basis @ (policy - log_reference.exp()))


def _noise(probs: Tensor, gradients: Tensor) -> GradientNoise:
    """From the probability of each sample and its gradient, (samples,) and (samples, d)."""
    mean = probs @ gradients
    gap = gradients - mean
    return GradientNoise(mean, (probs.unsqueeze(-1) * gap).T @ gap)


def sequence_gradients(
    logits: Tensor, log_odds_reference: Tensor, log_odds_sampler: Tensor | None = None, length: int = 6
) -> NoisyGradients:
    """The same for sequences of `length` words, each 0 or 1, whose odds depend on the word before; d = 2, exact.

    logits: (2,) log-odds of saying 1 after a 0 (and at the start), and after a 1: the policy. log_odds_reference,
    log_odds_sampler: (2,) the same of π_ref and of μ; None for π. Losses: "token_…": Σ over tokens of the estimate
    of each; "token_weighted_k3" with each token's own π/μ, differentiated whole; "sequence_…": the estimate of the
    sequence's log-ratio, "sequence_weighted_k3" with the sequence's π/μ. Token losses charge a token for its own KL
    and not for that of the words it leads to, so even on-policy their means are not ∇KL of the sequence.
    to_reference, from_reference: of the sequence's KL. ValueError for a length below 1 or above 14.
    """
    if not (1 <= length and 2**length <= _MOST):
        raise ValueError(f"length is {length}; it is from 1 to 14")
    words = torch.tensor(list(itertools.product((0, 1), repeat=length)), device=logits.device)
    before = torch.cat([torch.zeros_like(words[:, :1]), words[:, :-1]], -1)
    sign = 2.0 * words.to(logits.dtype) - 1

    token_logs = lambda odds: torch.nn.functional.logsigmoid(sign * odds[before])
    policy, reference = token_logs(logits), token_logs(log_odds_reference)
    sampler = policy if log_odds_sampler is None else token_logs(log_odds_sampler)
    # ∇log π of each token, (sequences, length, 2): its own row of the logits only.
    scores = torch.nn.functional.one_hot(before, 2) * (words - logits.sigmoid()[before]).unsqueeze(-1)
    gradient = lambda slope: (slope.unsqueeze(-1) * scores).sum(1)
    slopes = _slopes("token", policy, reference, sampler)
    wholes = [logs.sum(-1, keepdim=True) for logs in (policy, reference, sampler)]
    slopes |= {name: slope.expand_as(policy) for name, slope in _slopes("sequence", *wholes).items()}
    probs = sampler.sum(-1).exp()
    by_loss = {name: _noise(probs, gradient(slopes[name])) for name in SEQUENCE_LOSSES}
    whole, score = wholes[0].squeeze(-1), scores.sum(1)
    to_reference = (whole.exp() * (whole - wholes[1].squeeze(-1))) @ score
    return NoisyGradients(by_loss, to_reference, -(wholes[1].squeeze(-1).exp() @ score))


def _slopes(of: str, policy: Tensor, reference: Tensor, sampler: Tensor) -> dict[str, Tensor]:
    """What each loss of these log-probabilities changes by per unit of log π, by name."""
    ratio = policy - reference
    slope_of_k3 = -torch.expm1(-ratio)
    weighted = (policy - sampler).exp() * (k3(policy, reference) + slope_of_k3)
    return {f"{of}_k1": torch.ones_like(ratio), f"{of}_k2": ratio, f"{of}_k3": slope_of_k3, f"{of}_weighted_k3": weighted}
