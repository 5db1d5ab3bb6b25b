"""How every page begins: what was set there comes back; its question, why, what to do, its formula; its views and unit."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from . import state
from .introductions import INTRODUCTIONS, Introduction
from .plain import plain
from .style import UNITS, Unit


def page_header(
    page: str,
    views: Sequence[str] = (),
    *,
    unit: bool = True,
    problem: Callable[[], str | None] = lambda: None,
    of_views: Mapping[str, Introduction] | None = None,
) -> tuple[str, Unit]:
    """Draws the head of a page; the view and the unit that are chosen ("" where the page has no views, nats where it has no unit).

    problem: one quiet sentence about what the link asks in vain, or None; asked when a link has just been opened.
    of_views: what later views open with; the page's own introduction is its first view's.
    """
    sentence, asked = (problem() if state.link_is_new() else None), _asked_view()
    state.link_was_read()
    introduce((of_views or {}).get(asked, INTRODUCTIONS[page]))
    view, chosen = "", "nats"
    if views or unit:
        with st.container(horizontal=True, vertical_alignment="center", key="page_choices"):
            if views:
                view = st.segmented_control(
                    "View", views, default=views[0], required=True, key="view", bind="query-params", label_visibility="collapsed"
                )
            if unit:
                chosen = st.segmented_control(
                    "Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params", label_visibility="collapsed"
                )
    if sentence:
        st.caption(f":material/info: {plain(sentence)}")
    return view or (views[0] if views else ""), UNITS[chosen or "nats"]


def _asked_view() -> str:
    """The view that the page is about to show, before its choice is drawn; "" for the one that it begins with.

    A link that was just opened has the last word: until the choice is drawn, the session still has the view before.
    """
    chosen, linked = st.session_state.get("view"), st.query_params.get("view")
    return str((linked if state.link_is_new() else chosen or linked) or "")


def introduce(introduction: Introduction) -> None:
    """The question as the heading, one sentence why, one verb, and the formula with its symbols in words."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", key="page_head"):
        with st.container(width="content", gap="xxsmall", key="page_question"):
            st.title(introduction.question, anchor=False)
            st.markdown(f"{introduction.why} **{introduction.do}**" if introduction.do else introduction.why)
        if introduction.formula:
            with st.container(width="content", gap="xxsmall", key="page_formula"):
                st.markdown(f"${introduction.formula}$")
                st.caption(introduction.symbols)
                # On a phone, where the caption would push the picture down (frame.css shows the one or the other).
                with st.popover("Explain", type="tertiary", key="page_symbols"):
                    st.markdown(f"{introduction.why}\n\n${introduction.formula}$\n\n{introduction.symbols}")
