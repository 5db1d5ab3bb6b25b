"""Generation: speculative decoding, and the generalised Jensen–Shannon divergence of on-policy distillation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from ..vectors.generalised_js import generalised_js_from_logits, scaled_js_from_logits
from ..vectors.speculative import acceptance, bretagnolle_huber_bound, expected_tokens, pinsker_bound, residual
from .claim import Source, closed_form, printed, vector

SUBJECT = "Generation"
_LEVIATHAN = Source("Leviathan, Kalman & Matias 2022, table 1, arXiv 2211.17192", "https://arxiv.org/abs/2211.17192")
_THEOREM = Source("Leviathan, Kalman & Matias 2022, theorem 3.5 and appendix A.1, arXiv 2211.17192", _LEVIATHAN.url)
_BOUNDS = Source("Canonne 2022, A short note on an inequality between KL and TV, arXiv 2202.07198", "https://arxiv.org/abs/2202.07198")
_GKD = Source("Agarwal et al. 2023, §2, arXiv 2306.13649", "https://arxiv.org/abs/2306.13649")
_ENDS = Source("ms-swift, issue 10078", "https://github.com/modelscope/ms-swift/issues/10078")
_TABLE = ((0.6, 2), (0.7, 3), (0.8, 2), (0.8, 5), (0.9, 2), (0.9, 10))
_P, _Q = (0.45, 0.30, 0.12, 0.08, 0.05), (0.25, 0.50, 0.15, 0.02, 0.08)
_LOG_P, _LOG_Q = (torch.tensor(row, dtype=torch.float64, device="cpu").log() for row in (_P, _Q))


def _kl(p: Sequence[float], q: Sequence[float]) -> float:
    return math.fsum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def _generalised_js(beta: float) -> float:
    middle = [beta * a + (1 - beta) * b for a, b in zip(_P, _Q, strict=True)]
    return beta * _kl(_P, middle) + (1 - beta) * _kl(_Q, middle)


CLAIMS = (
    printed(
        "speculative_speed",
        "Tokens per call of the target at acceptance a and draft length γ, drafts at no cost",
        _LEVIATHAN,
        ("1.96", "2.53", "2.44", "3.69", "2.71", "6.86"),
        lambda: [expected_tokens(a, gamma) for a, gamma in _TABLE],
        parts=tuple(f"a = {a:g}, γ = {gamma}" for a, gamma in _TABLE),
    ),
    printed(
        "speculative_operations",
        "Operations per token, in those of the target alone, for the same a and γ",
        _LEVIATHAN,
        ("1.53", "1.58", "1.23", "1.63", "1.11", "1.60"),
        lambda: [(gamma + 1) / expected_tokens(a, gamma) for a, gamma in _TABLE],
        parts=tuple(f"a = {a:g}, γ = {gamma}" for a, gamma in _TABLE),
    ),
    closed_form(
        "speculative_acceptance",
        "The share of drafts from (.25, .5, .15, .02, .08) that the target (.45, .3, .12, .08, .05) keeps",
        _THEOREM,
        "Σ min(p, q)",
        math.fsum(map(min, _P, _Q)),
        lambda: acceptance(vector(*_P), vector(*_Q)),
    ),
    closed_form(
        "speculative_exact",
        "What speculative decoding leaves, kept drafts and residual together, for the same draft and target: the target itself",
        _THEOREM,
        "p",
        _P,
        lambda: torch.minimum(vector(*_P), vector(*_Q)) + (1 - acceptance(vector(*_P), vector(*_Q))) * residual(vector(*_P), vector(*_Q)),
        parts=("tea", "coffee", "water", "milk", "soup"),
    ),
    closed_form(
        "speculative_bounds",
        "The least acceptance at a KL of 0.5 and of 3 nats, under either: Pinsker’s bound at 0.5, Bretagnolle and Huber’s at 3",
        _BOUNDS,
        "1 − √(KL/2) · 1 − √(1 − e^−KL)",
        (0.5, 1 - math.sqrt(-math.expm1(-3.0))),
        lambda: (pinsker_bound(0.5), bretagnolle_huber_bound(3.0)),
        parts=("0.5 nats", "3 nats"),
    ),
    closed_form(
        "js_ends_vanish",
        "Generalised JSD at β = 0.01 over that at β = 0.001, each under both: about ten, as it falls in proportion to β",
        _ENDS,
        "β·KL(P‖M) + (1 − β)·KL(Q‖M)",
        _generalised_js(0.01) / _generalised_js(0.001),
        lambda: generalised_js_from_logits(_LOG_P, _LOG_Q, 0.01) / generalised_js_from_logits(_LOG_P, _LOG_Q, 0.001),
        relative=1e-10,
    ),
    closed_form(
        "js_ends_scaled",
        "Generalised JSD over β(1 − β) at 0, ½ and 1: KL(P‖Q) under P, four times Jensen–Shannon, KL(Q‖P) under Q",
        _GKD,
        "KL(P‖Q) · 4·JS · KL(Q‖P)",
        (_kl(_P, _Q), 4 * _generalised_js(0.5), _kl(_Q, _P)),
        lambda: [scaled_js_from_logits(_LOG_P, _LOG_Q, beta) for beta in (0.0, 0.5, 1.0)],
        unit="nats",
        parts=("β = 0", "½", "1"),
        corrects="Libraries’ generalised JSD is a pure KL at β = 0 and 1, and almost 0 next to them.",
    ),
)
