"""KL between a mixture and every Gaussian of a grid of (loc, log scale), in either direction, and where each flows to.

Forward is KL(target‖q), the expectation under the target; reverse is KL(q‖target), under the model q.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from .families.normal import kl_normal_normal
from .fitting import Fit, fit_forward, fit_reverse
from .mixture_panels import (ORDER, REACH, LogMixture, Slopes, branch_edges, log_density_at, log_mixture, log_mixture_moments,
                             reverse_kl, reverse_slopes)
from .quadrature import panels
from .parameters import dtype_of

__all__ = ["DIRECTIONS", "basins", "check_direction", "forward_kl", "landscape", "landscape_and_gradient"]

DIRECTIONS = ("forward", "reverse")
_PANEL = 6.0                    # standard deviations: what 20 nodes resolve a bell over, wherever in the panel it is
_MOST_PANELS = 20               # of a row; with more, its Gaussians are so narrow that panels of their own cost less

# Of the flow that parts the basins.
_NODES = 10             # a panel: slopes to 1e-6, where the flow is followed to 1e-2
_ERROR = 0.01           # of a step, in the Gaussian's own units
_LONGEST = 1.0          # step, in the same
_STEPS = 400
_NEAR = 0.1             # a Gaussian this close to a minimum, in the same, has reached it


def landscape(target: Distribution, direction: str, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """KL in nats at every Gaussian of a grid; (locs, log scales).

    forward: KL(target‖q), the least of them plus KL(N‖q) for N the moment-matched Gaussian.
    reverse: KL(q‖target), by Gauss–Legendre panels cut at the branch points of the target's log-density.
    target: a `gaussian_mixture` without batch. loc_grid, log_scale_grid: one axis each, finite, in any order.
    ValueError for another direction, target or grid. Right to 1e-10 of itself.
    """
    return _landscape(target, direction, loc_grid, log_scale_grid, False)[0]


def landscape_and_gradient(target: Distribution, direction: str, loc_grid: Tensor,
                           log_scale_grid: Tensor) -> tuple[Tensor, Tensor]:
    """`landscape`, and its gradient in (loc, log scale): (locs, log scales) and (locs, log scales, 2)."""
    return _landscape(target, direction, loc_grid, log_scale_grid, True)


def _landscape(target: Distribution, direction: str, loc_grid: Tensor, log_scale_grid: Tensor,
               gradient: bool) -> tuple[Tensor, Tensor | None]:
    check_direction(direction)
    loc, log_scale = _axis("loc_grid", loc_grid, math.inf), _axis("log_scale_grid", log_scale_grid, 300.0)
    if direction == "forward":
        kl, slopes = _forward(fit_forward(_one_mixture(target)), loc, log_scale, gradient)
    else:
        kl, slopes = _reverse(log_mixture(_one_mixture(target)), loc, log_scale, gradient)
    dtype = dtype_of(target)
    return kl.T.to(dtype), None if slopes is None else slopes.transpose(0, 1).to(dtype)


def _one_mixture(target: Distribution) -> Distribution:
    """The target itself; ValueError for a batch."""
    if target.batch_shape:
        raise ValueError(f"target = mixtures of batch shape {tuple(target.batch_shape)} is outside its domain: one mixture")
    return target


def check_direction(direction: str) -> None:
    """ValueError unless it is one of DIRECTIONS."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction = {direction!r} is outside its domain: {' or '.join(DIRECTIONS)}")


def _axis(name: str, values: Tensor, most: float) -> Tensor:
    axis = torch.as_tensor(values, dtype=torch.float64).detach()
    if axis.dim() != 1 or not bool((axis.isfinite() & (axis.abs() <= most)).all()):
        limit = "" if most == math.inf else f" between {-most:g} and {most:g}"
        raise ValueError(f"{name} = {axis.tolist()} is outside its domain: one axis of finite numbers{limit}")
    return axis


def forward_kl(best: Fit, loc: Tensor, scale: Tensor) -> Tensor:
    """KL(target‖q) for q = Normal(loc, scale), from the target's moment-matched Gaussian N = `fit_forward(target)`.

    KL(target‖N) + KL(N‖q): log q is a parabola, so that the target matters by its first two moments only.
    loc and scale broadcast.
    """
    centre, width = best.loc.double(), best.scale.double()
    spread = kl_normal_normal(Normal(0 * width, width, validate_args=False), Normal(0 * scale, scale, validate_args=False))
    return best.kl.double() + spread + 0.5 * ((loc - centre) / scale) ** 2


def _forward(best: Fit, loc: Tensor, log_scale: Tensor, gradient: bool) -> tuple[Tensor, Tensor | None]:
    """(log scales, locs)."""
    scale = log_scale.exp().unsqueeze(-1)
    kl = forward_kl(best, loc, scale)
    if not gradient:
        return kl, None
    z = (loc - best.loc.double()) / scale
    return kl, torch.stack([z / scale, 1 - z * z - (best.scale.double() / scale) ** 2], -1)


def _reverse(rows: LogMixture, loc: Tensor, log_scale: Tensor, gradient: bool) -> tuple[Tensor, Tensor | None]:
    """(log scales, locs): row by row, all locs from one set of nodes, unless the row is too long for its scale; those point by point."""
    scale = log_scale.exp()
    low, high = (loc.min(), loc.max()) if loc.numel() else (loc.sum(), loc.sum())
    shared = (high - low) / scale + 2 * REACH <= _MOST_PANELS * _PANEL
    moments = loc.new_empty((len(scale), len(loc), 3 if gradient else 1))
    for k in shared.nonzero().squeeze(-1).tolist():
        moments[k] = _row_moments(rows, loc, scale[k], low, high, moments.shape[-1])
    alone = (~shared).nonzero().squeeze(-1)
    places, sizes = loc.repeat(len(alone)), scale[alone].repeat_interleave(len(loc))
    one_mixture = torch.zeros_like(places, dtype=torch.long)
    found = log_mixture_moments(rows, places, sizes, moments.shape[-1] - 1, one_mixture)
    moments[alone] = found.view(len(alone), *moments.shape[1:])
    every_loc, every_scale = loc.repeat(len(scale)), scale.repeat_interleave(len(loc))
    kl = reverse_kl(rows, every_loc, every_scale, moments[..., 0].flatten(), torch.zeros_like(every_loc, dtype=torch.long))
    if not gradient:
        return kl.view(moments.shape[:2]), None
    e0, e1, e2 = moments.unbind(-1)
    return kl.view(moments.shape[:2]), torch.stack([-e1 / scale.unsqueeze(-1), e0 - e2 - 1], -1)


def _row_moments(rows: LogMixture, loc: Tensor, scale: Tensor, low: Tensor, high: Tensor, count: int) -> Tensor:
    """E[log p(loc + scale·z)·zᵏ], k < count, at every loc for one scale: log p once, weighed by every bell; (locs, count).

    Nodes are places x over all that any of the bells reaches, in units of the scale from the row's middle.
    """
    middle, reach = (low + high) / 2, (high - low) / (2 * scale) + REACH
    steps = max(1, math.ceil(2 * reach.item() / _PANEL))
    edges = torch.cat([torch.linspace(-1, 1, steps + 1, dtype=loc.dtype, device=loc.device) * reach,
                       branch_edges(rows, middle.view(1), scale.view(1), reach.item()).flatten()]).sort().values
    x, weights = panels(edges.unique_consecutive(), ORDER)
    weighed = weights * log_density_at(rows, middle, scale, x) / math.sqrt(2 * math.pi)
    # Half of z² is the square of z/√2, and saves a pass over the table.
    z = torch.sub((x * math.sqrt(0.5)), ((loc - middle) / scale * math.sqrt(0.5)).unsqueeze(-1))
    bells = z.square().neg_().exp_()
    sums = [bells @ weighed]
    for _ in range(count - 1):
        bells.mul_(z)
        sums.append(bells @ weighed * math.sqrt(2) ** len(sums))
    return torch.stack(sums, -1)


def basins(target: Distribution, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """The index among `fit_reverse(target)` of the minimum that the natural-gradient flow reaches; (locs, log scales).

    The flow d(loc) = −scale²·∂_loc KL dt, d(log scale) = −½·∂_log scale KL dt follows steepest descent in Fisher's
    metric, so that basins do not depend on how a Gaussian is written down. It is stiff beside a spike: each step is
    that of a Rosenbrock method, exact for a linear flow to the third order and damping without bound, its error held
    by its defect. −1 where no minimum is reached in 400 steps (a ridge). Arguments and errors as for `landscape`.
    """
    rows, fits = log_mixture(_one_mixture(target)), fit_reverse(target)
    loc, log_scale = _axis("loc_grid", loc_grid, math.inf), _axis("log_scale_grid", log_scale_grid, 300.0)
    here = torch.stack(torch.meshgrid(loc, log_scale, indexing="ij"), -1).flatten(0, 1)
    reached = here.new_full((len(here),), -1, dtype=torch.long)
    active = torch.arange(len(here), device=here.device)
    field, jacobian = _field(rows, here)
    time = 0.3 / field.norm(dim=-1).clamp_min(0.3)
    for _ in range(_STEPS):
        step, error = _trial(field, jacobian, time)
        there = here + step * _units(here)
        new_field, new_jacobian = _field(rows, there)
        error = error(new_field).norm(dim=-1)
        good = (error < _ERROR) & (step.norm(dim=-1) < _LONGEST)
        keep = good.unsqueeze(-1)
        here, field = torch.where(keep, there, here), torch.where(keep, new_field, field)
        jacobian = torch.where(keep.unsqueeze(-1), new_jacobian, jacobian)
        growth = 0.9 * torch.minimum((_ERROR / error.clamp_min(1e-12)) ** (1 / 3), _LONGEST / step.norm(dim=-1).clamp_min(1e-12))
        time = torch.minimum(time * growth.clamp(0.2, 4.0), 1 / _steepest(jacobian).clamp_min(1e-12))
        found = _minimum_near(here, fits)
        reached[active] = found
        on = (found < 0).nonzero().squeeze(-1)
        if not on.numel():
            break
        active, here, field, jacobian, time = active[on], here[on], field[on], jacobian[on], time[on]
    return reached.view(len(loc), len(log_scale))


def _units(here: Tensor) -> Tensor:
    """What a step of one in the Gaussian's own units is in (loc, log scale)."""
    return torch.stack([here[:, 1].exp(), torch.ones_like(here[:, 1])], -1)


def _field(rows: LogMixture, here: Tensor) -> tuple[Tensor, Tensor]:
    """The flow (Gaussians, 2) and its Jacobian (Gaussians, 2, 2), both in the Gaussian's own units."""
    one_mixture = here.new_zeros(len(here), dtype=torch.long)
    slopes: Slopes = reverse_slopes(rows, here[:, 0], here[:, 1].exp(), one_mixture, _NODES)
    metric = here.new_tensor([1.0, 0.5])
    jacobian = -slopes.hessian * metric.unsqueeze(-1)
    # The flow of loc is scale²·∂_loc, which moves with the scale twice over.
    jacobian[:, 0, 1] -= 2 * slopes.gradient[:, 0]
    return -slopes.gradient * metric, jacobian


def _steepest(jacobian: Tensor) -> Tensor:
    """The largest rate at which neighbours part: beside a saddle a longer step would fall back onto it."""
    half_trace = (jacobian[:, 0, 0] + jacobian[:, 1, 1]) / 2
    half_gap = (jacobian[:, 0, 0] - jacobian[:, 1, 1]) / 2
    return half_trace + (half_gap**2 + jacobian[:, 0, 1] * jacobian[:, 1, 0]).clamp_min(0).sqrt()


def _trial(field: Tensor, jacobian: Tensor, time: Tensor):
    """A step of each flow and, as a function of the field at its end, its error.

    (eᶻ − 1)/z ≈ (1 − z/6)/(1 − 2z/3 + z²/6), Padé's approximant that falls off at −∞ as the original does.
    """
    z = jacobian * time[:, None, None]
    eye = torch.eye(2, dtype=field.dtype, device=field.device)
    denominator = eye - 2 / 3 * z + z @ z / 6
    step = _solve(denominator, _apply(eye - z / 6, field) * time.unsqueeze(-1))
    defect = lambda at_end: at_end - field - _apply(jacobian, step)
    return step, lambda at_end: _solve(denominator, defect(at_end) * time.unsqueeze(-1)) / 3


def _apply(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix * vector.unsqueeze(-2)).sum(-1)


def _solve(matrix: Tensor, vector: Tensor) -> Tensor:
    """matrix⁻¹·vector for 2×2 matrices, by Cramer's rule."""
    (a, b), (c, d) = matrix[:, 0].unbind(-1), matrix[:, 1].unbind(-1)
    determinant = a * d - b * c
    return torch.stack([d * vector[:, 0] - b * vector[:, 1], a * vector[:, 1] - c * vector[:, 0]], -1) / determinant.unsqueeze(-1)


def _minimum_near(here: Tensor, fits: tuple[Fit, ...]) -> Tensor:
    """The index of the minimum that each Gaussian has reached, −1 for none."""
    found = here.new_full((len(here),), -1, dtype=torch.long)
    for index, fit in enumerate(fits):
        far_loc, far_scale = (here[:, 0] - fit.loc).abs() / fit.scale, (here[:, 1] - fit.scale.log()).abs()
        found[(far_loc < _NEAR) & (far_scale < _NEAR)] = index
    return found
