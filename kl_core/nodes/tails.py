"""How far out KL(P‖Q) goes, where −log q grows so much faster than −log p that P's own panels, made for its mass, end too soon.

A tail of P like |x|^−(ν + 1) under a −log q like |x| or x² leaves KL a tail like |x|^(1 − ν) or |x|^(2 − ν), whose end no
float reaches for ν next to 1 or 2. A lighter tail of P only moves the mass of p·log q further out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import DEPTHS, EXPONENTIAL, LINEAR, LOG, LOG_SQUARED, SQUARE, density_of
from ..numerics.exact import EPS

__all__ = ["tail_edges", "beyond_edges"]

_LAST_LOG = 709.0  # of a float

_FARTHEST = 66  # factors of 4 that a tail is followed for; there nothing but its leading power is left in a float
_SLOW = 33 / _FARTHEST  # below this power of |x| something that counts lies beyond


def _heavy_ends(p: Distribution, q: Distribution) -> Iterator[tuple[float, Tensor]]:
    """For each such end its side and the power by which KL's tail falls off, (batch_shape); not above 0, it never does."""
    for side, end_p, end_q, bound in zip((-1.0, 1.0), density_of(p).ends(p), density_of(q).ends(q), density_of(p).support(p)):
        heavy = bound.isinf() & (end_p.orders == LOG) & (end_q.orders >= LINEAR)
        power = torch.where(heavy, end_p.coefficient - 1 - end_q.orders, -1.0)
        if bool((power > 0).any()):
            yield side, power


def tail_edges(p: Distribution, q: Distribution) -> list[Tensor]:
    """More panel edges, for KL(P‖Q)."""
    return _edges_of_heavy_ends(p, q) + _edges_of_light_ends(p, q)


def _edges_of_light_ends(p: Distribution, q: Distribution) -> list[Tensor]:
    """Those of |x|^a·p(x), a the power of |x| in −log q.

    For −log p = c·(log x)² that is p again, exp(a/2c) times further out. For c·|x|^o it is like a Gamma of shape a/o in
    c·|x|^o; up to a = 2·o P's own panels reach far enough.
    """
    edges = []
    for side, end_p, end_q, bound in zip((-1.0, 1.0), density_of(p).ends(p), density_of(q).ends(q), density_of(p).support(p)):
        rate, order, power, own = (value.detach() for value in (end_p.coefficient, end_p.orders, end_q.orders, density_of(p).cuts(p)))
        if bool((power >= EXPONENTIAL).any()):
            edges.append(_edges_of_exponential(side, (rate, order, power - EXPONENTIAL), bound.isinf(), own))
        beyond = bound.isinf() & (power >= LINEAR) & (power < EXPONENTIAL)
        logs, powers = beyond & (order == LOG_SQUARED), beyond & (order >= LINEAR) & (power > 2 * order)
        if bool(logs.any()):
            further = torch.where(logs, power / (2 * rate), 0.0).unsqueeze(-1)
            edges.append(own.sign() * (own.abs().log() + further).clamp_max(_LAST_LOG).exp())
        if bool(powers.any()):
            rate, order, power = (torch.where(powers, value, 1.0).unsqueeze(-1) for value in (rate, order, power))
            shape, depths = power / order, rate.new_tensor(DEPTHS)
            half_width = (2 * shape * depths).sqrt()
            places = torch.cat([(shape - half_width).clamp_min(0.0), shape + half_width + depths], -1)
            edges.append(torch.where(powers.unsqueeze(-1), side * (places / rate) ** (1 / order), own[..., :1]))
    return edges


def _edges_of_exponential(side: float, end: tuple[Tensor, Tensor, Tensor], unending: Tensor, own: Tensor) -> Tensor:
    """Those of e^(rate·|x|)·p(x): of e^−c|x| a slower one of c − rate, of e^−cx² the same Gaussian further out by rate/2c."""
    coefficient, order, rate = (value.unsqueeze(-1) for value in end)
    slower = (coefficient - rate).clamp_min(1e-3 * coefficient)
    depths = torch.tensor((0.25, *DEPTHS), dtype=own.dtype, device=own.device)
    linear = own.mean(-1, keepdim=True) + side * depths / slower
    shifted = own + side * rate / (2 * coefficient)
    live = unending.unsqueeze(-1)
    first = own[..., :1]
    return torch.cat([torch.where(live & (order == LINEAR), linear, first), torch.where(live & (order == SQUARE), shifted, first)], -1)


def _edges_of_heavy_ends(p: Distribution, q: Distribution) -> list[Tensor]:
    """Each four times further out, to where what is left is lost in rounding or `beyond_edges` takes over."""
    edges = []
    for side, power in _heavy_ends(p, q):
        power = power.detach()
        count = min(math.ceil(33 / power[power > 0].amin().item()), _FARTHEST)
        steps = 4.0 ** torch.arange(count + 1, dtype=power.dtype, device=power.device)
        own = density_of(p).cuts(p).detach()
        edges.append(torch.where((power > 0).unsqueeze(-1), own.mean(-1, keepdim=True) + side * steps, own[..., :1]))
    return edges


def beyond_edges(p: Distribution, q: Distribution) -> tuple[Tensor | float, Tensor | float]:
    """What KL(P‖Q) has beyond the last edge, X, and a bound on its error: X·f(X)/a, as of an integrand f ∝ |x|^−(1 + a)."""
    value: Tensor | float = 0.0
    error: Tensor | float = 0.0
    for side, power in _heavy_ends(p, q):
        slow = (power > 0) & (power < _SLOW)
        if not bool(slow.any()):
            continue
        x = density_of(p).cuts(p).detach().mean(-1, keepdim=True) + side * 4.0**_FARTHEST
        log_p, log_q = (density_of(d).log_density(d, x, 1 - x).squeeze(-1) for d in (p, q))
        integral = 4.0**_FARTHEST * log_p.exp() * (log_p - log_q) / torch.where(slow, power, 1.0)
        value = value + torch.where(slow, integral, 0.0)
        # The power is a difference of numbers of order 1.
        error = error + torch.where(slow, EPS * integral * (log_p.abs() + 8 / power), 0.0).detach()
    return value, error
