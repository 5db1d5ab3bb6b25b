"""What a room does not take, and when it is forgotten, in memory and in Redis."""

from pages.frame.room.hub import MOST_ROOMS, Hub
from pages.frame.room.redis_store import RedisStore
from pages.frame.room.store import IDLE, MOST_PHONES, MemoryStore
from tests.pages.room.hubs import CHOICE, ME, PATIENCE, SLIDE, in_hub, phone, refused, run


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
