"""The generalised Jensen–Shannon divergence with a weight β, which distillation on a student's own answers uses."""

from __future__ import annotations

from math import log, log1p

import torch
from torch import Tensor

from .normalised import normalised_pair
from .probabilities import kl_from_logits, kl_from_probs

__all__ = ["ENDS", "generalised_js_from_probs", "generalised_js_from_logits", "scaled_js_from_logits", "swapped_js_from_logits"]

ENDS = ("limit", "kl")


def generalised_js_from_probs(p: Tensor, q: Tensor, beta: float, *, ends: str = "limit") -> Tensor:
    """β·KL(P‖M) + (1 − β)·KL(Q‖M), M = β·P + (1 − β)·Q, in nats over the last axis; β = ½ is Jensen–Shannon.

    p, q: (..., k) as in `kl_from_probs`. beta: in [0, 1]. ends: what it is at β = 0 and 1, where two conventions are in use.
    "limit": 0, the limit of the formula. "kl": KL(P‖Q) at β = 0 and KL(Q‖P) at β = 1, the limits of the formula over β and
    over 1 − β (Agarwal et al. 2024, arXiv 2306.13649, §2), as trainers have it that let β choose the direction: there it jumps.
    ValueError for a beta or ends out of these, or no probabilities.
    """
    _check(beta, ends)
    if beta in (0.0, 1.0):
        return _at_end(kl_from_probs(p, q), kl_from_probs(q, p), beta, ends)
    p, q, _ = normalised_pair(torch.as_tensor(p).double(), torch.as_tensor(q).double())
    mixture = beta * p + (1 - beta) * q
    return beta * kl_from_probs(p, mixture) + (1 - beta) * kl_from_probs(q, mixture)


def generalised_js_from_logits(z_p: Tensor, z_q: Tensor, beta: float | Tensor, *, ends: str = "limit") -> Tensor:
    """The same of softmax(z_p) and softmax(z_q); z_p, z_q: (..., k) as in `kl_from_logits`. Differentiable.

    beta: a number in [0, 1], or a tensor (...) of numbers inside (0, 1), one for each row.
    """
    _check(beta, ends)
    if isinstance(beta, float | int) and beta in (0.0, 1.0):
        return _at_end(kl_from_logits(z_p, z_q), kl_from_logits(z_q, z_p), beta, ends)
    mixture = _mixture(z_p, z_q, beta)
    return beta * kl_from_logits(z_p, mixture) + (1 - beta) * kl_from_logits(z_q, mixture)


def scaled_js_from_logits(z_p: Tensor, z_q: Tensor, beta: float | Tensor) -> Tensor:
    """Generalised JS over β·(1 − β), in nats: KL(P‖Q) at β = 0, KL(Q‖P) at 1, and continuous in between; 4·JS at ½.

    z_p, z_q, beta: as in `generalised_js_from_logits`. Differentiable. For a small β, β·KL(P‖M) + (1 − β)·KL(Q‖M) is β·KL(P‖Q) + O(β²), as
    M is then almost Q, so dividing by β(1 − β) keeps the size of loss and gradient.
    """
    _check(beta, "kl")
    value = generalised_js_from_logits(z_p, z_q, beta, ends="kl")
    return value if isinstance(beta, float | int) and beta in (0.0, 1.0) else value / (beta * (1 - beta))


def swapped_js_from_logits(z_p: Tensor, z_q: Tensor, beta: float | Tensor) -> Tensor:
    """(1 − β)·KL(P‖M) + β·KL(Q‖M), M = β·P + (1 − β)·Q, in nats: each KL with the other's weight, KL(P‖Q) at β = 0 and KL(Q‖P) at 1.

    z_p, z_q, beta: as in `generalised_js_from_logits`. Differentiable. Jensen–Shannon at ½. So ms-swift has it since pull request 10213.
    """
    _check(beta, "kl")
    if isinstance(beta, float | int) and beta in (0.0, 1.0):
        return _at_end(kl_from_logits(z_p, z_q), kl_from_logits(z_q, z_p), beta, "kl")
    mixture = _mixture(z_p, z_q, beta)
    return (1 - beta) * kl_from_logits(z_p, mixture) + beta * kl_from_logits(z_q, mixture)


def _mixture(z_p: Tensor, z_q: Tensor, beta: float | Tensor) -> Tensor:
    if isinstance(beta, Tensor):
        beta = beta.unsqueeze(-1)
        return torch.logaddexp(z_p.log_softmax(-1) + beta.log(), z_q.log_softmax(-1) + torch.log1p(-beta))
    return torch.logaddexp(z_p.log_softmax(-1) + log(beta), z_q.log_softmax(-1) + log1p(-beta))


def _check(beta: float | Tensor, ends: str) -> None:
    if isinstance(beta, Tensor):
        if not bool(((beta > 0) & (beta < 1)).all()):
            raise ValueError("beta is a tensor; its numbers lie inside (0, 1), without the ends")
    elif not 0 <= beta <= 1:
        raise ValueError(f"beta is {beta}; it is a number from 0 to 1")
    if ends not in ENDS:
        raise ValueError(f"ends is {ends!r}; it is one of {', '.join(ENDS)}")


def _at_end(forth: Tensor, back: Tensor, beta: float, ends: str) -> Tensor:
    if ends == "limit":
        return torch.zeros_like(forth)
    return forth if beta == 0 else back
