"""All the questions with what was predicted so far, the sheets to print, and the way to start again."""

from functools import partial
from pathlib import Path

import streamlit as st

from . import QUESTIONS
from .progress import LEAD_TO, Progress, start_again, turn
from .sheet import sheet


def style() -> None:
    st.html(Path(__file__).with_name("style.css"))


def lead() -> None:
    """Takes the keyboard and a screen reader to what has just appeared: what they were on is gone. Once, and last on the page."""
    key = st.session_state.pop(LEAD_TO, None)
    if key:
        st.html(
            f"""<script>{{
            const there = document.querySelector(".st-key-{key}");
            if (there) {{ there.tabIndex = -1; there.focus(); }}
        }}</script>""",
            unsafe_allow_javascript=True,
        )


def overview(progress: Progress) -> None:
    score = f", {progress.right} right" if progress.answered else ""
    title = f"All {len(QUESTIONS)} questions: {progress.answered} predicted{score}"
    with st.expander(title, icon=":material/list:", on_change="rerun", key="answers_list") as shown:
        if shown.open:
            _list(progress)
    with st.container(horizontal=True):
        for label, name, answers in (("Sheet to print", "kl_questions.html", False), ("Sheet with answers", "kl_answers.html", True)):
            st.download_button(
                label,
                partial(_printed, answers),
                name,
                "text/html",
                key=f"sheet_{name}",
                on_click="ignore",
                icon=":material/print:",
            )
        if progress.answered:
            st.button("Start again", icon=":material/restart_alt:", type="tertiary", on_click=start_again)


def _printed(answers: bool) -> bytes:
    return sheet(answers).encode()


def _list(progress: Progress) -> None:
    """Each question by its number and its claim; a press opens it."""
    subject = None
    for at, (question, said) in enumerate(zip(QUESTIONS, progress.said, strict=True)):
        if question.subject != subject:
            st.markdown(f"**{question.subject}**")
            subject = question.subject
        told = ""
        if said is not None:
            verdict = "right" if question.is_right(said) else "wrong"
            told = f" — you said “{question.told(question.prediction.words(said))}”: {verdict}"
        st.button(f"{at + 1}. {question.claim}{told}", type="tertiary", on_click=turn, args=(at,), key=f"answer_go_{at}")
