"""The nodes of two densities: panels that are halved where two rules of different order disagree."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import LOG, density_of, device_of
from ..infinite import diverges_in_tail, lacks_support
from ..numerics.exact import EPS
from ..numerics.parameters import parameters_of
from .nearby import better_ratio, nearby_rows
from .panels import COARSE, FINE, Panels, Ways, attached, first_panels
from .places import Places, log_density_at
from .quadrature_nodes import Nodes, log_difference, log_power
from .tails import beyond_edges

__all__ = ["nodes_of_densities"]

# Of halving the panels that are not good enough. 68 pairs of nine distributions, spikes and heavy tails among them, took at
# most 1 round for a KL and at most 6 for p^½·q^½; 12 are for densities registered from outside, whose first panels are poor.
_ROUNDS = 12
_POWER_ROUNDS = 100  # of finding what p^α·q^(1 − α) has far from both, or far nearer to 0 than one of them
_LEAST = 1e-280  # narrower panels are next to 0, where places and steep densities have no digits left
_MOST_PANELS = 2_000_000  # where halving stops, as for a batch of many rows, which share their panels' count: memory
_UNSEEN = 45.0  # nats below the greatest value: e^−45 is 3e-20, which a sum in float64 does not feel
# The power of |x| by which a tail's mass must fall off at least. Panels follow a Student-t out to 4^250 scales; a mass of
# 4^−33 = 1e-20 lies beyond if the power is 33/250 = 0.13. Measured: at this power the nodes hold all the mass but 1e-15.
_TAIL_POWER = 0.14


def nodes_of_densities(p: Distribution, q: Distribution, extra: Tensor | None, ways: Ways, power: Tensor | None) -> Nodes:
    """As `nodes_of`, for two continuous distributions."""
    with torch.no_grad():
        panels = first_panels(p, q, extra, power, ways)
        logs = _log_densities(p, q, panels)
        nodes = _evaluated(p, q, panels, logs, None, ways)
        nearby = nearby_rows(p, q, nodes)
        nodes = nodes if nearby is None else _evaluated(p, q, panels, logs, nearby, ways)
        finite = ways[0] and _somewhere_finite(p, q), ways[1] and _somewhere_finite(q, p)
        for turn in range(_ROUNDS if power is None else _POWER_ROUNDS):
            bad = _unsettled(nodes, finite) if turn < _ROUNDS else torch.zeros_like(panels.coordinate, dtype=torch.bool)
            bad = bad if power is None else bad | _unsettled_power(p, q, nodes, power)
            if not bool(bad.any()) or panels.left.numel() > _MOST_PANELS:
                break
            panels = panels.halved(bad, steep=power is not None)
            new = _log_densities(p, q, panels.last(2 * int(bad.sum())))
            logs = torch.cat([logs[..., ~bad, :], new], -2)
            nodes = _evaluated(p, q, panels, logs, nearby, ways)
    if not torch.is_grad_enabled() or not _needs_gradient(p, q):
        return nodes
    panels = attached(panels, p, q)
    return _evaluated(p, q, panels, _log_densities(p, q, panels), nearby, ways)


def _somewhere_finite(p: Distribution, q: Distribution) -> bool:
    """Whether KL(P‖Q) is finite in some row."""
    return not bool((lacks_support(p, q) | diverges_in_tail(p, q)).all())


def _needs_gradient(*distributions: Distribution) -> bool:
    return any(value.requires_grad for d in distributions for value in parameters_of(d))


def _log_densities(p: Distribution, q: Distribution, panels: Panels) -> Tensor:
    """log p and log q at the panels' nodes of both orders, (2, batch_shape + (panels, FINE + COARSE))."""
    fine, coarse = panels.nodes(FINE)[0], panels.nodes(COARSE)[0]
    places = Places(torch.cat([fine.at, coarse.at], -1), torch.cat([fine.coordinate, coarse.coordinate]))
    logs = torch.stack(torch.broadcast_tensors(log_density_at(p, places), log_density_at(q, places)))
    of_fine, of_coarse = logs.tensor_split([fine.at.shape[-1]], -1)
    return torch.cat([of_fine.unflatten(-1, (-1, FINE)), of_coarse.unflatten(-1, (-1, COARSE))], -1)


def _evaluated(p: Distribution, q: Distribution, panels: Panels, logs: Tensor, nearby: Tensor | None, ways: Ways) -> Nodes:
    """The nodes of these panels, and of the lower order beside them; logs: see `_log_densities`, nearby: `nearby_rows`."""
    (fine, fine_weights), (coarse, coarse_weights) = panels.nodes(FINE), panels.nodes(COARSE)
    (log_p, low_p), (log_q, low_q) = ((of_one[..., :FINE].flatten(-2), of_one[..., FINE:].flatten(-2)) for of_one in logs)
    fine_ratio = coarse_ratio = None
    if nearby is not None:
        x, below = (torch.cat(pair, -1) for pair in ((fine.x, coarse.x), (fine.below, coarse.below)))
        plain = torch.cat([log_difference(log_p, log_q), log_difference(low_p, low_q)], -1)
        fine_ratio, coarse_ratio = better_ratio(p, q, (x, below), plain, nearby).tensor_split([fine.at.shape[-1]], -1)
    companion = Nodes.of_logs(coarse.at, coarse_weights, low_p, low_q, coarse_ratio, panels=panels, nearby=nearby)
    nothing: tuple[Tensor | float, Tensor | float] = (0.0, 0.0)
    (beyond_p, error_p), (beyond_q, error_q) = (beyond_edges(*pair) if wanted else nothing for wanted, pair in zip(ways, ((p, q), (q, p))))
    unseen = _out_of_reach(p, q) + error_p + error_q
    return Nodes.of_logs(
        fine.at,
        fine_weights,
        log_p,
        log_q,
        fine_ratio,
        panels=panels,
        coarse=companion,
        beyond=(beyond_p, beyond_q),
        left_out=(unseen, unseen),
        nearby=nearby,
        past_floats=(_past_floats(p, fine, log_p), _past_floats(q, fine, log_q)),
    )


def _past_floats(d: Distribution, places: Places, log_density: Tensor) -> Tensor | None:
    """Where d has mass, but its log-density is beyond the floats, (batch_shape + (n,)); None where nowhere.

    Past all its own panel edges, on a side without end: a log of −inf elsewhere says that the support has ended.
    """
    gone = log_density == -torch.inf
    if not bool(gone.any()):
        return None
    lower, upper = (end.detach().isinf().unsqueeze(-1) for end in density_of(d).support(d))
    cuts, x = density_of(d).cuts(d).detach(), places.x.detach()
    return gone & (lower & (x < cuts.amin(-1, keepdim=True)) | upper & (x > cuts.amax(-1, keepdim=True)))


def _unsettled(nodes: Nodes, finite: tuple[bool, bool]) -> Tensor:
    """Which panels, (n,), still differ between the two rules in any row by more than rounding explains.

    Asked of the bounded (p − q)²/(p + q), on which Jensen–Shannon and Hellinger rest, and of either KL's terms if it is finite
    anywhere: an integrand that diverges would be halved without end, for nothing.
    """
    integrands = [lambda t: t.gap * (t.gap / torch.where(t.p + t.q > 0, t.p + t.q, 1.0))]
    integrands += [term for term, wanted in zip((lambda t: t.kl_terms, lambda t: t.swapped.kl_terms), finite) if wanted]
    noise = EPS * nodes.sum(nodes.gap.abs() * (2 + nodes.ratio.abs()))
    if nodes.nearby is not None:
        noise = torch.where(nodes.nearby, 64 * EPS * nodes.sum((nodes.gap * nodes.ratio).abs()), noise)
    assert nodes.panels is not None and nodes.coarse is not None  # as of all densities
    bad = torch.zeros_like(nodes.panels.coordinate, dtype=torch.bool)
    for integrand in integrands:
        fine, coarse = (
            (t.weights * integrand(t)).unflatten(-1, (-1, order)).sum(-1) for t, order in ((nodes, FINE), (nodes.coarse, COARSE))
        )
        allowed = (2e-15 * fine.sum(-1) + noise).unsqueeze(-1)
        bad = bad | ((fine - coarse).abs() > allowed).reshape(-1, bad.shape[0]).any(0)
    return bad


def _unsettled_power(p: Distribution, q: Distribution, nodes: Nodes, power: Tensor) -> Tensor:
    """The same of p^α·q^(1 − α), which may be too small for a float, over its greatest value.

    And which panels have it so great at an end that none of their nodes has seen it.
    """
    assert nodes.panels is not None and nodes.coarse is not None  # as of all densities
    a = power.unsqueeze(-1)
    fine, coarse = (log_power(t.log_p, t.log_q, a).masked_fill(t.weights <= 0, -torch.inf) for t in (nodes, nodes.coarse))
    top = torch.maximum(fine.amax(-1, keepdim=True), coarse.amax(-1, keepdim=True)).clamp_min(-1e300)
    terms, others = nodes.weights * (fine - top).exp(), nodes.coarse.weights * (coarse - top).exp()
    # An exponent is wrong by the roundings of the logs it is made of.
    logs = torch.where(nodes.both, a.abs() * nodes.log_p.abs() + (1 - a).abs() * nodes.log_q.abs(), 0.0)
    allowed = (EPS * (terms * (8 + logs)).sum(-1)).unsqueeze(-1)
    by_panel, by_other = terms.unflatten(-1, (-1, FINE)).sum(-1), others.unflatten(-1, (-1, COARSE)).sum(-1)
    at_ends = log_density_at(p, nodes.panels.ends), log_density_at(q, nodes.panels.ends)
    unseen = log_power(*at_ends, a).unflatten(-1, (-1, 2)).amax(-1)
    hidden = (unseen > top - _UNSEEN) & (unseen > 1 + fine.unflatten(-1, (-1, FINE)).amax(-1))
    bad = ((by_panel - by_other).abs() > allowed) | hidden & (nodes.panels.right > nodes.panels.left)
    return (bad & (nodes.panels.right - nodes.panels.left > _LEAST)).reshape(-1, bad.shape[-1]).any(0)


def _out_of_reach(p: Distribution, q: Distribution) -> Tensor:
    """0, or inf where a tail is so heavy that panels cannot reach all its mass, or that floats cannot."""
    missing = torch.zeros((), dtype=torch.float64, device=device_of(p))
    for d in (p, q):
        spec = density_of(d)
        if spec.cuts_of_log is not None:
            continue
        for end, bound in zip(spec.ends(d), spec.support(d)):
            # Mass beyond x goes like |x|^(1 − coefficient) far out.
            heavy = bound.detach().isinf() & (end.orders == LOG)
            if bool(heavy.any()):
                missing = missing + torch.where(heavy & (end.coefficient.detach() - 1 < _TAIL_POWER), torch.inf, 0.0)
    return missing
