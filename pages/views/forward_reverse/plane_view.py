"""Two dimensions on the page."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.style import Unit
from . import plane_state
from .component import Canvas
from .plane_export import plane_code, plane_csv
from .plane_scene import known, plane_scene
from .plane_state import DEFAULT, LINK_KEYS, PlaneState

CANVAS: Canvas[PlaneState] = Canvas(
    "plane",
    "plane/main.js",
    DEFAULT,
    LINK_KEYS,
    plane_state.from_link,
    plane_state.to_link,
    plane_state.moved,
    plane_scene,
    known,
)


@st.fragment
def plane(unit: Unit) -> None:
    """The canvas; what a hand does there reruns this alone."""
    asked, state = CANVAS.asked(), CANVAS.current()
    CANVAS.show(unit, asked)
    if not asked.partial:
        CANVAS.write_link()
        downloads(lambda: plane_code(state), lambda: plane_csv(state), "Every minimum", "two_dimensions.csv")
