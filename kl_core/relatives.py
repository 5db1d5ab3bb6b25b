"""KL's relatives: entropy, cross-entropy, Jensen–Shannon, total variation, Hellinger, Rényi, α-divergences.

Each takes two distributions, or two tensors of probabilities with the outcomes on the last axis, and answers in
nats where it has a unit. All are right to rounding error near P = Q too, where the usual sums are cancellation.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Distribution

from .crossings import total_variation_of
from .exact import exp_excess, kl_term, safe_log
from .infinite import renyi_diverges
from .law import device_of, has_law, in_double, law_of
from .pair import Pair
from .parameters import dtype_of
from .probabilities import checked_probs, kl_from_probs, log_ratio, normalised_pair
from .table import Table, table_of

__all__ = ["entropy", "cross_entropy", "jensen_shannon", "total_variation", "hellinger", "renyi", "alpha_divergence"]


def entropy(p: Distribution | Tensor) -> Tensor:
    """H(P) = −E_P[log p] in nats; of a density, the differential entropy, which may be negative.

    p: a distribution, the answer of its batch shape; or probabilities (..., k), the answer (...).
    """
    if isinstance(p, Tensor):
        p, _, dtype = checked_probs(p, p)
        p = p / p.sum(-1, keepdim=True)
        return _entropy_of(safe_log(p)).to(dtype)
    if not has_law(p):
        return p.entropy()
    return entropy_of(in_double(p)).to(dtype_of(p))


def entropy_of(p: Distribution, table: Table | None = None) -> Tensor:
    """H(P) of a float64 distribution: its closed form, or a sum over a table in which it is the P."""
    if law_of(p).entropy is not None:
        return law_of(p).entropy(p)
    table = table_of(p, p) if table is None else table
    return _entropy_of(table.log_p, table.weights)


def _entropy_of(log_p: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    live = log_p > -torch.inf
    return -(weights * torch.where(live, log_p.exp() * torch.where(live, log_p, 0.0), 0.0)).sum(-1)


def cross_entropy(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """H(P, Q) = −E_P[log q] = H(P) + KL(P‖Q) in nats; inf where KL(P‖Q) is.

    p, q: two distributions, or two tensors of probabilities (..., k).
    """
    if _tensors(p, q):
        _, _, dtype = checked_probs(p, q)
        return (entropy(p.double()) + kl_from_probs(p.double(), q.double())).to(dtype)
    pair = Pair(p, q)
    return (entropy(pair.p) + pair.kl()).to(pair.dtype)


def jensen_shannon(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """JS = ½·KL(P‖M) + ½·KL(Q‖M) in nats, M = ½P + ½Q; between 0 and log 2, which it reaches without overlap.

    p, q: two distributions, or two tensors of probabilities (..., k). Its square root is a distance.
    """
    table, dtype, shape = _table(p, q)
    if table is None:
        return no_overlap(shape, device_of(p))[0].to(dtype)
    return jensen_shannon_of(table).to(dtype)


def no_overlap(shape: torch.Size, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Jensen–Shannon, total variation and Hellinger of two laws that share no mass."""
    one = torch.ones(shape, dtype=torch.float64, device=device)
    return one * math.log(2), one, one


def jensen_shannon_of(table: Table) -> Tensor:
    """½·KL(P‖M) + ½·KL(Q‖M) in nats, batch-shaped, as a sum over a table."""
    p, q, half_gap = table.p, table.q, table.gap / 2
    middle = (p + q) / 2
    terms = kl_term(p, middle, half_gap) + kl_term(q, middle, -half_gap)
    return (table.sum(terms) / 2).clamp(0.0, math.log(2))


def total_variation(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """TV = ½·∫|p − q|, the most by which P and Q can differ on any event; between 0 and 1.

    p, q: two distributions, or two tensors of probabilities (..., k). The panels are cut where p and q cross.
    """
    table, dtype, shape = _table(p, q)
    if table is None:
        return no_overlap(shape, device_of(p))[1].to(dtype)
    pair = None if _tensors(p, q) else Pair(p, q)
    return total_variation_of(table, pair).to(dtype)


def hellinger(p: Distribution | Tensor, q: Distribution | Tensor) -> Tensor:
    """The Hellinger distance √(½·∫(√p − √q)²), between 0 and 1: the distance itself, not its square.

    p, q: two distributions, or two tensors of probabilities (..., k). At P = Q, where it has a corner, its
    gradient counts as 0.
    """
    table, dtype, shape = _table(p, q)
    if table is None:
        return no_overlap(shape, device_of(p))[2].to(dtype)
    return hellinger_of(table).to(dtype)


def hellinger_of(table: Table) -> Tensor:
    """√(½·∫(√p − √q)²), batch-shaped, as a sum over a table."""
    # (√p − √q)² = (p − q)²/(√p + √q)², which is exact near equality.
    root = _safe_root(table.p) + _safe_root(table.q)
    square = table.sum(torch.where(root > 0, table.gap / torch.where(root > 0, root, 1.0), 0.0).square()) / 2
    return _safe_root(square).clamp_max(1.0)


def _safe_root(x: Tensor) -> Tensor:
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1.0).sqrt(), 0.0)


def renyi(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float | Tensor) -> Tensor:
    """Rényi's divergence log(∫ p^α·q^(1 − α))/(α − 1) in nats, α > 0; at α = 1 it is KL(P‖Q).

    p, q: two distributions, or two tensors of probabilities (..., k). alpha: a number or a tensor that broadcasts
    with the batch. inf for α ≥ 1 where P has mass that Q lacks or the integral diverges, and for any α without
    overlap. Non-decreasing in α; at ½ it is −2·log(1 − Hellinger²).
    """
    alpha = torch.as_tensor(alpha, dtype=torch.float64, device=p.device if isinstance(p, Tensor) else device_of(p))
    if not bool(((alpha > 0) & alpha.isfinite()).all()):
        bad = alpha[~((alpha > 0) & alpha.isfinite())].flatten()[0].item()
        raise ValueError(f"alpha = {bad:g} is outside its domain: a finite number greater than 0")
    distributions = not _tensors(p, q)
    pair = Pair(p, q) if distributions else None
    if pair is not None and not pair.same_kind:
        return torch.full(torch.broadcast_shapes(pair.batch_shape, alpha.shape), torch.inf, dtype=pair.dtype, device=alpha.device)
    table, dtype, _ = _table(p, q, alpha)
    value = _renyi_of(table, alpha)
    if pair is None:
        kl, infinite = kl_from_probs(p.double(), q.double()), torch.zeros_like(alpha, dtype=torch.bool)
    else:
        kl, infinite = pair.kl(), pair.lacks_support & (alpha > 1)
        infinite = infinite | renyi_diverges(pair.p, pair.q, alpha)
    value = torch.where(infinite, torch.inf, value)
    return torch.where(alpha == 1, kl, value).to(dtype)


def alpha_divergence(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float | Tensor) -> Tensor:
    """Amari's α-divergence (1 − ∫ p^α·q^(1 − α))/(α·(1 − α)) in nats, a bridge between the two directions of KL.

    KL(P‖Q) at α = 1, KL(Q‖P) at α = 0, four times the squared Hellinger distance at ½ (Minka 2005, "Divergence measures
    and message passing", eq. 12). p, q: two distributions, or two tensors of probabilities (..., k). alpha: any finite
    number, or a tensor of them that broadcasts with the batch. inf where the integral diverges. It is
    −expm1((α − 1)·R)/(α·(1 − α)), R Rényi's divergence, and that of (Q, P) at 1 − α where α < ½.
    """
    alpha = torch.as_tensor(alpha, dtype=torch.float64, device=p.device if isinstance(p, Tensor) else device_of(p))
    if not bool(alpha.isfinite().all()):
        raise ValueError(f"alpha = {alpha[~alpha.isfinite()].flatten()[0].item():g} is outside its domain: a finite number")
    low = alpha < 0.5
    if bool(low.all()):
        return _alpha_from_half(q, p, 1 - alpha)
    if not bool(low.any()):
        return _alpha_from_half(p, q, alpha)
    return torch.where(low, _alpha_from_half(q, p, torch.where(low, 1 - alpha, 0.5)),
                       _alpha_from_half(p, q, torch.where(low, 0.5, alpha)))


def _alpha_from_half(p: Distribution | Tensor, q: Distribution | Tensor, alpha: Tensor) -> Tensor:
    """The α-divergence for α ≥ ½."""
    order = renyi(p, q, alpha)
    a = torch.where(alpha == 1, 2.0, alpha)
    value = torch.expm1((a - 1) * torch.where(alpha == 1, 0.0, order.double())) / (a * (a - 1))
    return torch.where(alpha == 1, order, value.to(order.dtype))


def _renyi_of(table: Table, alpha: Tensor) -> Tensor:
    """Rényi's divergence; below α = ½ as α/(1 − α) times that of (Q, P) at 1 − α, which is the same and keeps its digits."""
    low = alpha < 0.5
    if not bool(low.any()):
        return _renyi_from_half(table, alpha)
    mirrored = _renyi_from_half(table.swapped, torch.where(low, 1 - alpha, 0.5))
    return torch.where(low, alpha / (1 - alpha) * mirrored, _renyi_from_half(table, torch.where(low, 0.5, alpha)))


def _renyi_from_half(table: Table, alpha: Tensor) -> Tensor:
    """K-form near P = Q: log1p((α − 1)·K)/(α − 1), K = KL + Σ p·(e^x − 1 − x)/(α − 1), x = (α − 1)·r.

    Far from it, the log of a sum of exponentials. At α = 1 something finite, for the caller to replace.
    """
    a = torch.where(alpha == 1, 0.5, alpha).unsqueeze(-1)
    log_weights = torch.where(table.weights > 0, safe_log(table.weights), -torch.inf)
    exponent = torch.where(table.both, torch.where(table.both, table.log_p, 0.0) + (a - 1) * table.ratio, -torch.inf)
    alone = (table.log_p > -torch.inf) & (table.log_q == -torch.inf) & (table.weights > 0)
    orphan = alone.any(-1)
    overlap = (table.both & (table.weights > 0)).any(-1)
    total = torch.where(overlap.unsqueeze(-1), log_weights + exponent, 0.0).logsumexp(-1)
    direct, good = _direct_power(table, a, exponent)
    summed = table.sum(direct)
    use_sum = (good | (exponent == -torch.inf) | (table.weights == 0)).all(-1) & (summed > 0) & summed.isfinite()
    total = torch.where(use_sum, torch.where(use_sum, summed, 1.0).log(), total)
    slope = a.squeeze(-1) - 1
    plain = torch.where(overlap, total / slope, torch.inf)
    plain = torch.where(orphan & (slope > 0), torch.inf, plain)
    x = (a - 1) * table.ratio
    tame = table.both & (x.abs() < 0.5)
    near_terms = table.p * exp_excess(torch.where(tame, x, 0.0))
    far_terms = torch.where(tame | ~table.both, 0.0, torch.where(good, direct, exponent.clamp_max(300.0).exp()) - table.p - table.p * x)
    k = table.sum(table.kl_terms) + table.sum(torch.where(tame, near_terms, far_terms)) / slope
    # Where Q has nothing p^α·q^(1 − α) is 0 for α < 1, and kl_terms left P's mass there out.
    k = k - torch.where(slope < 0, table.sum(torch.where(alone, table.p, 0.0)) * a.squeeze(-1) / slope, 0.0)
    small = (~orphan | (slope < 0)) & ((slope * k).abs() < 0.5)
    careful = torch.log1p(torch.where(small, slope * k, 0.0)) / slope
    return torch.where(small, careful, plain).clamp_min(0.0)


def _direct_power(table: Table, a: Tensor, exponent: Tensor) -> tuple[Tensor, Tensor]:
    """p^α·q^(1 − α) as a product of powers, whose error does not grow with the logs, and where it is a float; 0 elsewhere.

    exponent: its logarithm, through which the gradient goes: that of a power of q has q^(−α) in it, which overflows first.
    """
    p, q = table.p.detach(), table.q.detach()  # not first asked for without a gradient: the table keeps them
    with torch.no_grad():
        safe = table.both & (p > 1e-290) & (q > 1e-290)
        p, q = torch.where(safe, p, 1.0), torch.where(safe, q, 1.0)
        safe = safe & ((a * p.log()).abs() < 600) & (((1 - a) * q.log()).abs() < 600)
        p, q = torch.where(safe, p, 1.0), torch.where(safe, q, 1.0)
        product = p**a * q ** (1 - a)
        good = safe & (product > 1e-290) & (product < 1e290)
        product = torch.where(good, product, 0.0)
    if not exponent.requires_grad:
        return product, good
    rough = torch.where(good, torch.where(good, exponent, 0.0).exp(), 0.0)
    return rough + (product - rough.detach()), good


def _tensors(p, q) -> bool:
    if isinstance(p, Tensor) != isinstance(q, Tensor):
        raise TypeError("p and q must be two distributions or two tensors of probabilities, not one of each")
    return isinstance(p, Tensor)


def _table(p, q, power: Tensor | None = None) -> tuple[Table | None, torch.dtype, torch.Size]:
    """The pair's table, the dtype to answer in and the batch shape; None for a continuous and a discrete law.

    power: the α of Rényi's divergence, if it will be asked for.
    """
    if _tensors(p, q):
        p, q, dtype = checked_probs(p, q)
        return table_of_probs(*normalised_pair(p, q)), dtype, p.shape[:-1]
    pair = Pair(p, q)
    if not pair.same_kind:
        return None, pair.dtype, pair.batch_shape
    if power is None:
        return pair.table, pair.dtype, pair.batch_shape
    further = None if law_of(pair.p).discrete else _far_edges(pair)
    return table_of(pair.p, pair.q, further, power=power), pair.dtype, pair.batch_shape


def _far_edges(pair: Pair) -> Tensor:
    """Panel edges ever further out: p^α·q^(1 − α) may have its mass where neither P nor Q has any."""
    with torch.no_grad():
        parts = [law_of(d).cuts(d).expand(*pair.batch_shape, -1) for d in (pair.p, pair.q)]
        edges = torch.cat(parts, -1)
        low, high = edges.amin(-1, keepdim=True), edges.amax(-1, keepdim=True)
        steps = (high - low) * 2.0 ** torch.arange(-1, 8, dtype=edges.dtype, device=edges.device)
        return torch.cat([low - steps, high + steps], -1)


def table_of_probs(p: Tensor, q: Tensor, gap: Tensor) -> Table:
    """The table of two vectors of probabilities, with their difference as exactly as the caller has it."""
    table = Table(torch.arange(p.shape[-1], device=p.device), torch.ones_like(p), safe_log(p), safe_log(q))
    table.__dict__.update(p=p, q=q, gap=gap, ratio=log_ratio(p, q, gap))
    return table
