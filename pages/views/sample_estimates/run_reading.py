"""A log is read and reported once; a long one with progress and a way out."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from ...shared.gate import GATE
from .run_report import Report, report_of
from .token_file import Tokens, Told, read_tokens

LONG = 1_000_000
"""Characters or bytes of a log whose reading takes a second or more."""
_READ, _REPORTED, _CANCELLED = "run_read", "run_reported", "run_cancelled"
Made = TypeVar("Made")


def tokens_of(source: tuple[bytes | str, str], chosen: dict[str, str]) -> Tokens | None:
    """The log's tokens; None, and a button to read it after all, if it was cancelled. ValueError as `read_tokens`."""
    key = (hash(source), str(chosen))
    return _once(_READ, key, len(source[0]), lambda told: read_tokens(*source, chosen, told))


def report_once(tokens: Tokens) -> Report | None:
    """The report on what was read last; None if it was cancelled."""
    count = len(tokens.log_p)

    def make(told: Told) -> Report:
        told(f"Estimating from {count:,} tokens", 0.85)
        return report_of(tokens)

    return _once(_REPORTED, st.session_state[_READ][0], 10 * count, make)


def _once(place: str, key: object, length: int, make: Callable[[Told], Made]) -> Made | None:
    """What `make` gives, until the key changes: a million tokens take seconds, and choosing a β is no reason to read them again."""
    done = st.session_state.get(place)
    if done is not None and done[0] == key:
        return done[1]
    if st.session_state.get(_CANCELLED) == key:
        st.caption("Cancelled.")
        st.button("Read it after all", key="read_again", on_click=lambda: st.session_state.pop(_CANCELLED, None))
        return None
    if length < LONG:
        made = make(lambda what, share: None)
    else:
        GATE.step_aside()
        shown = st.empty()
        try:
            made = _told(shown, place, key, make)
        finally:
            shown.empty()
    st.session_state[place] = key, made
    return made


def _told(shown, place: str, key: object, make: Callable[[Told], Made]) -> Made:
    """Streamlit ends a run that was cancelled when it next tells something."""
    with shown.container():
        bar = st.empty()
        st.button("Cancel", key=f"cancel_{place}", on_click=lambda: st.session_state.update({_CANCELLED: key}))
    return make(lambda what, share: bar.progress(share, f"{what} …"))
