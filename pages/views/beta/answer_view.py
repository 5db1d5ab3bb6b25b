"""β's first screen: one component; the slider's β is in the link, and nothing runs on the server while it moves."""

import streamlit as st

from ...shared import state
from ...shared.live.messages import number, parse_fields
from ...shared.scripts import Script
from .answer_frames import answer_scene
from .scene import WorldSettings

_KEY, _ANSWERS, _ANOTHER_WORLD = "beta_answer", "beta_answer_answers", "beta_another_world"
_answer = st.components.v2.component("kl_beta_answer", js=Script("views/beta/answer/main.js").loader)
LARGE_SCALE, TABLE_SCALE = 1.0, 0.1


def _settled() -> None:
    raw = st.session_state[_KEY].settle
    message = None if raw is None else parse_fields(raw, {"beta": number, "scale": number})
    if message is None:
        return
    beta, scale = message.get("beta", -1.0), message.get("scale")
    if beta >= 0:
        state.leave_at("beta", {"scrub": beta})
    if scale in (LARGE_SCALE, TABLE_SCALE):
        st.session_state["scale"] = scale
        st.session_state[_ANOTHER_WORLD] = True
    st.session_state[_ANSWERS] = st.session_state.get(_ANSWERS, 0) + 1


@st.fragment
def answer_view(settings: WorldSettings) -> None:
    """The chat, the gauges, the curve and the slider."""
    if st.session_state.pop(_ANOTHER_WORLD, False):
        st.rerun()  # the whole page: the controls that this fragment is given stand outside it
    asked = state.left_at("beta", -1.0)
    scene = answer_scene(settings, asked if asked >= 0 else None, st.session_state.get(_ANSWERS, 0))
    _answer(key=_KEY, data=scene, on_settle_change=_settled)
