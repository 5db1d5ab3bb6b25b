"""Policies with a KL penalty: the optimum's closed forms, best-of-n, over-optimisation, and Ziegler's controller."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import torch
from scipy.optimize import brentq
from torch import Tensor

from ..divergence import kl_from_probs
from ..rlhf.overoptimisation import fit_gain
from ..rlhf.penalty import adaptive_beta, clipped_surrogate, group_advantages, grpo_loss, rlhf_loss
from ..rlhf.single_step import best_of_n, best_of_n_bound, optimum_from_reference, optimum_to_reference
from .claim import Numbers, Source, closed_form, printed, vector

SUBJECT = "RLHF: the KL penalty"
_LEVINE = Source("Levine 2018, arXiv 1805.00909", "https://arxiv.org/abs/1805.00909")
_KORBAK = Source("Korbak et al. 2022, arXiv 2205.11275", "https://arxiv.org/abs/2205.11275")
_BEIRAMI = Source("Beirami et al. 2024, arXiv 2401.01879", "https://arxiv.org/abs/2401.01879")
_GAO = Source("Gao, Schulman & Hilton 2022, arXiv 2210.10760", "https://arxiv.org/abs/2210.10760")
_ZIEGLER = Source("Ziegler et al. 2019, §2.2, arXiv 1909.08593", "https://arxiv.org/abs/1909.08593")
_PPO = Source("Schulman et al. 2017, arXiv 1707.06347", "https://arxiv.org/abs/1707.06347")
_DEEPSEEK = Source("DeepSeekMath 2024, arXiv 2402.03300", "https://arxiv.org/abs/2402.03300")
_ALGEBRA = Source("Algebra: stationary point of E_π[r] − β·KL(π_ref‖π)")
_SQUARE = Source("Algebra: completing the square of −x²/2 + x/β")
_SLOPE = Source("Algebra: the derivative of an exponential family’s KL")
_COURSE = Source("The course text behind this explorer, rlhf_loss")
_REF, _REWARD, _BETA = (0.5, 0.3, 0.2), (0.0, 1.0, 3.0), 0.7
_HERE = "π_ref = (0.5, 0.3, 0.2), r = (0, 1, 3), β = 0.7"

_Z = math.fsum(p * math.exp(r / _BETA) for p, r in zip(_REF, _REWARD, strict=True))
_BEST = [p * math.exp(r / _BETA) / _Z for p, r in zip(_REF, _REWARD, strict=True)]
_MEAN = math.fsum(p * r for p, r in zip(_BEST, _REWARD, strict=True))
_VARIANCE = math.fsum(p * (r - _MEAN) ** 2 for p, r in zip(_BEST, _REWARD, strict=True))
_LAMBDA = brentq(
    lambda x: math.fsum(_BETA * p / (x - r) for p, r in zip(_REF, _REWARD, strict=True)) - 1, 3.0 + 1e-9, 3.7 + 1e-9, xtol=1e-15
)


def _optimum(beta: float = _BETA) -> Tensor:
    return optimum_to_reference(vector(*_REF).log(), vector(*_REWARD), beta).exp()


def _kl(beta: float = _BETA) -> Tensor:
    return kl_from_probs(_optimum(beta), vector(*_REF))


def _objective(policy: Tensor) -> Tensor:
    return (policy * vector(*_REWARD)).sum() - _BETA * kl_from_probs(policy, vector(*_REF))


def _as_inference() -> Numbers:
    """What any policy lacks of the best objective, over β: here (0.2, 0.5, 0.3)."""
    policy = vector(0.2, 0.5, 0.3)
    return (_BETA * math.log(_Z) - _objective(policy)) / _BETA - kl_from_probs(policy, _optimum())


def _slope(step: float = 1e-3) -> Numbers:
    return (8 * (_kl(_BETA + step) - _kl(_BETA - step)) - (_kl(_BETA + 2 * step) - _kl(_BETA - 2 * step))) / (12 * step)


def _gaussian() -> Numbers:
    """π_ref = N(0, 1) on a fine grid, r(x) = x, β = ½: mean, KL and √(2·KL) of the optimum."""
    x = torch.linspace(-12, 16, 4001, dtype=torch.float64)
    reference = (-x * x / 2).log_softmax(-1)
    policy = optimum_to_reference(reference, x, 0.5).exp()
    divergence = kl_from_probs(policy, reference.exp())
    return (policy * x).sum(), divergence, (2 * divergence).sqrt()


def _tied(n: int) -> Numbers:
    return best_of_n(vector(0.5, 0.5).log(), vector(0.0, 1.0), n).kl


def _untied(n: int, answers: int = 100_000) -> Numbers:
    every = torch.arange(answers, dtype=torch.float64)
    return best_of_n(torch.zeros_like(every), every, n).kl


def _recovered(form: str) -> Numbers:
    """Coefficients fitted to gains made by the form with α = 2, β = 0.5, and the √KL of its peak."""
    d = torch.linspace(0.05, 4.0, 40, dtype=torch.float64)
    gain = d * (2 - 0.5 * d) if form == "best_of_n" else d * (2 - 0.5 * d.log())
    fit = fit_gain(d**2, gain, form)
    return fit.alpha, fit.beta, fit.peak, fit(vector(fit.peak**2))[0]


def _default(function: Callable[..., Any], name: str) -> float:
    return inspect.signature(function).parameters[name].default


_PEAK = ("α", "β", "√KL of the peak", "gain there")
_WORDS = ("word 1", "word 2", "word 3")
_WON = 1 - 0.5**4

CLAIMS = (
    closed_form(
        "optimum",
        f"The policy that maximises E_π[r] − β·KL(π‖π_ref), KL under π; {_HERE}",
        _LEVINE,
        "π_ref·exp(r/β)/Z",
        _BEST,
        _optimum,
        parts=_WORDS,
    ),
    closed_form("optimum_kl", "Its KL(π*‖π_ref), under π*", _LEVINE, "E*[r]/β − log Z", _MEAN / _BETA - math.log(_Z), _kl, unit="nats"),
    closed_form(
        "optimum_objective",
        "What it earns, E*[r] − β·KL(π*‖π_ref), KL under π*",
        _LEVINE,
        "β·log Z",
        _BETA * math.log(_Z),
        lambda: _objective(_optimum()),
    ),
    closed_form(
        "optimum_slope",
        "dKL(π*‖π_ref)/dβ, KL under π*, by differences of the KL at four β",
        _SLOPE,
        "−Var*(r)/β³",
        -_VARIANCE / _BETA**3,
        _slope,
        relative=1e-9,
        unit="nats",
    ),
    closed_form(
        "optimum_inference",
        "Any π lacks β·KL(π‖π*), under π, of the best objective: here of π = (0.2, 0.5, 0.3), less that KL",
        _KORBAK,
        "J* − J(π) = β·KL(π‖π*)",
        0.0,
        _as_inference,
        unit="nats",
        corrects="“RLHF uses forward KL”: its KL(π‖π_ref) averages over the learned π, so it is reverse KL, as in variational inference.",
    ),
    closed_form(
        "optimum_forward",
        f"The policy that maximises E_π[r] − β·KL(π_ref‖π), KL under π_ref, gives up no word; {_HERE}",
        _ALGEBRA,
        "β·π_ref/(λ − r)",
        [_BETA * p / (_LAMBDA - r) for p, r in zip(_REF, _REWARD, strict=True)],
        lambda: optimum_from_reference(vector(*_REF).log(), vector(*_REWARD), _BETA).exp(),
        parts=_WORDS,
    ),
    closed_form(
        "optimum_gaussian",
        "π_ref = N(0, 1), r(x) = x, β = ½: π* = N(1/β, 1); KL(π*‖π_ref), under π*",
        _SQUARE,
        "1/β · 1/(2β²) · reward = √(2·KL)",
        (2.0, 2.0, 2.0),
        _gaussian,
        relative=1e-10,
        parts=("mean reward", "KL, nats", "√(2·KL)"),
    ),
    closed_form(
        "best_of_n_bound",
        "The bound on KL(best-of-n‖π_ref), under best-of-n, at n = 4, 16, 1000",
        _BEIRAMI,
        "log n − (n − 1)/n",
        [math.log(n) - (n - 1) / n for n in (4, 16, 1000)],
        lambda: best_of_n_bound(vector(4, 16, 1000)),
        unit="nats",
        parts=("4", "16", "1000"),
    ),
    closed_form(
        "best_of_n_untied",
        "KL(best-of-16‖π_ref), under best-of-16, over 100 000 answers without ties: the bound is all but reached",
        _BEIRAMI,
        "log 16 − 15/16",
        math.log(16) - 15 / 16,
        lambda: _untied(16),
        relative=1e-6,
        unit="nats",
    ),
    closed_form(
        "best_of_n_tied",
        "KL(best-of-4‖π_ref), under best-of-4, over two answers alike: well below the bound, which is 0.6363",
        _BEIRAMI,
        "w·ln 2w + (1 − w)·ln 2(1 − w), w = 1 − 2⁻⁴",
        _WON * math.log(2 * _WON) + (1 - _WON) * math.log(2 * (1 - _WON)),
        lambda: _tied(4),
        unit="nats",
        corrects="log n − (n − 1)/n is often given as the KL itself; it is an upper bound.",
    ),
    closed_form(
        "gao_best_of_n",
        "R = d(α − β·d), d = √KL(π‖π_init), under π: fitted to its own curve with α = 2, β = ½, and its peak",
        _GAO,
        "peak at α/(2β), gain α²/(4β)",
        (2.0, 0.5, 2.0, 2.0),
        lambda: _recovered("best_of_n"),
        relative=1e-10,
        parts=_PEAK,
    ),
    closed_form(
        "gao_rl",
        "R = d(α − β·log d), d = √KL(π‖π_init), under π: the same",
        _GAO,
        "peak at e^(α/β − 1), gain β·d",
        (2.0, 0.5, math.exp(3), 0.5 * math.exp(3)),
        lambda: _recovered("rl"),
        relative=1e-10,
        parts=_PEAK,
        corrects="Gao et al. publish their coefficients as plots only; these are the forms’ own, not theirs.",
    ),
    closed_form(
        "ziegler",
        "β after 1000 of 10 000 steps from β = 0.1, at KL(π‖π_ref), under π, of 2, 1.1, 1 and 0 times its target",
        _ZIEGLER,
        "β(1 + 0.1·clip(KL/target − 1, ±0.2))",
        (0.102, 0.101, 0.1, 0.098),
        lambda: [adaptive_beta(0.1, kl, 6.0, 1000, 10_000) for kl in (12.0, 6.6, 6.0, 0.0)],
        parts=("2×", "1.1×", "1×", "0×"),
    ),
    closed_form(
        "ppo_clip",
        "PPO’s clipped surrogate at π/π_old = 1.5, advantage 1; 0.5, −1; 1.5, −1",
        _PPO,
        "min(ρA, clip(ρ, 1 ± 0.2)A)",
        (1.2, -0.8, -1.5),
        lambda: clipped_surrogate(vector(1.5, 0.5, 1.5).log(), vector(0, 0, 0), vector(1, -1, -1)),
        parts=("1.5, +", "0.5, −", "1.5, −"),
    ),
    closed_form(
        "grpo_advantages",
        "GRPO’s advantages of a group with rewards 0 and 1: less the mean, over the standard deviation with n − 1",
        _DEEPSEEK,
        "±½/√½",
        (-math.sqrt(0.5), math.sqrt(0.5)),
        lambda: group_advantages(vector(0.0, 1.0)),
        relative=1e-7,
        parts=("reward 0", "reward 1"),
        corrects="DeepSeekMath writes “std” and does not say which. With n − 1 the two advantages are ±0.707; with n they are ±1.",
    ),
    printed("grpo_beta", "Our GRPO’s default weight of k3", _DEEPSEEK, "0.04", lambda: _default(grpo_loss, "beta")),
    printed("rlhf_beta", "Our rlhf_loss’s default β", _COURSE, "0.05", lambda: _default(rlhf_loss, "beta")),
)
