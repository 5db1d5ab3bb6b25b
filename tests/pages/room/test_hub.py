"""What rooms do, in memory and in Redis: the teacher moves and asks, phones follow, answer and learn nothing too early."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.frame.room.hub import MOST_ROOMS, Hub
from pages.frame.room.redis_store import RedisStore
from pages.frame.room.rules import LETTERS, Refused
from pages.frame.room.store import IDLE, MOST_PHONES, MemoryStore

CHOICE = {"kind": "choice", "ask": "Which is larger?", "options": ["KL(P‖Q)", "KL(Q‖P)", "neither"], "truth": 1, "why": "Because."}
SLIDE = {"kind": "slide", "ask": "How many bits?", "places": [place / 10 for place in range(21)], "unit": "bits", "truth": 0.7}
ME = "127.0.0.1"
PATIENCE = 30


def phone(n: int) -> str:
    return f"phone-{n:012d}"


def run(story: Awaitable) -> object:
    async def whole() -> object:
        async with asyncio.timeout(PATIENCE):
            return await story

    with ThreadPoolExecutor(1) as thread:  # of its own: a browser that another test left open has a loop in this one
        return thread.submit(asyncio.run, whole()).result()


def in_hub(new_store, clock, story: Callable[[Hub], Awaitable]) -> None:
    async def whole() -> None:
        store = new_store()
        try:
            await story(Hub(store, clock))
        finally:
            await ended(store)

    run(whole())


async def ended(store) -> None:
    """What is still being read and written comes before the connections are closed: it would open another."""
    if isinstance(store, RedisStore):
        if under_way := asyncio.all_tasks() - {asyncio.current_task(), store._task}:
            await asyncio.wait(under_way, timeout=5)
        await store.end()


async def refused(act: Awaitable) -> int:
    with pytest.raises(Refused) as problem:
        await act
    assert str(problem.value).endswith(".")
    return problem.value.status


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


def test_a_closed_room_says_so_to_its_phones_and_is_gone(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        states = await hub.follow(code, None, phone(1), ME)
        await anext(states)
        await hub.close(code, key, ME)
        assert [state async for state in states] == ["null"]
        assert await refused(hub.view(code, None, ME)) == 404

    in_hub(new_store, clock, story)


def test_whoever_guesses_codes_waits_and_nobody_else(new_store, clock):
    async def story(hub: Hub) -> None:
        code, _ = await hub.open("", ME)
        wrong = next(letters for letters in ("BBBB", "CCCC") if letters != code)
        statuses = [await refused(hub.view(wrong, None, "10.0.0.1")) for _ in range(100)]
        assert statuses.count(404) == 60 and statuses[-1] == 429
        assert await refused(hub.view(wrong, None, "10.0.0.2")) == 404
        assert (await hub.view(code, None, "10.0.0.1"))["code"] == code  # the right code is let in all the same
        assert (await hub.view(f" {code.lower()} ", None, ME))["code"] == code

    in_hub(new_store, clock, story)


def test_fast_hands_are_slowed_and_heard_again(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        await hub.ask(code, key, SLIDE, ME)
        for n in range(20):
            await hub.answer(code, phone(1), 1, n / 10, ME)
        assert await refused(hub.answer(code, phone(1), 1, 2, ME)) == 429
        clock.now += 1
        await hub.answer(code, phone(1), 1, 2, ME)
        for _ in range(100):
            await hub.move(code, key, "beta", ME) if hub._moves.allows(code) else None
        assert await refused(hub.move(code, key, "vae", ME)) == 429

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


def test_redis_forgets_a_room_and_its_answers_by_itself(redis_url, clock):
    async def story() -> None:
        store = RedisStore(redis_url, clock)
        hub = Hub(store, clock)
        code, key = await hub.open("", ME)
        await hub.ask(code, key, CHOICE, ME)
        await hub.answer(code, phone(1), 1, 0, ME)
        left = [await store._redis.ttl(name) for name in (f"kl:room:{code}", f"kl:room:{code}:answers:1")]
        assert IDLE - PATIENCE <= left[0] <= IDLE and IDLE - PATIENCE <= left[1] <= 2 * IDLE
        await hub.close(code, key, ME)
        assert not await store._redis.keys(f"kl:room:{code}*")
        await store.end()

    run(story())


def test_a_room_in_memory_is_gone_after_two_idle_hours_and_not_before(clock):
    async def story() -> None:
        hub = Hub(MemoryStore(clock), clock)
        code, key = await hub.open("", ME)
        clock.now += IDLE - 1
        await hub.move(code, key, "beta", ME)
        clock.now += IDLE - 1
        assert (await hub.view(code, None, ME))["address"] == "beta"
        clock.now += 2
        assert await refused(hub.view(code, None, ME)) == 404

    run(story())


def test_there_are_no_more_rooms_and_no_more_answers_than_fit(clock):
    async def story() -> None:
        hub = Hub(MemoryStore(clock), clock)
        code, key = await hub.open("", "0")
        for n in range(1, MOST_ROOMS):
            await hub.open("", str(n))
        assert await refused(hub.open("", "more")) == 503
        await hub.ask(code, key, CHOICE, ME)
        for n in range(MOST_PHONES):
            await hub.answer(code, phone(n), 1, 0, ME)
        assert await refused(hub.answer(code, phone(MOST_PHONES), 1, 0, ME)) == 503
        await hub.answer(code, phone(0), 1, 2, ME)
        assert (await hub.view(code, key, ME))["question"]["tally"] == [[0, MOST_PHONES - 1], [2, 1]]

    run(story())


def test_a_room_takes_so_many_readers_and_has_place_again_when_somebody_leaves(clock, monkeypatch):
    async def story() -> None:
        hub = Hub(MemoryStore(clock), clock)
        code, _ = await hub.open("", ME)
        readers = [await hub.follow(code, None, phone(n), ME) for n in range(3)]
        for states in readers:
            await anext(states)
        assert await refused(hub.follow(code, None, phone(4), ME)) == 503
        await readers[0].aclose()
        readers.append(await hub.follow(code, None, phone(4), ME))
        await anext(readers[-1])
        for states in readers[1:]:  # not left to the loop's end, which would wait for nothing that they begin then
            await states.aclose()

    monkeypatch.setattr("pages.frame.room.hub.MOST_READERS_A_ROOM", 3)
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
