"""The table of two discrete laws: the outcomes themselves."""

from __future__ import annotations

import torch
from torch.distributions import Distribution

from ..law import law_of
from .nearby import better_ratio, nearby_rows
from .nodes import Table

__all__ = ["table_of_masses"]

_MOST = 2**18  # outcomes of one law that are summed; beyond, the report knows no bound on its error


def table_of_masses(p: Distribution, q: Distribution) -> Table:
    """The outcomes worth summing under P, and those under Q that are not among them, each of weight 1."""
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    (p_first, p_last), (q_first, q_last) = (
        [end.expand(shape).unsqueeze(-1) for end in law_of(d).window(d)] for d in (p, q))
    steps = lambda first, last: torch.arange(min(int((last - first).amax().item()), _MOST) + 1 if first.numel() else 1,
                                             dtype=torch.float64, device=first.device)
    of_p, of_q = p_first + steps(p_first, p_last), q_first + steps(q_first, q_last)
    weights = torch.cat([of_p <= p_last, (of_q <= q_last) & ((of_q < p_first) | (of_q > p_last))], -1).double()
    k = torch.cat([of_p, of_q], -1)
    if k.dim() == 1:
        k, weights = k[weights > 0], weights[weights > 0]
    log_p, log_q = law_of(p).log_density(p, k, None), law_of(q).log_density(q, k, None)
    shape = torch.broadcast_shapes(log_p.shape, log_q.shape, k.shape)
    log_p, log_q = log_p.expand(shape), log_q.expand(shape)
    plain = Table(k, weights, log_p, log_q)
    nearby = nearby_rows(p, q, plain)
    ratio = None if nearby is None else better_ratio(p, q, (k, 1 - k), plain.ratio, nearby)
    short = (p_last - p_first > _MOST) | (q_last - q_first > _MOST)
    return Table(k, weights, log_p, log_q, left_out=torch.where(short.squeeze(-1), torch.inf, 0.0), log_ratio=ratio, nearby=nearby)
