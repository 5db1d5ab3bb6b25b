"""Gaussians fitted under the α-divergence, the bridge between the two directions of KL; see `renyi.alpha_divergence`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import in_double
from ..numerics.parameters import dtype_of
from ..numerics.quadrature import panels
from .fitting import Fit, fit_forward, fit_reverse, subset_moments
from .mixture_panels import BASE_EDGES, LogMixture, Slopes, branch_edges, log_mixture
from .newton import distinct_minima, newton_minima

__all__ = ["AlphaFit", "fit_alpha"]

_ORDER = 20


def _tilt(log_q: Tensor, ratio: Tensor, alpha: Tensor | float) -> Tensor:
    """(p^α·q^{1−α} − q)/α = q·(e^αr − 1)/α for α > 0, from whichever of the two is the larger, which cannot overflow."""
    larger = (log_q + alpha * ratio.clamp_min(0)).exp()
    return -larger * ratio.sign() * torch.expm1(-alpha * ratio.abs()) / alpha


def _edges(rows: LogMixture, loc: Tensor, scale: Tensor, alpha: Tensor) -> Tensor:
    """Panel edges for q and p^α·q^{1−α} in z = (x − loc)/scale, (Gaussians, edges), unsorted; rows: one mixture.

    A component to the power α times q^{1−α} is a bell of precision α/scaleᵢ² + (1 − α)/scale².
    """
    shift, stretch = (rows.locs - loc.unsqueeze(-1)) / scale.unsqueeze(-1), rows.scales / scale.unsqueeze(-1)
    pull = alpha.unsqueeze(-1) / (stretch * stretch)
    precision = pull + (1 - alpha.unsqueeze(-1))
    offsets = loc.new_tensor(BASE_EDGES)
    bells = (pull * shift / precision).unsqueeze(-1) + precision.rsqrt().unsqueeze(-1) * offsets
    edges = torch.cat([bells.flatten(-2), offsets.expand(len(loc), -1)], -1)
    return torch.cat([edges, _branch_edges(rows, loc, scale, edges)], -1)


def _branch_edges(rows: LogMixture, loc: Tensor, scale: Tensor, edges: Tensor) -> Tensor:
    """Cuts round every branch point, wide or not: q's own bell is not the narrowest thing here; kept within edges."""
    every = rows.take(torch.zeros_like(loc, dtype=torch.long))
    cuts = branch_edges(every, loc, scale, reach=float("inf"), sharp=float("inf"))
    return torch.minimum(torch.maximum(cuts, edges.amin(-1, keepdim=True)), edges.amax(-1, keepdim=True))


@dataclass(frozen=True)
class AlphaFit:
    """A Gaussian that minimises an α-divergence: loc, scale and the divergence in nats, each without axes."""

    loc: Tensor
    scale: Tensor
    divergence: Tensor


def fit_alpha(target: Distribution, alphas: Tensor) -> list[tuple[AlphaFit, ...]]:
    """For each α every local minimum of D_α(target‖q) over Gaussians q, the lowest first; (n,) in, n tuples out.

    α = 0 has the fits of `fit_reverse`, α = 1 that of `fit_forward`. Between them Newton's method in a trust region, all
    α at once, from both ends' fits and from the moments of every subset of components.
    target: a `gaussian_mixture` without batch. ValueError for an α outside [0, 1].
    """
    powers = torch.as_tensor(alphas, dtype=torch.float64)
    if powers.dim() != 1 or not bool(((powers >= 0) & (powers <= 1)).all()):
        raise ValueError(f"alphas = {powers.tolist()} is outside its domain: one axis of numbers between 0 and 1")
    wide_target = in_double(target)
    ends = {0.0: fit_reverse(wide_target), 1.0: (fit_forward(wide_target),)}
    fits_by_alpha = {end: tuple(AlphaFit(fit.loc, fit.scale, fit.kl) for fit in fits) for end, fits in ends.items()}
    between = powers[(powers > 0) & (powers < 1)].unique()
    fits_by_alpha |= dict(zip(between.tolist(), _fits_between(log_mixture(target), between, [*ends[0.0], *ends[1.0]]), strict=True))
    narrow = lambda fit: AlphaFit(*(value.to(dtype_of(target)) for value in vars(fit).values()))
    return [tuple(narrow(fit) for fit in fits_by_alpha[power]) for power in powers.tolist()]


def _fits_between(rows: LogMixture, powers: Tensor, ends: list[Fit]) -> list[tuple[AlphaFit, ...]]:
    """The same for 0 < α < 1, a tuple for each."""
    loc, log_scale = subset_moments(rows)
    loc = torch.cat([loc[0], torch.stack([fit.loc for fit in ends])])
    log_scale = torch.cat([log_scale[0], torch.stack([fit.scale for fit in ends]).log()])
    index = torch.arange(len(powers), device=loc.device).repeat_interleave(len(loc))
    slopes_at = lambda which, loc, scale: _alpha_slopes(rows, loc, scale, powers[index[which]])
    loc, log_scale, slopes = newton_minima(slopes_at, loc.repeat(len(powers)), log_scale.repeat(len(powers)), longest=0.5)
    index, loc, log_scale, slopes = distinct_minima(index, loc, log_scale, slopes)
    groups: list[list[AlphaFit]] = [[] for _ in powers]
    for which, *fit in zip(index.tolist(), loc, log_scale.exp(), slopes.value, strict=True):
        groups[which].append(AlphaFit(*fit))
    # Mirror images have the same divergence but for rounding: the left one first, as they come.
    return [tuple(sorted(group, key=lambda fit: round(float(fit.divergence), 12))) for group in groups]


def _alpha_slopes(rows: LogMixture, loc: Tensor, scale: Tensor, alpha: Tensor) -> Slopes:
    """D_α and its slopes at q = Normal(loc, scale), 0 < α < 1; of one mixture.

    With s = ∇log q, w = p^α·q^{1−α} and v = (w − q)/α, the gradient is −∫v·s and the Hessian −∫v·(ssᵀ + ∇s) + ∫w·ssᵀ:
    ∫q·s and ∫q·(ssᵀ + ∇s) are 0, and taking them off leaves finite limits at α = 0. D_α = −∫v/(1 − α).
    """
    z, weights = panels(_edges(rows, loc, scale, alpha).sort(-1).values, _ORDER)
    log_q = -0.5 * z * z - scale.log().unsqueeze(-1)
    log_p = torch.full_like(z, -torch.inf)
    for k in range(rows.locs.shape[-1]):
        u = ((loc - rows.locs[0, k]) / rows.scales[0, k]).unsqueeze(-1) + (scale / rows.scales[0, k]).unsqueeze(-1) * z
        log_p = torch.logaddexp(log_p, rows.log_weights[0, k] - rows.scales[0, k].log() - 0.5 * u * u)
    power = alpha.unsqueeze(-1)
    # Both densities lack 1/√(2π), and x = loc + scale·z gives every integral a factor of scale.
    weights = weights * scale.unsqueeze(-1) / (2 * torch.pi) ** 0.5
    tilted = weights * _tilt(log_q, log_p - log_q, power)
    both = weights * (log_q + power * (log_p - log_q)).exp()
    square = z * z
    integral = lambda density, values: (density * values).sum(-1)
    gradient = torch.stack([-integral(tilted, z), -integral(tilted, square - 1)], -1)
    cross = integral(both, z * (square - 1)) - integral(tilted, z * (square - 3))
    corners = (
        integral(both, square) - integral(tilted, square - 1),
        integral(both, (square - 1) ** 2) - integral(tilted, square * (square - 4) + 1),
    )
    hessian = torch.stack([corners[0], cross, cross, corners[1]], -1).unflatten(-1, (2, 2))
    return Slopes(-tilted.sum(-1) / (1 - alpha), gradient, hessian)
