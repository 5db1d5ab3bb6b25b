"""Presets of a page as pills to press; each also has a short link, see `preset_links.py`."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

Preset = TypeVar("Preset")


def preset_pills(presets: Mapping[str, Preset], use: Callable[[Preset], None]) -> None:
    """A way into a state, not a state of its own: `use` sets the page's widgets, so call this before they are drawn."""

    def pressed() -> None:
        preset = presets.get(st.session_state["preset"])
        st.session_state["preset"] = None
        if preset is not None:
            use(preset)

    st.pills("Try", list(presets), key="preset", on_change=pressed, label_visibility="collapsed")
    say_unknown_preset()


def say_unknown_preset() -> None:
    """A short link to a real preset was made a whole one before it came here; any other is said."""
    if "preset" in st.query_params:
        st.caption(f":material/info: This page has no preset “{st.query_params['preset'][:30]}”.")
