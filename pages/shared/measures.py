"""Every number of a pair of laws, settled by kl_core in one call, as the live picture takes them."""

import re

from torch.distributions import Distribution

from kl_core import KLReport, compare

from . import style
from .live.scene import number
from .style import Unit


def status(report: KLReport, unit: Unit) -> str:
    """How a number was found and how far to trust it."""
    if report.reason:
        return "infinite"
    error = float(report.error)
    if report.method == "closed form" or not error:
        return "exact, closed form"
    return f"exact, by {'summation' if report.method == 'sum' else 'quadrature'}, ± {style.amount(error, unit)}"


def _as_on_screen(reason: str | None, key: str) -> str | None:
    """kl_core calls P what the expectation is under; on screen P and Q keep their names in both directions."""
    if reason is None or key == "pq":
        return reason
    names = {"P": "Q", "Q": "P", "p": "q", "q": "p"}
    return re.sub(r"\b[PQpq]\b", lambda found: names[found[0]], reason)


def pair_numbers(p: Distribution, q: Distribution, unit: Unit) -> dict[str, dict]:
    """KL both ways, their parts, and the symmetric relatives: in nats, with error bounds in the unit on screen."""
    found = compare(p, q)
    numbers = {}
    for key, names, report in (("pq", ("p", "q"), found.kl_pq), ("qp", ("q", "p"), found.kl_qp)):
        numbers[f"kl_{key}"] = number("kl", names, float(report.value), status=status(report, unit), reason=_as_on_screen(report.reason, key),
                                      infinite_by=report.infinite_by)
        numbers[f"cross_entropy_{key}"] = number("cross_entropy", names, float(getattr(found, f"cross_entropy_{key}")),
                                                 infinite_by=report.infinite_by)
    for role in ("p", "q"):
        numbers[f"entropy_{role}"] = number("entropy", (role,), float(getattr(found, f"entropy_{role}")))
    for measure in ("jensen_shannon", "total_variation", "hellinger"):
        numbers[measure] = number(measure, ("p", "q"), float(getattr(found, measure)))
    return numbers
