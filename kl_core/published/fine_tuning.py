"""Methods of fine-tuning and what they forget: RL's razor, both directions, best-of-n's wins, DPO, DAPO, off-policy k3."""

from __future__ import annotations

import math

import torch
from scipy.optimize import brentq
from torch import Tensor

from ..estimates.gradient_noise import action_gradients, plane
from ..estimates.mismatch import mismatch_errors
from ..rlhf.direction import CHOICES, directions
from ..rlhf.levels import Levels, best_of_many, win_rate
from ..rlhf.penalty import clipped_surrogate
from ..rlhf.preferences import dpo_limit
from ..rlhf.prompts import build_prompts, measure_answers
from ..rlhf.targets import oracle
from ..rlhf.training import RECIPES
from .claim import Source, closed_form, printed, vector

SUBJECT = "Fine-tuning: PPO, GRPO, DPO"
_RAZOR = Source("Shenfeld, Pari & Agrawal 2025, arXiv 2509.04259", "https://arxiv.org/abs/2509.04259")
_DIRECTION = Source("GX-Chen et al. 2025, arXiv 2510.20817", "https://arxiv.org/abs/2510.20817")
_BEIRAMI = Source("Beirami et al. 2024, arXiv 2401.01879", "https://arxiv.org/abs/2401.01879")
_DPO = Source("Rafailov et al. 2023, arXiv 2305.18290", "https://arxiv.org/abs/2305.18290")
_DAPO = Source("Yu et al. 2025, arXiv 2503.14476", "https://arxiv.org/abs/2503.14476")
_DEEPSEEK = Source("DeepSeek-V3.2 2025, arXiv 2512.02556", "https://arxiv.org/abs/2512.02556")
_WEIGHTS = Source("Algebra: E_μ[π/μ·f] = E_π[f]")
_CHOICE = CHOICES["a rare hack"]
_BETA = 0.3
_REF, _REWARD = (0.5, 0.3, 0.2), (0.0, 1.0, 3.0)
_POLICY, _REFERENCE, _SAMPLER = (0.6, 0.3, 0.1), (0.3, 0.3, 0.4), (0.45, 0.33, 0.22)
_KL = math.fsum(p * math.log(p / q) for p, q in zip(_POLICY, _REFERENCE, strict=True))
_GRADIENT = [p * (math.log(p / q) - _KL) for p, q in zip(_POLICY, _REFERENCE, strict=True)]


def _sum(weights: list[float]) -> list[float]:
    return [weight / math.fsum(weights) for weight in weights]


def _hacks() -> tuple[float, float]:
    """The shares of the hack by plain math: reverse by the exponential, forward by λ."""
    pairs = list(zip(_CHOICE.reference, _CHOICE.reward, strict=True))
    reverse = _sum([p * math.exp(r / _BETA) for p, r in pairs])
    top = max(_CHOICE.reward)
    multiplier = brentq(lambda x: math.fsum(_BETA * p / (x - r) for p, r in pairs) - 1, top + 1e-9, top + _BETA, xtol=1e-15)
    return reverse[-1], _BETA * pairs[-1][0] / (multiplier - pairs[-1][1])


def _both() -> tuple[float, float]:
    both = directions(_CHOICE.reference, _CHOICE.reward, _BETA, _CHOICE.hack)
    return both.reverse.hack, both.forward.hack


def _many_levels(count: int = 200_000) -> Levels:
    reward = torch.linspace(0, 1, count, dtype=torch.float64, device="cpu")
    return Levels(reward, torch.full_like(reward, 1 / count), reward)


def _razor() -> float:
    """KL of the oracle less −log π_ref(success), in a world of three questions."""
    world = build_prompts()
    success = measure_answers(world, torch.zeros_like(world.log_probs[0])).quality[0]
    return oracle(world).kl + math.log(float(success))


def _off_policy() -> Tensor:
    gradients = action_gradients(vector(*_POLICY).log(), vector(*_REFERENCE).log(), vector(*_SAMPLER).log())
    return gradients.by_loss["weighted_k3"].mean @ plane(3)


def _weighted() -> tuple[float, float]:
    errors = mismatch_errors(vector(*_POLICY).log(), vector(*_REFERENCE).log(), vector(*_SAMPLER).log(), length=3).errors["sequence"]
    return float(errors["k1"].bias), float(errors["k3"].bias)


CLAIMS = (
    closed_form(
        "razor_oracle",
        "Reward 0 or 1: the nearest policy that always succeeds is π_ref given success; its KL, under itself, plus log π_ref(success)",
        _RAZOR,
        "0: KL = −log π_ref(success)",
        0.0,
        _razor,
        unit="nats",
    ),
    printed(
        "directions_hack",
        "Share on a rare hack of π_ref = (.30, .25, .20, .15, .09, .01), r = (1, .6, .4, 0, .8, 2), β = 0.3, by the penalty averaged "
        "under π, and under π_ref",
        _DIRECTION,
        ("0.39", "0.77"),
        _both,
        parts=("under π", "under π_ref"),
        corrects="KL(π_ref‖π) as the penalty is said to prevent collapse; here its optimum is the more collapsed one.",
    ),
    closed_form(
        "directions_hack_exact",
        "The same, to all digits",
        _DIRECTION,
        "π_ref·e^(r/β)/Z · β·π_ref/(λ − r)",
        _hacks(),
        _both,
        relative=1e-10,
        parts=("under π", "under π_ref"),
    ),
    closed_form(
        "best_of_n_wins",
        "How often best-of-n beats one more draw, without ties: n = 2, 4, 16",
        _BEIRAMI,
        "n/(n + 1)",
        [n / (n + 1) for n in (2, 4, 16)],
        lambda: win_rate(_many_levels(), [2, 4, 16]),
        relative=1e-5,
        parts=("2", "4", "16"),
    ),
    closed_form(
        "best_of_n_mean",
        "The mean of the best of n uniform rewards: n = 2, 4, 16",
        _BEIRAMI,
        "n/(n + 1)",
        [n / (n + 1) for n in (2, 4, 16)],
        lambda: best_of_many(_many_levels(), [2, 4, 16]).proxy,
        relative=1e-5,
        parts=("2", "4", "16"),
    ),
    closed_form(
        "dpo_covered",
        "DPO from unlimited pairs that cover every answer: π_ref = (0.5, 0.3, 0.2), r = (0, 1, 3), β = 0.7",
        _DPO,
        "π_ref·e^(r/β)/Z",
        _sum([p * math.exp(r / 0.7) for p, r in zip(_REF, _REWARD, strict=True)]),
        lambda: dpo_limit(vector(*_REF).log(), vector(*_REWARD), 0.7).exp(),
        parts=("r = 0", "r = 1", "r = 3"),
    ),
    closed_form(
        "dpo_uncovered",
        "The same when the best answer is in no pair: its logit stays, the others move by (r − their mean)/β",
        Source("Algebra: each pair moves its two logits by opposite amounts"),
        "π_ref·e^((r − ½)/β)/Z, r = 3 left as it was",
        _sum([p * math.exp(gain / 0.7) for p, gain in zip(_REF, (-0.5, 0.5, 0.0), strict=True)]),
        lambda: dpo_limit(vector(*_REF).log(), vector(*_REWARD), 0.7, [0, 1]).exp(),
        parts=("r = 0", "r = 1", "r = 3"),
        corrects="“DPO’s optimum is π*” needs pairs that cover every answer.",
    ),
    printed("dapo_clip", "DAPO’s upper clip", _DAPO, "0.28", lambda: RECIPES["dapo"]["clip_high"]),
    closed_form(
        "dapo_surrogate",
        "DAPO’s surrogate at π/π_old = 1.5, advantage 1; 0.5, −1",
        _DAPO,
        "min(ρA, clip(ρ, 0.8, 1.28)A)",
        (1.28, -0.8),
        lambda: clipped_surrogate(vector(1.5, 0.5).log(), vector(0, 0), vector(1, -1), 0.2, RECIPES["dapo"]["clip_high"]),
        parts=("1.5, +", "0.5, −"),
    ),
    closed_form(
        "off_policy_k3",
        "E[∇((π/μ)·k3)] at samples of an older policy μ = (0.45, 0.33, 0.22), differentiated whole, is ∇KL(π‖π_ref), KL under "
        "π = (0.6, 0.3, 0.1), π_ref = (0.3, 0.3, 0.4)",
        _DEEPSEEK,
        "π(log π/π_ref − KL)",
        _GRADIENT,
        _off_policy,
        parts=("∂z₁", "∂z₂", "∂z₃"),
    ),
    closed_form(
        "mismatch_weighted",
        "Bias of k1 and k3 of three tokens sampled from μ, weighted by the sequence’s π/μ; π, π_ref and μ as above, KL(π‖π_ref) under π",
        _WEIGHTS,
        "0 · 0",
        (0.0, 0.0),
        _weighted,
        unit="nats",
        parts=("k1", "k3"),
    ),
)
