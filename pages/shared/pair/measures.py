"""Every number of a pair of distributions, settled by kl_core in one call, as the live picture takes them."""

import re
from math import isfinite

import torch
from torch.distributions import Distribution

from kl_core import KLReport, compare

from .. import style
from ..live.scene import number
from ..live.schema import Number
from ..style import Unit


def status(report: KLReport, unit: Unit) -> str:
    """How a number was found and how far to trust it."""
    if report.reason:
        return "infinite"
    error = float(report.error)
    if report.method == "closed form" or not error:
        return "exact, closed form"
    how = "summation" if report.method == "sum" else "quadrature"
    return f"exact, by {how}, ± {style.amount(error, unit)}" if isfinite(error) else f"by {how}; how exact is not known"


def _as_on_screen(reason: str | None, key: str, report: KLReport, names: list[str] | None) -> str | None:
    """kl_core calls P what the expectation is under, and outcomes by number; on screen both have their names."""
    if reason is None:
        return None
    if names and report.region:
        listed = ", ".join(f"“{names[int(low)]}”" for low, _ in report.region)
        reason = f"P gives some probability to {listed}, and Q gives none."
    reason = re.sub(r"-(?=\d)", "−", reason)
    if key == "pq":
        return reason
    swapped = {"P": "Q", "Q": "P", "p": "q", "q": "p"}
    return re.sub(r"(?<!“)\b[PQpq]\b(?!”)", lambda match: swapped[match[0]], reason)


@torch.inference_mode()  # a picture needs no gradients; without their bookkeeping this takes a quarter less time
def pair_numbers(p: Distribution, q: Distribution, unit: Unit, names: list[str] | None = None) -> dict[str, Number]:
    """KL both ways, their parts, and the symmetric relatives: in nats, with error bounds in the unit on screen."""
    comparison = compare(p, q)
    numbers: dict[str, Number] = {}
    for key, roles, report in (("pq", ("p", "q"), comparison.kl_pq), ("qp", ("q", "p"), comparison.kl_qp)):
        reason = _as_on_screen(report.reason, key, report, names)
        numbers[f"kl_{key}"] = number(
            "kl", roles, float(report.value), status=status(report, unit), reason=reason, infinite_by=report.infinite_by
        )
        numbers[f"cross_entropy_{key}"] = number(
            "cross_entropy", roles, float(getattr(comparison, f"cross_entropy_{key}")), infinite_by=report.infinite_by
        )
    for role in ("p", "q"):
        numbers[f"entropy_{role}"] = number("entropy", (role,), float(getattr(comparison, f"entropy_{role}")))
    for measure in ("jensen_shannon", "total_variation", "hellinger"):
        numbers[measure] = number(measure, ("p", "q"), float(getattr(comparison, measure)))
    return numbers
