"""What the playground's canvas is told: P and Q as tables, each run as a track, each landscape, and the sentence."""

from functools import lru_cache

import torch
from torch import Tensor

from kl_core.density import log_density
from kl_core.fits.models import MODELS, LocationScale, gaussian
from kl_core.fits.runs import OptimiserRun
from kl_core.fits.targets import TARGETS

from ...shared.live.tables import packed
from ...shared.style import Unit
from . import verdict
from .asked import Asked
from .canvas_fits import at_start, divergence_of, followed, landscape_of, run_of, start_of, target_of, view_of
from .canvas_landings import bells, landing, sentence_after
from .canvas_panes import base_of, bell_of, pane
from .canvas_state import DEFAULT, FREEDOMS, HILL_SHAPES, MOST_HILLS, OPTIMISERS, RATES, STEPS, CanvasState, Hills, hills_of

PLACES = 321
PENCIL_PLACES = 97
_DRAWN = "Draw P with the mouse or a finger. It is smoothed, and its area made 1."
_F32 = torch.float32


@lru_cache(maxsize=1)
def _shapes() -> list[dict]:
    x = torch.linspace(-7, 7, 71, dtype=torch.float64)
    pictures = [
        {"key": name, "label": target.label, "picture": packed(log_density(target.build(), x).exp(), _F32)}
        for name, target in TARGETS.items()
    ]
    return [*pictures, {"key": "drawn", "label": "Draw your own", "picture": None, "source": _DRAWN}]


@lru_cache(maxsize=1)
def _families() -> list[dict]:
    x = torch.linspace(-4, 4, 61, dtype=torch.float64)
    labels = {
        "gaussian": "Gaussian",
        "fixed-width": "Fixed width",
        "fixed-centre": "Fixed centre",
        "laplace": "Laplace",
        "student-t": "Student-t",
        "two-gaussians": "Two Gaussians",
    }
    return [
        {"key": name, "label": label, "picture": packed(MODELS[name].distribution(_typical(name)).log_prob(x).exp(), _F32)}
        for name, label in labels.items()
    ]


def _typical(family: str) -> Tensor:
    row = [0.0, -2.0, -0.4, 2.0, -0.4] if family == "two-gaussians" else [0.0, {"fixed-width": -0.7, "fixed-centre": 0.4}.get(family, 0.0)]
    return torch.tensor(row, dtype=torch.float64)


def _shape_of(state: CanvasState) -> str | None:
    if state.drawing:
        return "drawn"
    if isinstance(state.target, str):
        return state.target
    return next((shape for shape in HILL_SHAPES if hills_of(shape) == state.target), None)


def divergences_of(state: CanvasState) -> list[str]:
    """The divergences on screen, from left to right."""
    if state.mode == "both":
        return ["forward", "reverse"]
    if state.mode == "js":
        return ["jensen-shannon"]
    return [{1.0: "forward", 0.5: "hellinger", 0.0: "reverse"}.get(state.alpha, f"alpha {state.alpha:g}")]


def runs_of(state: CanvasState, asked: Asked) -> dict[str, OptimiserRun]:
    """The run of each divergence on screen. While a hand moves P the fits only follow it, from where each ended."""
    names = divergences_of(state)
    if not asked.partial:
        return {name: run_of(state, name) for name in names}
    return {name: _follow(state, name, asked.ends.get(name)) for name in names}


def _follow(state: CanvasState, name: str, end: tuple[float, ...] | None) -> OptimiserRun:
    if not state.step:
        return at_start(state, name)
    near = start_of(state) if end is None or len(end) != len(state.model.coordinates) else torch.tensor(end, dtype=torch.float64)
    run = followed(state, name, near)
    return at_start(state, name) if bool(run.values.isnan().any()) else run


FIXED = {"shapes", "families", "hill_base"}
"""What is the same in every scene."""


def known(before: CanvasState, after: CanvasState) -> tuple[set[str], set[str]]:
    """The parts of a scene, and of its panes, that who was shown `before` need not be sent again for `after`."""
    same = before.model == after.model and divergences_of(before) == divergences_of(after)
    return FIXED, {"base"} if same else set()


def canvas_scene(state: CanvasState, unit: Unit, asked: Asked = Asked()) -> dict:
    """The whole canvas. While a hand moves P, only what follows it is new, and the landscape waits."""
    names, runs = divergences_of(state), runs_of(state, asked)
    balls = asked.balls and all(landscape_of(state, name) is not None for name in names)
    landings = [landing(state, name, runs[name]) for name in names]
    return {
        **_target(state, landings),
        **_controls(state),
        "run": f"{state.target}|{state.model}|{names}|{state.start}|{state.rule}|{state.rate}",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "panes": [pane(state, name, runs[name], balls, asked.partial) for name in names],
        "ends": {name: end for name, run in runs.items() if (end := _end(run))},
        "verdict": {
            "before": verdict.before(state),
            "during": verdict.during(balls),
            "after": sentence_after(state, landings, names, balls, asked.partial, unit),
        },
        "note": verdict.note(state),
        "partial": asked.partial,
    }


def _end(run: OptimiserRun) -> list[float]:
    """Where a run ends, for the fits that follow a hand; nothing where it left all bounds."""
    return run.coords[-1].tolist() if bool(run.coords[-1].isfinite().all()) else []


def _target(state: CanvasState, landings: list[verdict.Landing]) -> dict:
    """P on its axis, and the height of what each place adds."""
    view = view_of(state.target)
    x = torch.linspace(*view, PLACES, dtype=torch.float64)
    log_p = log_density(target_of(state.target), x)
    return {
        "view": list(view),
        "x": packed(x),
        "log_p": packed(log_p),
        "hills": {name: list(value) for name, value in state.target.values.items()} if isinstance(state.target, Hills) else None,
        "hill_base": base_of(gaussian()),
        "range": _range(x, log_p, state, landings),
    }


def _controls(state: CanvasState) -> dict:
    """What may be chosen, and what is."""
    return {
        "shape": _shape_of(state),
        "shapes": _shapes(),
        "family": state.family,
        "families": _families(),
        "freedom": {"stops": list(FREEDOMS), "value": state.df} if state.family == "student-t" else None,
        "dial": {"mode": state.mode, "alpha": state.alpha},
        "start": {"components": _components(bells(state, start_of(state)))},
        "settings": {"optimisers": OPTIMISERS, "rates": list(RATES), "optimiser": state.rule, "rate": state.rate},
        "last": STEPS,
        "place": state.step,
        "pencil_places": PENCIL_PLACES,
        "next": _next(state),
        "most_hills": MOST_HILLS,
        "can_drop": isinstance(state.model, LocationScale) and len(state.model.free) == 2,
    }


def _components(rows: Tensor) -> list[dict]:
    return [{"weight": float(weight), "loc": float(loc), "scale": float(scale)} for weight, loc, scale in rows]


def _range(x: Tensor, log_p: Tensor, state: CanvasState, landings: list[verdict.Landing]) -> float:
    """The height of the contributions' axis: the largest that any pane ends with, so that their areas compare."""
    highest = 0.05
    for end in landings:
        if end.because or not bool(end.bells.isfinite().all()):
            continue
        logs = [bell_of(state).distribution(torch.stack([loc, scale.log()])).log_prob(x) + weight.log() for weight, loc, scale in end.bells]
        log_q = torch.stack(logs).logsumexp(0)
        terms = {"forward": log_p.exp() * (log_p - log_q), "reverse": log_q.exp() * (log_q - log_p)}.get(end.divergence)
        if terms is None:
            terms = divergence_of(end.divergence).terms(log_p, log_q)[0]
        finite = terms[terms.isfinite()]
        highest = max(highest, float(finite.max())) if len(finite) else highest
    return highest


def _next(state: CanvasState) -> dict | None:
    """The next thing worth trying, by one press."""
    halves = [0.5, 0.5]
    if state == DEFAULT or (state.target == DEFAULT.target and state.family == "gaussian" and state.mode == "both"):
        return {"label": "Hills at ±2", "set": {"hills": {"weights": halves, "locs": [-2.0, 2.0], "scales": [1.0, 1.0]}}}
    if state.family == "gaussian" and isinstance(state.target, Hills) and len(state.target.locs) == 2:
        return {"label": "Give Q two hills", "set": {"family": "two-gaussians", "shape": "two-hills"}}
    return {"label": "Two hills again", "set": {"shape": "two-hills", "family": "gaussian", "dial": {"mode": "both", "alpha": 0.5}}}
