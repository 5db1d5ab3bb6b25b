"""Distillation: what a temperature shows of a teacher's answer, and what it does to the student's loss."""

import csv
import io

import streamlit as st

from pages.shared import controls
from pages.shared.distillation_scene import (TEMPERATURES, Question, anatomy_scene, offered, question_of_digit, question_of_logits,
                                             soften_scene, softened)
from pages.shared.live import live
from pages.shared.students_view import EXPERIMENTS, students_view
from pages.shared.style import UNITS, Unit
from pages.shared.take_along import take_along

VIEWS = ["Soft targets", "Anatomy of the loss", "Train students"]
OWN = "logits of my own"
KEPT = ("view", "unit", "asked", "own_logits", "alpha", "T", "experiment", "seeds", "T_student", "left_out", "labels", "alpha_student")
MOST_CLASSES = 12
LARGEST = 1000.0


def _own_logits() -> Question:
    """Two to twelve finite numbers from a text box; the usual example, with a sentence, when they are none."""
    raw = st.text_input("Logits, separated by commas", "3, 2, 1", key="own_logits", max_chars=300, bind="query-params")
    try:
        return question_of_logits(controls.numbers(raw, "logit", 2, MOST_CLASSES, LARGEST))
    except ValueError as problem:
        st.caption(f":red[{problem}]")
        return question_of_logits((3.0, 2.0, 1.0))


def _question(may_be_own: bool) -> Question:
    names = [*offered(), *([OWN] if may_be_own else [])]
    asked = st.selectbox("The teacher is shown", names, key="asked", bind="query-params", help="Digits of the test set; the ambiguous ones first.")
    return _own_logits() if asked == OWN else question_of_digit(offered().get(asked, next(iter(offered().values()))))


def _code(question: Question) -> str:
    logits = ", ".join(f"{one:.6g}" for one in question.logits)
    return f"""import torch
from kl_core.distillation import soften

logits = torch.tensor([{logits}], dtype=torch.float64)
for T in (0.1, 1.0, 5.0, 10.0, 100.0):
    print(f"T = {{T:g}}:", " ".join(f"{{p:.6f}}" for p in soften(logits, T).tolist()))  # softmax(logits / T)
"""


def _loss_code(question: Question, alpha: float) -> str:
    teacher, student = (", ".join(f"{one:.6g}" for one in row) for row in (question.logits, question.student))
    return f"""import torch
from kl_core.distillation import distillation_parts

teacher = torch.tensor([[{teacher}]], dtype=torch.float64)
student = torch.tensor([[{student}]], dtype=torch.float64)
for T in (1.0, 3.0, 10.0):
    parts = distillation_parts(student, teacher, torch.tensor([{question.label}]), T=T, alpha={alpha:g})
    print(f"T = {{T:g}}: hard {{parts.hard:.4f}}, T²·soft {{parts.scaled_soft:.4f}}, loss {{parts.loss:.4f}} nats")
"""


def _csv(question: Question) -> str:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["T", *question.names])
    writer.writerows([T, *row] for T, row in zip(TEMPERATURES.tolist(), softened(question).tolist(), strict=True))
    return table.getvalue()


def main() -> None:
    controls.restore("distillation")
    problem = controls.link_problem({"continuous": "normal"}, (), {"unit": UNITS, "view": VIEWS, "asked": [*offered(), OWN], "experiment": EXPERIMENTS}) \
        if "seen_distillation" not in st.session_state else None
    st.session_state["seen_distillation"] = True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Distillation", anchor=False, width="content")
        view = st.segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params", label_visibility="collapsed")
        unit = UNITS[st.segmented_control("Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params",
                                          label_visibility="collapsed") or "nats"]
    if problem:
        st.caption(f":material/info: {problem}")
    if view == VIEWS[2]:
        students_view(unit)
    else:
        _teacher_view(view, unit)
    controls.keep("distillation", KEPT)


def _teacher_view(view: str, unit: Unit) -> None:
    """T under the scrubber: the soft targets, or what T makes of the loss."""
    start = min(max(controls.left_at("T", 3.0), 0.1), 100.0)
    moved = lambda message: controls.leave_at("T", message)  # noqa: E731
    picture, asked = st.columns([3, 1], gap="large")
    with asked:
        question = _question(view == VIEWS[0])
        alpha = st.slider("α, the weight of the soft part", 0.0, 1.0, 0.5, 0.05, key="alpha", bind="query-params") if view == VIEWS[1] else 0.5
    with picture:
        if view == VIEWS[1]:
            live(anatomy_scene(question, alpha, unit, start), key="anatomy", on_settle=moved)
        else:
            live(soften_scene(question, unit, start), key="soften", on_settle=moved)
    code = (lambda: _loss_code(question, alpha)) if view == VIEWS[1] else (lambda: _code(question))
    take_along(code, lambda: _csv(question), "Soft targets at every temperature", "soft_targets.csv")


main()
