"""Forgetting in sentences: who forgets less at the same success, and which KL predicts it."""

from collections.abc import Mapping, Sequence

from kl_core.rlhf.forgetting import Moment
from kl_core.rlhf.matched_success import at_success
from kl_core.rlhf.rank_intervals import Correlation, RankIntervals

from . import forgetting_runs as runs

FORWARD, REVERSE = "KL(π_ref‖π)", "KL(π‖π_ref)"


def points(share: float) -> str:
    """A share in percentage points: 34, and 4.3 below ten."""
    value = 100 * share
    return (f"{value:.0f}" if abs(value) >= 9.95 else f"{value:.1f}").replace("-", "−")


def between(shares: Sequence[float]) -> str:
    low, high = points(min(shares)), points(max(shares))
    return low if low == high else f"{low} to {high}"


def after_training(moments: Sequence[Moment], steps: int) -> str:
    """What SFT on the chosen target has gained and lost at its end."""
    last = moments[-1]
    return (
        f"After {steps} steps on these texts: **{last.new_quality:.0%}** success on sleep, **{points(last.forgotten)} points** lost on "
        "tea and plants."
    )


def compared(paths: Sequence[runs.Path], success: float) -> str:
    """Who has forgotten less at this success on sleep, RL or SFT."""
    reached = [(path, crossing.forgotten) for path in paths if (crossing := at_success(path.moments, success)) is not None]
    by_rl = [lost for path, lost in reached if path.method == "RL"]
    by_sft = [lost for path, lost in reached if path.method == "SFT"]
    begin = f"At {success:.0%} success on sleep,"
    if not by_rl or not by_sft:
        who = "RL" if by_rl else "SFT" if by_sft else ""
        return f"Only {who} reaches {success:.0%} success on sleep." if who else f"No run reaches {success:.0%} success on sleep."
    rl, sft = f"{between(by_rl)} points", f"{between(by_sft)}"
    if max(by_rl) < min(by_sft):
        return f"{begin} every RL run has lost less on tea and plants than any SFT run: {rl}, against {sft}."
    if max(by_sft) < min(by_rl):
        return f"{begin} SFT has lost less on tea and plants than any RL run: {sft} points, against {between(by_rl)}."
    nearest, least = min(((path, lost) for path, lost in reached if path.method == "SFT"), key=lambda pair: pair[1])
    if least < min(by_rl):
        others = [lost for lost in by_sft if lost != least]
        tail = f" The other SFT runs: {between(others)}." if others else ""
        name = f"SFT on {nearest.target or ''}"
        return f"{begin} {name} has lost least on tea and plants, {points(least)} points; RL {rl}.{tail}"
    return f"{begin} RL has lost {rl} on tea and plants, SFT {sft}."


def razor(paths: Sequence[runs.Path], success: float, optimum: Sequence[Moment]) -> str:
    """Whether RL's optimum within the shared weights, the nearest at this success, forgets least, as RL's razor says; "" if unknown."""
    best = at_success(optimum, success)
    reached = [(path, crossing.forgotten) for path in paths if (crossing := at_success(path.moments, success)) is not None]
    by_sft = [(path, lost) for path, lost in reached if path.method == "SFT"]
    if best is None or not by_sft:
        return ""
    path, least = min(by_sft, key=lambda pair: pair[1])
    verdict = "fails" if best.forgotten > least else "holds"
    return (
        f"RL’s razor says that the nearest policy forgets least. It {verdict} here: RL’s optimum has the least KL at this success and "
        f"lost {points(best.forgotten)} points, SFT on {path.target} {points(least)}."
    )


def predicted(ranks: RankIntervals) -> str:
    """Which KL predicts forgetting: both rank correlations with their intervals, and a verdict only where these are apart."""
    over = f"Over {ranks.runs} runs, the rank correlation with what was forgotten is"
    both = f"{over} {interval(ranks.kl_from_reference)} for {FORWARD} and {interval(ranks.kl)} for {REVERSE}"
    if not ranks.better:
        return f"{both}, with 95% intervals. The intervals overlap: **undecided**."
    return f"{both}, with 95% intervals. So **{REVERSE if ranks.better == 'kl' else FORWARD} predicts forgetting better**."


def interval(correlation: Correlation) -> str:
    return f"{correlation.value:.2f} ({correlation.low:.2f} to {correlation.high:.2f})".replace("-", "−")


def too_few(count: int) -> str:
    return f"The {count} runs above are too few to tell."


def paper(ranks: RankIntervals | None = None, by_method: Mapping[str, Sequence[Moment]] | None = None) -> str:
    """What Shenfeld et al. report, and how the many runs, once they are done, agree with it."""
    source = "[Shenfeld et al. (2025)](https://arxiv.org/abs/2509.04259)"
    said = f"{source} report that forward {FORWARD} on the new task predicts forgetting best, on one curve for RL and SFT."
    if ranks is None:
        return said
    verdicts = {"": "These runs do not decide it.", "kl": "Here it does not.", "kl_from_reference": "Here it does, too."}
    below, count = below_neighbours(by_method or {})
    apart = f" There are two curves: {below} of {count} RL runs forget less than the SFT run of nearest {FORWARD}."
    return f"{said} {verdicts[ranks.better]}{apart if count and below >= 0.8 * count else ''}"


def below_neighbours(by_method: Mapping[str, Sequence[Moment]]) -> tuple[int, int]:
    """How many RL runs have forgotten less than the SFT run whose forward KL is nearest to theirs, and how many RL runs there are."""
    rl, sft = by_method.get("RL", []), by_method.get("SFT", [])
    if not rl or not sft:
        return 0, 0
    return sum(run.forgotten < _nearest(sft, run.kl_from_reference).forgotten for run in rl), len(rl)


def _nearest(moments: Sequence[Moment], kl_from_reference: float) -> Moment:
    return min(moments, key=lambda moment: abs(moment.kl_from_reference - kl_from_reference))
