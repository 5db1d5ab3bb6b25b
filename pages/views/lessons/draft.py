"""The lesson that is being written: its text in the session, and what buttons do to its steps."""

from dataclasses import replace

import streamlit as st

from ...frame.lessons import Lesson, Step, parse, written
from ...frame.teach import DRAFT

TEXT = "lesson_text"
"""The text box, whose widget goes when one leaves the page; DRAFT stays."""


def text() -> str:
    st.session_state.setdefault(TEXT, st.session_state.get(DRAFT, ""))
    return st.session_state[TEXT]


def take(new: str) -> None:
    """Makes this the text of the draft."""
    st.session_state[DRAFT] = st.session_state[TEXT] = new


def typed() -> None:
    st.session_state[DRAFT] = st.session_state[TEXT]


def moved(steps: tuple[Step, ...], at: int, by: int) -> tuple[Step, ...]:
    """The steps with one of them `by` places later; at an end it stays, and so do all where there is no such step."""
    if not 0 <= at < len(steps):
        return steps
    to = min(max(at + by, 0), len(steps) - 1)
    rest = (*steps[:at], *steps[at + 1 :])
    return (*rest[:to], steps[at], *rest[to:])


def move(at: int, by: int) -> None:
    lesson = _lesson()
    _put(lesson, moved(lesson.steps, at, by))


def remove(at: int) -> None:
    lesson = _lesson()
    steps = (*lesson.steps[:at], *lesson.steps[at + 1 :])
    _put(lesson, steps) if steps else take(f"{lesson.title}\n")


def caption(at: int, key: str) -> None:
    """Takes the caption that the widget `key` holds."""
    lesson = _lesson()
    step = replace(lesson.steps[at], words=" ".join(st.session_state[key].split()))
    if not step.words.startswith("/"):  # a line that begins so is an address
        _put(lesson, (*lesson.steps[:at], step, *lesson.steps[at + 1 :]))


def _lesson() -> Lesson:
    return parse(st.session_state[TEXT])


def _put(lesson: Lesson, steps: tuple[Step, ...]) -> None:
    take(written(replace(lesson, steps=steps)))
