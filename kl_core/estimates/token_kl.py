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


def token_kl(log_p: Tensor, log_q: Tensor, sequence: Tensor | None = None) -> TokenKL:
    """KL(P‖Q) per token and per sequence by each estimator, from tokens that were drawn from P.

    log_p, log_q: (tokens,) log-probabilities of the sampled tokens, in nats, under the distribution they were drawn from (the
    policy) and under the other (the reference). sequence: (tokens,) whole numbers, the same for tokens of one
    sequence; None: all are one sequence.
    The sum over tokens estimates the KL of whole sequences, because the log-ratio of a sequence is the sum of its
    tokens' (chain rule). Tokens of one sequence are not independent, so standard errors treat sequences as the
    samples: that of the per-token mean is the delta method's for a ratio of means. With one sequence alone the
    per-token error takes its tokens as independent, and the others are NaN.
    ValueError, naming the first bad row, for lengths that differ, no tokens, NaN, or a log-probability above 0.
    """
    log_p, log_q = _checked("log_p", log_p), _checked("log_q", log_q)
    ids = torch.zeros_like(log_p, dtype=torch.long) if sequence is None else torch.as_tensor(sequence)
    if not log_p.shape == log_q.shape == ids.shape:
        raise ValueError(f"log_p has {len(log_p)} tokens, log_q {len(log_q)} and sequence {ids.numel()}; they must be as many")
    _, index = ids.unique(return_inverse=True)
    count = int(index.max()) + 1
    length = torch.bincount(index, minlength=count).to(log_p.dtype)
    summed = lambda value: torch.zeros_like(length).index_add_(0, index, value)
    ratio = summed(log_p - log_q)
    tokens, sums, wholes = {}, {}, {}
    for name, estimator in ESTIMATORS.items():
        value = estimator(log_p, log_q)
        total = summed(value)
        sums[name], wholes[name] = _mean(total), _mean(estimator(ratio, torch.zeros_like(ratio)))
        tokens[name] = _mean(value) if count == 1 else _ratio_of_means(total, length)
    return TokenKL(tokens, sums, wholes, len(log_p), count)


def _checked(name: str, value: Tensor) -> Tensor:
    value = torch.as_tensor(value).double()
    if value.dim() != 1 or not len(value):
        raise ValueError(f"{name} has the shape {tuple(value.shape)}; it needs one number a token, at least one")
    bad = ~(value <= 0)
    if bool(bad.any()):
        row = int(bad.nonzero()[0])
        raise ValueError(f"{name} is {value[row].item():g} at token {row}; a log-probability is a number of at most 0")
    return value


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
