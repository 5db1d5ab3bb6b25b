"""The result of comparing two blocks of numbers, whatever they are."""

from dataclasses import dataclass, field

from torch import Tensor

from .missing import Missing

NOTHING = 1e-14
"""An error below that is rounding, or a formula's 0 where P equals Q, and no interval."""


@dataclass(frozen=True)
class BothKL:
    """KL(P‖Q) and KL(Q‖P) in nats. said: the method and its error."""

    pq: float
    qp: float
    said: str = ""


@dataclass(frozen=True)
class Measure:
    """A number both ways; qp is None where the measure is symmetric. In nats where `nats`. said: its formula, where it needs one."""

    title: str
    pq: float
    qp: float | None = None
    nats: bool = True
    said: str = ""


@dataclass(frozen=True)
class Rows:
    """An outcome, a direction or a row of a batch each: its name, what it adds to each KL in nats, and its p and q where it has them.

    in_order: shown in the order given, as bins are, instead of the largest first.
    """

    what: str
    names: list[str]
    to_pq: Tensor
    to_qp: Tensor
    p: Tensor | None = None
    q: Tensor | None = None
    in_order: bool = False


@dataclass(frozen=True)
class Histogram:
    """How many rows have a KL between 10^edges[i] and 10^edges[i + 1] nats; zeros, infinite: rows that no logarithm can place."""

    edges: Tensor
    counts: Tensor
    zeros: int
    infinite: int


@dataclass(frozen=True)
class Result:
    """kl: under P and under Q. The rest as the page shows it: further measures, rows, warnings in sentences, a program.

    missing: what probabilities that sum to less than 1 were taken for.
    """

    kl: BothKL
    measures: list[Measure]
    rows: Rows
    warnings: list[str] = field(default_factory=list)
    code: str = ""
    histogram: Histogram | None = None
    missing: Missing | None = None
