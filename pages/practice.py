"""Practice: predict, then look. One question at a time, decided by the explorer itself."""

from functools import partial

import streamlit as st

from pages.frame.room.offered import offer
from pages.shared.header import introduce
from pages.shared.introductions import INTRODUCTIONS
from pages.shared.plain import plain
from pages.views.practice import QUESTIONS
from pages.views.practice.answered import answer
from pages.views.practice.asked import ask
from pages.views.practice.ending import ending
from pages.views.practice.for_class import for_class
from pages.views.practice.overview import lead, overview, style
from pages.views.practice.progress import ASKED, Progress, go, opened


def _header(progress: Progress) -> None:
    introduction = INTRODUCTIONS["practice"]
    if progress.answered:
        st.title(introduction.question, anchor=False)
    else:
        introduce(introduction)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", icon=":material/arrow_back:", disabled=progress.at == 0, on_click=go, args=(progress.at - 1,))
        st.button("Next", icon=":material/arrow_forward:", disabled=progress.at == len(QUESTIONS) - 1, on_click=go, args=(progress.at + 1,))
        st.caption(f"Question {progress.at + 1} of {len(QUESTIONS)} · {progress.question.subject}{_score(progress)}", width="content")
    if progress.problem:
        st.caption(f":material/info: {plain(progress.problem)}")


def _score(progress: Progress) -> str:
    return f" · **{progress.right} of {progress.answered} predicted right**" if progress.answered else ""


def main() -> None:
    progress = opened()
    offer(partial(for_class, progress.question))
    style()
    _header(progress)
    with st.container(key=ASKED):
        st.markdown(f"#### {progress.question.told(progress.question.ask)}")
    if progress.said[progress.at] is None:
        ask(progress)
    else:
        answer(progress)
        ending(progress)
    overview(progress)
    lead()


main()
