"""Questions on temperature: what T = 5 does, whether hotter is better, and what T² is for."""

from math import log

import torch

from kl_core import entropy, kl
from kl_core.distilling.distillation import soft_gradient, soften

from ...shared.values import Values
from ..distillation.anatomy import anatomy_scene
from ..distillation.examples import PUBLISHED, Example, example_of_digit, offered
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
    return " : ".join(f"{prob:.0%}" for prob in probs)


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


def _digit() -> Example:
    return example_of_digit(next(iter(offered().values())))


def _slopes() -> dict[str, float | str]:
    asked = _digit()
    teacher, student = (torch.tensor(logits, dtype=torch.float64) for logits in (asked.logits, asked.student))
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
        "A teacher’s logits are 3, 2, 1. At T = 1 its probabilities are {plain}. **Drag the bars to what they are at T = 5.**",
        Drag(
            "The teacher's probabilities, to be dragged to T = 5",
            bars(*_soft(1.0).tolist()),
            {"probs": evenly(0.0, 1.0, 51)},
            None,
            excess,
            0.005,
            "at T = 5 they are {soft}.",
            "at T = 5 they are {soft}: more equal, in the same order. Slide T and watch.",
            lambda said: percent(said["probs"]),
            ("class 1", "class 2", "class 3"),
            lambda: bars(*_soft(ASKED).tolist()),
            (("made the bars more equal", lambda said: max(said["probs"]) < float(_soft(1.0).max())),),
        ),
        _five,
        softened_logits(PUBLISHED, ASKED, guessed=True),
        "The softmax divides every logit by T, so the gaps between logits shrink to a fifth. {plain} becomes {soft}, and the entropy rises "
        "from {entropy_plain} to {entropy} nats, of at most log 3 = {most}. These soft targets show the student which wrong classes the "
        "teacher finds likely: its dark knowledge.",
    ),
    Question(
        "higher_temperature",
        SUBJECT,
        "Higher T is always better",
        "T = 5 shows more of the teacher than T = 1. What does **T = 100** show, for the logits 3, 2, 1?",
        Choice(
            (
                Option(
                    "Even more: everything that the teacher knows",
                    "the bars are {soft}. The first and the last class differ by {hot_gap}; at T = 5 they differed by {warm_gap}.",
                ),
                Option("Almost nothing: all classes look alike", "the bars are {soft}. The first and the last class differ by {hot_gap}."),
                Option(
                    "The same as T = 5: only the order counts",
                    "the order stays, but the gap between the first and the last class falls from {warm_gap} to {hot_gap}.",
                ),
            ),
            1,
        ),
        _hot,
        softened_logits(PUBLISHED, HOT),
        "As T grows, the targets become uniform. At T = 100 their entropy is {short} nats below its maximum, log 3. With T² in the loss, "
        "what remains is matching logits (Hinton et al. 2015), where hopeless classes count as much as near misses. The best T lies "
        "between, and has to be tried.",
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
            "{ratio} times, from {cold} to {warm}. Without T² the hard label decides almost alone.",
            "look at the lower right picture: without T² it falls from {cold} to {warm}, {ratio} times smaller. With T² it is {scaled}.",
        ),
        _slopes,
        _anatomy(),
        "The gradient of the soft part is (q − p)/T, and q − p itself shrinks about like 1/T: from {cold} at T = 1 to {warm} at T = {T}. "
        "The factor T² = {square} makes that {scaled}, the same order of magnitude as at T = 1. Without it, raising T also shifts the "
        "balance from soft targets to hard labels.",
    ),
)
