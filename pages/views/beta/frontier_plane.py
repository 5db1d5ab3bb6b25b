"""One frontier as a picture, a sentence and a table: the exact curves, the runs' paths, and how often best-of-n wins."""

from kl_core.rlhf.frontier import FRONTIER_NS
from kl_core.rlhf.single_step import best_of_n_bound
from kl_core.rlhf.training import PolicyStep

from ...shared.jobs import Job
from ...shared.plane import Line, Plane
from ...shared.style import Unit
from . import frontier_runs as runs
from .scene import frames_of

REWARDS = ("Reward model’s score", "True reward")
_COLOURS = dict(zip(runs.NAMES, (1, 2, 3, 4, 5, 6, 7, 8), strict=True))


def frontier_plane(jobs: list[tuple[runs.Asked, Job]], reward: str, unit: Unit, *, chi_po: bool = False) -> Plane:
    """The exact optima, best-of-n and the bound on its KL, χPO's limit if asked for, and each run's path so far."""
    attribute = "proxy" if reward == REWARDS[0] else "gold"
    base = _base(attribute)
    exact = frames_of(runs.FIRST).measures
    heights = (getattr(exact, attribute).flip(0) - base).tolist()
    nats = (exact.kl.flip(0).clamp_min(0) * unit.per_nat).tolist()
    lines = [
        *_best_of_n(attribute, base, unit),
        Line("exact optimum" if attribute == "proxy" else "optimum of the score", nats, heights, "exact", 0),
        *([_chi_po(attribute, base, unit)] if chi_po else []),
        *(_path(asked, list(job.results), attribute, base, unit) for asked, job in jobs),
    ]
    every = [y for line in lines for y in line.ys]
    reach = max(x for line in lines for x in line.xs) * 1.03
    margin = 0.06 * (max(every) - min(every))
    return Plane(
        f"{reward} gained over π_ref, against KL",
        (f"KL(π‖π_ref), {unit.name} per answer", 0.0, reach),
        (f"{reward} gained", min(every) - margin, max(every) + margin),
        lines,
    )


def _base(attribute: str) -> float:
    """The reward of π_ref."""
    return float(getattr(frames_of(runs.FIRST).measures, attribute)[-1])


def _best_of_n(attribute: str, base: float, unit: Unit) -> list[Line]:
    best, wins = runs.best_of_each_n(), runs.wins_of_each_n().tolist()
    ys = (getattr(best, attribute) - base).tolist()
    bound = best_of_n_bound(best.kl.new_tensor(FRONTIER_NS))
    marks = [
        f"n = {n:,}, wins {win:.1%} against one more draw, at most {n / (n + 1):.1%}" for n, win in zip(FRONTIER_NS, wins, strict=True)
    ]
    return [
        Line("bound", (bound * unit.per_nat).tolist(), ys, "bound", 9),
        Line("best-of-n", (best.kl * unit.per_nat).tolist(), ys, "exact", 8, dots=True, marks=marks),
    ]


def _chi_po(attribute: str, base: float, unit: Unit) -> Line:
    """From the smallest β, the farthest, back to the reference."""
    limit = runs.chi_po_limit()
    xs, ys = (limit.kl * unit.per_nat).tolist(), (getattr(limit, attribute) - base).tolist()
    marks = [f"unlimited pairs, β = {beta:g}" for beta in runs.CHI_BETAS]
    return Line("χPO’s limit", [*xs[::-1]], [*ys[::-1]], "exact", _COLOURS["chi_po"], dots=True, marks=marks[::-1])


def _path(asked: runs.Asked, steps: list[PolicyStep], attribute: str, base: float, unit: Unit) -> Line:
    xs = [max(step.kl, 0.0) * unit.per_nat for step in steps]
    return Line(asked.name, xs, [getattr(step, attribute) - base for step in steps], "run", _COLOURS[asked.method])


def finding(jobs: list[tuple[runs.Asked, Job]], unit: Unit) -> str:
    """Which of the runs that ended has the greatest true reward, and at what KL."""
    ended = {asked.name: job.results[-1] for asked, job in jobs if job.results and not job.live}
    if not ended:
        return "At its KL, no policy has a higher reward model’s score than the exact optimum. How close does each method come?"
    base = _base("gold")
    name, best = max(ended.items(), key=lambda pair: pair[1].gold)
    scored, top = max(ended.items(), key=lambda pair: pair[1].proxy)
    first = f"{name} has the greatest true reward: {best.gold - base:+.1f} at {max(best.kl, 0) * unit.per_nat:.3g} {unit.name}."
    if len(ended) == 1 or scored == name:
        return first.replace("-", "−")
    return f"{first} {scored} has the highest score, and a true reward of {top.gold - base:+.1f}.".replace("-", "−")


def wins_table(unit: Unit) -> str:
    """Best-of-n for a few n: KL and its bound, the win rate and its bound."""
    best, wins = runs.best_of_each_n(), runs.wins_of_each_n()
    rows = [f"| n | KL, {unit.name} | log n − (n − 1)/n | wins | n/(n + 1) |", "|---|---|---|---|---|"]
    for i, n in enumerate(FRONTIER_NS):
        kl, bound = float(best.kl[i]) * unit.per_nat, float(best_of_n_bound(float(n))) * unit.per_nat
        rows.append(f"| {n} | {kl:.3g} | {bound:.3g} | {float(wins[i]):.4g} | {n / (n + 1):.4g} |")
    return "\n".join(rows)
