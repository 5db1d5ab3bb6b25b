"""The teacher: a small convolutional network that reads the digits, and its training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.digits import CLASSES, DATA, PIXELS, SIDE, Digits, load_digits, shifted
from ..data.weights import arrays_of, fill, initialise, load_arrays, save_arrays

__all__ = ["Teacher", "TeacherEpoch", "TeacherTraining", "load_teacher", "save_teacher", "teacher_logits", "accuracy"]

TEACHER_FILE = DATA / "teacher.npz"


class Teacher(nn.Module):
    """(n, 64) images in [0, 1] → (n, 10) logits, in nats. 9,930 weights: two convolutions, a maximum, one layer."""

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Unflatten(1, (1, SIDE, SIDE)),
            _bare(nn.Conv2d, 1, 16, 3, padding=1),
            nn.ReLU(),
            _bare(nn.Conv2d, 16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            _bare(nn.Linear, 32 * PIXELS // 4, CLASSES),
        )
        initialise(self, generator or torch.Generator().manual_seed(0))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


def _bare(layer: type[nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
    """A layer without weights yet, so that making it draws nothing from the process's random numbers."""
    return nn.utils.skip_init(layer, *args, **kwargs)


@dataclass(frozen=True)
class TeacherEpoch:
    """loss: mean cross-entropy over the epoch's batches, nats. accuracy: of the test set, in [0, 1], as it then is."""

    epoch: int
    loss: float
    accuracy: float


class TeacherTraining:
    """A run, to be iterated: yields a TeacherEpoch after each of `epochs` passes over the training set; stop at any time.

    AdamW with a cosine schedule, images shifted by up to a pixel. `teacher` is the network as it then is. The same
    seed gives the same run. About 0.1 s an epoch. ValueError for epochs below 1.
    """

    def __init__(self, epochs: int = 40, seed: int = 0, *, batch: int = 64, learning_rate: float = 3e-3) -> None:
        if not (isinstance(epochs, int) and epochs >= 1):
            raise ValueError(f"epochs is {epochs}; it is a whole number of at least 1")
        self.epochs, self.batch, self.learning_rate, self.seed = epochs, batch, learning_rate, seed
        self._reset()

    def _reset(self) -> None:
        self._generator = torch.Generator().manual_seed(self.seed)
        self.teacher = Teacher(self._generator)

    def __iter__(self) -> Iterator[TeacherEpoch]:
        self._reset()
        train, test = load_digits()
        optimiser = torch.optim.AdamW(self.teacher.parameters(), lr=self.learning_rate, weight_decay=0.01, fused=True)
        steps = self.epochs * -(-len(train) // self.batch)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for epoch in range(1, self.epochs + 1):
            total = 0.0
            for part in torch.randperm(len(train), generator=self._generator).split(self.batch):
                logits = self.teacher(shifted(train.images[part], self._generator))
                loss = F.cross_entropy(logits, train.labels[part])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                total += float(loss.detach()) * len(part)
            yield TeacherEpoch(epoch, total / len(train), accuracy(teacher_logits(self.teacher, test), test.labels))


def teacher_logits(teacher: Teacher, digits: Digits) -> Tensor:
    """(n, 10) logits, in nats, without a gradient."""
    with torch.no_grad():
        return teacher(digits.images)


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """The share of rows whose greatest logit is the label's; logits: (n, k), labels: (n,)."""
    return float((logits.argmax(-1) == labels).double().mean())


@cache
@torch.inference_mode(False)  # kept for trainings too, whoever asks first
def load_teacher() -> Teacher:
    """The teacher that comes with this library: `TeacherTraining()`'s, rounded to half floats. Shared; not to be changed."""
    return fill(Teacher(), load_arrays(TEACHER_FILE), "teacher").requires_grad_(False)


def save_teacher(teacher: Teacher, path: Path = TEACHER_FILE) -> None:
    """Writes what `load_teacher` reads."""
    save_arrays(path, arrays_of(teacher, "teacher"))
