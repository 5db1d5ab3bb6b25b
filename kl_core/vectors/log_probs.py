"""KL between vectors of log-probabilities that are at hand already, at little more than the time of `F.kl_div`."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..numerics.pieces import by_rows
from ..numerics.values import recorded
from .probabilities import checked_pair

__all__ = ["kl_from_log_probs"]

_AT_ONCE = 2**17


def kl_from_log_probs(log_p: Tensor, log_q: Tensor) -> Tensor:
    """KL(P‖Q) = Σ p·log(p/q) − p + q in nats, over the last axis, of log-probabilities whose sums are 1 but for rounding.

    log_p, log_q: (..., k), leading shapes broadcast; −inf masks an outcome. Returns (...) in their dtype, float32 for half floats. inf
    where an outcome is masked in Q only; NaN for NaN; never negative. Gradients are finite where the KL is.

    It takes the vectors for what they are: the rounding of a float32 log-probability of −10, 5e-7, stays in the answer. As −p + q
    is in it, a normaliser's error counts by its square only: of float32 log_softmaxes of 128,256 classes a KL of 1e-6 is right
    to 2 %, where Σ p·log(p/q) alone is off by half, and one of 1e-3 to 2e-5. `kl_from_logits` keeps all digits.
    """
    log_p, log_q, dtype = checked_pair(log_p, log_q, ("log_p", "log_q"), cast=False)
    return by_rows(_kl_of_rows, log_p.to(dtype), log_q.to(dtype), at_once=_AT_ONCE).clamp_min(0.0).to(dtype)


def _kl_of_rows(log_p: Tensor, log_q: Tensor) -> Tensor:
    """q + p·(log(p/q) − 1), added up in float64; where both are masked the difference is NaN, and where P is, −inf: neither counts."""
    if log_p.is_cpu and not recorded(log_p, log_q):
        value = _without_masks(log_p, log_q)
        if math.isfinite(value.sum().item()):
            return value
    less_1 = (log_p - log_q).nan_to_num(0.0, torch.inf, 0.0) - 1
    return torch.addcmul(log_q.exp(), log_p.exp(), less_1).sum(-1, dtype=torch.float64)


def _without_masks(log_p: Tensor, log_q: Tensor) -> Tensor:
    """The same of rows in which no outcome is masked, in three buffers."""
    less_1 = (log_p - log_q).sub_(1)
    return log_q.exp().addcmul_(log_p.exp(), less_1).sum(-1, dtype=torch.float64)
