"""How far a quantised model is from its original, row of logits by row, in the figures that llama.cpp's perplexity tool prints.

llama.cpp, tools/perplexity/README.md, "KL divergence": mean KLD and its percentiles, Δp and same top p. There Δp and the
perplexities are of the observed next token, and so they are here where `tokens` are given. Without them ours differ: Δp is of the
original's top token, and the ratio of perplexities is the one that tokens drawn from the original have on average, exp(mean KL).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

import torch
from torch import Tensor

from .probabilities import kl_from_logits

__all__ = ["QUANTILES", "QuantisationReport", "quantisation_report"]

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
_AT_ONCE = 2**21
"""Logits in one go, of either model: 16 MB in float64."""


@dataclass(frozen=True)
class QuantisationReport:
    """Each (rows,), in nats where it is a KL. kl: KL(P‖Q), P the original. same_top: whether both prefer the same token.

    delta_p: Q's probability of a token less P's. log_ratio: log p − log q of the observed token, or its mean under P, the KL.
    """

    kl: Tensor
    same_top: Tensor
    delta_p: Tensor
    log_ratio: Tensor

    @property
    def mean(self) -> tuple[float, float]:
        """The mean KL and its standard error, sd/√rows; NaN for one row."""
        return _mean(self.kl)

    @property
    def quantiles(self) -> dict[float, float]:
        """Of the KL, by level, interpolated between rows."""
        levels = torch.tensor(QUANTILES, dtype=torch.float64, device="cpu")
        finite = self.kl.nan_to_num(posinf=torch.finfo(torch.float64).max)
        found = torch.quantile(finite, levels)
        return {level: float("inf") if value > 1e300 else value for level, value in zip(QUANTILES, found.tolist(), strict=True)}

    @property
    def worst(self) -> tuple[int, float]:
        """The row of the largest KL, from 0, and the KL."""
        row = int(self.kl.argmax())
        return row, float(self.kl[row])

    @property
    def top_agreement(self) -> tuple[float, float]:
        """The share of rows with the same top token, and its standard error √(share·(1 − share)/(rows − 1)), as llama.cpp has it."""
        share, n = float(self.same_top.double().mean()), len(self.same_top)
        return share, (share * (1 - share) / (n - 1)) ** 0.5 if n > 1 else float("nan")

    @property
    def perplexity_ratio(self) -> tuple[float, float]:
        """PPL(Q)/PPL(P) = exp(mean of log_ratio), and its standard error by the delta method."""
        mean, error = _mean(self.log_ratio)
        ratio = exp(mean) if mean < 700 else float("inf")
        return ratio, ratio * error


def _mean(value: Tensor) -> tuple[float, float]:
    return float(value.mean()), float(value.std() / len(value) ** 0.5) if len(value) > 1 else float("nan")


def quantisation_report(
    z_p: Tensor, z_q: Tensor, tokens: Tensor | None = None, progress: Callable[[float], None] | None = None
) -> QuantisationReport:
    """z_p, z_q: (rows, classes) logits or log-probabilities of the original and of its copy, in any float type; read a few rows at a time.

    tokens: (rows,) the observed next tokens, or None. progress: told the share that is done. ValueError for shapes that do not
    fit, NaN, or a row that is masked entirely.
    """
    if z_p.dim() != 2 or z_p.shape != z_q.shape or not z_p.numel():
        raise ValueError(f"both need one shape (rows, classes), not {tuple(z_p.shape)} and {tuple(z_q.shape)}")
    if tokens is not None and (tokens.shape != z_p.shape[:1] or not bool(((tokens >= 0) & (tokens < z_p.shape[1])).all())):
        raise ValueError(f"tokens need {len(z_p)} whole numbers from 0 to {z_p.shape[1] - 1}")
    step = max(1, _AT_ONCE // z_p.shape[1])
    parts = []
    for start in range(0, len(z_p), step):
        rows = slice(start, start + step)
        parts.append(_of_rows(z_p[rows].double(), z_q[rows].double(), None if tokens is None else tokens[rows]))
        if progress is not None:
            progress(min(1.0, (start + step) / len(z_p)))
    return QuantisationReport(*(torch.cat(columns) for columns in zip(*parts, strict=True)))


def _of_rows(z_p: Tensor, z_q: Tensor, tokens: Tensor | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    kl = kl_from_logits(z_p, z_q)
    top = z_p.argmax(-1)
    at = (top if tokens is None else tokens).unsqueeze(-1)
    log_p, log_q = ((z.gather(-1, at) - z.logsumexp(-1, keepdim=True)).squeeze(-1) for z in (z_p, z_q))
    return kl, top == z_q.argmax(-1), log_q.exp() - log_p.exp(), kl if tokens is None else log_p - log_q
