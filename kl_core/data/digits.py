"""Real data: the UCI handwritten digits, 8×8 pixels, with one fixed split into a training and a test set.

E. Alpaydin & C. Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, CC BY 4.0;
`data/SOURCE.txt` says what was done to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

__all__ = ["SIDE", "PIXELS", "CLASSES", "Digits", "load_digits", "few", "without", "shifted", "margin", "ambiguous"]

DATA = Path(__file__).parent
SIDE, PIXELS, CLASSES = 8, 64, 10


@dataclass(frozen=True)
class Digits:
    """images: (n, 64) float32 in [0, 1], ink, row by row; multiples of 1/16. labels: (n,) int64, 0 to 9."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor | slice) -> Digits:
        return Digits(self.images[index], self.labels[index])


@cache
@torch.inference_mode(False)  # kept for trainings too, whoever asks first
def load_digits() -> tuple[Digits, Digits]:
    """(training set, test set): 1,297 images, and 500, 50 of each digit. The same writers wrote both.

    The split is in the file, so it never changes. What is returned is shared: do not write into it.
    """
    with np.load(DATA / "digits.npz", allow_pickle=False) as file:
        images, labels, test = file["images"], file["labels"], torch.from_numpy(file["test"])
    everything = Digits(torch.from_numpy(images).float() / 16, torch.from_numpy(labels).long())
    return everything[~test], everything[test]


def few(digits: Digits, count: int, seed: int = 0) -> Tensor:
    """(count,) numbers of images drawn without replacement, as many of each digit as there can be.

    Of count = 10·m + r there are m of each digit, and one more of r digits drawn at random; a digit that has no more
    images leaves its place to others. ValueError unless 1 ≤ count ≤ len(digits).
    """
    if not 1 <= count <= len(digits):
        raise ValueError(f"count is {count}; it is a whole number from 1 to {len(digits)}")
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(digits), generator=generator)
    turn = torch.randperm(CLASSES, generator=generator)  # which digit comes first in each round
    labels = digits.labels[order]
    rounds = (labels.unsqueeze(-1) == torch.arange(CLASSES)).cumsum(0).gather(1, labels.unsqueeze(-1)).squeeze(-1)
    return order[(rounds * CLASSES + turn[labels]).argsort()[:count]]


def without(digits: Digits, left_out: Iterable[int]) -> Digits:
    """Those images that show none of these digits. ValueError for what is no digit, or when none are left."""
    left_out = list(left_out)
    for digit in left_out:
        if digit not in range(CLASSES):
            raise ValueError(f"left_out has {digit!r}; it is made of digits from 0 to 9")
    keep = ~torch.isin(digits.labels, torch.tensor(left_out, dtype=torch.long))
    if not bool(keep.any()):
        raise ValueError(f"left_out is {left_out}; at least one digit is kept")
    return digits[keep]


def shifted(images: Tensor, generator: torch.Generator) -> Tensor:
    """(n, 64) each image moved by −1, 0 or 1 pixel each way, at random; what moves out of the square is lost."""
    count = len(images)
    padded = torch.nn.functional.pad(images.view(count, SIDE, SIDE), (1, 1, 1, 1))
    move = torch.randint(0, 3, (2, count, 1), generator=generator) + torch.arange(SIDE)
    rows, columns = move[0].unsqueeze(-1), move[1].unsqueeze(-2)
    return padded[torch.arange(count).view(-1, 1, 1), rows, columns].reshape(count, PIXELS)


def margin(logits: Tensor) -> Tensor:
    """The greatest logit less the next, over the last axis: log of the ratio of the two probabilities, in nats."""
    top = logits.topk(2, -1).values
    return top[..., 0] - top[..., 1]


def ambiguous(logits: Tensor, count: int | None = None) -> Tensor:
    """Numbers of the `count` images, or all, between whose first two classes a teacher is least decided, first first.

    logits: (n, k) of the teacher.
    """
    return margin(logits).argsort(stable=True)[:count]
