"""Predict first: where will each best fit land? Guesses drawn or chosen before the answer, and what they cost beside it."""

import streamlit as st

from kl_core.families import FAMILIES

from ...shared import state
from ...shared.style import Unit, amount
from ...shared.values import Law, Values
from .fits import SIDES, guess_costs

NORMAL = FAMILIES["normal"]
GUESSES = tuple(f"q_{side}" for side in SIDES)
_KEYS = tuple(f"{role}_{parameter.name}" for role in GUESSES for parameter in NORMAL.parameters)


def guesses(start: Values) -> dict[str, Values]:
    """Q as guessed in each direction, or where it starts."""
    return {role: state.moved_law(role, NORMAL, start).values for role in GUESSES}


def guessed() -> bool:
    return any(key in where for key in _KEYS for where in (st.session_state, st.query_params))


def forget_if_about_another(target: Law) -> None:
    """A guess that has been answered is about the target that was on screen."""
    if st.session_state.get("show") and st.session_state.get("guessed_about", target) != target:
        for where in (st.session_state, st.query_params):
            for key in [key for key in _KEYS if key in where]:
                del where[key]
    st.session_state["guessed_about"] = target


def ask(target: Law) -> None:
    """The question, places to choose from instead of drawing, and the button that answers at once."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Where will the best Q land, in each direction?** Drag it, or choose:")
        st.button("Show me", type="primary", on_click=lambda: st.session_state.update(show=True))
    places = places_to_choose(target)
    for side, column in zip(SIDES, st.columns(2, gap="small"), strict=True):
        column.pills(side.capitalize(), list(places), key=f"guess_{side}", on_change=_choose, args=(side, places))


def places_to_choose(target: Law) -> dict[str, Values]:
    """On each mode, or over them all: half as wide as they reach, which is near the truth and not it."""
    locs, scales = target.values["locs"], target.values["scales"]
    on = {f"On mode {i}": {"loc": loc, "scale": scale} for i, (loc, scale) in enumerate(zip(locs, scales, strict=True), 1)}
    wide = max((max(locs) - min(locs)) / 2, *scales)
    return on | {"Over them all": {"loc": (max(locs) + min(locs)) / 2, "scale": wide}}


def _choose(side: str, places: dict[str, Values]) -> None:
    chosen = places.get(st.session_state[f"guess_{side}"])
    if chosen:
        state.put_values(f"q_{side}", NORMAL, chosen)
        st.session_state[f"guess_{side}"] = None


def verdict(target: Law, start: Values, unit: Unit) -> None:
    """What the guesses cost, beside the best."""
    costs = guess_costs(target, guesses(start))
    words = " · ".join(
        f"{side}: your guess costs {amount(guess, unit)}, the best {amount(best, unit)}" for side, (guess, best) in costs.items()
    )
    st.caption(f"**You guessed** — {words}.")
