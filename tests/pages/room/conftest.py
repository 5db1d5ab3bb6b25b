"""Rooms in memory and in a really running Redis."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from pages.frame.room.redis_store import RedisStore
from pages.frame.room.store import MemoryStore, Store
from tests.server import free_port


class Clock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory) -> Iterator[str]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        pytest.skip("Neither redis-server nor valkey-server is installed here; on Debian: apt-get install redis-server")
    port = free_port()
    options = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(tmp_path_factory.mktemp("redis")),
    ]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    import redis

    with redis.Redis(port=port) as client:
        for _ in range(200):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
    raise RuntimeError("Redis did not start.")


@pytest.fixture(params=["memory", "redis"])
def new_store(request, clock) -> Callable[[], Store]:
    """Makes a store inside the running event loop; those in Redis share their rooms."""
    if request.param == "memory":
        store = MemoryStore(clock)
        return lambda: store
    url = request.getfixturevalue("redis_url")
    return lambda: RedisStore(url, clock)
