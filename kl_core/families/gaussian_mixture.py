"""Gaussian mixture: several bells, each with its weight."""

from __future__ import annotations

import math
from typing import Any

import torch
from scipy.optimize import brentq
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal, constraints

from ..density import DensitySpec, End, density_of, given_as, grown, register_density
from ..numerics.exact import safe_log
from .categorical import outcome_log_ratios
from .family import Family, Parameter, normalised

WEIGHTS = Parameter(
    "weights",
    "w",
    "share of each component",
    constraints.nonnegative,
    "2 to 4 numbers of at least 0, not all 0",
    low=0,
    high=1,
    step=0.01,
    default=(0.5, 0.5),
    length=(2, 4),
)
LOCS = Parameter(
    "locs",
    "μ",
    "mean of each component",
    constraints.real,
    "2 to 4 finite numbers",
    low=-6,
    high=6,
    step=0.1,
    default=(-2.0, 2.0),
    length=(2, 4),
)
SCALES = Parameter(
    "scales",
    "σ",
    "standard deviation of each component",
    constraints.positive,
    "2 to 4 numbers greater than 0",
    low=0.1,
    high=5,
    step=0.05,
    default=(1.0, 1.0),
    log=True,
    length=(2, 4),
)


def gaussian_mixture(weights: Tensor, locs: Tensor, scales: Tensor) -> MixtureSameFamily:
    """Σ wᵢ·Normal(locs[..., i], scales[..., i]); components on the last axis, weights normalised, zeros allowed."""
    lengths = {name: value.shape[-1] for name, value in (("weights", weights), ("locs", locs), ("scales", scales))}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise ValueError(f"weights, locs and scales must have one entry a component each; {counts}")
    try:
        weights, locs, scales = torch.broadcast_tensors(normalised("weights", weights), locs, scales)
    except RuntimeError:
        raise ValueError(
            "weights, locs and scales have batch shapes that do not broadcast: "
            f"{tuple(weights.shape)}, {tuple(locs.shape)}, {tuple(scales.shape)}"
        ) from None
    return MixtureSameFamily(Categorical(probs=weights), Normal(locs, scales))


FAMILY = Family(
    "gaussian_mixture", "Gaussian mixture", "continuous", (WEIGHTS, LOCS, SCALES), gaussian_mixture, "all real numbers", rank=11
)


def log_weights(d: MixtureSameFamily) -> Tensor:
    """log of the weights, unclamped: −inf for a component of weight 0."""
    mixture = d.mixture_distribution
    if given_as(mixture) == "logits":
        return mixture.logits.log_softmax(-1)
    return safe_log(mixture.probs)


def _log_density(d: MixtureSameFamily, x: Tensor, below: Tensor | None = None) -> Tensor:
    components = d.component_distribution
    each = density_of(components).log_density(components, x.unsqueeze(-2), None)  # (..., components, n)
    return torch.logsumexp(each + log_weights(d).unsqueeze(-1), -2)


def _log_ratio(p: MixtureSameFamily, q: MixtureSameFamily, x: Tensor, below: Tensor | None = None) -> Tensor | None:
    """log of 1 + Σ wₖNₖ·(e^rₖ − 1)/q over Q's components, rₖ the log-ratio of the k-th of each: where those are nearby too."""
    weights = outcome_log_ratios(p.mixture_distribution, q.mixture_distribution)
    spec = density_of(p.component_distribution)
    if weights is None or spec.log_ratio is None or spec is not density_of(q.component_distribution):
        return None
    live_p, live_q = (log_weights(d) > -torch.inf for d in (p, q))
    each = spec.log_ratio(p.component_distribution, q.component_distribution, x.unsqueeze(-2), None)
    if each is None or bool((live_p != live_q).any()):
        return None
    at_q = spec.log_density(q.component_distribution, x.unsqueeze(-2), None) + log_weights(q).unsqueeze(-1)
    parts = grown(at_q.log_softmax(-2), each + weights.unsqueeze(-1))
    small = parts.abs().sum(-2) < 0.5
    plain = _log_density(p, x) - at_q.logsumexp(-2)
    return torch.where(small, torch.log1p(torch.where(small, parts.sum(-2), 0.0)), plain)


def branch_points(d: MixtureSameFamily) -> tuple[Tensor, Tensor]:
    """Where the log-density of a mixture of Gaussians branches: two components cancel in the complex plane.

    log(wᵢNᵢ) − log(wⱼNⱼ) = iπ is a complex quadratic in x; the log-density turns over within its root's
    imaginary part, and nowhere else more sharply than its components do.
    Returns the roots' real and imaginary parts, (batch_shape + (n·(n − 1),)), NaN for a root that is not there.
    """
    components: Any = d.component_distribution  # Normals
    loc, scale = components.loc, components.scale
    i, j = torch.triu_indices(loc.shape[-1], loc.shape[-1], 1, device=loc.device)
    # Components of no weight have no branch points; any weight will do for them.
    weight = log_weights(d).clamp_min(-1e3) - scale.log()
    pi, pj = 0.5 / scale[..., i] ** 2, 0.5 / scale[..., j] ** 2
    mi, mj = loc[..., i], loc[..., j]
    a = (pj - pi).to(torch.complex128)
    b = 2 * (mi * pi - mj * pj).to(torch.complex128)
    c = (weight[..., i] - weight[..., j] + mj * mj * pj - mi * mi * pi) - 1j * math.pi
    root = (b * b - 4 * a * c).sqrt()
    root = torch.where((b.conj() * root).real < 0, -root, root)
    big = -(b + root) / 2
    roots = torch.cat([big / a, c / big], -1)
    real, imaginary = roots.real, roots.imag.abs()
    good = real.isfinite() & imaginary.isfinite()
    return torch.where(good, real, torch.nan), torch.where(good, imaginary, torch.nan)


# Distances from a branch point's real part, in units of its imaginary part.
_GRADE = (-13.0, -4.5, -1.5, 0.0, 1.5, 4.5, 13.0)
_BRANCHED = 6  # components, two of which make a branch point; of more, halving the panels finds the bends sooner


def branch_cuts(d: MixtureSameFamily) -> Tensor:
    """Panel edges round the branch points of the log-density; those that are not there fall on the mean of the locs."""
    components: Any = d.component_distribution  # Normals
    loc = components.loc
    real, imaginary = branch_points(d)
    real, imaginary = torch.where(real.isnan(), loc.mean(-1, keepdim=True), real), imaginary.nan_to_num(0.0)
    grade = torch.tensor(_GRADE, dtype=loc.dtype, device=loc.device)
    return (real.unsqueeze(-1) + imaginary.unsqueeze(-1) * grade).flatten(-2)


def _cuts(d: MixtureSameFamily) -> Tensor:
    components = d.component_distribution
    edges = density_of(components).cuts(components).flatten(-2)
    few = components.batch_shape[-1] <= _BRANCHED
    return torch.cat([edges, branch_cuts(d)], -1) if few and isinstance(components, Normal) else edges


def _ends(d: MixtureSameFamily) -> tuple[End, End]:
    """Those of the component that dies out slowest: the widest of those with weight."""
    lower, upper = density_of(d.component_distribution).ends(d.component_distribution)
    dead = log_weights(d) == -torch.inf

    def slowest(end: End) -> End:
        orders = torch.where(dead, torch.inf, end.orders)
        least = orders.amin(-1, keepdim=True)
        return End(least.squeeze(-1), torch.where(orders == least, end.coefficient, torch.inf).amin(-1))

    return slowest(lower), slowest(upper)


def _support(d: MixtureSameFamily) -> tuple[Tensor, Tensor]:
    lower, upper = density_of(d.component_distribution).support(d.component_distribution)
    return lower.amin(-1), upper.amax(-1)


def _quantile(d: MixtureSameFamily, u: float) -> float:
    """Between the least and the greatest of the components' own quantiles, by bisection."""
    components: Any = d.component_distribution  # Normals
    each = components.icdf(torch.full_like(components.loc, u))[d.mixture_distribution.probs > 0]
    lo, hi = each.min().item(), each.max().item()
    if not lo < hi:
        return lo
    bells = [
        (w / 2, m, s * math.sqrt(2))
        for w, m, s in zip(d.mixture_distribution.probs.tolist(), components.loc.tolist(), components.scale.tolist())
    ]
    excess = lambda x: sum(half * math.erfc((loc - x) / spread) for half, loc, spread in bells) - u  # asked some twenty times
    if excess(lo) * excess(hi) >= 0:  # equal components, but for rounding
        return lo
    return brentq(excess, lo, hi, xtol=1e-12 * max(1.0, hi - lo))


DENSITY = register_density(
    MixtureSameFamily,
    DensitySpec(
        arguments=("mixture_distribution", "component_distribution"),
        support=_support,
        log_density=_log_density,
        quantile=_quantile,
        cuts=_cuts,
        ends=_ends,
        log_ratio=_log_ratio,
    ),
)
