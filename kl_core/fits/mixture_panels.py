"""The log-density of a Gaussian mixture, integrated against Gaussians: the engine behind every fit.

A fit asks for E_q[log p] and its derivatives at hundreds or thousands of Gaussians q at once. With x = loc + scale·z
the weight is the same bell for each of them, which three panels of Gauss–Legendre resolve to rounding, and log p
is a parabola except round its branch points, where two components cancel in the complex plane. So each q gets the
three panels and, for those branch points that lie in its reach, four more cuts; panels of no width cost nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.distributions import Distribution, MixtureSameFamily, Normal

from ..density import in_double
from ..families.gaussian_mixture import branch_points, log_weights
from ..numerics.exact import exp_excess
from ..numerics.quadrature import panels

__all__ = ["LogMixture", "Slopes", "branch_edges", "log_density_at", "log_mixture", "log_mixture_moments", "reverse_kl", "reverse_slopes"]

ORDER = 20  # nodes of a panel
BELL_REACH = 9.0  # standard deviations of q; z⁶·φ(z) is 1e-13 there
BASE_EDGES = (-BELL_REACH, -3.0, 3.0, BELL_REACH)
# Distances from a branch point's real part, in units of its imaginary part: beyond 10 of them log p is a parabola
# to e^−10π, and no panel's Bernstein ellipse has ρ < 1.96, so 20 nodes leave 1e-12 of what is left to integrate.
_GRADE = (-10.0, -1.2, 1.2, 10.0)
_SHARP = 2.5  # a branch point more than this many sds of q from the line needs no cuts
_DROWNED = 30.0  # nats below the highest component: 1e-13 of log p
_GAUSSIANS_AT_ONCE = 512  # Gaussians at a time, so that their nodes stay in the processor's cache
_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class LogMixture:
    """Mixtures, one a row, ready to be integrated.

    log_weights, locs, scales: (rows, components). centres, widths: (rows, branch points), the real and imaginary
    parts of the branch points of log p; a width of inf marks one that is none.
    """

    log_weights: Tensor
    locs: Tensor
    scales: Tensor
    centres: Tensor
    widths: Tensor

    def take(self, rows: Tensor) -> LogMixture:
        """The mixtures at these indices; indices may repeat."""
        return LogMixture(*(value[rows] for value in vars(self).values()))

    @property
    def constants(self) -> Tensor:
        """log of each component at its own mean, (rows, components)."""
        return self.log_weights - self.scales.log() - _LOG_SQRT_2PI


def log_mixture(target: Distribution) -> LogMixture:
    """The rows of a `gaussian_mixture` target, its batch flattened, in float64.

    Raises ValueError where the target is not a mixture of Gaussians.
    """
    components = getattr(target, "component_distribution", None)
    if not isinstance(target, MixtureSameFamily) or not isinstance(components, Normal):
        raise ValueError(f"target = {target} is outside its domain: a mixture of Gaussians (gaussian_mixture)")
    with torch.no_grad():
        target = in_double(target)
        assert isinstance(target, MixtureSameFamily)
        components = target.component_distribution
        assert isinstance(components, Normal)
        flat = lambda value: value.detach().reshape(value.shape[:-1].numel(), value.shape[-1])
        weights = log_weights(target).expand(components.loc.shape)
        centres, widths = branch_points(target)
        rows = LogMixture(*map(flat, (weights, components.loc, components.scale, centres, widths)))
        return _pruned(rows)


def _pruned(rows: LogMixture) -> LogMixture:
    """Without the branch points of pairs that a third component drowns on all of the real line nearby."""
    if rows.centres.shape[-1] == 0:
        return rows
    places = rows.centres.new_tensor([-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0])
    x = rows.centres.unsqueeze(-1) + rows.widths.unsqueeze(-1) * places
    z = (x.unsqueeze(-1) - rows.locs[:, None, None]) / rows.scales[:, None, None]
    each = rows.constants[:, None, None] - 0.5 * z * z  # (rows, branch points, places, components)
    i, j = torch.triu_indices(rows.locs.shape[-1], rows.locs.shape[-1], 1, device=rows.locs.device)
    pair = torch.stack([torch.cat([i, i]), torch.cat([j, j])], -1)[None, :, None].expand(each.shape[:-1] + (2,))
    drowned = (each.gather(-1, pair).amin(-1) < each.amax(-1) - _DROWNED).all(-1)
    widths = torch.where(drowned | rows.widths.isnan(), torch.inf, rows.widths)
    useful = widths.isfinite().any(0)
    return LogMixture(rows.log_weights, rows.locs, rows.scales, rows.centres.nan_to_num(0.0)[:, useful], widths[:, useful])


@cache
def _rule(order: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Nodes and weights of one panel, on [−1, 1]; the weights hold the bell's 1/√(2π)."""
    nodes, weights = panels(torch.tensor([-1.0, 1.0], dtype=torch.float64, device=device), order)
    return nodes, weights / math.sqrt(2 * math.pi)


def branch_edges(rows: LogMixture, loc: Tensor, scale: Tensor, reach: float = BELL_REACH, sharp: float = _SHARP) -> Tensor:
    """Panel edges round the branch points, in z = (x − loc)/scale, (rows, edges).

    Those of branch points that need none, `sharp` scales or more off the line, fall on z = reach, or on 0 if that is inf.
    """
    centre = (rows.centres - loc.unsqueeze(-1)) / scale.unsqueeze(-1)
    width = rows.widths / scale.unsqueeze(-1)
    cuts = centre.unsqueeze(-1) + width.unsqueeze(-1) * loc.new_tensor(_GRADE)
    nowhere = reach if math.isfinite(reach) else 0.0
    return torch.where((width < sharp).unsqueeze(-1), cuts, nowhere).clamp(-reach, reach).flatten(-2)


def _panels_of(rows: LogMixture, loc: Tensor, scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Row, middle and half-width of every panel that has a width, each (panels,); in z = (x − loc)/scale."""
    edges = loc.new_tensor(BASE_EDGES).expand(loc.shape + (len(BASE_EDGES),))
    if rows.centres.shape[-1]:
        edges = torch.cat([edges, branch_edges(rows, loc, scale)], -1).sort(-1).values
    left, right = edges[..., :-1], edges[..., 1:]
    row, panel = (right > left).nonzero(as_tuple=True)
    left, right = left[row, panel], right[row, panel]
    return row, (left + right) / 2, (right - left) / 2


@dataclass(frozen=True)
class _Nodes:
    """The nodes of Gaussians q: z, log_p and the bell e^−z²/2, each (panels, order); row and half, each (panels,)."""

    row: Tensor
    half: Tensor
    z: Tensor
    log_p: Tensor
    bell: Tensor

    def sum(self, values: Tensor, rows: int) -> Tensor:
        """E_q of `values`, (rows,)."""
        return _sum_rows(self.row, (values * self.bell @ _rule(ORDER, values.device)[1]) * self.half, rows)


def _sum_rows(row: Tensor, values: Tensor, rows: int) -> Tensor:
    return values.new_zeros((rows,) + values.shape[1:]).index_add_(0, row, values)


def _nodes_of(rows: LogMixture, loc: Tensor, scale: Tensor, order: int = ORDER) -> _Nodes:
    row, middle, half = _panels_of(rows, loc, scale)
    t = _rule(order, loc.device)[0]
    # In units of each component, so that a node near a narrow one keeps its digits however far both are from 0.
    shift = ((loc.unsqueeze(-1) - rows.locs) / rows.scales)[row]
    stretch = (scale.unsqueeze(-1) / rows.scales)[row]
    log_p = _log_density(rows.constants[row], shift + stretch * middle.unsqueeze(-1), stretch * half.unsqueeze(-1), t)
    z = torch.addcmul(middle.unsqueeze(-1), half.unsqueeze(-1), t)
    return _Nodes(row, half, z, log_p, (-0.5 * z * z).exp_())


def _log_density(constants: Tensor, middles: Tensor, halves: Tensor, t: Tensor) -> Tensor:
    """log p at middles + halves·t in units of each component; the first three (rows, components), t (n,) → (rows, n)."""
    logs = []
    for k in range(constants.shape[-1]):
        u = torch.addcmul(middles[:, k, None], halves[:, k, None], t)
        logs.append(torch.addcmul(constants[:, k, None], u, u, value=-0.5))
    return _log_sum_exp(logs)


def log_density_at(rows: LogMixture, loc: Tensor, scale: Tensor, z: Tensor) -> Tensor:
    """log p(loc + scale·z) of a single mixture, in nats; loc and scale without axes, z (n,) → (n,)."""
    return _log_density(rows.constants, (loc - rows.locs) / rows.scales, scale / rows.scales, z)[0]


def _log_sum_exp(logs: list[Tensor]) -> Tensor:
    """torch.logsumexp over a list, three times as fast as over an axis; every place has a finite entry."""
    top = logs[0]
    for other in logs[1:]:
        top = torch.maximum(top, other)
    total = (logs[0] - top).exp_()
    for other in logs[1:]:
        total.add_((other - top).exp_())
    return total.log_().add_(top)


def log_mixture_moments(
    rows: LogMixture, loc: Tensor, scale: Tensor, highest: int = 4, which: Tensor | None = None, order: int = ORDER
) -> Tensor:
    """E[log p(loc + scale·z)·zᵏ] for z ~ Normal(0, 1), k = 0 … highest, in nats; (Gaussians, highest + 1).

    loc, scale: (Gaussians,), finite, scale > 0. which: the row of each Gaussian's mixture; without it, its own row.
    order: nodes of a panel; 10 leave an error of 1e-6.
    """
    which = torch.arange(len(loc), device=loc.device) if which is None else which
    parts = []
    for start in range(0, len(loc), _GAUSSIANS_AT_ONCE):
        some = slice(start, start + _GAUSSIANS_AT_ONCE)
        nodes = _nodes_of(rows.take(which[some]), loc[some], scale[some], order)
        values, sums = nodes.log_p * nodes.bell, []
        for k in range(highest + 1):
            values = values * nodes.z if k else values
            sums.append(values @ _rule(order, loc.device)[1])
        parts.append(_sum_rows(nodes.row, torch.stack(sums, -1) * nodes.half.unsqueeze(-1), len(loc[some])))
    return torch.cat(parts) if parts else loc.new_zeros((0, highest + 1))


def reverse_kl(rows: LogMixture, loc: Tensor, scale: Tensor, mean_log_p: Tensor | None = None, which: Tensor | None = None) -> Tensor:
    """KL(q‖p) in nats for q = Normal(loc, scale): −log scale − ½·log(2πe) − E_q[log p]; (Gaussians,).

    which: as in `log_mixture_moments`. mean_log_p: E_q[log p], where the caller has it. Below 1e-2 nats that is
    mostly cancellation, and the integral of q·(e^−r − 1 + r), r = log q − log p, takes its place, whose integrand is
    never negative.
    """
    which = torch.arange(len(loc), device=loc.device) if which is None else which
    if mean_log_p is None:
        mean_log_p = log_mixture_moments(rows, loc, scale, 0, which)[:, 0]
    kl = -scale.log() - (0.5 + _LOG_SQRT_2PI) - mean_log_p
    small = (kl < 1e-2).nonzero().squeeze(-1)
    for some in small.split(_GAUSSIANS_AT_ONCE):
        kl[some] = _small_reverse_kl(rows.take(which[some]), loc[some], scale[some])
    return kl


def _small_reverse_kl(rows: LogMixture, loc: Tensor, scale: Tensor) -> Tensor:
    nodes = _nodes_of(rows, loc, scale)
    log_q = -0.5 * nodes.z * nodes.z - (scale.log() + _LOG_SQRT_2PI)[nodes.row].unsqueeze(-1)
    inside = nodes.sum(exp_excess(nodes.log_p - log_q), loc.shape[0])
    # ∫q(e^−r − 1) over q's reach falls short of 0 by what p has beyond it.
    shift, stretch = (loc.unsqueeze(-1) - rows.locs) / rows.scales, scale.unsqueeze(-1) / rows.scales
    beyond = torch.erfc((shift + stretch * BELL_REACH) / math.sqrt(2)) + torch.erfc((stretch * BELL_REACH - shift) / math.sqrt(2))
    return inside + 0.5 * (rows.log_weights.exp() * beyond).sum(-1)


@dataclass(frozen=True)
class Slopes:
    """A divergence at Gaussians, and its slopes in the Gaussian's own units (loc/scale, log scale).

    value: (rows,). gradient: (rows, 2), hessian: (rows, 2, 2), of steps (Δloc/scale, Δ log scale).
    """

    value: Tensor
    gradient: Tensor
    hessian: Tensor

    def take(self, rows: Tensor) -> Slopes:
        return Slopes(self.value[rows], self.gradient[rows], self.hessian[rows])


def reverse_slopes(rows: LogMixture, loc: Tensor, scale: Tensor, which: Tensor | None = None, order: int = ORDER) -> Slopes:
    """KL(q‖p), its gradient and its Hessian at q = Normal(loc, scale); `which` and `order` as in `log_mixture_moments`.

    With Hₖ = E_q[log p · Heₖ(z)], Heₖ Hermite's polynomials, differentiating the bell instead of log p (Stein):
    scale·∂_loc E_q[log p] = H₁, ∂_log scale = H₂, scale²·∂²_loc = H₂, scale·∂_loc ∂_log scale = H₃,
    ∂²_log scale = 2·H₂ + H₄.
    """
    e0, e1, e2, e3, e4 = log_mixture_moments(rows, loc, scale, 4, which, order).unbind(-1)
    h2, h3, h4 = e2 - e0, e3 - 3 * e1, e4 - 6 * e2 + 3 * e0
    value = -scale.log() - (0.5 + _LOG_SQRT_2PI) - e0
    gradient = torch.stack([-e1, -1 - h2], -1)
    hessian = torch.stack([-h2, -h3, -h3, -2 * h2 - h4], -1).unflatten(-1, (2, 2))
    return Slopes(value, gradient, hessian)
