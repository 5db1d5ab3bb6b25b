"""The importance-weighted bound: the ELBO with k samples, between the ELBO (k = 1) and log p(x) (k → ∞).

L_k = E[log (1/k) Σᵢ p(x, zᵢ)/q(zᵢ)], z₁ … z_k ~ q, never falls as k grows (Burda, Grosse & Salakhutdinov 2015, "Importance Weighted
Autoencoders", theorem 1, arXiv 1509.00519).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .elbo_gap import DiagonalGaussian
from .true_posterior import LogLikelihood, log_prior

__all__ = ["ImportanceBounds", "log_weights", "importance_bounds"]


@dataclass(frozen=True)
class ImportanceBounds:
    """Estimates of L_k. counts: the k's. mean, error: (len(counts),), nats; error is one standard error."""

    counts: tuple[int, ...]
    mean: Tensor
    error: Tensor


def log_weights(log_likelihood: LogLikelihood, q: DiagonalGaussian, draws: Tensor) -> Tensor:
    """log p(x, z)/q(z) at z = mean + sd·draws, in nats; draws: (n, 2) standard normal. Returns (n,)."""
    mean, sd = (torch.tensor(values, dtype=torch.float64, device="cpu") for values in (q.mean, q.sd))
    z = mean + sd * draws
    log_q = log_prior(draws) - sd.log().sum()
    return log_likelihood(z) + log_prior(z) - log_q


def importance_bounds(weights: Tensor, counts: Sequence[int]) -> ImportanceBounds:
    """L_k for each k from the same log-weights (n,), cut into n/k groups; n is a multiple of every k.

    Where each k is a multiple of the one before, the estimates rise with k as the bounds do: log of a mean is at least the mean of
    logs.
    """
    if any(len(weights) % count for count in counts):
        raise ValueError(f"{len(weights)} weights cannot be cut into groups of each of {', '.join(map(str, counts))}")
    means, errors = [], []
    for count in counts:
        groups = weights.view(-1, count).logsumexp(-1) - math.log(count)
        means.append(groups.mean())
        errors.append(groups.std() / math.sqrt(len(groups)) if len(groups) > 1 else groups.new_tensor(math.inf))
    return ImportanceBounds(tuple(counts), torch.stack(means), torch.stack(errors))
