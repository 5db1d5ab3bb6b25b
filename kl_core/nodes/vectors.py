"""The nodes of two vectors of probabilities: their outcomes, each of weight 1."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.exact import safe_log
from ..vectors.probabilities import log_ratio
from .quadrature_nodes import Nodes

__all__ = ["nodes_of_probs"]


def nodes_of_probs(p: Tensor, q: Tensor, gap: Tensor) -> Nodes:
    """p, q: (..., k), normalised; gap: p − q, with all the digits that the caller has of it."""
    outcomes = torch.arange(p.shape[-1], device=p.device)
    return Nodes(outcomes, torch.ones_like(p), safe_log(p), safe_log(q), p, q, log_ratio(p, q, gap), gap)
