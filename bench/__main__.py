"""python -m bench [subject …]"""

import os
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version

from bench.rows import SUBJECTS, line

CORE = "accuracy compiled core divergences extremes fitting networks peers policy".split()
PAGES = "disturbed dragged first_picture live_picture load phone playground room room_pages story".split()
for name in [*CORE, *PAGES]:
    import_module(f"bench.{name}")  # each adds its rows


def machine() -> str:
    """Cores and load: figures of a busy machine are not those of a quiet one."""
    average = " ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return f"{os.cpu_count()} cores ({_processor()}), load average {average}, {_others()}"


def _others(seconds: float = 2) -> str:
    """How busy the cores are while the bench itself does nothing."""
    try:
        before = _busy_and_all()
        time.sleep(seconds)
        busy, everything = (after - at for after, at in zip(_busy_and_all(), before, strict=True))
    except OSError:
        return "other work not measured"
    return f"other work takes {busy / everything:.0%} of the cores"


def _busy_and_all() -> tuple[int, int]:
    """Ticks that all cores together have worked, and all their ticks, since the machine started."""
    with open("/proc/stat") as file:
        user, nice, system, idle, waiting, *rest = map(int, file.readline().split()[1:9])
    everything = sum((user, nice, system, idle, waiting, *rest))
    return everything - idle - waiting, everything


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def main(names: list[str]) -> None:
    unknown = set(names) - set(SUBJECTS)
    if unknown:
        sys.exit(f"No such bench: {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}.")
    print(f"Python {platform.python_version()}, torch {version('torch')}, Streamlit {version('streamlit')}; {machine()}")
    print("ratio = the other's figure ÷ ours, both taken in this run: above 1, ours is less")
    for name in names or SUBJECTS:
        print(f"\n{name.replace('_', ' ')}", flush=True)
        for row in SUBJECTS[name]():
            print(line(row), flush=True)
    print(f"\nafterwards: {machine()}")


main(sys.argv[1:])
