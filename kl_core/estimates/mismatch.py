"""When what samples is not quite what trains: the error of KL estimates by the size of the mismatch, exactly.

A fast sampler, with rounded weights or other kernels, draws from μ, and the trainer computes log π and log π_ref at
these tokens. The estimates of KL(π‖π_ref) are then biased; weights π/μ mend the mean and add noise; cut at a cap
(truncated importance sampling) they trade one for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .estimators import ESTIMATORS, EstimateError

__all__ = ["IMPORTANCE", "mismatched", "rounded_sampler", "MismatchErrors", "mismatch_errors", "mismatch_curve"]

IMPORTANCE = ("none", "token", "sequence", "truncated")
_MOST = 200_000


def mismatched(logits: Tensor, size: float, seed: int = 0) -> Tensor:
    """log μ: the softmax of logits to each of which a normal error with this standard deviation is added; (..., k)."""
    noise = torch.randn(logits.shape, generator=torch.Generator("cpu").manual_seed(seed), dtype=torch.float64, device="cpu")
    return (logits + size * noise.to(logits)).log_softmax(-1)


def rounded_sampler(logits: Tensor, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    """log μ: the softmax of the logits rounded to a short format, as inference in bfloat16 has them; (..., k)."""
    return logits.to(dtype).to(logits.dtype).log_softmax(-1)


@dataclass(frozen=True)
class MismatchErrors:
    """errors: by weighting, then by estimator: bias and standard deviation of one sequence's estimate of its KL, nats.

    kl: the true KL(π‖π_ref), under π, per sequence. mismatch: KL(μ‖π), under μ, per sequence. mean_weight: by weighting, the mean
    weight of a sequence (of a token for "token"), 1 unless cut. effective: by weighting, the share of the samples that
    the weights leave to count, E[w]²/E[w²].
    """

    kl: float
    mismatch: float
    errors: dict[str, dict[str, EstimateError]]
    mean_weight: dict[str, float]
    effective: dict[str, float]


def mismatch_errors(log_policy: Tensor, log_reference: Tensor, log_sampler: Tensor, *, length: int = 1, cap: float = 2.0) -> MismatchErrors:
    """Exact errors for sequences of `length` independent tokens, each drawn from μ, by adding up every sequence.

    log_policy, log_reference, log_sampler: (k,) of a token, finite and normalised. The estimate is the sum over tokens of
    k1, k2 or k3. Weightings: "none"; "token", each term by its own π/μ; "sequence", the sum by the whole π/μ; "truncated",
    by min(π/μ of the whole, cap). cap: above 0. With "sequence" k1 and k3 are unbiased at any mismatch; with "token"
    they are so too here, where tokens are independent. ValueError if k^length is beyond 200 000, or for a bad length or cap.
    """
    if not cap > 0:
        raise ValueError(f"cap is {cap}; it is above 0")
    if not (length >= 1 and len(log_policy) ** length <= _MOST):
        raise ValueError(f"length is {length}; it is at least 1, and {len(log_policy)} to its power at most {_MOST}")
    sequences = torch.cartesian_prod(*[torch.arange(len(log_policy), device=log_policy.device)] * length).reshape(-1, length)
    policy, reference, sampler = (logs[sequences] for logs in (log_policy, log_reference, log_sampler))
    probs = sampler.sum(-1).exp()
    kl = length * float((log_policy.exp() * (log_policy - log_reference)).sum())
    token = (policy - sampler).exp()
    whole = (policy - sampler).sum(-1).exp()
    ones = torch.ones_like(whole)
    weights = {"none": ones, "token": token, "sequence": whole, "truncated": whole.clamp(max=cap)}
    errors: dict[str, dict[str, EstimateError]] = {}
    for weighting, weight in weights.items():
        by_token = weight if weight.dim() == 2 else weight.unsqueeze(-1)
        errors[weighting] = {}
        for name, estimator in ESTIMATORS.items():
            value = (by_token * estimator(policy, reference)).sum(-1)
            mean = probs @ value
            errors[weighting][name] = EstimateError(mean - kl, (probs @ (value - mean) ** 2).sqrt())
    moment = lambda weight, power: float(
        (probs @ weight**power) if weight.dim() == 1 else (log_sampler.exp() @ _of_token(log_policy, log_sampler) ** power)
    )
    return MismatchErrors(
        kl,
        length * float((log_sampler.exp() * (log_sampler - log_policy)).sum()),
        errors,
        {name: moment(weight, 1) for name, weight in weights.items()},
        {name: moment(weight, 1) ** 2 / moment(weight, 2) for name, weight in weights.items()},
    )


def _of_token(log_policy: Tensor, log_sampler: Tensor) -> Tensor:
    return (log_policy - log_sampler).exp()


def mismatch_curve(
    logits: Tensor, log_reference: Tensor, sizes: Sequence[float], *, length: int = 4, cap: float = 2.0, seed: int = 0
) -> list[MismatchErrors]:
    """`mismatch_errors` for samplers whose logits are off by normal errors of each size, the same errors larger and larger."""
    log_policy = logits.log_softmax(-1)
    return [mismatch_errors(log_policy, log_reference, mismatched(logits, size, seed), length=length, cap=cap) for size in sizes]
