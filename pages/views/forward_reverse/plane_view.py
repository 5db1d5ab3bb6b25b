"""Two dimensions on the page: one component, whose messages set the state and whose state is the link."""

from pathlib import Path

import streamlit as st

from ...shared import state as page_state
from ...shared.downloads import downloads
from ...shared.scripts import Script
from ...shared.style import Unit
from .plane_export import plane_code, plane_csv
from .plane_scene import plane_scene, tracks_of
from .plane_state import DEFAULT, LINK_KEYS, PlaneState, from_link, from_message, to_link

_STATE, _ANSWERS, _MOVING, _ENDS = "plane", "plane_answers", "plane_moving", "plane_ends"
_KEY = "plane_canvas"
_HERE = Path(__file__).parent
_canvas = st.components.v2.component(
    "kl_plane",
    js=Script("views/forward_reverse/plane/main.js").loader,
    css="".join((_HERE / name).read_text(encoding="utf-8") for name in ("canvas/canvas.css", "plane/plane.css")),
)


def link_problems(query: dict[str, str]) -> list[str]:
    """What the link asks in vain."""
    return from_link(query)[1]


def restore() -> None:
    """Before the canvas: what the link says, where it has just been opened; else what was set before."""
    query = st.query_params.to_dict()
    asked = page_state.link_is_new() and (any(key in query for key in LINK_KEYS) or _STATE not in st.session_state)
    if asked or page_state.by_history():
        st.session_state[_STATE] = from_link(query)[0]


def current() -> PlaneState:
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


def _write_link() -> None:
    wanted = to_link(current())
    page_state.drop_from_link(key for key in LINK_KEYS if key not in wanted and key in st.query_params)
    page_state.write_link(wanted)


@st.fragment
def plane(unit: Unit) -> None:
    """The canvas; what a hand does there reruns this alone."""
    moving, state = st.session_state.pop(_MOVING, False), current()
    tracks = tracks_of(state, st.session_state.get(_ENDS, {}) if moving else None)
    if state.step or not moving:
        st.session_state[_ENDS] = tracks
    scene = plane_scene(state, unit, tracks, answers=st.session_state.get(_ANSWERS, 0), partial=moving)
    _canvas(key=_KEY, data=scene, on_act_change=_acted)
    if not moving:
        _write_link()
        downloads(lambda: plane_code(state), lambda: plane_csv(state), "Every minimum", "two_dimensions.csv")
