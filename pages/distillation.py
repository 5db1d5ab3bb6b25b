"""Distillation: what a temperature shows of a teacher's answer, and what it does to the student's loss."""

from pages.shared import state
from pages.shared.header import page_header
from pages.shared.style import UNITS
from pages.views.distillation.between_view import RANGES as BETWEEN_RANGES
from pages.views.distillation.between_view import between_view
from pages.views.distillation.examples import offered
from pages.views.distillation.introductions import OF_VIEWS
from pages.views.distillation.on_policy_view import CHOICES as ON_POLICY
from pages.views.distillation.on_policy_view import on_policy_view
from pages.views.distillation.students import CHOICES, RANGES, students_view
from pages.views.distillation.teacher_view import OWN, teacher_view
from pages.views.distillation.top_k_view import RANGES as TOP_K_RANGES
from pages.views.distillation.top_k_view import top_k_view

VIEWS = ["Soft targets", "Anatomy of the loss", "Train students", "Between the KLs", "On-policy", "Top-k teacher"]


def main() -> None:
    arrived = state.link_is_new()
    view, unit = page_header("distillation", VIEWS, of_views=OF_VIEWS, problem=_link_problem)
    if view == VIEWS[2]:
        students_view(unit)
    elif view == VIEWS[3]:
        between_view(unit)
    elif view == VIEWS[4]:
        on_policy_view(unit, arrived)
    elif view == VIEWS[5]:
        top_k_view(unit)
    else:
        teacher_view(view == VIEWS[1], unit)


def _link_problem() -> str | None:
    choices = {
        "unit": UNITS,
        "view": VIEWS,
        "asked": [*offered(), OWN],
        "js_asked": offered(),
        "top_asked": offered(),
        **CHOICES,
        **ON_POLICY,
    }
    return state.link_problem(choices, places={"T": (0.1, 100.0), "alpha": (0.0, 1.0), **RANGES, **BETWEEN_RANGES, **TOP_K_RANGES})


main()
