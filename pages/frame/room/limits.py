"""How often somebody may do something: a bucket of permits that fills at a steady rate."""

from collections.abc import Callable

MOST_BUCKETS = 10_000


class Rate:
    """`burst` acts at once, then `per_second`. Remembers the latest MOST_BUCKETS names only."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, name: str) -> bool:
        """Takes a permit if there is one."""
        now = self._clock()
        left, since = self._buckets.pop(name, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._buckets[name] = (left - allowed, now)
        if len(self._buckets) > MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return allowed
