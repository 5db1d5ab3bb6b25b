"""KL from the top classes alone, as APIs give log-probabilities: what they leave out is one more outcome, the tail."""

from __future__ import annotations

from math import log1p

import torch
from torch import Tensor

from ..numerics.values import holds
from .probabilities import checked_pair, kl_from_logits

__all__ = ["kl_from_top_k", "with_tail", "WHOLE"]

WHOLE = 1e-6
"""By how much a sum of probabilities, rounded as they are printed, may be off 1."""


def kl_from_top_k(log_p: Tensor, log_q: Tensor) -> Tensor:
    """KL(P‖Q) of the listed classes and one more, the tail, in nats over the last axis: the least that the whole KL can be.

    log_p, log_q: (..., k) log-probabilities of the same k classes; −inf for a class that one side does not list, which
    then counts among the tail on both. Merging outcomes never raises a KL (the data-processing inequality); dividing by the
    sums instead can raise and lower it. Returns (...), float64. inf where a side leaves no probability to a tail or class that the
    other has in P. ValueError for NaN, a log-probability above 0, or probabilities that sum to more than 1.
    """
    return kl_from_logits(*with_tail(log_p, log_q))


def with_tail(log_p: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor]:
    """Both with the tail's log-probability as a last class, (..., k + 1); classes that only one side lists are −inf, and in the tail."""
    log_p, log_q, _ = checked_pair(log_p, log_q, ("log_p", "log_q"))
    both = (log_p > -torch.inf) & (log_q > -torch.inf)
    rest_p, rest_q = _rest("log_p", log_p, both), _rest("log_q", log_q, both)
    open_ended = (rest_p > WHOLE) | (rest_q > WHOLE)  # what is left of two whole sums is rounding

    def joined(value: Tensor, rest: Tensor) -> Tensor:
        present = open_ended & (rest > 0)
        tail = torch.where(present, torch.where(present, rest, 1.0).log(), -torch.inf)
        return torch.cat([torch.where(both, value, -torch.inf), tail], -1)

    return joined(log_p, rest_p), joined(log_q, rest_q)


def _rest(name: str, log_p: Tensor, listed: Tensor) -> Tensor:
    """1 less the probabilities of the listed classes, (..., 1)."""
    if not holds(log_p <= log1p(WHOLE)):
        raise ValueError(f"{name} has {log_p[~(log_p <= log1p(WHOLE))][0].item():g}; a log-probability is a number of at most 0")
    if not holds(log_p.detach().logsumexp(-1) <= log1p(WHOLE)):
        raise ValueError(f"{name} sums to {log_p.detach().exp().sum(-1).max().item():.6g} as probabilities; they sum to at most 1")
    return 1 - torch.where(listed, torch.where(listed, log_p, 0.0).exp(), 0.0).sum(-1, keepdim=True)
