"""What students learn: from few labels, from a transfer set that lacks a digit, and at one temperature or another.

Each experiment is a StudentTraining to be iterated, for progress and to be stopped, and a function that reads the
answer off it, means over seeds with their standard errors. What a training shows before its end may be read as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..data.digits import load_digits, without
from .calibration import Reliability, agreement, expected_calibration_error, reliability
from .distillation import soft_kl
from .students import StudentSettings, StudentTraining
from .teacher import teacher_logits

__all__ = [
    "Spread",
    "few_labels_training",
    "FewLabels",
    "read_few_labels",
    "left_out_training",
    "LeftOut",
    "read_left_out",
    "best_offset",
    "HINTON_MNIST",
    "temperature_training",
    "AtTemperature",
    "read_temperatures",
    "finish",
]

# Of MNIST's 10,000 test images, 1,010 of them threes (Hinton et al. 2015, section 3): what a student's transfer set
# lacked, test errors and errors on threes, without and with a better bias. 7s and 8s only: share of errors.
HINTON_MNIST = {
    "no 3s": {
        "errors": 206,
        "errors_on_digit": 133,
        "offset": 3.5,
        "errors_with_offset": 109,
        "errors_on_digit_with_offset": 14,
        "accuracy_on_digit_with_offset": 0.986,
    },
    "7s and 8s only": {"error_rate": 0.473, "offset": -7.6, "error_rate_with_offset": 0.132},
}


@dataclass(frozen=True)
class Spread:
    """Over seeds: values, each seed's; their mean; error, its standard error, NaN of a single seed."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return math.fsum(self.values) / len(self.values)

    @property
    def error(self) -> float:
        count = len(self.values)
        if count < 2:
            return math.nan
        return math.sqrt(math.fsum((value - self.mean) ** 2 for value in self.values) / (count - 1) / count)


def _spread(values: Tensor) -> Spread:
    return Spread(tuple(values.tolist()))


def finish(training: StudentTraining) -> StudentTraining:
    """The training, run to its end."""
    for _ in training:
        pass
    return training


def _seeds(seeds: int) -> range:
    if not (isinstance(seeds, int) and seeds >= 1):
        raise ValueError(f"seeds is {seeds}; it is a whole number of at least 1")
    return range(seeds)


def few_labels_training(
    labels: int = 100, T: float = 3.0, alpha: float = 0.5, seeds: int = 8, *, first_seed: int = 0, unlabelled: bool = False, **options: Any
) -> StudentTraining:
    """Students of hard labels and of the teacher, `seeds` of each, in pairs that start alike and see the same images.

    labels: 10 to 1,297. unlabelled: whether the teacher also speaks about images whose label is not known. options: of
    StudentTraining.
    """
    settings = [StudentSettings(T, weight, first_seed + seed) for weight in (0.0, alpha) for seed in _seeds(seeds)]
    return StudentTraining(settings, labels, unlabelled=unlabelled, **options)


@dataclass(frozen=True)
class FewLabels:
    """Test accuracies in [0, 1]. gain: distilled − hard, pair by pair, so its error is less than that of either."""

    hard: Spread
    distilled: Spread
    gain: Spread


def read_few_labels(training: StudentTraining) -> FewLabels:
    """Of a `few_labels_training`, run to its end or not."""
    hard, distilled = _accuracy(training.test_logits()).chunk(2)
    return FewLabels(_spread(hard), _spread(distilled), _spread(distilled - hard))


def _accuracy(logits: Tensor) -> Tensor:
    return (logits.argmax(-1) == load_digits()[1].labels).double().mean(-1)


def left_out_training(
    left_out: Sequence[int] = (3,), T: float = 3.0, seeds: int = 8, *, hard: bool = False, **options: Any
) -> StudentTraining:
    """Hinton's experiment: students taught on all training images but those of some digits, by soft targets alone.

    left_out: digits that no student sees. hard: by labels alone instead, for comparison: such a student has no way to
    know of them. options: of StudentTraining.
    """
    train, _ = load_digits()
    without(train, left_out)  # for its errors
    remaining = (~torch.isin(train.labels, torch.tensor(list(left_out), dtype=torch.long))).nonzero().squeeze(-1)
    return StudentTraining([StudentSettings(T, 0.0 if hard else 1.0, seed) for seed in _seeds(seeds)], remaining, **options)


@dataclass(frozen=True)
class LeftOut:
    """On the test set: accuracy, of all images; on_left_out, of those of the digits left out; offset, what was added
    to these digits' logits, 0 without correction. All in [0, 1] but the offset, which is in nats."""

    accuracy: Spread
    on_left_out: Spread
    offset: Spread


def read_left_out(training: StudentTraining, left_out: Sequence[int] = (3,)) -> dict[str, LeftOut]:
    """Of a `left_out_training`, by "plain" and by what the bias of the digits left out was corrected on.

    "test": the offset that is best on the test set, as in Hinton et al. 2015, who chose theirs so. "training": the one
    that is best on the training set, with all its digits, which does not peek at the test set.
    """
    train, test = load_digits()
    logits = {"test": training.test_logits()}
    with torch.no_grad():
        logits["training"] = training.students(train.images)
    labels = {"test": test.labels, "training": train.labels}
    offsets = {name: torch.stack([best_offset(student, labels[name], left_out) for student in logits[name]]) for name in logits}
    offsets = {"plain": torch.zeros_like(offsets["test"]), **offsets}
    missing = torch.isin(test.labels, torch.tensor(list(left_out)))
    measured = {}
    for name, offset in offsets.items():
        moved = logits["test"].double()
        moved[..., list(left_out)] += offset.view(-1, 1, 1)
        right = (moved.argmax(-1) == test.labels).double()
        measured[name] = LeftOut(*(_spread(values) for values in (right.mean(-1), right[:, missing].mean(-1), offset)))
    return measured


def best_offset(logits: Tensor, labels: Tensor, left_out: Sequence[int]) -> Tensor:
    """What, added to the logits of these classes, makes most of the answers right: a scalar, float64, in nats.

    logits: (n, k), labels: (n,). Exact: an answer turns to these classes when the offset passes the distance of the
    best logit elsewhere, so the number right changes at n known places only. Of the best stretches the one nearest 0
    is taken, and its middle, or its end where it has no other.
    """
    inside = torch.zeros(logits.shape[-1], dtype=torch.bool)
    inside[list(left_out)] = True
    logits = logits.double()
    theirs, others = logits.masked_fill(~inside, -torch.inf), logits.masked_fill(inside, -torch.inf)
    turn, order = (others.amax(-1) - theirs.amax(-1)).sort()
    gained = (theirs.argmax(-1) == labels).long()[order] - (others.argmax(-1) == labels).long()[order]
    right = torch.cat([gained.new_zeros(1), gained.cumsum(0)])  # more than with an offset of −∞
    edges = torch.cat([turn[:1] - 2, turn, turn[-1:] + 2])  # an open stretch counts as 2 nats long
    middle = (edges[1:] + edges[:-1]) / 2
    best = middle[(right == right.max()) & (edges[1:] > edges[:-1])]
    return best[best.abs().argmin()]


def temperature_training(
    temperatures: Sequence[float] = (1, 2, 3, 5, 10, 20), seeds: int = 6, *, alpha: float = 1.0, labels: int = 1297, **options: Any
) -> StudentTraining:
    """Students at each temperature, by soft targets alone unless alpha is below 1. options: of StudentTraining."""
    return StudentTraining([StudentSettings(float(T), alpha, seed) for T in temperatures for seed in _seeds(seeds)], labels, **options)


@dataclass(frozen=True)
class AtTemperature:
    """Students taught at T, judged on the test set at temperature 1. accuracy, agreement with the teacher and
    calibration_error (15 bins) in [0, 1]; kl: mean KL(teacher‖student) in nats. reliability: of all their answers
    together, by bin of confidence."""

    T: float
    accuracy: Spread
    agreement: Spread
    calibration_error: Spread
    kl: Spread
    reliability: Reliability


def read_temperatures(training: StudentTraining) -> list[AtTemperature]:
    """Of a `temperature_training`, one for each temperature."""
    _, test = load_digits()
    logits, taught = training.test_logits(), teacher_logits(training.teacher, test)
    agree, kl = agreement(logits, taught), soft_kl(logits, taught).mean(-1)
    accuracy, calibration = _accuracy(logits), expected_calibration_error(logits.softmax(-1), test.labels)
    at: dict[float, list[int]] = {}
    for number, student in enumerate(training.settings):
        at.setdefault(student.T, []).append(number)
    together = {T: reliability(logits[rows].flatten(0, 1).softmax(-1), test.labels.repeat(len(rows))) for T, rows in at.items()}
    return [
        AtTemperature(T, _spread(accuracy[rows]), _spread(agree[rows]), _spread(calibration[rows]), _spread(kl[rows]), together[T])
        for T, rows in at.items()
    ]
