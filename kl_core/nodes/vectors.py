"""The table of two vectors of probabilities: their outcomes, each of weight 1."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.exact import safe_log
from ..vectors.probabilities import log_ratio
from .quadrature_nodes import Table

__all__ = ["table_of_probs"]


def table_of_probs(p: Tensor, q: Tensor, gap: Tensor) -> Table:
    """p, q: (..., k), normalised; gap: p − q as exactly as the caller has it, which the table then has it from."""
    outcomes = torch.arange(p.shape[-1], device=p.device)
    return Table(outcomes, torch.ones_like(p), safe_log(p), safe_log(q), p, q, log_ratio(p, q, gap), gap)
