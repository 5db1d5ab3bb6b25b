"""The map of the app."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.map import MAP

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("entry", MAP, ids=lambda entry: entry.name)
def test_every_page_of_the_map_runs_inside_the_frame(entry):
    at = AppTest.from_file(str(ROOT / "pages" / "frame" / "frame.py"), default_timeout=180).run()
    at.switch_page(str(entry.path)).run()
    assert not at.exception
    assert not at.error
    assert at.title


def test_a_page_that_fails_says_so_and_shows_the_way_on(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("pages.shared.live.live", broken)
    at = AppTest.from_file(str(ROOT / "pages" / "frame" / "frame.py"), default_timeout=180).run()
    assert "Something went wrong" in at.error[0].value


def test_every_page_file_is_on_the_map():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert files == {entry.name for entry in MAP}
