"""Two dimensions on the page."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.style import Unit
from . import plane_state
from .component import Canvas
from .plane_export import plane_code, plane_csv
from .plane_scene import plane_scene, tracks_of
from .plane_state import DEFAULT, LINK_KEYS, PlaneState

_ENDS = "plane_ends"  # both runs on screen, for the fits that follow a hand
CANVAS: Canvas[PlaneState] = Canvas(
    "plane",
    "plane/main.js",
    ("canvas/canvas.css", "plane/plane.css"),
    DEFAULT,
    LINK_KEYS,
    plane_state.from_link,
    plane_state.to_link,
    plane_state.from_message,
)


@st.fragment
def plane(unit: Unit) -> None:
    """The canvas; what a hand does there reruns this alone."""
    (moving,), state = CANVAS.asked("partial"), CANVAS.current()
    tracks = tracks_of(state, st.session_state.get(_ENDS, {}) if moving else None)
    if state.step or not moving:
        st.session_state[_ENDS] = tracks
    CANVAS.show(plane_scene(state, unit, tracks, answers=CANVAS.answers(), partial=moving))
    if not moving:
        CANVAS.write_link()
        downloads(lambda: plane_code(state), lambda: plane_csv(state), "Every minimum", "two_dimensions.csv")
