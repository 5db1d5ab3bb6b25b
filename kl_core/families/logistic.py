"""Logistic: the distribution whose cumulative distribution function is the sigmoid. torch has none, so it is here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal, constraints
from torch.distributions.utils import broadcast_all

from ..density import LINEAR, DensitySpec, End, last, log_rise, real_line, register_density, standard_gap
from ..numerics.log_excess import h
from ..registry import register_closed_form
from .family import Affine, Family, Parameter
from .normal import spread

LOC = Parameter("loc", "μ", "mean", constraints.real, "a finite number", low=-6, high=6, step=0.1, default=0.0)
SCALE = Parameter("scale", "s", "scale", constraints.positive, "a number greater than 0", low=0.1, high=5, step=0.05, default=1.0, log=True)


class Logistic(Distribution):
    """Density e^−z / (s·(1 + e^−z)²), z = (x − loc)/scale; loc and scale of any common batch shape, scale > 0."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Tensor | float, scale: Tensor | float, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> Logistic:
        new = self._get_checked_instance(Logistic, _instance)
        new.loc, new.scale = self.loc.expand(batch_shape), self.scale.expand(batch_shape)
        super(Logistic, new).__init__(torch.Size(batch_shape), validate_args=False)
        new._validate_args = self._validate_args
        return new

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return (self.scale * math.pi).square() / 3

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = torch.Size()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        # The difference of two exponentials' logs never meets log 0, as a uniform's logit could.
        exponentials = torch.empty((2, *shape), dtype=self.loc.dtype, device=self.loc.device).exponential_()
        return self.loc + self.scale * (exponentials[0].log() - exponentials[1].log())

    def log_prob(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        z = (value - self.loc) / self.scale
        return -z.abs() - 2 * torch.log1p(torch.exp(-z.abs())) - self.scale.log()

    def cdf(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        return torch.sigmoid((value - self.loc) / self.scale)

    def icdf(self, value: Tensor) -> Tensor:
        return self.loc + self.scale * (value.log() - torch.log1p(-value))

    def entropy(self) -> Tensor:
        return self.scale.log() + 2


FAMILY = Family(
    "logistic",
    "Logistic",
    "continuous",
    (LOC, SCALE),
    Logistic,
    "all real numbers",
    Affine(shift=("value", "loc"), stretch=("value", "scale")),
    rank=3,
)

_OFFSETS = (-50.0, -36.0, -24.0, -14.0, -9.0, -5.0, -2.0, 0.0, 2.0, 5.0, 9.0, 14.0, 24.0, 36.0, 50.0)


def _log_density(d: Logistic, x: Tensor, below: Tensor | None = None) -> Tensor:
    loc, scale = last(d.loc, d.scale)
    z = (x - loc) / scale
    return -z.abs() - 2 * torch.log1p(torch.exp(-z.abs())) - scale.log()


def _log_ratio(p: Logistic, q: Logistic, x: Tensor, below: Tensor | None = None) -> Tensor:
    """−log scale − 2·log cosh(z/2), the cosh of a sum by the addition theorem."""
    z, more, t = standard_gap(p, q, x)
    small = more.abs() < 0.2
    half = torch.where(small, more / 2, 0.0)
    rise = 2 * torch.sinh(half / 2) ** 2 + torch.sinh(half) * torch.tanh(z / 2)
    log_cosh = lambda z: 0.5 * z.abs() + torch.log1p(torch.exp(-z.abs()))
    return 2 * torch.where(small, log_rise(rise), log_cosh(z + more) - log_cosh(z)) - log_rise(t)


def _ends(d: Logistic) -> tuple[End, End]:
    return End(LINEAR, 1 / d.scale), End(LINEAR, 1 / d.scale)


DENSITY = register_density(
    Logistic,
    DensitySpec(
        arguments=("loc", "scale"),
        support=real_line,
        log_density=_log_density,
        quantile=lambda d, u: d.icdf(torch.as_tensor(u, dtype=d.loc.dtype)).item(),
        cuts=lambda d: spread(d.loc, d.scale, _OFFSETS),
        ends=_ends,
        log_ratio=_log_ratio,
        entropy=lambda d: d.scale.log() + 2,
    ),
)


@register_closed_form(Logistic, Normal)
def kl_logistic_normal(p: Logistic, q: Normal) -> Tensor:
    """½·h(π²s²/3σ²) + ½·((μ_p − μ_q)/σ)² + ½·log(2π³/3) − 3/2; never below the last two, 0.014."""
    ratio, z = p.scale / q.scale, (p.loc - q.loc) / q.scale
    # ½·log(2π³/3) − 3/2 to full precision; the two cancel to a hundredth.
    return 0.5 * h(math.pi**2 / 3 * ratio * ratio) + 0.5 * z * z + 0.01436227472001807
