"""Categorical: one of a few named outcomes, numbered 0, 1, 2, …"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Categorical, constraints

from ..density import DensitySpec, device_of, given_as, grown, log_rise, register_density
from ..numerics.exact import safe_log
from ..numerics.rounding import two_difference
from ..registry import register_closed_form
from ..vectors.normalised import normalised_pair
from ..vectors.probabilities import kl_from_logits, kl_from_probs
from .family import Family, Parameter, normalised

PROBS = Parameter(
    "probs",
    "θ",
    "probability of each outcome",
    constraints.nonnegative,
    "2 to 12 numbers of at least 0, not all 0",
    low=0,
    high=1,
    step=0.01,
    default=(0.3, 0.5, 0.2),
    length=(2, 12),
)

FAMILY = Family(
    "categorical",
    "Categorical",
    "discrete",
    (PROBS,),
    lambda probs: Categorical(probs=normalised("probs", probs)),
    "0, 1, …, a number for each outcome",
    rank=2,
)


def log_masses(d: Categorical) -> Tensor:
    """Log-probabilities of all outcomes, on the last axis, unclamped (torch's own logits stop at 1e-16)."""
    return d.logits.log_softmax(-1) if given_as(d) == "logits" else safe_log(d.probs)


def _log_mass(d: Categorical, k: Tensor, below: Tensor | None = None) -> Tensor:
    masses = log_masses(d)
    return torch.where((k >= 0) & (k < masses.shape[-1]), _at(k, masses), -torch.inf)


def outcome_log_ratios(p: Categorical, q: Categorical) -> Tensor | None:
    """log P(k) − log Q(k) of nearby distributions, (..., k); 0 where either is 0, None where they are not given alike."""
    if given_as(p) != given_as(q) or p.param_shape[-1] != q.param_shape[-1]:
        return None
    if given_as(p) == "probs":
        probs_p, probs_q, gap = normalised_pair(*torch.broadcast_tensors(p.probs, q.probs))
        live = (probs_p > 0) & (probs_q > 0)
        return torch.where(live, log_rise(gap / torch.where(live, probs_q, 1.0)), 0.0)
    live = (p.logits > -torch.inf) & (q.logits > -torch.inf)
    high, low = two_difference(*(torch.where(live, d.logits, 0.0) for d in (p, q)))
    log_q = q.logits.log_softmax(-1)
    moved = (high - (log_q.exp() * high).sum(-1, keepdim=True)) + low.detach()
    return moved - log_rise(grown(log_q, moved).sum(-1, keepdim=True))


def _at(k: Tensor, values: Tensor) -> Tensor:
    """The values, (..., outcomes), at the outcomes k, (..., n), or at the nearest there is."""
    shape = torch.broadcast_shapes(values.shape[:-1], k.shape[:-1])
    index = k.expand(shape + k.shape[-1:]).clamp(0, values.shape[-1] - 1).long()
    return values.expand(shape + values.shape[-1:]).gather(-1, index)


def _log_ratio(p: Categorical, q: Categorical, k: Tensor, below: Tensor | None = None) -> Tensor | None:
    ratios = outcome_log_ratios(p, q)
    return None if ratios is None else _at(k, ratios)


def _support(d: Categorical) -> tuple[Tensor, Tensor]:
    live = log_masses(d) > -torch.inf
    outcomes = torch.arange(live.shape[-1], dtype=torch.float64, device=live.device)
    return (torch.where(live, outcomes, torch.inf).amin(-1), torch.where(live, outcomes, -torch.inf).amax(-1))


def _window(d: Categorical) -> tuple[Tensor, Tensor]:
    zero = torch.zeros(d.batch_shape, dtype=torch.float64, device=device_of(d))
    return zero, zero + (d.param_shape[-1] - 1)


def _quantile(d: Categorical, u: float) -> float:
    """The outermost outcomes: a bar chart of a few names leaves none out."""
    return 0.0 if u < 0.5 else float(d.param_shape[-1] - 1)


DENSITY = register_density(
    Categorical,
    DensitySpec(
        arguments=("probs",),
        support=_support,
        log_density=_log_mass,
        quantile=_quantile,
        window=_window,
        allowed=lambda d: log_masses(d) > -torch.inf,
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Categorical, Categorical)
def kl_categorical_categorical(p: Categorical, q: Categorical) -> Tensor:
    """Σ p·log(p/q), exactly normalised; an outcome that only one of them has is a 0 in the other."""
    if given_as(p) == given_as(q) == "logits" and p.param_shape[-1] == q.param_shape[-1]:
        return kl_from_logits(p.logits, q.logits)
    outcomes = max(p.param_shape[-1], q.param_shape[-1])
    if outcomes == p.param_shape[-1] == q.param_shape[-1]:
        return kl_from_probs(p.probs, q.probs)
    padded = [torch.nn.functional.pad(d.probs, (0, outcomes - d.param_shape[-1])) for d in (p, q)]
    return kl_from_probs(*padded)
