"""lgamma and its derivatives less what is elementary in them, so that what is left never cancels.

Every KL within a family made of Gammas (Gamma, Beta, Dirichlet, Weibull, Student-t …) is elementary parts plus
differences of these remainders, each right to rounding error from 1e-6 to 1e300. All rest on two facts: a recurrence
climbs from a to a + 6 by elementary terms, and from there on J, the remainder of Stirling's formula, is six fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from ..density import last
from .exact import kl_term
from .few import of_few
from .log_excess import atanh_tail, atanh_tail_of_number, h, h_near, h_of_number, h_of_rise
from .pieces import by_entries
from .quadrature import panels
from .values import extent, room_of

__all__ = [
    "EULER",
    "stirling",
    "stirling_slope",
    "trigamma_excess",
    "digamma_bregman",
    "digamma_bregman_of_numbers",
    "lgamma_bregman",
    "digamma_concavity",
    "beta_bregman",
]

EULER = 0.57721566490153286  # −digamma(1)

# J(z) = ∫ z/(z² + t²)·(−log(1 − e^(−2πt))/π) dt over t > 0 (Binet), by the rule of Gauss in t², whose moments are
# |B₂ₖ|/(2k·(2k − 1)), B₂ₖ the Bernoulli numbers: J(z) = Σ w·z/(z² + s) = Re Σ w/(z + i√s), to 2e-19 for z ≥ 6.
_SHIFT = 6
_STEPS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
_AFTER_STEPS = (2.0, 3.0, 4.0, 5.0, 6.0)
_NODES = (0.013093437354043265, 0.31792376051030324, 1.3363156610994962, 3.6481832351526613, 8.302004925463695, 17.811688576179016)
_WEIGHTS = (
    0.07831591012731325,
    0.004866867224873209,
    0.00014889170491626269,
    1.6594054500482805e-06,
    4.869183235105365e-09,
    1.5973269735892567e-12,
)


# Steps and nodes stand on the first axis, so that what is added up lies as the batch lies: on the last one, six numbers long, the
# Gamma's KL of 10,000 pairs took four times as long.
@cache
@torch.inference_mode(False)  # kept for later calls, some of which want gradients
def _column(values: tuple[float, ...], dim: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=dtype, device=device).view(-1, *(1,) * dim)


def _tensor(values: tuple[float, ...], like: Tensor) -> Tensor:
    """(n, 1, …), to stand before the axes of `like`."""
    return _column(values, like.dim(), like.dtype, like.device)


def _binet(z: Tensor) -> tuple[Tensor, Tensor]:
    """(6, ...) z + i√s, and the weights w of a Re Σ w·f(z + i√s) that is exact where f(z) is 1/z or its derivatives."""
    return torch.complex(*torch.broadcast_tensors(z, _tensor(_NODES, z).sqrt())), _tensor(_WEIGHTS, z)


def _shifts(a: Tensor) -> Tensor:
    """a, a + 1, … a + 5, (6, ...)."""
    return a + _tensor(_STEPS, a)


def _climbing(a: Tensor, direct: Callable[[Tensor], Tensor], near: Callable[[Tensor], Tensor]) -> Tensor:
    """Σ over x = a, a + 1, … a + 5 of a function of x; for x > 1 through s = 1/(2x + 1) ≤ 1/3, where nothing cancels."""
    terms = near(1 / (2 * _shifts(a).clamp_min(1.0) + 1))
    if extent(a)[0] >= 1:
        return terms.sum(0)
    small = a < 1  # the others are above 1 in any case
    first = torch.where(small, direct(torch.where(small, a, 1.0)), terms[0])
    return first + terms[1:].sum(0)


def stirling(a: Tensor) -> Tensor:
    """J(a) = lgamma(a) − [(a − ½)·log a − a + ½·log 2π], the remainder of Stirling's formula; a > 0. About 1/(12a)."""
    few = of_few(_stirling_of, a)
    if few is not None:
        return few
    climb = _climbing(a, lambda x: (x + 0.5) * torch.log1p(1 / x) - 1, lambda s: s * s * atanh_tail(s))
    z = a + _SHIFT
    return climb + (_tensor(_WEIGHTS, z) / (z + _tensor(_NODES, z) / z)).sum(0)


def _stirling_of(a: float) -> float:
    parts = [w / (z + s / z) for z in (a + _SHIFT,) for s, w in zip(_NODES, _WEIGHTS)]
    for x in (a + step for step in _STEPS):
        s = 1 / (2 * x + 1)
        parts.append(s * s * atanh_tail_of_number(s) if x >= 1 else (x + 0.5) * math.log1p(1 / x) - 1)
    return math.fsum(parts)


def stirling_slope(a: Tensor) -> Tensor:
    """J′(a) = digamma(a) − log a + 1/(2a); a > 0. About −1/(12a²)."""
    few = of_few(_stirling_slope_of, a)
    if few is not None:
        return few
    climb = _climbing(a, lambda x: torch.log1p(1 / x) - (x + 0.5) / (x * (x + 1)), lambda s: 2 * s**3 * (atanh_tail(s) - 1 / (1 - s * s)))
    z, weights = _binet(a + _SHIFT)
    return climb - (weights * (1 / z).square().real).sum(0)


def _stirling_slope_of(a: float) -> float:
    z = a + _SHIFT
    parts = [-w * (z * z - s) / (z * z + s) ** 2 for s, w in zip(_NODES, _WEIGHTS)]  # Re 1/(z + i√s)²
    for x in (a + step for step in _STEPS):
        s = 1 / (2 * x + 1)
        far = x < 1
        parts.append(math.log1p(1 / x) - (x + 0.5) / (x * (x + 1)) if far else 2 * s**3 * (atanh_tail_of_number(s) - 1 / (1 - s * s)))
    return math.fsum(parts)


def trigamma_excess(a: Tensor) -> Tensor:
    """trigamma(a) − 1/a = Σ 1/(x²·(x + 1)) over the climb, then 1/(2z²) + J″(z); every term is positive."""
    steps = _shifts(a)
    climb = (1 / (steps * steps * (steps + 1))).sum(0)
    z, weights = _binet(a + _SHIFT)
    return climb + 0.5 / (a + _SHIFT).square() + 2 * (weights * (1 / z).pow(3).real).sum(0)


def digamma_bregman(b: Tensor, a: Tensor, d: Tensor | None = None) -> Tensor:
    """R(b) − R(a) − R′(a)·(b − a) ≥ 0 for R(a) = lgamma(a) − a·log a + a; a, b > 0. d: b − a, where known more exactly.

    Every term is positive. R(a) − R(a + 1) = (a + 1)·log(1 + 1/a) − 1 has the divergence (b + 1)·h(1 + d/(a·(b + 1))),
    which climbs to a + 6. There R is ½·log(2π/a) + J(a): ½·h(b/a), and for each 1/z in J just d²/(z_a²·z_b).
    """
    d = b - a if d is None else d
    if a.shape != b.shape or a.shape != d.shape:
        a, b, d = torch.broadcast_tensors(a, b, d)
    few = of_few(digamma_bregman_of_numbers, b, a, d)
    if few is not None:
        return few
    return by_entries(_digamma_bregman_of_many, b, a, d)


def _digamma_bregman_of_many(b: Tensor, a: Tensor, d: Tensor) -> Tensor:
    first = (b + 1) * h_of_rise(d / a / (b + 1), lambda: b / a * ((a + 1) / (b + 1)))
    climb = _climb(b, a, d)
    a, b = a + _SHIFT, b + _SHIFT
    rise = d / a
    return first + climb + (0.5 * h_of_rise(rise, lambda: b / a) + rise * rise * _binet_bregman(1 / a, 1 / b) / b)


def _climb(b: Tensor, a: Tensor, d: Tensor) -> Tensor:
    """Σ (b + k + 1)·h(1 + d/((a + k)·(b + k + 1))) over k = 1 … 5: ratios between ½ and 2."""
    room = room_of(b, a, d)
    steps = a + _tensor(_STEPS[1:], a)
    rise = torch.div(d, steps, out=room(steps))
    steps = b + _tensor(_AFTER_STEPS, b)
    terms = h_near(torch.div(rise, steps, out=room(rise)))
    return torch.mul(terms, steps, out=room(terms)).sum(0)


def digamma_bregman_of_numbers(b: float, a: float, d: float) -> float:
    """The same of Python's floats, d = b − a."""
    parts = [(b + 1) * h_of_number(b / a * ((a + 1) / (b + 1)), d / a / (b + 1))]
    for step in _STEPS[1:]:
        above = b + step + 1
        t = d / (a + step) / above
        parts.append(above * h_of_number(1 + t, t))
    a, b = a + _SHIFT, b + _SHIFT
    rise, i, j = d / a, 1 / a, 1 / b
    binet = sum(w * (1 - s * (i * (i + 2 * j))) / ((1 + s * (i * i)) ** 2 * (1 + s * (j * j))) for s, w in zip(_NODES, _WEIGHTS))
    return math.fsum([*parts, 0.5 * h_of_number(b / a, rise), rise * rise * binet / b])


def _binet_bregman(i: Tensor, j: Tensor) -> Tensor:
    """Re Σ w·z_a²·z_b/((z_a + i√s)²·(z_b + i√s)), i and j the reciprocals of z_a and z_b."""
    s, room = _tensor(_NODES, i), room_of(i, j)

    def one_and(x: Tensor) -> Tensor:
        """1 + s·x; by addcmul, which is slow with two arguments of one number a row, it takes half as long again."""
        product = s * x
        return torch.add(product, 1, out=room(product))

    one_i, one_j, above = one_and(i * i), one_and(j * j), one_and(-i * (i + 2 * j))
    below = torch.mul(one_i, one_i, out=room(one_i))
    below = torch.mul(below, one_j, out=room(below))
    above = torch.div(above, below, out=room(above))
    return torch.mul(above, _tensor(_WEIGHTS, i), out=room(above)).sum(0)


def lgamma_bregman(b: Tensor, a: Tensor, d: Tensor | None = None) -> Tensor:
    """lgamma(b) − lgamma(a) − digamma(a)·(b − a) ≥ 0, for a, b > 0. d: b − a, where the caller has it more exactly."""
    return kl_term(b, a, d) + digamma_bregman(b, a, d)


def digamma_concavity(y: Tensor, x: Tensor, d: Tensor) -> Tensor:
    """digamma(x) + digamma′(x)·d − digamma(y) ≥ 0, for x, y > 0 and d = y − x; all its parts are positive.

    From digamma(x) = digamma(x + 1) − 1/x and digamma(z) = log z − 1/(2z) + J′(z): d²/(x²·y) for each 1/x, h for the
    logarithm, and d²·(X + 2Y)/(X³·Y²) for each 1/z² of J′.
    """
    steps_x, steps_y = _shifts(x), _shifts(y)
    climb = (d / steps_x * (d / steps_x) / steps_y).sum(0)
    x, y = x + _SHIFT, y + _SHIFT
    (z_x, weights), (z_y, _) = _binet(x), _binet(y)
    rise = d / x
    bent = (weights * ((z_x + 2 * z_y) / z_x * (d / z_x / z_y).square()).real).sum(0)
    return climb + h(y / x, rise) + 0.5 * rise * rise / y + bent


def beta_bregman(a_p: Tensor, b_p: Tensor, a_q: Tensor, b_q: Tensor, gaps: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The Bregman divergence of lgamma(a) + lgamma(b) − lgamma(a + b) from P to Q, for b ≤ a + 1, and its parts' size.

    gaps: a_q − a_p, b_q − b_p, a_q·b_p − b_q·a_p. Where b is small the last two lgammas all but cancel. With
    lgamma(x) = lgamma(x + 1) − log x they differ by h(u) − h(v) = w·(v − 1) + h(1 + w), u and v the ratios of the a and
    of the a + b, w = u/v − 1; and along s from a + 1 to a + b + 1, at x = a + 1 + s·b, by −∫ b·digamma(x) ds.
    """
    a_gap, b_gap, cross = gaps
    w = cross / (a_q + b_q) / a_p
    first = w * ((a_gap + b_gap) / (a_p + b_p))
    own = lgamma_bregman(b_q, b_p, b_gap) + h(a_q / (a_q + b_q) * ((a_p + b_p) / a_p), w)
    s, weights = panels(torch.linspace(0, 1, 2, dtype=a_p.dtype, device=a_p.device))
    x, y, d = (last(a)[0] + s * last(b)[0] for a, b in ((1 + a_p, b_p), (1 + a_q, b_q), (a_gap, b_gap)))
    along, size = _along_the_segment(x, y, d, *last(b_p, b_q, b_gap))
    return own + (first + (weights * along).sum(-1)), own + first.abs() + (weights * size).sum(-1)


def _along_the_segment(x: Tensor, y: Tensor, d: Tensor, b_p: Tensor, b_q: Tensor, b_gap: Tensor) -> tuple[Tensor, Tensor]:
    """The divergence of −b·digamma(x) from P's x to Q's y = x + d, for x, y ≥ 1, and its parts' size.

    Nearby b_q·concavity − digamma′(x)·d·(b_q − b_p); far apart b_p·digamma′(x)·d − b_q·(digamma(y) − digamma(x)).
    """
    steep = (trigamma_excess(x) + 1 / x) * d
    bent, moved = b_q * digamma_concavity(y, x, d), b_gap * steep
    with torch.no_grad():
        far = (d / x > 1) | (d / y < -1)
    if not bool(far.any()):
        return bent - moved, bent + moved.abs()
    rose = b_p * steep
    fell = b_q * ((y / x).log() + 0.5 * d / x / y + (stirling_slope(y) - stirling_slope(x)))
    return torch.where(far, rose - fell, bent - moved), torch.where(far, rose.abs() + fell.abs(), bent + moved.abs())
