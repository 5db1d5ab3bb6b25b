"""Long work in the background: at most two at a time for the whole server, the others wait in line where all can see it.

A job is known by its key: whoever asks for the same gets the same job, running or done.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AT_ONCE = 2
KEPT = 48
"""Finished jobs remembered, the last ones asked for."""
PAUSE = 0.002
"""Seconds between two steps, in which the server answers those who only look."""


class Job:
    """One run: the results so far, in order, and how it stands: "waiting", "running", "done", "stopped" or "failed"."""

    def __init__(self, work: Callable[[], Iterator[Any]], total: int) -> None:
        self.work, self.total = work, total
        self.results: list[Any] = []
        self.state = "waiting"
        self.problem = ""

    @property
    def live(self) -> bool:
        return self.state in ("waiting", "running")

    def stop(self) -> None:
        """Ends it after the step it is at; what it has found stays."""
        if self.live:
            self.state = "stopped"

    def run(self) -> None:
        if self.state != "waiting":
            return
        self.state = "running"
        try:
            for result in self.work():
                if self.state != "running":
                    return
                self.results.append(result)
                time.sleep(PAUSE)
            self.state = "done"
        except (ArithmeticError, ValueError) as problem:
            self.state, self.problem = "failed", str(problem)


class Queue:
    """Jobs by key, run in the order in which they were asked for."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="job")
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, key: Hashable, work: Callable[[], Iterator[Any]], total: int) -> Job:
        """The job of this key, started if there is none or its last one was stopped or failed. work yields `total` results."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.state in ("stopped", "failed"):
                job = self._jobs[key] = Job(work, total)
                self._pool.submit(job.run)
            self._jobs.move_to_end(key)
            for old in [one for one, kept in self._jobs.items() if not kept.live][: max(len(self._jobs) - KEPT, 0)]:
                del self._jobs[old]
            return job

    def find(self, key: Hashable) -> Job | None:
        return self._jobs.get(key)

    def ahead_of(self, job: Job) -> int:
        """How many are running or waiting before it."""
        with self._lock:
            others = list(self._jobs.values())
        return sum(one.live for one in others[: others.index(job)]) if job in others else 0


QUEUE = Queue()
