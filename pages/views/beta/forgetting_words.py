"""Forgetting in sentences: who forgets less at the same success, and which KL predicts it."""

from collections.abc import Mapping, Sequence

from kl_core.rlhf.forgetting import Moment, Predictors, predictors
from kl_core.rlhf.matched_success import at_success

from . import forgetting_runs as runs

FORWARD, REVERSE = "KL(π_ref‖π)", "KL(π‖π_ref)"
ALIKE = 0.01
"""Rank correlations that differ by less are said to be alike."""


def points(share: float) -> str:
    """A share in percentage points: 34, and 4.3 below ten."""
    value = 100 * share
    return (f"{value:.0f}" if abs(value) >= 9.95 else f"{value:.1f}").replace("-", "−")


def between(shares: Sequence[float]) -> str:
    low, high = points(min(shares)), points(max(shares))
    return low if low == high else f"{low} to {high}"


def compared(paths: Sequence[runs.Path], success: float, optimum: Sequence[Moment] = ()) -> str:
    """Who has forgotten less at this success on sleep, RL or SFT; and RL's optimum along β, where it forgets more than some SFT run."""
    reached = [(path, crossing.forgotten) for path in paths if (crossing := at_success(path.moments, success)) is not None]
    by_rl = [lost for path, lost in reached if path.method == "RL"]
    by_sft = [lost for path, lost in reached if path.method == "SFT"]
    begin = f"At {success:.0%} success on sleep,"
    if not by_rl or not by_sft:
        who = "RL" if by_rl else "SFT" if by_sft else ""
        return f"Only {who} reaches {success:.0%} success on sleep." if who else f"No run reaches {success:.0%} success on sleep."
    rl, sft = f"{between(by_rl)} points", f"{between(by_sft)}"
    if max(by_rl) < min(by_sft):
        best = at_success(optimum, success)
        tail = f" RL’s optimum: {points(best.forgotten)}." if best is not None and best.forgotten > min(by_sft) else ""
        return f"{begin} every RL run has forgotten less than any SFT run: {rl} of tea and plants, against {sft}.{tail}"
    if max(by_sft) < min(by_rl):
        return f"{begin} SFT has forgotten less than any RL run: {sft} points of tea and plants, against {between(by_rl)}."
    nearest, least = min(((path, lost) for path, lost in reached if path.method == "SFT"), key=lambda pair: pair[1])
    if least < min(by_rl):
        others = [lost for lost in by_sft if lost != least]
        tail = f" The other SFT runs: {between(others)}." if others else ""
        return f"{begin} SFT {runs.number_of(nearest.target or '')} has forgotten least, {points(least)} points; RL {rl}.{tail}"
    return f"{begin} RL has forgotten {rl} of tea and plants, SFT {sft}."


def ranks_of(by_method: Mapping[str, Sequence[Moment]]) -> dict[str, Predictors]:
    """Over each method with enough runs, and over all together."""
    together = [moment for moments in by_method.values() for moment in moments]
    groups = {**by_method, "both together": together}
    return {name: predictors(moments) for name, moments in groups.items() if len(moments) >= 3}


def better(ranks: Predictors) -> str:
    """The KL whose ranks are more like those of what was forgotten; "" where both are alike."""
    if abs(ranks.kl - ranks.kl_from_reference) < ALIKE:
        return ""
    return REVERSE if ranks.better == "kl" else FORWARD


def predicted(by_method: Mapping[str, Sequence[Moment]], over: str) -> str:
    """Which KL predicts forgetting over all runs together and within each method, with its rank correlations."""
    ranks = ranks_of(by_method)
    pooled = ranks.pop("both together")
    winner, within = better(pooled), {better(other) for other in ranks.values()}
    if len(within) == 1 and within != {winner} and "" not in within:
        return _only_within(within.pop(), pooled, ranks, over)
    forward, reverse = f"{pooled.kl_from_reference:.2f}", f"{pooled.kl:.2f}"
    if not winner:
        return f"Over {over}, both KLs predict forgetting alike: rank correlation {forward} and {reverse}."
    first, second = (forward, reverse) if winner == FORWARD else (reverse, forward)
    said = f"Over {over}, {winner} predicts forgetting better: rank correlation {first}, against {second} for {_other(winner)}."
    if within == {winner}:
        return f"{said} So it does within {' and within '.join(ranks)}."
    told = [f"within {name} {better(other) or 'neither'} does" for name, other in ranks.items() if better(other) != winner]
    return f"{said} But {' and '.join(told)}." if told else said


def _only_within(winner: str, pooled: Predictors, ranks: Mapping[str, Predictors], over: str) -> str:
    """What holds within each method, but not over all of them."""
    listed = " and ".join(f"{_correlation(winner, other):.2f}" for other in ranks.values())
    others = " and ".join(f"{_correlation(_other(winner), other):.2f}" for other in ranks.values())
    both = f"{_correlation(winner, pooled):.2f} against {_correlation(_other(winner), pooled):.2f}"
    return (
        f"Within {' and within '.join(ranks)}, {winner} predicts forgetting better: rank correlations {listed}, against {others} for "
        f"{_other(winner)}. Over both together, {over}, it does not: {both}."
    )


def _correlation(name: str, ranks: Predictors) -> float:
    return ranks.kl_from_reference if name == FORWARD else ranks.kl


def _other(name: str) -> str:
    return REVERSE if name == FORWARD else FORWARD


def paper(by_method: Mapping[str, Sequence[Moment]]) -> str:
    """How it agrees with Shenfeld et al., who report that forward KL predicts forgetting best, on one curve for all methods."""
    winner = better(ranks_of(by_method)["both together"])
    source = "[Shenfeld et al. (2025)](https://arxiv.org/abs/2509.04259)"
    if winner == FORWARD:
        return f"{source} found the same: forward {FORWARD} on the new task predicts forgetting best."
    said = f"{source} found otherwise: forward {FORWARD} predicts forgetting best, on one curve for RL and SFT."
    below, count = below_neighbours(by_method)
    if count and below >= 0.8 * count:
        said += f" Here are two curves: {below} of {count} RL runs forget less than the SFT run of nearest {FORWARD}."
    return said


def below_neighbours(by_method: Mapping[str, Sequence[Moment]]) -> tuple[int, int]:
    """How many RL runs have forgotten less than the SFT run whose forward KL is nearest to theirs, and how many RL runs there are."""
    rl, sft = by_method.get("RL", []), by_method.get("SFT", [])
    if not rl or not sft:
        return 0, 0
    return sum(run.forgotten < _nearest(sft, run.kl_from_reference).forgotten for run in rl), len(rl)


def _nearest(moments: Sequence[Moment], kl_from_reference: float) -> Moment:
    return min(moments, key=lambda moment: abs(moment.kl_from_reference - kl_from_reference))
