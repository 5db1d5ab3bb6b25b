"""What a run's token log-probabilities tell besides the KL itself: which estimator to believe, where the KL sits, sampler mismatch."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor

from .estimators import k1, k3
from .token_kl import MeanEstimate, TokenKL

__all__ = [
    "RatioDiagnostics",
    "ratio_diagnostics",
    "preferred_estimator",
    "GroupedKL",
    "even_groups",
    "kl_by_group",
    "SamplerMismatch",
    "sampler_mismatch",
]

FEW_TOKENS = 100
"""Below that a heavy tail cannot be seen: one token is more than a hundredth of them."""
LEAST_EFFECTIVE = 0.1
"""Share of the samples below which the weights q/p, and k3 with them, rest on a few tokens."""
MOST_GROUPS = 12
HEAVY = 0.5
"""Share of the sum of k3 in one token of a hundred from which on it is called heavy-tailed."""


@dataclass(frozen=True)
class RatioDiagnostics:
    """Of the ratios r = q/p at samples of P. effective: (Σr)²/(n·Σr²), the share of the samples that r leaves to count (Kish 1965).

    mean_ratio: the mean of r, 1 in expectation where P has mass wherever Q has. top_share: the part of Σ k3 that the
    largest one in a hundred of its values make, at least one value; 0 where all are 0.
    """

    effective: float
    mean_ratio: float
    top_share: float


def ratio_diagnostics(log_p: Tensor, log_q: Tensor) -> RatioDiagnostics:
    """log_p, log_q: (n,) log-probabilities of samples drawn from P, in nats, finite; in logarithms, so that no ratio overflows."""
    log_r = log_q.double() - log_p.double()
    n = len(log_r)
    effective = (2 * log_r.logsumexp(0) - (2 * log_r).logsumexp(0)).exp() / n
    excess = k3(log_p.double(), log_q.double())
    top = excess.topk(max(1, n // 100)).values
    share = 1.0 if bool(top.isinf().any()) else float(top.sum() / excess.sum().clamp_min(1e-300))
    return RatioDiagnostics(float(effective), float(log_r.exp().mean()), share)


def preferred_estimator(estimates: TokenKL, ratios: RatioDiagnostics) -> str:
    """ "k3" where it has the smaller standard error and no heavy tail, otherwise "k1". Never k2, which is biased.

    Heavy: a hundredth of the tokens makes more than HEAVY of its sum, or r leaves less than LEAST_EFFECTIVE of the
    samples. Then its standard error too is measured too small, since the tokens that matter are rare. Fewer than FEW_TOKENS tokens
    cannot show that, and give "k1".
    """
    if estimates.tokens < FEW_TOKENS:
        return "k1"
    heavy = ratios.top_share > HEAVY or ratios.effective < LEAST_EFFECTIVE
    by = estimates.per_sequence if estimates.sequences > 1 else estimates.per_token
    good = isfinite(by["k3"].mean) and by["k3"].error < by["k1"].error
    return "k3" if good and not heavy else "k1"


def even_groups(number: Tensor, most: int = MOST_GROUPS) -> tuple[Tensor, list[str]]:
    """Tokens by a whole number of each, such as its position or its sequence's length, in at most so many groups of about as many tokens.

    number: (tokens,). A group is a range of numbers, and tokens of equal number are in one. Returns the group of each token, (tokens,)
    from 0, and each group's range, "3" or "4–6".
    """
    distinct, count = number.unique(return_counts=True)
    share = (count.cumsum(0) - 1) * min(most, len(distinct)) // int(count.sum())
    group = share.unique(return_inverse=True)[1]
    ends = [(int(here.min()), int(here.max())) for here in (distinct[group == i] for i in range(int(group.max()) + 1))]
    return group[torch.searchsorted(distinct, number)], [str(low) if low == high else f"{low}–{high}" for low, high in ends]


@dataclass(frozen=True)
class GroupedKL:
    """Per token, in nats, by group: mean, standard error by sequences (NaN with one), tokens; each (groups,)."""

    mean: Tensor
    error: Tensor
    tokens: Tensor


def kl_by_group(value: Tensor, group: Tensor, sequence: Tensor) -> GroupedKL:
    """The mean of an estimator's values in each group of tokens, such as positions, with errors that take sequences as the samples.

    value: (tokens,), of `k1` or `k3`. group: (tokens,) whole numbers from 0. sequence: (tokens,) whole numbers from 0. The error is
    the delta method's for a ratio of means, √(Σ (total − mean·length)²·n/(n − 1))/Σ length over the n sequences with tokens there.
    """
    groups, sequences = int(group.max()) + 1, int(sequence.max()) + 1
    cell = group * sequences + sequence
    flat = torch.zeros(groups * sequences, dtype=torch.float64, device="cpu")
    total = flat.index_add(0, cell, value.double()).view(groups, sequences)
    length = flat.index_add(0, cell, torch.ones(len(cell), dtype=torch.float64, device="cpu")).view(groups, sequences)
    tokens = length.sum(-1)
    mean = total.sum(-1) / tokens
    n = (length > 0).sum(-1).double()
    spread = (total - mean.unsqueeze(-1) * length).square().sum(-1) * n / (n - 1)
    return GroupedKL(mean, torch.where(n > 1, spread.sqrt() / tokens, torch.nan), tokens.long())


@dataclass(frozen=True)
class SamplerMismatch:
    """kl: KL(μ‖π) per token by k1 and k3 in nats. effective: share of the sequences that weights π/μ leave to count. largest: of a
    token's |log μ − log π|."""

    kl: dict[str, MeanEstimate]
    effective: float
    largest: float


def sampler_mismatch(log_sampler: Tensor, log_policy: Tensor, sequence: Tensor) -> SamplerMismatch:
    """How far what sampled, μ, is from what trains, π: tokens drawn from μ with both log-probabilities, (tokens,) each, in nats."""
    kl = {}
    for name, estimator in (("k1", k1), ("k3", k3)):
        by = kl_by_group(estimator(log_sampler, log_policy), torch.zeros_like(sequence), sequence)
        kl[name] = MeanEstimate(float(by.mean[0]), float(by.error[0]))
    gap = log_policy.double() - log_sampler.double()
    whole = torch.zeros(int(sequence.max()) + 1, dtype=torch.float64, device="cpu").index_add(0, sequence, gap)
    effective = (2 * whole.logsumexp(0) - (2 * whole).logsumexp(0)).exp() / len(whole)
    return SamplerMismatch(kl, float(effective), float(gap.abs().max()))
