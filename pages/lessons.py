"""Lessons: ready ones to start, and one's own to write, keep as a text file and share as a link."""

from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from pages.frame.lessons import LONGEST_LINK, LONGEST_TEXT, Lesson, packed, parse, ready, written
from pages.frame.presets.links import expanded
from pages.frame.teach import DRAFT
from pages.shared.map import MAP

HOW = """The title on the first line. Then, for each step, its address on a line that begins with a slash, and below it what to say.
**Share → Add to my lesson**, on any page, adds the state that is on screen."""
MOST_BYTES = 4 * LONGEST_TEXT


def _ready_lessons() -> None:
    for column, (name, lesson) in zip(st.columns(len(ready())), ready().items(), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{lesson.title}**")
            st.caption(f"{len(lesson.steps)} steps, about 20 minutes")
            _start_links(name, lesson)
            st.button(
                "Make it mine", key=f"copy_{name}", on_click=_take, args=(written(lesson),), help="Copies its text below, to change it."
            )


def _start_links(word: str, lesson: Lesson) -> None:
    """Links to its first step: as it is, and for a projector."""
    first = urlsplit(expanded(lesson.steps[0].address))
    page = next((entry for entry in MAP if entry.name == first.path.strip("/")), MAP[0])
    query = dict(parse_qsl(first.query)) | {"lesson": f"{word}.1"}
    st.page_link(str(page.path), label="Start", icon=":material/play_arrow:", query_params=query)
    st.page_link(str(page.path), label="Start on a projector", icon=":material/present_to_all:", query_params=query | {"present": "1"})


def _take(text: str) -> None:
    st.session_state[DRAFT] = st.session_state["lesson_text"] = text


def _uploaded() -> None:
    file = st.session_state["lesson_file"]
    if file is None:
        return
    try:
        _take(file.getvalue()[:MOST_BYTES].decode())
    except UnicodeDecodeError:
        st.toast("This file is no text in UTF-8.", icon=":material/info:")


def _written() -> None:
    st.session_state[DRAFT] = st.session_state["lesson_text"]


def _own_lesson() -> None:
    st.subheader("Your own", anchor=False)
    st.caption(HOW)
    st.session_state.setdefault("lesson_text", st.session_state.get(DRAFT, ""))
    text = st.text_area(
        "The lesson",
        key="lesson_text",
        on_change=_written,
        height=240,
        max_chars=LONGEST_TEXT,
        placeholder="My lesson\n\n/two_distributions?preset=heavy-tail\nWhich direction is infinite?",
    )
    if text.strip():
        _to_take(text)
    st.file_uploader("… or open one", ["txt"], key="lesson_file", on_change=_uploaded)


def _to_take(text: str) -> None:
    """The lesson that the text is, or what it lacks."""
    try:
        _share(parse(text))
    except ValueError as problem:
        st.caption(f":red[{problem}]")


def _share(lesson: Lesson) -> None:
    """The lesson that stands in the box: started, saved, or as a link."""
    word = packed(lesson)
    st.caption(f"**{lesson.title}**: {len(lesson.steps)} step{'s' if len(lesson.steps) > 1 else ''}.")
    with st.container(horizontal=True):
        st.download_button("Save as a text file", written(lesson), "lesson.txt", "text/plain", on_click="ignore")
        if len(word) <= LONGEST_LINK:
            _start_links(word, lesson)
    if len(word) > LONGEST_LINK:
        st.caption(
            f"As a link it would have {len(word):,} characters, which chat programs cut: share the text file. "
            "Leaving out parameters that are at their defaults makes it shorter."
        )
        return
    st.caption("The first link starts it here; copy it for the class, or open it and press Share for its QR code.")


def main() -> None:
    st.title("Lessons", anchor=False)
    st.caption(
        "A lesson walks through states of the explorer, each with a line of text; → and ← (or a presenter’s clicker) go on and back."
    )
    _ready_lessons()
    _own_lesson()


main()
