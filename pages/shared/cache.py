"""Results kept for all visitors, each made once: who asks for one that is being made waits for it."""

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import RLock
from typing import ParamSpec, TypeVar

from .gate import GATE

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def shared_cache(most: int) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """lru_cache(most) that lets one caller at a time in, so that a class on one link does not make the same thing thirty times.

    A run that has to make it, or to wait for a run that makes it, gives up its turn; otherwise all would wait with it.
    """

    def decorated(make: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @lru_cache(maxsize=most)
        def cached(*args: Arguments.args, **named: Arguments.kwargs) -> Result:
            GATE.step_aside()
            return make(*args, **named)

        lock = RLock()

        @wraps(make)
        def ask(*args: Arguments.args, **named: Arguments.kwargs) -> Result:
            if not lock.acquire(blocking=False):
                GATE.step_aside()
                lock.acquire()
            try:
                return cached(*args, **named)  # type: ignore[arg-type]  # every argument of a cached function is hashable
            finally:
                lock.release()

        return ask

    return decorated
