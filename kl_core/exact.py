"""Elementary functions that keep their digits where the textbook expression cancels.

Nearly every KL is a sum of terms each of which vanishes to second order at P = Q, built from first-order pieces
that cancel. Written as below the cancellation is done on paper and each term is right to rounding error.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .quadrature import panels

__all__ = ["h", "exp_excess", "kl_term", "bernoulli_kl", "safe_log", "stirling", "stirling_slope", "trigamma_excess",
           "product_tail", "difference_of_products",
           "digamma_bregman"]

# Below this |s|, s = (x − y)/(x + y), so up to a factor of 2 between x and y, the series in s² is used. Sixteen terms
# then reach 2e-17, and beyond, where the direct form is used, it loses less than a factor of 4 by cancellation.
_NEAR = 1 / 3
_TERMS = 16


def _atanh_tail(s: Tensor) -> Tensor:
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
    return torch.where(near, s * (torch.where(near, t, 0.0) - 2 * s * s * _atanh_tail(s)), far - 1 - far.log())


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
    close = d * small * (1 + (1 + small) * small * _atanh_tail(small))
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


def product_tail(a: Tensor, b: Tensor, product: Tensor) -> Tensor:
    """a·b − product, the rounding error of the product, exactly (Dekker 1971)."""
    def halves(x: Tensor) -> tuple[Tensor, Tensor]:
        big = 134217729.0 * x  # 2²⁷ + 1
        high = big - (big - x)
        return high, x - high

    (a_high, a_low), (b_high, b_low) = halves(a), halves(b)
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def difference_of_products(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """a·b − c·d to within two roundings of the result, however much cancels (Jeannerod, Louvet & Muller 2013)."""
    first, second = a * b, c * d
    with torch.no_grad():
        tails = (product_tail(a, b, first) - product_tail(c, d, second)).nan_to_num(0.0, 0.0, 0.0)
    return (first - second) + tails


def safe_log(p: Tensor) -> Tensor:
    """log p, −inf at 0 with a gradient of 0 there, so that a zero spoils nobody else's gradient."""
    positive = p > 0
    return torch.where(positive, torch.where(positive, p, 1.0).log(), -torch.inf)


# B₂ₖ, the Bernoulli numbers, k = 1 … 12.
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
              854513 / 138, -236364091 / 2730)
_ORDERS = range(1, len(_BERNOULLI) + 1)
_SHIFT = 8  # from here on twelve terms of the asymptotic series are exact to rounding


def _series(x: Tensor, divisors: tuple[int, ...]) -> Tensor:
    """Σ B₂ₖ / divisorₖ · x^−(2k − 2), smallest terms first; x ≥ 8."""
    coefficients = [b / d for b, d in zip(_BERNOULLI, divisors)][::-1]
    powers = (1 / (x * x)).unsqueeze(-1) ** torch.arange(len(coefficients) - 1, -1, -1, dtype=x.dtype, device=x.device)
    return (powers * torch.tensor(coefficients, dtype=x.dtype, device=x.device)).sum(-1)


def _shifts(a: Tensor) -> Tensor:
    return a.unsqueeze(-1) + torch.arange(_SHIFT, dtype=a.dtype, device=a.device)


def _climbing(a: Tensor, direct, near) -> Tensor:
    """Σ over x = a, a + 1, … a + 7 of a function of x; for x > 1 through s = 1/(2x + 1) ≤ 1/3, where nothing cancels."""
    x = _shifts(a)
    large = x > 1
    s = torch.where(large, 1 / (2 * x + 1), 0.25)
    return torch.where(large, near(s), direct(torch.where(large, 1.0, x))).sum(-1)


def stirling(a: Tensor) -> Tensor:
    """lgamma(a) − [(a − ½)·log a − a + ½·log 2π], the remainder of Stirling's formula; a > 0. About 1/(12a).

    By its recurrence to a + 8, then its asymptotic series (Abramowitz & Stegun 6.1.40).
    """
    climb = _climbing(a, lambda x: (x + 0.5) * torch.log1p(1 / x) - 1, lambda s: s * s * _atanh_tail(s))
    x = a + _SHIFT
    return climb + _series(x, tuple(2 * k * (2 * k - 1) for k in _ORDERS)) / x


def stirling_slope(a: Tensor) -> Tensor:
    """The derivative of `stirling`: digamma(a) − log a + 1/(2a); a > 0. About −1/(12a²)."""
    climb = _climbing(a, lambda x: torch.log1p(1 / x) - (x + 0.5) / (x * (x + 1)),
                      lambda s: 2 * s**3 * (_atanh_tail(s) - 1 / (1 - s * s)))
    x = a + _SHIFT
    return climb - _series(x, tuple(2 * k for k in _ORDERS)) / (x * x)


def trigamma_excess(a: Tensor) -> Tensor:
    """trigamma(a) − 1/a, every term positive: the recurrence to a + 8, then the asymptotic series (A&S 6.4.12)."""
    steps = _shifts(a)
    climb = (1 / (steps * steps * (steps + 1))).sum(-1)
    x = a + _SHIFT
    return climb + (0.5 + _series(x, (1,) * len(_BERNOULLI)) / x) / (x * x)


def digamma_bregman(b: Tensor, a: Tensor, d: Tensor | None = None) -> Tensor:
    """R(b) − R(a) − R′(a)·(b − a), for R(a) = lgamma(a) − a·log a + a; a, b > 0. Never negative.

    d: b − a, where the caller has it more exactly. Within a factor of 20 it is the integral from a to b of
    (b − x)·R″(x) dx, R″ = trigamma − 1/x > 0, over log x, where the nearest singularity is π away: two panels of 16
    nodes are exact to rounding. Further apart nothing cancels, and R = −½·log a + ½·log 2π + stirling(a) will do.
    """
    a, b, d = torch.broadcast_tensors(a, b, b - a if d is None else d)
    close = (b < 20 * a) & (a < 20 * b)
    near_d = torch.where(close, d, 0.0)
    span = torch.log1p(near_d / a).unsqueeze(-1)
    t, weights = panels(torch.linspace(0, 1, 3, dtype=a.dtype, device=a.device))
    x = a.unsqueeze(-1) * torch.exp(span * t)
    # b − x = (b − a) − (x − a), with x − a = a·expm1(span·t), keeps its digits when a and b are close.
    rest = near_d.unsqueeze(-1) - a.unsqueeze(-1) * torch.expm1(span * t)
    near = (span * weights * rest * x * trigamma_excess(x)).sum(-1)
    far = stirling(b) - stirling(a) - 0.5 * (b / a).log() + (0.5 / a - stirling_slope(a)) * d
    return torch.where(close, near, far)
