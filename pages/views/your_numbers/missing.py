"""Probabilities that sum to less than 1: whether what is missing is one more outcome, or each side is divided by its sum."""

from dataclasses import dataclass

from torch import Tensor

from kl_core.vectors.top_k import WHOLE

TAIL, DIVIDE = "One more outcome", "Divide by the sum"
MISSING = (TAIL, DIVIDE)
"""What is done with the probability that is missing to 1."""
MOST_LISTED = 1000
"""Classes that an API lists at most. More than that are a whole vocabulary, whose sum is off 1 by its rounding alone."""
ROUNDED_SUM = 0.01
LEAST_LISTED = 0.01
"""Top classes have more probability than that together; logits that are all negative can have less."""


@dataclass(frozen=True)
class Missing:
    """sums: of P's and of Q's probabilities as given, or their mean over rows. taken: one of MISSING. logarithms: were given."""

    sums: tuple[float, float]
    taken: str
    logarithms: bool

    @property
    def tail(self) -> bool:
        return self.taken == TAIL

    @property
    def said(self) -> str:
        """What was recognised and what was done about it, in one line."""
        p, q = (f"{total:.4g}" for total in self.sums)
        if not self.logarithms:
            seen = divided = f"P sums to {p} and Q to {q}"
        else:
            seen = f"Read as log-probabilities of the top classes: their exponentials sum to {p} for P and {q} for Q"
            divided = f"Read as logits, though their exponentials sum to {p} for P and {q} for Q"
        if self.tail:
            return f"{seen}. The rest up to 1 is one more outcome, “all others”."
        return f"{divided}: each is divided by its sum, as if there were no other outcome."


def missing_of_logarithms(a: Tensor, b: Tensor, chosen: str | None) -> Missing | None:
    """Whether logits, (k,) or (rows, k), can be log-probabilities that leave something out; None where they cannot.

    They can where none is above 0 and in no row the exponentials sum to more than 1, and in some row to less.
    """
    if not all(bool((z <= 0).all()) for z in (a, b)):
        return None
    sums = [z.double().exp().sum(-1) for z in (a, b)]
    enough = WHOLE if a.shape[-1] <= MOST_LISTED else ROUNDED_SUM
    if max(float(total.max()) for total in sums) > 1 + WHOLE or min(float(total.min()) for total in sums) > 1 - enough:
        return None
    means = float(sums[0].mean()), float(sums[1].mean())
    return Missing(means, chosen or (TAIL if min(means) > LEAST_LISTED else DIVIDE), logarithms=True)


def missing_of_probabilities(a: Tensor, b: Tensor, chosen: str | None) -> Missing | None:
    """The same of probabilities (k,), which need not sum to 1: they are divided by their sums unless somebody chooses otherwise."""
    sums = float(a.sum()), float(b.sum())
    if max(sums) > 1 + WHOLE or not 0.2 < min(sums) < 1 - 1e-3:
        return None
    return Missing(sums, chosen or DIVIDE, logarithms=False)
