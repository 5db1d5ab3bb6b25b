"""The start page: what KL is, in one sentence and one picture that moves, and where to go."""

import streamlit as st

from kl_core.families import FAMILIES
from pages.shared.live import live
from pages.shared.pair.scene import pair_scene
from pages.shared.state import link_moved, link_problem, moved_law, put_from_picture
from pages.shared.style import UNITS
from pages.views.start import site_map

_PICTURE = "start_picture"
_NORMAL = FAMILIES["normal"]
_START = {"p": {"loc": -1.0, "scale": 0.8}, "q": {"loc": 1.0, "scale": 1.5}}


def _moved(message: dict) -> None:
    put_from_picture(message, lambda role: _NORMAL)
    link_moved(_START, _NORMAL)


def main() -> None:
    st.title("What does it cost to believe Q when P is true?", anchor=False)
    st.markdown(
        "**KL divergence** KL(:blue[P]‖:orange[Q]) is the average, over what :blue[P] really produces, of how much more "
        "likely :blue[P] made it than :orange[Q] did: the extra nats per outcome paid for believing :orange[Q]. "
        "Drag a curve and watch what each direction pays."
    )
    problem = link_problem(roles=("p", "q"))
    if problem:
        st.caption(f":material/info: {problem}")
    p, q = (moved_law(role, _NORMAL, start) for role, start in _START.items())
    live(pair_scene(p, q, UNITS["nats"], small=True), key=_PICTURE, on_settle=_moved)
    site_map()


main()
