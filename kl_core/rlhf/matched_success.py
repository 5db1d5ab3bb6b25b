"""Runs of fine-tuning compared at the same success on the new question: what each has forgotten on its way there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .forgetting import Moment

__all__ = ["Crossing", "at_success"]


@dataclass(frozen=True)
class Crossing:
    """Where a run first reaches a success. forgotten: probability of success lost on the other questions, on average; kl,
    kl_from_reference: KL(π‖π_ref) under π and KL(π_ref‖π) under π_ref on the new question, nats per answer.
    """

    forgotten: float
    kl: float
    kl_from_reference: float


def at_success(path: Sequence[Moment], success: float) -> Crossing | None:
    """On the straight line between the two moments around the first crossing; None where the run never gets there.

    path: a run's moments in order. success: a probability on the new question. Exact as far as the moments lie close.
    """
    if not 0 <= success <= 1:
        raise ValueError(f"success is {success}; it is a probability, from 0 to 1")
    for before, after in zip(path, path[1:], strict=False):
        if before.new_quality <= success <= after.new_quality:
            gained = after.new_quality - before.new_quality
            share = (success - before.new_quality) / gained if gained > 0 else 0.0
            names = ("forgotten", "kl", "kl_from_reference")
            return Crossing(*(_between(getattr(before, name), getattr(after, name), share) for name in names))
    return None


def _between(before: float, after: float, share: float) -> float:
    """Linear; an end that counts for nothing may be infinite."""
    return before if share == 0 else after if share == 1 else (1 - share) * before + share * after
