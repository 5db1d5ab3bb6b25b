"""Lessons: ready ones to start, and one's own to put together, keep as a text file and share as a link."""

import streamlit as st

from pages.frame.lessons import LONGEST_LINK, LONGEST_TEXT, Lesson, packed, parse, written
from pages.shared.header import introduce
from pages.shared.introductions import INTRODUCTIONS
from pages.shared.plain import plain
from pages.shared.uploads import file_uploader
from pages.views.lessons import draft
from pages.views.lessons.filmstrip import filmstrip
from pages.views.lessons.ready import ready_lessons, start_links

HOW = """The first line is the title. Each step is an address, on a line that begins with a slash, and its caption on the lines below.
The strip above and this text are the same lesson."""
MOST_BYTES = 4 * LONGEST_TEXT


def _uploaded() -> None:
    file = st.session_state["lesson_file"]
    if file is None:
        return
    try:
        draft.take(file.getvalue()[:MOST_BYTES].decode())
    except UnicodeDecodeError:
        st.toast("This file is not text in UTF-8.", icon=":material/info:")


def _own_lesson() -> None:
    st.subheader("Your own lesson", anchor=False)
    st.caption(
        "Show a state on any page, then press **Share → For a class → Add to my lesson**. Or press “Change it” on a lesson above. "
        "Here you order the steps and write their captions."
    )
    text = draft.text()
    if text.strip():
        _made_of(text)
    with st.expander("The lesson as text", icon=":material/notes:"):
        st.caption(HOW)
        st.text_area(
            "The lesson",
            key=draft.TEXT,
            on_change=draft.typed,
            height=240,
            max_chars=LONGEST_TEXT,
            label_visibility="collapsed",
            placeholder="My lesson\n\n/two_distributions?preset=heavy-tail\nWhich direction is infinite?",
        )
        file_uploader("Open a lesson from a text file", ["txt"], key="lesson_file", on_change=_uploaded)


def _made_of(text: str) -> None:
    """The lesson that the text is, or what it lacks."""
    try:
        lesson = parse(text)
    except ValueError as problem:
        st.caption(f":red[{plain(problem)}]")
        return
    st.markdown(f"**{plain(lesson.title)}**: {len(lesson.steps)} step{'s' if len(lesson.steps) > 1 else ''}.")
    filmstrip(lesson)
    _share(lesson)


def _share(lesson: Lesson) -> None:
    """The lesson started, saved, or as a link."""
    word = packed(lesson)
    with st.container(horizontal=True, vertical_alignment="center", key="start_own"):
        if len(word) <= LONGEST_LINK:
            start_links(word, lesson)
        st.download_button("Save as a text file", written(lesson), "lesson.txt", "text/plain", on_click="ignore", icon=":material/save:")
    if len(word) > LONGEST_LINK:
        st.caption(
            f"As a link it would have {len(word):,} characters, and chat programs cut such links. Share the text file. "
            "Leave out parameters at their defaults to make it shorter."
        )
        return
    st.caption("To share it, copy the link “Start”, or start it and press Share for its QR code.")


def main() -> None:
    introduce(INTRODUCTIONS["lessons"])
    st.caption("The keys → and ←, or a presenter’s clicker, go to the next step and back.")
    ready_lessons()
    _own_lesson()


main()
