"""A hub as tests of rooms talk to it."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pages.frame.room.hub import Hub
from pages.frame.room.redis_store import RedisStore
from pages.frame.room.rules import Refused

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
