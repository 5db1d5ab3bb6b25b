"""Script runs take turns.

Python runs one thread at a time, and torch on small tensors gains nothing from more: twenty runs beside each other cost
three times the processor time of twenty runs in a row. So one run goes at a time, in the order of arrival, and nobody waits
long for a slow one: after PATIENCE the next goes beside it.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = int(os.environ.get("KL_RUNS_AT_ONCE") or 1)
PATIENCE = 0.15
"""Seconds for which a run has its turn to itself; longer than nearly all of them take."""
MOST_ASIDE = 6
"""Slow runs that may go on beside the one whose turn it is. When so many do, the next waits until one of them ends."""


class _Run:
    """A run that waits for its turn, or has it. since: when it got it, seconds of the monotonic clock."""

    def __init__(self) -> None:
        self.first = threading.Event()
        self.since = 0.0


class Gate:
    """Lets at_once runs through at a time, first come, first served."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE, most_aside: int = MOST_ASIDE) -> None:
        if at_once < 1:
            raise ValueError(f"KL_RUNS_AT_ONCE is {at_once}; at least one run goes at a time.")
        self.at_once, self.patience, self.most_aside = at_once, patience, most_aside
        self._lock = threading.Lock()
        self._waiting: deque[_Run] = deque()
        self._running: deque[_Run] = deque()
        self._aside: set[_Run] = set()
        self._mine = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One run, from its turn to its end."""
        run = _Run()
        self._enter(run)
        self._mine.run = run
        try:
            yield
        finally:
            self._mine.run = None
            self._leave(run)

    def step_aside(self) -> None:
        """Called within a run before what takes long: the next run need not wait for it. Does nothing outside of a run."""
        run = getattr(self._mine, "run", None)
        if run is None:
            return
        with self._lock:
            if run in self._running and len(self._aside) < self.most_aside:
                self._put_aside(run)
                self._wake()

    def _enter(self, run: _Run) -> None:
        with self._lock:
            self._waiting.append(run)
            self._wake()
        run.first.wait()  # nobody looks at the clock but the first in line
        while True:
            with self._lock:
                wait = self._admitted(run)
                if wait is None:
                    return
                run.first.clear()
            run.first.wait(wait)

    def _admitted(self, run: _Run) -> float | None:
        """None where its turn has come, else the seconds until it is worth asking again."""
        now = time.monotonic()
        if len(self._running) >= self.at_once:
            slow = self._running[0]
            left = slow.since + self.patience - now
            if left > 0:
                return left
            if len(self._aside) >= self.most_aside:
                return 60.0  # the end of any run wakes it
            self._put_aside(slow)
        self._waiting.popleft()
        run.since = now
        self._running.append(run)
        self._wake()
        return None

    def _put_aside(self, run: _Run) -> None:
        self._running.remove(run)
        self._aside.add(run)

    def _leave(self, run: _Run) -> None:
        with self._lock:
            if run in self._aside:
                self._aside.remove(run)
            else:
                self._running.remove(run)
            self._wake()

    def _wake(self) -> None:
        """Tells the first in line that something has changed."""
        if self._waiting:
            self._waiting[0].first.set()


GATE = Gate()
