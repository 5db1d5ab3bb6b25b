"""The map of the app."""

from pathlib import Path

import pytest
from streamlit.runtime.state.query_params import QueryParams
from streamlit.testing.v1 import AppTest

from pages.shared.map import MAP
from pages.shared.state import WRITTEN

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("entry", MAP, ids=lambda entry: entry.name)
def test_every_page_of_the_map_runs_inside_the_frame(entry):
    at = AppTest.from_file(str(ROOT / "pages" / "frame" / "frame.py"), default_timeout=180).run()
    at.switch_page(str(entry.path)).run()
    assert not at.exception
    assert not at.error
    assert at.title or entry is MAP[0], "the story has a heading of its own"


def test_a_page_that_fails_says_so_and_shows_the_way_on(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("pages.views.start.story_data", broken)
    at = AppTest.from_file(str(ROOT / "pages" / "frame" / "frame.py"), default_timeout=180).run()
    assert "This page failed" in at.error[0].value


def test_every_page_file_is_on_the_map():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert files == {entry.name for entry in MAP}


def at_page(at: AppTest, name: str) -> AppTest:
    return at.switch_page(str(ROOT / "pages" / f"{name}.py")).run()


def test_what_is_chosen_on_a_page_is_not_chosen_on_another_that_calls_it_by_the_same_name():
    at = at_page(AppTest.from_file(str(ROOT / "pages" / "frame" / "frame.py"), default_timeout=30), "beta")
    at.segmented_control(key="view").set_value("In practice").run()
    assert at_page(at, "sample_estimates").segmented_control(key="view").value == "A negative KL?"


def test_what_the_picture_was_left_at_comes_back_with_the_page_and_stands_in_its_link():
    at = at_page(AppTest.from_file(str(ROOT / "pages" / "frame" / "frame.py"), default_timeout=30), "beta")
    at.session_state["beta"] = 0.25
    at.session_state[WRITTEN] = {"beta": "0.25"}
    assert "beta" not in at_page(at, "checked").query_params
    assert at_page(at, "beta").query_params["beta"] == "0.25"


def test_streamlit_ties_parameters_to_widgets_as_the_frame_expects():
    """`visits.py` ends these ties by names that Streamlit does not promise to keep."""
    params = QueryParams()
    params.bind_widget("view", "widget", "string_value", "page")
    assert list(params._bindings_by_widget) == ["widget"]
    params.unbind_widget("widget")
    params.set_initial_query_params("view=x")
    assert not params.is_bound("view") and params.get_initial_value("view") == "x"
