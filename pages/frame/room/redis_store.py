"""Rooms in Redis, so that any process serves any phone and a killed process loses nothing."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .store import IDLE, MOST_PHONES

_CHANNEL = "kl:rooms"
_OPEN = "kl:open"
_PUT = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return 1
"""
_CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""
_ANSWER = """
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], 2 * ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return 1
"""


def _key(code: str, *more: object) -> str:
    return ":".join(["kl:room", code, *map(str, more)])


class RedisStore:
    """url: as redis-py takes it, e.g. redis://localhost:6379/0. wall_clock: Unix seconds, the same for all processes."""

    errors: tuple[type[Exception], ...] = (RedisError, OSError)

    def __init__(self, url: str, wall_clock: Callable[[], float]) -> None:
        self._redis = Redis.from_url(url, decode_responses=True, socket_timeout=5, socket_connect_timeout=5)
        self._listening = Redis.from_url(url, decode_responses=True, socket_connect_timeout=5)
        self._create, self._put, self._answer = map(self._redis.register_script, (_CREATE, _PUT, _ANSWER))
        self._clock = wall_clock
        self._task: asyncio.Task | None = None

    async def create(self, code: str, texts: dict[str, str]) -> bool:
        made = bool(await self._create([_key(code)], [IDLE, *_pairs(texts)]))
        if made:
            await self._redis.zadd(_OPEN, {code: self._clock()})
        return made

    async def read(self, code: str) -> dict[str, str]:
        texts: dict[str, str] = await self._redis.hgetall(_key(code))  # type: ignore[assignment]  # texts, as it decodes them
        return texts

    async def put(self, code: str, texts: dict[str, str], news: str = "") -> None:
        """In one message to Redis: each that a move waits for is a millisecond on every phone."""
        await self._put([_key(code), _OPEN], [IDLE, self._clock(), code, _CHANNEL, news, *_pairs(texts)])

    async def keep(self, code: str, name: str, text: str) -> None:
        await self._redis.set(_key(code, name), text, ex=IDLE)

    async def kept(self, code: str, name: str) -> str:
        text: str | None = await self._redis.get(_key(code, name))  # type: ignore[assignment]
        return text or ""

    async def answer(self, code: str, number: int, phone: str, value: str) -> bool:
        keys = [_key(code, "answers", number), _key(code)]
        return bool(await self._answer(keys, [IDLE, phone, value, MOST_PHONES]))

    async def answers(self, code: str, number: int) -> list[str]:
        values: list[str] = await self._redis.hvals(_key(code, "answers", number))  # type: ignore[assignment]
        return values

    async def seen(self, code: str, phones: Collection[str], now: float) -> None:
        await self._redis.zadd(_key(code, "here"), dict.fromkeys(phones, now))
        await self._redis.expire(_key(code, "here"), IDLE)

    async def gone(self, code: str, phone: str) -> None:
        await self._redis.zrem(_key(code, "here"), phone)

    async def here(self, code: str, since: float) -> int:
        return await self._redis.zcount(_key(code, "here"), since, "+inf")

    async def delete(self, code: str) -> None:
        asked = int(await self._redis.hget(_key(code), "asked") or 0)
        of_questions = [_key(code, name, number + 1) for name in ("answers", "picture") for number in range(asked)]
        await self._redis.delete(_key(code), _key(code, "here"), _key(code, "stage"), *of_questions)
        await self._redis.zrem(_OPEN, code)

    async def count(self) -> int:
        await self._redis.zremrangebyscore(_OPEN, "-inf", self._clock() - IDLE)
        return await self._redis.zcard(_OPEN)

    async def listen(self, heard: Callable[[str], None]) -> None:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._read_channel(heard, ready))
        with suppress(TimeoutError):
            await asyncio.wait_for(ready.wait(), 5)

    async def _read_channel(self, heard: Callable[[str], None], ready: asyncio.Event) -> None:
        while True:
            try:
                async with self._listening.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(_CHANNEL)
                    ready.set()
                    heard("*")
                    async for message in channel.listen():
                        heard(message["data"])
            except RedisError:
                await asyncio.sleep(1)

    async def publish(self, message: str) -> None:
        await self._redis.publish(_CHANNEL, message)

    async def end(self) -> None:
        """Closes the connections; for tests."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()
        await self._listening.aclose()


def _pairs(texts: dict[str, str]) -> list[str]:
    return [part for pair in texts.items() for part in pair]
