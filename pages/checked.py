"""Checked: the published numbers that this explorer reproduces, computed now, and where common code goes wrong."""

from pages.shared import state
from pages.shared.header import page_header
from pages.views.checked.errors_view import ERRORS, TITLES, common_errors_view
from pages.views.checked.introductions import OF_VIEWS
from pages.views.checked.view import SUBJECT_NAMES, checked_view, style

VIEWS = ["Checked against", "Common errors"]
CHOICES = {"view": VIEWS, "subject": SUBJECT_NAMES, "error": TITLES, "corrections": ("true", "false")}
TYPED = (f"{one.name}_{each.argument}" for one in ERRORS.values() for each in one.inputs)


def main() -> None:
    view, _ = page_header("checked", VIEWS, unit=False, of_views=OF_VIEWS, problem=lambda: state.link_problem(CHOICES))
    style()
    if view == VIEWS[1]:
        common_errors_view()
    else:
        checked_view()


main()
