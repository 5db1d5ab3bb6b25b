"""What a bench is made of: rows, each ours against something else, measured in the same run.

A new subject is a function that yields rows, marked with @subject, in a module named in bench/__main__.py.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

SUBJECTS: dict[str, Callable[[], Iterator["Row"]]] = {}


@dataclass(frozen=True)
class Row:
    """One measurement. `other` is what was measured beside it, in the same unit; `limit` is what we promise.

    `ours` is None for what cannot be measured on this machine.
    """

    what: str
    ours: float | None
    unit: str
    other: float | None = None
    against: str = ""
    limit: float | None = None
    least_ratio: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times less ours is."""
        return None if self.other is None else self.other / self.ours

    @property
    def holds(self) -> bool:
        within = self.limit is None or self.ours <= self.limit
        return within and (self.least_ratio is None or self.ratio >= self.least_ratio)


def line(row: Row) -> str:
    if row.ours is None:
        return f"  {row.what:<52} not measured · {row.note}"
    parts = [f"  {row.what:<52} {row.ours:>9.4g} {row.unit}"]
    if row.ratio is not None:
        parts.append(f"{row.against} {row.other:.4g} {row.unit}, ratio {row.ratio:.3g}")
    promises = [f"at most {row.limit:g} {row.unit}"] if row.limit is not None else []
    promises += [f"ratio at least {row.least_ratio:g}"] if row.least_ratio is not None else []
    if promises:
        parts.append(f"target {' and '.join(promises)}: {'met' if row.holds else 'NOT MET'}")
    if row.note:
        parts.append(row.note)
    return " · ".join(parts)


def subject(measure: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    """Marks a function that yields rows; its name is what `python -m bench <name>` takes."""
    SUBJECTS[measure.__name__] = measure
    return measure


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def alternately(first: Callable[[], object], second: Callable[[], object], rounds: int = 15) -> tuple[float, float]:
    """Median seconds of one call of each, taken in turns so that a busy moment falls on both."""
    both = ([], [])
    counts = [_calls_in(0.02, call) for call in (first, second)]
    for _ in range(rounds):
        for call, count, times in zip((first, second), counts, both, strict=True):
            start = time.perf_counter()
            for _ in range(count):
                call()
            times.append((time.perf_counter() - start) / count)
    return median(both[0]), median(both[1])


def _calls_in(seconds: float, call: Callable[[], object]) -> int:
    call()
    start = time.perf_counter()
    call()
    return max(1, int(seconds / (time.perf_counter() - start)))
