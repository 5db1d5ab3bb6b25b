"""Short links to presets."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.frame.presets.links import PRESETS, expanded, presets_of
from pages.frame.presets.states import TARGETS
from pages.views.forward_reverse.canvas_state import from_link
from tests.pages.conftest import numbers, scene, words

WITH_PILLS = [(page, preset) for page in PRESETS for preset in presets_of(page) if page != "forward_reverse"]
TARGET_LINKS = presets_of("forward_reverse")


@pytest.mark.parametrize("page, preset", WITH_PILLS, ids=[preset["short"] for _, preset in WITH_PILLS])
def test_a_short_link_opens_the_same_pair_as_its_pill(visit, page, preset):
    at = visit(page, **dict(parse_qsl(urlsplit(expanded(f"/{page}?preset={preset['short']}")).query)))
    pressed = visit(page)
    pressed.pills(key="preset").set_value(preset["name"]).run()
    linked_pair, pressed_pair = (
        {role: curve["values"] for role, curve in scene(one)["curves"].items() if role in "pq"} for one in (at, pressed)
    )
    assert linked_pair == pressed_pair
    assert str(numbers(at)) == str(numbers(pressed))
    assert "cannot be shown" not in words(at)


@pytest.mark.parametrize("preset", TARGET_LINKS, ids=[preset["short"] for preset in TARGET_LINKS])
def test_a_short_link_to_a_target_opens_its_hills(preset):
    query = dict(parse_qsl(urlsplit(expanded(f"/forward_reverse?preset={preset['short']}")).query))
    state, problems = from_link(query)
    assert not problems
    assert {name: tuple(value) for name, value in state.target.values.items()} == TARGETS[preset["name"]].values


def test_no_two_presets_of_a_page_share_a_short_name():
    for page in PRESETS:
        names = [one["short"] for one in presets_of(page)]
        assert len(set(names)) == len(names)
        assert all(names)


def test_what_else_a_short_link_says_has_the_last_word():
    query = dict(parse_qsl(urlsplit(expanded("/two_distributions?preset=heavy-tail&unit=bits&q_loc=2")).query))
    assert (query["p"], query["unit"], query["q_loc"]) == ("Cauchy", "bits", "2")


def test_an_unknown_preset_is_said_and_the_page_stands(visit):
    assert expanded("/two_distributions?preset=foo") == "/two_distributions?preset=foo"
    assert "no preset “foo”" in words(visit("two_distributions", preset="foo"))
