"""What stays behind when one goes to another page, and what comes back on return.

Streamlit has one session state for all pages and keeps in it, by key alone, what a page's bound widgets held. So a page's
choices would reach every page that uses the same key, as all do for their view. Here each page has the session to itself:
what stands in it is put away when one leaves, and put back when one returns by the navigation. What the link holds comes back
by the link, read as in a new tab, so that the two cannot differ.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ..shared.state import FRAME, LINK_IS_READ, WRITTEN, by_history, forget_written, written_into_link
from .inside_streamlit.patches import unbind_widgets

_SHOWN, _LEFT = f"{FRAME}page_shown", f"{FRAME}pages_left"
Link = dict[str, list[str]]


@dataclass(frozen=True)
class _Left:
    """A page as it was left: its link, and what the session held beside that."""

    link: Link
    session: dict[str, object]


def arrive(page: str) -> None:
    """Before a page runs. A link with parameters of its own says what to show, and so do Back and Forward: then what the
    session remembers of the page gives way."""
    before = st.session_state.get(_SHOWN)
    if before == page:
        if by_history():
            forget_written()
        return
    st.session_state[_SHOWN] = page
    st.session_state.pop(LINK_IS_READ, None)
    pages = st.session_state.setdefault(_LEFT, {})
    pages[before] = _leave()
    returning = pages.pop(page, _Left({}, {}))
    if not by_history() and not st.query_params:
        st.session_state.update(returning.session)
        _open(returning.link)


def _leave() -> _Left:
    """Takes everything that is the page's own out of the session.

    The browser asks for the next page with the bound part of the link that it leaves. Back and Forward do not: the link that
    was left is in the browser's history then, and only what the page wrote itself is known here.
    """
    with _run().session_state.query_params() as link:
        unbind_widgets(link)
    written = written_into_link()
    asked = {} if by_history() else parse_qs(_run().query_string, keep_blank_values=True)
    bound: Link = {str(key): texts for key, texts in asked.items() if key not in st.query_params}
    own = {str(key): value for key, value in st.session_state.items() if not str(key).startswith(FRAME)}
    for key in own:
        del st.session_state[key]
    session = {key: value for key, value in own.items() if key in (*written, WRITTEN)} if by_history() else own
    return _Left({key: [text] for key, text in written.items()} | bound, session)


def _open(link: Link) -> None:
    """As a new tab would: the widgets take what the link says. Empty too, because what the browser has asked with, and what
    Streamlit would go on with, is still the other page's link."""
    with _run().session_state.query_params() as params:
        params.set_initial_query_params(urlencode(link, doseq=True))
    st.query_params.from_dict(link)


def _run():
    return get_script_run_ctx(suppress_warning=True)
