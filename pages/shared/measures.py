"""Every number of a pair of laws, settled by kl_core, as the live picture takes them."""

from torch.distributions import Distribution

from kl_core import cross_entropy, entropy, hellinger, jensen_shannon, kl_report, total_variation

from .live.scene import number


def status(report) -> str:
    """How a number was found and how far to trust it."""
    if report.method == "closed form":
        return "exact, closed form"
    error = float(report.error)
    return f"exact, by {'summation' if report.method == 'sum' else 'quadrature'}, ± {error:.0e} nats" if error else "exact"


def pair_numbers(p: Distribution, q: Distribution) -> dict[str, dict]:
    """KL both ways, their parts, and the symmetric relatives, in nats."""
    numbers = {}
    for names, one, other in ((("p", "q"), p, q), (("q", "p"), q, p)):
        report = kl_report(one, other)
        key = "".join(names)
        value = float(report.value)
        h = float(entropy(one))
        numbers[f"kl_{key[0]}{key[1]}"] = number(
            "kl", names, value, status="infinite" if report.reason else status(report), reason=report.reason,
            infinite_by=report.infinite_by,
        )
        numbers[f"entropy_{names[0]}"] = number("entropy", names, h)
        numbers[f"cross_entropy_{key}"] = number(
            "cross_entropy", names, h + value, infinite_by=report.infinite_by
        )
    numbers["jensen_shannon"] = number("jensen_shannon", ("p", "q"), float(jensen_shannon(p, q)))
    numbers["total_variation"] = number("total_variation", ("p", "q"), float(total_variation(p, q)))
    numbers["hellinger"] = number("hellinger", ("p", "q"), float(hellinger(p, q)))
    return numbers
