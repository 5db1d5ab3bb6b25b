"""The playground on the page."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.style import Unit
from . import canvas_state
from .canvas_export import canvas_code, runs_csv
from .canvas_scene import canvas_scene, runs_of
from .canvas_state import DEFAULT, LINK_KEYS, CanvasState
from .component import Canvas

_ENDS = "playground_ends"  # where the runs on screen end, for the fits that follow a hand
CANVAS: Canvas[CanvasState] = Canvas(
    "playground",
    "canvas/main.js",
    ("canvas/canvas.css",),
    DEFAULT,
    LINK_KEYS,
    canvas_state.from_link,
    canvas_state.to_link,
    canvas_state.from_message,
)


@st.fragment
def playground(unit: Unit) -> None:
    """The canvas; what a hand does there reruns this alone."""
    (moving, balls), state = CANVAS.asked("partial", "balls"), CANVAS.current()
    runs = runs_of(state, st.session_state.get(_ENDS, {}) if moving else None)
    if state.step or not moving:
        st.session_state[_ENDS] = {name: run.coords[-1] for name, run in runs.items() if bool(run.coords[-1].isfinite().all())}
    CANVAS.show(canvas_scene(state, unit, answers=CANVAS.answers(), runs=runs, partial=moving, balls=balls))
    if not moving:
        CANVAS.write_link()
        downloads(lambda: canvas_code(state), lambda: runs_csv(state), "The runs, step by step", "forward_reverse.csv")
