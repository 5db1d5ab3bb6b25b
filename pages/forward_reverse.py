"""Forward and reverse: the playground, where Q is fitted to P under each direction, and when reverse KL picks a mode."""

import streamlit as st

from pages.frame.presets.pills import say_unknown_preset
from pages.shared import state
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.style import Unit
from pages.views.forward_reverse import canvas_view, plane_view
from pages.views.forward_reverse.export import separation_code, separation_csv
from pages.views.forward_reverse.introductions import OF_VIEWS
from pages.views.forward_reverse.separation import separation_scene

VIEWS = ["Fit", "When does it pick a mode?", "Two dimensions"]


def _separation(unit: Unit) -> None:
    live(separation_scene(unit, state.left_at("m", 2.0)), key="separation", on_settle=lambda message: state.leave_at("m", message))
    downloads(separation_code, separation_csv, "Every reverse minimum against m", "separation.csv")


def _link_problem() -> str | None:
    """One quiet sentence about what the link asks in vain."""
    query = st.query_params.to_dict()
    problems = [*canvas_view.CANVAS.link_problems(query), *plane_view.CANVAS.link_problems(query)]
    return f"Part of this link cannot be shown, so defaults stand in for it: {'; '.join(problems[:3])}." if problems else None


def main() -> None:
    state.drop_former_view("Between the two")
    canvas_view.CANVAS.restore()
    plane_view.CANVAS.restore()
    view, unit = page_header("forward_reverse", VIEWS, of_views=OF_VIEWS, problem=_link_problem)
    say_unknown_preset()
    if view == VIEWS[1]:
        _separation(unit)
    elif view == VIEWS[2]:
        plane_view.plane(unit)
    else:
        canvas_view.playground(unit)


main()
