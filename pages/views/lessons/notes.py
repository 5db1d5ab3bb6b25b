"""What a teacher wants to know of a ready lesson before it begins: what it teaches and needs, how long it takes, what to ask."""

from dataclasses import dataclass
from typing import NamedTuple


class Ask(NamedTuple):
    """A question for the class at a step, from 1, and the answer to hope for."""

    step: int
    question: str
    answer: str


@dataclass(frozen=True)
class Notes:
    """minutes: with time for the questions. believed: what many students believe, and what is true instead."""

    taught: str
    needs: str
    minutes: int
    asks: tuple[Ask, ...]
    believed: tuple[str, str]


NOTES = {
    "what_kl_is": Notes(
        "KL(P‖Q) is the extra surprise of believing Q when P is true: never negative, not symmetric, possibly infinite.",
        "Densities and logarithms.",
        20,
        (
            Ask(1, "Q halves the probability of rain. What happens to the surprise when it rains?", "It grows by log 2."),
            Ask(2, "One bar is below 0. Can the sum be below 0?", "No. It is 0 only if Q = P."),
            Ask(4, "On which days do you get money back?", "On days that Q expects more often than P sends them."),
            Ask(5, "Both pictures are symmetric. Are both directions equal?", "No: one averages over P, the other over Q."),
            Ask(9, "Q is 0 nowhere. Can KL(P‖Q) be infinite?", "Yes: Q’s tail falls too fast for P’s."),
        ),
        ("KL is a distance.", "It is not symmetric, so the order of P and Q matters."),
    ),
    "two_directions": Notes(
        "Forward KL is mass-covering, reverse KL can be mode-seeking; between hills at ±2 it is not.",
        "The first lesson.",
        25,
        (
            Ask(2, "Where will the best Q land? Guess before you press Run.", "Over both hills (forward), on one (reverse)."),
            Ask(4, "What does reverse KL pay for ignoring half of P?", "log 2 nats, however far away that half is."),
            Ask(5, "The hills are closer now. Does reverse KL pick one?", "No: its only minimum lies between them."),
            Ask(8, "A run ends on a hill. Is that the best Q?", "Not here: it is a local minimum, and the middle is better."),
            Ask(12, "Which direction is RLHF’s penalty, seen from the policy?", "Reverse: it averages over the policy."),
        ),
        ("Reverse KL always picks a mode.", "Only if the modes are far enough apart."),
    ),
    "kl_in_language_models": Notes(
        "The KL penalty of RLHF, its estimators k1, k2 and k3, reward hacking, forgetting, and a first look at distillation.",
        "The first two lessons.",
        40,
        (
            Ask(1, "The estimated KL is negative. Is that a bug?", "No: a KL is never negative, an estimate from a few samples can be."),
            Ask(5, "k1 estimates the KL without bias. Is it a good loss?", "No: its expected gradient is 0."),
            Ask(9, "Lower β further. What happens to the two rewards?", "The reward model’s score goes on rising, the true reward falls."),
            Ask(14, "You see the score, the KL and the text. Which of them shows hacking?", "The text. The score rises in both cases."),
            Ask(16, "Does the forward penalty prevent collapse?", "Not always: drag β and compare how much each puts on the hack."),
        ),
        (
            "More β always prevents hacking.",
            "β is a price in reward per nat: make the reward ten times larger, and the same β holds the policy back less.",
        ),
    ),
    "kl_in_distillation_and_generation": Notes(
        "Soft targets and T², on-policy distillation, speculative decoding, a VAE’s rate and collapse, what the ELBO leaves out, and "
        "diffusion.",
        "The first two lessons.",
        40,
        (
            Ask(2, "What is left of the teacher’s knowledge at T = 100?", "Almost nothing: all probabilities are nearly equal."),
            Ask(6, "What should the divergence be at β = 0 and β = 1?", "One expects the two KLs. It vanishes instead."),
            Ask(10, "Does a longer draft always pay?", "No: each further word passes only if all before it did."),
            Ask(13, "How will a 3 look at β = 4?", "Like every other digit: the code says nothing (posterior collapse)."),
            Ask(20, "Why do diffusion models take so many steps?", "A small step back is nearly Gaussian, as the model assumes."),
        ),
        ("A higher temperature always teaches more.", "At a very high T every class looks alike."),
    ),
}
