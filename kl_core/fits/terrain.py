"""A divergence over every Q of a grid of (loc, log scale), for any target on the line, and where balls dropped on it roll."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .landscape import grid_axis
from .minima import Minimum, minima, moment_match
from .models import LocationScale
from .problem import Problem
from .runs import OptimiserRun, run

__all__ = ["Balls", "drop_balls", "terrain"]

_ORDER = 10  # nodes of a panel: leaves about 1e-6 nats for a Gaussian
_NEAR = 0.05  # of a minimum's own units: a ball so close has come to rest there


def terrain(problem: Problem, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """The divergence in nats at every member of a grid, (locs, log scales); inf all over where the problem is infinite.

    problem: of a family with a location and a scale. loc_grid, log_scale_grid: one axis each, finite. Row by row from the
    nodes of the target; Qs too narrow for those are integrated one by one. Right to about 1e-6 nats for a Gaussian or
    Student-t, and to 1e-3 for a Laplace, whose corner lies between nodes. ValueError for two Gaussians or another grid.
    """
    if not isinstance(problem.model, LocationScale):
        raise ValueError("A landscape has two axes, a location and a scale; two Gaussians have five coordinates.")
    loc, log_scale = grid_axis("loc_grid", loc_grid, math.inf), grid_axis("log_scale_grid", log_scale_grid, 300.0)
    if problem.infinite_because:
        return torch.full((len(loc), len(log_scale)), torch.inf, dtype=torch.float64)
    if moment_match(problem) is not None:
        return _forward_gaussian(problem, loc, log_scale)
    result = torch.stack([_row(problem, loc, size) for size in log_scale], -1)
    coords = torch.cartesian_prod(loc, log_scale).view(-1, 2)
    narrow = (~_resolved(problem, coords)).nonzero().squeeze(-1)
    if len(narrow):
        result.view(-1)[narrow] = problem.values(coords[narrow])
    return result


def _resolved(problem: Problem, coords: Tensor) -> Tensor:
    """As `TargetNodes.resolves`, but a corner does not count."""
    smooth = LocationScale("any", "any", "normal", problem.model.reach)
    return problem.nodes.resolves(smooth, coords)


def _forward_gaussian(problem: Problem, loc: Tensor, log_scale: Tensor) -> Tensor:
    """KL(P‖Q) = KL(P‖N) + KL(N‖Q), N the Gaussian with P's mean and variance."""
    mean, variance = problem.target.mean.double(), problem.target.variance.double()
    best = problem.values(torch.stack([mean, 0.5 * variance.log()]).view(1, 2))
    size = 0.5 * variance.log() - log_scale  # log of the ratio of scales
    return best + 0.5 * torch.expm1(2 * size) - size + 0.5 * ((loc.unsqueeze(-1) - mean) / log_scale.exp()).square()


def _row(problem: Problem, loc: Tensor, log_scale: Tensor) -> Tensor:
    """The divergence at every loc for one scale, (locs,): log q once per node, and one sum."""
    nodes, alpha = problem.nodes.shared(_ORDER), problem.divergence.alpha
    reach = min(problem.model.reach, 1e3) * log_scale.exp() + 2 * problem.nodes.half
    near = (nodes.x > loc.min() - reach) & (nodes.x < loc.max() + reach)
    x, weights, log_p = nodes.x[near], nodes.weights[near], nodes.log_p[near]
    coords = torch.stack([loc, log_scale.expand_as(loc)], -1)
    log_q = problem.model.log_density(coords, x)[0]
    entropy_q = problem.model.distribution(coords[:1]).entropy()
    if alpha == 0:
        return -entropy_q - log_q.exp_() @ (weights * log_p)
    p = log_p.exp()
    if alpha is None:
        middle = (log_q.exp_() + p).mul_(0.5)
        entropy_p = -(weights * torch.special.xlogy(p, p)).sum()
        return (-torch.special.xlogy(middle, middle) @ weights - 0.5 * (entropy_p + entropy_q)).clamp_min(0)
    if alpha == 1:
        return (weights * torch.special.xlogy(p, p)).sum() - log_q @ (weights * p)
    return (1 - log_q.mul_(1 - alpha).exp_() @ (weights * (alpha * log_p).exp())) / (alpha * (1 - alpha))


@dataclass(frozen=True)
class Balls:
    """run: the paths of all balls, (steps + 1, balls, 2). minima: where they may end. reached: which of them each did, −1 none."""

    run: OptimiserRun
    minima: tuple[Minimum, ...]
    reached: tuple[int, ...]


def drop_balls(problem: Problem, loc: tuple[float, float], log_scale: tuple[float, float], rows: int = 5, steps: int = 250) -> Balls:
    """rows × rows balls on an even grid inside loc × log_scale, each rolled by natural gradient to where it rests."""
    inner = lambda ends: torch.linspace(ends[0], ends[1], rows + 2, dtype=torch.float64)[1:-1]
    paths = run(problem, torch.cartesian_prod(inner(loc), inner(log_scale)), "natural-gradient", 0.1, steps)
    places = minima(problem)
    reached = [-1] * (rows * rows)
    for index, place in enumerate(places):
        gap = (paths.coords[-1] - place.coords) / problem.model.units(place.coords.view(1, -1))
        for ball in (gap.abs() < _NEAR).all(-1).nonzero().squeeze(-1).tolist():
            reached[ball] = index
    return Balls(paths, places, tuple(reached))
