"""What a KL estimate does when it is differentiated as a loss, exactly, for a softmax policy over a few actions.

That a mean is right does not make its gradient right: the samples come from a distribution that depends on the parameters too,
and differentiating each sample's value leaves that part out (Tang & Munos 2025, arXiv 2506.09477; arXiv 2510.01555).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .estimators import ESTIMATORS

__all__ = ["WEIGHTINGS", "USES", "EstimatorGradients", "expected_gradients"]

WEIGHTINGS = ("none", "constant", "differentiated")
USES = ("loss", "reward")


@dataclass(frozen=True)
class EstimatorGradients:
    """Gradients in the policy's logits, each (..., k).

    estimators: of k1, k2, k3 as used. to_reference: ∇KL(π‖π_ref), which the penalty is meant to have. from_reference:
    ∇KL(π_ref‖π), the other direction.
    """

    estimators: dict[str, Tensor]
    to_reference: Tensor
    from_reference: Tensor


def expected_gradients(
    logits: Tensor, log_reference: Tensor, sampler: Tensor | None = None, *, weights: str = "none", use: str = "loss"
) -> EstimatorGradients:
    """The expected gradient that each estimator of KL(π‖π_ref) gives, beside the true gradients of both KLs.

    logits: (..., k), π = softmax(logits). log_reference: (..., k), log π_ref, finite, normalised. sampler: (..., k)
    log-probabilities of the distribution that the actions are drawn from; None for π itself (on-policy).
    weights, of a sample drawn from the sampler μ: "none"; "constant", π/μ held fixed; "differentiated", π/μ with its
    own gradient. use: "loss" differentiates the estimate; "reward" takes it as a number that multiplies ∇log π, as a
    policy gradient does ("differentiated" is then the same as "constant").
    Returns expectations over all actions, no samples. On-policy as a loss: k1 has mean gradient 0, k2 has
    ∇KL(π‖π_ref), k3 has ∇KL(π_ref‖π). With differentiated weights, or k1 as a reward, ∇KL(π‖π_ref).
    ValueError for an unknown weights or use, and for shapes that do not broadcast.
    """
    for name, value, known in (("weights", weights, WEIGHTINGS), ("use", use, USES)):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; it is one of {', '.join(known)}")
    log_policy = logits.log_softmax(-1)
    log_policy, log_reference = torch.broadcast_tensors(log_policy, log_reference)
    policy = log_policy.exp()
    drawn = policy if sampler is None or weights != "none" else sampler.exp().expand_as(policy)
    log_ratio = log_policy - log_reference
    slopes = {"k1": torch.ones_like(log_ratio), "k2": log_ratio, "k3": -torch.expm1(-log_ratio)}
    gradients = {}
    for name, estimator in ESTIMATORS.items():
        estimate = estimator(log_policy, log_reference)
        factor = estimate if use == "reward" else slopes[name] + (estimate if weights == "differentiated" else 0.0)
        gradients[name] = _through_softmax(drawn * factor, policy)
    to_reference = _through_softmax(policy * log_ratio, policy)
    return EstimatorGradients(gradients, to_reference, policy - log_reference.exp())


def _through_softmax(slope: Tensor, policy: Tensor) -> Tensor:
    """Σ over actions of slope·∇log π(action), where ∇log π(action) = onehot(action) − π."""
    return slope - policy * slope.sum(-1, keepdim=True)
