"""The kinds of numbers that one may have: how they are written, and how they are compared."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from .batch import rows_of_logits
from .others import gaussians, samples_by_histogram, samples_by_neighbours
from .result import Result
from .vectors import counts, logits, probabilities, top_log_probabilities

Compare = Callable[..., Result]


@dataclass(frozen=True)
class Kind:
    """how: how to write it. named: whether the outcomes may have names. option: a number to choose, (label, least, most, first).

    shape: "vector", a number for each outcome; "points", a row for each; "matrix". counts: whole numbers.
    absent: what stands for an outcome that one side does not name. left_out: the same in words.
    slow: takes seconds for many numbers, and tells its progress. may_miss: may be probabilities that sum to less than 1.
    """

    how: str
    compare: Compare
    named: bool = False
    option: tuple[str, int, int, int] | None = None
    shape: str = "matrix"
    counts: bool = False
    absent: float = 0.0
    left_out: str = ""
    slow: bool = False
    may_miss: bool = False


KINDS = {
    "Probabilities": Kind(
        "One number per outcome, with names if you like. The sum need not be 1.",
        probabilities,
        named=True,
        shape="vector",
        may_miss=True,
    ),
    "Logits": Kind(
        "One logit per class, or log-probabilities; −inf masks a class.", logits, named=True, shape="vector", absent=-inf, may_miss=True
    ),
    "Log-probabilities of the top classes": Kind(
        "The largest log-probabilities, as APIs give them, best with the classes’ names; all other classes are one more.",
        top_log_probabilities,
        named=True,
        shape="vector",
        absent=-inf,
        left_out="among all others",
    ),
    "Counts": Kind(
        "How often each outcome was seen; or the raw list of outcomes, which is then counted.",
        counts,
        named=True,
        shape="vector",
        counts=True,
    ),
    "Samples, by neighbours": Kind(
        "One point per line; several coordinates side by side. Any order.",
        samples_by_neighbours,
        option=("Which nearest neighbour", 1, 20, 5),
        shape="points",
    ),
    "Samples, by histogram": Kind("One number per line, in any order.", samples_by_histogram, option=("Bins", 2, 60, 12), shape="points"),
    "Gaussians": Kind("The mean on the first line, then the covariance, one row per line.", gaussians),
    "Rows of logits": Kind(
        "One row of logits per line, as a batch has them. For a quantised copy: P is the original, as .npy or .safetensors.",
        rows_of_logits,
        slow=True,
        may_miss=True,
    ),
}
