"""A lesson as a filmstrip: for each step a small picture of its page, by which it is dragged, its caption, and buttons."""

from pathlib import Path
from zlib import crc32

import streamlit as st

from ...frame.lessons import LONGEST_WORDS, MOST_STEPS, Lesson, Step
from ...frame.presets.links import expanded
from ...shared.live.messages import parse_fields
from ...shared.map import MAP, Entry
from ...shared.scripts import Script
from ..start.thumbnails import HEIGHT, WIDTH, thumbnail
from .draft import caption, move, remove

# An image takes no colours from the page: these can be seen on both themes.
_STYLE = """
path { fill: none; stroke: #8a93a3; stroke-width: 1.5; }
.p { stroke: #3f7fe0; } .q { stroke: #e07a2c; stroke-dasharray: 5 3; } .good { stroke: #189a8d; stroke-width: 2; } .fit { stroke: #8b5cf6; }
.p.fill { fill: #3f7fe0; fill-opacity: 0.25; stroke: none; } .q.fill { fill: #e07a2c; fill-opacity: 0.18; stroke: none; }
.p.solid { fill: #3f7fe0; } .q.solid { fill: #e07a2c; } .good.solid { fill: #189a8d; } .fit.solid { fill: #8b5cf6; }
.dashed { stroke-dasharray: 5 3; } .dotted { stroke-dasharray: 2 3; }
text { font: 13px sans-serif; fill: #8a93a3; text-anchor: middle; } text.start { text-anchor: start; } text.question { font-size: 34px; }
"""


_drag = st.components.v2.component("kl_filmstrip", js=Script("views/lessons/drag.js").loader)
_KEY = "filmstrip_drag"


def filmstrip(lesson: Lesson) -> None:
    """The steps side by side, in order; a row that is full goes on below."""
    st.html(Path(__file__).with_name("filmstrip.css"))
    st.caption("Drag a step by its picture, or use its arrows.")
    with st.container(horizontal=True, key="filmstrip"):
        for at, step in enumerate(lesson.steps):
            with st.container(border=True, width=250, gap="small", key=f"film_{at}"):
                _card(at, step, len(lesson.steps))
    _drag(key=_KEY, on_drop_change=_dropped)


def _dropped() -> None:
    """A card was dropped in another place."""
    message = parse_fields(st.session_state[_KEY].drop, {"at": whole, "by": whole})
    if message and message.keys() == {"at", "by"}:
        move(message["at"], message["by"])


def whole(raw: object) -> int:
    """A reader of whole numbers no larger than a lesson is long."""
    if not isinstance(raw, int | float) or isinstance(raw, bool) or raw != int(raw) or abs(raw) > MOST_STEPS:
        raise TypeError
    return int(raw)


def _card(at: int, step: Step, count: int) -> None:
    page = page_of(step)
    st.markdown(f"**{at + 1}.** [{page.title}]({_in_markdown(expanded(step.address))})")
    st.image(picture(page.name), width="stretch")
    key = f"caption_{at}_{crc32(f'{step.address} {step.words}'.encode())}"
    st.text_area(
        f"Caption of step {at + 1}",
        step.words,
        key=key,
        height=130,
        max_chars=LONGEST_WORDS,
        label_visibility="collapsed",
        placeholder="What should they look at?",
        on_change=caption,
        args=(at, key),
    )
    with st.container(horizontal=True, gap="small"):
        _button(":material/arrow_back:", "Earlier", f"earlier_{at}", move, (at, -1), at == 0)
        _button(":material/arrow_forward:", "Later", f"later_{at}", move, (at, 1), at == count - 1)
        _button(":material/delete:", "Remove", f"remove_{at}", remove, (at,), False)


def _button(icon: str, label: str, key: str, act, args: tuple, disabled: bool) -> None:
    st.button("", icon=icon, help=label, key=key, on_click=act, args=args, disabled=disabled)


def page_of(step: Step) -> Entry:
    name = step.address[1:].partition("?")[0].partition("#")[0]
    return next((entry for entry in MAP if entry.name == name), MAP[0])


def picture(name: str) -> str:
    """The page's thumbnail as an SVG file."""
    marks = "".join(
        f'<path class="{mark["style"]}" d="{mark["d"]}"/>'
        if "d" in mark
        else f'<text class="{mark["style"]}" x="{mark["x"]}" y="{mark["y"]}">{mark["text"]}</text>'
        for mark in thumbnail(name)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"><style>{_STYLE}</style>{marks}</svg>'


def _in_markdown(address: str) -> str:
    """An address within round brackets ends at the first that closes."""
    return address.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(" ", "%20")
