"""Geometric: failures before the first success."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Geometric
from torch.distributions.constraints import Constraint

from ..density import LINEAR, LOG, DensitySpec, End, device_of, last, register_density
from ..numerics.exact import safe_log
from ..registry import register_closed_form
from .bernoulli import chances, kl_until, toss_log_ratios
from .family import Family, Parameter


class _PositiveProbability(Constraint):
    """(0, 1]: a success that never comes has no distribution."""

    def check(self, value: Tensor) -> Tensor:
        return (value > 0) & (value <= 1)


PROBS = Parameter(
    "probs",
    "θ",
    "probability of success",
    _PositiveProbability(),
    "a number greater than 0, at most 1",
    low=0.02,
    high=1,
    step=0.01,
    default=0.3,
)

FAMILY = Family("geometric", "Geometric", "discrete", (PROBS,), lambda probs: Geometric(probs=probs), "0, 1, 2, …", rank=5)


def _log_failure(d: Geometric) -> Tensor:
    success, failure = chances(d)
    return torch.where(success < 0.5, torch.log1p(-success.clamp_max(0.5)), safe_log(failure))


def _log_mass(d: Geometric, k: Tensor, below: Tensor | None = None) -> Tensor:
    log_failure, success = last(_log_failure(d), chances(d)[0])
    failures = torch.where(k > 0, torch.where(k > 0, k, 1.0) * log_failure, 0.0)
    return torch.where(k >= 0, failures + success.log(), -torch.inf)


def _log_ratio(p: Geometric, q: Geometric, k: Tensor, below: Tensor | None = None) -> Tensor:
    success, failure = toss_log_ratios(p, q)
    return success + k * failure


def _support(d: Geometric) -> tuple[Tensor, Tensor]:
    lower = torch.zeros(d.batch_shape, dtype=torch.float64, device=device_of(d))
    return lower, torch.where(chances(d)[1] > 0, torch.inf, lower)


def _window(d: Geometric) -> tuple[Tensor, Tensor]:
    """All but e^−60 of the mass."""
    reach = (60 / -_log_failure(d).detach().double().clamp_max(-1e-300)).ceil().clamp_min(1.0)
    return torch.zeros_like(reach), reach


def _quantile(d: Geometric, u: float) -> float:
    log_failure = _log_failure(d).item()
    return max(math.ceil(math.log1p(-u) / log_failure) - 1.0, 0.0) if log_failure > -math.inf else 0.0


DENSITY = register_density(
    Geometric,
    DensitySpec(
        arguments=("probs",),
        support=_support,
        log_density=_log_mass,
        quantile=_quantile,
        window=_window,
        ends=lambda d: (End(LOG, torch.zeros_like(chances(d)[0])), End(LINEAR, -safe_log(chances(d)[1]))),
        log_ratio=_log_ratio,
    ),
)


@register_closed_form(Geometric, Geometric)
def kl_geometric_geometric(p: Geometric, q: Geometric) -> Tensor:
    """The KL of one try, times the 1/θ_p tries there are on average."""
    return kl_until(p, q, 1)
