"""A divergence over every Q of a grid of (loc, log scale), for any target on the line, and where balls dropped on it roll."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .landscape import grid_axis
from .minima import Minimum, minima
from .models import LocationScale
from .problem import Problem
from .runs import OptimiserRun, run
from .target_nodes import PanelNodes

__all__ = ["Balls", "drop_balls", "terrain"]

_ORDER, _WIDTH = 8, 3.0  # nodes of a panel, and its width in the least scale of an octave: leaves about 1e-6 nats
_NEAR = 0.05  # of a minimum's own units: a ball so close has come to rest there


def terrain(problem: Problem, loc_grid: Tensor, log_scale_grid: Tensor) -> Tensor:
    """The divergence in nats at every member of a grid, (locs, log scales); inf all over where the problem is infinite.

    problem: of a family with a location and a scale. loc_grid, log_scale_grid: one axis each, finite. Octave by octave of
    the scale, each on nodes of its own. Right to about 1e-6 nats for a Gaussian or
    Student-t, and to a few hundredths for a narrow Laplace, whose corner lies between nodes. ValueError for two Gaussians or another grid.
    """
    if not isinstance(problem.model, LocationScale):
        raise ValueError("A landscape has two axes, a location and a scale; two Gaussians have five coordinates.")
    loc, log_scale = grid_axis("loc_grid", loc_grid, math.inf), grid_axis("log_scale_grid", log_scale_grid, 300.0)
    if problem.infinite_because:
        return torch.full((len(loc), len(log_scale)), torch.inf, dtype=torch.float64, device="cpu")
    if problem.moments:
        return problem.values(torch.cartesian_prod(loc, log_scale)).view(len(loc), len(log_scale))
    result = torch.empty((len(log_scale), len(loc)), dtype=torch.float64, device="cpu")
    band = (log_scale / math.log(2)).floor()
    entropies = problem.model.distribution(torch.stack([torch.zeros_like(log_scale), log_scale], -1)).entropy().tolist()
    for octave in band.unique().tolist():
        chosen = (band == octave).nonzero().squeeze(-1)
        narrow, wide = log_scale[chosen].min().exp().item(), log_scale[chosen].max().exp().item()
        reach = min(problem.model.reach, 45.0) * wide
        low, high = (problem.nodes.low, problem.nodes.high) if not len(loc) else (loc.min().item() - reach, loc.max().item() + reach)
        beyond = problem.nodes.edges if problem.model.reach > 100 else None
        if problem.divergence.alpha != 0 and beyond is None:  # P's mass counts too, wherever it is
            beyond = problem.nodes.own
        nodes = problem.nodes.covering(low, high, _WIDTH * narrow, _ORDER, beyond)
        for row in chosen.tolist():
            result[row] = _row(problem, nodes, loc, log_scale[row], entropies[row])
    return result.T


def _row(problem: Problem, nodes: PanelNodes, loc: Tensor, log_scale: Tensor, entropy_q: float) -> Tensor:
    """The divergence at every loc for one scale, (locs,): log q once per node, and one sum. entropy_q: of each Q, in nats."""
    alpha, weights, log_p = problem.divergence.alpha, nodes.weights, nodes.log_p
    coords = torch.stack([loc, log_scale.expand_as(loc)], -1)
    log_q = _log_q(problem, coords, nodes.x)
    if alpha == 0:
        return -entropy_q - log_q.exp_() @ (weights * log_p)
    p = log_p.exp()
    if alpha is None:
        middle = log_q.exp_().add_(p).mul_(0.5).clamp_min_(1e-300)
        entropy_p = -(weights * torch.special.xlogy(p, p)).sum()
        return (-middle.log().mul_(middle) @ weights - 0.5 * (entropy_p + entropy_q)).clamp_min(0)
    if alpha == 1:
        return (weights * torch.special.xlogy(p, p)).sum() - log_q @ (weights * p)
    return (1 - log_q.mul_(1 - alpha).exp_() @ (weights * (alpha * log_p).exp())) / (alpha * (1 - alpha))


def _log_q(problem: Problem, coords: Tensor, x: Tensor) -> Tensor:
    """log q at the nodes, (locs, nodes), with few passes for a Gaussian."""
    if getattr(problem.model, "base", None) != "normal":
        return problem.model.log_density(coords, x)[0]
    loc, log_scale = coords[:, :1], coords[0, 1]
    by = (-log_scale).exp() * math.sqrt(0.5)
    return torch.sub(x * by, loc * by).square_().neg_().sub_(log_scale + 0.5 * math.log(2 * math.pi))


@dataclass(frozen=True)
class Balls:
    """run: the paths of all balls, (steps + 1, balls, 2). minima: where they may end. reached: which of them each did, −1 none."""

    run: OptimiserRun
    minima: tuple[Minimum, ...]
    reached: tuple[int, ...]


def drop_balls(
    problem: Problem,
    loc: tuple[float, float],
    log_scale: tuple[float, float],
    rows: int = 5,
    steps: int = 250,
    learning_rate: float = 0.1,
) -> Balls:
    """rows × rows balls on an even grid inside loc × log_scale, each rolled by natural gradient to where it rests."""
    inner = lambda ends: torch.linspace(ends[0], ends[1], rows + 2, dtype=torch.float64, device="cpu")[1:-1]
    paths = run(problem, torch.cartesian_prod(inner(loc), inner(log_scale)), "natural-gradient", learning_rate, steps)
    places = minima(problem)
    reached = [-1] * (rows * rows)
    for index, place in enumerate(places):
        gap = (paths.coords[-1] - place.coords) / problem.model.units(place.coords.view(1, -1))
        for ball in (gap.abs() < _NEAR).all(-1).nonzero().squeeze(-1).tolist():
            reached[ball] = index
    return Balls(paths, places, tuple(reached))
