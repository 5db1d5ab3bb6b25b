"""python -m bench [subject …]"""

import os
import platform
import sys
from importlib.metadata import version

from . import core, live_picture  # noqa: F401 - they add their subjects
from .rows import SUBJECTS, Row


def machine() -> str:
    """Cores and load: figures of a busy machine are not those of a quiet one."""
    load = " ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return f"{os.cpu_count()} cores ({_processor()}), load average {load}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def line(row: Row) -> str:
    parts = [f"  {row.what:<52} {row.ours:>9.4g} {row.unit}"]
    if row.ratio is not None:
        parts.append(f"{row.against} {row.other:.4g} {row.unit}, ratio {row.ratio:.3g}")
    promises = [f"at most {row.limit:g} {row.unit}"] if row.limit is not None else []
    promises += [f"ratio at least {row.least_ratio:g}"] if row.least_ratio is not None else []
    if promises:
        parts.append(f"promised {' and '.join(promises)}: {'holds' if row.holds else 'DOES NOT HOLD'}")
    if row.note:
        parts.append(row.note)
    return " · ".join(parts)


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
