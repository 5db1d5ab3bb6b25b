"""What the teacher's page shows reaches phones without a script run of theirs, and is nothing but data for our own modules."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.frame.room.hub import Hub
from pages.frame.room.rules import Refused
from pages.frame.room.stage import LONGEST_SPREAD, LONGEST_STYLE, LONGEST_TITLE, MOST_PARTS, compressed, packed, spread, stage_of
from pages.shared.scripts import LIVE
from tests.pages.room.hubs import ME, in_hub, phone, refused

PART = {"script": LIVE.path, "data": {"kind": "continuous"}, "style": ".live {}"}
STAGE = {"address": "beta", "title": "How much freedom?", "words": "", "parts": [PART]}


def test_phones_are_told_of_a_stage_where_the_teacher_is_and_of_none_elsewhere(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        assert (await hub.view(code, None, ME))["stage"] == 0
        assert await refused(hub.stage(code, ME)) == 404
        await hub.show(code, key, STAGE, ME)
        assert (await hub.view(code, None, ME))["stage"] == 0  # the address has not come yet
        await hub.move(code, key, "beta", ME)
        assert (await hub.view(code, None, ME))["stage"] == 1
        shown = json.loads(gzip.decompress(await hub.stage(code, ME)))
        assert shown == {"number": 1, "title": STAGE["title"], "words": "", "parts": [PART]}
        await hub.show(code, key, STAGE | {"parts": []}, ME)
        assert (await hub.view(code, None, ME))["stage"] == 2
        await hub.move(code, key, "vae", ME)
        assert (await hub.view(code, None, ME))["stage"] == 0

    in_hub(new_store, clock, story)


def test_only_the_key_shows_a_stage_and_it_goes_with_the_room(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("beta", ME)
        assert await refused(hub.show(code, "wrong", STAGE, ME)) == 403
        await hub.show(code, key, STAGE, ME)
        await hub.close(code, key, ME)
        assert await hub._store.kept(code, "stage") == ""

    in_hub(new_store, clock, story)


def test_the_more_phones_are_here_the_longer_their_own_runs_spread(new_store, clock):
    async def story(hub: Hub) -> None:
        code, _ = await hub.open("", ME)
        spreads = []
        for n in range(3):
            spreads.append((await hub.view(code, None, ME))["spread"])
            await hub._store.seen(code, [phone(n)], clock())
        assert spreads == [spread(n) for n in range(3)] and spreads[0] < spreads[1] < spreads[2]

    in_hub(new_store, clock, story)
    assert spread(10_000) == LONGEST_SPREAD


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "//evil.org"},
        {"title": "t" * (LONGEST_TITLE + 1)},
        {"title": None},
        {"words": 3},
        {"parts": None},
        {"parts": [PART] * (MOST_PARTS + 1)},
        {"parts": [3]},
        {"parts": [PART | {"script": "https://evil.org/main.js"}]},
        {"parts": [PART | {"script": "../map.py"}]},
        {"parts": [PART | {"script": []}]},
        {"parts": [PART | {"data": "<script>"}]},
        {"parts": [PART | {"style": "s" * (LONGEST_STYLE + 1)}]},
        {"parts": [PART | {"style": None}]},
    ],
)
def test_anything_but_data_for_our_own_modules_is_refused(wrong):
    with pytest.raises(Refused) as problem:
        stage_of(STAGE | wrong)
    assert problem.value.status == 400
    assert str(problem.value).endswith(".")


def test_what_nobody_asked_for_is_left_out():
    address, stage = stage_of(STAGE | {"more": 1, "parts": [PART | {"onload": "alert()"}]})
    assert (address, stage) == ("beta", {"title": STAGE["title"], "words": "", "parts": [PART]})


@given(st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False) | st.text(max_size=9)))
def test_packing_loses_nothing(data):
    assert json.loads(gzip.decompress(compressed(packed(data)))) == data
