"""One frontier as a picture, a sentence and a table: the exact curves, the runs' paths, and how often best-of-n wins."""

from dataclasses import replace

from kl_core.rlhf.frontier import FRONTIER_NS
from kl_core.rlhf.single_step import best_of_n_bound
from kl_core.rlhf.training import PolicyStep

from ...shared.jobs import Job
from ...shared.plane import Line, Plane
from ...shared.style import Unit
from . import frontier_runs as runs
from .scene import frames_of

REWARDS = ("Reward model’s score", "True reward")
_QUESTIONS = {
    REWARDS[0]: "No policy of the same KL has a higher score than the exact optimum. How close does each method come? Press Train.",
    REWARDS[1]: "The optimum of the score is not the optimum of the true reward. Which method keeps most of it? Press Train.",
}
AXES = ("All runs", "Runs with β", "Whole frontier")
"""How far the axes reach."""
_ROOM = 1.35
"""The axes reach so many times as far as the farthest run."""
_COLOURS = dict(zip(runs.NAMES, (1, 2, 3, 4, 5, 6, 7, 8), strict=True))


def frontier_plane(jobs: list[tuple[runs.MethodRun, Job]], reward: str, unit: Unit, *, chi_po: bool = False, axes: str = AXES[2]) -> Plane:
    """The exact optima, best-of-n, χPO's limit if asked for, and each run's path so far. axes: one of AXES; by default all is seen,
    else a little more than the runs named."""
    attribute = "proxy" if reward == REWARDS[0] else "gold"
    base = _base(attribute)
    exact = frames_of(runs.FIRST).measures
    heights = (getattr(exact, attribute).flip(0) - base).tolist()
    nats = (exact.kl.flip(0).clamp_min(0) * unit.per_nat).tolist()
    paths = [_path(asked, list(job.results), attribute, base, unit) for asked, job in jobs]
    lines = [
        _best_of_n(attribute, base, unit),
        Line("exact optimum" if attribute == "proxy" else "optimum of the score", nats, heights, "exact", 0),
        *([_chi_po(attribute, base, unit)] if chi_po else []),
    ]
    seen = [path for path, (asked, _) in zip(paths, jobs, strict=True) if axes == AXES[0] or not asked.free]
    far = max((x for path in seen for x in path.xs), default=0.0)
    lines += paths
    if axes != AXES[2] and far > 0:
        lines = [_until(line, _ROOM * far) for line in lines]
    every = [y for line in lines for y in line.ys]
    reach = max(x for line in lines for x in line.xs) * 1.03
    margin = 0.06 * (max(every) - min(every))
    return Plane(
        f"{reward} gained over π_ref, against KL",
        (f"KL(π‖π_ref), {unit.name} per answer", 0.0, reach),
        (f"{reward} gained", min(every) - margin, max(every) + margin),
        lines,
    )


def _until(line: Line, reach: float) -> Line:
    """A line until it first passes that KL, its last point between its own two around it."""
    count = next((i for i, x in enumerate(line.xs) if x > reach), len(line.xs))
    if count == len(line.xs):
        return line
    if count == 0 or line.dots:  # a dot between two n, or two β, would be none of them
        return replace(line, xs=line.xs[:count], ys=line.ys[:count], marks=line.marks and line.marks[:count])
    (left, right), (low, high) = line.xs[count - 1 : count + 1], line.ys[count - 1 : count + 1]
    end = low + (high - low) * (reach - left) / (right - left)
    return replace(line, xs=[*line.xs[:count], reach], ys=[*line.ys[:count], end])


def _base(attribute: str) -> float:
    """The reward of π_ref."""
    return float(getattr(frames_of(runs.FIRST).measures, attribute)[-1])


def _best_of_n(attribute: str, base: float, unit: Unit) -> Line:
    """Its bound on KL is not drawn: here it is less than a pixel away."""
    best, wins = runs.best_of_each_n(), runs.wins_of_each_n().tolist()
    ys = (getattr(best, attribute) - base).tolist()
    marks = [
        f"n = {n:,}, wins {win:.1%} against one more draw, at most {n / (n + 1):.1%}" for n, win in zip(FRONTIER_NS, wins, strict=True)
    ]
    return Line("best-of-n", (best.kl * unit.per_nat).tolist(), ys, "exact", 8, dots=True, marks=marks)


def _chi_po(attribute: str, base: float, unit: Unit) -> Line:
    """From the smallest β, the farthest, back to the reference."""
    limit = runs.chi_po_limit()
    xs, ys = (limit.kl * unit.per_nat).tolist(), (getattr(limit, attribute) - base).tolist()
    marks = [f"unlimited pairs, β = {beta:g}" for beta in runs.CHI_BETAS]
    return Line("χPO’s limit", [*xs[::-1]], [*ys[::-1]], "exact", _COLOURS["chi_po"], dots=True, marks=marks[::-1])


def _path(asked: runs.MethodRun, steps: list[PolicyStep], attribute: str, base: float, unit: Unit) -> Line:
    xs = [max(step.kl, 0.0) * unit.per_nat for step in steps]
    return Line(asked.name, xs, [getattr(step, attribute) - base for step in steps], "run", _COLOURS[asked.method])


def ended_runs(jobs: list[tuple[runs.MethodRun, Job]]) -> list[tuple[runs.MethodRun, PolicyStep]]:
    """Each run with its last step, once all have ended; the nearest below the exact optimum first."""
    if any(job.live for _, job in jobs):
        return []
    ended = [(asked, job.results[-1]) for asked, job in jobs if job.results]
    return sorted(ended, key=lambda pair: _below(pair[1]))


def _below(step: PolicyStep) -> float:
    """How much less score than the exact optimum of the same KL."""
    return runs.below_optimum(max(step.kl, 0.0), step.proxy)


def finding(jobs: list[tuple[runs.MethodRun, Job]], reward: str, unit: Unit) -> str:
    """Once all runs have ended: of the score, which is nearest to the exact optimum; of the true reward, which has most of it."""
    going = sum(job.live for _, job in jobs)
    if going:
        return f"{len(jobs) - going} of {len(jobs)} runs done."
    ended = ended_runs(jobs)
    if not ended:
        return _QUESTIONS[reward]
    if reward == REWARDS[0]:
        asked, last = ended[0]
        come = "ends" if len(ended) == 1 else "comes nearest:"
        return f"{asked.name} {come} {_below(last):.2f} below the highest score that its KL allows."
    asked, last = max(ended, key=lambda pair: pair[1].gold)
    top_asked, top = max(ended, key=lambda pair: pair[1].proxy)
    more = "" if top_asked == asked else f" The best by score, {top_asked.name}, gains {top.gold - _base('gold'):+.2f}."
    return f"{asked.name} {'gains' if len(ended) == 1 else 'keeps'} {_most(len(ended), last, unit)}{more}".replace("-", "−")


def _most(count: int, last: PolicyStep, unit: Unit) -> str:
    what = "true reward" if count == 1 else "the most true reward:"
    return f"{what} {last.gold - _base('gold'):+.2f} at {max(last.kl, 0.0) * unit.per_nat:.2f} {unit.name}."


def ranking(jobs: list[tuple[runs.MethodRun, Job]], unit: Unit) -> str:
    """All runs, the nearest to the frontier first: how far below it, at which KL, and what true reward they gained. "" while some go on."""
    lines = []
    for asked, last in ended_runs(jobs):
        gold, kl = last.gold - _base("gold"), max(last.kl, 0.0) * unit.per_nat
        lines.append(f"1. **{asked.name}**: {_below(last):.2f} below it at {kl:.2f} {unit.name}; true reward {gold:+.2f}")
    return "\n".join(lines).replace("-", "−")


def bound_gap(unit: Unit) -> str:
    """How far best-of-n's exact KL lies below its bound, over all n drawn."""
    bound = best_of_n_bound(runs.best_of_each_n().kl.new_tensor(FRONTIER_NS))
    gaps = ((bound - runs.best_of_each_n().kl) * unit.per_nat).tolist()
    worst = max(range(len(gaps)), key=gaps.__getitem__)
    return f"at most {gaps[worst]:.2g} {unit.name}, at n = {FRONTIER_NS[worst]:,}"


def wins_table(unit: Unit) -> str:
    """Best-of-n for a few n: KL and its bound, the win rate and its bound."""
    best, wins = runs.best_of_each_n(), runs.wins_of_each_n()
    rows = [f"| n | KL, {unit.name} | log n − (n − 1)/n | wins | n/(n + 1) |", "|---|---|---|---|---|"]
    for i, n in enumerate(FRONTIER_NS):
        kl, bound = float(best.kl[i]) * unit.per_nat, float(best_of_n_bound(float(n))) * unit.per_nat
        rows.append(f"| {n} | {kl:.3g} | {bound:.3g} | {float(wins[i]):.4g} | {n / (n + 1):.4g} |")
    return "\n".join(rows)
