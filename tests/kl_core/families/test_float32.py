"""Distributions whose parameters are float32 or shorter."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import (
    Normal,
)

from kl_core import kl, kl_report
from tests.kl_core.formulas import ORDINARY, distribution, exact, neighbours


@pytest.mark.parametrize("kind", ORDINARY)
def test_closed_form_in_float32_keeps_six_digits_for_neighbours(kind):
    first = torch.tensor(ORDINARY[kind], dtype=torch.float32).tolist()
    second = torch.tensor(neighbours(kind, first, (1e-4, -2e-4)), dtype=torch.float32).tolist()
    truth = exact(kind, first, kind, second)
    value = kl(distribution(kind, first, torch.float32), distribution(kind, second, torch.float32))
    assert value.dtype == torch.float32
    assert abs(value.item() - truth) <= 1e-6 * truth


def test_normals_of_any_width_in_float32_are_finite():
    # torch.distributions answers inf.
    value = kl(distribution(Normal, (0.0, 1e-12), torch.float32), distribution(Normal, (0.0, 1e12), torch.float32))
    assert value.item() == pytest.approx(54.762042, rel=1e-6)


def test_half_floats_are_answered_in_float32():
    p, q = (Normal(torch.tensor(loc).half(), torch.tensor(1.0).half()) for loc in (0.0, 1e-4))
    gap = q.loc.item()
    assert kl(p, q).dtype == torch.float32 and kl(p, q).item() == pytest.approx(gap**2 / 2, rel=1e-6)


def test_the_bound_on_a_float32_answer_counts_that_it_was_rounded():
    p, q = Normal(0.1, 1.3), Normal(0.7, 2.1)
    report, exact = kl_report(p, q), kl(*(Normal(d.loc.double(), d.scale.double()) for d in (p, q)))
    assert 0 < (report.value.double() - exact).abs() <= report.error < 1e-7
