"""Rooms in memory and in a really running Redis."""

from collections.abc import Callable

import pytest

from pages.frame.room.redis_store import RedisStore
from pages.frame.room.store import MemoryStore, Store
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000.0)


@pytest.fixture(params=["memory", "redis"])
def new_store(request, clock) -> Callable[[], Store]:
    """Makes a store inside the running event loop; those in Redis share their rooms."""
    if request.param == "memory":
        store = MemoryStore(clock)
        return lambda: store
    url = request.getfixturevalue("redis_url")
    return lambda: RedisStore(url, clock)
