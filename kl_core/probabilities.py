"""KL between vectors of probabilities or logits, on the last axis, right to rounding error.

A vector of floats sums to 1 only to within 1e-16, and that alone spoils Σ p·log(p/q) once P and Q are closer than
about 1e-8. So here the answer is that of the exactly normalised vectors, and every sum is of terms that are never
negative. Everything is computed in float64 and returned in the inputs' own dtype.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .exact import exp_excess, kl_term

__all__ = ["kl_from_probs", "kl_from_logits", "kl_terms"]


def checked_pair(p: Tensor, q: Tensor, names: tuple[str, str] = ("p", "q")) -> tuple[Tensor, Tensor, torch.dtype]:
    """Both in float64 and broadcast, with the dtype to answer in; ValueError if their shapes do not fit."""
    p, q = torch.as_tensor(p), torch.as_tensor(q)
    dtype = torch.promote_types(p.dtype, q.dtype)
    dtype = dtype if dtype.is_floating_point else torch.float64
    for name, value in zip(names, (p, q)):
        if value.dim() == 0 or value.shape[-1] == 0:
            raise ValueError(f"{name} needs its outcomes on the last axis; its shape is {tuple(value.shape)}")
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(f"{names[0]} has {p.shape[-1]} outcomes and {names[1]} has {q.shape[-1]}; they must be as many")
    try:
        p, q = torch.broadcast_tensors(p.double(), q.double())
    except RuntimeError:
        raise ValueError(f"the shapes of {names[0]}, {tuple(p.shape)}, and {names[1]}, {tuple(q.shape)}, "
                         "do not broadcast") from None
    return p, q, dtype


def checked_probs(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, torch.dtype]:
    """As checked_pair; ValueError for an entry that is negative, NaN or infinite, and for a row of zeros."""
    p, q, dtype = checked_pair(p, q)
    for name, value in (("p", p), ("q", q)):
        good = (value >= 0) & (value < torch.inf)
        if not bool(good.all()):
            raise ValueError(f"{name} has the entry {value[~good][0].item():g}; "
                             "probabilities are numbers of at least 0")
        if not bool((value.sum(-1) > 0).all()):
            raise ValueError(f"{name} has no mass: all its entries are 0")
    return p, q, dtype


def _product_tail(a: Tensor, b: Tensor, product: Tensor) -> Tensor:
    """a·b − product, the rounding error of the product, exactly (Dekker 1971)."""
    def halves(x: Tensor) -> tuple[Tensor, Tensor]:
        big = 134217729.0 * x  # 2²⁷ + 1
        high = big - (big - x)
        return high, x - high

    (a_high, a_low), (b_high, b_low) = halves(a), halves(b)
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def matched(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """q scaled to p's sum, and p less that, with all its digits even where p is all but proportional to q."""
    scale = p.sum(-1, keepdim=True) / q.sum(-1, keepdim=True)
    scaled = q * scale
    with torch.no_grad():
        tail = _product_tail(q, scale, scaled).nan_to_num(0.0, 0.0, 0.0)
    return scaled, (p - scaled) - tail


def normalised_pair(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """p/Σp, q/Σq, and their difference to full relative precision."""
    scaled, gap = matched(p, q)
    total = p.sum(-1, keepdim=True)
    # The scale was rounded; what it left of the sums' difference is taken out of the gap, where it shows.
    gap = gap - scaled * (gap.sum(-1, keepdim=True) / total)
    return p / total, scaled / total, gap / total


def kl_from_probs(p: Tensor, q: Tensor) -> Tensor:
    """KL(P‖Q) = Σ p·log(p/q) in nats, over the last axis.

    p, q: (..., k) probabilities or non-negative weights, leading shapes broadcast; each is normalised exactly.
    Returns (...). 0·log(0/q) is 0; inf where p > 0 = q. Never negative, and zero only for p ∝ q. Gradients are
    finite wherever the KL is; at p = 0, where the slope is −∞, it counts as 0. ValueError for a negative or NaN
    entry, a row without mass, or shapes that do not fit. With T(p, q) = p·log(p/q) − p + q, and q scaled to p's sum
    but for rounding, the KL of the normalised vectors is [Σ T(p, q) − T(Σp, Σq)]/Σp.
    """
    p, q, dtype = checked_probs(p, q)
    q, gap = matched(p, q)
    total, off = p.sum(-1), gap.sum(-1)
    value = (kl_term(p, q, gap).sum(-1) - kl_term(total, total - off, off)) / total
    return value.clamp_min(0.0).to(dtype)


def kl_terms(p: Tensor, q: Tensor) -> Tensor:
    """The contributions p·log(p/q) in nats, of p and q normalised, one an outcome; their sum is KL(P‖Q).

    p, q: (..., k) as in `kl_from_probs`; returns (..., k). A single term may be negative, where q > p. 0 where
    p = 0; inf where p > 0 = q. The sum agrees with `kl_from_probs` to a few 1e-16 absolute, not relative: close to
    P = Q the terms cancel.
    """
    p, q, dtype = checked_probs(p, q)
    p, q, gap = normalised_pair(p, q)
    both = (p > 0) & (q > 0)
    safe_p, safe_q = torch.where(both, p, 1.0), torch.where(both, q, 1.0)
    near = both & (gap.abs() < 0.5 * safe_q)
    log_ratio = torch.where(near, torch.log1p(torch.where(near, gap / safe_q, 0.0)), safe_p.log() - safe_q.log())
    return torch.where(both, p * log_ratio, torch.where(p > 0, torch.inf, 0.0)).to(dtype)


def kl_from_logits(z_p: Tensor, z_q: Tensor) -> Tensor:
    """KL(softmax(z_p)‖softmax(z_q)) in nats, over the last axis.

    z_p, z_q: (..., k) logits, any finite size; −inf masks a class. Returns (...). inf where a class is masked in
    Q only. Never negative, zero only for equal softmaxes; gradients are finite wherever the KL is. ValueError for
    NaN or +inf, for a row that is masked entirely, or shapes that do not fit.
    With d = z_p − z_q and e = d − E_P[d], KL = log(1 + E_P[e^−e − 1 + e]): no normaliser, no cancellation.
    """
    z_p, z_q, dtype = checked_pair(z_p, z_q, ("z_p", "z_q"))
    for name, z in (("z_p", z_p), ("z_q", z_q)):
        if not bool((z < torch.inf).all()):
            raise ValueError(f"{name} has an entry that is NaN or +inf; logits are finite, or −inf for a masked class")
        if not bool((z > -torch.inf).any(-1).all()):
            raise ValueError(f"{name} masks every class: all its entries are −inf")
    in_p, in_q = z_p > -torch.inf, z_q > -torch.inf
    both = in_p & in_q
    infinite = (in_p & ~in_q).any(-1)
    # Where the answer is inf the rest must still be finite, for the gradient's sake.
    both = both | infinite.unsqueeze(-1)
    a, b = torch.where(both & in_p, z_p, 0.0), torch.where(both & in_q, z_q, 0.0)
    value = _kl_on_common_support(a, b, both)
    outside = in_q & ~both
    if bool(outside.any()):
        value = value - _log_share(z_q, both & in_q, outside)
    return torch.where(infinite, torch.inf, value.clamp_min(0.0)).to(dtype)


def _kl_on_common_support(z_p: Tensor, z_q: Tensor, live: Tensor) -> Tensor:
    """KL of the softmaxes over the live classes; z_p and z_q finite, and live somewhere in each row."""
    log_p = torch.where(live, z_p, -torch.inf).log_softmax(-1)
    p = log_p.exp()
    d = torch.where(live, z_p - z_q, 0.0)
    mean = (p * d).sum(-1, keepdim=True)
    e = torch.where(live, d - mean, 0.0)
    close = e.abs() < 0.5
    # p·e^−e, as one exponential: its factors may overflow and underflow where it does neither. Beyond 30 the row
    # is far from equality, and takes the other form.
    lift = torch.where(live & ~close, torch.where(live, log_p, 0.0) - e, -torch.inf)
    wild = (lift > 3).any(-1)
    moved = torch.where(lift > 3, -torch.inf, lift).exp()
    terms = torch.where(close, p * exp_excess(-torch.where(close, e, 0.0)), moved - p + p * e)
    careful = torch.log1p(terms.sum(-1))
    normaliser = lambda z: torch.where(live, z, -torch.inf).logsumexp(-1)
    plain = mean.squeeze(-1) + normaliser(z_q) - normaliser(z_p)
    return torch.where(wild | (careful.detach() > 1), plain, careful)


def _log_share(z: Tensor, inside: Tensor, outside: Tensor) -> Tensor:
    """log of the softmax's mass inside, by way of the smaller of the two masses."""
    total = z.logsumexp(-1)
    log_in = torch.where(inside, z, -torch.inf).logsumexp(-1) - total
    some = outside.any(-1)
    log_out = torch.where(some.unsqueeze(-1), torch.where(outside, z, -torch.inf), 0.0).logsumexp(-1) - total
    out = torch.where(some & (log_out < -0.7), log_out, -1.0).exp()
    return torch.where(some, torch.where(log_out < -0.7, torch.log1p(-out), log_in), 0.0)
