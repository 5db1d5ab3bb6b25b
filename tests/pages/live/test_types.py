"""The browser's types are those of the schema."""

from tools import browser_types


def test_the_types_of_the_browser_code_are_the_schemas():
    assert browser_types.FILE.read_text(encoding="utf-8") == browser_types.text(), "run python -m tools.browser_types"
