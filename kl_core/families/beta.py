"""Beta: a probability that is itself uncertain."""

from __future__ import annotations

import math

import torch
from scipy import special
from torch import Tensor
from torch.distributions import Beta, Uniform, constraints

from ..density import LOG, DensitySpec, End, ladder, last, register_density, unit_interval
from ..numerics.exact import bernoulli_kl, exp_excess, kl_term
from ..numerics.gamma_functions import beta_bregman, digamma_bregman, stirling, stirling_slope
from ..numerics.pieces import by_entries
from ..numerics.rounding import difference_of_products
from ..numerics.values import mapped
from ..registry import register_closed_form
from .family import Family, Parameter
from .gamma import grading
from .normal import NORMAL_OFFSETS

CONCENTRATION1 = Parameter(
    "concentration1",
    "α",
    "weight towards 1",
    constraints.positive,
    "a number greater than 0",
    low=0.2,
    high=20,
    step=0.1,
    default=2.0,
    log=True,
)
CONCENTRATION0 = Parameter(
    "concentration0",
    "β",
    "weight towards 0",
    constraints.positive,
    "a number greater than 0",
    low=0.2,
    high=20,
    step=0.1,
    default=4.0,
    log=True,
)

FAMILY = Family("beta", "Beta", "continuous", (CONCENTRATION1, CONCENTRATION0), Beta, "0 < x < 1", rank=10)


def _log_density(d: Beta, x: Tensor, below: Tensor | None = None) -> Tensor:
    """−n·KL(a/n‖x) − log x − log(1 − x) + ½·log(ab/2πn) − remainders of Stirling's formula, n = a + b."""
    a, b = last(d.concentration1, d.concentration0)
    below = 1 - x if below is None else below
    n = a + b
    gap = a * below - b * x
    peak = kl_term(a, n * x, gap) + kl_term(b, n * below, -gap)
    bell = 0.5 * (a * b / (2 * math.pi * n)).log() - stirling(a) - stirling(b) + stirling(n)
    return bell - peak - x.log() - below.log()


def _log_density_of_log(a: Tensor, b: Tensor, s: Tensor) -> Tensor:
    """The same of log x at s: a·log(a/nx) − a + nx is a·(e^t − 1 − t), t = log(nx/a)."""
    a, b = last(a, b)
    n, x, below = a + b, s.exp(), -torch.expm1(s)
    peak = a * exp_excess(s - (a / n).log()) + kl_term(b, n * below, b * x - a * below)
    return 0.5 * (a * b / (2 * math.pi * n)).log() - stirling(a) - stirling(b) + stirling(n) - peak - below.log()


def _log_ratio(p: Beta, q: Beta, x: Tensor, below: Tensor | None = None) -> Tensor:
    """(a_p − a_q)·log x + (b_p − b_q)·log(1 − x), each less its mean under Q, less KL(Q‖P), what their normaliser bends."""
    (a_p, b_p), (a_q, b_q) = (last(d.concentration1, d.concentration0) for d in (p, q))
    below = 1 - x if below is None else below
    gap, whole = b_q * x - a_q * below, _log_mean(a_q + b_q)

    def less_mean(x: Tensor, a: Tensor, gap: Tensor) -> Tensor:
        rise = gap / a  # n·x/a − 1
        near = rise.abs() < 0.5
        above = torch.where(near, torch.log1p(torch.where(near, rise, 0.0)), ((a_q + b_q) / a * x).log())
        return above - (_log_mean(a) - whole)

    first, second = (a_p - a_q) * less_mean(x, a_q, gap), (b_p - b_q) * less_mean(below, b_q, -gap)
    return first + second - kl_betas(a_q, b_q, a_p, b_p)


def _log_mean(a: Tensor) -> Tensor:
    """digamma(a) − log a."""
    return stirling_slope(a) - 0.5 / a


def _side(near: Tensor, far: Tensor) -> Tensor:
    """Panel edges as distances from the edge where the density goes like x^(near − 1), up to ½."""
    near, far = last(near, far)
    n = near + far
    offsets = torch.tensor(NORMAL_OFFSETS, dtype=near.dtype, device=near.device)
    centre, spread = near / n, (near * far / (n * n * (n + 1))).sqrt()
    edges = torch.cat([torch.zeros_like(near), ladder(centre.squeeze(-1), grading(near)), centre + spread * offsets], -1)
    return edges.clamp(0.0, 0.5)


def _entropy(d: Beta) -> Tensor:
    a, b = d.concentration1, d.concentration0
    n = a + b
    bell = 0.5 * (2 * math.pi * (a / n) * (b / n) / n).log() + 0.5 - 0.5 / a - 0.5 / b + 1 / n
    slopes = (1 - a) * stirling_slope(a) + (1 - b) * stirling_slope(b) - (2 - n) * stirling_slope(n)
    return bell + stirling(a) + stirling(b) - stirling(n) + slopes


DENSITY = register_density(
    Beta,
    DensitySpec(
        arguments=("concentration1", "concentration0"),
        support=unit_interval,
        log_density=_log_density,
        quantile=lambda d, u: float(special.betaincinv(d.concentration1.item(), d.concentration0.item(), u)),
        cuts=lambda d: _side(d.concentration1, d.concentration0),
        cuts_below=lambda d: _side(d.concentration0, d.concentration1),
        ends=lambda d: (End(LOG, d.concentration1 - 1), End(LOG, d.concentration0 - 1)),
        entropy=_entropy,
        log_ratio=_log_ratio,
        log_density_of_log=lambda d, s: _log_density_of_log(d.concentration1, d.concentration0, s),
        log_density_of_log_below=lambda d, s: _log_density_of_log(d.concentration0, d.concentration1, s),
    ),
)


_AT_ONCE = 2**13 // 3  # pairs, of which each has three numbers for `digamma_bregman`


def kl_betas(a_p: Tensor, b_p: Tensor, a_q: Tensor, b_q: Tensor, gaps: tuple[Tensor, Tensor, Tensor] | None = None) -> Tensor:
    """KL between two Betas: the Bregman divergence of lgamma(a) + lgamma(b) − lgamma(a + b), from P to Q.

    gaps: a_q − a_p, b_q − b_p and a_q·b_p − b_q·a_p, where the caller has them more exactly. Where its parts cancel,
    as they do when one parameter is far smaller than the other, the other way is tried, and the better one taken.
    """
    if gaps is None:
        gaps = a_q - a_p, b_q - b_p, difference_of_products(a_q, b_p, b_q, a_p)
    a_p, b_p, a_q, b_q, a_gap, b_gap, cross = torch.broadcast_tensors(a_p, b_p, a_q, b_q, *gaps)
    value, size = by_entries(_through_the_mean, a_p, b_p, a_q, b_q, a_gap, b_gap, cross, at_once=_AT_ONCE)
    if not mapped() and bool((size <= 3 * value).all()):
        return value
    with torch.no_grad():
        swap = torch.maximum(a_p, a_q) < torch.maximum(b_p, b_q)
        less_p, less_q = torch.where(swap, a_p - b_p, b_p - a_p), torch.where(swap, a_q - b_q, b_q - a_q)
        lost = (size > 3 * value) & (less_p <= 1) & (less_q <= 1)
    if not bool(lost.any()):
        return value
    swap, size, plain, cross = (rows[lost] for rows in (swap, size, value, cross))
    (a_p, b_p), (a_q, b_q), (a_gap, b_gap) = (
        (torch.where(swap, b[lost], a[lost]), torch.where(swap, a[lost], b[lost])) for a, b in ((a_p, b_p), (a_q, b_q), (a_gap, b_gap))
    )
    cross = torch.where(swap, -cross, cross)
    other, other_size = by_entries(_other_way, a_p, b_p, a_q, b_q, a_gap, b_gap, cross, at_once=_AT_ONCE)
    return value.masked_scatter(lost, torch.where(other_size * plain < size * other, other, plain))


def _other_way(a_p: Tensor, b_p: Tensor, a_q: Tensor, b_q: Tensor, a_gap: Tensor, b_gap: Tensor, cross: Tensor) -> Tensor:
    return torch.stack(beta_bregman(a_p, b_p, a_q, b_q, (a_gap, b_gap, cross)))


def _through_the_mean(a_p: Tensor, b_p: Tensor, a_q: Tensor, b_q: Tensor, a_gap: Tensor, b_gap: Tensor, cross: Tensor) -> Tensor:
    """(2, …): n_q·KL(a_q/n_q‖a_p/n_p) + R-parts of a and b, less that of n = a + b; R as in `digamma_bregman`. And its parts' size."""
    n_p, n_q = a_p + b_p, a_q + b_q
    means = n_q * bernoulli_kl(a_q / n_q, a_p / n_p, cross / n_q / n_p, (b_q / n_q, b_p / n_p))
    parts = digamma_bregman(*map(torch.stack, ((a_q, b_q, n_q), (a_p, b_p, n_p), (a_gap, b_gap, a_gap + b_gap))))
    whole = parts[2]
    parts = means + parts[0] + parts[1]
    return torch.stack((parts - whole, parts + whole))


@register_closed_form(Beta, Beta)
def kl_beta_beta(p: Beta, q: Beta) -> Tensor:
    """log(B_q/B_p) + (a_p − a_q)·ψ(a_p) + (b_p − b_q)·ψ(b_p) − (a_p + b_p − a_q − b_q)·ψ(a_p + b_p), B the Beta function, ψ digamma.

    Rearranged so that nothing cancels: see `kl_betas`.
    """
    return kl_betas(p.concentration1, p.concentration0, q.concentration1, q.concentration0)


@register_closed_form(Beta, Uniform)
def kl_beta_uniform(p: Beta, q: Uniform) -> Tensor:
    """KL from the uniform on (0, 1), a Beta(1, 1), plus log(high − low), where Q covers (0, 1); otherwise inf."""
    inside = (q.low <= 0) & (q.high >= 1)
    margin = torch.where(inside, (q.high - 1) - q.low, 0.0)
    ones = torch.ones_like(p.concentration1)
    value = kl_betas(p.concentration1, p.concentration0, ones, ones) + torch.log1p(margin)
    return torch.where(inside, value, torch.inf)
