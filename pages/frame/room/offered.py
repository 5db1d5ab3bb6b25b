"""The question of the page on screen, which a teacher in a room can ask the class."""

from collections.abc import Callable

import streamlit as st

from ...shared.state import FRAME

_OFFERED = f"{FRAME}room_question"


def offer(make: Callable[[], dict | None]) -> None:
    """A page calls it in each run. make: its question as `rules.question_of` takes it, or None; called for teachers in a room
    only, after the page is drawn, because the truth may take seconds to compute."""
    st.session_state[_OFFERED] = make


def offered(in_room: bool) -> dict | None:
    """What the page of this run has offered."""
    make = st.session_state.pop(_OFFERED, None)
    return make() if make and in_room else None
