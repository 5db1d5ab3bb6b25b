"""Gradients of KL by quadrature, against derivatives of the integral taken by mpmath."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Beta, Cauchy, Gamma, Kumaraswamy, LogNormal, Normal, StudentT, Weibull

from kl_core import kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from tests.kl_core.nodes.gradient_references import CASES, derivative


def torch_weighted(w, a, b, s):
    return gaussian_mixture(torch.stack([w, 1 - w]), torch.stack([a, b]), torch.stack([s, torch.tensor(0.7, dtype=torch.float64)]))


def torch_mixture(a, b, s):
    weights, second = torch.tensor([0.4, 0.6], dtype=torch.float64), torch.tensor(0.7, dtype=torch.float64)
    return gaussian_mixture(weights, torch.stack([a, b]), torch.stack([s, second]))


# of CASES
MADE = {
    "mixture‖Normal": (torch_mixture, Normal),
    "Normal‖mixture": (Normal, torch_mixture),
    "Normal‖Student-t": (Normal, StudentT),
    "Student-t‖Normal": (StudentT, Normal),
    "Normal‖Cauchy": (Normal, Cauchy),
    "far mixture‖Normal": (torch_weighted, Normal),
    "near mixtures": (torch_weighted, torch_weighted),
    "Weibull‖LogNormal": (Weibull, LogNormal),
    "Beta‖Kumaraswamy": (Beta, Kumaraswamy),
    "Kumaraswamys": (Kumaraswamy, Kumaraswamy),
    "LogNormal‖Gamma": (LogNormal, Gamma),
}


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_is_that_of_the_integral(name):
    make_p, make_q = MADE[name]
    _, values, count, _ = CASES[name]
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    kl(make_p(*leaves[:count]), make_q(*leaves[count:])).backward()
    for i, leaf in enumerate(leaves):
        assert float(leaf.grad) == pytest.approx(float(derivative(name, i)), rel=1e-10, abs=1e-12), f"parameter {i}"
