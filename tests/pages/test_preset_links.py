"""Short links to presets."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.frame.presets.links import PRESETS, expanded, presets_of
from tests.pages.conftest import numbers, scene, words

ALL = [(page, one) for page in PRESETS for one in presets_of(page)]


@pytest.mark.parametrize("page, preset", ALL, ids=[one["short"] for _, one in ALL])
def test_a_short_link_opens_the_same_laws_as_its_pill(visit, page, preset):
    at = visit(page, **dict(parse_qsl(urlsplit(expanded(f"/{page}?preset={preset['short']}")).query)))
    pressed = visit(page)
    pressed.pills(key="preset").set_value(preset["name"]).run()
    linked_laws, pressed_laws = (
        {role: law["values"] for role, law in scene(one)["curves"].items() if role in "pq"} for one in (at, pressed)
    )
    assert linked_laws == pressed_laws
    assert str(numbers(at)) == str(numbers(pressed))
    assert "cannot be shown" not in words(at)


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
