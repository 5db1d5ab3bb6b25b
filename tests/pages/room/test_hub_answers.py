"""Questions of a room, in memory and in Redis: phones answer and learn nothing too early."""

import asyncio
import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from pages.frame.room.hub import Hub
from pages.frame.room.store import MemoryStore
from tests.pages.room.hubs import CHOICE, ME, SLIDE, in_hub, phone, refused, run


def test_a_thousand_answers_of_one_phone_count_once(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        await hub.ask(code, key, CHOICE, ME)
        for n in range(1000):
            clock.now += 1  # slowly enough to be heard each time
            await hub.answer(code, phone(1), 1, n % 3, ME)
        assert (await hub.view(code, key, ME))["question"]["tally"] == [[999 % 3, 1]]

    in_hub(new_store, clock, story)


def test_phones_learn_neither_tally_nor_truth_before_reveal_and_cannot_answer_after_it(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        number = await hub.ask(code, key, CHOICE, ME)
        for n, value in enumerate([0, 1, 1]):
            await hub.answer(code, phone(n), number, value, ME)
        before = (await hub.view(code, None, ME))["question"]
        assert before["tally"] is None and before["truth"] is None and before["why"] == ""
        await hub.reveal(code, key, ME)
        after = (await hub.view(code, None, ME))["question"]
        assert after["tally"] == [[0, 1], [1, 2]] and after["truth"] == 1 and after["why"] == "Because."
        assert await refused(hub.answer(code, phone(0), number, 1, ME)) == 409
        await hub.clear(code, key, ME)
        assert (await hub.view(code, None, ME))["question"] is None
        assert [(question.ask, dict(tally)) for question, tally in await hub.record(code, key, ME)] == [(CHOICE["ask"], {0: 1, 1: 2})]

    in_hub(new_store, clock, story)


def test_the_teacher_sees_answers_come_and_phones_are_not_woken_by_them(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        await hub.ask(code, key, SLIDE, ME)
        teacher, listener = await hub.follow(code, key, None, ME), await hub.follow(code, None, phone(7), ME)
        await anext(listener)
        while json.loads(await anext(teacher))["here"] != 1:
            pass
        waiting = asyncio.ensure_future(anext(listener))
        await hub.answer(code, phone(7), 1, 0.3, ME)
        while json.loads(await anext(teacher))["question"]["tally"] != [[0.3, 1]]:
            pass
        assert not waiting.done()
        await hub.move(code, key, "beta", ME)
        assert json.loads(await waiting)["address"] == "beta"
        await listener.aclose()
        while json.loads(await anext(teacher))["here"] != 0:
            pass
        await teacher.aclose()

    in_hub(new_store, clock, story)


def test_what_stands_on_a_page_is_asked_by_the_teacher_alone_and_its_message_is_made_then(clock):
    made = []

    def questions(address: str) -> dict:
        def message() -> dict:
            made.append(address)
            return CHOICE

        return {CHOICE["ask"]: message} if address == "beta?beta=2" else {}

    async def story() -> None:
        hub = Hub(MemoryStore(clock), clock, questions=questions)
        code, key = await hub.open("", ME)
        assert await hub.offered(code, key, "beta?beta=2", ME) == [CHOICE["ask"]]
        assert await hub.offered(code, key, "vae", ME) == [] and not made
        assert await refused(hub.offered(code, "wrong", "beta?beta=2", ME)) == 403
        assert await refused(hub.ask_of_page(code, "wrong", "beta?beta=2", CHOICE["ask"], ME)) == 403
        assert await refused(hub.ask_of_page(code, key, "vae", CHOICE["ask"], ME)) == 400
        assert await refused(hub.ask_of_page(code, key, "https://elsewhere", CHOICE["ask"], ME)) == 400
        assert not made
        assert await hub.ask_of_page(code, key, "beta?beta=2", CHOICE["ask"], ME) == 1
        assert (await hub.view(code, None, ME))["question"]["ask"] == CHOICE["ask"] and made == ["beta?beta=2"]

    run(story())


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), max_size=60))
def test_the_tally_counts_each_phone_s_last_answer(said):
    async def story() -> None:
        clock = iter(range(0, 10**9, 10))
        hub = Hub(MemoryStore(lambda: 0.0), lambda: float(next(clock)))
        code, key = await hub.open("", ME)
        await hub.ask(code, key, SLIDE, ME)
        for who, place in said:
            await hub.answer(code, phone(who), 1, place / 10, ME)
        tally = (await hub.view(code, key, ME))["question"]["tally"]
        last = Counter(place / 10 for place in dict(said).values())
        assert dict(tally) == last

    run(story())
