"""What rooms do, in memory and in Redis: the teacher moves and phones follow; who counts as here."""

import asyncio
import itertools
import json

from pages.frame.room.hub import Hub
from pages.frame.room.redis_store import RedisStore
from pages.frame.room.rules import LETTERS
from tests.pages.room.hubs import CHOICE, ME, ended, in_hub, phone, refused, run


def test_a_late_phone_gets_the_present_state_first(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        assert len(code) == 4 and set(code) <= set(LETTERS)
        assert len(key) >= 32
        for mean in range(3):
            await hub.move(code, key, f"two_distributions?p_loc={mean}", ME)
        states = await hub.follow(code, None, phone(1), ME)
        first = json.loads(await anext(states))
        assert first["address"] == "two_distributions?p_loc=2"
        await hub.move(code, key, "beta", ME)
        assert json.loads(await anext(states))["address"] == "beta"
        await states.aclose()

    in_hub(new_store, clock, story)


def test_a_move_within_the_page_reaches_phones_at_the_same_address_and_ends_with_it(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("two_distributions", ME)
        before = await hub.view(code, None, ME)
        move = {"key": "curves", "posture": {"values": {"p": {"loc": 2.5}}}}
        await hub.move(code, key, "two_distributions", ME, move)
        after = await hub.view(code, None, ME)
        assert (before["live"], after["live"], after["move"]) == (None, move, before["move"])
        await hub.move(code, key, "two_distributions?p_loc=2.5", ME)
        last = await hub.view(code, None, ME)
        assert (last["live"], last["move"]) == (None, before["move"] + 1)

    in_hub(new_store, clock, story)


def test_phones_are_locked_and_unlocked_by_the_teacher(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        told = []
        for locked in (True, False):
            await hub.lock(code, key, locked, ME)
            told.append((await hub.view(code, None, ME))["locked"])
        assert told == [True, False]

    in_hub(new_store, clock, story)


def test_a_slow_phone_misses_what_was_overtaken(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        states = await hub.follow(code, None, phone(1), ME)
        await anext(states)
        for mean in range(40):
            await hub.move(code, key, f"two_distributions?p_loc={mean}", ME)
        heard = [json.loads(await anext(states))["address"]]
        while heard[-1] != "two_distributions?p_loc=39":
            heard.append(json.loads(await anext(states))["address"])
        assert len(heard) <= 2  # with Redis the news of the last move may come after the phone has read once more
        await states.aclose()

    in_hub(new_store, clock, story)


def test_only_the_key_moves_asks_reveals_clears_and_closes(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        other = (await hub.open("", ME))[1]
        for wrong in ("", other, key[:-1], key + "x"):
            assert await refused(hub.move(code, wrong, "beta", ME)) == 403
            assert await refused(hub.ask(code, wrong, CHOICE, ME)) == 403
            assert await refused(hub.reveal(code, wrong, ME)) == 403
            assert await refused(hub.clear(code, wrong, ME)) == 403
            assert await refused(hub.close(code, wrong, ME)) == 403
            assert await refused(hub.lock(code, wrong, True, ME)) == 403
            assert await refused(hub.record(code, wrong, ME)) == 403
            assert await refused(hub.view(code, wrong, ME)) == 403
        assert (await hub.view(code, None, ME))["address"] == ""

    in_hub(new_store, clock, story)


def test_a_phone_counts_as_here_although_the_teacher_never_rests(new_store, clock):
    async def whole() -> None:
        store = new_store()
        hub = Hub(store, clock, beat=0.05)
        code, key = await hub.open("", ME)
        states = await hub.follow(code, None, phone(1), ME)

        async def listen() -> None:
            async for _ in states:
                pass

        listener = asyncio.create_task(listen())
        while (await hub.view(code, key, ME))["here"] != 1:
            await asyncio.sleep(0.005)
        clock.now += 100  # since it came
        for n in itertools.count():
            await hub.move(code, key, f"two_distributions?p_loc={n}", ME)
            if (await hub.view(code, key, ME))["here"] == 1:
                break
            clock.now += 0.1
            await asyncio.sleep(0.005)
        await hub.close(code, key, ME)
        await listener
        await ended(store)

    run(whole())


def test_a_phone_whose_events_are_blocked_counts_as_here_while_it_asks(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        teacher = await hub.follow(code, key, None, ME)
        assert json.loads(await anext(teacher))["here"] == 0
        for _ in range(2):
            await hub.view(code, None, ME, phone(1))
        assert json.loads(await anext(teacher))["here"] == 1
        clock.now += 100
        assert (await hub.view(code, key, ME))["here"] == 0
        await teacher.aclose()

    in_hub(new_store, clock, story)


def test_a_closed_room_says_so_to_its_phones_and_is_gone(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        states = await hub.follow(code, None, phone(1), ME)
        await anext(states)
        await hub.close(code, key, ME)
        assert [state async for state in states] == ["null"]
        assert await refused(hub.view(code, None, ME)) == 404

    in_hub(new_store, clock, story)


def test_a_phone_of_another_process_sees_the_move_and_the_answer_is_counted_there(redis_url, clock):
    async def story() -> None:
        stores = RedisStore(redis_url, clock), RedisStore(redis_url, clock)
        first, second = (Hub(store, clock) for store in stores)
        code, key = await first.open("", ME)
        states = await second.follow(code, None, phone(1), ME)
        await anext(states)
        await first.move(code, key, "beta", ME)
        assert json.loads(await anext(states))["address"] == "beta"
        await first.ask(code, key, CHOICE, ME)
        assert json.loads(await anext(states))["question"]["number"] == 1
        await second.answer(code, phone(1), 1, 2, ME)
        assert (await first.view(code, key, ME))["question"]["tally"] == [[2, 1]]
        await stores[0].end()  # the process that opened the room is gone: the room is not
        await second.move(code, key, "vae", ME)
        assert json.loads(await anext(states))["address"] == "vae"
        await states.aclose()
        await second.close(code, key, ME)
        await ended(stores[1])

    run(story())
