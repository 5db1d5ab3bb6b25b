"""Whether a classifier's probabilities can be believed, and how far two classifiers agree."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Reliability", "reliability", "expected_calibration_error", "agreement"]


@dataclass(frozen=True)
class Reliability:
    """Of each bin of confidence, (..., bins): how many predictions fell in it, their mean confidence, and the share
    that was right; NaN in an empty bin."""

    count: Tensor
    confidence: Tensor
    accuracy: Tensor

    @property
    def error(self) -> Tensor:
        """(...) the expected calibration error: |accuracy − confidence|, averaged over predictions."""
        gap = (self.accuracy - self.confidence).abs().nan_to_num(0.0)
        return (self.count * gap).sum(-1) / self.count.sum(-1)


def reliability(probs: Tensor, labels: Tensor, bins: int = 15) -> Reliability:
    """Predictions sorted by confidence, the greatest probability, into equal bins of [0, 1].

    probs: (..., n, k), labels: (n,) int64. ValueError for bins below 1 or shapes that do not fit.
    """
    if bins < 1:
        raise ValueError(f"bins is {bins}; it is at least 1")
    if probs.dim() < 2 or labels.shape != probs.shape[-2:-1]:
        raise ValueError(f"labels has the shape {tuple(labels.shape)}; for probs of {tuple(probs.shape)} it has one a row")
    confidence, guess = probs.double().max(-1)
    right = (guess == labels).double()
    # A bin holds its upper edge, as in Guo et al.: so a confidence of 1 is in the last.
    member = ((confidence * bins).ceil().long() - 1).clamp(0, bins - 1)
    empty = torch.zeros(*confidence.shape[:-1], bins, dtype=torch.float64, device=probs.device)
    count, sure, good = (empty.scatter_add(-1, member, values) for values in (torch.ones_like(right), confidence, right))
    return Reliability(count, sure / count, good / count)


def expected_calibration_error(probs: Tensor, labels: Tensor, bins: int = 15) -> Tensor:
    """Σ over bins of share·|accuracy − confidence|, in [0, 1]; (...). Guo et al. 2017, arXiv 1706.04599, eq. 3.

    Arguments as in `reliability`. It is of a finite sample, so not 0 even for a classifier that is calibrated.
    """
    return reliability(probs, labels, bins).error


def agreement(logits: Tensor, other: Tensor) -> Tensor:
    """The share of rows with the same greatest logit; both (..., n, k), leading shapes broadcast; returns (...)."""
    return (logits.argmax(-1) == other.argmax(-1)).double().mean(-1)
