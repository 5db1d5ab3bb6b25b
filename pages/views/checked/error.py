"""A common error: its two programs from `common_errors`, the inputs they run on, and how the wrong answer is wrong."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isinf, isnan

import numpy as np
import torch
from torch import Tensor

from ...shared.values import numbers
from . import errors as common_errors

MOST = 8  # entries of a vector
_SAME = 1e-6  # a relative difference that nobody would notice


@dataclass(frozen=True)
class Input:
    """An argument: its label, what it starts as, and its kind: what `read` allows."""

    argument: str
    label: str
    start: str
    kind: str


# Of one entry: what it is called, its least, its greatest, and what to say of one that is out of that.
_KINDS = {
    "probs": ("probability", 0.0, 1e6, "a probability is at least 0"),
    "positive": ("probability", 1e-300, 1e6, "here every probability is above 0"),
    "logits": ("logit", -1e6, 1e6, "a logit is finite"),
    "log_probs": ("log-probability", -1e4, 0.0, "a log-probability is at most 0"),
    "mu": ("μ", -100.0, 100.0, "μ is between −100 and 100"),
    "logvar": ("log σ²", -50.0, 50.0, "log σ² is between −50 and 50"),
    "T": ("T", 0.01, 1000.0, "T is between 0.01 and 1000"),
    "share": ("β", 0.0, 1.0, "β is between 0 and 1"),
    "eps": ("ε", 1e-300, 0.1, "ε is above 0 and at most 0.1"),
    "rows": ("batch size", 1.0, 1024.0, "the batch size is a whole number from 1 to 1024"),
}
_SINGLE = ("T", "eps", "rows", "share")


def read(asked: Input, raw: str) -> Tensor:
    """The numbers of a text box as a float64 tensor; probabilities divided by their sum. ValueError with one plain sentence."""
    what, least, most, sentence = _KINDS[asked.kind]
    single = asked.kind in _SINGLE
    try:
        values = numbers(raw, what, 1 if single else 2, 1 if single else MOST, 1e6)
    except ValueError as problem:
        raise ValueError(f"{asked.label}: {problem}") from None
    if not all(least <= value <= most for value in values) or (asked.kind == "rows" and values[0] != int(values[0])):
        raise ValueError(f"{asked.label}: {sentence}.")
    if asked.kind in ("probs", "positive"):
        if sum(values) == 0:
            raise ValueError(f"{asked.label}: all its probabilities are 0.")
        values = tuple(value / sum(values) for value in values)
    return torch.tensor(values[0] if single else values, dtype=torch.float64)


@dataclass(frozen=True)
class Outcome:
    """What both programs answer."""

    wrong: float
    right: float

    @property
    def words(self) -> str:
        """How the wrong answer is wrong, in a few words."""
        if isnan(self.wrong):
            return "NaN: not a number"
        if isinf(self.right) or isinf(self.wrong):
            return "the same" if self.wrong == self.right else "finite instead of ∞" if isinf(self.right) else "∞ instead of a number"
        if self.wrong < -_SAME * abs(self.right) and self.right >= 0:
            return "negative, which no KL is"
        if abs(self.wrong - self.right) <= _SAME * abs(self.right):
            return "the same on this input"
        if abs(self.wrong) < 1e-12 * abs(self.right):
            return "0 up to rounding"
        if self.right == 0:
            return "not 0, although the right one is 0"
        return f"{self.factor:.3g} × the right answer".replace("-", "−")

    @property
    def factor(self) -> float:
        """wrong ÷ right; NaN where one of them is no finite number, or the right one is 0."""
        if isnan(self.wrong) or isinf(self.wrong) or isinf(self.right) or self.right == 0:
            return float("nan")
        return self.wrong / self.right


@dataclass(frozen=True)
class CommonError:
    """A pair of programs of `common_errors` by their name. why: what is wrong and why people write it. asked: what both
    answer, with its unit. seen: where it stands in the wild, and url."""

    name: str
    title: str
    why: str
    asked: str
    inputs: tuple[Input, ...]
    seen: str = ""
    url: str = ""

    def program(self, side: str) -> Callable[..., Tensor]:
        return getattr(common_errors, f"{self.name}_{side}")

    def code(self, side: str) -> str:
        """The source of what runs."""
        return inspect.getsource(self.program(side))

    def run(self, values: Mapping[str, Tensor]) -> Outcome:
        """Both programs on these inputs, now."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # some of the wrong ones earn a warning
            return Outcome(*(float(self.program(side)(**values)) for side in ("wrong", "right")))

    @property
    def starts(self) -> dict[str, Tensor]:
        return {one.argument: read(one, one.start) for one in self.inputs}


def reach(outcome: Outcome) -> float:
    """log₁₀ of |wrong ÷ right|, cut to ±3, for a picture; NaN where there is no factor, −3 for nothing."""
    if isnan(outcome.factor):
        return outcome.factor
    size = abs(outcome.factor)
    return max(min(float(np.log10(size)) if size else -inf, 3.0), -3.0)
