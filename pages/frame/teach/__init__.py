"""What a teacher needs on every page: a link with its QR code, the projector, hidden and locked controls, and lessons.

All of it lives in the address (?present=1, ?hide=, ?lock=, ?lesson=) and in the browser; the server only reads lessons.
"""

import streamlit as st

from ...shared.live.messages import parse_fields, text_of
from ...shared.plain import plain
from ...shared.scripts import TEACH
from ...shared.state import FRAME
from ..lessons import LONGEST_TEXT, in_link, parse, written
from ..presets.links import expanded
from ..room.offered import offered

DRAFT = f"{FRAME}lesson_draft"
"""In the session: the text of the lesson that is being written."""
FIRST_TITLE = "My lesson"
_KEY = f"{FRAME}teach_component"

_teach = st.components.v2.component("kl_teach", js=TEACH.loader)


def teach(page: str, presets: list[dict[str, str]]) -> None:
    """The buttons in the header, and the lesson that the link asks for. presets: this page's, as `presets_of` gives them."""
    _teach(
        key=_KEY,
        data={"page": page, "lesson": _lesson(), "presets": presets, "question": offered(_in_room())},
        on_step_change=_add_step,
        on_room_change=_nothing,
    )


def _in_room() -> bool:
    """Whether this window is the teacher's in a live room."""
    return bool(getattr(st.session_state.get(_KEY), "room", False))


def _nothing() -> None:
    """The run that the change causes is all that is needed."""


def _lesson() -> dict | None:
    value = st.query_params.get("lesson")
    if not value:
        return None
    try:
        word, lesson, at = in_link(value)
    except ValueError as problem:
        st.toast(f"{plain(problem)} The page itself shows what the link asks for.", icon=":material/info:")
        return None
    steps = [{"address": expanded(one.address), "words": one.words} for one in lesson.steps]
    return {"word": word, "title": lesson.title, "steps": steps, "at": at}


def _add_step() -> None:
    """Puts the state on screen at the end of the session's lesson."""
    raw = st.session_state[_KEY].step
    message = None if raw is None else parse_fields(raw, {"address": text_of(LONGEST_TEXT), "words": text_of(LONGEST_TEXT)})
    if message is None:
        return
    address, words = message.get("address", ""), " ".join(message.get("words", "").split())
    text = st.session_state.get(DRAFT, "").strip() or FIRST_TITLE
    try:
        lesson = parse(f"{text}\n\n{address}\n{words}")
    except ValueError as problem:
        st.toast(plain(problem), icon=":material/info:")
        return
    st.session_state[DRAFT] = written(lesson)
