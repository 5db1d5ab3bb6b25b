"""The kinds of numbers that one may have: how they are written, and how they are compared."""

from collections.abc import Callable
from dataclasses import dataclass

from .found import Found
from .others import gaussians, rows_of_logits, samples_by_histogram, samples_by_neighbours
from .reading import Block
from .vectors import counts, logits, probabilities

Compare = Callable[[Block, Block, object], Found]


@dataclass(frozen=True)
class Kind:
    """how: how to write it. named: whether the outcomes may have names. option: a number to choose, (label, least, most, first)."""

    how: str
    compare: Compare
    named: bool = False
    option: tuple[str, int, int, int] | None = None


KINDS = {
    "Probabilities": Kind("One number an outcome, with commas or a line each. They need not sum to 1.", probabilities, named=True),
    "Logits": Kind("One logit a class; −inf masks a class.", logits, named=True),
    "Counts": Kind("How often each outcome was seen.", counts, named=True),
    "Samples, by neighbours": Kind(
        "One point a line; several coordinates divided by commas. Any order.",
        samples_by_neighbours,
        option=("Which nearest neighbour", 1, 20, 5),
    ),
    "Samples, by histogram": Kind("One number a line, in any order.", samples_by_histogram, option=("Bins", 2, 60, 12)),
    "Gaussians": Kind("The mean on the first line, then the covariance, a row a line.", gaussians),
    "Rows of logits": Kind("A row of logits a line, as a batch has them.", rows_of_logits),
}
