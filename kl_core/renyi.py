"""Rényi's divergence and Amari's α-divergence, from α next to 0 to far above 1, right to rounding error near P = Q too."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution

from .density import density_of, device_of
from .divergences import both_distributions
from .infinite import renyi_diverges
from .nodes import Nodes, in_groups, nodes_of, nodes_of_probs
from .numerics.exact import exp_excess, safe_log
from .pair import Pair
from .vectors.normalised import normalised_pair
from .vectors.probabilities import checked_probs, kl_from_probs

__all__ = ["renyi", "alpha_divergence", "renyi_nodes", "renyi_of"]

# Where K is trusted: |(α − 1)·K| < ½ keeps log1p's argument above −½, where it loses no digits, and a KL as small keeps the two
# sums whose difference K may be from being large beside it.
_SMALL_POWER, _SMALL_KL = 0.5, 1.0
_TAME = 0.5  # |x| up to which e^x − 1 − x comes from its series; beyond, the direct form cancels at most a factor of 4
# Powers are multiplied directly where no factor nor the product comes near a float64's limits, 2e-308 and 2e308: between 1e-290
# and 1e290, and with factors between e^−600 = 1e-261 and e^600; elsewhere the exponent's sum of logs is used.
_LEAST, _MOST, _MOST_LOG = 1e-290, 1e290, 600.0
_HIGHEST_EXPONENT = 300.0  # an exponent cut here gives 1e130, finite when weighed and summed; only rows that do not use it reach it


def renyi(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float | Tensor) -> Tensor:
    """Rényi's divergence log(∫ p^α·q^(1 − α))/(α − 1) in nats, α > 0; at α = 1 it is KL(P‖Q).

    p, q: two distributions, or two tensors of probabilities (..., k). alpha: a number or a tensor that broadcasts
    with the batch. inf for α ≥ 1 where P has mass that Q lacks or the integral diverges, and for any α without
    overlap. Non-decreasing in α; at ½ it is −2·log(1 − Hellinger²).
    """
    alpha = _checked(alpha, p, positive=True)
    return _renyi(p, q, alpha, alpha - 1)


def _renyi(p: Distribution | Tensor, q: Distribution | Tensor, alpha: Tensor, slope: Tensor) -> Tensor:
    """Rényi's divergence; slope: α − 1, which next to α = 1 the caller may have more exactly than α."""
    distributions = both_distributions(p, q)
    kl: Callable[[], Tensor]
    if distributions is None:
        p, q, dtype = checked_probs(p, q)
        value, kl = _renyi_of(nodes_of_probs(*normalised_pair(p, q)), alpha, slope), lambda: kl_from_probs(p, q)
    else:
        pair = Pair(*distributions, alone=True)
        value, kl, dtype = _renyi_of_pair(pair, alpha, slope), pair.kl, pair.dtype
    at_one = slope == 0
    return (torch.where(at_one, kl(), value) if bool(at_one.any()) else value).to(dtype)


def _checked(alpha: float | Tensor, p: Distribution | Tensor, *, positive: bool) -> Tensor:
    """alpha in float64 on p's device; ValueError for one that is not finite, or not positive where it must be."""
    alpha = torch.as_tensor(alpha, dtype=torch.float64, device=device_of(p) if isinstance(p, Distribution) else torch.as_tensor(p).device)
    good = alpha.isfinite() & (alpha > 0) if positive else alpha.isfinite()
    if not bool(good.all()):
        domain = "a finite number greater than 0" if positive else "a finite number"
        raise ValueError(f"alpha = {alpha[~good].flatten()[0].item():g} is outside its domain: {domain}")
    return alpha


def _renyi_of_pair(pair: Pair, alpha: Tensor, slope: Tensor) -> Tensor:
    """Rényi's divergence of two distributions; at α = 1 something finite."""
    if not pair.same_kind:
        return torch.full(torch.broadcast_shapes(pair.batch_shape, alpha.shape), torch.inf, dtype=torch.float64, device=alpha.device)

    def some(p: Distribution, q: Distribution) -> tuple[Tensor]:
        rows = Pair(p, q)
        return (renyi_of(renyi_nodes(rows, alpha), alpha, slope, rows),)

    return some(pair.p, pair.q)[0] if alpha.dim() else in_groups(some, pair.p, pair.q)[0]


def renyi_nodes(pair: Pair, alpha: Tensor | float) -> Nodes:
    """The nodes of two distributions for p^α·q^(1 − α); alpha broadcasts with the batch."""
    alpha = torch.as_tensor(alpha, dtype=torch.float64, device=device_of(pair.p))
    further = None if density_of(pair.p).discrete else _far_edges(pair)
    return nodes_of(pair.p, pair.q, further, power=alpha)


def renyi_of(nodes: Nodes, alpha: Tensor, slope: Tensor, pair: Pair | None) -> Tensor:
    """Rényi's divergence as a sum over nodes; slope: α − 1. pair: the one they belong to, None for probabilities."""
    value = _renyi_of(nodes, alpha, slope)
    if pair is None:
        return value
    infinite = pair.lacks_support & (alpha > 1) | renyi_diverges(pair.p, pair.q, alpha)
    return torch.where(infinite, torch.inf, value)


def alpha_divergence(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float | Tensor) -> Tensor:
    """Amari's α-divergence (1 − ∫ p^α·q^(1 − α))/(α·(1 − α)) in nats, a bridge between the two directions of KL.

    KL(P‖Q) at α = 1, KL(Q‖P) at α = 0, four times the squared Hellinger distance at ½ (Minka 2005, "Divergence measures
    and message passing", eq. 12). p, q: two distributions, or two tensors of probabilities (..., k). alpha: any finite
    number, or a tensor of them that broadcasts with the batch. inf where the integral diverges. It is
    −expm1((α − 1)·R)/(α·(1 − α)), R Rényi's divergence, and that of (Q, P) at 1 − α where α < ½.
    """
    alpha = _checked(alpha, p, positive=False)
    low = alpha < 0.5
    if bool(low.all()):
        return _alpha_from_half(q, p, 1 - alpha, -alpha)
    if not bool(low.any()):
        return _alpha_from_half(p, q, alpha, alpha - 1)
    half = torch.full_like(alpha, 0.5)
    return torch.where(
        low,
        _alpha_from_half(q, p, torch.where(low, 1 - alpha, half), torch.where(low, -alpha, -half)),
        _alpha_from_half(p, q, torch.where(low, half, alpha), torch.where(low, -half, alpha - 1)),
    )


def _alpha_from_half(p: Distribution | Tensor, q: Distribution | Tensor, alpha: Tensor, slope: Tensor) -> Tensor:
    """The α-divergence for α ≥ ½; slope: α − 1."""
    order = _renyi(p, q, alpha, slope)
    at_one = slope == 0
    by = torch.where(at_one, 1.0, slope)
    value = torch.expm1(by * torch.where(at_one, 0.0, order.double())) / (alpha * by)
    return torch.where(at_one, order, value.to(order.dtype))


def _renyi_of(nodes: Nodes, alpha: Tensor, slope: Tensor) -> Tensor:
    """Rényi's divergence; below α = ½ as α/(1 − α) times that of (Q, P) at 1 − α, which is the same and keeps its digits."""
    low = alpha < 0.5
    if not bool(low.any()):
        return _renyi_from_half(nodes, slope)
    mirrored = _renyi_from_half(nodes.swapped, torch.where(low, -alpha, -0.5))
    return torch.where(low, alpha / (1 - alpha) * mirrored, _renyi_from_half(nodes, torch.where(low, -0.5, slope)))


def _renyi_from_half(nodes: Nodes, slope: Tensor) -> Tensor:
    """For slope = α − 1 ≥ −½: by K, of second order, near P = Q, log1p((α − 1)·K)/(α − 1); far from it the log of the integral.

    At α = 1 something finite, for the caller to replace.
    """
    slope = torch.where(slope == 0, -0.5, slope)
    by = slope.unsqueeze(-1)
    exponent = torch.where(nodes.both, torch.where(nodes.both, nodes.log_p, 0.0) + by * nodes.ratio, -torch.inf)
    power, good = _direct_power(nodes, by, exponent)
    alone = (nodes.log_p > -torch.inf) & (nodes.log_q == -torch.inf) & (nodes.weights > 0)
    orphan = alone.any(-1)
    overlap = (nodes.both & (nodes.weights > 0)).any(-1)
    plain = torch.where(overlap, _log_of_integral(nodes, exponent, power, good, overlap) / slope, torch.inf)
    plain = torch.where(orphan & (slope > 0), torch.inf, plain)
    k = _second_order(nodes, by, torch.where(good, power, exponent.clamp_max(_HIGHEST_EXPONENT).exp()))
    # Where Q has nothing p^α·q^(1 − α) is 0 for α < 1, and kl_terms left P's mass there out.
    k = k - torch.where(slope < 0, nodes.sum(torch.where(alone, nodes.p, 0.0)) * (1 + slope) / slope, 0.0)
    # Where KL is infinite, or far more than K, K is a difference of large sums.
    small = (~orphan | (slope < 0)) & ((slope * k).abs() < _SMALL_POWER) & ((slope * nodes.sum(nodes.kl_terms)).abs() < _SMALL_KL)
    careful = torch.log1p(torch.where(small, slope * k, 0.0)) / slope
    return torch.where(small, careful, plain).clamp_min(0.0)


def _log_of_integral(nodes: Nodes, exponent: Tensor, power: Tensor, good: Tensor, overlap: Tensor) -> Tensor:
    """log ∫ p^α·q^(1 − α): of the sum of the powers where these are good, otherwise of exponentials; something finite without overlap."""
    log_weights = torch.where(nodes.weights > 0, safe_log(nodes.weights), -torch.inf)
    total = torch.where(overlap.unsqueeze(-1), log_weights + exponent, 0.0).logsumexp(-1)
    summed = nodes.sum(power)
    use_sum = (good | (exponent == -torch.inf) | (nodes.weights == 0)).all(-1) & (summed > 0) & summed.isfinite()
    return torch.where(use_sum, torch.where(use_sum, summed, 1.0).log(), total)


def _second_order(nodes: Nodes, slope: Tensor, power: Tensor) -> Tensor:
    """K = KL + ∫ p·(e^x − 1 − x)/(α − 1), x = (α − 1)·log(p/q), so that ∫ p^α·q^(1 − α) is 1 + (α − 1)·K."""
    x = slope * nodes.ratio
    tame = nodes.both & (x.abs() < _TAME)
    near_terms = nodes.p * exp_excess(torch.where(tame, x, 0.0))
    far_terms = torch.where(tame | ~nodes.both, 0.0, power - nodes.p - nodes.p * x)
    return nodes.sum(nodes.kl_terms) + nodes.sum(torch.where(tame, near_terms, far_terms)) / slope.squeeze(-1)


def _direct_power(nodes: Nodes, slope: Tensor, exponent: Tensor) -> tuple[Tensor, Tensor]:
    """p^α·q^(1 − α) as a product of powers, whose error does not grow with the logs, and where it is a float; 0 elsewhere.

    exponent: its logarithm, through which the gradient goes: that of a power of q has q^(−α) in it, which overflows first.
    """
    p, q = nodes.p.detach(), nodes.q.detach()
    with torch.no_grad():
        safe = nodes.both & (p > _LEAST) & (q > _LEAST)
        p, q = torch.where(safe, p, 1.0), torch.where(safe, q, 1.0)
        safe = safe & (((1 + slope) * p.log()).abs() < _MOST_LOG) & ((slope * q.log()).abs() < _MOST_LOG)
        p, q = torch.where(safe, p, 1.0), torch.where(safe, q, 1.0)
        product = p ** (1 + slope) * q**-slope
        good = safe & (product > _LEAST) & (product < _MOST)
        product = torch.where(good, product, 0.0)
    if not exponent.requires_grad:
        return product, good
    rough = torch.where(good, torch.where(good, exponent, 0.0).exp(), 0.0)
    return rough + (product - rough.detach()), good


def _far_edges(pair: Pair) -> Tensor:
    """Panel edges out to 128 times the width of all cuts: p^α·q^(1 − α) may have its mass where neither P nor Q has any.

    What lies further still shows at a panel's end, and halving finds it.
    """
    with torch.no_grad():
        parts = [density_of(d).cuts(d).expand(*pair.batch_shape, -1) for d in (pair.p, pair.q)]
        edges = torch.cat(parts, -1)
        low, high = edges.amin(-1, keepdim=True), edges.amax(-1, keepdim=True)
        steps = (high - low) * 2.0 ** torch.arange(-1, 8, dtype=edges.dtype, device=edges.device)
        return torch.cat([low - steps, high + steps], -1)
