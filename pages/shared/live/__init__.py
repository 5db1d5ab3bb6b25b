"""The live picture: one component for every page. torch computes tables, the browser moves them."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ..scripts import LIVE

_CSS = (Path(__file__).parent / "live.css").read_text(encoding="utf-8")
_live = st.components.v2.component("kl_live", js=LIVE.loader, css=_CSS)


def warm() -> None:
    """Makes every law's tables once, so that the first visitor does not wait for them."""
    from kl_core.families import FAMILIES

    from .scene import law

    for family in FAMILIES.values():
        law("P", "p", family, {one.name: one.default for one in family.parameters})


def live(scene: dict, *, key: str, on_settle: Callable[[dict], None]) -> None:
    """Shows a scene; `on_settle` gets {"law", "values", "partial", "question"} once for each release of a handle, and
    {"scrub": value}, {"z": place} or {"dials": values} once the scrubber, a probe or sliders have been left somewhere.

    With scene["live"], a law named there also asks while it moves: "partial" is then true, one question at a time.
    """

    def settled() -> None:
        message = st.session_state[key].settle
        if message:
            st.session_state[f"{key}_answers"] = message.get("question", st.session_state.get(f"{key}_answers", 0))
            on_settle(message)

    answers = st.session_state.get(f"{key}_answers", 0)
    _live(key=key, data=_without_repeats(scene) | {"answers": answers}, on_settle_change=settled)


def _without_repeats(scene: dict) -> dict:
    """The scene with each base table once, however many laws share it."""
    bases: dict[str, dict] = {}
    laws = {}
    for role, law in scene["laws"].items():
        name = next((name for name, base in bases.items() if base is law["base"]), f"base{len(bases)}")
        bases[name] = law["base"]
        laws[role] = law | {"base": name}
    return scene | {"laws": laws, "bases": bases}
