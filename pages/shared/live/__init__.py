"""The live picture: one component for every page. torch computes tables, the browser moves them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ..scripts import LIVE
from .checking import check
from .held import parted, sparing
from .messages import parse_message, parse_with
from .schema.curves import Base

CSS = (Path(__file__).parent / "live.css").read_text(encoding="utf-8")
_live = st.components.v2.component("kl_live", js=LIVE.loader)


def warm() -> None:
    """Makes every family's tables once, so that the first visitor does not wait for them."""
    from kl_core.families import FAMILIES

    from .scene import curve

    for family in FAMILIES.values():
        curve("P", "p", family, {parameter.name: parameter.default for parameter in family.parameters})


def live(scene: Mapping[str, Any], *, key: str, on_settle: Callable[[Any], object]) -> None:
    """Shows a scene, held to the schema `Scene`; `on_settle` gets a `Message` once for each release of a handle, and once the scrubber,
    a probe or sliders have been left somewhere.

    With scene["live"], a curve named there also asks while it moves: "partial" is then true, one question at a time.
    """
    told_scene = told(scene)

    def settled() -> None:
        raw = st.session_state[key].settle
        both = None if raw is None else parse_with(parted, raw)
        if both is None:
            return
        st.session_state[f"{key}_held"], rest = both
        message = parse_message(rest) if rest else None
        if message is not None:
            st.session_state[f"{key}_answers"] = message.get("question", st.session_state.get(f"{key}_answers", 0))
            on_settle(message)

    answers = st.session_state.get(f"{key}_answers", 0)
    data = sparing(told_scene | {"answers": answers}, st.session_state.get(f"{key}_held", ()))
    _live(key=key, data=data, on_settle_change=settled)


def told(scene: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser is told of a scene, held to the schema `Scene`."""
    check(scene)
    return _without_repeats(scene)


def _without_repeats(scene: Mapping[str, Any]) -> dict[str, Any]:
    """The scene with each base table once, however many curves share it."""
    bases: dict[str, Base] = {}
    curves = {}
    for role, curve in scene.get("curves", {}).items():
        name = next((name for name, base in bases.items() if base is curve["base"]), f"base{len(bases)}")
        bases[name] = curve["base"]
        curves[role] = curve | {"base": name}
    return {**scene, "curves": curves, "bases": bases}
