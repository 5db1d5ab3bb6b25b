"""Generation: speculative decoding, and the generalised Jensen–Shannon divergence of on-policy distillation."""

from __future__ import annotations

import math

import torch

from ..vectors.speculative import acceptance, bretagnolle_huber_bound, expected_tokens, pinsker_bound, residual
from .claim import Source, closed_form, printed, vector

SUBJECT = "Generation"
_LEVIATHAN = Source("Leviathan, Kalman & Matias 2022, table 1, arXiv 2211.17192", "https://arxiv.org/abs/2211.17192")
_THEOREM = Source("Leviathan, Kalman & Matias 2022, theorem 3.5 and appendix A.1, arXiv 2211.17192", _LEVIATHAN.url)
_BOUNDS = Source("Canonne 2022, A short note on an inequality between KL and TV, arXiv 2202.07198", "https://arxiv.org/abs/2202.07198")
_TABLE = ((0.6, 2), (0.7, 3), (0.8, 2), (0.8, 5), (0.9, 2), (0.9, 10))
_P, _Q = (0.45, 0.30, 0.12, 0.08, 0.05), (0.25, 0.50, 0.15, 0.02, 0.08)

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
)
