"""A clock for what is decided by time, so that no test waits."""


class Clock:
    """Seconds; it moves when it is told to."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
