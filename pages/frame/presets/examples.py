"""Numbers to begin with on "Your numbers", by name."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Example:
    """Numbers to begin with."""

    kind: str
    p: str
    q: str
    names: str = ""

    def link(self) -> dict[str, str]:
        """The state as the link has it."""
        given = {"given": self.kind, "p_numbers": self.p, "q_numbers": self.q, "names": self.names}
        return {key: value for key, value in given.items() if value}


_P_SAMPLE = (
    "0.31, -1.42, 0.87, 0.05, -0.66, 1.93, -0.12, 0.44, -0.98, 0.71, 1.15, -0.37, 0.22, -1.81, 0.59, "
    "-0.25, 1.38, 0.93, -0.54, 0.16, -0.08, 0.65, -1.12, 0.39, 2.11, -0.73, 0.28, 1.02, -0.46, 0.81"
)
_Q_SAMPLE = (
    "1.42, -0.31, 2.27, 0.94, 3.05, 0.18, 1.71, 2.66, 0.57, 1.09, -0.84, 1.96, 2.38, 0.33, 1.53, "
    "3.61, 0.75, 1.24, 2.02, -0.07, 1.85, 0.49, 2.81, 1.13, 0.02, 1.61, 2.14, 0.88, 1.33, 2.49"
)

EXAMPLES = {
    "Worked example": Example("Probabilities", "0.3, 0.5, 0.2", "0.35, 0.4, 0.25", "A, B, C"),
    "A quantised copy": Example("Probabilities", "0.25, 0.25, 0.125, 0.375", "0.25000004, 0.24999996, 0.12500003, 0.37499997"),
    "A zero in Q": Example("Probabilities", "0.5, 0.3, 0.15, 0.05", "0.6, 0.3, 0.1, 0", "cat, dog, bird, fish"),
    "Logits far apart": Example("Logits", "1000, 0, -1000", "-1000, 0, 1000"),
    "Counts": Example("Counts", "18, 7, 3, 1", "12, 9, 6, 4"),
    "Two samples": Example("Samples, by neighbours", _P_SAMPLE, _Q_SAMPLE),
    "Two Gaussians": Example("Gaussians", "0, 0\n1, 0.8\n0.8, 1", "0.5, 0\n1, 0\n0, 1"),
    "Rows of logits": Example("Rows of logits", "2, 1, 0, -1\n0, 0, 3, 0\n1, 1, 1, 1", "1.5, 1, 0.5, -1\n0, 1, 2, 0\n1, 1, 1, 2"),
}


def first_of(kind: str) -> Example:
    """What a kind begins with that cannot read the worked example's numbers; the worked example for all others."""
    return {"Counts": EXAMPLES["Counts"], "Gaussians": EXAMPLES["Two Gaussians"]}.get(kind, EXAMPLES["Worked example"])


def example_of(kind: str, p: str, q: str) -> Example | None:
    """An example of the kind, for who chooses it while the numbers are still those of another example."""
    if (p, q) not in {(example.p, example.q) for example in EXAMPLES.values()}:
        return None
    like = "Samples, by neighbours" if kind == "Samples, by histogram" else kind
    example = next((example for example in EXAMPLES.values() if example.kind == like), None)
    return example and replace(example, kind=kind)
