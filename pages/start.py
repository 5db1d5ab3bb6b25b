"""The start page: what KL is, in one sentence and one picture that moves, and where to go."""

import streamlit as st

from kl_core.families import FAMILIES
from pages.shared.controls import Law, checked, link_problem, put_from_picture
from pages.shared.frame_map import MAP
from pages.shared.live import live
from pages.shared.pair import pair_scene
from pages.shared.style import UNITS

_PICTURE = "start_picture"
_NORMAL = FAMILIES["normal"]
_START = {"p": {"loc": -1.0, "scale": 0.8}, "q": {"loc": 1.0, "scale": 1.5}}


def _moved(message: dict) -> None:
    """The page has no widgets, so its state goes into the link from here."""
    put_from_picture(message, lambda role: _NORMAL)
    st.query_params.update({f"{role}_{name}": f"{st.session_state[f'{role}_{name}']:.10g}" for role, start in _START.items()
                            for name in start if f"{role}_{name}" in st.session_state})


def _law(role: str) -> Law:
    """As it was last moved, or as the link says, or as it starts."""
    values = {}
    for parameter in _NORMAL.parameters:
        key = f"{role}_{parameter.name}"
        raw = st.session_state.get(key, st.query_params.get(key))
        try:
            values[parameter.name] = checked(_NORMAL, parameter, raw)
        except ValueError:
            values[parameter.name] = _START[role][parameter.name]
    return Law(_NORMAL, values)


def main() -> None:
    st.title("What does it cost to believe Q when P is true?", anchor=False)
    st.markdown(
        "**KL divergence** KL(:blue[P]‖:orange[Q]) is the average, over what :blue[P] really produces, of how much more "
        "likely :blue[P] made it than :orange[Q] did: the extra nats per outcome paid for believing :orange[Q]. "
        "Drag a curve and watch what each direction pays."
    )
    problem = link_problem({"continuous": "normal"}, ("p", "q"))
    if problem:
        st.caption(f":material/info: {problem}")
    live(pair_scene(_law("p"), _law("q"), UNITS["nats"], small=True), key=_PICTURE, on_settle=_moved)
    for entry in MAP[1:]:
        st.page_link(str(entry.path), label=f"**{entry.title}**", icon=entry.icon)
        st.caption(entry.answers)


main()
