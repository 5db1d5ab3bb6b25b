"""A question after its prediction: the prediction beside the truth, the picture that decides it, and why."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from ...shared.live import live
from ...shared.map import MAP
from ..checked.errors_list import ERRORS
from ..checked.errors_view import run_pair
from . import QUESTIONS
from .drawing import number_line
from .pictures import Code, Picture
from .prediction import Slide
from .progress import REPLY, Progress, predict, turn
from .question import Question


def answer(progress: Progress) -> None:
    question, said = progress.question, progress.said[progress.at]
    right = question.is_right(said)
    with st.container(key=REPLY):
        st.markdown(
            f"**You said “{question.told(question.prediction.words(said))}”. {'Right:' if right else 'Not quite:'}** {question.reply(said)}"
        )
    if isinstance(question.prediction, Slide):
        st.html(f'<div class="practice">{number_line(question.prediction, said, float(question.facts[question.prediction.truth]))}</div>')
    if isinstance(question.picture, Code):
        query = {"view": "Common errors", "error": ERRORS[question.picture.error].title}
        run_pair(ERRORS[question.picture.error])
    else:
        query = _picture(question, question.picture, said)
    st.markdown(question.told(question.why))
    st.caption("All numbers here were computed just now. They are exact, except where they are called sampled.")
    with st.container(horizontal=True, vertical_alignment="center"):
        _page_link(question.picture.page, query)
        if progress.at + 1 < len(QUESTIONS):
            st.button("Next question", type="primary", icon=":material/arrow_forward:", on_click=turn, args=(progress.at + 1,))
        st.button("Predict again", icon=":material/undo:", type="tertiary", on_click=predict, args=(progress, None))


def _picture(question: Question, picture: Picture, said: object) -> dict[str, str]:
    """The live picture; returns the query that shows it on its own page as it now stands."""
    key = f"seen_{question.name}"
    about, state = st.session_state.get(key, (None, None))
    if about != said:
        state = picture.start(said)
        st.session_state[key] = said, state
    live(picture.build(state, said), key=f"{key}_picture", on_settle=partial(_settled, key))
    return picture.link(state)


def _settled(key: str, message: Mapping) -> None:
    said, state = st.session_state[key]
    st.session_state[key] = said, state.after(message)


def _page_link(page: str, query: Mapping[str, str]) -> None:
    entry = next(entry for entry in MAP if entry.name == page)
    present = {"present": "1"} if st.query_params.get("present") == "1" else {}
    st.page_link(str(entry.path), label=f"Open this in “{entry.title}”", icon=":material/open_in_new:", query_params={**query, **present})
