"""Forgetting as a picture: what was lost on the old questions against success on the new one, or against either KL."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from kl_core.rlhf.forgetting import Moment

from ...shared.jobs import Job
from ...shared.plane import Line, Plane
from ...shared.style import Unit
from . import forgetting_runs as runs

ACROSS = ("Success on sleep", r"KL(π‖$π_\text{ref}$)", r"KL($π_\text{ref}$‖π)")
"""Options, which take Markdown; a link has them as they stand."""
_TITLES = dict(zip(ACROSS[1:], ("KL(π‖π_ref)", "KL(π_ref‖π)"), strict=True))
FORGOTTEN = "Forgotten: success lost on tea and plants, percentage points"
"""The one measure in every picture and sentence of this view."""
HEIGHT = (-3.0, 82.0)
"""A little more than all there is to lose."""
BY_METHOD = {"RL": 1, "SFT": 2}
"""The colours of the ten runs that are always there."""
_TARGETS = {name: f"{runs.number_of(name)} {name}" for name in runs.TARGETS}
"""Names at their lines."""
HAND = 3
"""The colour of the run on a target under the hand."""
_OWN_COLOURS = (4, 5, 6, 7, 8, 3)
_FARTHEST = 25.0
"""Nats; what lies farther is drawn at the edge."""


def place(moment: Moment, across: str, unit: Unit) -> float:
    if across == ACROSS[0]:
        return 100 * moment.new_quality
    return (moment.kl if across == ACROSS[1] else moment.kl_from_reference) * unit.per_nat


def forgetting_plane(
    jobs: list[tuple[runs.ForgettingRun, Job]], across: str, unit: Unit, level: int, hand: runs.ForgettingRun | None = None
) -> Plane:
    """The quick runs, RL's optimum at each β, where SFT ends, and the visitor's own runs; a rule at the success compared at, or at the
    KL that success needs. hand: the run on the target that is under the hand."""
    lines = [*_ends(across, unit), *_optima(across, unit), *_compared(across, unit)]
    own = zip(jobs, _OWN_COLOURS, strict=False)
    lines += [_line(asked.short_name, list(job.results), across, unit, "run", colour) for (asked, job), colour in own]
    if hand is not None:
        lines.append(replace(_line("SFT on your target", runs.by_hand(hand), across, unit, "run", HAND), short="yours"))
    least = runs.nearest_success() * unit.per_nat
    reach = max([1.6 * least, *(x for line in lines for x in line.xs)])
    x = ("Success on sleep, %", 0.0, 100.0)
    if across in _TITLES:
        x = (f"{_TITLES[across]} on sleep, {unit.name} per answer", 0.0, min(reach, _FARTHEST * unit.per_nat) * 1.03)
    rules = {ACROSS[0]: (float(level), "compared here"), ACROSS[1]: (least, "−log π_ref(success)")}
    begin = runs.start()
    points = [(place(begin, across, unit), 0.0, "π_ref"), *_oracle(across, unit)]
    return Plane(FORGOTTEN, x, (FORGOTTEN, *HEIGHT), lines, points, rules.get(across))


def _line(
    name: str, moments: Sequence[Moment], across: str, unit: Unit, style: str, colour: int, marks: Sequence[str] | None = None
) -> Line:
    """marks: for dots at all moments."""
    told = list(zip(moments, marks or [""] * len(moments), strict=True))
    shown = [(moment, mark) for moment, mark in told if place(moment, across, unit) < inf]
    xs = [place(moment, across, unit) for moment, _ in shown]
    ys = [100 * moment.forgotten for moment, _ in shown]
    return Line(name, xs, ys, style, colour, marks is not None, marks=[mark for _, mark in shown] if marks else None)


_ORACLE = runs.TARGETS[0]
"""π_ref given success, as a target."""


def _oracle(across: str, unit: Unit) -> list[tuple[float, float, str]]:
    """The weights nearest to π_ref given success: what they reach, and what they forget. Their KL(π_ref‖π) is infinite."""
    end = runs.imitation_limits()[_ORACLE]
    x = place(end, across, unit)
    return [(x, 100 * end.forgotten, "oracle, nearest weights")] if x < inf else []


def _ends(across: str, unit: Unit) -> list[Line]:
    """Against KL(π‖π_ref): where SFT on each other target would end, by the target's number. KL(π_ref‖π) is infinite there."""
    if across != ACROSS[1]:
        return []
    told = [(name, end) for name, end in runs.imitation_limits().items() if name != _ORACLE]
    return [_line(str(runs.number_of(name)), [end], across, unit, "exact", 9, [f"{name}, trained for ever"]) for name, end in told]


def _optima(across: str, unit: Unit) -> list[Line]:
    best = runs.exact()
    if best is None or not best.results:
        return []
    moments = [runs.start(), *best.results]
    marks = ["β = ∞", *(f"β = {beta:g}" for beta in runs.BETAS[: len(best.results)])]
    return [_line("RL’s optimum", moments, across, unit, "exact", 0, marks)]


def _compared(across: str, unit: Unit) -> list[Line]:
    lines = []
    for path in runs.compared():
        name = f"RL, β = {path.beta:g}" if path.target is None else _TARGETS[path.target]
        lines.append(replace(_line(name, path.moments, across, unit, "run", BY_METHOD[path.method]), short=path.short_name))
    return lines
