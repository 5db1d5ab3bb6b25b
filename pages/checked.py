"""Checked: the published numbers that this explorer reproduces, computed now, and where common code goes wrong."""

import streamlit as st

from pages.shared import controls
from pages.shared.checked_view import SUBJECT_NAMES, checked_view, style
from pages.shared.common_errors_view import ERRORS, TITLES, common_errors_view

VIEWS = ["Checked against", "Common errors"]
CHOICES = {"view": VIEWS, "subject": SUBJECT_NAMES, "error": TITLES, "corrections": ("true", "false")}
TYPED = (f"{one.name}_{each.argument}" for one in ERRORS.values() for each in one.inputs)
KEPT = ("view", "find", "subject", "corrections", "error", *TYPED)


def main() -> None:
    controls.restore("checked")
    problem = controls.link_problem({"continuous": "normal"}, (), CHOICES) if "seen_checked" not in st.session_state else None
    st.session_state["seen_checked"] = True
    style()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Checked", anchor=False, width="content")
        view = st.segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params",
                                    label_visibility="collapsed")
    if problem:
        st.caption(f":material/info: {problem}")
    if view == VIEWS[1]:
        common_errors_view()
    else:
        checked_view()
    controls.keep("checked", KEPT)


main()
