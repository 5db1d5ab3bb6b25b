"""KL between softmaxes of float32 logits or shorter ones, by three sums a row: a language model's vocabulary at torch's pace."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..numerics.exact import EPS
from .logit_rows import IN_RANGE, RowAnswers, in_range, room_for_slopes, rooms

__all__ = ["by_sums"]

_PLAIN_SHARE = 2.0**-26  # of the answer, that rounding may take on the plain path: a quarter of a float32's last digit
_BITS = math.log2(math.e)
_FEW = 12  # rows


def by_sums(z_p: Tensor, z_q: Tensor, wanted: tuple[bool, bool]) -> RowAnswers:
    """KL = log(Σe^z_q / Σe^z_p) − E_P[z_q − z_p], its gradients, and the rows that must be done again.

    In float64 e^z needs no shift by the maximum: what overflows, underflows or is no logit shows in the sums. Logits are taken
    to base 2, since on some processors torch's exp2 takes half the time of its exp; their rounding is like one of the logits, by
    1e-16 of each, which moves KL by that times √(2·KL) only.
    """
    slopes = room_for_slopes([z_p, z_q], wanted)
    sums = []
    for part, (p, d, q) in rooms(z_p, z_q, 3):
        p.mul_(_BITS)
        torch.exp2(d.mul_(_BITS), out=q)
        d.sub_(p)
        p.exp2_()
        total_p, total_q = p.sum(-1, keepdim=True), q.sum(-1, keepdim=True)
        weighted = d.mul_(p).sum(-1, keepdim=True)
        if not math.isfinite(weighted.sum().item()):  # as when P masks a class, where d counts for nothing
            torch.sub(z_q[part].double(), z_p[part], out=d).nan_to_num_(0.0, 0.0, -torch.inf).mul_(_BITS).mul_(p)
            weighted = d.sum(-1, keepdim=True)
        if (slope := slopes[0]) is not None:
            slope[part] = d.sub_(p * (weighted / total_p)).div_(-_BITS * total_p)
        if (slope := slopes[1]) is not None:
            slope[part] = q.div_(total_q).sub_(p.div_(total_p))
        sums.append(torch.cat((total_p, total_q, weighted), -1))
    of_rows = torch.cat(sums) if sums else z_p.new_empty((0, 3), dtype=torch.float64)
    value, again = _of_few(of_rows) if len(of_rows) <= _FEW else _of_many(*of_rows.unbind(-1))
    return value, slopes, again


def _of_many(total_p: Tensor, total_q: Tensor, weighted: Tensor) -> tuple[Tensor, Tensor]:
    """KL of each row from its sums, and whether it must be done again."""
    mean = weighted / (_BITS * total_p)
    value = (total_q / total_p).log() - mean
    right = (4 * EPS * (1 + mean.abs()) < _PLAIN_SHARE * value) & (value < torch.inf)
    return value, ~(right & in_range(total_p) & in_range(total_q))


def _of_few(sums: Tensor) -> tuple[Tensor, Tensor]:
    """The same in Python's floats: the twenty operations on one number took a third of the time of one row of 50,257 classes."""
    answers = [_of_row(*row) for row in sums.tolist()]
    values, again = [value for value, _ in answers], [lost for _, lost in answers]
    return torch.tensor(values, dtype=torch.float64, device=sums.device), torch.tensor(again, dtype=torch.bool, device=sums.device)


def _of_row(total_p: float, total_q: float, weighted: float) -> tuple[float, bool]:
    try:
        mean = weighted / (_BITS * total_p)
        value = math.log(total_q / total_p) - mean
        right = 4 * EPS * (1 + abs(mean)) < _PLAIN_SHARE * value < math.inf
        return value, not (right and abs(math.log(total_p)) < IN_RANGE and abs(math.log(total_q)) < IN_RANGE)
    except (ArithmeticError, ValueError):  # 0, infinity or NaN among the sums
        return math.nan, True
