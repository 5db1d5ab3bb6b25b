"""KL of a language model's policy from a reference, from the log-probabilities of the tokens it sampled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .estimators import ESTIMATORS, k3, log_mean_k3

__all__ = ["MeanEstimate", "TokenKL", "token_kl", "worst_tokens"]


@dataclass(frozen=True)
class MeanEstimate:
    """A mean in nats and its standard error: NaN where one sample cannot tell, 0 where a mean is infinite for certain, and inf where it is
    finite but beyond the largest float."""

    mean: float
    error: float


@dataclass(frozen=True)
class TokenKL:
    """Each by "k1", "k2", "k3".

    per_token: mean over all tokens. per_sequence: mean over sequences of the sum over tokens. whole_sequence: the
    estimator of the sequence's summed log-ratio, which for k2 and k3 is another number, and for long sequences a
    wild one.
    infinite_by: None, "support" (Q gives a token no probability that P has drawn) or "overflow" (a mean is finite, but beyond the
    largest float). reason: the same as one sentence, None where every mean is finite. As in `kl_report`.
    """

    per_token: dict[str, MeanEstimate]
    per_sequence: dict[str, MeanEstimate]
    whole_sequence: dict[str, MeanEstimate]
    tokens: int
    sequences: int
    infinite_by: str | None = None
    reason: str | None = None


def token_kl(log_p: Tensor, log_q: Tensor, sequence: Tensor | None = None, mask: Tensor | None = None) -> TokenKL:
    """KL(P‖Q) per token and per sequence by each estimator, from tokens that were drawn from P.

    log_p, log_q: (tokens,) log-probabilities of the sampled tokens, in nats, under the distribution they were drawn from (the
    policy) and under the other (the reference). sequence: (tokens,) whole numbers, the same for tokens of one
    sequence; None: all are one sequence. mask: (tokens,), true or 1 at tokens that count; the others may hold anything.
    The sum over tokens estimates the KL of whole sequences, because the log-ratio of a sequence is the sum of its
    tokens' (chain rule). Tokens of one sequence are not independent, so standard errors treat sequences as the
    samples: that of the per-token mean is the delta method's for a ratio of means. With one sequence alone the
    per-token error takes its tokens as independent, and the others are NaN.
    A log_q of −inf makes the KL inf: the reference rules out a token that the policy has drawn. infinite_by and reason say so.
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
    impossible = (counts & (log_q == -torch.inf)).nonzero().flatten()
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
    by, reason = _infinite(impossible, log_p, log_q, ratio, math.isinf(wholes["k3"].mean))
    if by is not None:
        error = 0.0 if by == "support" else math.inf
        tokens, sums, wholes = ({name: _certain(one, error) for name, one in means.items()} for means in (tokens, sums, wholes))
    return TokenKL(tokens, sums, wholes, len(log_p), count, by, reason)


def _infinite(impossible: Tensor, log_p: Tensor, log_q: Tensor, ratio: Tensor, overflows: bool) -> tuple[str | None, str | None]:
    """infinite_by and reason. impossible: rows of log_q that are −inf. ratio: (sequences,) log-ratios. overflows: whether k3 of whole
    sequences does, which is the largest of all."""
    if len(impossible):
        more = f" and at {len(impossible) - 1:,} more" if len(impossible) > 1 else ""
        return "support", f"log_q is -inf at token {int(impossible[0])}{more}: Q gives no probability to what P has drawn"
    if not overflows and not math.isinf(float(k3(log_p, log_q).sum())):
        return None, None
    per_token = math.isinf(float(k3(log_p, log_q).mean()))
    log_mean = log_mean_k3(log_p, log_q) if per_token else log_mean_k3(torch.zeros_like(ratio), -ratio)
    what = "the mean of k3" if per_token else "the mean of k3 of whole sequences"
    power = float(log_mean) / math.log(10)
    size = f"{10 ** (power % 1):.2f}e{math.floor(power)}"
    return "overflow", f"{what} is finite but beyond the largest float: about {size} nats"


def _certain(estimate: MeanEstimate, error: float) -> MeanEstimate:
    return MeanEstimate(estimate.mean, error) if math.isinf(estimate.mean) else estimate


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
