"""Questions on temperature: what T = 5 does, whether hotter is better, and what T² is for."""

from math import log

import torch

from kl_core import entropy, kl
from kl_core.distilling.distillation import soft_gradient, soften

from ...shared.values import Values
from ..distillation.anatomy import anatomy_scene
from ..distillation.questions import PUBLISHED, offered, question_of_digit
from ..distillation.questions import Question as Asked
from .distributions import bars, evenly
from .pictures import NATS, scrubbed, softened_logits
from .prediction import Choice, Drag, Option, Slide
from .question import Question

SUBJECT = "Distillation"
ASKED, HOT, COMPARED = 5.0, 100.0, 10.0


def _soft(temperature: float) -> torch.Tensor:
    return soften(torch.tensor(PUBLISHED, dtype=torch.float64), temperature)


def excess(said: Values) -> float:
    """KL(truth‖guess) in nats: what it costs to have believed the guess."""
    return float(kl(bars(*_soft(ASKED).tolist()).distribution, bars(*said["probs"]).distribution))


def percent(probs) -> str:
    return " : ".join(f"{one:.0%}" for one in probs)


def _five() -> dict[str, float | str]:
    plain, soft = _soft(1.0), _soft(ASKED)
    return {
        "plain": percent(plain.tolist()),
        "soft": percent(soft.tolist()),
        "entropy_plain": float(entropy(plain)),
        "entropy": float(entropy(soft)),
        "most": log(len(PUBLISHED)),
    }


def _hot() -> dict[str, float | str]:
    warm, hot = _soft(ASKED), _soft(HOT)
    return {
        "warm_gap": float(warm[0] - warm[-1]),
        "hot_gap": float(hot[0] - hot[-1]),
        "entropy": float(entropy(hot)),
        "most": log(len(PUBLISHED)),
        "short": log(len(PUBLISHED)) - float(entropy(hot)),
        "soft": percent(hot.tolist()),
    }


def _digit() -> Asked:
    return question_of_digit(next(iter(offered().values())))


def _slopes() -> dict[str, float]:
    asked = _digit()
    teacher, student = (torch.tensor(one, dtype=torch.float64) for one in (asked.logits, asked.student))
    cold, warm = (float(soft_gradient(student, teacher, T).norm()) for T in (1.0, COMPARED))
    return {
        "cold": cold,
        "warm": warm,
        "ratio": cold / warm,
        "scaled": COMPARED**2 * warm,
        "T": f"{COMPARED:g}",
        "square": f"{COMPARED**2:g}",
        "looks": asked.looks,
    }


def _anatomy():
    return scrubbed(
        "distillation", {"view": "Anatomy of the loss"}, "T", lambda place: anatomy_scene(_digit(), 0.5, NATS, place), lambda _: COMPARED
    )


QUESTIONS = (
    Question(
        "temperature_five",
        SUBJECT,
        "What T = 5 does to the teacher",
        "A teacher’s logits are 3, 2, 1: at T = 1 its probabilities are {plain}. **Drag the bars to what they are at T = 5.**",
        Drag(
            "The teacher's probabilities, to be dragged to T = 5",
            bars(*_soft(1.0).tolist()),
            {"probs": evenly(0.0, 1.0, 51)},
            None,
            excess,
            0.005,
            "at T = 5 they are {soft}.",
            "at T = 5 they are {soft}: closer to each other, in the same order, and not yet equal. Slide T and watch.",
            lambda said: percent(said["probs"]),
            ("class 1", "class 2", "class 3"),
            lambda: bars(*_soft(ASKED).tolist()),
        ),
        _five,
        softened_logits(PUBLISHED, ASKED, guessed=True),
        "Every logit is divided by T before the softmax, so gaps shrink to a fifth: {plain} becomes {soft}, and the entropy rises from "
        "{entropy_plain} to {entropy} nats "
        "of at most {most}. How near the wrong classes come is what a student learns beyond the label.",
    ),
    Question(
        "higher_temperature",
        SUBJECT,
        "Higher T is always better",
        "If T = 5 shows more than T = 1, what does **T = 100** show, for the logits 3, 2, 1?",
        Choice(
            (
                Option(
                    "More still: all that the teacher knows",
                    "the bars are {soft}: first and last choice differ by {hot_gap}, where at T = 5 it was {warm_gap}.",
                ),
                Option("Next to nothing: all classes look alike", "the bars are {soft}; first and last choice differ by {hot_gap} only."),
                Option(
                    "The same as T = 5: the order is all that counts",
                    "the order stays, but the gap between first and last choice falls from {warm_gap} to {hot_gap}.",
                ),
            ),
            1,
        ),
        _hot,
        softened_logits(PUBLISHED, HOT),
        "As T grows the targets become uniform: at T = 100 their entropy is {entropy} nats, within {short} of the most there is, and first "
        "and last choice differ by {hot_gap}. "
        "What is left, with T² in the loss, is matching logits, where hopeless classes count as much as near misses; in between lies the T "
        "that serves best.",
    ),
    Question(
        "t_squared",
        SUBJECT,
        "T² is cosmetic",
        "Leave T² out of the soft loss and go from T = 1 to T = {T}. **How many times smaller** does the gradient of the soft part become, "
        "for {looks}?",
        Slide(
            "times smaller",
            (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0),
            "times",
            "ratio",
            1,
            "{ratio} times, from {cold} to {warm}: without T² the hard label would rule.",
            "the lower right picture: without T² it falls from {cold} to {warm}, {ratio} times smaller; with T² it is {scaled}.",
        ),
        _slopes,
        _anatomy(),
        "Each gradient has a 1/T, and the gaps between softened probabilities shrink like another 1/T: from {cold} at T = 1 to {warm} at T "
        "= {T}. T² = {square} brings it "
        "back to {scaled}; without it a change of T is a change of the balance between soft and hard targets.",
    ),
)
