"""A worker that runs jobs out of Redis: `REDIS_URL=redis://… python -m pages.shared.jobs.worker`, two of them on a machine."""

import os
import pickle
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from rq import Queue as Turns
from rq import SimpleWorker

from .in_redis import ALIVE, KEPT_SECONDS, PREFIX, RUNNING, TURNS, WAITING, end, place, watched
from .job import UNWATCHED, Job

SERVED, LOCK, TURN = f"{PREFIX}served", f"{PREFIX}lock", f"{PREFIX}turn"


def take_turn() -> None:
    """Runs jobs until none may run."""
    redis = Redis.from_url(os.environ["REDIS_URL"])
    while (name := next_job(redis)) is not None:
        run(redis, name)


def next_job(redis: Redis) -> str | None:
    """The job that is next, marked as running: of those whose visitor has no other one running, the one whose visitor had a turn
    longest ago."""
    with redis.lock(LOCK, timeout=20):
        busy = set[bytes]().union(*(_sessions(redis, name) for name in _alive(redis)))
        free = []
        waiting: Any = redis.zrange(WAITING, 0, -1, withscores=True)
        for raw, number in waiting:
            name = raw.decode()
            if not watched(redis, name):
                end(redis, name, "stopped", UNWATCHED)
                continue
            sessions = _sessions(redis, name)
            if sessions - busy or not sessions:
                turns = [int(turn or 0) for turn in redis.hmget(SERVED, *sessions)] if sessions else []
                free.append((min(turns, default=0), number, name, sessions))
        if not free:
            if not redis.zcard(WAITING):
                redis.delete(SERVED)
            return None
        _, _, name, sessions = min(free)
        if sessions:
            redis.hset(SERVED, mapping=dict.fromkeys(sessions, redis.incr(TURN)))
        redis.set(place(name, "alive"), 1, ex=ALIVE)
        redis.zrem(WAITING, name)
        redis.sadd(RUNNING, name)
        redis.hset(place(name), "state", "running")
        return name


def _alive(redis: Redis) -> list[str]:
    """The jobs that run; those whose worker has ended are taken off the list."""
    running: Any = redis.smembers(RUNNING)
    alive = []
    for name in map(bytes.decode, running):
        if redis.exists(place(name, "alive")):
            alive.append(name)
        else:
            redis.srem(RUNNING, name)
    return alive


def _sessions(redis: Redis, name: str) -> set[bytes]:
    """Who asked for a job."""
    sessions: Any = redis.smembers(place(name, "sessions"))
    return sessions


class _Told(Job):
    """A job whose results and end are told to Redis, and which stops where Redis says so."""

    def __init__(self, redis: Redis, name: str) -> None:
        fields: Any = redis.hmget(place(name), "total", "work")
        total, work = fields
        super().__init__(pickle.loads(work), int(total))
        self.redis, self.name = redis, name
        self.results = _Pushed(redis, place(name, "results"))

    @property
    def ended(self) -> bool:
        if self._state == "running" and self.redis.hget(place(self.name), "state") != b"running":
            self._state = "stopped"
            problem: Any = self.redis.hget(place(self.name), "problem")
            self.problem = (problem or b"").decode()
        return super().ended

    @property
    def unwatched(self) -> bool:
        return not watched(self.redis, self.name)


class _Pushed(list):
    """A list of which nothing is kept here."""

    def __init__(self, redis: Redis, where: str) -> None:
        super().__init__()
        self.redis, self.where = redis, where

    def append(self, result: object) -> None:
        self.redis.rpush(self.where, pickle.dumps(result))
        self.redis.expire(self.where, KEPT_SECONDS)


def run(redis: Redis, name: str) -> None:
    with _signs_of_life(redis, name):
        try:
            job = _Told(redis, name)
            job.run()
            end(redis, name, job._state, job.problem)
        except Exception as problem:
            end(redis, name, "failed", str(problem) or type(problem).__name__)


@contextmanager
def _signs_of_life(redis: Redis, name: str) -> Iterator[None]:
    over = threading.Event()

    def beat() -> None:
        while not over.wait(ALIVE / 4):
            redis.set(place(name, "alive"), 1, ex=ALIVE)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def main() -> None:
    import torch

    torch.set_num_threads(1)
    redis = Redis.from_url(os.environ["REDIS_URL"])
    SimpleWorker([Turns(TURNS, connection=redis)], connection=redis).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
