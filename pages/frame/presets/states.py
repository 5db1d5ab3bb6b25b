"""States worth seeing, by name: pairs for "Two distributions", targets for "Forward and reverse"."""

from dataclasses import dataclass

from kl_core.families import FAMILIES

from ...shared.state import distribution_in_link
from ...shared.values import Values


@dataclass(frozen=True)
class PresetPair:
    """A pair: the kind of its outcomes, each distribution's family and parameters, and what to look at.

    {kl_pq} and its like in `look` stand for the numbers on screen, in their unit.
    """

    kind: str
    p: tuple[str, Values]
    q: tuple[str, Values]
    look: str
    names: str = "A, B, C"

    def link(self) -> dict[str, str]:
        """The state as the link has it."""
        parameters = {
            key: value
            for role, (name, values) in (("p", self.p), ("q", self.q))
            for key, value in distribution_in_link(role, FAMILIES[name], values).items()
        }
        return {"kind": self.kind} | parameters | ({"names": self.names} if self.kind == "discrete" else {})


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
    "Worked example": PresetPair(
        "discrete",
        ("categorical", {"probs": (0.3, 0.5, 0.2)}),
        ("categorical", {"probs": (0.35, 0.4, 0.25)}),
        "The two directions are close here, {kl_pq} and {kl_qp}, but not equal.",
    ),
    "Almost equal": PresetPair(
        "continuous",
        ("normal", {"loc": 0.0, "scale": 1.0}),
        ("normal", {"loc": 1e-6, "scale": 1.0}),
        "The means differ by 10⁻⁶, so KL is {kl_pq}. With 32-bit numbers, torch computes exactly 0.",
    ),
    "Narrow in wide": PresetPair(
        "continuous",
        ("normal", {"loc": 0.0, "scale": 0.5}),
        ("normal", {"loc": 0.0, "scale": 2.0}),
        "Q expects every sample of P, so KL(P‖Q) is only {kl_pq}. P does not expect samples from Q's tails, so KL(Q‖P) is {kl_qp}.",
    ),
    "Wide over narrow": PresetPair(
        "continuous",
        ("normal", {"loc": 0.0, "scale": 2.0}),
        ("normal", {"loc": 0.0, "scale": 0.5}),
        "The same two curves with the roles exchanged: samples of P now fall where q is almost 0, so KL(P‖Q) is {kl_pq}.",
    ),
    "Heavy tail": PresetPair(
        "continuous",
        ("cauchy", {"loc": 0.0, "scale": 1.0}),
        ("normal", {"loc": 0.0, "scale": 1.0}),
        "The curves look alike, but KL(P‖Q) = ∞: far out, q falls to 0 much faster than p.",
    ),
    "No overlap": PresetPair(
        "continuous",
        ("uniform", {"low": -3.0, "high": -1.0}),
        ("uniform", {"low": 1.0, "high": 3.0}),
        "The supports (where a density is positive) do not overlap, so both directions are ∞ at any distance. "
        "Jensen–Shannon stays at its maximum, {jensen_shannon}.",
    ),
    "Looks symmetric": PresetPair(
        "discrete",
        ("categorical", {"probs": (0.1, 0.8, 0.1)}),
        ("categorical", {"probs": (0.3, 0.4, 0.3)}),
        "Each distribution is symmetric, but KL is not: {kl_pq} one way, {kl_qp} the other.",
    ),
}

FIRST_TARGET: Values = {"weights": (0.5, 0.5), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}
TARGETS = {
    "Near": Target(
        {"weights": (0.5, 0.5), "locs": (-1.0, 1.0), "scales": (1.0, 1.0)}, "P is almost a single mode, so both directions almost agree."
    ),
    "±2, one minimum": Target(
        {"weights": (0.5, 0.5), "locs": (-2.0, 2.0), "scales": (1.0, 1.0)},
        "Reverse KL does not pick a mode here: it has one minimum, in the middle.",
    ),
    "±3, three minima": Target(
        FIRST_TARGET, "Reverse KL now has three minima. Where Q starts decides which of them gradient descent finds."
    ),
    "Far apart": Target(
        {"weights": (0.5, 0.5), "locs": (-4.0, 4.0), "scales": (0.5, 0.5)},
        "Reverse KL is mode-seeking: it pays only log 2 ≈ 0.693 nats to ignore half of P.",
    ),
    "Unequal weights": Target(
        {"weights": (0.7, 0.3), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}, "The best reverse fit covers the heavier mode."
    ),
    "Spike and hump": Target(
        {"weights": (0.25, 0.75), "locs": (-1.0, 1.0), "scales": (0.15, 2.0)},
        "P is a narrow spike on a broad hump: the best reverse fit almost ignores the spike.",
    ),
    "Three modes": Target(
        {"weights": (0.3, 0.4, 0.3), "locs": (-5.0, 0.0, 5.0), "scales": (1.0, 0.8, 1.0)},
        "Reverse KL has one minimum on each mode and one across all three; that one is the best here.",
    ),
}
