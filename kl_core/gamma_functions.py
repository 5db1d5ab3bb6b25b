"""lgamma and its derivatives less what is elementary in them, so that what is left never cancels.

Every KL within a family made of Gammas (Gamma, Beta, Dirichlet, Weibull, Student-t …) is elementary parts plus
differences of these remainders, each right to rounding error from 1e-6 to 1e300.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .exact import atanh_tail, h, kl_term, polynomial
from .law import last
from .quadrature import panels

__all__ = ["stirling", "stirling_slope", "trigamma_excess", "digamma_bregman", "lgamma_bregman",
           "digamma_concavity", "beta_bregman"]

# B₂ₖ, the Bernoulli numbers, k = 1 … 12.
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
              854513 / 138, -236364091 / 2730)
_ORDERS = range(1, len(_BERNOULLI) + 1)
_SHIFT = 8  # from here on twelve terms of the asymptotic series are exact to rounding


def _series(x: Tensor, divisors: tuple[int, ...]) -> Tensor:
    """Σ B₂ₖ / divisorₖ · x^−(2k − 2); x ≥ 8."""
    coefficients = tuple(b / d for b, d in zip(_BERNOULLI, divisors))[::-1]
    return polynomial(coefficients, 1 / (x * x))


def _shifts(a: Tensor) -> Tensor:
    return a.unsqueeze(-1) + torch.arange(_SHIFT, dtype=a.dtype, device=a.device)


def _climbing(a: Tensor, direct, near) -> Tensor:
    """Σ over x = a, a + 1, … a + 7 of a function of x; for x > 1 through s = 1/(2x + 1) ≤ 1/3, where nothing cancels."""
    terms = near(1 / (2 * _shifts(a).clamp_min(1.0) + 1))
    small = a < 1  # the other seven are above 1 in any case
    if not bool(small.any()):
        return terms.sum(-1)
    first = torch.where(small, direct(torch.where(small, a, 1.0)), terms[..., 0])
    return first + terms[..., 1:].sum(-1)


def stirling(a: Tensor) -> Tensor:
    """lgamma(a) − [(a − ½)·log a − a + ½·log 2π], the remainder of Stirling's formula; a > 0. About 1/(12a).

    By its recurrence to a + 8, then its asymptotic series (Abramowitz & Stegun 6.1.40).
    """
    climb = _climbing(a, lambda x: (x + 0.5) * torch.log1p(1 / x) - 1, lambda s: s * s * atanh_tail(s))
    x = a + _SHIFT
    return climb + _series(x, tuple(2 * k * (2 * k - 1) for k in _ORDERS)) / x


def stirling_slope(a: Tensor) -> Tensor:
    """The derivative of `stirling`: digamma(a) − log a + 1/(2a); a > 0. About −1/(12a²)."""
    climb = _climbing(a, lambda x: torch.log1p(1 / x) - (x + 0.5) / (x * (x + 1)),
                      lambda s: 2 * s**3 * (atanh_tail(s) - 1 / (1 - s * s)))
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

    d: b − a, where the caller has it more exactly. R = −½·log a + ½·log 2π + stirling(a), so it is ½·h(b/a) and the same
    of `stirling`, neither below 0. Where that second part cancels, it is done by an integral.
    """
    a, b, d = torch.broadcast_tensors(a, b, b - a if d is None else d)
    at_a, at_b, slope = stirling(a), stirling(b), stirling_slope(a) * d
    value = 0.5 * h(b / a, d / a) + (at_b - at_a - slope)
    with torch.no_grad():
        lost = ((at_a + at_b + slope.abs()) > value) & (b < 20 * a) & (a < 20 * b)
    for wide in (False, True):
        some = lost & ((b > 2 * a) | (a > 2 * b) if wide else (b <= 2 * a) & (a <= 2 * b))
        if bool(some.any()):
            value = value.masked_scatter(some, _bregman_by_integral(b[some], a[some], d[some], wide))
    return value


def _bregman_by_integral(b: Tensor, a: Tensor, d: Tensor, wide: bool) -> Tensor:
    """∫ (b − x)·R″(x) dx from a to b, R″ = trigamma − 1/x > 0, over log x, where the nearest singularity is π away.

    10 nodes are exact to rounding up to a factor of 2, and two panels of 16 up to one of 20 (wide).
    """
    t, weights = panels(torch.linspace(0, 1, 3 if wide else 2, dtype=a.dtype, device=a.device), 16 if wide else 10)
    a, d = a.unsqueeze(-1), d.unsqueeze(-1)
    steps = torch.log1p(d / a) * t
    moved = a * torch.expm1(steps)  # x − a; so b − x keeps its digits when a and b are close
    x = a + moved
    return (torch.log1p(d / a) * weights * (d - moved) * x * trigamma_excess(x)).sum(-1)


def lgamma_bregman(b: Tensor, a: Tensor, d: Tensor | None = None) -> Tensor:
    """lgamma(b) − lgamma(a) − digamma(a)·(b − a) ≥ 0, for a, b > 0. d: b − a, where the caller has it more exactly."""
    return kl_term(b, a, d) + digamma_bregman(b, a, d)


def _digamma_remainders(x: Tensor, y: Tensor, d: Tensor) -> Tensor:
    """The part of −digamma's Bregman divergence from x to y = x + d that log x leaves; x, y ≥ 8.

    digamma(x) = log x − 1/2x − Σ B₂ₖ/2k·x^−2k (A&S 6.3.18). With t = x/y, t^m − 1 + m·d/x is
    (1 − t)·(m·d/x + (1 − t)·Σ (m − 1 − l)·t^l), l = 0 … m − 2, in which all is of one sign.
    """
    rise, fall, t = d / x, d / y, x / y
    total = 0.5 * fall * rise / x
    inner, outer, power, scale = (torch.full_like(t, value) for value in (0.0, 0.0, 1.0, 1.0))
    for k, b in zip(_ORDERS, _BERNOULLI):
        for _ in range(1 if k == 1 else 2):  # to m = 2k
            inner, power = inner + power, power * t  # Σ t^l
            outer = outer + inner  # Σ (m − 1 − l)·t^l
        scale = scale / (x * x)
        total = total + b / (2 * k) * scale * (fall * (2 * k * rise + fall * outer))
    return total


def digamma_concavity(y: Tensor, x: Tensor, d: Tensor) -> Tensor:
    """digamma(x) + digamma′(x)·d − digamma(y) ≥ 0, for x, y > 0 and d = y − x; all its parts are positive."""
    steps_x, steps_y, gap = _shifts(x), _shifts(y), d.unsqueeze(-1)
    climb = (gap / steps_x * (gap / steps_x) / steps_y).sum(-1)
    x, y = x + _SHIFT, y + _SHIFT
    return climb + h(y / x, d / x) + _digamma_remainders(x, y, d)


def beta_bregman(a_p: Tensor, b_p: Tensor, a_q: Tensor, b_q: Tensor, gaps: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The Bregman divergence of lgamma(a) + lgamma(b) − lgamma(a + b) from P to Q, for b ≤ a + 1, and its parts' size.

    gaps: a_q − a_p, b_q − b_p, a_q·b_p − b_q·a_p. Where b is small the last two lgammas all but cancel. With
    lgamma(x) = lgamma(x + 1) − log x they differ by h(u) − h(v) = w·(v − 1) + h(1 + w), u and v the ratios of the a and
    of the a + b, w = u/v − 1; and along s from a + 1 to a + b + 1, at x = a + 1 + s·b, by −∫ b·digamma(x) ds, whose own
    divergence is the integral of b_q·concavity(x_q, x_p) − digamma′(x_p)·(x_q − x_p)·(b_q − b_p).
    """
    a_gap, b_gap, cross = gaps
    w = cross / (a_q + b_q) / a_p
    first = w * ((a_gap + b_gap) / (a_p + b_p))
    own = lgamma_bregman(b_q, b_p, b_gap) + h(1 + w, w)
    s, weights = panels(torch.linspace(0, 1, 2, dtype=a_p.dtype, device=a_p.device))
    x, y, d = (last(a)[0] + s * last(b)[0] for a, b in ((1 + a_p, b_p), (1 + a_q, b_q), (a_gap, b_gap)))
    bent = b_q * (weights * digamma_concavity(y, x, d)).sum(-1)
    moved = b_gap * (weights * (trigamma_excess(x) + 1 / x) * d).sum(-1)
    return own + bent + (first - moved), own + bent + first.abs() + moved.abs()
