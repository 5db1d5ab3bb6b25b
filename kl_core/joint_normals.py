"""Multivariate Normals against what is stored otherwise: a low rank and a diagonal, or independent parts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.distributions import Independent, LowRankMultivariateNormal, MultivariateNormal, Normal

from .densities.multivariate_normal import kl_multivariate_normal_multivariate_normal, spread_of_ratio
from .density import has_density, in_double
from .divergences import entropy_of
from .pair import Pair
from .registry import register_closed_form

__all__ = ["kl_low_rank_low_rank", "kl_independent_normal", "kl_normal_independent"]


def _low_rank_parts(d: LowRankMultivariateNormal) -> tuple[Tensor, Tensor, Tensor]:
    """The mean, the factor F and the diagonal D of S = FFᵀ + D."""
    return d.loc.double(), d._unbroadcasted_cov_factor.double(), d._unbroadcasted_cov_diag.double()


@register_closed_form(LowRankMultivariateNormal, LowRankMultivariateNormal)
def kl_low_rank_low_rank(p: LowRankMultivariateNormal, q: LowRankMultivariateNormal) -> Tensor:
    """As of two Normals, from the differences of what was given: S_p − S_q = (F_p − F_q)F_pᵀ + F_q(F_p − F_q)ᵀ + D_p − D_q.

    In nats, batch-shaped, float64. Of two ranks, from the covariances.
    """
    (loc_p, factor_p, diagonal_p), (loc_q, factor_q, diagonal_q) = _low_rank_parts(p), _low_rank_parts(q)
    if factor_p.shape[-1] != factor_q.shape[-1]:
        return kl_multivariate_normal_multivariate_normal(_as_normal(p), _as_normal(q))
    change = factor_p - factor_q
    gap = change @ factor_p.mT + factor_q @ change.mT + torch.diag_embed(diagonal_p - diagonal_q)
    gap = (gap + gap.mT) / 2
    roots = [torch.linalg.cholesky(f @ f.mT + torch.diag_embed(d)) for f, d in ((factor_p, diagonal_p), (factor_q, diagonal_q))]
    moved = torch.linalg.solve_triangular(roots[1], (loc_p - loc_q).unsqueeze(-1), upper=False)
    return spread_of_ratio(roots[0], roots[1], gap) + 0.5 * moved.square().sum((-2, -1))


@register_closed_form(LowRankMultivariateNormal, MultivariateNormal)
def kl_low_rank_normal(p: LowRankMultivariateNormal, q: MultivariateNormal) -> Tensor:
    """That of the two Normals."""
    return kl_multivariate_normal_multivariate_normal(_as_normal(p), q)


@register_closed_form(MultivariateNormal, LowRankMultivariateNormal)
def kl_normal_low_rank(p: MultivariateNormal, q: LowRankMultivariateNormal) -> Tensor:
    """That of the two Normals."""
    return kl_multivariate_normal_multivariate_normal(p, _as_normal(q))


@register_closed_form(Independent, MultivariateNormal)
def kl_independent_normal(p: Independent[Any], q: MultivariateNormal) -> Tensor | None:
    """½·log det 2πS + ½·tr S⁻¹(C + δδᵀ) − H(P), C the variances of P's parts and δ = mean_p − mean_q; of Normals, as of two Normals.

    In nats, batch-shaped; inf where a part of P has no variance. None for a batch of another shape than one vector of parts.
    """
    if p.reinterpreted_batch_ndims != 1 or not has_density(p.base_dist):
        return None
    if type(p.base_dist) is Normal:
        return kl_multivariate_normal_multivariate_normal(_as_normal(p), _as_normal(q))
    parts = in_double(p.base_dist)
    variance, mean = parts.variance, parts.mean
    finite = (variance.isfinite() & mean.isfinite()).all(-1)
    root = torch.linalg.cholesky(q.covariance_matrix.double())
    gap = torch.where(finite.unsqueeze(-1), mean, 0.0) - q.loc.double()
    inverse = torch.linalg.solve_triangular(root, torch.eye(root.shape[-1], dtype=root.dtype, device=root.device), upper=False)
    precisions = inverse.square().sum(-2)  # the diagonal of S⁻¹
    spread = (precisions * torch.where(finite.unsqueeze(-1), variance, 0.0)).sum(-1) + (inverse @ gap.unsqueeze(-1)).square().sum((-2, -1))
    log_det = (2 * torch.pi * root.diagonal(dim1=-2, dim2=-1).square()).log().sum(-1)
    return torch.where(finite, 0.5 * (log_det + spread) - entropy_of(parts).sum(-1), torch.inf)


@register_closed_form(MultivariateNormal, Independent)
def kl_normal_independent(p: MultivariateNormal, q: Independent[Any]) -> Tensor | None:
    """Σ KL(P's marginal‖Q's part) + P's total correlation, ½·(Σ log Sᵢᵢ − log det S); of Normals, as of two Normals.

    In nats, batch-shaped; inf where a marginal's is. None for a batch of another shape than one vector of parts.
    """
    if q.reinterpreted_batch_ndims != 1 or not has_density(q.base_dist):
        return None
    if type(q.base_dist) is Normal:
        return kl_multivariate_normal_multivariate_normal(_as_normal(p), _as_normal(q))
    covariance = p.covariance_matrix.double()
    variances = covariance.diagonal(dim1=-2, dim2=-1)
    shared = 0.5 * variances.log().sum(-1) - torch.linalg.cholesky(covariance).diagonal(dim1=-2, dim2=-1).log().sum(-1)
    marginals = Normal(p.loc.double(), variances.sqrt(), validate_args=False)
    return Pair(marginals, in_double(q.base_dist), alone=True).kl().sum(-1) + shared.clamp_min(0.0)


def _as_normal(d: MultivariateNormal | LowRankMultivariateNormal | Independent[Any]) -> MultivariateNormal:
    """The same as a MultivariateNormal in float64, by what it was given as."""
    if isinstance(d, MultivariateNormal):
        return d
    if isinstance(d, LowRankMultivariateNormal):
        return MultivariateNormal(d.loc.double(), d.covariance_matrix.double(), validate_args=False)
    parts = d.base_dist
    return MultivariateNormal(parts.loc.double(), scale_tril=torch.diag_embed(parts.scale.double()), validate_args=False)


@register_closed_form(Independent, LowRankMultivariateNormal)
def kl_independent_low_rank(p: Independent[Any], q: LowRankMultivariateNormal) -> Tensor | None:
    """As of a MultivariateNormal."""
    return kl_independent_normal(p, _as_normal(q))


@register_closed_form(LowRankMultivariateNormal, Independent)
def kl_low_rank_independent(p: LowRankMultivariateNormal, q: Independent[Any]) -> Tensor | None:
    """As of a MultivariateNormal."""
    return kl_normal_independent(_as_normal(p), q)
