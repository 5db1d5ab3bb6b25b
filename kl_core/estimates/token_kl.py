"""KL of a language model's policy from a reference, from the log-probabilities of the tokens it sampled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .estimators import ESTIMATORS, k3

__all__ = ["MeanEstimate", "TokenKL", "token_kl", "worst_tokens"]


@dataclass(frozen=True)
class MeanEstimate:
    """A mean in nats and its standard error; NaN where one sample cannot tell."""

    mean: float
    error: float


@dataclass(frozen=True)
class TokenKL:
    """Each by "k1", "k2", "k3".

    per_token: mean over all tokens. per_sequence: mean over sequences of the sum over tokens. whole_sequence: the
    estimator of the sequence's summed log-ratio, which for k2 and k3 is another number, and for long sequences a
    wild one.
    """

    per_token: dict[str, MeanEstimate]
    per_sequence: dict[str, MeanEstimate]
    whole_sequence: dict[str, MeanEstimate]
    tokens: int
    sequences: int


def token_kl(log_p: Tensor, log_q: Tensor, sequence: Tensor | None = None, mask: Tensor | None = None) -> TokenKL:
    """KL(P‖Q) per token and per sequence by each estimator, from tokens that were drawn from P.

    log_p, log_q: (tokens,) log-probabilities of the sampled tokens, in nats, under the distribution they were drawn from (the
    policy) and under the other (the reference). sequence: (tokens,) whole numbers, the same for tokens of one
    sequence; None: all are one sequence. mask: (tokens,), true or 1 at tokens that count; the others may hold anything.
    The sum over tokens estimates the KL of whole sequences, because the log-ratio of a sequence is the sum of its
    tokens' (chain rule). Tokens of one sequence are not independent, so standard errors treat sequences as the
    samples: that of the per-token mean is the delta method's for a ratio of means. With one sequence alone the
    per-token error takes its tokens as independent, and the others are NaN.
    A log_q of −inf makes the KL inf: the reference rules out a token that the policy has drawn.
    ValueError, naming the first bad row, for lengths that differ, no tokens, NaN, a log-probability above 0, or a log_p of −inf.
    """
    log_p, log_q = torch.as_tensor(log_p).double(), torch.as_tensor(log_q).double()
    ids = torch.zeros(log_p.shape, dtype=torch.long, device=log_p.device) if sequence is None else torch.as_tensor(sequence)
    counts = torch.ones(log_p.shape, dtype=torch.bool, device=log_p.device) if mask is None else torch.as_tensor(mask).to(torch.bool)
    for name, value in (("log_q", log_q), ("sequence", ids), ("mask", counts)):
        if value.shape != log_p.shape:
            raise ValueError(f"log_p has {log_p.numel()} tokens and {name} has {value.numel()}; they must be as many")
    _check("log_p", log_p, counts)
    _check("log_q", log_q, counts)
    log_p, log_q, ids = log_p[counts], log_q[counts], ids[counts]
    _, index = ids.unique(return_inverse=True)
    count = int(index.max()) + 1
    length = torch.bincount(index, minlength=count).to(log_p.dtype)
    summed = lambda value: torch.zeros_like(length).index_add_(0, index, value)
    ratio = summed(log_p - log_q)
    tokens, sums, wholes = {}, {}, {}
    for name, estimator in ESTIMATORS.items():
        value = estimator(log_p, log_q)
        total = summed(value)
        sums[name], wholes[name] = _mean(total), _mean(estimator(torch.zeros_like(ratio), -ratio))
        tokens[name] = _mean(value) if count == 1 else _ratio_of_means(total, length)
    return TokenKL(tokens, sums, wholes, len(log_p), count)


def _check(name: str, value: Tensor, counts: Tensor) -> None:
    if value.dim() != 1 or not bool(counts.any()):
        raise ValueError(f"{name} has the shape {tuple(value.shape)}; it needs one number per token, at least one that counts")
    bad = counts & ~((value <= 0) & (value > -torch.inf) if name == "log_p" else value <= 0)
    if bool(bad.any()):
        row = int(bad.nonzero()[0])
        why = "; P has drawn this token, so it is finite" if value[row] == -torch.inf else ""
        raise ValueError(f"{name} is {value[row].item():g} at token {row}; a log-probability is a number of at most 0{why}")


def _mean(value: Tensor) -> MeanEstimate:
    error = float(value.std() / math.sqrt(len(value))) if len(value) > 1 else math.nan
    return MeanEstimate(float(value.mean()), error)


def _ratio_of_means(total: Tensor, length: Tensor) -> MeanEstimate:
    ratio = total.sum() / length.sum()
    left = total - ratio * length
    return MeanEstimate(float(ratio), float((left.square().sum() / (len(left) * (len(left) - 1))).sqrt() / length.mean()))


def worst_tokens(log_p: Tensor, log_q: Tensor, count: int = 10) -> Tensor:
    """Positions of the tokens with the largest k3, the largest first; (at most count,).

    k3 is never negative, so it finds what is far from the reference on either side: tokens that the policy likes
    far more, and, stronger, those that it took although the reference likes them far more.
    """
    if count < 1:
        raise ValueError(f"count is {count}; it is at least 1")
    return k3(log_p, log_q).topk(min(count, len(log_p))).indices
