"""Questions on estimates from samples: a negative KL, k3, k1 as a loss, tokens and sequences."""

import torch

from kl_core import kl
from kl_core.estimates.estimators import crossover, gaussian_errors, k1, k3
from kl_core.estimates.token_kl import token_kl

from ..sample_estimates.gradient_scene import gradient_scene, gradients_of
from ..sample_estimates.scene import pair_at, value_scene
from ..sample_estimates.tokens_scene import tokens_scene
from .distributions import bars, evenly
from .pictures import NATS, Picture, State, first_panels, scrubbed, still
from .prediction import Choice, Option, Slide
from .question import Question

SUBJECT = "Estimates"
LOG_PI, LOG_REF = (-0.5, -1.2, -0.8, -0.3), (-0.3, -0.5, -0.4, -0.2)  # of the worked example
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
    gradients = gradients_of(POLICY, REFERENCE, None, "none", "loss")
    assert gradients is not None  # no probability is 0
    return {
        "k1": abs(round(float(gradients.estimators["k1"].norm()), 12)),
        "true": float(gradients.to_reference.norm()),
        "k2": float(gradients.estimators["k2"].norm()),
        "kl": float(kl(POLICY.distribution, REFERENCE.distribution)),
    }


def _gradient_picture() -> Picture:
    def build(state: State, _: object) -> dict:
        return first_panels(gradient_scene(state.curves["p"], state.curves["q"], None, "none", "loss", NATS), 4)

    return Picture("sample_estimates", {"view": "The gradient"}, build, State({"p": POLICY, "q": REFERENCE}))


def _lengths() -> dict[str, float | str]:
    estimate = token_kl(_vector(LOG_REF), _vector(LOG_PI))
    token, sequence = (float(level["k1"].mean) for level in (estimate.per_token, estimate.per_sequence))
    return {"token": token, "sequence": sequence, "length": str(estimate.tokens)}


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
                    "the arithmetic is right: π_ref gives all four tokens a higher probability than π does, and the mean is {k1} nats.",
                ),
                Option(
                    "π is closer to π_ref than π_ref itself",
                    "nothing is closer than equal. If π equalled π_ref, every bar would be 0; these are below 0 because of which "
                    "four tokens were drawn.",
                ),
                Option(
                    "Nothing is wrong: an estimate from samples can be negative",
                    "the violet bars are the tokens’ k1, all below 0, with mean {k1} nats. The mean of k3 is {k3}.",
                ),
            ),
            2,
        ),
        _negative,
        still("sample_estimates", {}, lambda: tokens_scene(_vector(LOG_PI), _vector(LOG_REF), NATS)),
        "A KL is an average over everything that π may say, and never below 0. Four tokens are a small sample, so their mean k1 can be "
        "below 0, here {k1}. On the same tokens the mean of k3 is {k3} nats. k3 is never negative, and has the same expected value.",
    ),
    Question(
        "k3_is_best",
        SUBJECT,
        "k3 is always best",
        "π = N(0, 1), and π_ref is π shifted. When they are close, k3 is far less noisy than k1. **Up to which KL(π‖π_ref)** does k3 "
        "stay less noisy? (Right end: always.)",
        Slide(
            "KL in nats",
            evenly(0.05, 3.0, 60),
            "nats",
            "at",
            3,
            "above {at} nats, where the means are {distance} standard deviations apart, k3 is noisier than k1.",
            "the picture marks {at} nats, where the means are {distance} standard deviations apart. Above it k3 is noisier than k1.",
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
        "For a distance d between the means, the variance of k1 is d² and that of k3 is e^(d²) − 1 − d². They are equal at d = {distance}, "
        "where KL = {at} nats. At {kl} nats, where the picture starts, one draw of k1 has a standard deviation of {sd_k1} × KL and one of "
        "k3 {sd_k3} × KL.",
    ),
    Question(
        "k1_as_loss",
        SUBJECT,
        "k1 makes a good loss",
        "You differentiate k1 = log π − log π_ref on tokens sampled from π, and minimise it. Which way does it push π **on average**?",
        Choice(
            (
                Option(
                    "Towards π_ref: k1 is unbiased for KL(π‖π_ref)",
                    "its value is unbiased, its gradient is not: the violet arrow has length {k1}, the true gradient {true}.",
                ),
                Option(
                    "Nowhere: its expected gradient is 0",
                    "the violet arrow has length {k1}. The true gradient has length {true}, and so does that of k2.",
                ),
                Option("Away from π_ref", "it does not push at all: the violet arrow has length {k1}, the true gradient {true}."),
            ),
            1,
        ),
        _gradients,
        _gradient_picture(),
        "With the sampled tokens held fixed, only log π depends on the parameters, and the average of ∇log π over π is 0. So k1 has an "
        "expected gradient of length {k1}, while ∇KL(π‖π_ref) has {true}. k1 is right as a number in the reward; as a loss, take k2, whose "
        "expected gradient is ∇KL(π‖π_ref).",
    ),
    Question(
        "token_and_sequence",
        SUBJECT,
        "Per-token and per-sequence KL compare",
        "Run A logs a KL of {token} nats, run B logs {sequence} nats. A averages over tokens; B adds up the {length} tokens of each "
        "answer. Which policy has drifted farther?",
        Choice(
            (
                Option(
                    "Run B: {sequence} is more than {token}",
                    "these are the same {length} tokens: the bars’ mean is {token}, their sum {sequence}.",
                ),
                Option(
                    "Run A: its number is per token",
                    "per token, B has {sequence} / {length} = {token} nats as well.",
                ),
                Option(
                    "Neither: the drift is the same",
                    "one picture shows both runs: the violet bars’ mean is {token} nats, their sum {sequence}.",
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
        "The KL of a sequence is the sum over its tokens: {sequence} = {length} × {token} nats. Here every answer has {length} tokens, so "
        "the two numbers differ by exactly that factor; with answers of different lengths no single factor converts them. A β or a target "
        "meant for one is wrong for the other.",
    ),
)
