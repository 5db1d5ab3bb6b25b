"""Two vectors brought to one sum, and their difference with all its digits, however close to proportional they are."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.rounding import difference_of_products, product_tail
from ..numerics.values import mapped

__all__ = ["centred", "normalised_pair"]


def matched(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """q scaled to p's sum, and p less that, with all its digits even where p is all but proportional to q."""
    total_p, total_q = p.sum(-1, keepdim=True), q.sum(-1, keepdim=True)
    rise, apart = (total_p - total_q) / total_q, p - q
    little = torch.minimum(0.1 * apart.abs().sum(-1, keepdim=True) / total_p, torch.full_like(rise, 0.01))
    if not mapped() and bool((rise.abs() <= little).all()):  # the rounding of its product will not show
        shift = q * rise
        return q + shift, apart - shift
    scale = total_p / total_q
    scaled = q * scale
    with torch.no_grad():
        tail = product_tail(q, scale, scaled).nan_to_num(0.0, 0.0, 0.0)
    return scaled, (p - scaled) - tail


def centred(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """p, q scaled to p's sum, their difference with all its digits, and p's sum, (..., 1)."""
    p, q = _within_reach(p), _within_reach(q)
    scaled, gap = matched(p, q)
    total = p.sum(-1, keepdim=True)
    # The scale was rounded; what it left of the sums' difference is taken out of the gap, where it shows. Once is
    # enough, except next to a KL that rests on an outcome of probability 1e-40 or less. What is left in the sum costs
    # KL (Σgap)²/2Σp, and KL is at least (Σ|gap|)²/8Σp.
    off = gap.sum(-1, keepdim=True)
    for _ in range(12):
        gap = gap - scaled * (off / total)
        off = gap.sum(-1, keepdim=True)
        if mapped() or not bool((off.abs() > 5e-10 * gap.abs().sum(-1, keepdim=True)).any()):
            break
    return p, scaled, _gap_below_rounding(p, q, gap), total


# Relative to the most probable outcome. The scale is rounded by 1e-16, so the gap of each outcome carries an error of 1e-32 of
# that outcome; from here on upwards it costs at most 2e-17/√(the largest probability) of the KL.
_BELOW_ROUNDING = 1e-15


def _gap_below_rounding(p: Tensor, q: Tensor, gap: Tensor) -> Tensor:
    """The gap, taken against the most probable outcome m in rows where the two hardly differ there.

    With e = p − q·(p_m/q_m) = (p·q_m − q·p_m)/q_m, which loses no digits, the gap is e − q·(Σe/Σq): its rounding is
    relative to e, not to p. A constant to autograd, as every tail.
    """
    if mapped():
        return gap
    with torch.no_grad():
        most = p.argmax(-1, keepdim=True)
        too_close = gap.gather(-1, most).abs() < _BELOW_ROUNDING * p.gather(-1, most)
        if not bool(too_close.any()):
            return gap
        rows = too_close.squeeze(-1)
        mended = torch.zeros_like(gap)
        mended[rows] = _gap_against(p[rows], q[rows], most[rows]) - gap[rows]
    return gap + mended


def _gap_against(p: Tensor, q: Tensor, most: Tensor) -> Tensor:
    """p − q·(Σp/Σq), (n, k), by differences from the outcome `most`, (n, 1), where p_m and q_m are above 0."""
    exponent_p, exponent_q = (torch.frexp(value.gather(-1, most)).exponent for value in (p, q))
    p, q = torch.ldexp(p, -exponent_p), torch.ldexp(q, -exponent_q)
    p_most, q_most = p.gather(-1, most), q.gather(-1, most)
    apart = difference_of_products(p, q_most, q, p_most) / q_most
    gap = apart - q * (apart.sum(-1, keepdim=True) / q.sum(-1, keepdim=True))
    return torch.ldexp(gap, exponent_p)


def _within_reach(p: Tensor) -> Tensor:
    """p times a power of 2, which is exact, in rows whose sum or products would leave the floats."""
    top = p.detach().amax(-1, keepdim=True)
    wild = (top > 1e100) | (top < 1e-100)
    if mapped() or not bool(wild.any()):
        return p
    _, exponent = torch.frexp(top)
    half = torch.where(wild, -exponent, 0).div(2, rounding_mode="floor")
    ones = torch.ones_like(top)
    return p * torch.ldexp(ones, half) * torch.ldexp(ones, torch.where(wild, -exponent, 0) - half)


def normalised_pair(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """p/Σp, q/Σq, and their difference to full relative precision."""
    p, q, gap, total = centred(p, q)
    return p / total, q / total, gap / total
