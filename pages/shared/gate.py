"""Script runs take turns.

Python runs one thread at a time, and torch on small tensors gains nothing from more: twenty runs beside each other cost
three times the processor time of twenty runs in a row. So one run goes at a time, in the order of arrival, and nobody waits
long for a slow one: after PATIENCE the next goes beside it. Answers to a hand and pages that open or look again by themselves
stand in two lines, from which runs come in turns: whoever moves a handle does not wait for sixty tabs that have just been opened.
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

_UNTIL_WOKEN = 60.0
"""Seconds; the end of any run wakes who is first in line."""


class _Run:
    """A run that waits for its turn, or has it. answers: a hand waits for it. since: when it got its turn, seconds of the monotonic
    clock."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.first = threading.Event()
        self.since = 0.0


class Gate:
    """Lets at_once runs through at a time, first come, first served."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE, most_aside: int = MOST_ASIDE) -> None:
        if at_once < 1:
            raise ValueError(f"KL_RUNS_AT_ONCE is {at_once}; at least one run goes at a time.")
        self.at_once, self.patience, self.most_aside = at_once, patience, most_aside
        self._lock = threading.Lock()
        self._answers: deque[_Run] = deque()
        self._others: deque[_Run] = deque()
        self._answered = False
        """Whether the last turn was an answer's."""
        self._running: deque[_Run] = deque()
        self._aside: set[_Run] = set()
        self._mine = threading.local()

    @contextmanager
    def turn(self, answers: bool = True) -> Iterator[None]:
        """One run, from its turn to its end. answers: a hand waits for it."""
        run = _Run(answers)
        self._enter(run)
        self._mine.run = run
        try:
            yield
        finally:
            self._mine.run = None
            self._leave(run)

    def step_aside(self) -> None:
        """Called within a run before what is made once for all, or before waiting for it: the next run need not wait. Since one
        run at a time makes such a thing, it does not count among the slow ones. Does nothing outside of a run."""
        run = getattr(self._mine, "run", None)
        if run is None:
            return
        with self._lock:
            if run in self._running:
                self._running.remove(run)
                self._wake()
            else:
                self._aside.discard(run)

    def waiting(self) -> int:
        """How many runs stand in line."""
        with self._lock:
            return len(self._answers) + len(self._others)

    def _enter(self, run: _Run) -> None:
        with self._lock:
            (self._answers if run.answers else self._others).append(run)
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
        line, now = self._line(), time.monotonic()
        if line[0] is not run:
            return _UNTIL_WOKEN
        if len(self._running) >= self.at_once:
            slow = self._running[0]
            left = slow.since + self.patience - now
            if left > 0:
                return left
            if len(self._aside) >= self.most_aside:
                return _UNTIL_WOKEN
            self._running.remove(slow)
            self._aside.add(slow)
        line.popleft()
        run.since, self._answered = now, run.answers
        self._running.append(run)
        self._wake()
        return None

    def _line(self) -> deque[_Run]:
        """The line that is next: answers and others in turns, where both wait."""
        return self._others if self._others and (self._answered or not self._answers) else self._answers

    def _leave(self, run: _Run) -> None:
        with self._lock:
            self._aside.discard(run)
            if run in self._running:
                self._running.remove(run)
            self._wake()

    def _wake(self) -> None:
        """Tells the first in line that something has changed."""
        line = self._line()
        if line:
            line[0].first.set()


GATE = Gate()
