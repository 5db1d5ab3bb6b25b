"""Gradients of KL and its relatives: gradcheck for every pair of families where the KL is finite."""

from __future__ import annotations

import itertools

import pytest
import torch

from kl_core import FAMILIES, entropy, hellinger, jensen_shannon, kl, renyi, total_variation

from .pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, finite

FINITE = [pair for pair in itertools.product(CONTINUOUS, repeat=2) if finite(*pair)]
FINITE_DISCRETE = [(a, b) for a, b in itertools.product(DISCRETE, repeat=2)
                   if not (a in ("poisson", "geometric") and b in ("bernoulli", "categorical", "binomial"))
                   and (a, b) not in (("binomial", "bernoulli"), ("binomial", "categorical"),
                                      ("categorical", "bernoulli"))]


def check(function, name_p, values_p, name_q, values_q):
    """gradcheck of function(P, Q) in all parameters that can move."""
    names = [(name_p, k) for k in values_p if k != "total_count"], [(name_q, k) for k in values_q if k != "total_count"]
    start = [torch.tensor(values[k], dtype=torch.float64).requires_grad_()
             for values, keys in ((values_p, names[0]), (values_q, names[1])) for _, k in keys]

    def of(*parameters):
        first = dict(zip([k for _, k in names[0]], parameters))
        second = dict(zip([k for _, k in names[1]], parameters[len(names[0]):]))
        p = FAMILIES[name_p].distribution(**{**values_p, **first})
        q = FAMILIES[name_q].distribution(**{**values_q, **second})
        return function(p, q)

    return torch.autograd.gradcheck(of, start, eps=1e-6, atol=2e-7, rtol=2e-6)


@pytest.mark.parametrize(("name_p", "name_q"), FINITE)
def test_gradient_of_kl_between_densities_passes_gradcheck(name_p, name_q):
    assert check(kl, name_p, CONTINUOUS[name_p], name_q, OTHER_CONTINUOUS[name_q])


@pytest.mark.parametrize(("name_p", "name_q"), FINITE_DISCRETE)
def test_gradient_of_kl_between_masses_passes_gradcheck(name_p, name_q):
    assert check(kl, name_p, DISCRETE[name_p], name_q, OTHER_DISCRETE[name_q])


@pytest.mark.parametrize("function", [jensen_shannon, total_variation, hellinger, lambda p, q: renyi(p, q, 0.7)])
@pytest.mark.parametrize(("name_p", "name_q"), [("normal", "student_t"), ("uniform", "normal"), ("gamma", "log_normal"),
                                                ("gaussian_mixture", "laplace"), ("beta", "uniform")])
def test_gradient_of_relatives_passes_gradcheck(function, name_p, name_q):
    assert check(function, name_p, CONTINUOUS[name_p], name_q, OTHER_CONTINUOUS[name_q])


@pytest.mark.parametrize("name", ["student_t", "gaussian_mixture", "gamma", "beta", "uniform"])
def test_gradient_of_entropy_passes_gradcheck(name):
    assert check(lambda p, q: entropy(p) + entropy(q), name, CONTINUOUS[name], name, OTHER_CONTINUOUS[name])


@pytest.mark.parametrize("name", list(CONTINUOUS))
def test_gradient_of_kl_vanishes_at_equality_and_is_finite(name):
    values = {k: torch.tensor(v, dtype=torch.float64).requires_grad_() for k, v in CONTINUOUS[name].items()}
    kl(FAMILIES[name].distribution(**CONTINUOUS[name]), FAMILIES[name].distribution(**values)).backward()
    if name == "uniform":  # a corner: Q may only grow
        assert values["high"].grad.isfinite()
        return
    for value in values.values():
        assert value.grad.abs().max().item() < 1e-12


def test_gradient_is_finite_in_the_rows_of_a_batch_that_are_finite():
    df = torch.tensor([1.0, 3.0], dtype=torch.float64, requires_grad=True)
    value = kl(FAMILIES["student_t"].distribution(df=df, loc=0.0, scale=1.0),
               FAMILIES["normal"].distribution(loc=0.0, scale=1.0))
    value[1].backward()
    assert df.grad.isfinite().all() and df.grad[1] != 0


def test_gradient_flows_through_float32():
    loc = torch.tensor(0.5, requires_grad=True)
    p = torch.distributions.Normal(loc, torch.tensor(1.0))
    q = torch.distributions.StudentT(torch.tensor(4.0), torch.tensor(0.0), torch.tensor(1.0))
    kl(p, q).backward()
    assert loc.grad.dtype == torch.float32 and loc.grad > 0
