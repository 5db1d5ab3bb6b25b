"""The worked examples of a course text, right and wrong ones; its code samples by plain arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..distilling.distillation import distillation_loss
from ..divergence import kl_from_probs
from ..divergences import cross_entropy, entropy
from ..rlhf.penalty import rlhf_loss
from ..rlhf.single_step import optimum_to_reference
from ..vaes.vae import vae_kl_loss
from .claim import Numbers, Source, closed_form, printed, vector

SUBJECT = "Worked examples"
_CODE = Source("The course text behind this explorer, its code sample “KL divergence in RLHF, distillation, and VAE”")
_TEXT = Source("The course text behind this explorer, “KL divergence — the mathematics”")
_TABLE = Source("The course text behind this explorer, its table of β")
_PRACTICE = Source("The course text behind this explorer, practice questions")
_P, _Q = (0.3, 0.5, 0.2), (0.35, 0.4, 0.25)
_CURRENT, _REFERENCE = (-0.5, -1.2, -0.8, -0.3), (-0.3, -0.5, -0.4, -0.2)
_STUDENT, _TEACHER = (1.0, 2.5, 0.5), (3.0, 2.0, 1.0)
_MU, _LOGVAR = (1.0, -0.5, 0.0), (0.0, 0.4, -1.0)
# Two coins (p, q), found on the sums themselves to 30 digits, apart from kl_core.
_COINS = (0.04297491876831557, 0.59058737107933)


def _log_softmax(logits: Sequence[float], T: float = 1.0) -> list[float]:
    total = math.log(math.fsum(math.exp(logit / T) for logit in logits))
    return [logit / T - total for logit in logits]


def _kl(log_p: Sequence[float], log_q: Sequence[float]) -> float:
    return math.fsum(math.exp(a) * (a - b) for a, b in zip(log_p, log_q, strict=True))


def _distillation(T: float = 3.0, alpha: float = 0.5) -> float:
    soft = T**2 * _kl(_log_softmax(_TEACHER, T), _log_softmax(_STUDENT, T))
    return alpha * soft - (1 - alpha) * _log_softmax(_STUDENT)[0]


def _coin(p: float) -> Tensor:
    return vector(p, 1 - p)


def _rlhf() -> tuple[Tensor, float]:
    return rlhf_loss(torch.tensor(2.5, dtype=torch.float64), vector(*_CURRENT), vector(*_REFERENCE), beta=0.05)


def _bits_of_both_codes() -> Numbers:
    p, q = vector(*_P), vector(*_Q)
    return (cross_entropy(p, q) - entropy(p)) / math.log(2)


def _at_the_ends() -> Numbers:
    """KL at β = ∞, and the reward at a β so small that nothing else counts."""
    log_reference, reward = vector(*_P).log(), vector(0.0, 1.0, 3.0)
    idle, greedy = (optimum_to_reference(log_reference, reward, beta).exp() for beta in (math.inf, 1e-3))
    return kl_from_probs(idle, vector(*_P)), (greedy * reward).sum()


CLAIMS = (
    printed(
        "example_kl_pq",
        "KL(P‖Q), under P, of P = (0.3, 0.5, 0.2) and Q = (0.35, 0.4, 0.25)",
        _CODE,
        "0.0207",
        lambda: kl_from_probs(vector(*_P), vector(*_Q)),
        unit="nats",
    ),
    printed(
        "example_kl_qp",
        "KL(Q‖P), under Q, of the same two: the directions differ in the fourth place",
        _CODE,
        "0.0205",
        lambda: kl_from_probs(vector(*_Q), vector(*_P)),
        unit="nats",
    ),
    closed_form(
        "example_zero",
        "KL(P‖P), under P: zero exactly, not nearly",
        _TEXT,
        "0",
        0.0,
        lambda: kl_from_probs(vector(*_P), vector(*_P)),
        unit="nats",
    ),
    closed_form(
        "example_extra_bits",
        "Extra length, under P, of coding P’s outcomes with Q’s code: cross-entropy less entropy",
        _TEXT,
        "Σ p·log₂(p/q)",
        math.fsum(a * math.log2(a / b) for a, b in zip(_P, _Q, strict=True)),
        _bits_of_both_codes,
        unit="bits",
    ),
    printed(
        "example_estimate",
        "rlhf_loss: mean of log π_θ − log π_ref over four tokens, an estimate of KL(π_θ‖π_ref), under π_θ",
        _CODE,
        "-0.350",
        lambda: _rlhf()[1],
        unit="nats",
        corrects="Its comment says “KL is very high (policy drifted)”. The estimate is negative, which no KL is.",
    ),
    closed_form(
        "example_loss",
        "rlhf_loss of these tokens: the “penalty” is a bonus, for its estimate is negative",
        _CODE,
        "−2.5 + 0.05 · (−0.35) = −2.5175",
        -2.5175,
        lambda: _rlhf()[0],
        corrects="Here the penalty is a bonus: k1 of four tokens can be below 0.",
    ),
    closed_form(
        "example_distillation",
        "distillation_loss, T = 3, α = 0.5, teacher logits (3, 2, 1), student (1, 2.5, 0.5), label 0; "
        "KL(teacher‖student), under the teacher",
        _CODE,
        "α·T²·Σ p·log(p/q) + (1 − α)·CE",
        _distillation(),
        lambda: distillation_loss(vector(*_STUDENT).unsqueeze(0), vector(*_TEACHER).unsqueeze(0), torch.tensor([0])),
        unit="nats",
    ),
    closed_form(
        "example_vae",
        "vae_kl_loss at μ = (1, −0.5, 0), log σ² = (0, 0.4, −1): KL(N(μ, σ²)‖N(0, 1)), under the posterior, summed",
        _CODE,
        "−½ Σ(1 + log σ² − μ² − σ²)",
        -0.5 * math.fsum(1 + v - m * m - math.exp(v) for m, v in zip(_MU, _LOGVAR, strict=True)),
        lambda: vae_kl_loss(vector(*_MU), vector(*_LOGVAR)),
        unit="nats",
    ),
    closed_form(
        "example_practice_asymmetry",
        "KL(P‖Q) = 0.7, under P, and KL(Q‖P) = 1.2, under Q, can both be true: a coin of p = 0.0430 against one of q = 0.5906",
        _PRACTICE,
        "0.7 under P · 1.2 under Q",
        (0.7, 1.2),
        lambda: (kl_from_probs(_coin(_COINS[0]), _coin(_COINS[1])), kl_from_probs(_coin(_COINS[1]), _coin(_COINS[0]))),
        unit="nats",
        parts=("under P", "under Q"),
    ),
    closed_form(
        "example_beta_ends",
        "The table’s ends: at β = ∞ KL(π*‖π_ref), under π*, is 0; as β → 0 the reward is the greatest there is",
        _TABLE,
        "0 nats · max r = 3",
        (0.0, 3.0),
        _at_the_ends,
        parts=("KL", "reward"),
    ),
)
