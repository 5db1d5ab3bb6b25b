"""What integrating against a distribution needs to know, and torch does not say.

torch's `Distribution` gives a density at a point. To integrate against it to the last digits one must also know where it
bends (`cuts`), how it dies out at either end (`ends`), and a density that neither clamps nor cancels. A `DensitySpec`
says so, one for each torch class, registered in the family's own file; a subclass inherits its parent's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor
from torch.distributions import Distribution

__all__ = [
    "SLOW_POWER",
    "End",
    "DensitySpec",
    "register_density",
    "density_of",
    "has_density",
    "given_as",
    "arguments_of",
    "in_double",
    "rebuilt",
    "device_of",
    "last",
    "ladder",
    "log_rise",
    "grown",
    "standard_gap",
    "real_line",
    "half_line",
    "unit_interval",
    "log_density",
]

# How −log density grows towards an end of the support, the slowest first. At a finite end "far out" means
# close to the edge, and |x| stands for 1/distance.
LOG, LOG_SQUARED, LINEAR, LOG_FACTORIAL, SQUARE = 0.0, 0.5, 1.0, 1.5, 2.0
EXPONENTIAL = 1e4  # e^(rate·|x|) has the order EXPONENTIAL + rate

DEPTHS = (1.0, 3.0, 8.0, 16.0, 28.0, 48.0)  # −log of the mass beyond each panel edge of a tail that dies out like e^−|x|; e^−48 is 1e-21

# Where mass falls off towards an edge like distance^power or slower, panels are laid in the distance's logarithm. At 0.07 those
# of a Beta, down to 4^−480 of its scale, would hold all the mass but 1e-15; this is above it.
SLOW_POWER = 0.1


@dataclass(frozen=True)
class End:
    """−log density ≈ coefficient · g(x) towards one end of the support.

    order: which g: LOG (log |x|), LOG_SQUARED, LINEAR (|x|), LOG_FACTORIAL (x·log x), SQUARE (x²), or any other power of
        |x| from LINEAR on; from EXPONENTIAL on an exponential; between LOG_SQUARED and LINEAR are the powers below 1, in
        their order. One for the batch, or (batch_shape).
    coefficient: (batch_shape).
    """

    order: float | Tensor
    coefficient: Tensor

    @property
    def orders(self) -> Tensor:
        """The order of each row, (batch_shape)."""
        return torch.as_tensor(self.order, dtype=self.coefficient.dtype, device=self.coefficient.device).expand_as(self.coefficient)


D = TypeVar("D", bound=Distribution)


def undefined(*_: object) -> Any:
    """What a spec has in place of a function that its distribution does not need; it is never called."""
    raise NotImplementedError("this distribution's density spec does not have that function")


@dataclass(frozen=True)
class DensitySpec(Generic[D]):
    """arguments: the constructor's argument names, enough to rebuild the distribution in another precision; "probs" stands
        for the logits too, where those were given.
    support(d): its ends, two tensors of batch_shape (for a discrete distribution, the outermost outcomes with mass).
    log_density(d, x, below): log density or log mass at x, (batch_shape + (n,)), x inside the support; `below` is
        1 − x to full precision (only a Beta needs it).
    quantile(d, u): of one unbatched d at a float u.
    cuts(d): panel edges, (batch_shape + (m,)), in any order, between which the density is smooth; continuous only.
    ends(d): its lower and upper End; of a discrete distribution, where it has no last outcome.
    window(d): first and last outcome worth summing, two tensors of batch_shape; discrete only.
    entropy(d): the closed form in nats where there is an accurate one.
    cuts_below(d): more panel edges, as distances below 1, where rounding near 1 would lose them.
    allowed(d): whether each of 0, 1, … has mass, (batch_shape + (outcomes,)), for a distribution that may have gaps.
    instead(d): the spec of this very distribution, where the class alone does not settle it.
    log_density_of_log(d, s), log_density_of_log_below(d, s): the log density of log x, or of log(1 − x), at s, for a density that
        may have its mass nearer to 0, or to 1, than any float. Without one, `ends` says how the density goes on there.
    cuts_of_log(d): panel edges in log x, where those of `cuts` would leave the floats.
    log_ratio(p, q, x, below): log p − log q of two nearby distributions of this spec, written in the differences of their
        parameters: exact relative to those, where the difference of two log-densities has lost its digits. None where
        there is no such form for these parameters.
    """

    arguments: tuple[str, ...]
    support: Callable[[D], tuple[Tensor, Tensor]]
    log_density: Callable[[D, Tensor, Tensor | None], Tensor]
    quantile: Callable[[D, float], float]
    cuts: Callable[[D], Tensor] = undefined
    ends: Callable[[D], tuple[End, End]] = undefined
    window: Callable[[D], tuple[Tensor, Tensor]] = undefined
    entropy: Callable[[D], Tensor] | None = None
    cuts_below: Callable[[D], Tensor] | None = None
    allowed: Callable[[D], Tensor] | None = None
    instead: Callable[[D], DensitySpec[D]] | None = None
    log_ratio: Callable[[D, D, Tensor, Tensor | None], Tensor | None] | None = None
    log_density_of_log: Callable[[D, Tensor], Tensor] | None = None
    log_density_of_log_below: Callable[[D, Tensor], Tensor] | None = None
    cuts_of_log: Callable[[D], Tensor] | None = None

    @property
    def discrete(self) -> bool:
        """Whether it is summed over outcomes; else it is integrated."""
        return self.window is not undefined

    @property
    def has_ends(self) -> bool:
        """Whether it may go on for ever, so that a tail can make a KL infinite."""
        return self.ends is not undefined


_SPECS: dict[type, DensitySpec[Any]] = {}


def register_density(kind: type[D], spec: DensitySpec[D]) -> DensitySpec[D]:
    """Make `spec` the density spec of the torch distribution class `kind` and of its subclasses."""
    _SPECS[kind] = spec
    _registered.cache_clear()
    return spec


@cache
def _registered(kind: type) -> type | None:
    """The class itself, or the nearest that it inherits from, that has a spec: Gamma for Chi2."""
    return next((parent for parent in kind.__mro__ if parent in _SPECS), None)


def _spec_type(d: Distribution) -> type | None:
    kind: type = type(d)  # not type[Distribution], which mypy does not take for hashable
    return _registered(kind)


def has_density(d: Distribution) -> bool:
    """Whether its class, or one that it inherits from, has a registered density spec."""
    return _spec_type(d) is not None


def density_of(d: Distribution) -> DensitySpec[Any]:
    """The registered density spec of its class, or of the nearest it inherits from; NotImplementedError if there is none."""
    kind = _spec_type(d)
    if kind is None:
        raise NotImplementedError(
            f"kl_core knows no density for {type(d).__name__}; register one with kl_core.density.register_density, or estimate the KL by "
            "kl_core.estimates.sampling.kl_by_sampling"
        )
    spec = _SPECS[kind]
    return spec if spec.instead is None else spec.instead(d)


def given_as(d: Distribution) -> str:
    """ "probs" or "logits": which of them it was made from. torch keeps the other beside it once somebody has asked for it."""
    for name in d.__dict__:  # in the order in which they were set
        if name in ("probs", "logits"):
            return name
    raise AttributeError(f"{type(d).__name__} was made from neither probs nor logits")


def arguments_of(d: Distribution) -> dict[str, Tensor | Distribution]:
    """What it was made from, by the constructor's names: tensors, and a mixture's distributions."""
    names = (given_as(d) if name == "probs" else name for name in density_of(d).arguments)
    return {name: getattr(d, name) for name in names}


def in_double(d: Distribution) -> Distribution:
    """The same distribution with float64 parameters (itself, if it has them); gradients flow through."""
    if _is_double(d):
        return d
    return rebuilt(d, Tensor.double)


def rebuilt(d: Distribution, change: Callable[[Tensor], Tensor]) -> Distribution:
    """The distribution of the spec's own class whose parameters, and a mixture's distributions', are the changed ones of d."""
    changed = {
        name: rebuilt(value, change) if isinstance(value, Distribution) else change(value) for name, value in arguments_of(d).items()
    }
    kind = _spec_type(d)
    return d if kind is None else kind(**changed, validate_args=False)


def _is_double(d: Distribution) -> bool:
    """Whether all its parameters are float64, asked of every pair and so without a dictionary."""
    for name in density_of(d).arguments:
        value = getattr(d, given_as(d) if name == "probs" else name)
        if not (_is_double(value) if isinstance(value, Distribution) else value.dtype == torch.float64):
            return False
    return True


def device_of(d: Distribution) -> torch.device:
    """Where its parameters are; a Beta has them in a Dirichlet of its own, a mixture in its parts."""
    for value in vars(d).values():
        if isinstance(value, Tensor):
            return value.device
        if isinstance(value, Distribution):
            return device_of(value)
    return torch.device("cpu")


def last(*values: Tensor) -> tuple[Tensor, ...]:
    """Each value with a trailing axis of length one, to broadcast against nodes."""
    return tuple(value.unsqueeze(-1) for value in values)


def ladder(top: Tensor, steps: int) -> Tensor:
    """Panel edges from `top` down towards 0, each a quarter of the one before: powers of 4, (..., steps + 1).

    So those of two distributions coincide, where ladders of their own would lay twice the panels.
    """
    highest = (torch.frexp(top.detach()).exponent - 1).div(2, rounding_mode="floor").unsqueeze(-1)
    rungs = highest - torch.arange(steps + 1, dtype=highest.dtype, device=top.device)
    return torch.ldexp(torch.ones_like(rungs, dtype=top.dtype), 2 * rungs)


def log_rise(t: Tensor) -> Tensor:
    """log(1 + t) in a log_ratio: for small t, and finite with its gradient for what is not nearby and will be thrown away."""
    return torch.log1p(t.clamp(-0.9, 1e100))


def grown(log_weight: Tensor, r: Tensor) -> Tensor:
    """w·(e^r − 1), w = e^log_weight ≤ 1, however large r is; not above e, where it is not nearby and will be thrown away."""
    weight, small = log_weight.exp(), r < 1
    return torch.where(small, weight * torch.expm1(torch.where(small, r, 0.0)), (log_weight + r).clamp_max(1.0).exp() - weight)


def standard_gap(p: Any, q: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of loc and scale: z = (x − loc)/scale under P, by how much it is more under Q, and (scale_p − scale_q)/scale_q."""
    loc_p, loc_q, scale_p, scale_q = last(p.loc, q.loc, p.scale, q.scale)
    z, t = (x - loc_p) / scale_p, (scale_p - scale_q) / scale_q
    return z, z * t + (loc_p - loc_q) / scale_q, t


def real_line(d: Distribution) -> tuple[Tensor, Tensor]:
    """A `support`: (−∞, ∞)."""
    infinity = torch.full(d.batch_shape, torch.inf, dtype=torch.float64, device=device_of(d))
    return -infinity, infinity


def half_line(d: Distribution) -> tuple[Tensor, Tensor]:
    """A `support`: (0, ∞)."""
    infinity = torch.full(d.batch_shape, torch.inf, dtype=torch.float64, device=device_of(d))
    return torch.zeros_like(infinity), infinity


def unit_interval(d: Distribution) -> tuple[Tensor, Tensor]:
    """A `support`: (0, 1)."""
    upper = torch.ones(d.batch_shape, dtype=torch.float64, device=device_of(d))
    return torch.zeros_like(upper), upper


def log_density(d: Distribution, x: Tensor) -> Tensor:
    """log density or log mass of d anywhere: −inf outside the support, exact where torch clamps or raises.

    d: any distribution with a registered density spec. x: broadcastable against batch_shape + (n,). Returns that shape.
    """
    spec = density_of(d)
    lower, upper = last(*spec.support(d))
    # Some place inside stands in for those outside, so that nothing is evaluated where it is not defined.
    bounded = lower.isfinite() & upper.isfinite() & (not spec.discrete)
    inner = torch.where(bounded, (lower + upper) / 2, lower + (0.0 if spec.discrete else 1.0))
    inner = torch.where(lower.isfinite(), inner, torch.zeros_like(lower))
    inside = (x >= lower) & (x <= upper) & ((x % 1 == 0) | (not spec.discrete))
    nearest = torch.where(inside, x, inner)
    value = spec.log_density(d, nearest, 1 - nearest)
    # NaN only at an edge that the support leaves out, such as a log-normal's 0.
    return torch.where(inside & ~value.isnan(), value, -torch.inf)
