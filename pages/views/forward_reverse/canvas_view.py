"""The playground on the page."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.style import Unit
from . import canvas_state
from .canvas_export import canvas_code, runs_csv
from .canvas_scene import canvas_scene, known
from .canvas_state import DEFAULT, LINK_KEYS, CanvasState
from .component import Canvas

CANVAS: Canvas[CanvasState] = Canvas(
    "playground",
    "canvas/main.js",
    DEFAULT,
    LINK_KEYS,
    canvas_state.from_link,
    canvas_state.to_link,
    canvas_state.moved,
    canvas_scene,
    known,
)


@st.fragment
def playground(unit: Unit) -> None:
    """The canvas; what a hand does there reruns this alone."""
    asked, state = CANVAS.asked(), CANVAS.current()
    CANVAS.show(unit, asked)
    if not asked.partial:
        CANVAS.write_link()
        downloads(lambda: canvas_code(state), lambda: runs_csv(state), "The runs, step by step", "forward_reverse.csv")
