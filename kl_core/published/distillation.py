"""Distillation: softened logits, Hinton's limits, and the factor T²."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..distilling.distillation import logit_matching_gradient, scaled_soft_kl, soft_gradient, soft_kl, soften
from .claim import Source, closed_form, printed, vector

SUBJECT = "Distillation"
_SOFTMAX = Source("Reference values of this project: softmax((3, 2, 1)/T)")
_HINTON = Source("Hinton, Vinyals & Dean 2015, §2, arXiv 1503.02531", "https://arxiv.org/abs/1503.02531")
_LIMIT = Source("Algebra from Hinton et al. 2015, eq. 4: the loss that has this gradient", _HINTON.url)
_COURSE = Source("The course text behind this explorer, practice questions: T = 5")
_LOGITS = (3.0, 2.0, 1.0)
_STUDENT = (1.0, 2.5, 0.5)
_PARTS = ("logit 3", "logit 2", "logit 1")
_HERE = "teacher (3, 2, 1), student (1, 2.5, 0.5), KL(teacher‖student) under the teacher"


def _soft(logits: Sequence[float], T: float) -> list[float]:
    weights = [math.exp(logit / T) for logit in logits]
    return [weight / math.fsum(weights) for weight in weights]


def _gradient(T: float) -> list[float]:
    return [(q - p) / T for q, p in zip(_soft(_STUDENT, T), _soft(_LOGITS, T), strict=True)]


def _by_autograd(T: float) -> Tensor:
    student = vector(*_STUDENT).requires_grad_()
    return torch.autograd.grad(soft_kl(student, vector(*_LOGITS), T), student)[0]


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    return [value - mean for value in values]


_GAP = [z - v for z, v in zip(_centred(_STUDENT), _centred(_LOGITS), strict=True)]
_HALF_VARIANCE = math.fsum(gap * gap for gap in _GAP) / len(_GAP) / 2

CLAIMS = (
    printed(
        "soft_1",
        "softmax of logits (3, 2, 1) at T = 1",
        _SOFTMAX,
        ("0.665241", "0.244728", "0.090031"),
        lambda: soften(vector(*_LOGITS), 1.0),
        parts=_PARTS,
    ),
    printed(
        "soft_10",
        "softmax of logits (3, 2, 1) at T = 10",
        _SOFTMAX,
        ("0.367165", "0.332225", "0.300610"),
        lambda: soften(vector(*_LOGITS), 10.0),
        parts=_PARTS,
    ),
    closed_form(
        "soft_5",
        "softmax of logits (3, 2, 1) at T = 5: softer, in the same order",
        _COURSE,
        "exp(z/T)/Σ exp(z/T)",
        _soft(_LOGITS, 5.0),
        lambda: soften(vector(*_LOGITS), 5.0),
        parts=_PARTS,
    ),
    closed_form(
        "soft_limits",
        "softmax of logits (3, 2, 1) at T = 0 and T = ∞: all on the greatest, and equal shares",
        _HINTON,
        "1, 0, 0 · ⅓, ⅓, ⅓",
        (1.0, 0.0, 0.0, 1 / 3, 1 / 3, 1 / 3),
        lambda: torch.cat([soften(vector(*_LOGITS), 0.0), soften(vector(*_LOGITS), math.inf)]),
        parts=("T = 0", "", "", "T = ∞", "", ""),
    ),
    closed_form(
        "soft_gradient",
        f"∂C/∂z at T = 4; {_HERE}",
        _HINTON,
        "(q − p)/T",
        _gradient(4.0),
        lambda: soft_gradient(vector(*_STUDENT), vector(*_LOGITS), 4.0),
        parts=_PARTS,
    ),
    closed_form(
        "soft_autograd",
        f"The same by differentiating our loss; {_HERE}",
        _HINTON,
        "(q − p)/T",
        _gradient(4.0),
        lambda: _by_autograd(4.0),
        parts=_PARTS,
    ),
    closed_form(
        "soft_matching",
        f"N·T²·∂C/∂z at T = 10⁴: matching logits of mean zero; {_HERE}",
        _HINTON,
        "z − v",
        _GAP,
        lambda: 3 * 1e8 * _by_autograd(1e4),
        relative=1e-3,
        parts=_PARTS,
    ),
    closed_form(
        "soft_matching_formula",
        f"N·T²·(our formula of that limit) at T = 7; {_HERE}",
        _HINTON,
        "z − v",
        _GAP,
        lambda: 3 * 49 * logit_matching_gradient(vector(*_STUDENT), vector(*_LOGITS), 7.0),
        parts=_PARTS,
    ),
    closed_form(
        "soft_without_T2",
        f"How many times the KL falls from T = 10⁴ to 10⁵, without T²; {_HERE}",
        _HINTON,
        "10² = 100",
        100.0,
        lambda: soft_kl(vector(*_STUDENT), vector(*_LOGITS), 1e4) / soft_kl(vector(*_STUDENT), vector(*_LOGITS), 1e5),
        relative=1e-3,
        corrects="T² is not cosmetic: without it the soft half of the loss fades as T grows.",
    ),
    closed_form(
        "soft_limit",
        f"T²·KL at T = ∞; {_HERE}",
        _LIMIT,
        "½·Var(v − z)",
        _HALF_VARIANCE,
        lambda: scaled_soft_kl(vector(*_STUDENT), vector(*_LOGITS), math.inf),
        unit="nats",
    ),
)
