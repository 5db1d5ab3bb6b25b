"""Elementary functions that keep their digits where the textbook expression cancels.

Nearly every KL is a sum of terms each of which vanishes to second order at P = Q, built from first-order pieces
that cancel. Written as below the cancellation is done on paper and each term is right to rounding error.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["h", "exp_excess", "kl_term", "bernoulli_kl", "safe_log", "atanh_tail"]

# Below this |s|, s = (x − y)/(x + y), so up to a factor of 2 between x and y, the series in s² is used. Sixteen terms
# then reach 2e-17, and beyond, where the direct form is used, it loses less than a factor of 4 by cancellation.
_NEAR = 1 / 3
_TERMS = 16


def atanh_tail(s: Tensor) -> Tensor:
    """1/3 + s²/5 + s⁴/7 + …, so that atanh(s) = s + s³·tail; |s| ≤ 1/3."""
    square = s * s
    tail = torch.full_like(s, 1 / (2 * _TERMS + 3))
    for odd in range(2 * _TERMS + 1, 1, -2):
        tail = tail * square + 1 / odd
    return tail


def h(x: Tensor, t: Tensor | None = None) -> Tensor:
    """x − 1 − log x, for x > 0: zero at 1 and to second order there. t: x − 1, where the caller has it exactly.

    With s = t/(2 + t), log x = 2·atanh(s) and t − 2s = t·s, so h = s·(t − 2s²·tail).
    """
    t = x - 1 if t is None else t
    s = t / (2 + t)
    near = s.abs() < _NEAR
    s = torch.where(near, s, 0.0)
    far = torch.where(near, 2.0, x)
    return torch.where(near, s * (torch.where(near, t, 0.0) - 2 * s * s * atanh_tail(s)), far - 1 - far.log())


def exp_excess(x: Tensor) -> Tensor:
    """e^x − 1 − x: zero at 0 and to second order there. Its Taylor series for |x| < 1."""
    near = x.abs() < 1
    small, large = torch.where(near, x, 0.0), torch.where(near, 1.0, x)
    series = torch.full_like(x, 1 / math.factorial(20))
    for k in range(19, 1, -1):
        series = series * small + 1 / math.factorial(k)
    return torch.where(near, series * small * small, torch.expm1(large) - large)


def kl_term(p: Tensor, q: Tensor, d: Tensor | None = None) -> Tensor:
    """p·log(p/q) − p + q, for p, q ≥ 0: never negative, zero only at p = q, and Σ kl_term = KL for probabilities.

    d: p − q, where the caller has it more exactly than the subtraction. p = 0 gives q; q = 0 < p gives inf.
    Gradients are finite: at p = 0, where the slope in p is −∞, it is taken as 0.
    """
    d = p - q if d is None else d
    total = p + q
    s = d / torch.where(total > 0, total, 1.0)
    near = s.abs() < _NEAR
    small = torch.where(near, s, 0.0)
    close = d * small * (1 + (1 + small) * small * atanh_tail(small))
    inner = ~near & (p > 0) & (q > 0)
    safe_p, safe_q = torch.where(inner, p, 1.0), torch.where(inner, q, 1.0)
    ratio = safe_p / safe_q
    tame = (ratio > 1e-30) & (ratio < 1e30)
    log_ratio = torch.where(tame, torch.where(tame, ratio, 1.0).log(), safe_p.log() - safe_q.log())
    far = torch.where(inner, safe_p * log_ratio - d, torch.where(p > 0, torch.inf, q))
    return torch.where(near, close, far)


def bernoulli_kl(p: Tensor, q: Tensor, d: Tensor | None = None, others: tuple[Tensor, Tensor] | None = None) -> Tensor:
    """KL in nats between two coins, p and q in [0, 1] the probabilities of heads.

    d: p − q, others: 1 − p and 1 − q, where the caller has them more exactly.
    """
    d = p - q if d is None else d
    other_p, other_q = (1 - p, 1 - q) if others is None else others
    return kl_term(p, q, d) + kl_term(other_p, other_q, -d)


def safe_log(p: Tensor) -> Tensor:
    """log p, −inf at 0 with a gradient of 0 there, so that a zero spoils nobody else's gradient."""
    positive = p > 0
    return torch.where(positive, torch.where(positive, p, 1.0).log(), -torch.inf)
