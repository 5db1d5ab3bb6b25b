"""Jeffreys' divergence, known as the population stability index (PSI) where scores are watched for drift."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.values import holds
from .probabilities import kl_from_probs

__all__ = ["jeffreys", "population_stability_index", "smoothed"]


def jeffreys(p: Tensor, q: Tensor) -> Tensor:
    """J = KL(P‖Q) + KL(Q‖P) = Σ (p − q)·log(p/q), in nats over the last axis; (...). inf where one side alone has mass.

    p, q: (..., k), and ValueError, as in `kl_from_probs`. (Jeffreys 1946, "An invariant form for the prior probability".)
    """
    return kl_from_probs(p, q) + kl_from_probs(q, p)


def population_stability_index(p: Tensor, q: Tensor, *, smoothing: float) -> Tensor:
    """PSI = Σ (p − q)·log(p/q) of two vectors of counts by common bins: Jeffreys' divergence of `smoothed` counts, in nats.

    p, q: (..., bins) counts; returns (...). smoothing: added to every count of both; has no default, because with an empty bin
    the answer depends on it, as (n/N)·log(1/smoothing) does, and 0 leaves it inf. ½ is Jeffreys' prior. ValueError for a count
    that is negative or NaN, for counts that are all 0 without smoothing, or for a smoothing that is negative or infinite.
    (Yurdakul & Naranjo 2020, "Statistical properties of the population stability index".)
    """
    return jeffreys(smoothed(p, smoothing), smoothed(q, smoothing))


def smoothed(counts: Tensor, smoothing: float) -> Tensor:
    """(nᵢ + smoothing)/(N + bins·smoothing): the mean of the probabilities under a Dirichlet prior of that concentration.

    counts: (..., bins), none negative; smoothing: in [0, ∞). Returns (..., bins), float64, which sum to 1. ValueError otherwise.
    """
    if not 0 <= smoothing < float("inf"):
        raise ValueError(f"smoothing is {smoothing}; it is a finite number of at least 0")
    counts = torch.as_tensor(counts).double()
    if not holds((counts >= 0) & (counts < torch.inf)):
        raise ValueError("counts must be finite numbers of at least 0")
    total = (counts + smoothing).sum(-1, keepdim=True)
    if not holds(total > 0):
        raise ValueError("counts are all 0; with nothing added they have no probabilities")
    return (counts + smoothing) / total
