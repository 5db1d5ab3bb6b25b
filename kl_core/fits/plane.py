"""One Gaussian in the plane fitted to a mixture of Gaussians: forward by moments, reverse with every minimum.

A Gaussian q = N(m, L·Lᵀ) has the state (m₁, m₂, log L₁₁, L₂₁, log L₂₂). A step in its own units, (δ₁, δ₂, e₁₁, e₂₁, e₂₂),
moves m by L·δ and turns L into L·T, T lower triangular with e^e₁₁, e₂₁ and e^e₂₂.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, MultivariateNormal

from .mixture_panels import Slopes
from .plane_nodes import SPACINGS, PlaneMixture, log_moments, rows_of_plane_mixture
from .search import distinct, newton_search

__all__ = [
    "COVARIANCES",
    "PlaneFit",
    "check_covariance",
    "factor_of",
    "fit_plane_forward",
    "fit_plane_reverse",
    "moved",
    "plane_kl",
    "plane_slopes",
    "state_of",
]

_LOG_2PI = math.log(2 * math.pi)
_SETTLED = 5e-9  # of a KL: what its error may be

# What a step of q may be: from its own coordinates to (δ₁, δ₂, e₁₁, e₂₁, e₂₂).
COVARIANCES: dict[str, tuple[tuple[float, ...], ...]] = {
    "full": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)),
    "diagonal": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 1)),
    "spherical": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 1)),
}


@dataclass(frozen=True)
class PlaneFit:
    """loc: (2,). covariance: (2, 2). kl: in nats, error: a bound on its quadrature error. hessian: in q's own units, (k, k)."""

    loc: Tensor
    covariance: Tensor
    kl: float
    error: float
    hessian: Tensor

    @property
    def q(self) -> MultivariateNormal:
        """The torch distribution."""
        return MultivariateNormal(self.loc, self.covariance)


def factor_of(states: Tensor) -> Tensor:
    """L, (rows, 2, 2), of states (rows, 5)."""
    zero = torch.zeros_like(states[:, 0])
    return torch.stack([states[:, 2].exp(), zero, states[:, 3], states[:, 4].exp()], -1).unflatten(-1, (2, 2))


def state_of(loc: Tensor, covariance: Tensor) -> Tensor:
    """(rows, 5), of loc (rows, 2) and covariance (rows, 2, 2); ValueError for one that is not positive definite."""
    factor, info = torch.linalg.cholesky_ex(covariance)
    if int(info.max()):
        raise ValueError("A covariance must be symmetric and positive definite: its ellipse needs two radii above 0.")
    return torch.stack([loc[:, 0], loc[:, 1], factor[:, 0, 0].log(), factor[:, 1, 0], factor[:, 1, 1].log()], -1)


def moved(states: Tensor, step: Tensor) -> Tensor:
    """The Gaussians a step away; step: (rows, 5), in own units."""
    loc = states[:, :2] + (factor_of(states) @ step[:, :2].unsqueeze(-1)).squeeze(-1)
    low = states[:, 3] * step[:, 2].exp() + states[:, 4].exp() * step[:, 3]
    return torch.cat([loc, torch.stack([states[:, 2] + step[:, 2], low, states[:, 4] + step[:, 4]], -1)], -1)


def check_covariance(kind: str) -> Tensor:
    """Its map of steps, (k, 5); ValueError for another name."""
    if kind not in COVARIANCES:
        raise ValueError(f"covariance = {kind!r} is outside its domain: {', '.join(COVARIANCES)}")
    return torch.tensor(COVARIANCES[kind], dtype=torch.float64, device="cpu")


def plane_slopes(rows: PlaneMixture, direction: str, states: Tensor, spacing: float = SPACINGS[1]) -> Slopes:
    """KL with its gradient and Hessian in (δ₁, δ₂, e₁₁, e₂₁, e₂₂), (rows,), (rows, 5) and (rows, 5, 5).

    direction: "reverse", KL(q‖target), or "forward", KL(target‖q) less the constant E_target[log target].
    """
    if direction == "forward":
        return _forward_slopes(rows, states)
    moments = -log_moments(rows, states[:, :2], factor_of(states), spacing)
    value = moments[:, 0] - states[:, 2] - states[:, 4] - 1 - _LOG_2PI
    gradient = moments[:, 1:6] - moments.new_tensor([0, 0, 1, 0, 1])
    hessian = moments.new_empty((len(states), 5, 5))
    i, j = torch.triu_indices(5, 5, device="cpu")
    hessian[:, i, j] = hessian[:, j, i] = moments[:, 6:]
    return Slopes(value, gradient, hessian)


def _whitened_moments(rows: PlaneMixture, states: Tensor) -> tuple[Tensor, Tensor]:
    """E[y], (rows, 2), and E[yyᵀ], (rows, 2, 2), of y = L⁻¹(x − m), x from the target."""
    inverse = torch.linalg.inv(factor_of(states))
    mean = (inverse @ (rows.mean - states[:, :2]).unsqueeze(-1)).squeeze(-1)
    return mean, inverse @ rows.covariance @ inverse.mT + mean.unsqueeze(-1) * mean.unsqueeze(-2)


def _forward_slopes(rows: PlaneMixture, states: Tensor) -> Slopes:
    """The cross-entropy log 2π + log|L| + ½·E|y|², and its slopes, from the target's first two moments."""
    (a, c) = _whitened_moments(rows, states)
    (a1, a2), ones, zero = a.unbind(-1), torch.ones_like(a[:, 0]), torch.zeros_like(a[:, 0])
    c11, c12, c22 = c[:, 0, 0], c[:, 0, 1], c[:, 1, 1]
    value = _LOG_2PI + states[:, 2] + states[:, 4] + 0.5 * (c11 + c22)
    gradient = torch.stack([-a1, -a2, 1 - c11, -c12, 1 - c22], -1)
    table = [
        [ones, zero, 2 * a1, a2, zero],
        [zero, ones, zero, a1, 2 * a2],
        [2 * a1, zero, 2 * c11, c12, zero],
        [a2, a1, c12, c11, 2 * c12],
        [zero, 2 * a2, zero, 2 * c12, 2 * c22],
    ]
    return Slopes(value, gradient, torch.stack([torch.stack(row, -1) for row in table], -2))


def _error_of_finer(finer: Tensor, coarser: Tensor) -> Tensor:
    """A bound on the error of the finer of two grids, (rows,): halving h squares e^(−2πa/h), of which the power 1.5 is claimed."""
    gap = (finer - coarser).abs()
    return torch.minimum(gap, gap**1.5) + 1e-14


def _settled(value: Tensor, error: Tensor) -> bool:
    return bool((error <= _SETTLED * value.abs().clamp_min(1e-3)).all())


def _refined(function: Callable[[float], Tensor], spacings: tuple[float, ...] = SPACINGS) -> tuple[Tensor, Tensor]:
    """function(spacing) on ever finer grids until its error is small enough: the last, (rows,), and a bound on its error."""
    value, error = function(spacings[0]), torch.tensor(torch.inf, device="cpu")
    for spacing in spacings[1:]:
        finer = function(spacing)
        error, value = _error_of_finer(finer, value), finer
        if _settled(value, error):
            break
    return value, error


def _negative_entropy(rows: PlaneMixture) -> tuple[Tensor, Tensor]:
    """E_p[log p] in nats, component by component, and a bound on its error; each without axes."""
    weights, factors = rows.log_weights.exp(), torch.linalg.inv(rows.whiteners)
    by_component, error = _refined(lambda spacing: log_moments(rows, rows.locs, factors, spacing, slopes=False)[:, 0])
    return weights @ by_component, weights @ error


def plane_kl(
    target: Distribution, direction: str, loc: Tensor, covariance: Tensor, spacings: tuple[float, ...] = SPACINGS
) -> tuple[Tensor, Tensor]:
    """KL in nats at given Gaussians and a bound on its error, each (rows,); loc (rows, 2), covariance (rows, 2, 2).

    direction: "forward", KL(target‖q), or "reverse", KL(q‖target). Right to 5e-9 of itself, on grids of half the spacing until it is.
    spacings: the grids to go through; two of them do for a path.
    """
    rows, states = rows_of_plane_mixture(target), state_of(loc.double(), covariance.double())
    if direction == "forward":
        entropy, error = _negative_entropy(rows)
        return (entropy + _forward_slopes(rows, states).value).clamp_min(0), error.expand(len(states))
    if direction != "reverse":
        raise ValueError(f"direction = {direction!r} is outside its domain: forward or reverse")
    constant = states[:, 2] + states[:, 4] + 1 + _LOG_2PI
    at = lambda spacing: -log_moments(rows, states[:, :2], factor_of(states), spacing, slopes=False)[:, 0] - constant
    value, error = _refined(at, spacings)
    return value.clamp_min(0), error


def fit_plane_forward(target: Distribution, covariance: str = "full") -> PlaneFit:
    """The Gaussian of least KL(target‖q): the target's mean, and its covariance, its diagonal, or their mean for a sphere.

    target: a `plane_mixture`. covariance: "full", "diagonal" or "spherical". Source: Bishop (2006), 10.7.
    """
    steps, rows = check_covariance(covariance), rows_of_plane_mixture(target)
    matrix = rows.covariance
    if covariance == "diagonal":
        matrix = torch.diag(matrix.diagonal())
    elif covariance == "spherical":
        matrix = torch.eye(2, dtype=matrix.dtype, device="cpu") * matrix.diagonal().mean()
    slopes = _forward_slopes(rows, state_of(rows.mean.unsqueeze(0), matrix.unsqueeze(0)))
    entropy, error = _negative_entropy(rows)
    value = (entropy + slopes.value[0]).clamp_min(0)
    return PlaneFit(rows.mean, matrix, float(value), float(error), steps @ slopes.hessian[0] @ steps.T)


def fit_plane_reverse(target: Distribution, covariance: str = "full") -> tuple[PlaneFit, ...]:
    """Every local minimum of KL(q‖target) over Gaussians q, the lowest first.

    Batched Newton in q's own units from the moments of the target's components and of subsets of them; each end is polished
    on ever finer grids until the KL is right to 5e-9 of itself, and kept if its gradient is 0 and its Hessian positive definite.
    target: a `plane_mixture`. covariance: "full", "diagonal" or "spherical".
    """
    steps, rows = check_covariance(covariance), rows_of_plane_mixture(target)
    move = lambda states, step: moved(states, step @ steps)

    def at(spacing: float) -> Callable[[Tensor], Slopes]:
        def reduced(states: Tensor) -> Slopes:
            slopes = plane_slopes(rows, "reverse", states, spacing)
            return Slopes(slopes.value, slopes.gradient @ steps.T, steps @ slopes.hessian @ steps.T)

        return reduced

    states, slopes = newton_search(at(SPACINGS[0]), move, _starts(rows, covariance), iterations=40, settled=1e-3)
    ends = distinct(slopes, _places(states), flat=0.05, near=1e-2)
    states, value, error = states[ends], slopes.value[ends], slopes.value.new_full((len(ends),), torch.inf)
    for spacing in SPACINGS[1:]:
        states, slopes = newton_search(at(spacing), move, states, iterations=12, settled=1e-7)
        # The two values are of places that differ by the gradient's error, which a minimum does not feel.
        error, value = _error_of_finer(slopes.value, value), slopes.value
        if _settled(value, error):
            break
    chosen = distinct(slopes, _places(states), flat=1e-8, near=1e-5)
    chosen.sort(key=lambda row: (round(float(slopes.value[row]), 9), states[row, :2].tolist()))
    factors = factor_of(states)
    return tuple(
        PlaneFit(states[k, :2], factors[k] @ factors[k].T, max(float(slopes.value[k]), 0.0), float(error[k]), slopes.hessian[k])
        for k in chosen
    )


def _places(states: Tensor) -> Tensor:
    """States in units of the narrowest of these Gaussians."""
    size = states[:, [2, 4]].amin().exp()
    return states / torch.stack([size, size, torch.ones_like(size), size, torch.ones_like(size)])


def _starts(rows: PlaneMixture, covariance: str) -> Tensor:
    """States of Gaussians with the moments of subsets: each component, each pair, all, and every subset of up to four."""
    n = len(rows.locs)
    sizes = range(1, n + 1) if n <= 4 else (1, 2, n)
    chosen = [torch.tensor(subset, device="cpu") for size in sizes for subset in itertools.combinations(range(n), size)]
    locs, matrices = [], []
    for subset in chosen:
        for weights in (rows.log_weights[subset].exp(), torch.ones(len(subset), dtype=torch.float64, device="cpu")):
            share = weights / weights.sum()
            mean = share @ rows.locs[subset]
            gap = rows.locs[subset] - mean
            matrix = (share[:, None, None] * (rows.covariances[subset] + gap.unsqueeze(-1) * gap.unsqueeze(-2))).sum(0)
            for stretch in (1.0, 0.4):
                locs.append(mean)
                matrices.append(stretch * matrix)
    loc, matrix = torch.stack(locs), torch.stack(matrices)
    if covariance != "full":
        diagonal = matrix.diagonal(dim1=-2, dim2=-1)
        diagonal = diagonal if covariance == "diagonal" else diagonal.mean(-1, keepdim=True).expand_as(diagonal)
        matrix = torch.diag_embed(diagonal)
    return state_of(loc, matrix).unique(dim=0)
