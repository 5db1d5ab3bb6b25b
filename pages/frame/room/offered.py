"""The question of the page on screen, which a teacher in a room can ask the class."""

import streamlit as st

from ...shared.state import FRAME

_OFFERED = f"{FRAME}room_question"


def offer(question: dict | None) -> None:
    """A page calls it in each run with its question as `rules.question_of` takes it; None where it has none to ask."""
    st.session_state[_OFFERED] = question


def offered() -> dict | None:
    """What the page of this run has offered."""
    return st.session_state.pop(_OFFERED, None)
