"""Piecewise log-linear: log p is a straight line between knots, and falls along a straight line beyond the outermost two."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints

from ..density import LINEAR, DensitySpec, End, last, real_line, register_density
from ..numerics.quadrature import panels

__all__ = ["PiecewiseLogLinear"]

_TAIL = (3.0, 8.0, 16.0, 28.0, 48.0)  # −log of what is left beyond a panel edge of an exponential tail
_ORDER = 20  # nodes of a segment, which integrate polynomials times e^(dt) to rounding for |d| < 15


def _mean_of_exponential(d: Tensor) -> Tensor:
    """∫₀¹ e^(−|d|t) dt = (1 − e^−|d|)/|d|, 1 at d = 0."""
    size = d.abs()
    small = size < 1e-8
    safe = torch.where(small, 1.0, size)
    return torch.where(small, 1 - size / 2, -torch.expm1(-safe) / safe)


class PiecewiseLogLinear(Distribution):
    """p(x) ∝ e^(log_heights) at the knots, log p linear between them and falling by left_rate, right_rate per unit outside.

    knots: (..., K), ascending. log_heights: (..., K), finite, in nats, up to one constant. left_rate, right_rate: (...),
    greater than 0. The density is continuous and greater than 0 on the whole line, so that a KL from it and to it is finite
    for whatever falls off no faster than e^(−x²).
    """

    arg_constraints = {
        "knots": constraints.real_vector,
        "log_heights": constraints.real_vector,
        "left_rate": constraints.positive,
        "right_rate": constraints.positive,
    }
    support = constraints.real

    def __init__(self, knots: Tensor, log_heights: Tensor, left_rate: Tensor, right_rate: Tensor, validate_args: bool | None = None):
        self.knots, self.log_heights = torch.broadcast_tensors(knots, log_heights)
        left_rate, right_rate = (
            torch.as_tensor(rate, dtype=self.knots.dtype, device=self.knots.device) for rate in (left_rate, right_rate)
        )
        self.left_rate, self.right_rate = (rate.expand(self.knots.shape[:-1]) for rate in (left_rate, right_rate))
        if self.knots.shape[-1] < 2 or not bool((self.knots.diff(dim=-1) > 0).all()):
            raise ValueError("knots must be at least two numbers, each greater than the one before")
        super().__init__(self.knots.shape[:-1], validate_args=validate_args)
        # Segment masses before normalisation, in units of the highest knot: the two tails are the first and the last.
        logs = self.log_heights
        top = logs.amax(-1, keepdim=True)
        inner = torch.exp(torch.maximum(logs[..., 1:], logs[..., :-1]) - top) * _mean_of_exponential(logs.diff(dim=-1))
        tails = (logs[..., 0] - top[..., 0]).exp() / self.left_rate, (logs[..., -1] - top[..., 0]).exp() / self.right_rate
        masses = torch.cat([tails[0].unsqueeze(-1), inner * self.knots.diff(dim=-1), tails[1].unsqueeze(-1)], -1)
        total = masses.sum(-1, keepdim=True)
        self._masses = masses / total  # (..., K + 1)
        self._logs = logs - top - total.log()  # log p at the knots

    def _segment(self, x: Tensor) -> Tensor:
        """The number of the segment that holds x, 0 the left tail and K the right one; x: batch_shape + (n,)."""
        knots = self.knots.detach().expand(x.shape[:-1] + self.knots.shape[-1:]).contiguous()
        return torch.searchsorted(knots, x.detach().contiguous())

    def log_density(self, x: Tensor) -> Tensor:
        """log p in nats at x, batch_shape + (n,)."""
        segment, count = self._segment(x), self.knots.shape[-1]
        rows = lambda value: value.expand(x.shape[:-1] + value.shape[-1:])
        slopes = self._logs.diff(dim=-1) / self.knots.diff(dim=-1)
        slopes = torch.cat([self.left_rate.unsqueeze(-1), slopes, -self.right_rate.unsqueeze(-1)], -1)
        start = (segment - 1).clamp(0, count - 1)
        return rows(self._logs).gather(-1, start) + rows(slopes).gather(-1, segment) * (x - rows(self.knots).gather(-1, start))

    def log_prob(self, value: Tensor) -> Tensor:
        """log p in nats; value: sample_shape + batch_shape."""
        shape = torch.broadcast_shapes(value.shape, self.batch_shape)
        return self.log_density(value.expand(shape).unsqueeze(-1)).squeeze(-1)

    def cdf(self, value: Tensor) -> Tensor:
        """The mass below value, exact in every segment."""
        x = value.expand(torch.broadcast_shapes(value.shape, self.batch_shape)).unsqueeze(-1)
        segment, count = self._segment(x), self.knots.shape[-1]
        rows = lambda one: one.expand(x.shape[:-1] + one.shape[-1:])
        before = torch.cat([torch.zeros_like(self._masses[..., :1]), self._masses.cumsum(-1)[..., :-1]], -1)
        start = (segment - 1).clamp(0, count - 1)
        gap, here = x - rows(self.knots).gather(-1, start), self.log_density(x)
        step = here - rows(self._logs).gather(-1, start)
        inside = gap * torch.exp(torch.maximum(here, here - step)) * _mean_of_exponential(step)
        tails = here.exp() / last(self.left_rate)[0], 1 - here.exp() / last(self.right_rate)[0]
        mass = torch.where(segment == 0, tails[0], torch.where(segment == count, tails[1], rows(before).gather(-1, segment) + inside))
        return mass.clamp(0, 1).squeeze(-1)

    def icdf(self, value: Tensor) -> Tensor:
        """The quantile, exact in every segment; value: between 0 and 1."""
        u = value.expand(torch.broadcast_shapes(value.shape, self.batch_shape)).unsqueeze(-1)
        rows = lambda one: one.expand(u.shape[:-1] + one.shape[-1:])
        ends, count = rows(self._masses.cumsum(-1)), self.knots.shape[-1]
        segment = torch.searchsorted(ends.contiguous(), u.contiguous()).clamp_max(count)
        start = (segment - 1).clamp(0, count - 2)
        mass = rows(self._masses).gather(-1, segment)
        share = ((u - ends.gather(-1, segment) + mass) / mass).clamp(0, 1)  # of its segment's mass that lies below
        log_start, knot = rows(self._logs).gather(-1, start), rows(self.knots).gather(-1, start)
        step = rows(self._logs).gather(-1, start + 1) - log_start
        width = rows(self.knots).gather(-1, start + 1) - knot
        flat = step.abs() < 1e-8
        safe = torch.where(flat, 1.0, step)
        place = torch.where(flat, share, torch.log1p(share * torch.expm1(safe)) / safe)
        left = self.knots[..., :1] + share.log() / last(self.left_rate)[0]
        right = self.knots[..., -1:] - (1 - share).log() / last(self.right_rate)[0]
        return torch.where(segment == 0, left, torch.where(segment == count, right, knot + place * width)).squeeze(-1)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = torch.Size()) -> Tensor:
        """Draws by the quantile of uniform numbers."""
        shape = self._extended_shape(sample_shape)
        return self.icdf(torch.rand(shape, dtype=self.knots.dtype, device=self.knots.device))

    def _moments(self) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, variance and E[log p]: segment by segment, the tails' in closed form."""
        x, weights = panels(self.knots, _ORDER)
        log_p = self.log_density(x)
        mass, origin = weights * log_p.exp(), self.knots.mean(-1, keepdim=True)
        (left, right), (rate_l, rate_r) = (self._masses[..., 0], self._masses[..., -1]), (self.left_rate, self.right_rate)
        start, end = self.knots[..., 0] - origin[..., 0], self.knots[..., -1] - origin[..., 0]
        first = (mass * (x - origin)).sum(-1) + left * (start - 1 / rate_l) + right * (end + 1 / rate_r)
        from_tails = left * ((start - 1 / rate_l - first).square() + rate_l**-2) + right * (
            (end + 1 / rate_r - first).square() + rate_r**-2
        )
        second = (mass * (x - origin - first.unsqueeze(-1)).square()).sum(-1) + from_tails
        log_mean = (mass * log_p).sum(-1) + left * (self._logs[..., 0] - 1) + right * (self._logs[..., -1] - 1)
        return first + origin[..., 0], second, log_mean

    @property
    def mean(self) -> Tensor:
        """E[x]."""
        return self._moments()[0]

    @property
    def variance(self) -> Tensor:
        """E[(x − mean)²]."""
        return self._moments()[1]

    def entropy(self) -> Tensor:
        """−E[log p] in nats."""
        return -self._moments()[2]


def _cuts(d: PiecewiseLogLinear) -> Tensor:
    """The knots, and edges of exponential tails."""
    steps = d.knots.new_tensor(_TAIL)
    left, right = d.knots[..., :1] - steps / last(d.left_rate)[0], d.knots[..., -1:] + steps / last(d.right_rate)[0]
    return torch.cat([left, d.knots, right], -1)


DENSITY = register_density(
    PiecewiseLogLinear,
    DensitySpec(
        arguments=("knots", "log_heights", "left_rate", "right_rate"),
        support=real_line,
        log_density=lambda d, x, below: d.log_density(x),
        quantile=lambda d, u: d.icdf(torch.as_tensor(u, dtype=d.knots.dtype)).item(),
        cuts=_cuts,
        ends=lambda d: (End(LINEAR, d.left_rate), End(LINEAR, d.right_rate)),
        entropy=lambda d: d.entropy(),
    ),
)
