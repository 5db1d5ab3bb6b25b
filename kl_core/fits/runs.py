"""The path of Q downhill: gradient descent, Adam, natural gradient and Newton, for any family and any divergence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .mixture_panels import Slopes
from .problem import Problem
from .search import newton_steps

__all__ = ["DEFAULT", "RULES", "OptimiserRun", "Setting", "run"]

_TOO_FAR = 1e6  # from the target's middle, in its half-widths
_TOO_WIDE = 30.0  # from its log half-width
_ARRIVED = 1e-12  # own units: a step so short changes nothing that can be seen
_LOOKS = 8  # after so many steps it is asked whether a path has arrived
_HALVINGS = 12
_MOST_ROWS = 48  # members at a time, when values are taken: their terms stay in the cache of the processor


@dataclass(frozen=True)
class OptimiserRun:
    """coords: (steps + 1, k) from one start or (steps + 1, starts, k); values: the divergences in nats, without the last axis.

    stopped_at: for each start the first step that is missing, because the path left all bounds or was no number; None if it
    went all the way. From there on coords and values are NaN. because: why nothing moved, if the divergence is ∞ everywhere.
    """

    coords: Tensor
    values: Tensor
    stopped_at: tuple[int | None, ...]
    because: str | None = None

    @property
    def diverged(self) -> bool:
        """Whether any path left all bounds."""
        return any(step is not None for step in self.stopped_at)


@dataclass(frozen=True)
class Setting:
    """start: (loc, scale) of Q. rule: one of RULES. learning_rate: of its steps. steps: how many."""

    start: tuple[float, float]
    rule: str
    learning_rate: float
    steps: int


# With it forward KL spans both hills of ½N(±3, 1) and reverse KL takes the right one, within 180 frames: 3 s of 60 a second.
DEFAULT = Setting((1.5, 1.0), "natural-gradient", 0.08, 180)


def run(problem: Problem, start: Tensor, rule: str, learning_rate: float, steps: int) -> OptimiserRun:
    """Follows an optimiser downhill from one start, (k,), or from many at once, (starts, k).

    start: by `Model.coordinates`; for a Gaussian loc and log scale. rule: one of RULES. "gradient-descent" and "adam" move in
    these coordinates; "natural-gradient" divides the gradient by Fisher's metric; "newton" takes every curvature as positive,
    steps of at most one of Q's own units, and halves a step that would climb. Nothing else is rescued from too large a
    learning rate: a path ends where it is 1e6 half-widths of the target from its middle, or e^±30 of them wide.
    ValueError, in one sentence, for another rule, a learning rate that is not above 0, or steps outside 1 … 5000.
    """
    _check(problem, start, rule, learning_rate, steps)
    rows = torch.atleast_2d(start).double().clone()
    if problem.infinite_because:
        path = rows.expand(steps + 1, -1, -1).clone()
        return _finished(path, torch.full(path.shape[:2], torch.inf, dtype=path.dtype, device="cpu"), start, problem.infinite_because)
    step_of, mask, (middle, extent) = RULES[rule](problem, learning_rate), _mask(problem), _bounds(problem)
    path = rows.new_full((steps + 1, *rows.shape), torch.nan)
    path[0], alive = rows, torch.arange(len(rows), device="cpu")
    for step in range(1, steps + 1):
        moved = step_of(rows, alive).mul_(mask).add_(rows)
        inside = (moved - middle).abs_() <= extent  # what is not a number is not
        if not bool(inside.all()):
            within = inside.all(-1)
            alive, moved, rows = alive[within], moved[within], rows[within]
        if not len(alive):
            break
        if len(alive) == path.shape[1]:
            path[step] = moved
        else:
            path[step, alive] = moved
        looks = rule == "newton" or step % _LOOKS == 0
        if looks and bool(((moved - rows) / problem.model.units(rows)).abs().amax() < _ARRIVED):
            path[step:, alive] = moved
            break
        rows = moved
    values = path.new_full(path.shape[:2], torch.nan)
    known = path.isfinite().all(-1)
    values[known] = torch.cat([problem.values(some) for some in path[known].split(_MOST_ROWS)])
    return _finished(path, values, start, None)


def _finished(path: Tensor, values: Tensor, start: Tensor, because: str | None) -> OptimiserRun:
    missing = path.isnan().any(-1)
    stopped = tuple(int(column.nonzero()[0]) if bool(column.any()) else None for column in missing.unbind(1))
    return OptimiserRun(path[:, 0], values[:, 0], stopped, because) if start.dim() == 1 else OptimiserRun(path, values, stopped, because)


def _check(problem: Problem, start: Tensor, rule: str, learning_rate: float, steps: int) -> None:
    width = len(problem.model.coordinates)
    if start.shape[-1:] != (width,) or start.dim() > 2 or not bool(start.isfinite().all()):
        raise ValueError(f"A start has {width} finite coordinates, {', '.join(problem.model.coordinates)}.")
    if rule not in RULES:
        raise ValueError(f"rule = {rule!r} is outside its domain: {', '.join(RULES)}")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate = {learning_rate:g} is outside its domain: a finite number above 0")
    if not 1 <= steps <= 5000:
        raise ValueError(f"steps = {steps} is outside its domain: a whole number from 1 to 5000")


def _mask(problem: Problem) -> Tensor:
    """1 for the coordinates that may move."""
    return torch.tensor([float(k in problem.model.free) for k in range(len(problem.model.coordinates))], dtype=torch.float64, device="cpu")


def _bounds(problem: Problem) -> tuple[Tensor, Tensor]:
    """The middle of what a path may reach and half its extent, (k,) each; a mixture's log odds may be anything."""
    half, nodes = math.log(problem.nodes.half), problem.nodes
    bell = [[nodes.centre, half], [_TOO_FAR * nodes.half, _TOO_WIDE]]
    bells = len(problem.model.coordinates) // 2
    odds = len(problem.model.coordinates) % 2
    middle, extent = ([edge] * odds + row * bells for edge, row in zip((0.0, math.inf), bell))
    return torch.tensor(middle, dtype=torch.float64, device="cpu"), torch.tensor(extent, dtype=torch.float64, device="cpu")


Rule = Callable[[Tensor, Tensor], Tensor]  # (rows, which of the starts they are) → the steps, in coordinates


def _gradient_descent(problem: Problem, learning_rate: float) -> Rule:
    return lambda rows, alive: -learning_rate * problem.gradient(rows) / problem.model.units(rows)


def _natural_gradient(problem: Problem, learning_rate: float) -> Rule:
    """Amari 1998. Fisher's metric of a mixture is singular where its parts coincide: 1e-6 is added there."""
    known = problem.model.fisher(problem.typical())
    if known is not None:
        rates = -learning_rate / known.diagonal()
        return lambda rows, alive: problem.gradient(rows).mul_(rates).mul_(problem.model.units(rows))
    ridge = 1e-6 * torch.eye(len(problem.model.coordinates), dtype=torch.float64, device="cpu")

    def step(rows: Tensor, alive: Tensor) -> Tensor:
        own = torch.linalg.solve(problem.fisher(rows) + ridge, problem.gradient(rows))
        return -learning_rate * own * problem.model.units(rows)

    return step


def _newton(problem: Problem, learning_rate: float) -> Rule:
    free = list(problem.model.free)

    def step(rows: Tensor, alive: Tensor) -> Tensor:
        slopes = problem.slopes(rows)
        own = torch.zeros_like(rows)
        own[:, free] = newton_steps(Slopes(slopes.value, slopes.gradient[:, free], slopes.hessian[:, free][:, :, free]))
        own = learning_rate * own / own.abs().amax(-1, keepdim=True).clamp_min(1)
        own[slopes.gradient[:, free].abs().amax(-1) < 1e-11] = 0.0  # what is left to gain there is rounding
        for _ in range(_HALVINGS):
            climbs = problem.values(problem.model.moved(rows, own)) > slopes.value + 1e-12
            if not bool(climbs.any()):
                break
            own[climbs] /= 2
        return own * problem.model.units(rows)

    return step


def _adam(problem: Problem, learning_rate: float, decay: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> Rule:
    """Kingma & Ba 2015, algorithm 1."""
    means: list[Tensor] = []
    squares: list[Tensor] = []
    count = 0

    def step(rows: Tensor, alive: Tensor) -> Tensor:
        nonlocal count
        if not count:
            means.append(torch.zeros_like(rows))
            squares.append(torch.zeros_like(rows))
        count += 1
        gradient = problem.gradient(rows) / problem.model.units(rows)
        means[0][alive] = decay[0] * means[0][alive] + (1 - decay[0]) * gradient
        squares[0][alive] = decay[1] * squares[0][alive] + (1 - decay[1]) * gradient * gradient
        root = (squares[0][alive] / (1 - decay[1] ** count)).sqrt()
        return -learning_rate * means[0][alive] / (1 - decay[0] ** count) / (root + epsilon)

    return step


RULES: dict[str, Callable[[Problem, float], Rule]] = {
    "gradient-descent": _gradient_descent,
    "adam": _adam,
    "natural-gradient": _natural_gradient,
    "newton": _newton,
}
