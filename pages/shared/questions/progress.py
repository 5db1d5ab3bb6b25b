"""Which question is on screen and what was predicted so far: in the link, one character a question, and nowhere else for good.

?q=3 is the third question. ?done=17- has the first one's answer, the second's, and none to the third; a dragged law takes
a character for each of its parameters. What is left out at the end has not been answered.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from . import QUESTIONS
from .question import Question

BLANK = "-"
KEPT = ("practice_q", "practice_done")
"""In the session: the link's q and done, for whoever comes back by the navigation."""


@dataclass(frozen=True)
class Progress:
    """at: the question on screen, from 0. said: each question's prediction, or None. problem: what the link got wrong."""

    at: int
    said: tuple[object | None, ...]
    problem: str | None = None

    @property
    def question(self) -> Question:
        return QUESTIONS[self.at]

    @property
    def answered(self) -> int:
        return sum(one is not None for one in self.said)


def written(said: tuple[object | None, ...]) -> str:
    """The predictions as the link has them; empty if there are none."""
    codes = [BLANK * one.prediction.width if answer is None else one.prediction.encode(answer)
             for one, answer in zip(QUESTIONS, said, strict=True)]
    return "".join(codes).rstrip(BLANK)


def read(done: str) -> tuple[object | None, ...]:
    """The predictions of a link. ValueError where they cannot be answers to these questions."""
    width = sum(one.prediction.width for one in QUESTIONS)
    if len(done) > width:
        raise ValueError(f"it has more than {width} characters")
    left, said = done.ljust(width, BLANK), []
    for one in QUESTIONS:
        code, left = left[:one.prediction.width], left[one.prediction.width:]
        said.append(None if code == BLANK * len(code) else one.prediction.decode(code))
    return tuple(said)


def opened() -> Progress:
    """As the link says; where it says nothing, as it was left in this session."""
    for name in KEPT:
        key, value = name.removeprefix("practice_"), st.session_state.get(name)
        if value and key not in st.query_params:
            st.query_params[key] = value
    raw = {key: st.query_params.get(key, "") for key in ("q", "done")}
    problems = []
    at, said = 0, (None,) * len(QUESTIONS)
    if raw["q"] and not (raw["q"].isascii() and raw["q"].isdecimal() and 1 <= int(raw["q"][:4]) <= len(QUESTIONS)):
        problems.append(f"there is no question {raw['q'][:20]}")
    elif raw["q"]:
        at = int(raw["q"][:4]) - 1
    try:
        said = read(raw["done"])
    except ValueError:
        problems.append(f"done = {raw['done'][:20]} is no record of answers")
    problem = f"Part of this link cannot be shown: {'; '.join(problems)}." if problems else None
    return Progress(at, said, problem)


def go(at: int) -> None:
    """Turns to a question."""
    _write("q", str(at + 1))


def predict(progress: Progress, said: object | None) -> None:
    """Keeps the prediction for the question on screen; None takes it back."""
    every = (*progress.said[:progress.at], said, *progress.said[progress.at + 1:])
    go(progress.at)
    _write("done", written(every))


def start_again() -> None:
    """Forgets every prediction, and where every picture was left."""
    for key in [key for key in st.session_state if str(key).startswith(("seen_", "draft_"))]:
        del st.session_state[key]
    go(0)
    _write("done", "")


def _write(key: str, value: str) -> None:
    st.session_state[f"practice_{key}"] = value
    if value:
        st.query_params[key] = value
    else:
        st.query_params.pop(key, None)
