"""What the playground shows of a state: problems, runs, minima and landscapes, each made once and kept for a while."""

from functools import lru_cache
from math import log

import torch
from torch import Tensor
from torch.distributions import Distribution

from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.drawing import drawing_from_text
from kl_core.fits.integrands import DIVERGENCES, Divergence, alpha_between
from kl_core.fits.minima import Minimum, minima, moment_match
from kl_core.fits.models import LocationScale, Model
from kl_core.fits.problem import Problem
from kl_core.fits.runs import OptimiserRun, run
from kl_core.fits.target_nodes import TargetNodes
from kl_core.fits.targets import TARGETS
from kl_core.fits.terrain import Balls, drop_balls, terrain

from .canvas_state import STEPS, CanvasState, Hills, default_rate, log_scale_range

COLUMNS, ROWS = 88, 56
_FOLLOWING = 12  # steps of Newton's method: twice what the minimum of a hill that moved a little needs
AXIS = (-8.0, 8.0)


def view_of(target: Hills | str) -> tuple[float, float]:
    """The axis: −8 to 8, or wider where a link puts hills beyond it."""
    if not isinstance(target, Hills):
        return AXIS
    reach = max(abs(loc) + 2 * scale for loc, scale in zip(target.locs, target.scales))
    return (-max(8.0, reach), max(8.0, reach))


@lru_cache(maxsize=64)
def target_of(target: Hills | str) -> Distribution:
    """The target as a distribution of kl_core."""
    if isinstance(target, Hills):
        return gaussian_mixture(*(torch.tensor(column, dtype=torch.float64) for column in target.values.values()))
    return drawing_from_text(target) if "~" in target else TARGETS[target].build()


@lru_cache(maxsize=64)
def _nodes(target: Hills | str, reach: float) -> TargetNodes:
    return TargetNodes(target_of(target), reach)


@lru_cache(maxsize=128)
def problem_of(target: Hills | str, model: Model, divergence: str) -> Problem:
    """divergence: a name of `DIVERGENCES`, or "alpha 0.3"."""
    return Problem(target_of(target), model, divergence_of(divergence), _nodes(target, model.reach))


def divergence_of(name: str) -> Divergence:
    return alpha_between(float(name.removeprefix("alpha "))) if name.startswith("alpha ") else DIVERGENCES[name]


def start_of(state: CanvasState) -> Tensor:
    """Where Q begins, in its family's coordinates.

    Two Gaussians begin four sds apart, one on each side of the place: closer, one of them may never find a hill.
    """
    loc, scale = state.start
    if state.family == "two-gaussians":
        return torch.tensor([0.0, loc - 2 * scale, log(scale), loc + 2 * scale, log(scale)], dtype=torch.float64)
    return torch.tensor([loc, log(scale)], dtype=torch.float64)


@lru_cache(maxsize=256)
def _run(target: Hills | str, model: Model, divergence: str, start: tuple[float, ...], rule: str, rate: float) -> OptimiserRun:
    return run(problem_of(target, model, divergence), torch.tensor(start, dtype=torch.float64), rule, rate, STEPS)


def followed(state: CanvasState, divergence: str, near: Tensor) -> OptimiserRun:
    """While a hand moves P: one place instead of a path, the minimum that Newton's method reaches from the last one on screen, or
    the only one, where it is known."""
    problem = problem_of(state.target, state.model, divergence)
    matched = moment_match(problem, near)
    if matched is not None:
        rows = matched.unsqueeze(0)
        return OptimiserRun(rows, problem.values(rows), (None,))
    steps = run(problem, near, "newton", 1.0, _FOLLOWING)
    last = _FOLLOWING if steps.stopped_at[0] is None else steps.stopped_at[0] - 1
    return OptimiserRun(steps.coords[last : last + 1], steps.values[last : last + 1], (None,), steps.because)


def at_start(state: CanvasState, divergence: str) -> OptimiserRun:
    """Before Run there is nothing to follow: the start alone, with its value."""
    problem, rows = problem_of(state.target, state.model, divergence), start_of(state).unsqueeze(0)
    return OptimiserRun(rows, problem.values(rows), (None,), problem.infinite_because)


def run_of(state: CanvasState, divergence: str) -> OptimiserRun:
    """The path of Q downhill from the state's start."""
    return _run(state.target, state.model, divergence, tuple(start_of(state).tolist()), state.rule, state.rate)


@lru_cache(maxsize=128)
def _minima(target: Hills | str, model: Model, divergence: str, fixed: tuple[float, ...]) -> tuple[Minimum, ...]:
    return minima(problem_of(target, model, divergence), torch.tensor(fixed, dtype=torch.float64))


def minima_of(state: CanvasState, divergence: str) -> tuple[Minimum, ...]:
    """Every minimum, the lowest first; a fixed width or centre is the start's."""
    fixed = start_of(state) if state.family.startswith("fixed") else torch.zeros(len(state.model.coordinates))
    return _minima(state.target, state.model, divergence, tuple(fixed.tolist()))


@lru_cache(maxsize=64)
def _landscape(target: Hills | str, model: Model, divergence: str, view: tuple[float, float], logs: tuple[float, float]) -> Tensor:
    loc = torch.linspace(*view, COLUMNS, dtype=torch.float64)
    return terrain(problem_of(target, model, divergence), loc, torch.linspace(*logs, ROWS, dtype=torch.float64))


def landscape_of(state: CanvasState, divergence: str) -> Tensor | None:
    """The divergence at every (loc, log scale), (COLUMNS, ROWS); None where Q has more than two coordinates, or all is ∞."""
    problem = problem_of(state.target, state.model, divergence)
    if problem.infinite_because or not isinstance(state.model, LocationScale):
        return None
    return _landscape(state.target, state.model, divergence, view_of(state.target), log_scale_range(state))


@lru_cache(maxsize=16)
def balls_of(state: CanvasState, divergence: str) -> Balls:
    """25 balls dropped on an even grid, and where each comes to rest."""
    problem = problem_of(state.target, state.model, divergence)
    return drop_balls(problem, view_of(state.target), log_scale_range(state), steps=120, learning_rate=max(0.2, default_rate(state.mode)))
