"""Forward and reverse: one Gaussian Q fitted to a target P with several modes, in both directions of KL."""

import streamlit as st

from kl_core.families import FAMILIES
from kl_core.fits.descent import OPTIMISERS
from pages.frame.presets.pills import preset_pills
from pages.frame.presets.states import FIRST_TARGET, TARGETS, Target
from pages.shared import controls, state
from pages.shared.downloads import take_along
from pages.shared.header import heading
from pages.shared.live import live
from pages.shared.style import UNITS, Unit
from pages.shared.values import Law, Values
from pages.views.forward_reverse import guess as fit_guess
from pages.views.forward_reverse.between import alpha_scene
from pages.views.forward_reverse.export import alpha_code, alpha_csv, fit_code, path_csv, separation_code, separation_csv
from pages.views.forward_reverse.fits import Descent
from pages.views.forward_reverse.scene import fit_scene, guess_scene
from pages.views.forward_reverse.separation import separation_scene

MIXTURE, NORMAL = FAMILIES["gaussian_mixture"], FAMILIES["normal"]
PICTURE = "forward_reverse_picture"
VIEWS = ["Fit", "When does it pick a mode?", "Between the two"]
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
CHOICES = {"unit": UNITS, "view": VIEWS, "optimiser": OPTIMISERS, "rate": [f"{one:g}" for one in RATES]}
LAWS = {"q": NORMAL, "q_forward": NORMAL, "q_reverse": NORMAL}
KEPT = ("show", "view", "unit", "optimiser", "rate", "m", "alpha", "step")
STEPS = 120
PLACES = {"step": (0, STEPS), "m": (0.5, 4.5), "alpha": (0, 1)}
DEFAULT_START: Values = {"loc": 1.0, "scale": 1.4}


def _use_preset(preset: Target) -> None:
    state.put_values("p", MIXTURE, preset.values)


def _moved(message: dict) -> None:
    """A hand on the target, or on Q: the start of both descents, or a guess before anything is shown."""
    if state.leave_at("step", message):
        return
    law = str(message.get("curve"))
    st.session_state["partial"] = bool(message.get("partial"))
    if law == "p":
        state.put_from_picture(message, lambda role: MIXTURE)
    elif st.session_state.get("show"):
        state.put_from_picture(message | {"curve": "q"}, lambda role: NORMAL)
        state.leave_at("step", {"scrub": 0})  # where the picture now stands, and a link should
    else:
        state.put_from_picture(message, lambda role: NORMAL)
        state.link_moved(fit_guess.GUESSES, NORMAL)


def _target_controls() -> Law:
    st.markdown("**:blue[P], the target** — solid")
    law = controls.parameter_controls("p", MIXTURE, FIRST_TARGET)
    controls.mode_buttons("p", MIXTURE)
    return law


def _descent_controls() -> Descent:
    st.markdown("**:orange[Q], the model** — dashed; its start")
    start = controls.parameter_controls("q", NORMAL, DEFAULT_START).values
    left, right = st.columns(2)
    optimiser = left.selectbox("Optimiser", list(OPTIMISERS), index=1, key="optimiser", bind="query-params")
    rate = right.selectbox(
        "Learning rate", RATES, index=RATES.index(0.1), key="rate", bind="query-params", format_func=lambda one: f"{one:g}"
    )
    return Descent(start, optimiser, rate, STEPS)


@st.fragment  # a moved handle reruns this alone
def _fit_view(unit: Unit) -> None:
    _fit(unit)
    state.keep("forward_reverse", KEPT)


def _fit(unit: Unit) -> None:
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        shown = st.toggle(
            "Show the fits", key="show", bind="query-params", help="Off: first guess where each fit will be, by dragging Q in each picture."
        )
        target = _target_controls()
        descent = _descent_controls() if shown else None
        fit_guess.forget_if_about_another(target)
    guesses = fit_guess.guesses(DEFAULT_START) if descent is None or fit_guess.guessed() else None
    with picture:
        if descent is None:
            fit_guess.ask(target)
            live(guess_scene(target, guesses, unit), key=PICTURE, on_settle=_moved)
            return
        if guesses:
            fit_guess.verdict(target, DEFAULT_START, unit)
        partial = st.session_state.pop("partial", False)
        told = fit_scene(target, descent, unit, partial=partial, step=state.left_at("step", 0.0), guesses=guesses)
        look = next((one.look for one in TARGETS.values() if one.values == target.values), None)
        live(told | ({"hint": look} if look else {}), key=PICTURE, on_settle=_moved)
    if not partial:
        take_along(
            lambda: fit_code(target, descent), lambda: path_csv(target, descent), "Both descents, step by step", "forward_reverse.csv"
        )


def _separation(unit: Unit) -> None:
    live(separation_scene(unit, state.left_at("m", 2.0)), key="separation", on_settle=lambda message: state.leave_at("m", message))
    take_along(separation_code, separation_csv, "Every reverse minimum against m", "separation.csv")


def _rode(message: dict) -> None:
    """A hand on the target, or the scrubber left at another α."""
    if not state.leave_at("alpha", message):
        state.put_from_picture(message, lambda role: MIXTURE)


def _between(unit: Unit) -> None:
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        target = _target_controls()
    with picture:
        live(alpha_scene(target, unit, state.left_at("alpha", 0.0)), key="alpha_picture", on_settle=_rode)
    take_along(lambda: alpha_code(target), lambda: alpha_csv(target), "Every minimum against α", "alpha.csv")


def _link_problem() -> str | None:
    return state.link_problem(CHOICES, roles=("p",), first={"continuous": "gaussian_mixture"}, laws=LAWS, places=PLACES)


def main() -> None:
    view, unit = heading("forward_reverse", "Forward and reverse", VIEWS, problem=_link_problem)
    state.link_left(PLACES)
    if view != VIEWS[1]:
        preset_pills(TARGETS, _use_preset)
    if view == VIEWS[1]:
        _separation(unit)
    elif view == VIEWS[2]:
        _between(unit)
    else:
        _fit_view(unit)
    state.keep("forward_reverse", KEPT)


main()
