"""States worth seeing, by name: pairs for "Two distributions", targets for "Forward and reverse"."""

from dataclasses import dataclass

from kl_core.families import FAMILIES

from ...shared.state import distribution_in_link
from ...shared.values import Values


@dataclass(frozen=True)
class Pair:
    """A pair: the kind of its outcomes, each law's family and parameters, and what to look at.

    {kl_pq} and its like in `look` stand for the numbers on screen, in their unit.
    """

    kind: str
    p: tuple[str, Values]
    q: tuple[str, Values]
    look: str
    names: str = "A, B, C"

    def link(self) -> dict[str, str]:
        """The state as the link has it."""
        laws = {
            key: value
            for role, (name, values) in (("p", self.p), ("q", self.q))
            for key, value in distribution_in_link(role, FAMILIES[name], values).items()
        }
        return {"kind": self.kind} | laws | ({"names": self.names} if self.kind == "discrete" else {})


@dataclass(frozen=True)
class Target:
    """A mixture to fit, and what to look at."""

    values: Values
    look: str

    def link(self) -> dict[str, str]:
        """The state as the link has it."""
        link = distribution_in_link("p", FAMILIES["gaussian_mixture"], self.values)
        return {key: value for key, value in link.items() if key != "p"}


PAIRS = {
    "Worked example": Pair(
        "discrete",
        ("categorical", {"probs": (0.3, 0.5, 0.2)}),
        ("categorical", {"probs": (0.35, 0.4, 0.25)}),
        "The numbers of the usual worked example: {kl_pq} and {kl_qp}. Nearly the same, and not the same.",
    ),
    "Almost equal": Pair(
        "continuous",
        ("normal", {"loc": 0.0, "scale": 1.0}),
        ("normal", {"loc": 1e-6, "scale": 1.0}),
        "The means are 10⁻⁶ apart, so KL is {kl_pq}: a number that usual code rounds to 0 or below.",
    ),
    "Narrow in wide": Pair(
        "continuous",
        ("normal", {"loc": 0.0, "scale": 0.5}),
        ("normal", {"loc": 0.0, "scale": 2.0}),
        "P sits inside Q. Q is never caught out, so KL(P‖Q) stays small; the other direction pays for Q's tails.",
    ),
    "Wide over narrow": Pair(
        "continuous",
        ("normal", {"loc": 0.0, "scale": 2.0}),
        ("normal", {"loc": 0.0, "scale": 0.5}),
        "The same two curves with the roles exchanged: the expectation under P visits where Q has almost nothing.",
    ),
    "Heavy tail": Pair(
        "continuous",
        ("cauchy", {"loc": 0.0, "scale": 1.0}),
        ("normal", {"loc": 0.0, "scale": 1.0}),
        "The curves look alike, yet KL(P‖Q) = ∞: P's far tail is where Q's density vanishes too fast.",
    ),
    "No overlap": Pair(
        "continuous",
        ("uniform", {"low": -3.0, "high": -1.0}),
        ("uniform", {"low": 1.0, "high": 3.0}),
        "Both directions are ∞, however near the two lie. Total variation is 1 and Jensen–Shannon {jensen_shannon}: they saturate.",
    ),
    "Looks symmetric": Pair(
        "discrete",
        ("categorical", {"probs": (0.1, 0.8, 0.1)}),
        ("categorical", {"probs": (0.3, 0.4, 0.3)}),
        "Each law is its own mirror image; the two directions still differ.",
    ),
}

FIRST_TARGET: Values = {"weights": (0.5, 0.5), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}
TARGETS = {
    "Near": Target({"weights": (0.5, 0.5), "locs": (-1.0, 1.0), "scales": (1.0, 1.0)}, "Nearly one hill: both directions agree."),
    "±2, one minimum": Target(
        {"weights": (0.5, 0.5), "locs": (-2.0, 2.0), "scales": (1.0, 1.0)},
        "The textbook case — and reverse KL does not pick a mode: it has one minimum, in the middle.",
    ),
    "±3, three minima": Target(FIRST_TARGET, "Now reverse KL has three minima; which one a descent finds depends on its start."),
    "Far apart": Target(
        {"weights": (0.5, 0.5), "locs": (-4.0, 4.0), "scales": (0.5, 0.5)},
        "Each mode costs reverse KL just log 2: it ignores the other half of P.",
    ),
    "Unequal weights": Target(
        {"weights": (0.7, 0.3), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}, "The heavier mode is the best reverse fit."
    ),
    "Spike and hump": Target(
        {"weights": (0.25, 0.75), "locs": (-1.0, 1.0), "scales": (0.15, 2.0)},
        "A narrow spike beside a broad hump: reverse KL all but ignores the spike.",
    ),
    "Three modes": Target(
        {"weights": (0.3, 0.4, 0.3), "locs": (-5.0, 0.0, 5.0), "scales": (1.0, 0.8, 1.0)},
        "A minimum on each mode, and one over them all, which is the best here.",
    ),
}
