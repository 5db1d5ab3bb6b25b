"""Jensen–Shannon, total variation, Hellinger, Rényi and α with a bound on their error, as `kl_report` has it for KL.

Each is a function F of log p and log q at the nodes, so what their roundings cost is Σ |∂F/∂log p|·δ, by automatic differentiation;
what the panels cost is told by a rule of lower order; and what no panel reaches is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.distributions import Distribution

from .crossings import total_variation_of
from .density import density_of, device_of
from .divergences import both_distributions, hellinger_of, jensen_shannon_of
from .nodes import FINE, NEITHER, Nodes, in_groups, nodes_of, nodes_of_probs
from .nodes.panels import COARSE
from .numerics.exact import EPS
from .pair import Pair
from .renyi import renyi_nodes, renyi_of
from .vectors.normalised import normalised_pair
from .vectors.probabilities import checked_probs

__all__ = [
    "DivergenceReport",
    "Method",
    "error_of",
    "in_dtype",
    "jensen_shannon_report",
    "total_variation_report",
    "hellinger_report",
    "renyi_report",
    "alpha_divergence_report",
]

Functional = Callable[[Nodes], Tensor]
Method = Literal["closed form", "sum", "quadrature"]


@dataclass(frozen=True)
class DivergenceReport:
    """value: as the function of that name gives it. error: a bound on its absolute error, 0 where the value is infinite. Both batch-shaped.

    method: "sum" over outcomes or "quadrature"; of an entropy also "closed form". An error of inf says that a tail is too heavy for its
    mass to be reached, or that nothing is known of a form that is torch's own.
    """

    value: Tensor
    method: Method
    error: Tensor


def jensen_shannon_report(p: Distribution | Tensor, q: Distribution | Tensor) -> DivergenceReport:
    """Jensen–Shannon in nats with a bound on its error; p, q as in `jensen_shannon`."""
    return _report(p, q, lambda nodes, pair: (jensen_shannon_of(nodes), error_of(jensen_shannon_of, nodes)), math.log(2))


def hellinger_report(p: Distribution | Tensor, q: Distribution | Tensor) -> DivergenceReport:
    """The Hellinger distance with a bound on its error; p, q as in `hellinger`."""
    return _report(p, q, lambda nodes, pair: (hellinger_of(nodes), error_of(hellinger_of, nodes)), 1.0)


def total_variation_report(p: Distribution | Tensor, q: Distribution | Tensor) -> DivergenceReport:
    """Total variation with a bound on its error; p, q as in `total_variation`."""

    def answer(nodes: Nodes, pair: Pair | None) -> tuple[Tensor, Tensor]:
        # Cut where p and q cross, the integrand is as smooth as p − q itself, by which the two rules are compared.
        value = total_variation_of(nodes, pair)
        error = _rounding(lambda t: t.sum(t.gap.abs()) / 2, nodes) + 8 * EPS * value
        if nodes.panels is not None and nodes.coarse is not None:
            fine, coarse = ((t.weights * t.gap).unflatten(-1, (-1, n)).sum(-1) for t, n in ((nodes, FINE), (nodes.coarse, COARSE)))
            error = error + (fine - coarse).abs().sum(-1) / 2
        return value, error + _unseen(nodes, value)

    return _report(p, q, answer, 1.0)


def renyi_report(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float) -> DivergenceReport:
    """Rényi's divergence in nats with a bound on its error; p, q and alpha as in `renyi`, alpha one number other than 1."""
    if not (0 < alpha < math.inf and alpha != 1):
        raise ValueError(f"alpha = {alpha} is outside its domain: a finite number greater than 0, not 1, where it is KL: see kl_report")
    return _renyi(p, q, alpha, alpha - 1)


def alpha_divergence_report(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float) -> DivergenceReport:
    """The α-divergence in nats with a bound on its error; p, q and alpha as in `alpha_divergence`, alpha one number, neither 0 nor 1."""
    if not (math.isfinite(alpha) and alpha not in (0, 1)):
        raise ValueError(f"alpha = {alpha} is outside its domain: a finite number, not 0 or 1, where it is a KL: see kl_report")
    if alpha < 0.5:
        (p, q), alpha, slope = (q, p), 1 - alpha, -alpha
    else:
        slope = alpha - 1
    order = _renyi(p, q, alpha, slope)
    power = slope * order.value.double()
    value = -torch.expm1(power) / (-slope * alpha)
    error = torch.where(value.isinf(), 0.0, power.detach().exp() / alpha * order.error + 8 * EPS * value.detach().abs())
    return in_dtype(order.method, order.value.dtype, value, error)


def _renyi(p: Distribution | Tensor, q: Distribution | Tensor, alpha: float, slope: float) -> DivergenceReport:
    """Rényi's; slope: α − 1."""

    def answer(nodes: Nodes, pair: Pair | None) -> tuple[Tensor, Tensor]:
        a, by = (torch.tensor(value, dtype=torch.float64, device=nodes.log_p.device) for value in (alpha, slope))
        of = lambda t: renyi_of(t, a, by, pair)
        return (value := of(nodes)), torch.where(value.isinf(), 0.0, error_of(of, nodes))

    return _report(p, q, answer, math.inf, alpha)


def _report(
    p: Distribution | Tensor,
    q: Distribution | Tensor,
    answer: Callable[[Nodes, Pair | None], tuple[Tensor, Tensor]],
    most: float,
    alpha: float | None = None,
) -> DivergenceReport:
    """What `answer` makes of the pair's nodes, in p's and q's dtype; most: the value without overlap."""
    distributions = both_distributions(p, q)
    if distributions is None:
        p, q, dtype = checked_probs(p, q)
        nodes = replace(nodes_of_probs(*normalised_pair(p, q)), nearby=torch.ones(p.shape[:-1], dtype=torch.bool, device=p.device))
        return in_dtype("sum", dtype, *answer(nodes, None))
    pair = Pair(*distributions)
    method: Method = "sum" if density_of(pair.p).discrete else "quadrature"
    if not pair.same_kind:
        value = torch.full(pair.batch_shape, most, dtype=torch.float64, device=device_of(pair.p))
        return in_dtype(method, pair.dtype, value, torch.zeros_like(value))

    def some(p: Distribution, q: Distribution) -> tuple[Tensor, Tensor]:
        rows = Pair(p, q)
        return answer(nodes_of(p, q, ways=NEITHER) if alpha is None else renyi_nodes(rows, alpha), rows)

    value, error = in_groups(some, pair.p, pair.q)
    return in_dtype(method, pair.dtype, value, error)


def in_dtype(method: Method, dtype: torch.dtype, exact: Tensor, error: Tensor) -> DivergenceReport:
    value = exact.to(dtype)
    lost = torch.where(exact.isinf(), 0.0, (value.double() - exact).detach().abs())
    return DivergenceReport(value, method, error.detach() + lost)


def error_of(of: Functional, nodes: Nodes) -> Tensor:
    """A bound on the error of a functional of the nodes, batch-shaped."""
    value = of(nodes).detach()
    error = _rounding(of, nodes) + 8 * EPS * value.abs()
    if nodes.coarse is not None:
        error = error + (value - of(nodes.coarse)).abs().nan_to_num(0.0)
    return error + _unseen(nodes, value)


def _unseen(nodes: Nodes, value: Tensor) -> Tensor:
    return sum((torch.as_tensor(part, device=value.device) for part in nodes.left_out), torch.zeros_like(value))


def _rounding(of: Functional, nodes: Nodes) -> Tensor:
    """What the roundings of log p and log q cost: those that both share, and those of their difference.

    A log is rounded by its own size and by what a rounding of the node's place moves it. In nearby rows, and of vectors, the
    difference is right relative to itself.
    """
    log_p, log_q, ratio = nodes.log_p.detach(), nodes.log_q.detach(), nodes.ratio.detach()
    with torch.enable_grad():
        common, apart = (torch.zeros_like(log_p, requires_grad=True) for _ in range(2))
        moved = torch.where(nodes.both, ratio + apart, 0.0)
        some = Nodes.of_logs(nodes.at.detach(), nodes.weights.detach(), log_p + common, log_q + common - apart, moved, panels=nodes.panels)
        by_common, by_apart = torch.autograd.grad(of(some).sum(), (common, apart), materialize_grads=True)
    with torch.no_grad():
        bends = sum(nodes.bends, torch.zeros_like(log_p))
        sizes = [torch.where(log.isfinite(), log.abs(), 0.0) for log in (log_p, log_q)]
        own = 2 + torch.maximum(*sizes) + bends
        of_ratio = 4 + sizes[0] + sizes[1] + bends
        if nodes.nearby is not None:
            of_ratio = torch.where(nodes.nearby.unsqueeze(-1), 8 * ratio.abs(), of_ratio)
        cost = by_common.nan_to_num(0.0).abs() * own + by_apart.nan_to_num(0.0).abs() * of_ratio
        return 8 * EPS * cost.sum(-1)
