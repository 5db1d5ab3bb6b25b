"""A density with straight logs: its masses, moments and KLs against mpmath, and what its constructor refuses."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from torch.distributions import Laplace, Normal

from kl_core import kl, kl_report
from kl_core.densities.piecewise_log_linear import PiecewiseLogLinear


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


KNOTS, LOGS, RATES = (-2.0, -0.5, 0.25, 1.5, 3.0), (-1.0, 0.5, -2.0, -2.0, 1.0), (0.8, 2.5)
P = PiecewiseLogLinear(vector(*KNOTS), vector(*LOGS), *vector(*RATES))


def _height(x):
    """e^(log height), written down again, not normalised."""
    if x <= KNOTS[0]:
        return mp.exp(LOGS[0] + RATES[0] * (x - KNOTS[0]))
    if x >= KNOTS[-1]:
        return mp.exp(LOGS[-1] - RATES[1] * (x - KNOTS[-1]))
    i = max(k for k in range(4) if KNOTS[k] <= x)
    return mp.exp(LOGS[i] + (LOGS[i + 1] - LOGS[i]) * (x - KNOTS[i]) / (KNOTS[i + 1] - KNOTS[i]))


def _integral(f):
    with mp.workdps(25):
        return float(mp.quad(f, [-60, -20, *KNOTS, 8, 20, 40]))


TOTAL = _integral(_height)


def test_density_mean_variance_and_entropy_are_those_of_mpmath():
    for x in (-5.0, -2.0, -1.0, 0.25, 0.7, 2.9, 4.0):
        assert float(P.log_prob(vector(x)).exp()) == pytest.approx(float(_height(x)) / TOTAL, rel=1e-13)
    mean = _integral(lambda x: x * _height(x)) / TOTAL
    assert float(P.mean) == pytest.approx(mean, rel=1e-12)
    assert float(P.variance) == pytest.approx(_integral(lambda x: (x - mean) ** 2 * _height(x)) / TOTAL, rel=1e-12)
    entropy = -_integral(lambda x: _height(x) * mp.log(_height(x) / TOTAL)) / TOTAL
    assert float(P.entropy()) == pytest.approx(entropy, rel=1e-12)


@pytest.mark.parametrize("q", [Normal(*vector(0.3, 1.6)), Laplace(*vector(-0.2, 1.1))], ids=["normal", "laplace"])
def test_both_kls_agree_with_mpmath_within_their_error_bounds(q):
    log_q = (
        (lambda x: -((x - mp.mpf("0.3")) ** 2) / (2 * mp.mpf("1.6") ** 2) - mp.log(mp.mpf("1.6") * mp.sqrt(2 * mp.pi)))
        if isinstance(q, Normal)
        else (lambda x: -abs(x + mp.mpf("0.2")) / mp.mpf("1.1") - mp.log(mp.mpf("2.2")))
    )
    log_p = lambda x: mp.log(_height(x) / TOTAL)
    with mp.workdps(25):
        grid = [-70, -30, -10, *sorted([*KNOTS, -0.2]), 10, 30, 70]
        forward = float(mp.quad(lambda x: mp.exp(log_p(x)) * (log_p(x) - log_q(x)), grid))
        reverse = float(mp.quad(lambda x: mp.exp(log_q(x)) * (log_q(x) - log_p(x)), grid))
    for report, expected in ((kl_report(P, q), forward), (kl_report(q, P), reverse)):
        assert abs(float(report.value) - expected) <= float(report.error) + 1e-13 and float(report.error) < 1e-11


def test_quantiles_undo_the_cdf_and_draws_have_the_mean():
    u = vector(1e-6, 0.01, 0.2, 0.5, 0.83, 0.999, 1 - 1e-6)
    torch.testing.assert_close(P.cdf(P.icdf(u)), u, rtol=1e-11, atol=1e-14)
    assert float(P.cdf(torch.tensor(1.0).double())) == pytest.approx(
        float(mp.quad(_height, [-60, -20, -2, -0.5, 0.25, 1])) / TOTAL, rel=1e-12
    )
    torch.manual_seed(0)
    draws = P.sample((40_000,))
    assert abs(float(draws.mean() - P.mean)) < 5 * float(P.variance / 40_000) ** 0.5


def test_a_batch_has_the_densities_of_its_rows():
    knots = torch.stack([vector(*KNOTS), vector(*KNOTS) * 2])
    batch = PiecewiseLogLinear(knots, vector(*LOGS), vector(0.8, 1.0), vector(2.5, 1.0))
    other = PiecewiseLogLinear(knots[1], vector(*LOGS), torch.tensor(1.0), torch.tensor(1.0))
    x = vector(-3.0, 0.1, 5.0)
    expected = torch.stack([P.log_prob(x), other.log_prob(x)], -1)
    torch.testing.assert_close(batch.log_prob(x.unsqueeze(-1)), expected)
    torch.testing.assert_close(kl(batch, Normal(*vector(0, 2)))[0], kl(P, Normal(*vector(0, 2))), rtol=1e-12, atol=0)


@settings(max_examples=25)
@given(st.lists(st.floats(-12, 12), min_size=2, max_size=9), st.floats(0.1, 20))
def test_any_heights_make_a_density_of_mass_1_with_kls_of_at_least_0(logs, rate):
    p = PiecewiseLogLinear(torch.arange(len(logs)).double(), vector(*logs), torch.tensor(rate), torch.tensor(rate))
    far = 40 / rate
    assert float(p.cdf(torch.tensor(-far).double())) < 1e-12 < 1 - 1e-12 < float(p.cdf(torch.tensor(len(logs) + far).double()))
    q = Normal(*vector(1, 2))
    assert float(kl(p, q)) >= 0 and float(kl(q, p)) >= 0


def test_knots_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match="each greater than the one before"):
        PiecewiseLogLinear(vector(0, 0, 1), vector(0, 0, 0), torch.tensor(1.0), torch.tensor(1.0))
