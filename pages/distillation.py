"""Distillation: what a temperature shows of a teacher's answer, and what it does to the student's loss."""

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from pages.shared import state, values
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.style import UNITS, Unit
from pages.views.distillation.anatomy import anatomy_scene
from pages.views.distillation.export import loss_code, loss_csv, soft_targets_code, soft_targets_csv
from pages.views.distillation.questions import (
    PUBLISHED,
    TEMPERATURES,
    USUAL,
    Question,
    offered,
    place_of,
    question_of_digit,
    question_of_logits,
    softened,
)
from pages.views.distillation.scene import soften_scene
from pages.views.distillation.students import CHOICES, RANGES, students_view

VIEWS = ["Soft targets", "Anatomy of the loss", "Train students"]
OWN = "logits of my own"
MOST_CLASSES = 12
LARGEST = 1000.0
EXAMPLE = values.text(PUBLISHED)


def _own_logits() -> Question:
    """Two to twelve finite numbers, typed or dragged; the last that were some, with a sentence, when they are none."""
    raw = st.text_input("Logits, separated by commas", EXAMPLE, key="own_logits", max_chars=300, bind="query-params")
    st.button("Back to 3, 2, 1", key="published_logits", on_click=_take, args=(PUBLISHED,), width="stretch")
    try:
        logits = values.numbers(raw, "logit", 2, MOST_CLASSES, LARGEST)
    except ValueError as problem:
        said = str(problem)
        st.caption(f":red[{said[:1].upper()}{said[1:]}] The picture shows {values.text(_last_good())}.")
        return question_of_logits(_last_good())
    st.session_state["own_logits_last"] = logits
    if logits == PUBLISHED:
        st.caption("Published for these: .665241, .244728, .090031 at T = 1; .367165, .332225, .300610 at T = 10.")
    return question_of_logits(logits)


def _last_good() -> tuple[float, ...]:
    return st.session_state.get("own_logits_last", PUBLISHED)


def _take(logits: tuple[float, ...]) -> None:
    st.session_state["own_logits"] = values.text(logits)


def _ask_own() -> None:
    st.session_state["asked"] = OWN


def _settled(message: Mapping) -> None:
    """Where T was left, or what a hand made of the logits; nonsense changes nothing."""
    if not state.leave_at("T", message):
        with suppress(KeyError, TypeError, ValueError):
            _take(values.numbers(",".join(map(str, message["values"]["logits"])), "logit", 2, MOST_CLASSES, LARGEST))


def _exact(question: Question, temperature: float) -> None:
    """Every class's probability at T, to six digits."""
    with st.expander(f"Probabilities at T = {temperature:g}, exact"):
        probs = softened(question)[place_of(temperature)].tolist()
        rows = [f"| {name} | {one:.6f} |" for name, one in zip(question.names, probs, strict=True)]
        st.markdown("\n".join(["| | P |", "|---|---|", *rows]))


def _question(may_be_own: bool) -> Question:
    """The digit shown, or one's own logits where there is no student to compare with."""
    names = [*offered(), OWN]
    asked = st.selectbox(
        "The teacher is shown", names, key="asked", bind="query-params", help="Digits of the test set; the ambiguous ones first."
    )
    if asked == OWN and may_be_own:
        return _own_logits()
    if may_be_own:
        st.button("Drag logits of my own", key="ask_own", on_click=_ask_own, width="stretch")
    elif asked == OWN:
        st.caption("A loss needs a student’s answer and a label too, so here is a digit.")
    return question_of_digit(offered().get(asked, next(iter(offered().values()))))


def main() -> None:
    view, unit = page_header("distillation", VIEWS, problem=_link_problem)
    if view == VIEWS[2]:
        students_view(unit)
    else:
        _teacher_view(view, unit)


def _link_problem() -> str | None:
    choices = {"unit": UNITS, "view": VIEWS, "asked": [*offered(), OWN], **CHOICES}
    return state.link_problem(choices, places={"T": (0.1, 100.0), "alpha": (0.0, 1.0), **RANGES})


def _teacher_view(view: str, unit: Unit) -> None:
    """T under the scrubber: the soft targets, or what T makes of the loss."""
    start = float(TEMPERATURES[place_of(state.left_at("T", USUAL))])
    anatomy = view == VIEWS[1]
    picture, asked = st.columns([3.4, 1], gap="large")
    with asked:
        question = _question(not anatomy)
        if anatomy:
            alpha = st.slider("α, the weight of the soft part", 0.0, 1.0, 0.5, 0.05, key="alpha", bind="query-params")
            st.caption("loss = α · T² · KL(teacher‖student) + (1 − α) · cross-entropy of the label")
        else:
            _exact(question, start)
    with picture:
        if anatomy:
            live(anatomy_scene(question, alpha, unit, start), key="anatomy", on_settle=_settled)
        else:
            live(soften_scene(question, unit, start), key="soften", on_settle=_settled)
    if anatomy:
        downloads(
            lambda: loss_code(question, alpha, start),
            lambda: loss_csv(question, alpha),
            "The loss at every temperature",
            "distillation_loss.csv",
        )
    else:
        downloads(
            lambda: soft_targets_code(question, start),
            lambda: soft_targets_csv(question),
            "Soft targets at every temperature",
            "soft_targets.csv",
        )


main()
