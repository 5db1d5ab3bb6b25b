"""Multivariate Normals, by whichever matrix they are given, against 60 digits and torch."""

from __future__ import annotations

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    Independent,
    MultivariateNormal,
    Normal,
    kl_divergence,
)

from kl_core import kl


def _multivariate(a, b, gap) -> mpf:
    inverse = b**-1
    ratio = inverse * a
    trace = sum(ratio[i, i] for i in range(a.rows))
    return (trace - a.rows - mp.log(mp.det(a) / mp.det(b)) + (gap.T * inverse * gap)[0]) / 2


@pytest.mark.parametrize("given", ["scale_tril", "covariance_matrix", "precision_matrix"])
@pytest.mark.parametrize("apart", [1e3, 1.0, 1e-3, 1e-8, 1e-13])
@pytest.mark.parametrize("size", [2, 3, 6])
def test_multivariate_normals_of_good_condition_keep_every_digit_but_the_last(given, apart, size):
    generator = torch.Generator().manual_seed(size)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    first = torch.eye(size, dtype=torch.float64) * 2 + 0.3 * draw(size, size).tril()
    second = first + apart * 0.3 * draw(size, size).tril() if apart <= 1 else first * apart
    loc = draw(size)
    shifted = loc + min(apart, 1.0) * draw(size)
    if given != "scale_tril":
        first, second = first @ first.T, second @ second.T
        first, second = ((m + m.T) / 2 for m in (first, second))
    p, q = (MultivariateNormal(m, **{given: s}) for m, s in ((loc, first), (shifted, second)))
    with mp.workdps(60):
        a, b = (mp.matrix(m.tolist()) for m in (first, second))
        a, b = {"scale_tril": (a * a.T, b * b.T), "covariance_matrix": (a, b), "precision_matrix": (a**-1, b**-1)}[given]
        truth = _multivariate(a, b, mp.matrix([mpf(x) - mpf(y) for x, y in zip(shifted.tolist(), loc.tolist())]))
        assert abs(kl(p, q).item() - truth) <= 2e-15 * truth
    assert kl(p, p).item() == 0


def test_independent_normals_are_a_diagonal_multivariate_normal():
    loc, scale = torch.tensor([0.3, -1.0]).double(), torch.tensor([1.0, 0.5]).double()
    settings = (loc, scale), (loc + 0.1, scale * 1.1)
    parts, whole = (
        tuple(make(m, s) for m, s in settings)
        for make in (lambda m, s: Independent(Normal(m, s), 1), lambda m, s: MultivariateNormal(m, scale_tril=s.diag()))
    )
    assert kl(*parts).item() == pytest.approx(kl_divergence(*whole).item(), rel=1e-12)
    assert kl(*whole).item() == pytest.approx(kl(*parts).item(), rel=2e-15)


@pytest.mark.parametrize("given", ["scale_tril", "covariance_matrix", "precision_matrix"])
def test_curvature_of_equal_multivariate_normals_is_that_of_torchs_form(given):
    identity, zero = torch.eye(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    q = MultivariateNormal(zero, **{given: identity})

    def curvature(divergence):
        matrix = (lambda m: m.tril()) if given == "scale_tril" else (lambda m: (m + m.mT) / 2)
        return torch.autograd.functional.hessian(lambda m: divergence(MultivariateNormal(zero, **{given: matrix(m)}), q), identity)

    torch.testing.assert_close(curvature(kl), curvature(kl_divergence), rtol=1e-13, atol=1e-14)
