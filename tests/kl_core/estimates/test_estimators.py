"""Estimators of KL(P‖Q): their means against exact KLs, their errors against published figures and quadrature."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from torch.distributions import Categorical, Normal

from kl_core import kl, kl_from_probs
from kl_core.estimates.estimators import ESTIMATORS, categorical_errors, crossover, gaussian_errors, k1, k2, k3


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def normal(loc: float, scale: float = 1.0) -> Normal:
    return Normal(torch.tensor(loc, dtype=torch.float64), torch.tensor(scale, dtype=torch.float64))


P, Q = vector(0.3, 0.5, 0.2), vector(0.6, 0.1, 0.3)


@pytest.mark.parametrize("estimator", [k1, k3])
def test_the_mean_of_k1_and_of_k3_under_p_is_the_divergence_of_p_from_q(estimator):
    """Both signs have been published wrong; KL(Q‖P) differs here by a fifth, so a turned sign or direction shows."""
    mean = (P * estimator(P.log(), Q.log())).sum()
    assert float(mean) == pytest.approx(float(kl_from_probs(P, Q)), rel=1e-14)
    assert abs(float(mean) - float(kl_from_probs(Q, P))) > 0.05


def test_the_mean_of_k2_is_near_the_divergence_when_p_and_q_are_near():
    near = vector(0.305, 0.49, 0.205)
    exact = float(kl_from_probs(P, near))
    assert float((P * k2(P.log(), near.log())).sum()) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("name", ["k1", "k2", "k3"])
def test_means_of_samples_drawn_from_p_agree_with_exact_bias_and_sd(name):
    p, q = normal(0.0), normal(0.5, 0.8)
    x = torch.randn(200_000, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    values = ESTIMATORS[name](p.log_prob(x), q.log_prob(x))
    exact = gaussian_errors(p, q)[name]
    standard_error = float(exact.sd) / math.sqrt(len(x))
    assert abs(float(values.mean()) - float(kl(p, q)) - float(exact.bias)) < 4 * standard_error
    assert float(values.std()) == pytest.approx(float(exact.sd), rel=0.02)


# The other distribution, then of k1, k2, k3: bias and sd over the true KL. Sampled from N(0, 1).
SCHULMAN = [(0.1, 0.005, [(0, 20), (0.0025, 1.417745), (0, 1.416575)]), (1.0, 0.5, [(0, 2), (0.25, 1.732051), (0, 1.695030)])]


@pytest.mark.parametrize(("loc", "true", "errors"), SCHULMAN)
def test_schulmans_table(loc, true, errors):
    by_estimator = gaussian_errors(normal(0.0), normal(loc))
    assert float(kl(normal(0.0), normal(loc))) == pytest.approx(true, rel=1e-14)
    for error, (bias, sd) in zip(by_estimator.values(), errors, strict=True):
        assert float(error.bias) / true == pytest.approx(bias, rel=1e-9, abs=1e-15)
        assert float(error.sd) / true == pytest.approx(sd, abs=5e-7)


@pytest.mark.parametrize(("m", "s"), [(0.3, 0.5), (0.0, 1.3), (1.5, 0.9), (-0.8, 1.2), (0.05, 1.02)])
@pytest.mark.parametrize("name", ["k1", "k2", "k3"])
def test_exact_errors_agree_with_quadrature(name, m, s):
    p, q = normal(1.0, 2.0), normal(1.0 + 2 * m, 2 * s)
    divergence = float(kl(p, q))

    def density_and_value(z: float) -> tuple[float, float]:
        x = torch.tensor(1.0 + 2 * z, dtype=torch.float64)
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi), float(ESTIMATORS[name](p.log_prob(x), q.log_prob(x)))

    moment = lambda power: quad(
        lambda z: math.prod([density_and_value(z)[0], (density_and_value(z)[1] - divergence) ** power]),
        -20,
        20,
        limit=400,
        points=[-3, 0, 3],
        epsabs=1e-13,
        epsrel=1e-11,
    )[0]
    bias = moment(1)
    exact = gaussian_errors(p, q)[name]
    assert float(exact.bias) == pytest.approx(bias, rel=1e-8, abs=1e-10)
    assert float(exact.sd) == pytest.approx(math.sqrt(moment(2) - bias**2), rel=1e-6)


def test_k3_becomes_noisier_than_k1_at_628_thousandths_of_a_nat():
    distance, divergence = crossover()
    assert (distance, divergence) == pytest.approx((1.121, 0.628), abs=5e-4)
    errors = gaussian_errors(normal(0.0), normal(distance))
    assert float(errors["k1"].sd) == pytest.approx(float(errors["k3"].sd), rel=1e-12)
    nearer, farther = (gaussian_errors(normal(0.0), normal(distance + step)) for step in (-0.01, 0.01))
    assert nearer["k3"].sd < nearer["k1"].sd and farther["k3"].sd > farther["k1"].sd


def test_the_variance_of_k3_is_infinite_from_a_ratio_of_sds_of_root_two_on():
    for scale, infinite in ((1.41, False), (math.sqrt(2) + 1e-9, True), (3.0, True)):
        errors = gaussian_errors(normal(0.0), normal(0.0, scale))
        assert math.isinf(float(errors["k3"].sd)) == infinite
        assert math.isfinite(float(errors["k1"].sd)) and math.isfinite(float(errors["k2"].sd))


def test_the_sd_of_k3_keeps_its_digits_when_the_distributions_are_a_hundred_millionth_apart():
    """var = e^{m²} − 1 − m² is m⁴/2 there, 5e-33, which the difference of its parts could not hold."""
    assert float(gaussian_errors(normal(0.0), normal(1e-8))["k3"].sd) == pytest.approx(1e-16 / math.sqrt(2), rel=1e-12)


def test_k3_keeps_its_digits_where_p_and_q_are_all_but_equal():
    assert float(k3(vector(-1.0), vector(-1.0 + 2.0**-30))[0]) == pytest.approx(2.0**-61, rel=1e-8)
    assert float(k3(torch.tensor(-1.0), torch.tensor(-1.0 + 2.0**-13))) == pytest.approx(2.0**-27, rel=1e-4)


@settings(max_examples=50)
@given(st.lists(st.floats(-30, 0), min_size=2, max_size=2))
def test_k2_and_k3_are_never_negative_and_vanish_only_at_equality(pair):
    log_p, log_q = vector(pair[0]), vector(pair[1])
    for estimator in (k2, k3):
        value = float(estimator(log_p, log_q))
        assert value > 0 or (value == 0 and abs(pair[0] - pair[1]) < 1e-150)


def test_a_sample_that_q_rules_out_costs_infinitely_much():
    for estimator in ESTIMATORS.values():
        assert float(estimator(vector(-1.0), vector(-math.inf))) == math.inf


def test_categorical_errors_are_those_of_samples():
    distributions = Categorical(probs=P), Categorical(probs=Q)
    x = torch.multinomial(P, 200_000, replacement=True, generator=torch.Generator().manual_seed(1))
    for name, error in categorical_errors(P.log(), Q.log()).items():
        values = ESTIMATORS[name](distributions[0].log_prob(x), distributions[1].log_prob(x))
        assert float(values.std()) == pytest.approx(float(error.sd), rel=0.02)
        assert float(values.mean()) - float(kl_from_probs(P, Q)) == pytest.approx(float(error.bias), abs=5 * float(error.sd) / 447)


def test_k3_misses_the_mass_of_q_where_p_has_none():
    p, q = vector(0.5, 0.5, 0.0), vector(0.25, 0.5, 0.25)
    assert float(categorical_errors(p.log(), q.log())["k3"].bias) == pytest.approx(-0.25, rel=1e-14)
