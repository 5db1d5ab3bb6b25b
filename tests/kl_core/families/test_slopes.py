"""Gradients and curvatures of the closed forms against mpmath's."""

from __future__ import annotations

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import Dirichlet

from kl_core import kl
from tests.kl_core.formulas import BETWEEN_TYPES, FIXED, FORMULAS, ORDINARY, case_name, cases, dirichlet, distribution

SMOOTH = [case for apart in ((0.1, 0.2), (1e-6, 2e-6)) for case in cases(apart)] + BETWEEN_TYPES


@pytest.mark.parametrize("case", SMOOTH, ids=case_name)
def test_gradient_of_closed_form_matches_mpmath_near_equality_and_far_from_it(case):
    kind_p, first, kind_q, second = case
    whole = {"Binomial": (0, 2), "NegativeBinomial": (0, 2), "Kumaraswamy": (0, 2)}.get(kind_p.__name__, ())
    values = [*first, *second]
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=i not in whole) for i, v in enumerate(values)]
    build = lambda kind, half: kind(torch.stack(half)) if kind is Dirichlet else kind(*half)
    kl(build(kind_p, leaves[: len(first)]), build(kind_q, leaves[len(first) :])).backward()
    formula = FORMULAS.get((kind_p, kind_q), lambda *all: dirichlet(all[: len(first)], all[len(first) :]))
    with mp.workdps(60):
        point = [mpf(v) for v in values]
        slopes = {
            i: mp.diff(lambda x, i=i: formula(*point[:i], x, *point[i + 1 :]), point[i]) for i in range(len(values)) if i not in whole
        }
        largest = max(map(abs, slopes.values()))
        assert all(abs(leaves[i].grad.item() - slope) <= 1e-13 * largest for i, slope in slopes.items())


@pytest.mark.parametrize("apart", [0.0, 1e-9, 0.3])
@pytest.mark.parametrize("kind", [kind for kind in ORDINARY if kind is not Dirichlet], ids=lambda kind: kind.__name__)
def test_curvature_of_closed_form_matches_mpmath_even_at_equality_where_it_is_fishers_information(kind, apart):
    first, fixed = ORDINARY[kind], FIXED.get(kind)
    second = [value if i == fixed else value * (1 + apart) for i, value in enumerate(first)]
    free = [i for i in range(len(second)) if i != fixed]

    def moved(x):
        return [x[free.index(i)] if i in free else torch.tensor(value, dtype=torch.float64) for i, value in enumerate(second)]

    at = torch.tensor([second[i] for i in free], dtype=torch.float64)
    found = torch.autograd.functional.hessian(lambda x: kl(distribution(kind, first), kind(*moved(x))), at)
    with mp.workdps(60):
        step, formula = mpf(10) ** -15, FORMULAS[kind, kind]

        def shifted(*steps):
            point = [mpf(value) for value in second]
            for i, by in steps:
                point[i] += by
            return formula(*map(mpf, first), *point)

        second_difference = lambda i, j: sum(s * t * shifted((i, s * step), (j, t * step)) for s in (1, -1) for t in (1, -1))
        truth = [[second_difference(i, j) / (4 * step**2) for j in free] for i in free]
        largest = max(abs(value) for row in truth for value in row)
        assert all(abs(f - t) <= 1e-13 * largest for a, b in zip(found.tolist(), truth) for f, t in zip(a, b))
