"""How every page begins: what was set there comes back, its title, its views, the unit, and a word about a bad link."""

from collections.abc import Callable, Sequence

import streamlit as st

from . import state
from .style import UNITS, Unit


def heading(
    page: str, title: str, views: Sequence[str] = (), *, unit: bool = True, problem: Callable[[], str | None] = lambda: None
) -> tuple[str, Unit]:
    """Draws the head of a page; the view and the unit that are chosen ("" where the page has no views, nats where it has no unit).

    problem: one quiet sentence about what the link asks in vain, or None; asked when a link has just been opened.
    """
    state.restore(page)
    said = problem() if state.link_is_new(page) else None
    view, chosen = "", "nats"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        if views:
            view = st.segmented_control(
                "View", views, default=views[0], required=True, key="view", bind="query-params", label_visibility="collapsed"
            )
        if unit:
            chosen = st.segmented_control(
                "Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params", label_visibility="collapsed"
            )
    if said:
        st.caption(f":material/info: {said}")
    return view or (views[0] if views else ""), UNITS[chosen or "nats"]
