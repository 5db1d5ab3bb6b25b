"""The ready lessons as cards: what each teaches, the links that start it, and what a teacher can ask on the way."""

from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from ...frame.lessons import Lesson, ready, written
from ...frame.presets.links import expanded
from .draft import take
from .filmstrip import page_of
from .notes import NOTES, Notes


def ready_lessons() -> None:
    """Two in a row: on a tablet, four would have no room for their links."""
    lessons = list(ready().items())
    for pair in (lessons[at : at + 2] for at in range(0, len(lessons), 2)):
        for column, (name, lesson) in zip(st.columns(2), pair, strict=False):
            with column.container(border=True, height="stretch"):
                _card(name, lesson)


def _card(name: str, lesson: Lesson) -> None:
    notes = NOTES[name]
    st.markdown(f"**{lesson.title}**")
    st.markdown(notes.taught)
    st.caption(f"{len(lesson.steps)} steps, about {notes.minutes} minutes. Needs: {notes.needs[0].lower()}{notes.needs[1:]}")
    with st.container(horizontal=True, vertical_alignment="center", key=f"start_{name.replace('-', '_')}"):
        start_links(name, lesson)
    with st.expander("For the teacher: what to ask", icon=":material/record_voice_over:"):
        st.markdown(_asked(notes))
    st.button("Change it", key=f"copy_{name}", on_click=take, args=(written(lesson),), help="Copies its steps below.")


def _asked(notes: Notes) -> str:
    """A list: at which step, the question, and the answer; then a common mistake."""
    asked = [f"- **Step {ask.step}.** {ask.question} *{ask.answer}*" for ask in notes.asks]
    wrong, right = notes.believed
    return "\n".join([*asked, "", f"A mistake to expect: “{wrong}” *{right}*"])


def start_links(word: str, lesson: Lesson) -> None:
    """Links to its first step: as it is, and for a projector."""
    first = lesson.steps[0]
    path, query = str(page_of(first).path), dict(parse_qsl(urlsplit(expanded(first.address)).query)) | {"lesson": f"{word}.1"}
    st.page_link(path, label="Start", icon=":material/play_arrow:", query_params=query)
    st.page_link(path, label="Start on a projector", icon=":material/present_to_all:", query_params=query | {"present": "1"})
