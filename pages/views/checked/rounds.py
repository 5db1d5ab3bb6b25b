"""The claims computed in the background, once for all visitors, and again when somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan

from kl_core.published import CLAIMS, Check, check

from ...shared.jobs import OWN, Job


@dataclass(frozen=True)
class Round:
    """All claims computed once. asked: when."""

    number: int
    asked: datetime
    job: Job

    @property
    def checks(self) -> dict[str, Check]:
        """What has been computed so far, by the claim's name."""
        return {one.claim.name: one for one in list(self.job.results)}


_lock = threading.Lock()
_last: list[Round] = []


def latest() -> Round:
    """The last round; the first one is begun by whoever asks first."""
    with _lock:
        return _last[-1] if _last else _begin()


def again() -> None:
    """Begins another round, unless one is on its way."""
    with _lock:
        if not (_last and _last[-1].job.live):
            _begin()


def _begin() -> Round:
    number = _last[-1].number + 1 if _last else 0
    begun = Round(number, datetime.now(UTC), OWN.ask(("checked", number), _checks, len(CLAIMS), for_all=True))
    _last[:] = [begun]
    return begun


def _checks() -> Iterator[Check]:
    for claim in CLAIMS:
        try:
            yield check(claim)
        except (ArithmeticError, RuntimeError, ValueError):  # then it is not reproduced, and the others still are looked at
            yield Check(claim, (nan,) * len(claim.theirs), 0.0)
