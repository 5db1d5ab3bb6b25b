"""Mixtures of Gaussians in the plane, integrated against Gaussians by trapezoids in the Gaussian's own units.

With x = m + L·z the weight is the same bell e^(−|z|²/2) for every Gaussian q. On an even grid the error of the trapezoid
rule falls off like e^(−2πa/h), a the distance of log p's complex branch points from the plane, and halving h shows it.
Slopes need no derivative of log p: by Stein's identity each is E_q[log p · polynomial in z], so one product with a fixed
matrix gives value, gradient and Hessian.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, reduce

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution, MixtureSameFamily, MultivariateNormal

__all__ = ["PlaneMixture", "SPACINGS", "log_moments", "plane_mixture", "rows_of_plane_mixture"]

SPACINGS = (0.5, 0.25, 0.125, 0.0625, 0.03125)  # of the grid, in sds of q
_REACH = 8.5  # sds: |z|⁴·e^(−|z|²/2) is 1e-12 there
_SEARCH_REACH = 6.5  # the same, of the coarsest grid, with which minima are looked for only
_CHUNK = 1_500_000  # nodes times components at a time
_MOST = 8  # components

Polynomial = dict[tuple[int, ...], float]  # by the powers of z₁ and z₂


@dataclass(frozen=True)
class PlaneMixture:
    """log_weights: (components,). locs: (components, 2). covariances: (components, 2, 2). whiteners: inverses of their factors.

    constants: log of each weighted component at its own mean.
    """

    log_weights: Tensor
    locs: Tensor
    covariances: Tensor
    whiteners: Tensor
    constants: Tensor

    @property
    def mean(self) -> Tensor:
        """(2,)."""
        return self.log_weights.exp() @ self.locs

    @property
    def covariance(self) -> Tensor:
        """(2, 2): within the components and between them."""
        gap = self.locs - self.mean
        weights = self.log_weights.exp()
        return (weights[:, None, None] * (self.covariances + gap.unsqueeze(-1) * gap.unsqueeze(-2))).sum(0)


def plane_mixture(weights: Tensor, locs: Tensor, covariances: Tensor) -> MixtureSameFamily:
    """Σ wᵢ·N(locs[i], covariances[i]); weights (n,), locs (n, 2), covariances (n, 2, 2), n from 1 to 8; float64.

    ValueError, in one sentence, for other shapes, a weight that is not above 0, or a covariance that is not positive definite.
    """
    weights, locs, covariances = (torch.as_tensor(value, dtype=torch.float64) for value in (weights, locs, covariances))
    n = weights.shape[0] if weights.dim() == 1 else 0
    if not 1 <= n <= _MOST or locs.shape != (n, 2) or covariances.shape != (n, 2, 2):
        raise ValueError(
            f"A mixture in the plane has 1 to {_MOST} components: for each a weight, two numbers for its mean and a 2 × 2 matrix."
        )
    if not all(bool(value.isfinite().all()) for value in (weights, locs, covariances)) or not bool((weights > 0).all()):
        raise ValueError("A mixture in the plane needs finite numbers, and weights above 0.")
    symmetric = (covariances - covariances.mT).abs().amax() <= 1e-9 * covariances.abs().amax()
    if not bool(symmetric) or int(torch.linalg.cholesky_ex(covariances).info.max()):
        raise ValueError("A covariance must be symmetric and positive definite: its ellipse needs two radii above 0.")
    return MixtureSameFamily(Categorical(probs=weights / weights.sum()), MultivariateNormal(locs, covariances))


def rows_of_plane_mixture(target: Distribution) -> PlaneMixture:
    """The numbers of a `plane_mixture`; ValueError for anything else."""
    bells = getattr(target, "component_distribution", None)
    if not isinstance(target, MixtureSameFamily) or not isinstance(bells, MultivariateNormal) or bells.loc.dim() != 2:
        raise ValueError("The target must be a mixture of Gaussians in the plane (plane_mixture).")
    factors = bells.scale_tril.detach().double()
    log_weights = target.mixture_distribution.probs.detach().double().log()
    whiteners = torch.linalg.inv(factors)
    constants = log_weights + torch.linalg.slogdet(whiteners).logabsdet - math.log(2 * math.pi)
    return PlaneMixture(log_weights, bells.loc.detach().double(), factors @ factors.mT, whiteners, constants)


def _adjoint(k: int, polynomial: Polynomial) -> Polynomial:
    """z_k·h − ∂h/∂z_k: E[∂_k g · h] = E[g · adjoint(h)] under a standard normal."""
    result: Polynomial = {}
    for powers, coefficient in polynomial.items():
        raised = tuple(power + (axis == k) for axis, power in enumerate(powers))
        result[raised] = result.get(raised, 0.0) + coefficient
        if powers[k]:
            lowered = tuple(power - (axis == k) for axis, power in enumerate(powers))
            result[lowered] = result.get(lowered, 0.0) - coefficient * powers[k]
    return result


_ENTRIES = ((0, 0), (1, 0), (1, 1))  # of the lower triangle, in the order of steps: z_j moves along axis i
_ONE: Polynomial = {(0, 0): 1.0}


def _times(axis: int, polynomial: Polynomial) -> Polynomial:
    return {tuple(power + (k == axis) for k, power in enumerate(powers)): value for powers, value in polynomial.items()}


def _polynomials() -> list[Polynomial]:
    """For the value, the gradient (5) and the upper triangle of the Hessian (15) of E[g(m + L·(δ + T·z))].

    T is lower triangular with e^e₁₁, e₂₁, e^e₂₂. A step is (δ₁, δ₂, e₁₁, e₂₁, e₂₂).
    """
    moves = [(i, _ONE) for i in range(2)] + [(i, _times(j, _ONE)) for i, j in _ENTRIES]
    result = [_ONE] + [_adjoint(i, factor) for i, factor in moves]
    for a, (i, left) in enumerate(moves):
        for b in range(a, 5):
            k, right = moves[b]
            product: Polynomial = {}
            for powers, value in left.items():
                for others, other in right.items():
                    product[tuple(map(sum, zip(powers, others)))] = value * other
            term = _adjoint(k, _adjoint(i, product))
            if a == b and a in (2, 4):  # e^e has a second derivative of its own
                for powers, value in _adjoint(i, left).items():
                    term[powers] = term.get(powers, 0.0) + value
            result.append(term)
    return result


@cache
def grid(spacing: float) -> tuple[Tensor, Tensor]:
    """z, (2, nodes), and the matrix (nodes, 21) whose columns are the bell's weights times the polynomials."""
    count = math.ceil(_REACH / spacing)
    axis = spacing * torch.arange(-count, count + 1, dtype=torch.float64, device="cpu")
    z = torch.cartesian_prod(axis, axis).T
    z = z[:, z.square().sum(0) <= (_REACH if spacing < SPACINGS[0] else _SEARCH_REACH) ** 2].contiguous()
    weights = (-0.5 * z.square().sum(0)).exp()
    weights = weights / weights.sum()
    columns = [sum(value * z[0] ** i * z[1] ** j for (i, j), value in one.items()) * weights for one in _polynomials()]
    return z, torch.stack(columns, -1)


def log_moments(rows: PlaneMixture, loc: Tensor, factor: Tensor, spacing: float, slopes: bool = True) -> Tensor:
    """E[log p(loc + factor·z) · polynomial(z)], (Gaussians, 21), or (Gaussians, 1) for the value alone, in nats.

    loc: (Gaussians, 2). factor: (Gaussians, 2, 2), lower triangular.
    """
    z, matrix = grid(spacing)
    matrix = matrix if slopes else matrix[:, :1]
    size = max(1, _CHUNK // (z.shape[1] * len(rows.locs)))
    parts = []
    for some in torch.arange(len(loc), device="cpu").split(size):
        offset = torch.einsum("kij,bkj->bki", rows.whiteners, loc[some].unsqueeze(1) - rows.locs)
        stretch = torch.einsum("kij,bjl->bkil", rows.whiteners, factor[some])
        logs = []
        for k in range(len(rows.locs)):
            u = torch.matmul(stretch[:, k], z).add_(offset[:, k].unsqueeze(-1))
            logs.append(u.square_().sum(1).mul_(-0.5).add_(rows.constants[k]))
        top = reduce(torch.maximum, logs)
        if len(logs) == 1:
            log_p = logs[0]
        elif len(logs) == 2:
            log_p = top + torch.log1p((-(logs[0] - logs[1]).abs()).exp_())
        else:
            total = (logs[0] - top).exp_()
            for other in logs[1:]:
                total.add_((other - top).exp_())
            log_p = top + total.log_()
        parts.append(log_p @ matrix)
    return torch.cat(parts) if parts else loc.new_zeros((0, matrix.shape[1]))
