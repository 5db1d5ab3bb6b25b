"""The nodes of two discrete distributions: the outcomes themselves."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of
from .nearby import better_ratio, nearby_rows
from .quadrature_nodes import Nodes, log_power

__all__ = ["nodes_of_masses"]

_MOST_OUTCOMES = 2**18  # outcomes of one distribution that are summed; beyond, the report knows no bound on its error


def nodes_of_masses(p: Distribution, q: Distribution, power: Tensor | None = None) -> Nodes:
    """The outcomes worth summing under P, and those under Q that are not among them, each of weight 1.

    power: see `nodes_of`; what lies between them is then summed too, and beyond.
    """
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape, () if power is None else power.shape)
    (p_first, p_last), (q_first, q_last) = ([end.expand(shape).unsqueeze(-1) for end in density_of(d).window(d)] for d in (p, q))
    if power is not None:
        own_first, own_last = _window_of_power(p, q, power)
        first = torch.minimum(torch.minimum(p_first, q_first), own_first)
        last = torch.maximum(torch.maximum(p_last, q_last), own_last)
        near = last - first <= _MOST_OUTCOMES
        p_first, p_last = torch.where(near, first, own_first), torch.where(near, last, own_last)
    steps = lambda first, last: torch.arange(
        min(int((last - first).amax().item()), _MOST_OUTCOMES) + 1 if first.numel() else 1, dtype=torch.float64, device=first.device
    )
    of_p, of_q = p_first + steps(p_first, p_last), q_first + steps(q_first, q_last)
    weights = torch.cat([of_p <= p_last, (of_q <= q_last) & ((of_q < p_first) | (of_q > p_last))], -1).double()
    k = torch.cat([of_p, of_q], -1)
    if k.dim() == 1:
        k, weights = k[weights > 0], weights[weights > 0]
    log_p, log_q = density_of(p).log_density(p, k, None), density_of(q).log_density(q, k, None)
    shape = torch.broadcast_shapes(log_p.shape, log_q.shape, k.shape)
    log_p, log_q = log_p.expand(shape), log_q.expand(shape)
    spans = ((last - first).squeeze(-1) for first, last in ((p_first, p_last), (q_first, q_last)))
    left_out = tuple(torch.where(span > _MOST_OUTCOMES, torch.inf, 0.0) for span in spans)
    nodes = Nodes.of_logs(k, weights, log_p, log_q, left_out=left_out)
    nearby = nearby_rows(p, q, nodes)
    if nearby is None:
        return nodes
    ratio = better_ratio(p, q, (k, 1 - k), nodes.ratio, nearby)
    return Nodes.of_logs(k, weights, log_p, log_q, ratio, left_out=left_out, nearby=nearby)


@torch.no_grad()
def _window_of_power(p: Distribution, q: Distribution, power: Tensor) -> tuple[Tensor, Tensor]:
    """Where p^α·q^(1 − α) is above e^−60 of its greatest value, (batch_shape + (1,)): found on 64 outcomes, ever nearer.

    From the first that both have to the last that is worth summing under either, and twice as far while it has not fallen there.
    """
    (lower_p, upper_p), (lower_q, upper_q) = (density_of(d).support(d) for d in (p, q))
    farthest, endless = torch.maximum(*(density_of(d).window(d)[1] for d in (p, q))), torch.minimum(upper_p, upper_q).isinf()
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape, power.shape)
    first, last, endless, a = (
        value.expand(shape).unsqueeze(-1) for value in (torch.minimum(torch.maximum(lower_p, lower_q), farthest), farthest, endless, power)
    )
    for _ in range(80):
        width = last - first
        k = (first + width * torch.linspace(0, 1, 64, dtype=first.dtype, device=first.device)).round()
        exponent = log_power(density_of(p).log_density(p, k, None), density_of(q).log_density(q, k, None), a)
        high = exponent > exponent.amax(-1, keepdim=True) - 60
        grows = endless & high[..., -1:] & (last < 1e15)
        low_end = (torch.where(high, k, torch.inf).amin(-1, keepdim=True) - width / 63).floor().maximum(first)
        high_end = (torch.where(high, k, -torch.inf).amax(-1, keepdim=True) + width / 63).ceil().minimum(last)
        shrinks = ~grows & (high_end - low_end < width / 2) & (width > 64)
        if not bool((grows | shrinks).any()):
            break
        first = torch.where(shrinks, low_end, first)
        last = torch.where(shrinks, high_end, torch.where(grows, first + 2 * width.clamp_min(32.0), last))
    return first, last
