"""The queue of several processes: jobs are kept in Redis, and RQ's workers run them (`worker.py`).

RQ hands out turns, not jobs: who gets a turn takes the job that is next in fairness, until none may run. So it is as in one
process, whoever has asked wherever. work must be picklable: a function of a module, or functools.partial of one. Whoever can
write to this Redis can run code in the workers, and JSON instead of pickle would not change that, since RQ calls any function that
a job names: so it stands where only the app and its workers can reach it.
"""

import hashlib
import pickle
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as Turns

from .job import GRACE, Job, asker

PREFIX, TURNS = "kl:jobs:", "kl-jobs"
WAITING, RUNNING = f"{PREFIX}waiting", f"{PREFIX}running"
KEPT_SECONDS = 1800
"""For which a job that has ended is remembered."""
LOOK, ASK_AGAIN = 0.25, 5.0
"""Seconds between two looks of one process at a job, and until another turn is asked for."""
ALIVE = 10
"""Seconds without a sign of life after which a worker counts as ended."""
SERVER = "server"
"""What asks without a session."""
NO_QUEUE = "the queue of trainings cannot be reached"
LOST = "the process that trained it has ended"


def place(name: str, of: str = "") -> str:
    """Where something of a job is kept."""
    return f"{PREFIX}{name}:{of}" if of else f"{PREFIX}{name}"


class RedisJob(Job):
    """A job as this process last saw it. Reading the state looks again."""

    def __init__(self, queue: "RedisQueue", name: str, total: int, state: str = "waiting", problem: str = "") -> None:
        super().__init__(_elsewhere, total)
        self.queue, self.name, self.number = queue, name, b""
        self._state, self.problem = state, problem
        self._looked, self._asked_again = 0.0, time.monotonic()
        self._watching: set[str] = set()
        """Who has read the state since Redis was told."""

    @property
    def state(self) -> str:
        if not self.left:
            self._watching.add(asker() or SERVER)
        self.look()
        return "stopped" if self.left else self._state

    def look(self) -> None:
        """What Redis says, unless it was asked just now."""
        if not self.ended and time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            try:
                self._look(self.queue.redis)
            except (RedisError, OSError):
                self._state, self.problem = "failed", NO_QUEUE

    def _look(self, redis: Redis) -> None:
        watching, self._watching = self._watching, set()
        pipe = redis.pipeline()
        if watching:
            note_watching(pipe, self.name, watching)
        pipe.hmget(place(self.name), "state", "problem")
        pipe.exists(place(self.name, "alive"))
        pipe.lrange(place(self.name, "results"), len(self.results), -1)
        (state, problem), alive, results = pipe.execute()[-3:]
        self.results += map(pickle.loads, results)
        if state is None or (state == b"running" and not alive):
            self._state, self.problem = "failed", LOST
            end(redis, self.name, "failed", LOST)
            return
        self._state, self.problem = state.decode(), (problem or b"").decode()
        if self.waits and time.monotonic() - self._asked_again > ASK_AGAIN:
            self._asked_again = time.monotonic()
            self.queue.ask_for_turn()

    def leave(self) -> None:
        self._left.add(asker())
        self._watching.discard(asker() or SERVER)
        try:
            if not self._others_watch(self.queue.redis):
                self.stop()
        except (RedisError, OSError):
            self._state, self.problem = "failed", NO_QUEUE

    def _others_watch(self, redis: Redis) -> bool:
        """Takes this visitor off, and notes those who have looked here since the last time."""
        watching, self._watching = self._watching, set()
        redis.srem(place(self.name, "sessions"), asker() or "")
        redis.zrem(place(self.name, "watchers"), asker() or SERVER)
        if watching:
            note_watching(redis, self.name, watching)
        return watched(redis, self.name)

    def stop(self, why: str = "") -> None:
        if not self.ended:
            end(self.queue.redis, self.name, "stopped", why)
            self._state, self.problem = "stopped", why


class RedisQueue:
    """Jobs by key, the same for all processes that know this Redis."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        self._turns = Turns(TURNS, connection=self.redis)
        self._jobs: dict[str, RedisJob] = {}

    def ask(self, key: Hashable, work: Callable[[], Iterator[Any]], total: int) -> Job:
        """The job of this key, started if there is none or its last one was stopped or failed."""
        name, session = name_of(key), asker()
        try:
            if job := self._find(name):
                job.look()
            if job is None or job.incomplete:
                job = self._jobs[name] = self._new(name, work, total)
            job.join()
            self.redis.sadd(place(name, "sessions"), session or "")
            self.redis.expire(place(name, "sessions"), 2 * KEPT_SECONDS)
            note_watching(self.redis, name, [session or SERVER])
            if job.waits:
                self.ask_for_turn()
        except (RedisError, OSError):
            job = self._jobs[name] = RedisJob(self, name, total, "failed", NO_QUEUE)
        return job

    def find(self, key: Hashable) -> Job | None:
        try:
            return self._find(name_of(key))
        except (RedisError, OSError):
            return self._jobs.get(name_of(key))

    def ahead_of(self, job: Job) -> int:
        """How many run, and how many were asked for earlier and wait."""
        if not isinstance(job, RedisJob):
            return 0
        try:
            rank: Any = self.redis.zrank(WAITING, job.name)
            return int(self.redis.scard(RUNNING)) + int(rank or 0)
        except (RedisError, OSError):
            return 0

    def ask_for_turn(self) -> None:
        if self._turns.count < 100:
            self._turns.enqueue_call("pages.shared.jobs.worker.take_turn", timeout=24 * 3600, result_ttl=0, failure_ttl=0)

    def _find(self, name: str) -> RedisJob | None:
        seen = self._jobs.get(name)
        if seen is not None and not seen.ended:
            return seen
        total = self.redis.hget(place(name), "total")
        if total is None:
            self._jobs.pop(name, None)
            return None if seen is None or seen._state != "failed" else seen
        number: Any = self.redis.hget(place(name), "number")
        if seen is None or seen.number != number:  # another process has begun it anew
            seen = self._jobs[name] = RedisJob(self, name, int(total))
            seen.number = number
        return seen

    def _new(self, name: str, work: Callable[[], Iterator[Any]], total: int) -> RedisJob:
        number = self.redis.incr(f"{PREFIX}number")
        fields: dict[Any, Any] = {"state": "waiting", "problem": "", "total": total, "work": pickle.dumps(work), "number": number}
        pipe = self.redis.pipeline()
        pipe.delete(place(name), *(place(name, of) for of in ("results", "sessions", "watchers")))
        pipe.hset(place(name), mapping=fields)
        pipe.expire(place(name), 2 * KEPT_SECONDS)
        note_watching(pipe, name, [asker() or SERVER])
        pipe.zadd(WAITING, {name: number})
        pipe.execute()
        job = RedisJob(self, name, total)
        job.number = str(number).encode()
        return job


def name_of(key: Hashable) -> str:
    """Keys are texts, numbers and dataclasses of them, which are written alike in every process."""
    return hashlib.sha256(repr(key).encode()).hexdigest()[:32]


def note_watching(redis: Redis, name: str, sessions: Iterable[str]) -> None:
    """These sessions look at a job now; the server, which looks at nothing, watches it for as long as it is remembered."""
    until = {session: time.time() + (KEPT_SECONDS if session == SERVER else GRACE) for session in sessions}
    redis.zadd(place(name, "watchers"), until)
    redis.expire(place(name, "watchers"), 2 * KEPT_SECONDS)


def watched(redis: Redis, name: str) -> bool:
    """Whether a session has looked at a job within the last minute."""
    return bool(redis.zcount(place(name, "watchers"), time.time(), "+inf"))


def end(redis: Redis, name: str, state: str, problem: str = "") -> None:
    """A job has ended. Where it is not known any more, nothing is written."""
    pipe = redis.pipeline()
    pipe.zrem(WAITING, name)
    pipe.srem(RUNNING, name)
    if redis.exists(place(name)):
        pipe.hset(place(name), mapping={"state": state, "problem": problem})
        for of in ("", "results", "sessions", "watchers"):
            pipe.expire(place(name, of), KEPT_SECONDS)
    pipe.execute()


def _elsewhere() -> Iterator[Any]:
    raise NotImplementedError("A worker runs it.")
