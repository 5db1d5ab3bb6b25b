"""Forgetting: the target of supervised fine-tuning under the hand, as bars of how often each answer is among the training texts."""

from collections.abc import Mapping
from math import exp, isfinite

import streamlit as st

from ...shared import state
from ...shared.hands import answered, take_message
from ...shared.scripts import Script
from ...shared.style import Unit
from .forgetting_targets import (
    TARGETS,
    bars_of,
    bars_read,
    bars_written,
    shares_named,
    successes,
    target_named,
    target_with_bars,
    texts,
    with_bar,
)

BARS_KEY = "forget_bars"
"""In session and link: the bars, where a hand has moved them."""
_KEY = "forgetting_target"
_component = st.components.v2.component("kl_beta_target", js=Script("views/beta/target/main.js").loader)


def bars_left() -> tuple[float, ...]:
    """As a hand has left them, or as the link says; () where they are those of the named target."""
    text = str(state.session_or_link(BARS_KEY) or "")
    try:
        return bars_read(text) if text else ()
    except ValueError:
        return ()


def forget_bars() -> None:
    """Back to the named target."""
    state.drop_from_link([BARS_KEY])


def moved(name: str, bars: tuple[float, ...], message: Mapping) -> tuple[float, ...]:
    """The bars after {"bar": place, "to": share}; nonsense changes nothing."""
    place, to = message.get("bar"), message.get("to")
    now = bars or bars_of(shares_named(name))
    if not isinstance(place, int) or not 0 <= place < len(now) - 1 or not isinstance(to, int | float) or not isfinite(to):
        return bars
    return with_bar(now, place, float(to))


def bars_scene(name: str, bars: tuple[float, ...], answers: int, unit: Unit) -> dict:
    """What the component is told. own: the shares in π_ref given success."""
    target = target_with_bars(name, bars) if bars else target_named(name)
    return {
        "count": answers,
        "texts": texts(),
        "others": len(successes().log_probs) - len(texts()),
        "bars": list(bars or bars_of(shares_named(name))),
        "own": list(bars_of(successes().of_power(1.0))),
        "kl": target.kl * unit.per_nat,
        "alike": exp(target.entropy),
        "unit": unit.name,
    }


def _told(name: str, trigger: str) -> None:
    message = take_message(_KEY, trigger)
    if message is None:
        return
    text = bars_written(moved(name, bars_left(), message))
    st.session_state[BARS_KEY] = text
    if trigger == "settle":
        state.write_link({BARS_KEY: text})
        st.session_state[f"{_KEY}_left"] = True


@st.fragment
def target_bars(name: str, unit: Unit) -> None:
    """Drawn alone while a hand is on a bar; once it lets go, the whole page is drawn, whose picture has the run on this target."""
    if st.session_state.pop(f"{_KEY}_left", False):
        st.rerun()
    scene = bars_scene(name, bars_left(), answered(_KEY), unit)
    _component(key=_KEY, data=scene, on_move_change=lambda: _told(name, "move"), on_settle_change=lambda: _told(name, "settle"))


def choose_target() -> str:
    """One of the seven, from which the hand begins; choosing one puts its bars back."""
    name = st.select_slider(
        "Target, from near to far", TARGETS, TARGETS[0], key="forget_target", bind="query-params", on_change=forget_bars
    )
    return str(name)
