"""The α-divergence, a bridge between the two directions of KL.

Convention of Amari and Minka (Minka 2005, "Divergence measures and message passing", eq. 12):
D_α(p‖q) = (1 − ∫ p^α q^{1−α}) / (α(1 − α)), with D_1 = KL(p‖q) and D_0 = KL(q‖p) as its limits. α = ½ is four times the
squared Hellinger distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from .divergence import kl
from .exact import exp_excess
from .fitting import Fit, distinct_minima, fit_forward, fit_reverse, newton_minima, subset_moments
from .law import in_double, log_density
from .mixture_panels import REACH, LogMixture, Slopes, branch_edges, log_mixture
from .quadrature import panels
from .parameters import dtype_of

__all__ = ["AlphaFit", "alpha_divergence", "fit_alpha"]

_ORDER = 20
_OFFSETS = (-REACH, -3.0, 3.0, REACH)


def alpha_divergence(p: Distribution, q: Normal, alpha: float) -> Tensor:
    """D_α(p‖q) in nats for one mixture p and Gaussians q of any batch_shape, which the answer has; exact KL at 0 and 1.

    With r = log p − log q the integrand is [p − q − q·(e^αr − 1)/α]/(1 − α) for α ≤ ½, never negative; for α > ½ the
    same with the roles exchanged. Panels cover p, q and each component's own p^α·q^{1−α}, cut at p's branch points.
    alpha: in [0, 1]; ValueError otherwise, and for a p that is no `gaussian_mixture`. Differentiable in q.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha = {alpha} is outside its domain: a number between 0 and 1")
    rows = log_mixture(p)
    if alpha in (0, 1):
        return kl(p, q) if alpha else kl(q, p)
    wide_q = in_double(q)
    loc, scale = wide_q.loc.detach().reshape(-1), wide_q.scale.detach().reshape(-1)
    with torch.no_grad():
        edges = torch.cat([_edges(rows, loc, scale, torch.full_like(loc, alpha)), _own_edges(rows, loc, scale)], -1)
        z, weights = (value.view(wide_q.batch_shape + value.shape[1:]) for value in panels(edges.sort(-1).values, _ORDER))
        x = wide_q.loc.unsqueeze(-1) + wide_q.scale.unsqueeze(-1) * z
        log_p = log_density(in_double(p), x)
    log_q = log_density(wide_q, x)
    integrand = _alpha_terms(log_p, log_q, alpha) if alpha <= 0.5 else _alpha_terms(log_q, log_p, 1 - alpha)
    return ((weights * integrand).sum(-1) * wide_q.scale.detach()).to(dtype_of(q))


def _alpha_terms(log_p: Tensor, log_q: Tensor, alpha: float) -> Tensor:
    """[p − q − q·(e^αr − 1)/α]/(1 − α), r = log p − log q, for 0 < α ≤ ½: ≥ 0, and of second order where r = 0."""
    ratio = log_p - log_q
    near = ratio.abs() < 1
    small = torch.where(near, ratio, 0.0)
    close = log_q.exp() * (exp_excess(small) - exp_excess(alpha * small) / alpha)
    far = log_p.exp() - log_q.exp() - _tilt(log_q, torch.where(near, 1.0, ratio), alpha)
    return torch.where(near, close, far) / (1 - alpha)


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
    offsets = loc.new_tensor(_OFFSETS)
    bells = (pull * shift / precision).unsqueeze(-1) + precision.rsqrt().unsqueeze(-1) * offsets
    edges = torch.cat([bells.flatten(-2), offsets.expand(len(loc), -1)], -1)
    return torch.cat([edges, _branch_edges(rows, loc, scale, edges)], -1)


def _own_edges(rows: LogMixture, loc: Tensor, scale: Tensor) -> Tensor:
    """Those that p itself asks for."""
    places = rows.locs.unsqueeze(-1) + rows.scales.unsqueeze(-1) * loc.new_tensor(_OFFSETS)
    edges = (places.flatten(-2) - loc.unsqueeze(-1)) / scale.unsqueeze(-1)
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
    found = {end: tuple(AlphaFit(fit.loc, fit.scale, fit.kl) for fit in fits) for end, fits in ends.items()}
    between = powers[(powers > 0) & (powers < 1)].unique()
    found |= dict(zip(between.tolist(), _fits_between(log_mixture(target), between, [*ends[0.0], *ends[1.0]]), strict=True))
    narrow = lambda fit: AlphaFit(*(value.to(dtype_of(target)) for value in vars(fit).values()))
    return [tuple(narrow(fit) for fit in found[power]) for power in powers.tolist()]


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
    corners = (integral(both, square) - integral(tilted, square - 1),
               integral(both, (square - 1) ** 2) - integral(tilted, square * (square - 4) + 1))
    hessian = torch.stack([corners[0], cross, cross, corners[1]], -1).unflatten(-1, (2, 2))
    return Slopes(-tilted.sum(-1) / (1 - alpha), gradient, hessian)
