"""Multivariate Normal, by whichever matrix it was given."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from ..numerics.log_excess import h
from ..registry import register_closed_form

_MATRICES = ("scale_tril", "covariance_matrix", "precision_matrix")


def given_matrix(d: MultivariateNormal) -> str:
    """The name of the matrix it was made from. torch keeps the others beside it once somebody has asked for them."""
    return next(name for name in d.__dict__ if name in _MATRICES)


@register_closed_form(MultivariateNormal, MultivariateNormal)
def kl_multivariate_normal_multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    """½·(tr R − k − log det R) + ½·|L_q⁻¹(μ_p − μ_q)|², R = S_q⁻¹S_p; inf is never the answer.

    R is L_q⁻¹S_pL_q⁻ᵀ turned, and of precisions L_p⁻¹Λ_qL_p⁻ᵀ. Taking differences of what was given, never of what was
    computed from it, leaves all digits near P = Q.
    """
    gap = (p.loc.double() - q.loc.double()).unsqueeze(-1)
    given = given_matrix(p) if given_matrix(p) == given_matrix(q) else "scale_tril"
    given_p, given_q = getattr(p, given).double(), getattr(q, given).double()
    if given == "precision_matrix":
        root_p, root_q = torch.linalg.cholesky(given_p), torch.linalg.cholesky(given_q)
        return spread_of_ratio(root_q, root_p, given_q - given_p) + 0.5 * (root_q.mT @ gap).square().sum((-2, -1))
    if given == "covariance_matrix":
        root_p, root_q = torch.linalg.cholesky(given_p), torch.linalg.cholesky(given_q)
        spread = spread_of_ratio(root_p, root_q, given_p - given_q)
    else:
        root_q = given_q
        spread = _spread_of_roots(given_p, given_q)
    return spread + 0.5 * torch.linalg.solve_triangular(root_q, gap, upper=False).square().sum((-2, -1))


def _spread_of_roots(top: Tensor, bottom: Tensor) -> Tensor:
    """½·(tr R − k − log det R), R = MMᵀ, M = bottom⁻¹·top = 1 + F lower triangular: ½·Σ h(Mᵢᵢ²) + ½·Σ Mᵢⱼ², i > j.

    F = bottom⁻¹(top − bottom); every part is positive.
    """
    f = torch.linalg.solve_triangular(bottom, top - bottom, upper=False)
    diagonal = f.diagonal(dim1=-2, dim2=-1)
    # Mᵢᵢ is a quotient of diagonals, which keeps its digits where F is next to −1.
    quotient = top.diagonal(dim1=-2, dim2=-1) / bottom.diagonal(dim1=-2, dim2=-1)
    return 0.5 * (h(quotient * quotient, diagonal * (2 + diagonal)).sum(-1) + f.tril(-1).square().sum((-2, -1)))


def spread_of_ratio(top: Tensor, bottom: Tensor, gap: Tensor) -> Tensor:
    """The same of two symmetric matrices, from their Cholesky factors and their difference.

    ½·Σ h(1 + λᵢ), λ the eigenvalues of bottom⁻¹·gap·bottom⁻ᵀ, exact near equality; where one is next to −1 it has lost
    its digits, and the factors are far enough apart to do.
    """
    solve = lambda matrix: torch.linalg.solve_triangular(bottom, matrix, upper=False)
    moved = solve(solve(gap).mT)
    moved = (moved + moved.mT) / 2
    with torch.no_grad():
        t = torch.linalg.eigvalsh(moved)
        near = (t > -0.5).all(-1, keepdim=True)
        t = torch.where(near, t, 0.0)
    value = _HalfSumOfH.apply(torch.where(near.unsqueeze(-1), moved, 0.0), t)
    return value if bool(near.all()) else torch.where(near.squeeze(-1), value, _spread_of_roots(top, bottom))


class _HalfSumOfH(torch.autograd.Function):
    """½·Σ h(1 + t) = ½·(tr E − log det(1 + E)), t the eigenvalues of E; its slope ½·E(1 + E)⁻¹ bears equal eigenvalues.

    That of torch's eigvalsh does too, but not its own slope, which Fisher's information needs.
    """

    @staticmethod
    def forward(ctx: Any, e: Tensor, t: Tensor) -> Tensor:
        ctx.save_for_backward(e)
        return 0.5 * h(1 + t, t).sum(-1)

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> tuple[Tensor, None]:
        (e,) = ctx.saved_tensors
        identity = torch.eye(e.shape[-1], dtype=e.dtype, device=e.device)
        return 0.5 * above[..., None, None] * torch.linalg.solve(identity + e, e), None
