"""Entropy, cross-entropy, Jensen–Shannon, total variation and Hellinger; Rényi's and α-divergence are in `renyi`.

Each takes two distributions, or two tensors of probabilities with the outcomes on the last axis, and answers in
nats where it has a unit. All are right to rounding error near P = Q too, where the usual sums are cancellation.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, OneHotCategorical

from .crossings import total_variation_of
from .density import density_of, device_of, has_density, in_double
from .nodes import NEITHER, Nodes, in_groups, nodes_of, nodes_of_probs
from .numerics.exact import kl_term, safe_log
from .numerics.parameters import dtype_of
from .pair import Pair, sum_of_parts
from .vectors.normalised import normalised_pair
from .vectors.probabilities import checked_probs, kl_from_probs

__all__ = [
    "entropy",
    "cross_entropy",
    "jensen_shannon",
    "total_variation",
    "hellinger",
    "entropy_of",
    "entropy_at",
    "jensen_shannon_of",
    "hellinger_of",
    "no_overlap",
    "both_distributions",
]


def entropy(p: Distribution | Tensor) -> Tensor:
    """H(P) = −E_P[log p] in nats; of a density, the differential entropy, which may be negative.

    p: a distribution, the answer of its batch shape; or probabilities (..., k), the answer (...). Those of independent parts are
    added up; what has no density spec here takes torch's own form.
    """
    if not isinstance(p, Distribution):
        p, _, dtype = checked_probs(p, p)
        p = p / p.sum(-1, keepdim=True)
        return _entropy_of(safe_log(p)).to(dtype)
    if isinstance(p, OneHotCategorical):
        p = p._categorical
    if isinstance(p, Independent):
        return sum_of_parts(p, entropy(p.base_dist))
    if not has_density(p):
        return p.entropy()
    return entropy_of(in_double(p)).to(dtype_of(p))


def entropy_of(p: Distribution, nodes: Nodes | None = None) -> Tensor:
    """H(P) of a float64 distribution: its closed form, or a sum over nodes in which it is the P."""
    closed = density_of(p).entropy
    if closed is not None:
        return closed(p)
    return entropy_at(nodes_of(p, p) if nodes is None else nodes)


def entropy_at(nodes: Nodes) -> Tensor:
    """H(P) as a sum over nodes, batch-shaped."""
    return -nodes.sum(nodes.p * torch.where(nodes.log_p > -torch.inf, nodes.density_logs[0], 0.0))


def _entropy_of(log_p: Tensor) -> Tensor:
    live = log_p > -torch.inf
    return -torch.where(live, log_p.exp() * torch.where(live, log_p, 0.0), 0.0).sum(-1)


def cross_entropy(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """H(P, Q) = −E_P[log q] = H(P) + KL(P‖Q) in nats; inf where KL(P‖Q) is.

    p, q: two distributions, or two tensors of probabilities (..., k).
    """
    distributions = both_distributions(p, q)
    if distributions is None:
        p, q, dtype = checked_probs(p, q)
        return (entropy(p) + kl_from_probs(p, q)).to(dtype)
    pair = Pair(*distributions, alone=True)
    return (entropy(pair.p) + pair.kl()).to(pair.dtype)


def jensen_shannon(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """JS = ½·KL(P‖M) + ½·KL(Q‖M) in nats, M = ½P + ½Q; between 0 and log 2, which it reaches without overlap.

    p, q: two distributions, or two tensors of probabilities (..., k). Its square root is a distance.
    """
    return _summed(p, q, lambda nodes, pair: jensen_shannon_of(nodes), math.log(2))


def no_overlap(shape: torch.Size, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Jensen–Shannon, total variation and Hellinger of two distributions that share no mass."""
    ones = torch.ones(shape, dtype=torch.float64, device=device)
    return ones * math.log(2), ones, ones


def jensen_shannon_of(nodes: Nodes) -> Tensor:
    """½·KL(P‖M) + ½·KL(Q‖M) in nats, batch-shaped, as a sum over nodes."""
    p, q, half_gap = nodes.p, nodes.q, nodes.gap / 2
    middle = (p + q) / 2
    terms = kl_term(p, middle, half_gap) + kl_term(q, middle, -half_gap)
    return (nodes.sum(terms) / 2).clamp(0.0, math.log(2))


def total_variation(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """TV = ½·∫|p − q|, the most by which P and Q can differ on any event; between 0 and 1.

    p, q: two distributions, or two tensors of probabilities (..., k). The panels are cut where p and q cross.
    """
    return _summed(p, q, total_variation_of, 1.0)


def hellinger(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """The Hellinger distance √(½·∫(√p − √q)²), between 0 and 1: the distance itself, not its square.

    p, q: two distributions, or two tensors of probabilities (..., k). At P = Q, where it has a corner, its
    gradient counts as 0.
    """
    return _summed(p, q, lambda nodes, pair: hellinger_of(nodes), 1.0)


def hellinger_of(nodes: Nodes) -> Tensor:
    """√(½·∫(√p − √q)²), batch-shaped, as a sum over nodes."""
    # (√p − √q)² = (p − q)²/(√p + √q)², which is exact near equality.
    root = _safe_root(nodes.p) + _safe_root(nodes.q)
    square = nodes.sum(torch.where(root > 0, nodes.gap / torch.where(root > 0, root, 1.0), 0.0).square()) / 2
    return _safe_root(square).clamp_max(1.0)


def _safe_root(x: Tensor) -> Tensor:
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1.0).sqrt(), 0.0)


def both_distributions(p: Distribution | Tensor, q: Distribution | Tensor) -> tuple[Distribution, Distribution] | None:
    """p and q if they are distributions; None for two tensors, lists or arrays of probabilities; TypeError for one of each."""
    if isinstance(p, Distribution) and isinstance(q, Distribution):
        return p, q
    if isinstance(p, Distribution) or isinstance(q, Distribution):
        raise TypeError("p and q must be two distributions or two tensors of probabilities, not one of each")
    return None


def _summed(p: Distribution | Tensor, q: Distribution | Tensor, of: Callable[[Nodes, Pair | None], Tensor], most: float) -> Tensor:
    """What `of` makes of the pair's nodes, in p's and q's dtype; most: what it is without overlap."""
    distributions = both_distributions(p, q)
    if distributions is None:
        p, q, dtype = checked_probs(p, q)
        return of(nodes_of_probs(*normalised_pair(p, q)), None).to(dtype)
    pair = Pair(*distributions)
    if not pair.same_kind:
        return torch.full(pair.batch_shape, most, dtype=pair.dtype, device=device_of(pair.p))
    (value,) = in_groups(lambda p, q: (of(nodes_of(p, q, ways=NEITHER), Pair(p, q)),), pair.p, pair.q)
    return value.to(pair.dtype)
