"""To which minimum of reverse KL every Gaussian of a grid flows, by natural gradient."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution

from .fitting import Fit, fit_reverse
from .landscape import grid_axis, one_mixture
from .mixture_panels import LogMixture, Slopes, log_mixture, reverse_slopes

__all__ = ["basins"]

_NODES_PER_PANEL = 10  # a panel: slopes to 1e-6, where the flow is followed to 1e-2
_ERROR = 0.01  # of a step, in the Gaussian's own units
_LONGEST = 1.0  # step, in the same
_FLOW_STEPS = 400
_REACHED = 0.1  # a Gaussian this close to a minimum, in the same, has reached it


def basins(target: Distribution, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """The index among `fit_reverse(target)` of the minimum that the natural-gradient flow reaches; (locs, log scales).

    The flow d(loc) = −scale²·∂_loc KL dt, d(log scale) = −½·∂_log scale KL dt follows steepest descent in Fisher's
    metric, so that basins do not depend on how a Gaussian is written down. It is stiff beside a spike: each step is
    that of a Rosenbrock method, exact for a linear flow to the third order and damping without bound, its error held
    by its defect. −1 where no minimum is reached in 400 steps (a ridge). Arguments and errors as for `landscape.landscape`.
    """
    rows, fits = log_mixture(one_mixture(target)), tuple(fit_reverse(target))
    loc, log_scale = grid_axis("loc_grid", loc_grid, math.inf), grid_axis("log_scale_grid", log_scale_grid, 300.0)
    place = torch.stack(torch.meshgrid(loc, log_scale, indexing="ij"), -1).flatten(0, 1)
    reached = place.new_full((len(place),), -1, dtype=torch.long)
    active = torch.arange(len(place), device=place.device)
    field, jacobian = _field(rows, place)
    time = 0.3 / field.norm(dim=-1).clamp_min(0.3)
    for _ in range(_FLOW_STEPS):
        step, error = _trial(field, jacobian, time)
        trial = place + step * _units(place)
        new_field, new_jacobian = _field(rows, trial)
        error = error(new_field).norm(dim=-1)
        good = (error < _ERROR) & (step.norm(dim=-1) < _LONGEST)
        keep = good.unsqueeze(-1)
        place, field = torch.where(keep, trial, place), torch.where(keep, new_field, field)
        jacobian = torch.where(keep.unsqueeze(-1), new_jacobian, jacobian)
        growth = 0.9 * torch.minimum((_ERROR / error.clamp_min(1e-12)) ** (1 / 3), _LONGEST / step.norm(dim=-1).clamp_min(1e-12))
        time = torch.minimum(time * growth.clamp(0.2, 4.0), 1 / _steepest(jacobian).clamp_min(1e-12))
        minimum = _minimum_near(place, fits)
        reached[active] = minimum
        on = (minimum < 0).nonzero().squeeze(-1)
        if not on.numel():
            break
        active, place, field, jacobian, time = active[on], place[on], field[on], jacobian[on], time[on]
    return reached.view(len(loc), len(log_scale))


def _units(place: Tensor) -> Tensor:
    """What a step of one in the Gaussian's own units is in (loc, log scale)."""
    return torch.stack([place[:, 1].exp(), torch.ones_like(place[:, 1])], -1)


def _field(rows: LogMixture, place: Tensor) -> tuple[Tensor, Tensor]:
    """The flow (Gaussians, 2) and its Jacobian (Gaussians, 2, 2), both in the Gaussian's own units."""
    one_mixture = place.new_zeros(len(place), dtype=torch.long)
    slopes: Slopes = reverse_slopes(rows, place[:, 0], place[:, 1].exp(), one_mixture, _NODES_PER_PANEL)
    metric = place.new_tensor([1.0, 0.5])
    jacobian = -slopes.hessian * metric.unsqueeze(-1)
    # The flow of loc is scale²·∂_loc, which moves with the scale twice over.
    jacobian[:, 0, 1] -= 2 * slopes.gradient[:, 0]
    return -slopes.gradient * metric, jacobian


def _steepest(jacobian: Tensor) -> Tensor:
    """The largest rate at which neighbours part: beside a saddle a longer step would fall back onto it."""
    half_trace = (jacobian[:, 0, 0] + jacobian[:, 1, 1]) / 2
    half_gap = (jacobian[:, 0, 0] - jacobian[:, 1, 1]) / 2
    return half_trace + (half_gap**2 + jacobian[:, 0, 1] * jacobian[:, 1, 0]).clamp_min(0).sqrt()


def _trial(field: Tensor, jacobian: Tensor, time: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
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


def _minimum_near(places: Tensor, fits: tuple[Fit, ...]) -> Tensor:
    """The index of the minimum that each Gaussian has reached, −1 for none."""
    nearest = places.new_full((len(places),), -1, dtype=torch.long)
    for index, fit in enumerate(fits):
        far_loc, far_scale = (places[:, 0] - fit.loc).abs() / fit.scale, (places[:, 1] - fit.scale.log()).abs()
        nearest[(far_loc < _REACHED) & (far_scale < _REACHED)] = index
    return nearest
