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
_QUESTIONS = {
    REWARDS[0]: "At its KL, no policy has a higher score than the exact optimum. How close does each method come?",
    REWARDS[1]: "The optimum of the score is not the optimum of the true reward. Which method keeps most of it?",
}
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
        Line("best-of-n’s bound (pale)", (bound * unit.per_nat).tolist(), ys, "band", 8),
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


def finding(jobs: list[tuple[runs.Asked, Job]], reward: str, unit: Unit) -> str:
    """Once all runs have ended, which has most of the reward that is drawn; of the score, how far below the optimum it ends."""
    going = sum(job.live for _, job in jobs)
    if going:
        return f"{len(jobs) - going} of {len(jobs)} runs done."
    ended = [(asked, job.results[-1]) for asked, job in jobs if job.results]
    if not ended:
        return _QUESTIONS[reward]
    scored = reward == REWARDS[0]
    height = (lambda step: step.proxy) if scored else (lambda step: step.gold)
    asked, last = max(ended, key=lambda pair: height(pair[1]))
    kl, gained = max(last.kl, 0.0), height(last) - _base("proxy" if scored else "gold")
    name = "score" if scored else "true reward"
    place = f"at {kl * unit.per_nat:.3g} {unit.name}"
    gain = f"{'gains' if gained >= 0 else 'loses'} {abs(gained):.2f} of {name} {place}"
    first = f"{asked.name} {gain if len(ended) == 1 else f'gains the most {name}: {gained:+.2f} {place}'}"
    if scored:
        below = runs.below_optimum(kl, last.proxy)
        return f"{first}, {below:.2f} below the exact optimum there.".replace("-", "−")
    top_asked, top = max(ended, key=lambda pair: pair[1].proxy)
    if top_asked == asked or len(ended) == 1:
        return f"{first}.".replace("-", "−")
    return f"{first}. The best by score, {top_asked.name}, gains {top.gold - _base('gold'):+.2f}.".replace("-", "−")


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
