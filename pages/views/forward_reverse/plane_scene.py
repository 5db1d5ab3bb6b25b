"""What the canvas of two dimensions is told: P's density, each run as a track, every minimum, and the sentence."""

import torch
from torch import Tensor

from kl_core.fits.plane import COVARIANCES
from kl_core.fits.plane_targets import PLANE_TARGETS

from ...shared.live.tables import packed
from ...shared.style import Unit
from . import plane_verdict
from .asked import Asked
from .canvas_panes import coloured
from .canvas_state import OPTIMISERS
from .plane_fits import ASPECT, COLUMNS, DIRECTIONS, ROWS, Track, density_of, drawn, followed, minima_of, reach_of, track_of
from .plane_state import DEFAULT, RATES, STEPS, PlaneState, hills_of
from .verdict import during

_TITLES = {"forward": ("Forward", "KL([P]‖[Q])"), "reverse": ("Reverse", "KL([Q]‖[P])")}
_LABELS = {"full": "Any ellipse", "diagonal": "No slant", "spherical": "A circle"}
_PICTURES = {"full": [[2, 1.2, 2]], "diagonal": [[3, 0, 0.9]], "spherical": [[1.6, 0, 1.6]]}


def tracks_of(state: PlaneState, asked: Asked) -> dict[str, Track]:
    """Both runs. While a hand moves P the fits only follow it, from where each ended."""
    if not asked.partial:
        return {direction: track_of(state, direction) for direction in DIRECTIONS}
    return {direction: followed(state, direction, asked.ends.get(direction)) for direction in DIRECTIONS}


def known(before: PlaneState, after: PlaneState) -> tuple[set[str], set[str]]:
    """The parts of a scene, and of its panes, that who was shown `before` need not be sent again for `after`."""
    return {"presets", "covariances"}, set()


def plane_scene(state: PlaneState, unit: Unit, asked: Asked = Asked()) -> dict:
    """The whole canvas. While a hand moves P, other minima are not looked for."""
    partial, tracks = asked.partial, tracks_of(state, asked)
    minima = {direction: () if partial else minima_of(state.hills, state.covariance, direction) for direction in DIRECTIONS}
    return {
        "run": f"{state.hills}|{state.covariance}|{state.start}|{state.rule}|{state.rate}",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "reach": reach_of(state.hills),
        "density": {"values": packed(density_of(state.hills), torch.float32), "size": [COLUMNS, ROWS], "aspect": ASPECT},
        "hills": [list(hill) for hill in state.hills],
        "presets": [
            {"key": name, "label": target.label, "ellipses": [_ellipse(*hill[1:]) for hill in hills_of(name)], "source": target.source}
            for name, target in PLANE_TARGETS.items()
        ],
        "preset": state.preset,
        "covariances": [{"key": key, "label": _LABELS[key], "ellipses": [[0, 0, *_PICTURES[key][0]]]} for key in COVARIANCES],
        "covariance": state.covariance,
        "start": list(state.start),
        "panes": [_pane(direction, tracks[direction], minima[direction]) for direction in DIRECTIONS],
        "drawn": [_place(loc, matrix, value) for loc, matrix, value in drawn()] if _is_murphy(state) else [],
        "note": {"before": _note(state), "after": _note_after(state, unit)},
        "ends": {direction: track.end for direction, track in tracks.items()},
        "last": STEPS,
        "place": state.step,
        "settings": {"optimisers": OPTIMISERS, "rates": list(RATES), "optimiser": state.rule, "rate": state.rate},
        "verdict": {
            "before": plane_verdict.before(state),
            "during": during(),
            "after": plane_verdict.after(state, tracks["forward"], tracks["reverse"], minima["reverse"]),
        },
        "next": _next(state),
        "partial": partial,
    }


def _is_murphy(state: PlaneState) -> bool:
    return state.hills == DEFAULT.hills and state.covariance == "full"


def _ellipse(x: float, y: float, xx: float, xy: float, yy: float) -> list[float]:
    return [x, y, xx, xy, yy]


def _place(loc: Tensor, matrix: Tensor, value: float) -> dict:
    x, y = loc.tolist()
    return {"ellipse": _ellipse(x, y, float(matrix[0, 0]), float(matrix[0, 1]), float(matrix[1, 1])), "value": value}


def _pane(direction: str, track: Track, minima: tuple) -> dict:
    title, formula = _TITLES[direction]
    columns = (track.loc[:, 0], track.loc[:, 1], track.covariance[:, 0, 0], track.covariance[:, 0, 1], track.covariance[:, 1, 1])
    return {
        "key": f"kl_{direction}",
        "title": title,
        "formula": coloured(formula),
        "label": f"Target P and fit Q by {direction} KL in the plane",
        "path": {"ellipse": [packed(column.contiguous()) for column in columns], "value": packed(track.kl.contiguous())},
        "stopped": track.stopped_at,
        "minima": [_place(fit.loc, fit.covariance, fit.kl) for fit in minima],
    }


def _note(state: PlaneState) -> str:
    """What a book draws; what is computed is said after Run, so that the answer does not stand beside the question."""
    if _is_murphy(state):
        return "Dotted: Q as Murphy (2022), figure 6.3, draws it, on one hill each."
    source = PLANE_TARGETS[state.preset].source if state.preset else ""
    return f"{source[0].upper()}{source[1:]}." if source else ""


def _note_after(state: PlaneState, unit: Unit) -> str:
    """What a book draws beside what is computed."""
    if not _is_murphy(state):
        return _note(state)
    costs = " and ".join(f"{unit.per_nat * value:.3f}" for *_, value in drawn())
    best = unit.per_nat * minima_of(state.hills, "full", "reverse")[0].kl
    return f"{_note(state)} There KL(Q‖P) is {costs} {unit.name}; the true minimum has {best:.3f} {unit.name}."


def _next(state: PlaneState) -> dict:
    """The next thing worth trying, by one press."""
    after = {"murphy": "murphy-apart", "murphy-apart": "bishop-factorised", "bishop-factorised": "bishop-two-hills"}
    name = after.get(state.preset or "", "murphy")
    label = {
        "murphy-apart": "Pull them apart",
        "bishop-factorised": "Q without slant",
        "bishop-two-hills": "Two far hills",
        "murphy": "Back to Murphy",
    }
    return {"label": label[name], "set": {"preset": name}}
