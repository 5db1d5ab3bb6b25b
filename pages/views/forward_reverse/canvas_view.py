"""The playground on the page: one component, whose messages set the state and whose state is the link."""

from pathlib import Path

import streamlit as st

from ...shared import state as page_state
from ...shared.downloads import downloads
from ...shared.scripts import Script
from ...shared.style import Unit
from .canvas_export import canvas_code, runs_csv
from .canvas_scene import canvas_scene, runs_of
from .canvas_state import DEFAULT, LINK_KEYS, CanvasState, from_link, from_message, to_link
from .plane_view import link_problems

_STATE, _ANSWERS, _MOVING, _BALLS = "playground", "playground_answers", "playground_moving", "playground_balls"
_ENDS = "playground_ends"  # where the runs on screen end, for the fits that follow a hand
_KEY = "playground_canvas"
_HERE = Path(__file__).parent
_canvas = st.components.v2.component(
    "kl_playground",
    js=Script("views/forward_reverse/canvas/main.js").loader,
    css=(_HERE / "canvas" / "canvas.css").read_text(encoding="utf-8"),
)


def link_problem() -> str | None:
    """One quiet sentence about what the link asks in vain."""
    query = st.query_params.to_dict()
    problems = [*from_link(query)[1], *link_problems(query)]
    return f"Part of this link cannot be shown, so defaults stand in for it: {'; '.join(problems[:3])}." if problems else None


def restore() -> None:
    """Before the canvas: what the link says, where it has just been opened; else what was set before."""
    query = st.query_params.to_dict()
    asked = page_state.link_is_new() and (any(key in query for key in LINK_KEYS) or _STATE not in st.session_state)
    if asked or page_state.by_history():
        st.session_state[_STATE] = from_link(query)[0]


def current() -> CanvasState:
    """The state on screen."""
    return st.session_state.get(_STATE, DEFAULT)


def _acted() -> None:
    message = st.session_state[_KEY].act
    if not isinstance(message, dict):
        return
    question = message.get("question")
    if isinstance(question, int) and 0 < question < 10**9:
        st.session_state[_ANSWERS] = question
    st.session_state[_STATE] = from_message(current(), message)
    st.session_state[_MOVING] = bool(message.get("partial"))
    st.session_state[_BALLS] = bool(message.get("balls"))


def write_link() -> None:
    """The state into the address, where it is not there already."""
    wanted = to_link(current())
    page_state.drop_from_link(key for key in LINK_KEYS if key not in wanted and key in st.query_params)
    page_state.write_link(wanted)


@st.fragment
def playground(unit: Unit) -> None:
    """The canvas; what a hand does there reruns this alone."""
    moving, balls = st.session_state.pop(_MOVING, False), st.session_state.pop(_BALLS, False)
    runs = runs_of(current(), st.session_state.get(_ENDS, {}) if moving else None)
    if current().step or not moving:
        st.session_state[_ENDS] = {name: run.coords[-1] for name, run in runs.items() if bool(run.coords[-1].isfinite().all())}
    answers = st.session_state.get(_ANSWERS, 0)
    scene = canvas_scene(current(), unit, answers=answers, runs=runs, partial=moving, balls=balls)
    _canvas(key=_KEY, data=scene, on_act_change=_acted)
    if not moving:
        write_link()
        state = current()
        downloads(lambda: canvas_code(state), lambda: runs_csv(state), "The runs, step by step", "forward_reverse.csv")
