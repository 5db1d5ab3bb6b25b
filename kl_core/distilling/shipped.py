"""The students that come with this library, and how they were trained; `tools/train_defaults.py` makes them anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch

from ..data.digits import DATA
from ..data.weights import arrays_of_all, fill, load_arrays, save_arrays
from .student_experiments import finish, left_out_training
from .students import Students, StudentSettings, StudentTraining
from .teacher import Teacher

__all__ = ["STUDENTS", "load_students", "save_students", "train_students"]

STUDENTS = {
    "hard": "100 labelled digits, hard labels",
    "distilled": "the same 100, T = 3, α = 0.5",
    "no 3s": "all training digits but the 3s, soft targets alone, T = 3",
}
LABELS, LEFT_OUT = 100, (3,)
STUDENT_FILE = DATA / "students.npz"


@cache
@torch.inference_mode(False)  # kept for trainings too, whoever asks first
def load_students() -> dict[str, Students]:
    """By the names of STUDENTS, one network each. Shared; not to be changed."""
    arrays = load_arrays(STUDENT_FILE)
    return {name: fill(Students([0]), arrays, name).requires_grad_(False) for name in STUDENTS}


def train_students(teacher: Teacher | None = None) -> dict[str, Students]:
    """By the names of STUDENTS."""
    pair = finish(StudentTraining([StudentSettings(alpha=0.0), StudentSettings()], LABELS, teacher=teacher)).students
    alone = finish(left_out_training(LEFT_OUT, seeds=1, teacher=teacher)).students
    return {"hard": _alone(pair, 0), "distilled": _alone(pair, 1), "no 3s": alone}


def _alone(students: Students, number: int) -> Students:
    alone = Students([0])
    alone.load_state_dict({name: value[number : number + 1] for name, value in students.state_dict().items()})
    return alone


def save_students(models: dict[str, Students], path: Path = STUDENT_FILE) -> None:
    """Writes what `load_students` reads."""
    save_arrays(path, arrays_of_all(models))
