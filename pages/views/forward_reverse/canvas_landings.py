"""Where the playground's runs ended: Q's bells there, whether it rests, whether it rests lowest, and the sentence for it."""

import torch
from torch import Tensor

from kl_core.density import density_of
from kl_core.fits.runs import OptimiserRun

from ...shared.style import UNITS, Unit
from . import verdict
from .canvas_fits import balls_of, minima_of, problem_of
from .canvas_state import CanvasState

_TAIL = 20  # steps at the end of a run, in which Q should hardly move


def bells(state: CanvasState, coords: Tensor) -> Tensor:
    """Q's bells, (…, bells, 3): weight, loc, scale."""
    if state.family == "two-gaussians":
        weight = coords[..., 0].sigmoid()
        pairs = [(weight, coords[..., 1], coords[..., 2].exp()), (1 - weight, coords[..., 3], coords[..., 4].exp())]
        return torch.stack([torch.stack(pair, -1) for pair in pairs], -2)
    return torch.stack([torch.ones_like(coords[..., 0]), coords[..., 0], coords[..., 1].exp()], -1).unsqueeze(-2)


def landing(state: CanvasState, divergence: str, run: OptimiserRun) -> verdict.Landing:
    """Where a run ended."""
    stopped = run.stopped_at[0]
    last = -1 if stopped is None else stopped - 1
    moving = stopped is None and len(run.coords) > _TAIL and not run.because and not _rests(state, run)
    covered = 1.0 if run.because or state.has_hills else _covered(state, divergence, run.coords[last])
    return verdict.Landing(divergence, bells(state, run.coords[last]), float(run.values[last]), stopped, run.because, moving, covered)


def _covered(state: CanvasState, divergence: str, coords: Tensor) -> float:
    """P's mass where the middle 95 % of Q's lie."""
    q = state.model.distribution(coords)
    low, high = (density_of(q).quantile(q, level) for level in (0.025, 0.975))
    return problem_of(state.target, state.model, divergence).nodes.mass(low, high)


def _rests(state: CanvasState, run: OptimiserRun) -> bool:
    """Whether Q moved by less than a fiftieth of its own width in the last steps."""
    units = state.model.units(run.coords[-1:])
    return bool(((run.coords[-1] - run.coords[-_TAIL]) / units).abs().amax() < 0.02)


def sentence_after(
    state: CanvasState, landings: list[verdict.Landing], names: list[str], balls: bool, partial: bool, unit: Unit = UNITS["nats"]
) -> str:
    """What happened; after balls were dropped, where they rest. partial: a hand still moves P, so other minima are not looked for."""
    if balls:
        return verdict.dropped(state, names, [balls_of(state, name) for name in names])
    return verdict.after(state, landings, None if partial else lower_minima(state, landings), unit)


def lower_minima(state: CanvasState, landings: list[verdict.Landing]) -> dict[str, float]:
    """The divergence of the lowest minimum, for each run that came to rest in a higher one."""
    rest = [end for end in landings if end.because is None and end.stopped_at is None and not end.moving]
    lowest = {end.divergence: min((found.value for found in minima_of(state, end.divergence)), default=end.value) for end in rest}
    return {end.divergence: lowest[end.divergence] for end in rest if lowest[end.divergence] < end.value - 1e-3}
