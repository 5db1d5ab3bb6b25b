"""Multivariate Normal."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from ..exact import h
from ..registry import register_closed_form


def _root(d: MultivariateNormal) -> Tensor:
    """Cholesky's factor in float64, from what was given."""
    if "covariance_matrix" in d.__dict__:
        return torch.linalg.cholesky(d.covariance_matrix.double())
    return d.scale_tril.double()


@register_closed_form(MultivariateNormal, MultivariateNormal)
def kl_multivariate_normal_multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    """½·Σ h(1 + λᵢ) + ½·|L_q⁻¹(μ_p − μ_q)|², λ the eigenvalues of L_q⁻¹(S_p − S_q)L_q⁻ᵀ; inf is never the answer.

    The λ are differences from 1, so that near P = Q nothing cancels. From two factors the matrix is F + Fᵀ + FFᵀ,
    F = L_q⁻¹(L_p − L_q).
    """
    root = _root(q)
    solve = lambda matrix: torch.linalg.solve_triangular(root, matrix, upper=False)
    if "covariance_matrix" in p.__dict__ and "covariance_matrix" in q.__dict__:
        gap = p.covariance_matrix.double() - q.covariance_matrix.double()
        moved = solve(solve(gap).mT)
    else:
        f = solve(_root(p) - root)
        moved = f + f.mT + f @ f.mT
    t = torch.linalg.eigvalsh((moved + moved.mT) / 2)
    z = solve((p.loc.double() - q.loc.double()).unsqueeze(-1)).squeeze(-1)
    return 0.5 * h(1 + t, t).sum(-1) + 0.5 * z.square().sum(-1)
