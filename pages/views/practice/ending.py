"""After the last question, or once all are predicted: the score, what was missed, and what to do next."""

import streamlit as st

from ...shared.map import MAP
from . import QUESTIONS
from .progress import Progress, turn

NEXT = (
    ("Play", "forward_reverse", "drag a target of your own and run both fits"),
    ("Apply", "your_numbers", "compute the KL between two sets of your own numbers"),
    ("Teach", "lessons", "walk a class through these pages"),
)


def ending(progress: Progress) -> None:
    """Nothing before the end."""
    if progress.answered < len(QUESTIONS) and progress.at < len(QUESTIONS) - 1:
        return
    st.divider()
    with st.container(key="practice_ending"):
        if progress.answered < len(QUESTIONS):
            _unanswered(progress)
            return
        st.subheader(f"You predicted {progress.right} of {len(QUESTIONS)} right.", anchor=False)
        if progress.missed:
            _missed(progress)
        _next_pages()


def _unanswered(progress: Progress) -> None:
    """The way to the first question that has no prediction."""
    left = [at for at, said in enumerate(progress.said) if said is None]
    st.markdown(f"This was the last question. **{len(left)} {'is' if len(left) == 1 else 'are'} not predicted yet.**")
    st.button(f"Go to question {left[0] + 1}", on_click=turn, args=(left[0],), key="answer_go_left")


def _missed(progress: Progress) -> None:
    st.markdown("**Look at these again:**")
    for at in progress.missed:
        st.button(f"{at + 1}. {QUESTIONS[at].claim}", type="tertiary", on_click=turn, args=(at,), key=f"answer_missed_{at}")


def _next_pages() -> None:
    st.markdown("**What next?**")
    for verb, page, what in NEXT:
        entry = next(entry for entry in MAP if entry.name == page)
        st.page_link(str(entry.path), label=f"{verb}: {what}", icon=entry.icon)
