"""Knowledge distillation: a teacher's softened answers as a student's targets (Hinton, Vinyals & Dean 2015,
"Distilling the Knowledge in a Neural Network", arXiv 1503.02531).

The teacher's distribution comes first, under the expectation: KL(p‖q), p = softmax(v/T) of the teacher's logits v and
q = softmax(z/T) of the student's z. With respect to z its gradient is (q − p)/T, and for large T, where
p − q ≈ (v − z)/(k·T) for logits of mean zero and k classes, (z − v)/(k·T²): hence the factor T².
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..vectors.probabilities import kl_from_logits

__all__ = [
    "soften",
    "soft_kl",
    "scaled_soft_kl",
    "soft_gradient",
    "logit_matching_gradient",
    "DistillationParts",
    "distillation_parts",
    "distillation_loss",
]


def soften(logits: Tensor, T: float | Tensor = 1.0) -> Tensor:
    """softmax(logits/T) over the last axis, in [0, 1].

    logits: (..., k), in nats; −inf masks a class. T: in [0, ∞], a number or a tensor that broadcasts with logits'
    leading shape, so (n, 1) with logits of (b, k) gives (n, b, k). Exact in both limits: T = 0 gives the greatest
    logits equal shares, T = ∞ all that are not masked. ValueError for a T out of its domain, a NaN or +inf logit, or
    a row all masked.
    """
    T = _temperature(T, logits).unsqueeze(-1)
    top = _checked(logits, "logits").amax(-1, keepdim=True)
    live = logits > -torch.inf
    below = torch.where(live, logits - top, 0.0)  # so that a small T cannot overflow, and 0/T stays 0
    between = (T > 0) & T.isfinite()
    scaled = below / torch.where(between, T, 1.0)
    # At T = 0 and T = ∞ what is left of the exponent is −inf or 0.
    limit = torch.where((T == 0) & (below < 0), -torch.inf, 0.0)
    return torch.where(live, torch.where(between, scaled, limit), -torch.inf).softmax(-1)


def soft_kl(student_logits: Tensor, teacher_logits: Tensor, T: float | Tensor = 1.0) -> Tensor:
    """KL(softmax(teacher/T)‖softmax(student/T)) in nats, over the last axis, without a factor; differentiable.

    Both (..., k), leading shapes broadcast, with that of T, in (0, ∞) and a number or a tensor. inf where a class is
    masked (−inf) in the student only. Keeps its digits at large T, where it falls as 1/T²: `kl_from_logits`.
    """
    T = _temperature(T, student_logits, closed=False).unsqueeze(-1)
    return kl_from_logits(teacher_logits / T, student_logits / T)


def scaled_soft_kl(student_logits: Tensor, teacher_logits: Tensor, T: float | Tensor = 1.0) -> Tensor:
    """T²·`soft_kl`, whose gradient keeps its size as T grows; T in [0, ∞].

    Its limits are 0 for T → 0, and for T → ∞ half the variance of v − z over the classes that are not masked (which
    is why distilling at a high temperature is matching logits, but for a constant). Where the classes masked differ,
    the limit is inf.
    """
    T = _temperature(T, student_logits)
    usual = (T > 0) & (T < _HOT)
    if bool(usual.all()):
        return T**2 * soft_kl(student_logits, teacher_logits, T)
    T_usual = torch.where(usual, T, 1.0)
    scaled = T_usual**2 * soft_kl(student_logits, teacher_logits, T_usual)
    return torch.where(usual, scaled, torch.where(T == 0, 0.0, _infinitely_hot(student_logits, teacher_logits)))


_HOT = 1e12  # from here on T² would leave float32, and the limit is right to every digit


def _infinitely_hot(student_logits: Tensor, teacher_logits: Tensor) -> Tensor:
    live, taught = student_logits > -torch.inf, teacher_logits > -torch.inf
    both = live & taught
    gap = torch.where(both, teacher_logits, 0.0) - torch.where(both, student_logits, 0.0)
    count = both.sum(-1, keepdim=True)
    mean = gap.sum(-1, keepdim=True) / count
    half_variance = 0.5 * (torch.where(both, gap - mean, 0.0) ** 2).sum(-1) / count.squeeze(-1)
    return torch.where((live == taught).all(-1), half_variance, torch.inf)


def soft_gradient(student_logits: Tensor, teacher_logits: Tensor, T: float | Tensor = 1.0) -> Tensor:
    """(q − p)/T, the gradient of `soft_kl` by the student's logits, per example: (..., k); T in (0, ∞).

    Times T², it is that of `scaled_soft_kl`. Each entry is at most 1/T in size.
    """
    T = _temperature(T, student_logits, closed=False)
    return (soften(student_logits, T) - soften(teacher_logits, T)) / T.unsqueeze(-1)


def logit_matching_gradient(student_logits: Tensor, teacher_logits: Tensor, T: float | Tensor = 1.0) -> Tensor:
    """(z − v)/(k·T²), both of mean zero: what `soft_gradient` tends to as T grows (Hinton et al. 2015, eq. 4)."""
    T = _temperature(T, student_logits, closed=False)
    z, v = (logits - logits.mean(-1, keepdim=True) for logits in (student_logits, teacher_logits))
    return (z - v) / (z.shape[-1] * T.unsqueeze(-1) ** 2)


@dataclass(frozen=True)
class DistillationParts:
    """Means over the batch, scalar tensors, in nats. hard: cross-entropy of the labels at T = 1. soft: KL of the
    softened distributions. scaled_soft: T²·soft. loss: alpha·scaled_soft + (1 − alpha)·hard."""

    hard: Tensor
    soft: Tensor
    scaled_soft: Tensor
    loss: Tensor


def distillation_parts(
    student_logits: Tensor,
    teacher_logits: Tensor,
    hard_labels: Tensor,
    T: float = 3.0,
    alpha: float = 0.5,
    *,
    mask: Tensor | None = None,
    ignore_index: int = -100,
) -> DistillationParts:
    """The two halves of the distillation loss and their mix; arguments as in `distillation_loss`."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha}; it is a number from 0 to 1")
    if not (isinstance(T, (int, float)) and 0 < T < math.inf):
        raise ValueError(f"T is {T}; it is a finite number above 0")
    student_logits, teacher_logits, hard_labels = _counted(student_logits, teacher_logits, hard_labels, mask, ignore_index)
    _check_labels(student_logits, hard_labels)
    hard = F.cross_entropy(student_logits, hard_labels)
    soft = soft_kl(student_logits, teacher_logits, T).mean()
    scaled = T**2 * soft if T < _HOT else scaled_soft_kl(student_logits, teacher_logits, T).mean()
    # A half with no weight counts for nothing, though it be infinite.
    loss = hard if alpha == 0 else scaled if alpha == 1 else alpha * scaled + (1 - alpha) * hard
    return DistillationParts(hard, soft, scaled, loss)


def distillation_loss(
    student_logits: Tensor,
    teacher_logits: Tensor,
    hard_labels: Tensor,
    T: float = 3.0,
    alpha: float = 0.5,
    *,
    mask: Tensor | None = None,
    ignore_index: int = -100,
) -> Tensor:
    """alpha·T²·KL(teacher‖student) + (1 − alpha)·cross-entropy, a scalar in nats: means over the positions that count.

    student_logits, teacher_logits: (n, k), or (batch, tokens, k) and so on; hard_labels: their shape without the last axis,
    int64 in 0 … k − 1. T: in (0, ∞), of the KL only, both of its distributions softened. alpha: in [0, 1], the weight of the
    soft half. mask: of the labels' shape, true or 1 at positions that count. ignore_index: a label that says the same, as in
    `F.cross_entropy`; such a position counts in neither half, whatever its logits are, and has gradient 0. The gradient goes
    to both logits: detach the teacher's. Where `F.kl_div` loses its digits, at large T or close to the teacher, this does not.
    ValueError for shapes that do not fit, T, alpha or a label out of its range, or where no position counts.
    """
    return distillation_parts(student_logits, teacher_logits, hard_labels, T, alpha, mask=mask, ignore_index=ignore_index).loss


def _counted(student: Tensor, teacher: Tensor, labels: Tensor, mask: Tensor | None, ignore_index: int) -> tuple[Tensor, Tensor, Tensor]:
    """The positions that count, (n, k), (n, k) and (n,)."""
    if student.dim() < 2 or student.shape != teacher.shape:
        raise ValueError(
            f"student_logits has the shape {tuple(student.shape)} and teacher_logits {tuple(teacher.shape)}; both need one shape (…, k)"
        )
    if labels.shape != student.shape[:-1]:
        raise ValueError(
            f"hard_labels has the shape {tuple(labels.shape)}; "
            f"for student_logits of {tuple(student.shape)} it has {tuple(student.shape[:-1])}"
        )
    counts = labels != ignore_index
    if mask is not None:
        if mask.shape != labels.shape:
            raise ValueError(f"mask has the shape {tuple(mask.shape)}; it has that of hard_labels, {tuple(labels.shape)}")
        counts = counts & mask.to(torch.bool)
    if not bool(counts.any()):
        raise ValueError("no position counts: mask or ignore_index leaves out all of them")
    if bool(counts.all()):
        return student.flatten(0, -2), teacher.flatten(0, -2), labels.flatten()
    return student[counts], teacher[counts], labels[counts]


def _temperature(T: float | Tensor, logits: Tensor, *, closed: bool = True) -> Tensor:
    """T as a tensor; ValueError for one out of [0, ∞], or, if not closed, of (0, ∞)."""
    dtype = torch.promote_types(logits.dtype, torch.float32)
    T = torch.as_tensor(T, dtype=dtype, device=logits.device)
    good = (T >= 0) if closed else (T > 0) & T.isfinite()
    if not bool(good.all()):
        domain = "a number of at least 0, or inf" if closed else "a finite number above 0"
        raise ValueError(f"T is {T[~good].reshape(-1)[0].item():g}; it is {domain}")
    return T


def _checked(logits: Tensor, name: str) -> Tensor:
    if logits.dim() == 0 or logits.shape[-1] == 0:
        raise ValueError(f"{name} has the shape {tuple(logits.shape)}; it needs its classes on the last axis")
    if not bool((logits < torch.inf).all()):
        raise ValueError(f"{name} has an entry that is NaN or +inf; logits are finite, or −inf for a masked class")
    if not bool((logits > -torch.inf).any(-1).all()):
        raise ValueError(f"{name} masks every class: all its entries are −inf")
    return logits


def _check_labels(logits: Tensor, labels: Tensor) -> None:
    good = (labels >= 0) & (labels < logits.shape[-1])
    if not bool(good.all()):
        raise ValueError(f"hard_labels has {labels[~good][0].item()}; labels are from 0 to {logits.shape[-1] - 1}")
