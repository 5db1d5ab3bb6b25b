"""What one pane of the playground is told: a divergence's titles, its run as tracks, its landscape, and balls dropped on that."""

import re
from functools import lru_cache
from math import isfinite, sqrt

import torch

from kl_core.fits.models import LocationScale, Model, gaussian
from kl_core.fits.runs import OptimiserRun

from ...shared.live.tables import packed
from . import verdict
from .canvas_fits import balls_of, divergence_of, landscape_of, minima_of, problem_of, view_of
from .canvas_landings import bells
from .canvas_state import CanvasState, log_scale_range

_BASE_RANGE = (-60.0, 60.0)
_F32 = torch.float32
_DEPTHS = {"jensen-shannon": 0.5}  # nats above the lowest at which the colour has faded; Jensen–Shannon is never above log 2
_BALL_FRAMES = 60


def bell_of(state: CanvasState) -> Model:
    """What Q's bells are copies of."""
    return state.model if isinstance(state.model, LocationScale) else gaussian()


@lru_cache(maxsize=16)
def base_of(model: Model) -> dict:
    """log-density of a family at loc 0 and scale 1, and the range of its even grid."""
    u = torch.linspace(*_BASE_RANGE, 2401, dtype=torch.float64)
    table = model.distribution(torch.zeros(2, dtype=torch.float64)).log_prob(u)
    return {"table": packed(table, _F32), "range": list(_BASE_RANGE)}


def _words(state: CanvasState) -> dict:
    """What Q's two coordinates are called: a Student-t has no sd up to 2 degrees of freedom, and no mean at 1."""
    if state.family == "laplace":
        return {"centre": "mean", "width": "sd", "sd_per_scale": sqrt(2)}
    if state.family != "student-t":
        return {"centre": "mean", "width": "sd", "sd_per_scale": 1.0}
    centre = "mean" if state.df > 1 else "centre"
    if state.df <= 2:
        return {"centre": centre, "width": "scale", "sd_per_scale": 1.0}
    return {"centre": centre, "width": "sd", "sd_per_scale": sqrt(state.df / (state.df - 2))}


def coloured(words: str) -> list[list[str]]:
    """Words with [P], [Q], [p] and [q] in their colours: (text, style) each."""
    return [[part, part.lower() if place % 2 else ""] for place, part in enumerate(re.split(r"\[([PQpq])\]", words)) if part]


# divergence: what tests and links call its number, which integrand, its title, its formula, its integrand's formula, its colour
_TITLES = {
    "forward": ("kl_forward", "kl_pq", "Forward", "KL([P]‖[Q])", "[p] log([p]/[q])", "p"),
    "reverse": ("kl_reverse", "kl_qp", "Reverse", "KL([Q]‖[P])", "[q] log([q]/[p])", "q"),
    "jensen-shannon": (
        "js",
        "js",
        "Jensen–Shannon",
        "½ KL([P]‖M) + ½ KL([Q]‖M)",
        "½ [p] log [p]/m + ½ [q] log [q]/m, m = ½([p] + [q])",
        "fit",
    ),
}


_ALPHA_TERM = "(α[p] + (1 − α)[q] − [p]ᵅ[q]¹⁻ᵅ) / α(1 − α)"


def pane(state: CanvasState, divergence: str, run: OptimiserRun, balls: bool, partial: bool) -> dict:
    squared = "4H², H² = 1 − ∫√([p][q])" if state.alpha == 0.5 else ""
    between = (
        "alpha",
        "alpha",
        "α = ½:" if squared else f"α = {state.alpha:g}",
        squared,
        _ALPHA_TERM,
        "fit",
    )
    key, kind, title, formula, term, style = _TITLES.get(divergence, between)
    problem = problem_of(state.target, state.model, divergence)
    return {
        "key": key,
        "kind": kind,
        "alpha": state.alpha,
        "title": title,
        "formula": coloured(formula),
        "term": coloured(term),
        "style": style,
        "label": f"Target P and fit Q by {divergence_of(divergence).label}",
        "base": base_of(bell_of(state)),
        "words": _words(state),
        "stopped": run.stopped_at[0],
        "reason": problem.infinite_because,
        "path": None if problem.infinite_because else _path(state, run),
        "landscape": None if partial else _map(state, divergence),
        "no_landscape": _no_landscape(state),
        "balls": _balls(state, divergence) if balls else None,
    }


def _path(state: CanvasState, run: OptimiserRun) -> dict:
    """The run as tracks; where it diverged, Q stays where it was last seen."""
    length = len(run.coords)
    last = length - 1 if run.stopped_at[0] is None else max(run.stopped_at[0] - 1, 0)
    shown = torch.arange(length).clamp_max(last)
    rows = bells(state, run.coords[shown])
    tracks = [
        {name: packed(rows[:, bell, column].contiguous()) for column, name in enumerate(("weight", "loc", "scale"))}
        for bell in range(rows.shape[1])
    ]
    return {"components": tracks, "value": packed(run.values[shown])}


def _no_landscape(state: CanvasState) -> str:
    """Why a family has no landscape, for people; "" where it has one."""
    if isinstance(state.model, LocationScale):
        return ""
    return "Two Gaussians have five parameters: a weight, two means, two widths. A map has room for two, so there is no landscape here."


def _map(state: CanvasState, divergence: str) -> dict | None:
    values = landscape_of(state, divergence)
    if values is None:
        return None
    valleys = minima_of(state, divergence)
    count = len(valleys)
    return {
        "values": packed(values.T.contiguous(), _F32),
        "size": list(values.shape),
        "loc": list(view_of(state.target)),
        "log_scale": list(log_scale_range(state)),
        "axes": _words(state),
        "lowest": float(min(minimum.value for minimum in valleys)) if valleys else float(values.min()),
        "depth": _DEPTHS.get(divergence, 4.5),
        "minima": [{"loc": float(minimum.coords[0]), "scale": float(minimum.coords[1].exp())} for minimum in valleys],
        "words": f"{verdict.count_in_words(count)} valley{'s' if count != 1 else ''}",
    }


def _balls(state: CanvasState, divergence: str) -> dict | None:
    """paths: of each ball, where it is in even parts of its run. reached: which of the minima it rests in, −1 for none."""
    if landscape_of(state, divergence) is None:
        return None
    balls = balls_of(state, divergence)
    frames = balls.run.coords[torch.linspace(0, len(balls.run.coords) - 1, _BALL_FRAMES).long()]
    paths = torch.stack([frames[..., 0], frames[..., 1].exp()], -1).transpose(0, 1).tolist()
    return {
        "paths": [[{"loc": round(loc, 3), "scale": round(scale, 4)} for loc, scale in path if isfinite(loc)] for path in paths],
        "reached": list(balls.reached),
        "minima": [{"loc": float(place.coords[0]), "scale": float(place.coords[1].exp())} for place in balls.minima],
    }
