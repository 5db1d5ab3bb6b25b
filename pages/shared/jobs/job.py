"""A job as pages see it, and what they ask of a queue; one in this process, whose work is an iterator."""

import time
from collections.abc import Callable, Hashable, Iterator
from math import inf
from typing import Any, Protocol

from streamlit.runtime.scriptrunner import get_script_run_ctx

GRACE = 60.0
"""Seconds for which a job goes on while nobody looks at it."""
LONGEST = 600.0
"""Seconds that a job may take."""
PAUSE = 0.002
"""Seconds between two steps, in which the server answers those who only look."""
UNWATCHED = "nobody watched it for a minute"
OTHERS_WATCH = "others watch it, so it goes on for them"
TOO_LONG = "a training may take ten minutes, and what it found by then stays"
LIVE = ("waiting", "running")


def asker() -> str | None:
    """The session that asks; None where the server asks by itself."""
    run = get_script_run_ctx(suppress_warning=True)
    return None if run is None else run.session_id


class Job:
    """One run: the results so far, in order, and how it stands: "waiting", "running", "done", "stopped" or "failed".

    problem: why it failed, or why it was stopped if nobody pressed Stop; "" otherwise. Who reads the state watches the job. For a
    visitor who has pressed Stop it has stopped, although it may go on for others who watch it.
    """

    def __init__(self, work: Callable[[], Iterator[Any]], total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.work, self.total, self.clock = work, total, clock
        self.results: list[Any] = []
        self.problem = ""
        self.sessions: set[str] = set()
        self.whole_server = False
        """Asked for by the server itself: then it needs nobody who looks."""
        self._state = "waiting"
        self._seen: dict[str | None, float] = {asker(): clock()}
        """When each session looked last."""
        self._left: set[str | None] = set()

    @property
    def state(self) -> str:
        if self.left:
            return "stopped"
        self._seen[asker()] = self.clock()
        return self._state

    @property
    def left(self) -> bool:
        """Whether this visitor has pressed Stop and the job goes on for others."""
        return bool(self._left) and asker() in self._left and not self.ended

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def ended(self) -> bool:
        """Asked by the queue, which does not watch."""
        return self._state not in LIVE

    @property
    def waits(self) -> bool:
        return self._state == "waiting"

    @property
    def incomplete(self) -> bool:
        """Whether it has ended without all its results: then it begins anew when it is asked for again."""
        return self._state in ("stopped", "failed")

    @property
    def unwatched(self) -> bool:
        return not self.whole_server and self.clock() - max(list(self._seen.values()), default=-inf) > GRACE

    @property
    def because(self) -> str:
        """Behind "stopped": ": nobody watched it for a minute"; "" where this visitor pressed Stop and nobody else watched."""
        problem = OTHERS_WATCH if self.left else self.problem
        return f": {problem}" if problem else ""

    def join(self) -> None:
        """This visitor asks for it, and watches it."""
        session = asker()
        self._left.discard(session)
        self._seen[session] = self.clock()
        if session is not None:
            self.sessions.add(session)

    def leave(self) -> None:
        """This visitor has pressed Stop, or asked for something else since. The job ends if nobody else watches it."""
        session = asker()
        self.sessions.discard(str(session))
        self._seen.pop(session, None)
        self._left.add(session)
        if self.unwatched:
            self.stop()

    def stop(self, why: str = "") -> None:
        """Ends it for everybody after the step it is at; what it has found stays."""
        if not self.ended:
            self._state, self.problem = "stopped", why

    def run(self) -> None:
        if not self.waits:
            return
        self._state, begun = "running", self.clock()
        try:
            for result in self.work():
                if self.ended:
                    return
                self.results.append(result)
                if self.unwatched:
                    self.stop(UNWATCHED)
                elif self.clock() - begun > LONGEST:
                    self.stop(TOO_LONG)
                time.sleep(PAUSE)
            if not self.ended:
                self._state = "done"
        except Exception as problem:
            self._state, self.problem = "failed", str(problem) or type(problem).__name__


class Jobs(Protocol):
    """What pages ask of a queue."""

    def ask(self, key: Hashable, work: Callable[[], Iterator[Any]], total: int) -> Job: ...

    def find(self, key: Hashable) -> Job | None: ...

    def ahead_of(self, job: Job) -> int: ...
