"""The one place where values from a link, a text box, a file or the live picture are checked."""

from dataclasses import dataclass
from functools import cache, cached_property
from math import isfinite
from typing import Any

import torch

from kl_core.families import FAMILIES
from kl_core.families.family import Family, Parameter

from .style import UNITS, Unit

Value = float | tuple[float, ...]
Values = dict[str, Any]
"""By name: a Value, a number or a vector as the family's parameter of that name is."""
LARGEST = 1e6
"""Beyond this a picture shows nothing; kl_core itself takes any finite value."""
SMALLEST = 1e-6
FAR = 1e3
MOST_TRIALS = 1000
LONGEST_TEXT = 400


def finite(raw: object) -> float | None:
    """The number that a message from the browser holds; None for anything else, infinities and NaN included."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    try:
        return float(raw) if isfinite(raw) else None
    except OverflowError:
        return None


@dataclass(frozen=True)
class ChosenDistribution:
    """One distribution as chosen on a page: its family and its parameters, all valid."""

    family: Family
    values: Values

    def __hash__(self) -> int:
        return hash((self.family.name, tuple(self.values.items())))

    @cached_property
    def distribution(self) -> torch.distributions.Distribution:
        return self.family.distribution(**self.values)


def checked(family: Family, parameter: Parameter, raw: object) -> Value:
    """A parameter's value from text, a number or a list. ValueError with one plain sentence when it is none."""
    if parameter.length is None:
        return _checked_number(family, parameter, raw)
    entries = raw.replace(";", ",").split(",") if isinstance(raw, str) else raw
    if not isinstance(entries, list | tuple) or not all(isinstance(one, str | int | float) for one in entries):
        raise ValueError(f"{parameter.meaning} needs numbers separated by commas.")
    least, most = parameter.length
    if not least <= len(entries) <= most:
        raise ValueError(f"{parameter.meaning} needs {least} to {most} numbers; there are {len(entries)}.")
    value = tuple(to_number(one, f"entry {i} of {parameter.meaning}") for i, one in enumerate(entries, 1))
    if not bool(parameter.constraint.check(torch.tensor(value, dtype=torch.float64)).all()):
        raise ValueError(f"{parameter.meaning} must be {parameter.domain}.")
    low, high = bounds(family, parameter)
    if not all(low <= one <= high for one in value):
        raise ValueError(f"{parameter.meaning} must lie between {low:g} and {high:g}.")
    return value


def _checked_number(family: Family, parameter: Parameter, raw: object) -> float:
    value = to_number(raw, parameter.meaning)
    if parameter.integer and value != int(value):
        raise ValueError(f"{parameter.meaning} must be a whole number, not {value:g}.")
    if not bool(parameter.constraint.check(torch.tensor(value, dtype=torch.float64))):
        raise ValueError(f"{parameter.meaning} must be {parameter.domain}, not {value:g}.")
    low, high = bounds(family, parameter)
    if not low <= value <= high:
        raise ValueError(f"{parameter.meaning} must lie between {low:g} and {high:g}, not {value:g}.")
    return value


def to_number(raw: object, what: str) -> float:
    try:
        value = float(str(raw).strip().replace("−", "-"))
    except ValueError:
        raise ValueError(f"{what} is not a number: “{str(raw)[:20]}”.") from None
    if not isfinite(value):
        raise ValueError(f"{what} must be finite.")
    return value


def checked_unit(raw: object) -> Unit:
    """A unit by its name; ValueError in one sentence."""
    if not isinstance(raw, str) or raw not in UNITS:
        raise ValueError(f"The unit is one of {', '.join(UNITS)}.")
    return UNITS[raw]


def numbers(raw: str, what: str, least: int, most: int, largest: float) -> tuple[float, ...]:
    """`least` to `most` finite numbers, at most `largest` in size, from a text; ValueError with one plain sentence."""
    entries = raw.replace(";", ",").split(",")
    if not least <= len(entries) <= most:
        raise ValueError(f"There are {len(entries)} {what}s; from {least} to {most} can be shown.")
    found = tuple(to_number(entry, f"{what} {i}") for i, entry in enumerate(entries, 1))
    if max(map(abs, found)) > largest:
        raise ValueError(f"A {what} may be at most {largest:g} in size.")
    return found


@cache
def bounds(family: Family, parameter: Parameter) -> tuple[float, float]:
    """The least and the greatest value that a control takes: the domain, cut to what a picture can show.

    Shifting and stretching may go far, because the picture follows; a shape only some way beyond its own range.
    """
    if parameter.integer:
        return 0 if _allows(parameter, 0) else 1, MOST_TRIALS
    moves = any(link and parameter.name in link[1:] and link[0] != "exp" for link in (family.affine.shift, family.affine.stretch))
    if parameter.length is not None:  # modes share one picture
        return -FAR if _allows(parameter, -1) else 0.0 if _allows(parameter, 0) else 1 / FAR, FAR
    if _allows(parameter, -1):
        span = parameter.high - parameter.low
        return (-LARGEST, LARGEST) if moves else (parameter.low - 2 * span, parameter.high + 2 * span)
    low = 0.0 if _allows(parameter, 0) else SMALLEST if moves else parameter.low / 5
    high = 1.0 if not _allows(parameter, 2) else LARGEST if moves else 10 * parameter.high
    return low, high


def _allows(parameter: Parameter, value: float) -> bool:
    return bool(parameter.constraint.check(torch.tensor(float(value), dtype=torch.float64)))


def text(value: tuple[float, ...]) -> str:
    """A vector as its text box holds it."""
    return ", ".join(f"{one:.6g}" for one in value)


def families_of(kind: str) -> list[str]:
    return [name for name, family in FAMILIES.items() if family.kind == kind]


def sentence(words: object) -> str:
    return f"{str(words)[:1].upper()}{str(words)[1:]}".rstrip(".") + "."
