"""What a run's report decides: the KL that its β holds, what half and twice of it would hold, and on which assumption."""

from math import isfinite

from ...shared.style import Unit
from .run_report import Report
from .run_words import brief

SMALL_KL = 1.0
"""Nats up to which the approximation for small KL is given."""


def headline(report: Report, unit: Unit) -> tuple[str, str]:
    """The one number of a report, and what it is: KL per answer, at the last step where steps are logged."""
    when = f", last step ({brief(float(report.steps.step[-1]))})" if report.steps is not None else ""
    return f"KL per answer{when}, by {report.best}", _now(report, unit)


def _now(report: Report, unit: Unit) -> str:
    kl, amount = report.now, lambda nats: brief(nats * unit.per_nat)
    return f"{amount(kl.mean)}{f' ± {amount(1.96 * kl.error)}' if isfinite(kl.error) else ''} {unit.name}"


def decision(report: Report, beta: float | None, unit: Unit) -> str:
    """Two or three sentences: what this β holds, measured, and what half and twice of it would, extrapolated."""
    kl = report.now
    when = " at the last step" if report.steps is not None else ""
    held, sure = f"{_now(report, unit)} per answer", ", 95\u00a0%" if isfinite(kl.error) else ""
    how = f"measured by {report.best}{when}{sure}"
    low, high = ends(report)
    if low <= 0:
        held_by = f"β = {beta:g} holds a KL" if beta else "The policy has a KL"
        return f"**{held_by} that this log cannot tell from 0**: {held} ({how}). More answers are needed."
    if not beta:
        return f"**The policy is {held} away from its reference** ({how}). Enter its β to see what half and twice of it would hold."
    at_least = f"β = {beta / 2:g} would hold at least {brief(low * unit.per_nat)} {unit.name}"
    measured = f"**β = {beta:g} holds {held}** ({how})."
    if report.moving:
        return (
            f"{measured} The run was still moving away, so this β will hold more. Extrapolated: {at_least}; for β = {2 * beta:g} there is "
            "no limit yet."
        )
    return f"{measured} Extrapolated: {at_least}, and β = {2 * beta:g} at most {brief(high * unit.per_nat)} {unit.name}."


def ends(report: Report) -> tuple[float, float]:
    """Of the 95 % interval of `now`, in nats; twice the mean itself where one answer gives no interval."""
    kl = report.now
    wing = 1.96 * kl.error if isfinite(kl.error) else 0.0
    return kl.mean - wing, kl.mean + wing


def assumption(report: Report, beta: float | None, unit: Unit) -> str:
    """Why half and twice of β would hold that, and how far the log reaches; "" where nothing is extrapolated."""
    kl = report.now.mean
    if ends(report)[0] <= 0 or not beta:
        return ""
    largest = kl if report.steps is None else max(kl, float(report.steps.kl.max()))
    return (
        "The assumption: all three runs converge. A converged run’s KL never falls as β falls, so the limits are the interval’s ends. "
        f"{_small_kl(kl, f'{beta / 2:g}', f'{2 * beta:g}', report.moving, unit)} This log has measured no KL above "
        f"{brief(largest * unit.per_nat)} {unit.name}."
    )


def _small_kl(kl: float, half: str, twice: str, moving: bool, unit: Unit) -> str:
    """What half and twice of β would hold where KL ≈ Var(reward)/2β², and where that says nothing."""
    nearly = lambda nats: f"about {brief(nats * unit.per_nat)}"
    name = "The small-KL approximation KL ≈ Var(reward)/2β²"
    broken = "A rare answer with a high reward breaks it."
    if 4 * kl < SMALL_KL:
        return f"{name} gives {nearly(4 * kl)} for β = {half} and {nearly(kl / 4)} for β = {twice}. {broken}"
    limit = f"There is no upper limit for β = {half}"
    if kl < SMALL_KL:
        return f"{limit}. {name} gives {nearly(kl / 4)} for β = {twice}. {broken}"
    return f"{limit}{'' if moving else f' and no lower limit for β = {twice}'}: this KL is not small."
