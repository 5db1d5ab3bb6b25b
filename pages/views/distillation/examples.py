"""What the teacher sees, a digit or logits of one's own, and the temperatures at which its answer is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import torch
from torch import Tensor

from kl_core.data.digits import ambiguous, load_digits
from kl_core.distilling.distillation import soften
from kl_core.distilling.shipped import load_students
from kl_core.distilling.teacher import load_teacher, teacher_logits

_DECADE = "1 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 2 2.2 2.4 2.6 2.8 3 3.2 3.5 3.7 4 4.3 4.6 5 5.4 5.8 6.3 6.8 7.4 8 8.6 9.3".split()
TEMPERATURES = torch.tensor([float(f"{float(step) * ten:.3g}") for ten in (0.1, 1, 10) for step in _DECADE] + [100.0], dtype=torch.float64)
"""Evenly apart by eye on a logarithmic scale, and round, so that what is said of T = 5 is of 5."""
OFFERED = 8
"""Test digits between whose first two classes the teacher is least decided, and as many that it is sure of."""
TELLING = 4
"""Test digits whose answer looks like a label at T = 1, and at the usual T shows what else they look like."""
CERTAIN = 0.98
USUAL = 3.0
PUBLISHED = (3.0, 2.0, 1.0)


@dataclass(frozen=True)
class Example:
    """What the teacher sees: a digit of the test set, or logits of one's own. student and label: of a digit only."""

    logits: tuple[float, ...]
    names: tuple[str, ...]
    digit: int | None = None
    label: int | None = None
    student: tuple[float, ...] | None = None

    @property
    def order(self) -> list[int]:
        """Classes from the most to the least probable; at every temperature the same."""
        return sorted(range(len(self.logits)), key=lambda one: -self.logits[one])

    @property
    def looks(self) -> str:
        """The runner-up in words: "a 3 that looks a bit like an 8"."""
        first, second = (self.names[one] for one in self.order[:2])
        if self.digit is None:
            return f"{first}, and {second} next"
        return f"{_a(first)} that looks a bit like {_a(second)}"


def _a(digit: str) -> str:
    return f"{'an' if digit == '8' else 'a'} {digit}"


@lru_cache(maxsize=1)
def offered() -> dict[str, int]:
    """Names of test digits, and their numbers in the test set: the telling first, then the ambiguous, then the clear."""
    test = load_digits()[1]
    logits = teacher_logits(load_teacher(), test)
    order = ambiguous(logits).tolist()
    groups = {"{}, a bit like {}": telling(logits, test.labels), "{}, or {}?": order[:OFFERED], "surely {}": order[-OFFERED:]}
    return {
        f"#{number}: " + words.format(*(_a(str(digit)) for digit in logits[number].topk(2).indices.tolist())): number
        for words, numbers in groups.items()
        for number in numbers
    }


def telling(logits: Tensor, labels: Tensor) -> list[int]:
    """Digits that the teacher is right and all but certain about at T = 1, and whose runner-up shows most at the usual T.

    They show what a temperature is for: at T = 1 the answer looks like a label.
    """
    certain, best = logits.softmax(-1).max(-1)
    second = soften(logits, USUAL).topk(2).values[:, 1]
    eligible = (certain > CERTAIN) & (best == labels)
    return torch.where(eligible, second, 0.0).argsort(descending=True)[:TELLING].tolist()


@lru_cache(maxsize=32)
def example_of_digit(number: int) -> Example:
    """The teacher's and the hard-label student's logits for a test digit."""
    test = load_digits()[1]
    image = test[torch.tensor([number])]
    with torch.no_grad():
        student = load_students()["hard"](image.images)[0, 0]
    return Example(
        tuple(teacher_logits(load_teacher(), image)[0].tolist()),
        tuple(map(str, range(10))),
        number,
        int(test.labels[number]),
        tuple(student.tolist()),
    )


def example_of_logits(logits: tuple[float, ...], names: Sequence[str] = ()) -> Example:
    """Classes by their names, or by their numbers, short where there are many side by side."""
    if len(names) == len(logits):
        return Example(logits, tuple(names))
    return Example(logits, tuple(f"{'class ' if len(logits) <= 5 else 'c'}{i}" for i in range(1, len(logits) + 1)))


def softened(example: Example) -> Tensor:
    """(temperatures, classes) the soft targets, as on screen."""
    return soften(torch.tensor(example.logits, dtype=torch.float64), TEMPERATURES)


def place_of(temperature: float) -> int:
    """Where on the scrubber a temperature is, or the one nearest to it; of one out of its range, where T = 3 is."""
    inside = temperature if 0.1 <= temperature <= 100 else USUAL
    return int((TEMPERATURES.log() - log(inside)).abs().argmin())
