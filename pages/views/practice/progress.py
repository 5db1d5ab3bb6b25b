"""Which question is on screen and what was predicted so far: in the link, by the questions' names, and nowhere else for good.

?q=asymmetry is that question, and so is ?q=2, which is quicker to type. ?done=asymmetry.1-always_finite.2 has the answers
to two of them, a character each; a dragged distribution takes a character for each of its parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from ...shared import state
from . import QUESTIONS
from .question import Question

BETWEEN, BEFORE_CODE = "-", "."  # what no name and no code holds, and what stands in a link as it is
LONGEST = 2000
LEAD_TO = "practice_lead_to"
"""In the session: the key of the container that the keyboard and a screen reader go to next, as what was pressed is gone."""
ASKED, REPLY = "practice_asked", "practice_reply"
TOUCHED = "touched_"
"""In the session, before a question's name: its slider or curve was moved, so that where it stands is a prediction."""


@dataclass(frozen=True)
class Progress:
    """at: the question on screen, from 0. said: each question's prediction, or None. problem: what the link got wrong."""

    at: int
    said: tuple[Any, ...]
    problem: str | None = None

    @property
    def question(self) -> Question:
        return QUESTIONS[self.at]

    @property
    def answered(self) -> int:
        return sum(said is not None for said in self.said)

    @property
    def right(self) -> int:
        """How many of the predictions are right."""
        return self.answered - len(self.missed)

    @property
    def missed(self) -> list[int]:
        """Places of the questions that were predicted wrongly."""
        said = enumerate(zip(QUESTIONS, self.said, strict=True))
        return [at for at, (question, answer) in said if answer is not None and not question.is_right(answer)]


def written(said: tuple[Any, ...]) -> str:
    """The predictions as the link has them; empty if there are none."""
    return BETWEEN.join(
        f"{question.name}{BEFORE_CODE}{question.prediction.encode(answer)}"
        for question, answer in zip(QUESTIONS, said, strict=True)
        if answer is not None
    )


def read(done: str) -> tuple[tuple[object | None, ...], list[str]]:
    """The predictions of a link, and what of it is no answer to any of these questions, in words; the rest of it holds."""
    at = {question.name: i for i, question in enumerate(QUESTIONS)}
    said: list[Any] = [None] * len(QUESTIONS)
    problems = []
    for entry in done[:LONGEST].split(BETWEEN) if done else ():
        name, _, code = entry.partition(BEFORE_CODE)
        try:
            prediction = QUESTIONS[at[name]].prediction
            if len(code) != prediction.width:
                raise ValueError(f"“{code[:20]}” is no answer to {name}")
            said[at[name]] = prediction.decode(code)
        except (KeyError, ValueError):
            problems.append(f"“{entry[:30]}” answers no question here")
    return tuple(said), problems


def _place(q: str) -> int:
    """Of the question with this name or this number, from 1. ValueError where there is none."""
    if q.isascii() and q.isdecimal() and 1 <= int(q[:4]) <= len(QUESTIONS):
        return int(q[:4]) - 1
    return [question.name for question in QUESTIONS].index(q)


def opened() -> Progress:
    """As the link says."""
    q = str(state.session_or_link("q") or "")
    said, problems = read(str(state.session_or_link("done") or ""))
    try:
        at = _place(q) if q else 0
    except ValueError:
        at = 0
        problems.insert(0, f"there is no question {q[:20]}")
    shown = problems[:2] + ([f"and {len(problems) - 2} more"] if len(problems) > 2 else [])
    return Progress(at, said, f"Part of this link cannot be shown: {'; '.join(shown)}." if shown else None)


def go(at: int) -> None:
    """Turns to a question; who pressed stays where they are."""
    _write("q", QUESTIONS[at].name)


def turn(at: int) -> None:
    """Turns to a question, and takes the reader to it."""
    go(at)
    st.session_state[LEAD_TO] = ASKED


def predict(progress: Progress, said: object | None) -> None:
    """Keeps the prediction for the question on screen; None takes it back."""
    every = (*progress.said[: progress.at], said, *progress.said[progress.at + 1 :])
    go(progress.at)
    _write("done", written(every))
    st.session_state[LEAD_TO] = ASKED if said is None else REPLY


def start_again() -> None:
    """Forgets every prediction, and where every picture was left."""
    for key in [key for key in st.session_state if str(key).startswith(("seen_", "draft_", TOUCHED))]:
        del st.session_state[key]
    turn(0)
    _write("done", "")


def _write(key: str, value: str) -> None:
    if value:
        st.session_state[key] = value
        state.write_link({key: value})
    else:
        state.drop_from_link([key])
