"""What a server's process uses of the processor, and when it is at rest.

For a minute after its start the app makes what all visitors share, with all that the machine has. What is measured meanwhile is that.
"""

import time
from pathlib import Path

RESTING, RESTS_WITHIN = 0.05, 300.0
"""Cores below which a server is at rest, and seconds after which it is not waited for any longer."""


def processor_seconds(pid: int) -> float:
    """Used so far; NaN where the system does not tell."""
    try:
        user, system = map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])
    except OSError:
        return float("nan")
    return (user + system) / 100


def wait_for_rest(*pids: int) -> None:
    """Until these processes together have done next to nothing for three seconds; where the system does not tell, not at all."""
    used, calm, deadline = _all(pids), 0, time.monotonic() + RESTS_WITHIN
    while used == used and calm < 3 and time.monotonic() < deadline:
        time.sleep(1)
        before, used = used, _all(pids)
        calm = calm + 1 if used - before < RESTING else 0


def _all(pids: tuple[int, ...]) -> float:
    return sum(map(processor_seconds, pids))
