"""Distilling from a teacher of which only the k most probable classes are known, as stored logits and APIs give them."""

from __future__ import annotations

from torch import Tensor

from ..vectors.probabilities import kl_from_logits
from ..vectors.top_k import kl_from_top_k

__all__ = ["FORMS", "top_k_loss"]

FORMS = ("tail", "renormalised", "terms")


def top_k_loss(z_teacher: Tensor, z_student: Tensor, k: int, form: str) -> Tensor:
    """A loss in nats over the last axis from the teacher's k most probable classes; differentiable in the student's logits.

    z_teacher, z_student: (..., n) logits. k: from 1 to n. form:
    "tail": KL of the k classes and one more, which is all the others together; at most the whole KL(teacher‖student), and its gradient
    says how much the others should have. "renormalised": KL of both divided by their sums over the k classes; it is 0 for a student
    that has little probability there, and its gradient is 0 for every class left out. "terms": the k terms p·log(p/q) of the
    whole KL, as they are; the others' terms are missing, so it may be negative and is not least where the student is right.
    All are the whole KL at k = n. ValueError for another form or a k out of its range.
    """
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; it is one of {', '.join(FORMS)}")
    if not 1 <= k <= z_teacher.shape[-1]:
        raise ValueError(f"k is {k}; it is from 1 to {z_teacher.shape[-1]}")
    if k == z_teacher.shape[-1]:
        return kl_from_logits(z_teacher, z_student)
    top = z_teacher.topk(k, dim=-1).indices
    if form == "renormalised":
        return kl_from_logits(z_teacher.gather(-1, top), z_student.gather(-1, top))
    log_p, log_q = (z.log_softmax(-1).gather(-1, top) for z in (z_teacher, z_student))
    return kl_from_top_k(log_p, log_q) if form == "tail" else (log_p.exp() * (log_p - log_q)).sum(-1)
