"""Pairs worth seeing, by name."""

from dataclasses import dataclass

from .controls import Values


@dataclass(frozen=True)
class Preset:
    """A pair: the kind of its outcomes, each law's family and parameters, and what to look at.

    {kl_pq} and its like in `look` stand for the numbers on screen, in their unit.
    """

    kind: str
    p: tuple[str, Values]
    q: tuple[str, Values]
    look: str
    names: str = "A, B, C"


PRESETS = {
    "Worked example": Preset(
        "discrete", ("categorical", {"probs": (0.3, 0.5, 0.2)}), ("categorical", {"probs": (0.35, 0.4, 0.25)}),
        "The numbers of the usual worked example: {kl_pq} and {kl_qp}. Nearly the same, and not the same.",
    ),
    "Almost equal": Preset(
        "continuous", ("normal", {"loc": 0.0, "scale": 1.0}), ("normal", {"loc": 1e-6, "scale": 1.0}),
        "The means are 10⁻⁶ apart, so KL is {kl_pq}: a number that usual code rounds to 0 or below.",
    ),
    "Narrow in wide": Preset(
        "continuous", ("normal", {"loc": 0.0, "scale": 0.5}), ("normal", {"loc": 0.0, "scale": 2.0}),
        "P sits inside Q. Q is never caught out, so KL(P‖Q) stays small; the other direction pays for Q's tails.",
    ),
    "Wide over narrow": Preset(
        "continuous", ("normal", {"loc": 0.0, "scale": 2.0}), ("normal", {"loc": 0.0, "scale": 0.5}),
        "The same two curves with the roles exchanged: the expectation under P visits where Q has almost nothing.",
    ),
    "Heavy tail": Preset(
        "continuous", ("cauchy", {"loc": 0.0, "scale": 1.0}), ("normal", {"loc": 0.0, "scale": 1.0}),
        "The curves look alike, yet KL(P‖Q) = ∞: P's far tail is where Q's density vanishes too fast.",
    ),
    "No overlap": Preset(
        "continuous", ("uniform", {"low": -3.0, "high": -1.0}), ("uniform", {"low": 1.0, "high": 3.0}),
        "Both directions are ∞, however near the two lie. Total variation is 1 and Jensen–Shannon {jensen_shannon}: they saturate.",
    ),
    "Looks symmetric": Preset(
        "discrete", ("categorical", {"probs": (0.1, 0.8, 0.1)}), ("categorical", {"probs": (0.3, 0.4, 0.3)}),
        "Each law is its own mirror image; the two directions still differ.",
    ),
}
