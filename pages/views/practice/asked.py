"""A question before it is answered: its words, and what to predict with."""

from collections.abc import Callable, Mapping

import streamlit as st

from ...shared.live import live, scene
from ...shared.pair.scene import pair_view
from ...shared.style import short
from .pictures import NATS, Picture, State
from .prediction import Choice, Drag, Slide
from .progress import Progress, predict

LOOK = "That is my prediction: look"


def ask(progress: Progress) -> None:
    """Keys of what answers begin with "answer": a projector leaves these on screen."""
    question = progress.question
    if isinstance(question.prediction, Drag):
        _drag(progress, question.prediction)
        return
    with st.container(key="answer_widgets"):
        if isinstance(question.prediction, Choice):
            _choose(progress, question.prediction)
        else:
            _slide(progress, question.prediction)
    if isinstance(question.picture, Picture) and question.picture.given:
        live(_still_scene(question.picture.moves), key=f"answer_{question.name}_given", on_settle=lambda _: None)


def _choose(progress: Progress, choice: Choice) -> None:
    for i, option in enumerate(choice.options):
        st.button(
            progress.question.told(option.text),
            key=f"answer_{progress.question.name}_{i}",
            width="stretch",
            on_click=predict,
            args=(progress, i),
        )


def _slide(progress: Progress, slide: Slide) -> None:
    unit = f" {slide.unit}" if slide.unit else ""
    key = f"answer_{progress.question.name}"
    st.select_slider(slide.label, slide.values, slide.values[0], key=key, format_func=lambda one: f"{short(round(one, 4))}{unit}")
    _look(progress, lambda: st.session_state[key])


def _look(progress: Progress, said: Callable[[], object]) -> None:
    """said: asked when the button is pressed, for a hand may have moved since the page was drawn."""
    st.button(LOOK, type="primary", key=f"answer_{progress.question.name}_look", on_click=lambda: predict(progress, said()))


def _drag(progress: Progress, drag: Drag) -> None:
    key = f"draft_{progress.question.name}"
    st.session_state.setdefault(key, State({"q": drag.start}))
    _look(progress, lambda: st.session_state[key].laws["q"].values)
    live(
        _drag_scene(drag, st.session_state[key]),
        key=f"answer_{progress.question.name}_drag",
        on_settle=lambda message: _dragged(key, message),
    )


def _dragged(key: str, message: Mapping) -> None:
    st.session_state[key] = st.session_state[key].after(message)


def _drag_scene(drag: Drag, state: State) -> dict:
    """The law to be dragged, dashed, over what is given."""
    guess = state.laws["q"]
    laws = {"q": scene.curve("your Q", "q", guess.family, guess.values)}
    if drag.backdrop:
        laws = {"p": scene.curve("P", "p", drag.backdrop.family, drag.backdrop.values, movable=False)} | laws
    continuous = guess.family.kind == "continuous"
    view = [-8.0, 8.0] if continuous else [-0.5, len(drag.names or ()) - 0.5]
    hint = "The hollow handle moves Q, the filled one stretches it." if continuous else "Drag a bar’s top; the others share what is left."
    return _laws_scene(guess.family.kind, laws, view, drag.label) | {"hint": hint, "names": list(drag.names) if drag.names else None}


def _still_scene(state: State) -> dict:
    """The laws that a question is about, before anything is said of them."""
    p, q = state.laws["p"], state.laws["q"]
    laws = {role: scene.curve(role.upper(), role, law.family, law.values, movable=False) for role, law in (("p", p), ("q", q))}
    return _laws_scene(p.family.kind, laws, pair_view(p, q), "P and Q")


def _laws_scene(kind: str, laws: dict, view: list[float], label: str) -> dict:
    return {
        "kind": kind,
        "unit": {"name": NATS.name, "per_nat": NATS.per_nat},
        "curves": laws,
        "numbers": {},
        "view": view,
        "panels": [{"kind": "curves", "curves": list(laws), "label": label}],
    }
