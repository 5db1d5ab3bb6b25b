"""Questions on estimates from samples: a negative KL, k3, k1 as a loss, tokens and sequences."""

import torch

from kl_core import kl
from kl_core.estimates.estimators import crossover, gaussian_errors, k1, k3
from kl_core.estimates.token_kl import token_kl

from ..sample_estimates.scene import gradient_scene, gradients_of, pair_at, tokens_scene, value_scene
from .distributions import bars, evenly
from .pictures import NATS, Picture, State, first_panels, scrubbed, still
from .prediction import Choice, Option, Slide
from .question import Question

SUBJECT = "Estimates"
LOG_PI, LOG_REF = (-0.5, -1.2, -0.8, -0.3), (-0.3, -0.5, -0.4, -0.2)  # of the usual example
POLICY, REFERENCE = bars(0.6, 0.3, 0.1), bars(0.3, 0.3, 0.4)
FURTHER = 1.5


def _vector(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _negative() -> dict[str, float]:
    log_p, log_q = _vector(LOG_PI), _vector(LOG_REF)
    return {"k1": float(k1(log_p, log_q).mean()), "k3": float(k3(log_p, log_q).mean())}


def _crossing() -> dict[str, float]:
    distance, at = crossover()
    p, q = pair_at(FURTHER, 1.0)
    errors, true = gaussian_errors(p, q), float(kl(p, q))
    return {"at": at, "distance": distance, "kl": true, "sd_k1": float(errors["k1"].sd) / true, "sd_k3": float(errors["k3"].sd) / true}


def _gradients() -> dict[str, float]:
    found = gradients_of(POLICY, REFERENCE, None, "none", "loss")
    return {
        "k1": abs(round(float(found.estimators["k1"].norm()), 12)),
        "true": float(found.to_reference.norm()),
        "k2": float(found.estimators["k2"].norm()),
        "kl": float(kl(POLICY.distribution, REFERENCE.distribution)),
    }


def _gradient_picture() -> Picture:
    def build(state: State, _: object) -> dict:
        return first_panels(gradient_scene(state.laws["p"], state.laws["q"], None, "none", "loss", NATS), 4)

    return Picture("sample_estimates", {"view": "The gradient"}, build, State({"p": POLICY, "q": REFERENCE}))


def _lengths() -> dict[str, float | str]:
    found = token_kl(_vector(LOG_REF), _vector(LOG_PI))
    return {"token": float(found.per_token["k1"].mean), "sequence": float(found.per_sequence["k1"].mean), "length": str(found.tokens)}


QUESTIONS = (
    Question(
        "negative_kl",
        SUBJECT,
        "A negative KL means a bug",
        "Your training log says “KL = {k1}”: the mean of log π − log π_ref over four sampled tokens. What has happened?",
        Choice(
            (
                Option(
                    "There is a bug: a KL cannot be negative",
                    "the arithmetic is right, token by token: the reference likes all four better than π, and their mean is {k1} nats.",
                ),
                Option(
                    "π is closer to π_ref than π_ref itself",
                    "nothing is closer than equal, and there every bar is 0; these are below, because of which four tokens were drawn.",
                ),
                Option(
                    "Nothing wrong: it is an estimate from samples, and those can be negative",
                    "each violet bar is one token’s k1, all below 0, mean {k1} nats; k3 of the same tokens is {k3}.",
                ),
            ),
            2,
        ),
        _negative,
        still("sample_estimates", {}, lambda: tokens_scene(_vector(LOG_PI), _vector(LOG_REF), NATS)),
        "A KL is an average over all that π may say and never below 0; four tokens are a sample of it, and their mean {k1} may be. k3 of "
        "the same tokens "
        "is {k3} nats: never negative, with the same expected value.",
    ),
    Question(
        "k3_is_best",
        SUBJECT,
        "k3 is always best",
        "Q is P = N(0, 1) shifted. Close together, k3 is far less noisy than k1. **Up to which KL(P‖Q)** does k3 stay the less noisy one? "
        "(At the right end: always.)",
        Slide(
            "KL(P‖Q) in nats",
            evenly(0.05, 3.0, 60),
            "nats",
            "at",
            3,
            "beyond {at} nats, at {distance} standard deviations, k3 is the noisier one; slide on and watch.",
            "the upper right picture marks it: from {at} nats on, at {distance} standard deviations, k3 is noisier than k1.",
        ),
        _crossing,
        scrubbed(
            "sample_estimates",
            {"view": "The value"},
            "distance",
            lambda place: value_scene(1.0, 1000, 0, NATS, place),
            lambda _: FURTHER,
            2,
        ),
        "k1’s spread grows with the distance, k3’s with its exponential: at {distance} standard deviations, {at} nats, they cross. At {kl} "
        "nats, where the picture starts, "
        "one draw of k1 has a standard deviation of {sd_k1} true KLs and one of k3 {sd_k3}.",
    ),
    Question(
        "k1_as_loss",
        SUBJECT,
        "k1 makes a good loss",
        "You differentiate k1 = log π − log π_ref of tokens sampled from π and minimise it. Which way does it push π, **on average**?",
        Choice(
            (
                Option(
                    "Towards π_ref: it is unbiased for KL",
                    "its value is unbiased; its gradient, the violet arrow, has length {k1}, where that of KL is {true}.",
                ),
                Option(
                    "Nowhere: its expected gradient is 0",
                    "the violet arrow has length {k1}; that of KL(π‖π_ref), which k2 has too, is {true}.",
                ),
                Option("Away from π_ref", "it has no direction at all: the violet arrow has length {k1}, and the true one {true}."),
            ),
            1,
        ),
        _gradients,
        _gradient_picture(),
        "Differentiated with the samples held fixed, only log π moves, and the mean of ∇log π under π is 0: length {k1}, beside {true} for "
        "KL(π‖π_ref) = {kl} nats. "
        "As a number in the reward k1 is right; as a loss, k2 has the gradient that is meant.",
    ),
    Question(
        "token_and_sequence",
        SUBJECT,
        "Per-token and per-sequence KL compare",
        "Run A logs a KL of {token} nats, run B one of {sequence} nats. A averages over tokens, B adds them up over answers of {length} "
        "tokens. Which policy has drifted further?",
        Choice(
            (
                Option(
                    "Run B: {sequence} is more than {token}",
                    "these are the same {length} tokens: their bars have the mean {token} and the sum {sequence}.",
                ),
                Option(
                    "Run A: it is per token",
                    "per token B has {sequence} / {length} = {token} nats as well: the picture shows the tokens of both.",
                ),
                Option(
                    "Neither: it is the same drift",
                    "one picture serves both: the mean of the violet bars is {token} nats, their sum {sequence}.",
                ),
            ),
            2,
        ),
        _lengths,
        still(
            "sample_estimates",
            {"logprobs": ", ".join(map(str, LOG_REF)), "logprobs_ref": ", ".join(map(str, LOG_PI))},
            lambda: tokens_scene(_vector(LOG_REF), _vector(LOG_PI), NATS),
        ),
        "The KL of a sequence is the sum over its tokens, so {sequence} = {length} × {token} nats: the two differ by the length of the "
        "answer and by nothing else. "
        "A β or a target that was meant for one of them is wrong for the other by that factor.",
    ),
)
