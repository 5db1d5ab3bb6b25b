"""The queue of one process: its jobs run in two threads of it."""

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from itertools import count
from typing import Any

from .job import UNWATCHED, Job, asker

AT_ONCE = 2
CLOSES_WITHIN = 10.0
"""Seconds that the process waits at its end for steps that are under way."""
REMEMBERED = 48
"""Finished jobs remembered, the last ones asked for."""


class Queue:
    """Jobs by key. Next is the one whose visitor had a turn longest ago; of one visitor's, the one asked for first."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._at_once, self._threads = at_once, 0
        atexit.register(self._close)
        self._running: set[Job] = set()
        self._turns: dict[str, int] = {}
        """When a session last had a turn, counted; forgotten when nothing waits."""
        self._turn = count(1)

    def ask(self, key: Hashable, work: Callable[[], Iterator[Any]], total: int, for_all: bool = False) -> Job:
        """The job of this key, started if there is none or its last one was stopped or failed. work yields `total` results.

        for_all: it is the server's own, whoever asks, and goes on when nobody looks.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.incomplete:
                self._jobs.pop(key, None)
                job = self._jobs[key] = Job(work, total)
            if for_all or asker() is None:
                job.whole_server = True
            else:
                job.join()
            if job.ended:
                self._jobs.move_to_end(key)  # the line itself stays in order
            self._forget()
            self._start_threads()
        return job

    def find(self, key: Hashable) -> Job | None:
        return self._jobs.get(key)

    def ahead_of(self, job: Job) -> int:
        """How many are running or waiting before it."""
        with self._lock:
            others = list(self._jobs.values())
        return sum(not other.ended for other in others[: others.index(job)]) if job in others else 0

    def _forget(self) -> None:
        ended = [key for key, job in self._jobs.items() if job.ended]
        for key in ended[: max(len(self._jobs) - REMEMBERED, 0)]:
            del self._jobs[key]

    def _start_threads(self) -> None:
        waiting = sum(job.waits for job in self._jobs.values())
        for _ in range(min(self._at_once - self._threads, waiting)):
            self._threads += 1
            threading.Thread(target=self._work, name="job", daemon=True).start()

    def _work(self) -> None:
        """Runs jobs until none may run; `ask` starts another thread then."""
        while (job := self._next()) is not None:
            try:
                job.run()
            finally:
                with self._lock:
                    self._running.discard(job)

    def _close(self) -> None:
        """The process ends: so does each job, after its step. A thread inside torch would bring the process down."""
        with self._lock:
            for job in self._jobs.values():
                job.stop()
        deadline = time.monotonic() + CLOSES_WITHIN
        while self._threads and time.monotonic() < deadline:
            time.sleep(0.01)

    def _next(self) -> Job | None:
        with self._lock:
            for job in self._jobs.values():
                if job.waits and job.unwatched:
                    job.stop(UNWATCHED)
            waiting = [job for job in self._jobs.values() if job.waits and job not in self._running]
            if not waiting:
                self._turns.clear()
            free = [job for job in waiting if self._may_run(job)]
            if not free:
                self._threads -= 1
                return None
            job = min(free, key=self._last_turn)
            self._turns.update(dict.fromkeys(job.sessions, next(self._turn)))
            self._running.add(job)
            return job

    def _may_run(self, job: Job) -> bool:
        """One of a visitor's jobs runs at a time."""
        busy = set().union(*(other.sessions for other in self._running))
        return job.whole_server or not job.sessions or bool(job.sessions - busy)

    def _last_turn(self, job: Job) -> int:
        return min((self._turns.get(session, 0) for session in job.sessions), default=0)
