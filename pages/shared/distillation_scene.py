"""A teacher's answer at every temperature: its bars, its entropy, and what each temperature makes of the loss."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from kl_core import entropy
from kl_core.digits import SIDE, ambiguous, load_digits
from kl_core.distillation import scaled_soft_kl, soft_gradient, soft_kl, soften
from kl_core.families import FAMILIES
from kl_core.teacher import load_teacher, teacher_logits
from kl_core.trained import load_students

from .live import scene
from .live.tables import packed
from .style import Unit

TEMPERATURES = torch.logspace(-1, 2, 91, dtype=torch.float64)
OFFERED = 8
"""Test digits between whose first two classes the teacher is least decided, and as many that it is sure of."""


@dataclass(frozen=True)
class Question:
    """What the teacher was asked: a digit of the test set, or logits of one's own. student and label: of a digit only."""

    logits: tuple[float, ...]
    names: tuple[str, ...]
    digit: int | None = None
    label: int | None = None
    student: tuple[float, ...] | None = None


@lru_cache(maxsize=1)
def offered() -> dict[str, int]:
    """Names of test digits, and their numbers in the test set: the ambiguous first, then the clear."""
    test = load_digits()[1]
    order = ambiguous(teacher_logits(load_teacher(), test)).tolist()
    logits = teacher_logits(load_teacher(), test)
    names = {}
    for number in [*order[:OFFERED], *order[-OFFERED:]]:
        first, second = logits[number].topk(2).indices.tolist()
        names[f"#{number}: a {first}, or a {second}?" if number in order[:OFFERED] else f"#{number}: surely a {first}"] = number
    return names


def question_of_digit(number: int) -> Question:
    """The teacher's and the hard-label student's logits for a test digit."""
    test = load_digits()[1]
    one = test[torch.tensor([number])]
    with torch.no_grad():
        student = load_students()["hard"](one.images)[0, 0]
    return Question(tuple(teacher_logits(load_teacher(), one)[0].tolist()), tuple(map(str, range(10))), number, int(test.labels[number]),
                    tuple(student.tolist()))


def question_of_logits(logits: tuple[float, ...]) -> Question:
    return Question(logits, tuple(f"class {i}" for i in range(1, len(logits) + 1)))


def soften_scene(question: Question, unit: Unit, start: float) -> dict:
    """T under the scrubber; the digit, its softened bars beside those at T = 1, and the numbers."""
    logits = torch.tensor(question.logits, dtype=torch.float64)
    soft, plain = soften(logits, TEMPERATURES), soften(logits, 1.0)
    best, second = (plain.topk(2).indices).tolist()
    numbers = {"entropy": entropy(soft), "first": soft[:, best], "second": soft[:, second]}
    bars = FAMILIES["categorical"]
    law = lambda label, style, probs: scene.law(label, style, bars, {"probs": tuple(probs.tolist())}, movable=False)  # noqa: E731
    where = int((TEMPERATURES.log() - torch.tensor(start).log()).abs().argmin())
    panels = [{"kind": "laws", "laws": ["p", "q"], "label": "The teacher's probabilities at T and at T = 1", "wide": question.digit is not None}]
    told = {
        "kind": "discrete", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-0.5, len(question.names) - 0.5],
        "names": list(question.names), "size": "ruled beside" if question.digit is not None else "ruled",
        "laws": {"p": law("T", "p", soft[where]), "q": law("T=1", "q", plain)},
        "numbers": {name: scene.number(name, (), float(one[where]), status="exact") for name, one in numbers.items()},
        "readouts": [
            {"quantity": "entropy", "title": "Entropy of the soft targets", "note": f"at most log {len(question.names)}"},
            {"quantity": "first", "title": f"P({question.names[best]})", "note": "the first choice", "plain": True},
            {"quantity": "second", "title": f"P({question.names[second]})", "note": "the runner-up", "plain": True},
        ],
        "panels": panels,
        "scrub": {"label": "Temperature T", "unit": "T =", "values": packed(TEMPERATURES), "seconds": 8, "start": where,
                  "laws": {"p": {f"probs.{i}": packed(soft[:, i]) for i in range(len(question.names))}},
                  "numbers": {name: packed(one) for name, one in numbers.items()}},
        "export": "soft_targets",
        "hint": f"Raise T: the bars even out, the order stays, and it shows that this {question.names[best]} looks a bit like "
                f"{'a ' if question.digit is not None else ''}{question.names[second]}.",
    }
    if question.digit is not None:
        pixels = load_digits()[1].images[question.digit]
        told["images"] = {"digit": {"pixels": packed(255 * pixels, torch.uint8), "side": SIDE, "count": 1, "columns": 1}}
        panels.insert(0, {"kind": "images", "name": "digit", "narrow": True, "label": f"Test digit {question.digit}, labelled {question.label}",
                          "title": f"Labelled {question.label}"})
    return told


def anatomy_scene(question: Question, alpha: float, unit: Unit, start: float) -> dict:
    """The loss of a student that was taught by hard labels alone, and the size of its gradient, at every T."""
    teacher, student = (torch.tensor(one, dtype=torch.float64) for one in (question.logits, question.student))
    hard = -student.log_softmax(-1)[question.label].expand(len(TEMPERATURES))
    soft, scaled = soft_kl(student, teacher, TEMPERATURES), scaled_soft_kl(student, teacher, TEMPERATURES)
    mixed = alpha * scaled + (1 - alpha) * hard
    slope = soft_gradient(student, teacher, TEMPERATURES).norm(dim=-1)
    numbers = {"hard": hard, "soft": soft, "scaled": scaled, "loss": mixed}
    where = int((TEMPERATURES.log() - torch.tensor(start).log()).abs().argmin())
    places = TEMPERATURES.log10()
    ticks = [[power, f"T = {10.0**power:g}"] for power in (-1, 0, 1, 2)]
    curve = lambda values: {"x": packed(places), "y": packed(values)}  # noqa: E731
    sizes = torch.stack([slope, TEMPERATURES**2 * slope]).clamp_min(1e-9).log10()
    return {
        "kind": "discrete", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-0.5, 0.5], "laws": {}, "size": "ruled charts",
        "numbers": {name: scene.number(name, (), float(one[where]), status="exact") for name, one in numbers.items()},
        "readouts": [
            {"quantity": "hard", "title": "Hard cross-entropy"},
            {"quantity": "soft", "title": "Soft KL(teacher‖student)"},
            {"quantity": "scaled", "title": "T² · soft"},
            {"quantity": "loss", "title": f"Loss = {alpha:g} · T²·soft + {1 - alpha:g} · hard"},
        ],
        "panels": [
            {"kind": "chart", "name": "parts", "half": True, "title": f"The parts of the loss, in {unit.name}", "label": "The parts of the loss against T",
             "note": "against T; soft alone vanishes as 1/T²",
             "series": [{"style": "k2", "label": "hard"}, {"style": "k1", "label": "soft"}, {"style": "k3", "label": "T²·soft"}, {"style": "true", "label": "loss"}]},
            {"kind": "chart", "name": "slopes", "half": True, "title": "Size of the soft part’s gradient", "label": "Gradient norms against T",
             "note": "without T² it dies out, and the hard label rules; with it, both keep their say",
             "series": [{"style": "k1", "label": "without T²"}, {"style": "k3", "label": "with T²"}]},
        ],
        "charts": {
            "parts": {"x_range": [-1.0, 2.0], "y_range": [0.0, 1.15 * unit.per_nat * float(torch.stack([hard, scaled, mixed]).max())],
                      "x_ticks": ticks, "places": packed(places), "dots": [0, 1, 2],
                      "series": [curve(one * unit.per_nat) for one in (hard, soft, scaled, mixed)]},
            "slopes": {"x_range": [-1.0, 2.0], "y_range": [float(sizes.min()) - 0.2, float(sizes.max()) + 0.3], "x_ticks": ticks,
                       "y_ticks": [[power, f"{10.0**power:g}"] for power in range(-8, 3, 2)], "places": packed(places), "dots": [0, 1],
                       "series": [curve(one) for one in sizes]},
        },
        "scrub": {"label": "Temperature T", "unit": "T =", "values": packed(TEMPERATURES), "seconds": 8, "start": where, "laws": {},
                  "numbers": {name: packed(one) for name, one in numbers.items()}},
        "export": "distillation_loss",
        "hint": f"Soft: averaged under the teacher, both at T. The student here learned from 100 hard labels; the digit is labelled {question.label}.",
    }


def softened(question: Question) -> Tensor:
    """(temperatures, classes) the soft targets, as on screen."""
    return soften(torch.tensor(question.logits, dtype=torch.float64), TEMPERATURES)
