"""Long texts go to the browser once; what it does not hold comes in full."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pages.shared.live.held import LONG, NAME, name_of, parted, sparing
from pages.shared.live.messages import parse_with

TABLE = "table " * LONG
_PLAIN = some.one_of(
    some.none(), some.booleans(), some.integers(), some.text(max_size=9), some.integers(0, 5).map(lambda i: f"{i}" * (LONG + i))
)
_SCENES = some.recursive(
    _PLAIN, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text("abc", max_size=3), inner, max_size=4)
)


def _browser(told: object, texts: dict[str, str]) -> object:
    """What a browser makes of it that keeps every text."""
    match told:
        case {"$": name, **rest}:
            texts.setdefault(name, rest.get("text"))
            return texts[name]
        case dict():
            return {key: _browser(value, texts) for key, value in told.items()}
        case list():
            return [_browser(value, texts) for value in told]
    return told


@given(scenes=some.lists(_SCENES, min_size=1, max_size=4))
def test_every_scene_arrives_whole_whatever_came_before(scenes):
    texts: dict[str, str] = {}
    for scene in scenes:
        assert _browser(sparing(scene, list(texts)), texts) == scene


def test_a_text_that_the_browser_holds_is_not_sent_again():
    assert sparing({"pixels": TABLE, "z": (1, 2)}, [name_of(TABLE)]) == {"pixels": {NAME: name_of(TABLE)}, "z": [1, 2]}


def test_a_browser_that_says_nothing_gets_everything():
    names, rest = parted({"z": [0.5, 1]})
    assert rest == {"z": [0.5, 1]} and sparing(TABLE, names)["text"] == TABLE


@pytest.mark.parametrize("raw", [None, [], {"held": "all"}, {"held": [1]}, {"held": ["x" * 17]}, {"held": ["x"] * 401}, {"held": None}])
def test_what_lists_no_names_is_ignored_with_a_line_in_the_log(raw, caplog):
    with caplog.at_level(logging.WARNING):
        assert parse_with(parted, raw) is None
    assert len(caplog.records) == 1
