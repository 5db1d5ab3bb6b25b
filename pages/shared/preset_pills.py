"""Presets of a page: pills to press, and a short link to each (?preset=heavy-tail)."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

_HERE, _LINKED = "presets_here", "preset_linked"
Preset = TypeVar("Preset")


def short(name: str) -> str:
    """A preset's name as its link has it."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def preset_pills(presets: Mapping[str, Preset], use: Callable[[Preset], None]) -> None:
    """A way into a state, not a state of its own: `use` sets the page's widgets, so call this before they are drawn."""

    def pressed() -> None:
        preset = presets.get(st.session_state["preset"])
        st.session_state["preset"] = None
        if preset is not None:
            use(preset)

    _use_asked(presets, use)
    st.pills("Try", list(presets), key="preset", on_change=pressed, label_visibility="collapsed")
    st.session_state[_HERE] = [{"name": name, "short": short(name)} for name in presets]


def _use_asked(presets: Mapping[str, Preset], use: Callable[[Preset], None]) -> None:
    """The preset that a link names, in a run of its own: on Back and Forward what the script sets would give way to the link."""
    asked, waiting = st.query_params.get("preset"), st.session_state.pop(_LINKED, None)
    if asked is not None and waiting is None:
        st.session_state[_LINKED] = asked
        st.rerun()
    if asked is not None:
        del st.query_params["preset"]
    if waiting is None:
        return
    named = next((preset for name, preset in presets.items() if short(name) == waiting), None)
    if named is None:
        st.caption(f":material/info: This page has no preset “{waiting[:30]}”.")
    else:
        use(named)


def presets_here() -> list[dict[str, str]]:
    """Those of the page that has just run, for its short links."""
    return st.session_state.pop(_HERE, [])
