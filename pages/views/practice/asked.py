"""A question before it is answered: its words, and what to predict with."""

from collections.abc import Callable, Mapping

import streamlit as st

from ...shared.live import live, scene
from ...shared.pair.scene import pair_view
from ...shared.style import short
from .pictures import NATS, Picture, State
from .prediction import Choice, Drag, Slide
from .progress import TOUCHED, Progress, predict

LOOK = "That is my prediction: look"


def ask(progress: Progress) -> None:
    """Keys of what answers begin with "answer": a projector leaves these on screen."""
    question = progress.question
    if isinstance(question.prediction, Drag):
        _drag(progress, question.prediction)
        return
    if isinstance(question.picture, Picture) and question.picture.given:
        live(_still_scene(question.picture), key=f"answer_{question.name}_given", on_settle=lambda _: None)
    with st.container(key="answer_widgets"):
        if isinstance(question.prediction, Choice):
            _choose(progress, question.prediction)
        else:
            _slide(progress, question.prediction)


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
    st.select_slider(
        slide.label,
        slide.values,
        slide.values[0],
        key=key,
        format_func=lambda value: f"{short(round(value, 4))}{unit}",
        on_change=_touch,
        args=(progress.question.name,),
    )
    _look(progress, lambda: st.session_state[key], "Move the slider first.")


def _touch(name: str) -> None:
    st.session_state[TOUCHED + name] = True


def _look(progress: Progress, said: Callable[[], object], first: str) -> None:
    """said: asked when the button is pressed, for a hand may have moved since the page was drawn. first: what to do before
    that, for where a slider or a curve begins is nobody's prediction."""
    name = progress.question.name
    touched = st.session_state.get(TOUCHED + name, False)
    with st.container(horizontal=True, vertical_alignment="center", key=f"answer_{name}_decide"):
        st.button(LOOK, type="primary", key=f"answer_{name}_look", on_click=lambda: predict(progress, said()), disabled=not touched)
        if not touched:
            st.caption(first, width="content")


def _drag(progress: Progress, drag: Drag) -> None:
    key = f"draft_{progress.question.name}"
    st.session_state.setdefault(key, State({"q": drag.start}))
    live(
        drag_scene(drag, st.session_state[key]),
        key=f"answer_{progress.question.name}_drag",
        on_settle=lambda message: _dragged(progress.question.name, message),
    )
    _look(progress, lambda: st.session_state[key].curves["q"].values, "Drag Q first." if drag.backdrop else "Drag a bar first.")


def _dragged(name: str, message: Mapping) -> None:
    key = f"draft_{name}"
    st.session_state[key] = st.session_state[key].after(message)
    _touch(name)


def drag_scene(drag: Drag, state: State) -> dict:
    """The distribution to be dragged, dashed, over what is given."""
    guess = state.curves["q"]
    curves = {"q": scene.curve("your Q", "q", guess.family, guess.values)}
    if drag.backdrop:
        curves = {"p": scene.curve("P", "p", drag.backdrop.family, drag.backdrop.values, movable=False)} | curves
    continuous = guess.family.kind == "continuous"
    view = [-8.0, 8.0] if continuous else [-0.5, len(drag.names or ()) - 0.5]
    hint = (
        "Drag the hollow handle to move Q, the filled one to stretch it."
        if continuous
        else "Drag the top of a bar; the others share the rest."
    )
    return _curves_scene(guess.family.kind, curves, view, drag.label) | {"hint": hint, "names": list(drag.names) if drag.names else None}


def _still_scene(picture: Picture) -> dict:
    """The distributions that a question is about, before anything is said of them."""
    p, q = picture.moves.curves["p"], picture.moves.curves["q"]
    curves = {role: scene.curve(role.upper(), role, chosen.family, chosen.values, movable=False) for role, chosen in (("p", p), ("q", q))}
    names = {"names": list(picture.names)} if picture.names else {}
    return _curves_scene(p.family.kind, curves, pair_view(p, q), "P and Q") | names


def _curves_scene(kind: str, curves: dict, view: list[float], label: str) -> dict:
    return {
        "kind": kind,
        "unit": {"name": NATS.name, "per_nat": NATS.per_nat},
        "curves": curves,
        "numbers": {},
        "view": view,
        "panels": [{"kind": "curves", "curves": list(curves), "label": label}],
    }
