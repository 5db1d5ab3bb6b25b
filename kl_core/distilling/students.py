"""Students of the teacher: small networks trained many at once, each with its own seed, temperature and mix.

A run of a student is the same whichever others it is trained beside, and two students of one seed start with the same
weights and see the same images in the same order, so what differs between them is what they were taught.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.digits import CLASSES, PIXELS, few, load_digits
from .distillation import scaled_soft_kl
from .teacher import Teacher, load_teacher, teacher_logits

__all__ = ["StudentSettings", "Students", "StudentStep", "StudentTraining"]

STUDENT_HIDDEN = 32


@dataclass(frozen=True)
class StudentSettings:
    """What one student is taught. T: in (0, 1000], of the soft targets. alpha: in [0, 1], their weight; 0 is a student
    of hard labels only, 1 one that sees no labels. seed: of its first weights and of which labels it gets."""

    T: float = 3.0
    alpha: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.T <= 1000:
            raise ValueError(f"T is {self.T}; it is a number above 0 and at most 1000")
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha is {self.alpha}; it is a number from 0 to 1")
        if not (isinstance(self.seed, int) and self.seed >= 0):
            raise ValueError(f"seed is {self.seed}; it is a whole number of at least 0")


class Students(nn.Module):
    """`len(seeds)` networks of one hidden layer, 64 → hidden → 10, computed together.

    forward: images (n, 64), or (students, n, 64) for different ones each, → logits (students, n, 10).
    """

    first: Tensor
    first_bias: Tensor
    last: Tensor
    last_bias: Tensor

    def __init__(self, seeds: Sequence[int], hidden: int = STUDENT_HIDDEN) -> None:
        super().__init__()
        shapes = {"first": (PIXELS, hidden), "first_bias": (1, hidden), "last": (hidden, CLASSES), "last_bias": (1, CLASSES)}
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        for name, shape in shapes.items():
            bound = (PIXELS if name.startswith("first") else hidden) ** -0.5  # as PyTorch does for a layer
            drawn = [torch.empty(shape).uniform_(-bound, bound, generator=generator) for generator in generators]
            self.register_parameter(name, nn.Parameter(torch.stack(drawn)))

    def forward(self, images: Tensor) -> Tensor:
        images = images.expand(len(self.first), *images.shape[-2:])
        hidden = torch.baddbmm(self.first_bias, images, self.first).relu()
        return torch.baddbmm(self.last_bias, hidden, self.last)


@dataclass(frozen=True, eq=False)
class StudentStep:
    """After `step` updates. loss: (students,) of the last batch. accuracy: (students,) of the test set, in [0, 1]."""

    step: int
    loss: Tensor
    accuracy: Tensor


class StudentTraining:
    """A run of several students, to be iterated: yields a StudentStep every `every` updates; stop at any time.

    Every student makes as many updates, however few its images are. `students` is the networks as they then are;
    `test_logits()` what they say of the test set. The same arguments give the same run.
    """

    def __init__(
        self,
        settings: Sequence[StudentSettings],
        labels: int | Tensor = 100,
        *,
        unlabelled: bool = False,
        teacher: Teacher | None = None,
        hidden: int = STUDENT_HIDDEN,
        steps: int = 600,
        every: int = 20,
        batch: int = 64,
        learning_rate: float = 5e-3,
    ) -> None:
        """settings: one for each student. labels: how many labelled images each gets, 10 to 1,297, drawn by its seed; or the
        numbers of the training images that all of them get. unlabelled: whether the teacher speaks about the whole
        training set, of which the student knows the labels of these only; else about these only. teacher: the one
        that comes with the library by default.
        """
        if not settings:
            raise ValueError("settings is empty; there is one for each student")
        for name, value in (("hidden", hidden), ("steps", steps), ("every", every), ("batch", batch)):
            if not (isinstance(value, int) and value >= 1):
                raise ValueError(f"{name} is {value}; it is a whole number of at least 1")
        if not 0 < learning_rate <= 1:
            raise ValueError(f"learning_rate is {learning_rate}; it is a number above 0 and at most 1")
        self.settings, self.steps, self.every, self.batch, self.hidden = tuple(settings), steps, every, batch, hidden
        self._learning_rate = learning_rate
        self._train, self._test = load_digits()
        self.teacher = teacher or load_teacher()
        self._targets = teacher_logits(self.teacher, self._train)
        self._labelled = self._choose(labels)
        everything = torch.arange(len(self._train)).expand(len(settings), -1)
        self._taught = everything if unlabelled else self._labelled
        self.students = Students([student.seed for student in self.settings], hidden)

    def _choose(self, labels: int | Tensor) -> Tensor:
        """(students, n) numbers of the images whose labels each student knows."""
        if isinstance(labels, Tensor):
            return labels.expand(len(self.settings), -1)
        if not CLASSES <= labels <= len(self._train):
            raise ValueError(f"labels is {labels}; it is a whole number from {CLASSES} to {len(self._train)}")
        drawn = {seed: few(self._train, labels, seed) for seed in {student.seed for student in self.settings}}
        return torch.stack([drawn[student.seed] for student in self.settings])

    def __iter__(self) -> Iterator[StudentStep]:
        self.students = Students([student.seed for student in self.settings], self.hidden)
        optimiser = torch.optim.Adam(self.students.parameters(), lr=self._learning_rate, fused=True)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, self.steps)
        # The same places in everybody's own list of images, so a student's run does not depend on the others'.
        same = self._taught is self._labelled
        labelled = _batches(self._labelled.shape[1], self.batch, 0)
        taught = labelled if same else _batches(self._taught.shape[1], self.batch, 1)
        for step in range(1, self.steps + 1):
            known = self._labelled[:, next(labelled)]
            loss = self._loss(known, known if same else self._taught[:, next(taught)])
            optimiser.zero_grad()
            loss.sum().backward()
            optimiser.step()
            schedule.step()
            if step % self.every == 0 or step == self.steps:
                yield StudentStep(step, loss.detach(), self._accuracy())

    def _loss(self, known: Tensor, taught: Tensor) -> Tensor:
        """(students,) alpha·T²·KL + (1 − alpha)·CE over each one's images, which are (students, batch) numbers."""
        T = torch.tensor([student.T for student in self.settings]).unsqueeze(-1)
        alpha = torch.tensor([student.alpha for student in self.settings])
        logits = self.students(self._train.images[known])
        hard = F.cross_entropy(logits.flatten(0, 1), self._train.labels[known].flatten(), reduction="none")
        if taught is not known:
            logits = self.students(self._train.images[taught])
        soft = scaled_soft_kl(logits, self._targets[taught], T)
        return alpha * soft.mean(-1) + (1 - alpha) * hard.view(known.shape).mean(-1)

    def test_logits(self) -> Tensor:
        """(students, 500, 10) logits for the test set."""
        with torch.no_grad():
            return self.students(self._test.images)

    def _accuracy(self) -> Tensor:
        return (self.test_logits().argmax(-1) == self._test.labels).double().mean(-1)


def _batches(count: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Without end: all numbers below count in random order, again and again, `batch` or fewer at a time."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield from torch.randperm(count, generator=generator).split(batch)
