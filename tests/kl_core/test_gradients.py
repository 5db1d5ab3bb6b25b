"""Gradients of KL and the other divergences: gradcheck for every pair of families where the KL is finite."""

from __future__ import annotations

import itertools

import pytest
import torch
from mpmath import mp
from torch.distributions import Categorical, Kumaraswamy, LogNormal, NegativeBinomial, Normal

from kl_core import FAMILIES, entropy, hellinger, jensen_shannon, kl, kl_from_logits, kl_from_probs, renyi, total_variation
from tests.kl_core.pairs import CONTINUOUS, DISCRETE, OTHER_CONTINUOUS, OTHER_DISCRETE, finite

FINITE = [pair for pair in itertools.product(CONTINUOUS, repeat=2) if finite(*pair)]
FINITE_DISCRETE = [
    (a, b)
    for a, b in itertools.product(DISCRETE, repeat=2)
    if not (a in ("poisson", "geometric") and b in ("bernoulli", "categorical", "binomial"))
    and (a, b) not in (("binomial", "bernoulli"), ("binomial", "categorical"), ("categorical", "bernoulli"))
]


def check(function, name_p, values_p, name_q, values_q):
    """gradcheck of function(P, Q) in all parameters that can move."""
    names = [(name_p, k) for k in values_p if k != "total_count"], [(name_q, k) for k in values_q if k != "total_count"]
    start = [
        torch.tensor(values[k], dtype=torch.float64).requires_grad_()
        for values, keys in ((values_p, names[0]), (values_q, names[1]))
        for _, k in keys
    ]

    def of(*parameters):
        first = dict(zip([k for _, k in names[0]], parameters))
        second = dict(zip([k for _, k in names[1]], parameters[len(names[0]) :]))
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
@pytest.mark.parametrize(
    ("name_p", "name_q"),
    [("normal", "student_t"), ("uniform", "normal"), ("gamma", "log_normal"), ("gaussian_mixture", "laplace"), ("beta", "uniform")],
)
def test_gradient_of_the_other_divergences_passes_gradcheck(function, name_p, name_q):
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
    value = kl(FAMILIES["student_t"].distribution(df=df, loc=0.0, scale=1.0), FAMILIES["normal"].distribution(loc=0.0, scale=1.0))
    value[1].backward()
    assert df.grad.isfinite().all() and df.grad[1] != 0


def test_gradient_flows_through_float32():
    loc = torch.tensor(0.5, requires_grad=True)
    p = torch.distributions.Normal(loc, torch.tensor(1.0))
    q = torch.distributions.StudentT(torch.tensor(4.0), torch.tensor(0.0), torch.tensor(1.0))
    kl(p, q).backward()
    assert loc.grad.dtype == torch.float32 and loc.grad > 0


def _slopes(function, kind, *values):
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    half = len(leaves) // 2
    return torch.autograd.grad(function(kind(*leaves[:half]), kind(*leaves[half:])).sum(), leaves)


def test_a_parameter_that_is_equal_in_both_has_a_slope_all_the_same():
    def kl_of_failures(r, hit, r_q, hit_q):
        log_mass = lambda k, r, hit: mp.loggamma(k + r) - mp.loggamma(r) - mp.loggamma(k + 1) + k * mp.log(hit) + r * mp.log(1 - hit)
        return mp.fsum(mp.exp(log_mass(k, r, hit)) * (log_mass(k, r, hit) - log_mass(k, r_q, hit_q)) for k in range(120))

    def kl_of_bent(a, b, a_q, b_q):
        log_density = lambda x, a, b: mp.log(a * b) + (a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x**a)
        return mp.quad(lambda x: mp.exp(log_density(x, a, b)) * (log_density(x, a, b) - log_density(x, a_q, b_q)), [0, 0.01, 0.5, 0.99, 1])

    for kind, truth, values in (
        (NegativeBinomial, kl_of_failures, (4.3, 0.4, 4.3, 0.57)),
        (Kumaraswamy, kl_of_bent, (1.3, 2.2, 1.3, 2.91)),
    ):
        with mp.workdps(30):
            for place, slope in enumerate(_slopes(kl, kind, *values)):
                orders = [int(i == place) for i in range(4)]
                assert slope.item() == pytest.approx(float(mp.diff(truth, tuple(map(mp.mpf, map(repr, values))), tuple(orders))), rel=1e-10)


def test_the_slopes_of_jensen_shannon_do_not_see_the_bijection_from_normals_to_log_normals():
    values = (0.3, 1.2, 0.44, 1.1)
    for normal, log_normal in zip(_slopes(jensen_shannon, Normal, *values), _slopes(jensen_shannon, LogNormal, *values)):
        assert log_normal.item() == pytest.approx(normal.item(), rel=1e-10)


def test_the_slopes_of_a_row_do_not_depend_on_the_rows_beside_it():
    both = ([0.7, 1.0], [1.7, 2.0], [0.77, 1.1], [1.77, 2.1])
    together = _slopes(kl, Kumaraswamy, *both)
    for row in range(2):
        for found, alone in zip(together, _slopes(kl, Kumaraswamy, *(values[row] for values in both))):
            assert found[row].item() == pytest.approx(alone.item(), rel=1e-9)


@pytest.mark.parametrize("divergence", [kl_from_probs, kl_from_logits, lambda p, q: kl(Categorical(p), Categorical(q))])
def test_an_infinite_row_that_a_loss_leaves_out_spoils_no_slope(divergence):
    p = torch.tensor([[0.5, 0.5], [0.5, 0.5]], dtype=torch.float64, requires_grad=True)
    q = torch.tensor([[1.0, 0.0], [0.3, 0.7]], dtype=torch.float64)
    q = q.log() if divergence is kl_from_logits else q
    value = divergence(p, q)
    torch.where(value.isfinite(), value, 0.0).sum().backward()
    assert value[0].isinf() and (p.grad[0] == 0).all() and (p.grad[1] != 0).all()


def test_logits_as_large_as_floats_go_have_finite_slopes():
    z_p, z_q = (torch.tensor(z, dtype=torch.float64, requires_grad=True) for z in ([1e308, 0.0], [0.0, 1e308]))
    kl_from_logits(z_p, z_q).backward()
    assert z_p.grad.tolist() == [0.0, 0.0] and z_q.grad.tolist() == [-1.0, 1.0]
