"""Ways to predict an answer: a choice, a place on a slider, or a curve (or bars) put where it will be.

Each writes what was said into a few characters of a link and reads them back; nothing here knows the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from re import sub
from string import ascii_lowercase, ascii_uppercase, digits

from ...shared.style import number, short
from ...shared.values import ChosenDistribution, Values

CODE = digits + ascii_uppercase + ascii_lowercase
Facts = Mapping[str, float | str]


@dataclass(frozen=True)
class Option:
    """An answer to choose, and what the picture shows to whoever chose it."""

    text: str
    reply: str


@dataclass(frozen=True)
class Choice:
    """right: the index of the true option."""

    options: tuple[Option, ...]
    right: int
    width = 1

    def encode(self, said: int) -> str:
        return CODE[said]

    def decode(self, code: str) -> int:
        """ValueError for what is no option."""
        return _index(code, len(self.options))

    def is_right(self, said: int, facts: Facts) -> bool:
        return said == self.right

    def words(self, said: int) -> str:
        return self.options[said].text

    def reply(self, said: int, facts: Facts) -> str:
        return self.options[said].reply


@dataclass(frozen=True)
class Slide:
    """A number out of `values`, of at most 62. truth: which fact it is about; near: how many places off is still right.

    right, wrong: what to reply, where {said} is the prediction with its unit.
    """

    label: str
    values: tuple[float, ...]
    unit: str
    truth: str
    near: int
    right: str
    wrong: str
    width = 1

    def encode(self, said: float) -> str:
        return CODE[self.values.index(said)]

    def decode(self, code: str) -> float:
        """ValueError for what is no place of the slider."""
        return self.values[_index(code, len(self.values))]

    def place(self, value: float) -> int:
        """Of the nearest place."""
        return min(range(len(self.values)), key=lambda i: abs(self.values[i] - value))

    def is_right(self, said: float, facts: Facts) -> bool:
        return abs(self.place(said) - self.place(float(facts[self.truth]))) <= self.near

    def words(self, said: float) -> str:
        return f"{short(said)} {self.unit}".strip()

    def reply(self, said: float, facts: Facts) -> str:
        return self.right if self.is_right(said, facts) else self.wrong


@dataclass(frozen=True)
class Drag:
    """A distribution to be put where it will be. grids: for each parameter the 62 places, or fewer, that a link can hold.

    backdrop: what is drawn behind it, or None. cost: the nats by which a guess is worse than the truth; near: how many
    are still right. said_as: the guess in words. names, truth: of bars, which are drawn beside the true ones. camps: what a class may
    have done, in words that follow "62 %".
    """

    label: str
    start: ChosenDistribution
    grids: Mapping[str, tuple[float, ...]]
    backdrop: ChosenDistribution | None
    cost: Callable[[Values], float]
    near: float
    right: str
    wrong: str
    said_as: Callable[[Values], str]
    names: tuple[str, ...] | None = None
    truth: Callable[[], ChosenDistribution] | None = None
    camps: tuple[tuple[str, Callable[[Values], bool]], ...] = ()

    @property
    def width(self) -> int:
        return sum(len(entries_of(self.start.values[name])) for name in self.grids)

    def encode(self, said: Values) -> str:
        return "".join(CODE[_nearest(grid, one)] for name, grid in self.grids.items() for one in entries_of(said[name]))

    def decode(self, code: str) -> Values:
        """ValueError for what is no such distribution."""
        grids = [grid for name, grid in self.grids.items() for _ in entries_of(self.start.values[name])]
        values = self.placed([grid[_index(one, len(grid))] for one, grid in zip(code, grids, strict=True)])
        if values is None:
            raise ValueError("these bars are all 0")
        return values

    def placed(self, numbers: Sequence[float]) -> Values | None:
        """The distribution of these numbers, one after the other, where bars sum to 1; None where all bars are 0."""
        left, values = list(numbers), {}
        for name in self.grids:
            start = self.start.values[name]
            entries = tuple(left.pop(0) for _ in entries_of(start))
            if isinstance(start, tuple) and not sum(entries):
                return None
            values[name] = tuple(one / sum(entries) for one in entries) if isinstance(start, tuple) else entries[0]
        return values

    def is_right(self, said: Values, facts: Facts) -> bool:
        return self.cost(said) <= self.near

    def words(self, said: Values) -> str:
        return self.said_as(said)

    def reply(self, said: Values, facts: Facts) -> str:
        return self.right if self.is_right(said, facts) else self.wrong


Prediction = Choice | Slide | Drag


def in_words(value: float) -> str:
    """Three significant digits; 0.5 for 0.500 where nothing else stands behind it."""
    few, size = round(value, 3), abs(value)
    if not isfinite(value) or size >= 1e5:
        return number(value)
    if abs(value - few) < 1e-7 and (few or not value):
        return short(few)
    if size < 1e-3:
        return sub(r"\.?0+(?= ×)", "", number(float(f"{value:.1e}")))
    return f"{value:.{max(2 - floor(log10(size)), 0)}f}".replace("-", "−")


def _index(code: str, count: int) -> int:
    at = CODE.find(code) if len(code) == 1 else -1
    if not 0 <= at < count:
        raise ValueError(f"“{code[:5]}” is no answer")
    return at


def entries_of(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def _nearest(grid: tuple[float, ...], value: float) -> int:
    return min(range(len(grid)), key=lambda i: abs(grid[i] - value))
