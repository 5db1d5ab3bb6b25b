"""KL between a mixture and every Gaussian of a grid of (loc, log scale), in either direction.

Forward is KL(target‖q), the expectation under the target; reverse is KL(q‖target), under the model q.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from ..families.normal import kl_normal_normal
from ..numerics.parameters import dtype_of
from ..numerics.quadrature import panels
from .fitting import Fit, fit_forward
from .mixture_panels import BELL_REACH, ORDER, LogMixture, branch_edges, log_density_at, log_mixture, log_mixture_moments, reverse_kl

__all__ = ["DIRECTIONS", "check_direction", "forward_kl", "grid_axis", "landscape", "landscape_and_gradient", "one_mixture"]

DIRECTIONS = ("forward", "reverse")
_PANEL = 6.0  # standard deviations: what 20 nodes resolve a bell over, wherever in the panel it is
_MOST_PANELS = 20  # of a row; with more, its Gaussians are so narrow that panels of their own cost less


def landscape(target: Distribution, direction: str, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """KL in nats at every Gaussian of a grid; (locs, log scales).

    forward: KL(target‖q), the least of them plus KL(N‖q) for N the moment-matched Gaussian.
    reverse: KL(q‖target), by Gauss–Legendre panels cut at the branch points of the target's log-density.
    target: a `gaussian_mixture` without batch. loc_grid, log_scale_grid: one axis each, finite, in any order.
    ValueError for another direction, target or grid. Right to 1e-10 of itself.
    """
    return _landscape(target, direction, loc_grid, log_scale_grid, False)[0]


def landscape_and_gradient(target: Distribution, direction: str, loc_grid: Tensor, log_scale_grid: Tensor) -> tuple[Tensor, Tensor]:
    """`landscape`, and its gradient in (loc, log scale): (locs, log scales) and (locs, log scales, 2)."""
    kl, slopes = _landscape(target, direction, loc_grid, log_scale_grid, True)
    assert slopes is not None
    return kl, slopes


def _landscape(
    target: Distribution, direction: str, loc_grid: Tensor, log_scale_grid: Tensor, gradient: bool
) -> tuple[Tensor, Tensor | None]:
    check_direction(direction)
    loc, log_scale = grid_axis("loc_grid", loc_grid, math.inf), grid_axis("log_scale_grid", log_scale_grid, 300.0)
    if direction == "forward":
        kl, slopes = _forward(fit_forward(one_mixture(target)), loc, log_scale, gradient)
    else:
        kl, slopes = _reverse(log_mixture(one_mixture(target)), loc, log_scale, gradient)
    dtype = dtype_of(target)
    return kl.T.to(dtype), None if slopes is None else slopes.transpose(0, 1).to(dtype)


def one_mixture(target: Distribution) -> Distribution:
    """The target itself; ValueError for a batch."""
    if target.batch_shape:
        raise ValueError(f"target = mixtures of batch shape {tuple(target.batch_shape)} is outside its domain: one mixture")
    return target


def check_direction(direction: str) -> None:
    """ValueError unless it is one of DIRECTIONS."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction = {direction!r} is outside its domain: {' or '.join(DIRECTIONS)}")


def grid_axis(name: str, values: Tensor, most: float) -> Tensor:
    """The values in float64; ValueError, with this name, for more axes than one or a number beyond ±most."""
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
    shared = (high - low) / scale + 2 * BELL_REACH <= _MOST_PANELS * _PANEL
    moments = loc.new_empty((len(scale), len(loc), 3 if gradient else 1))
    for k in shared.nonzero().squeeze(-1).tolist():
        moments[k] = _row_moments(rows, loc, scale[k], low, high, moments.shape[-1])
    alone = (~shared).nonzero().squeeze(-1)
    places, sizes = loc.repeat(len(alone)), scale[alone].repeat_interleave(len(loc))
    one_mixture = torch.zeros_like(places, dtype=torch.long)
    exact = log_mixture_moments(rows, places, sizes, moments.shape[-1] - 1, one_mixture)
    moments[alone] = exact.view(len(alone), *moments.shape[1:])
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
    middle, reach = (low + high) / 2, (high - low) / (2 * scale) + BELL_REACH
    steps = max(1, math.ceil(2 * reach.item() / _PANEL))
    edges = (
        torch.cat(
            [
                torch.linspace(-1, 1, steps + 1, dtype=loc.dtype, device=loc.device) * reach,
                branch_edges(rows, middle.view(1), scale.view(1), reach.item()).flatten(),
            ]
        )
        .sort()
        .values
    )
    x, weights = panels(edges.unique_consecutive(), ORDER)
    weighed = weights * log_density_at(rows, middle, scale, x) / math.sqrt(2 * math.pi)
    # Half of z² is the square of z/√2, and saves a pass over the grid.
    z = torch.sub((x * math.sqrt(0.5)), ((loc - middle) / scale * math.sqrt(0.5)).unsqueeze(-1))
    bells = z.square().neg_().exp_()
    sums = [bells @ weighed]
    for _ in range(count - 1):
        bells.mul_(z)
        sums.append(bells @ weighed * math.sqrt(2) ** len(sums))
    return torch.stack(sums, -1)
