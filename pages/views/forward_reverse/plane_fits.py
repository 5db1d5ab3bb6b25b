"""What two dimensions show of a state: fits, runs and densities, each made once and kept for a while."""

from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import Tensor

from kl_core.fits.plane import PlaneFit, fit_plane_forward, fit_plane_reverse, plane_kl
from kl_core.fits.plane_runs import PlaneRun, run_plane
from kl_core.fits.plane_targets import MURPHY_DRAWN

from .plane_state import STEPS, Hill, PlaneState, target_of

DIRECTIONS = ("forward", "reverse")
COLUMNS, ROWS, ASPECT = 120, 72, 1.7
_TAIL = 20  # steps at the end of a run, in which Q should hardly move
_FOLLOWING = 6  # steps of Newton's method while a hand moves P


@dataclass(frozen=True)
class Track:
    """A run of one direction: loc (steps, 2), covariance (steps, 2, 2), kl (steps,) in nats.

    stopped_at: the first step that is missing because the run left all bounds; Q stays where it was last seen.
    """

    loc: Tensor
    covariance: Tensor
    kl: Tensor
    stopped_at: int | None = None

    @property
    def end(self) -> list[float]:
        """The last mean and covariance on screen: x, y, Σ₁₁, Σ₁₂, Σ₂₂."""
        (xx, xy), (_, yy) = self.covariance[-1].tolist()
        return [*self.loc[-1].tolist(), xx, xy, yy]

    @property
    def rests(self) -> bool:
        """Whether Q moved by less than a fiftieth of its own width in the last steps."""
        if self.stopped_at is not None:
            return False
        width = self.covariance[-1].diagonal().sqrt()
        return len(self.loc) <= _TAIL or bool(((self.loc[-1] - self.loc[-_TAIL]) / width).abs().amax() < 0.02)


@lru_cache(maxsize=64)
def minima_of(hills: tuple[Hill, ...], covariance: str, direction: str) -> tuple[PlaneFit, ...]:
    """Every minimum of a direction, the lowest first; forward KL has one."""
    target = target_of(hills)
    return (fit_plane_forward(target, covariance),) if direction == "forward" else fit_plane_reverse(target, covariance)


def start_of(state: PlaneState) -> tuple[Tensor, Tensor]:
    """Q's mean and covariance before Run."""
    x, y, width = state.start
    return torch.tensor([x, y], dtype=torch.float64), width**2 * torch.eye(2, dtype=torch.float64)


@lru_cache(maxsize=64)
def _run(state: PlaneState, direction: str) -> PlaneRun:
    return run_plane(target_of(state.hills), direction, start_of(state), state.rule, state.rate, STEPS, state.covariance)


def track_of(state: PlaneState, direction: str) -> Track:
    """The path of Q downhill from the state's start; where it left all bounds, Q stays where it was last seen."""
    run = _run(replace(state, step=0), direction)
    last = STEPS if run.stopped_at is None else max(run.stopped_at - 1, 0)
    shown = torch.arange(STEPS + 1).clamp_max(last)
    return Track(run.loc[shown], run.covariance[shown], run.kl[shown], run.stopped_at)


def followed(state: PlaneState, direction: str, end: tuple[float, ...] | None) -> Track:
    """While a hand moves P: one place, before Run the start, after it the minimum next to where the last one ended (`Track.end`)."""
    target = target_of(state.hills)
    if state.step and direction == "forward":
        fit = minima_of(state.hills, state.covariance, "forward")[0]
        return Track(fit.loc[None], fit.covariance[None], torch.tensor([fit.kl], dtype=torch.float64))
    loc, matrix = start_of(state)
    near = _place(end)
    if state.step and near is not None:
        run = run_plane(target, direction, near, "newton", 1.0, _FOLLOWING, state.covariance)
        if run.stopped_at is None:
            return Track(run.loc[-1:], run.covariance[-1:], run.kl[-1:])
    return Track(loc[None], matrix[None], plane_kl(target, direction, loc[None], matrix[None])[0])


def _place(end: tuple[float, ...] | None) -> tuple[Tensor, Tensor] | None:
    """A mean and a covariance from x, y, Σ₁₁, Σ₁₂ and Σ₂₂; None where they are none that could be on screen."""
    if end is None or len(end) != 5:
        return None
    x, y, xx, xy, yy = end
    if not (min(xx, yy) > 1e-6 and xx * yy - xy * xy > 1e-9):
        return None
    return torch.tensor([x, y], dtype=torch.float64), torch.tensor([[xx, xy], [xy, yy]], dtype=torch.float64)


def reach_of(hills: tuple[Hill, ...]) -> float:
    """Half the height of the picture."""
    return max(3.6, *(max(abs(x), abs(y)) + 1.6 * max(xx, yy) ** 0.5 for _, x, y, xx, _, yy in hills))


@lru_cache(maxsize=32)
def density_of(hills: tuple[Hill, ...]) -> Tensor:
    """p on an even grid over ±ASPECT·reach by ±reach, (ROWS, COLUMNS), the lowest row first."""
    reach = reach_of(hills)
    x = torch.linspace(-ASPECT * reach, ASPECT * reach, COLUMNS, dtype=torch.float64)
    y = torch.linspace(-reach, reach, ROWS, dtype=torch.float64)
    places = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)
    return target_of(hills).log_prob(places).exp()


@lru_cache(maxsize=1)
def drawn() -> tuple[tuple[Tensor, Tensor, float], ...]:
    """What Murphy (2022), figure 6.3, draws as reverse fits, with the KL that each really has: mean, covariance, nats."""
    loc, matrix = (torch.tensor(values, dtype=torch.float64) for values in zip(*MURPHY_DRAWN))
    values = plane_kl(target_of(PlaneState().hills), "reverse", loc, matrix)[0]
    return tuple(zip(loc, matrix, values.tolist(), strict=True))
