"""Every divergence between two distributions, from one set of nodes."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.distributions import Distribution

from .crossings import total_variation_of
from .density import density_of
from .divergences import entropy_of, hellinger_of, jensen_shannon_of, no_overlap
from .nodes import NEITHER, Nodes, nodes_of
from .pair import KLReport, Pair

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """Of P and Q, batch-shaped and in nats: both KLs with their reports, and what `divergences` defines."""

    kl_pq: KLReport
    kl_qp: KLReport
    entropy_p: Tensor
    entropy_q: Tensor
    cross_entropy_pq: Tensor
    cross_entropy_qp: Tensor
    jensen_shannon: Tensor
    total_variation: Tensor
    hellinger: Tensor


def compare(p: Distribution, q: Distribution) -> Comparison:
    """KL(P‖Q), KL(Q‖P) with their reports, entropies, cross-entropies, JS, TV and Hellinger in one go.

    p, q: two distributions of the families; the same numbers as the functions of those names, computed together.
    """
    pair = Pair(p, q)
    forth, back = pair.kl_report(), pair.swapped.kl_report()
    if not pair.same_kind:
        h_p, h_q = (entropy_of(d).expand(pair.batch_shape) for d in (pair.p, pair.q))
        js, tv, distance = no_overlap(pair.batch_shape, h_p.device)
    else:
        nodes = _nodes(pair, (forth, back))
        h_p, h_q = (entropy_of(d, t).expand(pair.batch_shape) for d, t in ((pair.p, nodes), (pair.q, nodes.swapped)))
        js, tv, distance = jensen_shannon_of(nodes), total_variation_of(nodes, pair), hellinger_of(nodes)
    cast = lambda value: value.to(pair.dtype)
    return Comparison(
        forth, back, cast(h_p), cast(h_q), cast(h_p + pair.kl()), cast(h_q + pair.swapped.kl()), cast(js), cast(tv), cast(distance)
    )


def _nodes(pair: Pair, reports: tuple[KLReport, KLReport]) -> Nodes:
    """The pair's nodes; those of fewer panels where both KLs and both entropies have closed forms."""
    if all(report.method == "closed form" for report in reports) and all(density_of(d).entropy for d in (pair.p, pair.q)):
        return nodes_of(pair.p, pair.q, ways=NEITHER)
    return pair.nodes
