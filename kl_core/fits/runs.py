"""The path of Q downhill: gradient descent, Adam, natural gradient and Newton, for any family and any divergence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .numpy_models import Coords
from .numpy_slopes import NumpySlopes, numpy_slopes
from .problem import Problem
from .search import FLATTEST

__all__ = ["DEFAULT", "RULES", "OptimiserRun", "Setting", "run"]

_TOO_FAR = 1e6  # from the target's middle, in its half-widths
_TOO_WIDE = 30.0  # from its log half-width
_ARRIVED = 1e-12  # own units: a step so short changes nothing that can be seen
_LOOKS = 8  # after so many steps it is asked whether a path has arrived
_HALVINGS = 12
_FLAT = 1e-11  # a gradient, in nats: what is left to gain there is rounding
_SMALL = 0.01  # nats
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
DEFAULT = Setting((1.5, 1.0), "natural-gradient", 0.1, 180)


def run(problem: Problem, start: Tensor, rule: str, learning_rate: float, steps: int) -> OptimiserRun:
    """Follows an optimiser downhill from one start, (k,), or from many, (starts, k), each by itself.

    start: by `Model.coordinates`; for a Gaussian loc and log scale. rule: one of RULES. "gradient-descent" and "adam" move in
    these coordinates; "natural-gradient" divides the gradient by Fisher's metric; "newton" takes every curvature as positive,
    steps of at most one of Q's own units, and halves a step that would climb. Nothing else is rescued from too large a
    learning rate: a path ends where it is 1e6 half-widths of the target from its middle, or e^±30 of them wide.
    Values below 0.01 nats, and where a path ends, are those of `Problem.values`; others differ from them by less than 1e-8.
    ValueError, in one sentence, for another rule, a learning rate that is not above 0, or steps outside 1 … 5000.
    """
    _check(problem, start, rule, learning_rate, steps)
    rows = torch.atleast_2d(start).double()
    if problem.infinite_because:
        coords = rows.expand(steps + 1, -1, -1).clone()
        values = torch.full(coords.shape[:2], torch.inf, dtype=coords.dtype, device="cpu")
    else:
        slopes = numpy_slopes(problem)
        paths = [_path(problem, slopes, row, RULES[rule](problem, slopes, learning_rate), steps, rule == "newton") for row in rows.tolist()]
        coords, values = (torch.stack(columns, 1) for columns in zip(*paths))
    missing = coords.isnan().any(-1)
    stopped = tuple(int(column.nonzero()[0]) if bool(column.any()) else None for column in missing.unbind(1))
    if start.dim() == 1:
        coords, values = coords[:, 0], values[:, 0]
    return OptimiserRun(coords, values, stopped, problem.infinite_because)


def _path(problem: Problem, slopes: NumpySlopes, row: list[float], step_of: Rule, steps: int, looks: bool) -> tuple[Tensor, Tensor]:
    """coords (steps + 1, k) and values (steps + 1,) from one start, NaN where the path has left all bounds.

    looks: whether it is asked after every step, and not only after some, whether the path has arrived.
    """
    free, bounds = problem.model.free, _bounds(problem)
    path, values, arrived = [row], [], False
    while len(path) <= steps and not arrived:
        value, step = step_of(row)
        values.append(value)
        moved = [place + step[k] if k in free else place for k, place in enumerate(row)]
        if not all(abs(place - middle) <= extent for place, (middle, extent) in zip(moved, bounds)):  # nor is what is not a number
            break
        if looks or len(path) % _LOOKS == 0:
            arrived = all(abs(new - old) < _ARRIVED * unit for new, old, unit in zip(moved, row, slopes.units(row)))
        row = moved
        path.append(row)
    known = len(path)
    path += [row if arrived else [math.nan] * len(row)] * (steps + 1 - known)
    coords = torch.tensor(path, dtype=torch.float64, device="cpu")
    return coords, _values(problem, coords, values, known, arrived)


def _values(problem: Problem, coords: Tensor, values: list[float], known: int, arrived: bool) -> Tensor:
    """The values of a path whose first `known` places are its own; small ones have lost digits on the way and are taken again."""
    result = torch.full(coords.shape[:1], torch.nan, dtype=torch.float64, device="cpu")
    result[: len(values)] = torch.tensor(values, dtype=torch.float64, device="cpu")
    again = ~(result[:known] >= _SMALL)  # and what has no value yet
    again[-1] = True
    result[:known][again] = torch.cat([problem.values(some) for some in coords[:known][again].split(_MOST_ROWS)])
    if arrived:
        result[known:] = result[known - 1]
    return result


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


def _bounds(problem: Problem) -> list[tuple[float, float]]:
    """The middle of what a path may reach and half its extent, for each coordinate; a mixture's log odds may be anything."""
    nodes, count = problem.nodes, len(problem.model.coordinates)
    bell = [(nodes.centre, _TOO_FAR * nodes.half), (math.log(nodes.half), _TOO_WIDE)]
    return [(0.0, math.inf)] * (count % 2) + bell * (count // 2)


Rule = Callable[[Coords], tuple[float, Sequence[float]]]  # where Q is → the divergence there, and the step in coordinates


def _gradient_descent(problem: Problem, slopes: NumpySlopes, learning_rate: float) -> Rule:
    def step(row: Coords) -> tuple[float, Sequence[float]]:
        value, gradient = slopes.gradient(row)
        return value, [-learning_rate * slope / unit for slope, unit in zip(gradient, slopes.units(row))]

    return step


def _natural_gradient(problem: Problem, slopes: NumpySlopes, learning_rate: float) -> Rule:
    """Amari 1998. Fisher's metric of a mixture is singular where its parts coincide: 1e-6 is added there."""
    known = problem.model.fisher(problem.typical())
    metric = None if known is None else known.diagonal().tolist()
    ridge = 1e-6 * np.eye(len(problem.model.coordinates))

    def step(row: Coords) -> tuple[float, Sequence[float]]:
        value, gradient = slopes.gradient(row)
        if metric is not None:
            own = [slope / entry for slope, entry in zip(gradient, metric)]
        else:
            own = np.linalg.solve(slopes.fisher(row) + ridge, gradient).tolist()
        return value, [-learning_rate * part * unit for part, unit in zip(own, slopes.units(row))]

    return step


def _newton(problem: Problem, slopes: NumpySlopes, learning_rate: float) -> Rule:
    free = list(problem.model.free)

    def step(row: Coords) -> tuple[float, Sequence[float]]:
        value, gradient, hessian = slopes.slopes(row)
        downhill = np.array(gradient)[free]
        move = np.zeros(len(row))
        if np.abs(downhill).max() >= _FLAT:
            curvature, axes = np.linalg.eigh(hessian[np.ix_(free, free)])
            own = -axes @ ((axes.T @ downhill) / np.maximum(np.abs(curvature), FLATTEST))
            move[free] = learning_rate * own / max(np.abs(own).max(), 1.0)
        move *= slopes.units(row)
        for _ in range(_HALVINGS if move.any() else 0):
            if slopes.value([place + part for place, part in zip(row, move.tolist())]) <= value + 1e-12:
                break
            move /= 2
        return value, move.tolist()

    return step


def _adam(
    problem: Problem, slopes: NumpySlopes, learning_rate: float, decay: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8
) -> Rule:
    """Kingma & Ba 2015, algorithm 1."""
    count = 0
    mean, square = np.zeros((2, len(problem.model.coordinates)))

    def step(row: Coords) -> tuple[float, Sequence[float]]:
        nonlocal count, mean, square
        value, own = slopes.gradient(row)
        gradient = np.array(own) / slopes.units(row)
        count += 1
        mean = decay[0] * mean + (1 - decay[0]) * gradient
        square = decay[1] * square + (1 - decay[1]) * gradient * gradient
        root = np.sqrt(square / (1 - decay[1] ** count))
        return value, (-learning_rate * mean / (1 - decay[0] ** count) / (root + epsilon)).tolist()

    return step


RULES: dict[str, Callable[[Problem, NumpySlopes, float], Rule]] = {
    "gradient-descent": _gradient_descent,
    "adam": _adam,
    "natural-gradient": _natural_gradient,
    "newton": _newton,
}
