"""Every local minimum of one fit, each verified by its gradient and its Hessian."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, MixtureSameFamily, Normal

from .mixture_panels import Slopes
from .models import LocationScale, TwoGaussians
from .problem import Problem
from .search import distinct, newton_search

__all__ = ["Minimum", "minima", "moment_match"]

_COARSE = 8  # nodes of a panel while searching
_SAME = 1e-3  # in own units, while searching
_PLACES, _SIZES = 7, 3  # of the grid of starts


@dataclass(frozen=True)
class Minimum:
    """coords: (k,), by `Model.coordinates`. value: the divergence in nats; error: a bound on its quadrature error.

    hessian: (k, k) in Q's own units, positive definite over the free coordinates. q: the torch distribution.
    """

    coords: Tensor
    value: float
    error: float
    hessian: Tensor
    q: Distribution


def minima(problem: Problem, fixed: Tensor | None = None) -> tuple[Minimum, ...]:
    """Every local minimum of the problem's divergence over its family, the lowest first.

    Batched Newton from a grid of starts, and from the target's own bells; each end is polished on panels of its own, and kept
    if its gradient vanishes and its Hessian is positive definite. Empty where `problem.infinite_because` says why.
    fixed: (k,), where the coordinates that the family holds fixed come from; without it they are P's mean and sd.
    Forward KL over one Gaussian is exact moment matching.
    """
    if problem.infinite_because:
        return ()
    matched = moment_match(problem, fixed)
    if matched is not None:
        return _measured(problem, matched.unsqueeze(0))
    free = list(problem.model.free)
    slopes_at = lambda coords: _free(problem.slopes(coords, _COARSE), free)
    move = lambda coords, step: problem.model.moved(coords, _widened(step, free, coords.shape[-1]))
    ends, slopes = newton_search(slopes_at, move, _starts(problem, fixed), iterations=40, settled=1e-4)
    ends = _ordered(problem, ends)
    found = distinct(slopes, _places(problem, ends), flat=1e-2, near=_SAME)
    return _verified(problem, ends[found]) if found else ()


def _verified(problem: Problem, coords: Tensor) -> tuple[Minimum, ...]:
    """Those that are minima, after a polish on panels of their own."""
    free = list(problem.model.free)
    move = lambda rows, step: problem.model.moved(rows, _widened(step, free, rows.shape[-1]))
    exact_at = lambda rows: _free(problem.exact_slopes(rows), free)
    coords, slopes = newton_search(exact_at, move, coords, iterations=8, settled=1e-10)
    ordered = _ordered(problem, coords)
    chosen = distinct(slopes, _places(problem, ordered), flat=1e-8, near=1e-5)
    if not chosen:
        return ()
    return _measured(problem, ordered[chosen])


def _measured(problem: Problem, coords: Tensor) -> tuple[Minimum, ...]:
    """Minima at known places, (minima, k), with their values and Hessians."""
    whole, check = problem.exact_slopes(coords), problem.exact_slopes(coords, 16)
    errors = (whole.value - check.value).abs() + 1e-14
    q = [problem.model.distribution(row) for row in coords]
    return tuple(Minimum(*row) for row in zip(coords, whole.value.clamp_min(0).tolist(), errors.tolist(), whole.hessian, q))


def _free(slopes: Slopes, free: list[int]) -> Slopes:
    return Slopes(slopes.value, slopes.gradient[:, free], slopes.hessian[:, free][:, :, free])


def _widened(step: Tensor, free: list[int], width: int) -> Tensor:
    whole = step.new_zeros((len(step), width))
    whole[:, free] = step
    return whole


def _places(problem: Problem, coords: Tensor) -> Tensor:
    """Coordinates in which 1 is about the size of Q."""
    units = problem.model.units(coords)
    return torch.where(units == 1, coords, coords / units.median(0).values)


def _ordered(problem: Problem, coords: Tensor) -> Tensor:
    """Two bells in the order of their means, or of their scales if those agree: exchanged they are the same Q."""
    if not isinstance(problem.model, TwoGaussians):
        return coords
    flipped = torch.cat([-coords[:, :1], coords[:, 3:5], coords[:, 1:3]], -1)
    apart, size = coords[:, 3] - coords[:, 1], coords[:, 4] - coords[:, 2]
    turn = torch.where(apart.abs() > 1e-4, apart < 0, size < 0)
    return torch.where(turn.unsqueeze(-1), flipped, coords)


def moment_match(problem: Problem, fixed: Tensor | None = None) -> Tensor | None:
    """The one minimum of forward KL over Gaussians, (2,): P's mean and sd, or what a fixed coordinate leaves of them.

    With a fixed centre c the variance is Var P + (mean − c)². None where the problem is another, or P has no variance.
    """
    if problem.moments is None:
        return None
    mean, variance = problem.moments
    start = torch.stack([mean, variance.sqrt().log()])
    given = start if fixed is None else fixed.double()
    loc = mean if 0 in problem.model.free else given[0]
    size = 0.5 * (variance + (mean - loc) ** 2).log() if 1 in problem.model.free else given[1]
    return torch.stack([loc, size])


def _starts(problem: Problem, fixed: Tensor | None) -> Tensor:
    """Where searches begin, (starts, k)."""
    single = _single_starts(problem)
    if isinstance(problem.model, TwoGaussians):
        return _double_starts(problem, single)
    base = single[:1].clone()
    base[0, 0], base[0, 1] = _mean_and_log_sd(problem)
    given = base[0] if fixed is None else fixed.double()
    starts = torch.cat([base, single])
    for k in range(2):
        if k not in problem.model.free:
            starts[:, k] = given[k]
    return starts.unique(dim=0)


def _mean_and_log_sd(problem: Problem) -> tuple[float, float]:
    """P's, or of P's middle where it has none."""
    mean, variance = float(problem.target.mean), float(problem.target.variance)
    middle, size = problem.typical()[0, :2].tolist() if isinstance(problem.model, LocationScale) else (problem.nodes.centre, 0.0)
    finite = abs(mean) < torch.inf and 0 < variance < torch.inf
    return (mean, 0.5 * torch.tensor(variance, device="cpu").log().item()) if finite else (middle, size)


def _single_starts(problem: Problem) -> Tensor:
    """(loc, log scale) of a grid over P's middle, and of P's own bells."""
    nodes = problem.nodes
    span = nodes.high - nodes.low
    locs = torch.linspace(nodes.low, nodes.high, _PLACES + 2, dtype=torch.float64, device="cpu")[1:-1]
    sizes = torch.tensor([span / 20, span / 9, span / 4], dtype=torch.float64, device="cpu").log()
    starts = [torch.cartesian_prod(locs, sizes)]
    target = problem.target
    if isinstance(target, MixtureSameFamily) and isinstance(target.component_distribution, Normal):
        heavy = target.mixture_distribution.probs > 1e-6
        bells = target.component_distribution
        starts.append(torch.stack([bells.loc[heavy], bells.scale[heavy].log()], -1))
    return torch.cat(starts)


def _double_starts(problem: Problem, single: Tensor) -> Tensor:
    """Pairs of bells of one size on a grid, of two of the target's own, and a narrow one on a wide one; each with even odds."""
    nodes = problem.nodes
    span = nodes.high - nodes.low
    locs = torch.linspace(nodes.low, nodes.high, 6, dtype=torch.float64, device="cpu")[1:-1].tolist()
    sizes = [float(torch.tensor(span / 16, device="cpu").log()), float(torch.tensor(span / 7, device="cpu").log())]
    pairs = [(a, size, b, size) for i, a in enumerate(locs) for b in locs[i + 1 :] for size in sizes]
    pairs += [(a, sizes[0], b, sizes[1] + 0.4) for a in locs for b in locs]
    own = single[_PLACES * _SIZES :].tolist()
    pairs += [(*own[i], *own[j]) for i in range(len(own)) for j in range(i + 1, len(own))]
    return torch.tensor([(0.0, *pair) for pair in pairs], dtype=torch.float64, device="cpu")
