"""Reports held to a truth in more digits: the error bound is no less than what is wrong, and not far above it."""

from collections.abc import Sequence

import torch
from mpmath import mpf

from kl_core import DivergenceReport, KLReport


def doubles(*values: float | Sequence) -> list[torch.Tensor]:
    """Each as a float64 tensor."""
    return [torch.tensor(value, dtype=torch.float64) for value in values]


def holds(report: KLReport | DivergenceReport, truth: mpf | float, at_most: float) -> None:
    """at_most: the largest bound that is not far above what is wrong."""
    assert abs(report.value.item() - truth) <= report.error.item() <= at_most


def holds_relatively(report: KLReport | DivergenceReport, truth: mpf | float, relative: float) -> None:
    holds(report, truth, relative * abs(truth))
