"""Estimates of KL from samples: Schulman's table, its closed forms, and what each estimator does as a loss."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from torch import Tensor
from torch.distributions import Normal

from ..estimates.estimator_gradients import expected_gradients
from ..estimates.estimators import crossover, gaussian_errors, k1, k3
from ..estimates.token_kl import token_kl
from .claim import Claim, Numbers, Source, closed_form, printed, vector

SUBJECT = "Estimates from samples"
_SCHULMAN = Source("Schulman 2020, Approximating KL divergence", "http://joschu.net/blog/kl-approx.html")
_ALGEBRA = Source("Algebra on Schulman’s definitions, for N(0, 1) and N(μ, sd²)", _SCHULMAN.url)
_TANG = Source("Tang & Munos 2025, arXiv 2506.09477", "https://arxiv.org/abs/2506.09477")
_SUMS = Source("Cover & Thomas 2006, Elements of Information Theory, §2.5: chain rule")
_PARTS = ("bias ÷ KL", "sd ÷ KL")
_PUBLISHED = {
    0.1: {"k1": ("0", "20"), "k2": ("0.002", "1.42"), "k3": ("0", "1.42")},
    1.0: {"k1": ("0", "2"), "k2": ("0.25", "1.73"), "k3": ("0", "1.7")},
}
_FORMULAS = {
    "k1": ("0 · 2/μ", lambda m: (0.0, 2 / m)),
    "k2": ("μ²/4 · √(2 + μ²)", lambda m: (m * m / 4, math.sqrt(2 + m * m))),
    "k3": ("0 · 2√(e^μ² − 1 − μ²)/μ²", lambda m: (0.0, 2 * math.sqrt(math.expm1(m * m) - m * m) / m**2)),
}
_POLICY, _REFERENCE = (0.6, 0.3, 0.1), (0.3, 0.3, 0.4)
_LOG_RATIO = [math.log(p / q) for p, q in zip(_POLICY, _REFERENCE, strict=True)]
_KL = math.fsum(p * ratio for p, ratio in zip(_POLICY, _LOG_RATIO, strict=True))


def _errors(mean: float, name: str, sd: float = 1.0) -> Numbers:
    """Bias and sd of one sample over the KL of N(0, 1), which is sampled, from N(mean, sd²)."""
    pair = Normal(vector(0.0), vector(1.0)), Normal(vector(mean), vector(sd))
    error, true = gaussian_errors(*pair)[name], mean**2 / 2
    return error.bias / true, error.sd / true


def _schulman(mean: float, name: str) -> list[Claim]:
    what = f"{name} at samples of N(0, 1), for KL(N(0, 1)‖N({mean:g}, 1)) = {mean**2 / 2:g} nats, under N(0, 1)"
    formula, values = _FORMULAS[name]
    ours = lambda: _errors(mean, name)
    return [
        printed(f"schulman_{mean:g}_{name}", f"{what}: his table", _SCHULMAN, _PUBLISHED[mean][name], ours, parts=_PARTS, zero=5e-4),
        closed_form(
            f"schulman_exact_{mean:g}_{name}",
            f"{what}: exactly",
            _ALGEBRA,
            f"{formula}, μ = {mean:g}",
            values(mean),
            ours,
            parts=_PARTS,
            relative=1e-10,
        ),
    ]


def _gradients(use: str = "loss") -> dict[str, Tensor]:
    return expected_gradients(vector(*_POLICY).log(), vector(*_REFERENCE).log(), use=use).estimators


def _crossover() -> tuple[float, float]:
    x = brentq(lambda x: math.exp(x) - 1 - 2 * x, 0.5, 3.0, xtol=1e-15)
    return math.sqrt(x), x / 2


def _two_means() -> Numbers:
    """The exact means of k1 and k3 under P."""
    p, q = vector(*_POLICY), vector(*_REFERENCE)
    return [(p * estimator(p.log(), q.log())).sum() for estimator in (k1, k3)]


def _tokens() -> Numbers:
    estimates = token_kl(vector(-0.5, -1.2, -0.8, -0.3), vector(-0.3, -0.5, -0.4, -0.2))
    return estimates.per_token["k1"].mean, estimates.per_sequence["k1"].mean


_TO_REFERENCE = [p * (ratio - _KL) for p, ratio in zip(_POLICY, _LOG_RATIO, strict=True)]
_FROM_REFERENCE = [p - q for p, q in zip(_POLICY, _REFERENCE, strict=True)]
_HERE = "π = (0.6, 0.3, 0.1), π_ref = (0.3, 0.3, 0.4), samples of π"
_BY_LOGIT = ("∂z₁", "∂z₂", "∂z₃")

CLAIMS = (
    *(claim for mean in _PUBLISHED for name in _PUBLISHED[mean] for claim in _schulman(mean, name)),
    printed(
        "estimators_crossover",
        "k3 is noisier than k1 from here on: distance of the means in sds, and KL, under the distribution sampled",
        _ALGEBRA,
        ("1.121", "0.628"),
        crossover,
        parts=("distance", "KL, nats"),
        corrects="“k3 is strictly better” holds only while the distributions are close.",
    ),
    closed_form(
        "estimators_crossover_exact",
        "The same, to all digits: the root of var(k3) = var(k1)",
        _ALGEBRA,
        "e^x − 1 − x = x, x = μ²",
        _crossover(),
        crossover,
        parts=("distance", "KL, nats"),
    ),
    closed_form(
        "estimators_infinite",
        "sd of k3 at samples of N(0, 1), when the other distribution’s sd is 1.5: infinite",
        _ALGEBRA,
        "∞ from sd² ≥ 2 on",
        math.inf,
        lambda: gaussian_errors(Normal(vector(0.0), vector(1.0)), Normal(vector(0.0), vector(1.5)))["k3"].sd,
    ),
    closed_form(
        "estimators_unbiased",
        f"The means of k1 and of k3 are KL(π‖π_ref), under π; {_HERE}",
        _SCHULMAN,
        "Σ π·log(π/π_ref)",
        (_KL, _KL),
        _two_means,
        unit="nats",
        parts=("k1", "k3"),
    ),
    closed_form(
        "gradient_k1",
        f"E[∇k1] as a loss: zero, so it penalises nothing; {_HERE}",
        _TANG,
        "0",
        (0.0, 0.0, 0.0),
        lambda: _gradients()["k1"],
        parts=_BY_LOGIT,
        corrects="A loss that differentiates k1 has a penalty that does nothing on average.",
    ),
    closed_form(
        "gradient_k2",
        f"E[∇k2] as a loss is ∇KL(π‖π_ref), KL under π; {_HERE}",
        _TANG,
        "π(log π/π_ref − KL)",
        _TO_REFERENCE,
        lambda: _gradients()["k2"],
        parts=_BY_LOGIT,
    ),
    closed_form(
        "gradient_k3",
        f"E[∇k3] as a loss, as in GRPO, is ∇KL(π_ref‖π), KL under π_ref: the other direction; {_HERE}",
        _TANG,
        "π − π_ref",
        _FROM_REFERENCE,
        lambda: _gradients()["k3"],
        parts=_BY_LOGIT,
        corrects="GRPO’s loss is written as a penalty on KL(π‖π_ref).",
    ),
    closed_form(
        "gradient_k1_reward",
        f"k1 as a number in the reward gives ∇KL(π‖π_ref), KL under π; {_HERE}",
        _TANG,
        "π(log π/π_ref − KL)",
        _TO_REFERENCE,
        lambda: _gradients("reward")["k1"],
        parts=_BY_LOGIT,
    ),
    closed_form(
        "tokens_and_sequences",
        "The course example’s four tokens: k1 per token, and per sequence, which is four times that",
        _SUMS,
        "−1.4/4 · −1.4",
        (-0.35, -1.4),
        _tokens,
        unit="nats",
        parts=("per token", "per sequence"),
        corrects="KL per token and per sequence differ by the length.",
    ),
    closed_form(
        "estimators_nonnegative",
        "Half of k1’s values may be negative, none of k3’s: least k1 and k3 over the three words; KL under π",
        _SCHULMAN,
        "min log π/π_ref · min of r − 1 − log r",
        (min(_LOG_RATIO), 0.0),
        lambda: [estimator(vector(*_POLICY).log(), vector(*_REFERENCE).log()).min() for estimator in (k1, k3)],
        unit="nats",
        parts=("k1", "k3"),
    ),
)
