"""Betas and Dirichlets of any sizes, where lgammas all but cancel, against 60 and 80 digits."""

from __future__ import annotations

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    Beta,
    Dirichlet,
)

from kl_core import kl
from tests.kl_core.formulas import dirichlet, distribution, exact


@pytest.mark.parametrize("seed", range(6))
def test_betas_of_any_two_sizes_keep_their_digits(seed):
    # From 1e-6 to 1e6 in each parameter: one is often tiny beside the other, where lgammas all but cancel.
    generator = torch.Generator().manual_seed(seed)
    values = torch.exp(13.8 * (2 * torch.rand(20, 4, generator=generator, dtype=torch.float64) - 1))
    close = values * (1 + 1e-7 * torch.randn(20, 4, generator=generator, dtype=torch.float64))
    for a_p, b_p, a_q, b_q in values.tolist() + torch.cat([values[:, :2], close[:, :2]], -1).tolist():
        truth = exact(Beta, (a_p, b_p), Beta, (a_q, b_q))
        assert abs(kl(distribution(Beta, (a_p, b_p)), distribution(Beta, (a_q, b_q))).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0.0015031038657219021, 0.44524531233607717), (5.935237183847763, 67336.72986041394)),
        ((1.024185544453079, 0.0004389365658217366), (667712.513117513, 0.02175056488774195)),
        ((555376.508974552, 3.6513746343993128), (0.42246086619416445, 0.09866477327104284)),
        ((0.0011190434586588725, 230064.41641251932), (0.002502752471335052, 1.3007838385897595e-06)),
    ],
)
def test_betas_whose_divergence_moves_from_one_parameter_to_the_other_keep_their_digits(first, second):
    truth = exact(Beta, first, Beta, second)
    assert abs(kl(distribution(Beta, first), distribution(Beta, second)).item() - truth) <= 2e-15 * truth


def test_dirichlets_of_two_nearly_proportional_giants_beside_a_dwarf_keep_their_digits():
    first = (163304.26621747317, 154144.7534161895, 0.47600864552428024)
    second = (163328.38746024316, 154169.12054995078, 0.4759696788804227)
    with mp.workdps(60):
        truth = dirichlet([mpf(a) for a in first], [mpf(a) for a in second])
    assert abs(kl(distribution(Dirichlet, first), distribution(Dirichlet, second)).item() - truth) <= 2e-15 * truth


def test_a_batch_of_betas_and_dirichlets_is_its_rows():
    generator = torch.Generator().manual_seed(0)
    p, q = (torch.exp(5 * torch.randn(40, 3, generator=generator, dtype=torch.float64)) for _ in range(2))
    together = kl(Dirichlet(p), Dirichlet(q))
    alone = torch.stack([kl(Dirichlet(a), Dirichlet(b)) for a, b in zip(p, q)])
    torch.testing.assert_close(together, alone, rtol=1e-15, atol=0)
    betas = kl(Beta(p[:, 0], p[:, 1]), Beta(q[:, 0], q[:, 1]))
    torch.testing.assert_close(betas, kl(Dirichlet(p[:, :2]), Dirichlet(q[:, :2])), rtol=2e-15, atol=0)
