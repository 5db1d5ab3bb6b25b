"""What a live room asks of the P that stands on the playground: where will the best Q land? The truth is the fit itself."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import exp, log
from urllib.parse import parse_qsl, urlencode

import torch

from kl_core.density import log_density
from kl_core.families import FAMILIES
from kl_core.fits.minima import Minimum
from kl_core.fits.models import LocationScale

from ...shared.live import CSS, scene, told
from ...shared.live.tables import packed
from ...shared.style import number
from .canvas_fits import minima_of, problem_of, start_of, target_of, view_of
from .canvas_scene import divergences_of
from .canvas_state import MIXTURE, CanvasState, Hills, from_link, to_link
from .verdict import name_of

Numbers = tuple[float, ...]
ROOM = "forward_reverse"
NEAR = 0.05
"""Nats by which an answer may cost more than the best Q and still be right."""
PLACES, TABLE = 61, 513
_FAMILIES = {"laplace": "laplace", "student-t": "student_t"}  # the others are Gaussians
_DRAGGED = {
    "gaussian": "it",
    "fixed-width": "this Q, whose width is fixed,",
    "fixed-centre": "this Q, whose centre is fixed,",
    "laplace": "this Laplace Q",
    "student-t": "this Student-t Q",
}
_NAMES = {"jensen-shannon": "the Jensen–Shannon divergence"}
_SYMBOLS = {"forward": "KL(P‖Q)", "reverse": "KL(Q‖P)"}
_HINT = "Drag the hollow handle to move Q, the filled one to stretch it."


def questions_at(link: Mapping[str, str]) -> dict[str, Callable[[], dict]]:
    """The questions of a playground with this link, each by its words, and the message that asks it in a room."""
    state = from_link(link)[0]
    if not isinstance(state.model, LocationScale):  # a Q with two hills has five numbers, too many for a finger
        return {}
    finite = [name for name in divergences_of(state) if not _problem(state, name).infinite_because]
    return {_words(state, name): partial(_message, state, name) for name in finite}


def camps(judge: str, said: Sequence[Numbers]) -> dict[str, list[Numbers]]:
    """Which answers did what, by what they did in words. judge: as the question named it; ValueError for another."""
    divergence, _, link = judge.removeprefix(f"{ROOM} ").partition("?")
    state = from_link(dict(parse_qsl(link)))[0]
    if (
        not isinstance(state.model, LocationScale)
        or divergence not in divergences_of(state)
        or _problem(state, divergence).infinite_because
    ):
        raise ValueError(f"The playground has no question “{judge[:80]}”.")
    tests: list[tuple[str, Callable[[float, float], bool]]] = [("had it right", partial(_is_right, state, divergence))]
    if state.hills:
        tests = [
            ("put Q on one hill", partial(_on_a_hill, state.hills)),
            ("spread Q over all hills", partial(_over_all, state.hills)),
            *tests,
        ]
    placed = {numbers: _placed(state, numbers) for numbers in said}
    return {words: [numbers for numbers, (loc, scale) in placed.items() if test(loc, scale)] for words, test in tests}


def _problem(state: CanvasState, divergence: str):
    return problem_of(state.target, state.model, divergence)


def _words(state: CanvasState, divergence: str) -> str:
    least = _SYMBOLS.get(divergence) or _NAMES.get(divergence) or name_of(divergence).replace("The", "the", 1)
    return f"Where will the best Q land? Drag {_DRAGGED[state.family]} to where {least} is smallest."


def _free(state: CanvasState) -> list[str]:
    return [("loc", "scale")[i] for i in state.model.free]


def _placed(state: CanvasState, numbers: Sequence[float]) -> tuple[float, float]:
    """Q's loc and scale, where what is fixed stands where Q starts."""
    values = dict(zip(("loc", "scale"), state.start)) | dict(zip(_free(state), numbers, strict=True))
    return values["loc"], values["scale"]


def _is_right(state: CanvasState, divergence: str, loc: float, scale: float) -> bool:
    problem = _problem(state, divergence)
    cost = float(problem.values(torch.tensor([[loc, log(scale)]], dtype=torch.float64))[0])
    return cost <= minima_of(state, divergence)[0].value + NEAR


def _on_a_hill(hills: Hills, loc: float, scale: float) -> bool:
    return any(abs(loc - centre) < wide and scale < 2 * wide for centre, wide in zip(hills.locs, hills.scales))


def _over_all(hills: Hills, loc: float, scale: float) -> bool:
    """Each hill's centre within 1.5 scales of Q's."""
    return all(abs(loc - centre) < 1.5 * scale for centre in hills.locs)


def _message(state: CanvasState, divergence: str) -> dict:
    valleys = minima_of(state, divergence)
    best = dict(zip(("loc", "scale"), (float(valleys[0].coords[0]), exp(float(valleys[0].coords[1])))))
    low, high = view_of(state.target)
    axes = {"loc": _evenly(low + 1, high - 1), "scale": _evenly(0.1, (high - low) * 0.38)}
    symbols = {parameter.name: parameter.label for parameter in _family(state).parameters}
    return {
        "kind": "drag",
        "ask": _words(state, divergence),
        "why": _why(valleys, divergence),
        "keys": _free(state),
        "names": [symbols[name] for name in _free(state)],
        "axes": [axes[name] for name in _free(state)],
        "truth": [round(best[name], 9) + 0.0 for name in _free(state)],
        "judge": f"{ROOM} {divergence}?{urlencode(to_link(state))}",
        "picture": {"scene": told(_scene(state)), "style": CSS},
    }


def _evenly(low: float, high: float) -> list[float]:
    return [round(low + (high - low) * i / (PLACES - 1), 6) for i in range(PLACES)]


def _family(state: CanvasState):
    return FAMILIES[_FAMILIES.get(state.family, "normal")]


def _why(valleys: Sequence[Minimum], divergence: str) -> str:
    best = valleys[0].value
    name = _SYMBOLS.get(divergence) or name_of(divergence)
    deep = sum(minimum.value < best + 1e-6 for minimum in valleys)
    if deep > 1:
        return f"{name} is {number(best)} nats there. {deep} minima are equally low, so a run takes the one that its start leads to."
    if len(valleys) > 1:
        next_best = number(valleys[1].value)
        return f"{name} is {number(best)} nats there. A run may also end in another minimum, with {next_best} nats or more."
    return f"{name} is {number(best)} nats there, and it has no other minimum."


def _scene(state: CanvasState) -> dict:
    """P as it stands, and Q to drag, dashed, where the playground starts it."""
    loc, scale = (float(entry) for entry in (start_of(state)[0], start_of(state)[1].exp()))
    values = {"loc": loc, "scale": scale} | ({"df": state.df} if state.family == "student-t" else {})
    q = scene.curve("your Q", "q", _family(state), values)
    q["handles"] = [handle for handle in q["handles"] if handle["key"] in _free(state)]
    return {
        "kind": "continuous",
        "unit": {"name": "nats", "per_nat": 1.0},
        "curves": {"p": _target_curve(state), "q": q},
        "numbers": {},
        "view": list(view_of(state.target)),
        "panels": [{"kind": "curves", "curves": ["p", "q"], "label": "The target P, and Q to drag"}],
        "hint": _HINT if len(_free(state)) > 1 else "Drag Q’s handle.",
    }


def _target_curve(state: CanvasState) -> dict:
    if isinstance(state.target, Hills):
        return scene.curve("P", "p", MIXTURE, state.target.values, movable=False)
    x = torch.linspace(*view_of(state.target), TABLE, dtype=torch.float64)
    log_p = log_density(target_of(state.target), x)
    return {
        "label": "P",
        "family": "",
        "style": "p",
        "filled": True,
        "hidden": False,
        "values": {},
        "parameters": [],
        "handles": [],
        "base": {"u": packed(x), "log_density": packed(log_p)},
        "components": [{"weight": None, "shift": None, "stretch": None}],
        "support": [None, None],
    }
