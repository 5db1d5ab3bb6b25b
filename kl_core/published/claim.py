"""A number that somebody has published, or that follows from a closed form, beside the same number computed now.

A closed form is worked out here by plain `math`, apart from the code that it checks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..numerics.exact import EPS

__all__ = ["Source", "Claim", "Check", "printed", "closed_form", "check", "vector", "Numbers"]

MOST_DIGITS = 16.0  # what a float64 can hold
_SLACK = 1 + 1e-9  # a difference of just half the last printed digit is agreement

Numbers = float | Tensor | Sequence[float | Tensor]


@dataclass(frozen=True)
class Source:
    """Who says so: author, year, title and place; url where there is one."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Claim:
    """What a source says, and how to compute it here.

    name: short and unique. what: one line that says which distribution an expectation is under. theirs: their values.
    shown: the same as the source prints them, or its formula. ours: computes the same number of values. tolerances: the
    greatest differences allowed, absolute, one a value; rule: how they were chosen, in words. unit: "nats", "bits", or
    "" for a pure number. parts: what each value is, where there are several. corrects: what is commonly taught instead.
    """

    name: str
    what: str
    source: Source
    theirs: tuple[float, ...]
    shown: str
    ours: Callable[[], Numbers]
    tolerances: tuple[float, ...]
    rule: str
    unit: str = ""
    parts: tuple[str, ...] = ()
    corrects: str = ""


@dataclass(frozen=True)
class Check:
    """A claim held against what is computed now; ours: one value for each of theirs. seconds: what that took."""

    claim: Claim
    ours: tuple[float, ...]
    seconds: float

    @property
    def differences(self) -> tuple[float, ...]:
        """|ours − theirs|, 0 for two equal infinities, inf where ours is NaN."""
        return tuple(_difference(ours, theirs) for ours, theirs in zip(self.ours, self.claim.theirs, strict=True))

    @property
    def worst(self) -> int:
        """The place of the value that uses up most of its tolerance."""
        return max(range(len(self.ours)), key=lambda i: self.differences[i] / self.claim.tolerances[i])

    @property
    def agrees(self) -> bool:
        """Whether every value is within its tolerance."""
        return all(gap <= allowed * _SLACK for gap, allowed in zip(self.differences, self.claim.tolerances, strict=True))

    @property
    def digits(self) -> float:
        """Digits that ours and theirs share, of the worst value: −log₁₀ of the relative difference, from 0 to 16.

        Where theirs is 0, of the difference itself.
        """
        return _digits(self.differences[self.worst], self.claim.theirs[self.worst])

    @property
    def asked(self) -> float:
        """Digits that the tolerance asks for, on the same scale and of the same value: it agrees if digits ≥ asked."""
        return _digits(self.claim.tolerances[self.worst] * _SLACK, self.claim.theirs[self.worst])


def _difference(ours: float, theirs: float) -> float:
    if ours == theirs:
        return 0.0
    return math.inf if math.isnan(ours) else abs(ours - theirs)


def _digits(difference: float, theirs: float) -> float:
    scale = abs(theirs) if theirs and math.isfinite(theirs) else 1.0
    if difference == 0:
        return MOST_DIGITS
    return 0.0 if math.isinf(difference) else min(max(-math.log10(difference / scale), 0.0), MOST_DIGITS)


def check(claim: Claim) -> Check:
    """Computes ours now and holds it against theirs."""
    start = time.perf_counter()
    ours = _flat(claim.ours())
    seconds = time.perf_counter() - start
    if len(ours) != len(claim.theirs):
        raise ValueError(f"{claim.name} has {len(claim.theirs)} values of theirs and {len(ours)} of ours; they must be as many")
    return Check(claim, ours, seconds)


def _flat(numbers: Numbers) -> tuple[float, ...]:
    if isinstance(numbers, Tensor):
        return tuple(numbers.detach().double().flatten().tolist())
    return tuple(float(number) for number in numbers) if isinstance(numbers, Iterable) else (float(numbers),)


def printed(
    name: str, what: str, source: Source, theirs: str | Sequence[str], ours: Callable[[], Numbers], *, zero: float = 0.0, **more: Any
) -> Claim:
    """A claim whose source prints these digits: ours must round to them, so it may be off by half the last one.

    Where that is less than a rounding, by a rounding: some sources print all that a float64 holds.
    zero: what a bare "0" or a whole number allows instead, where the source rounds all its entries to so much.
    """
    theirs = (theirs,) if isinstance(theirs, str) else tuple(theirs)
    halves = tuple(
        zero if zero and "." not in digits else max(0.5 * 10.0 ** -len(digits.partition(".")[2]), EPS * abs(float(digits)))
        for digits in theirs
    )
    return Claim(
        name,
        what,
        source,
        tuple(map(float, theirs)),
        " · ".join(theirs).replace("-", "−").replace("inf", "∞"),
        ours,
        halves,
        "half of the last digit printed",
        **more,
    )


def closed_form(
    name: str,
    what: str,
    source: Source,
    formula: str,
    theirs: float | Sequence[float],
    ours: Callable[[], Numbers],
    *,
    relative: float = 1e-12,
    absolute: float = 0.0,
    rule: str = "",
    **more: Any,
) -> Claim:
    """A claim whose source gives a formula, worked out apart from kl_core; a value of 0 is allowed `relative` itself.

    absolute: instead of the relative tolerance, where it is above 0.
    """
    values = tuple(theirs) if isinstance(theirs, Iterable) else (theirs,)
    allowed = tuple(absolute or relative * (abs(value) if value and math.isfinite(value) else 1.0) for value in values)
    rule = rule or (f"{absolute:g} absolute" if absolute else f"{relative:g} relative")
    return Claim(name, what, source, values, formula, ours, allowed, rule, **more)


def vector(*values: float) -> Tensor:
    """A float64 tensor."""
    return torch.tensor(values, dtype=torch.float64, device="cpu")
