"""The generalised Jensen–Shannon divergence against scipy, and its two conventions at the ends."""

import mpmath
import pytest
import scipy.stats
import torch

from kl_core import jensen_shannon, kl_from_probs
from kl_core.vectors.generalised_js import (
    generalised_js_from_logits,
    generalised_js_from_probs,
    scaled_js_from_logits,
    swapped_js_from_logits,
)

P, Q = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64), torch.tensor([0.4, 0.4, 0.2], dtype=torch.float64)


@pytest.mark.parametrize("beta", [0.01, 0.1, 0.5, 0.9])
def test_it_is_the_weighted_sum_of_two_kls_to_the_mixture(beta):
    m = beta * P + (1 - beta) * Q
    expected = beta * scipy.stats.entropy(P, m) + (1 - beta) * scipy.stats.entropy(Q, m)
    assert float(generalised_js_from_probs(P, Q, beta)) == pytest.approx(expected, rel=1e-9)
    assert float(generalised_js_from_logits(P.log() + 3, Q.log() - 5, beta)) == pytest.approx(expected, rel=1e-9)


def test_a_half_is_jensen_shannon():
    assert float(generalised_js_from_probs(P, Q, 0.5)) == pytest.approx(float(jensen_shannon(P, Q)), rel=1e-12)


@pytest.mark.parametrize("function", [generalised_js_from_probs, generalised_js_from_logits])
def test_both_conventions_at_the_ends_have_a_name(function):
    a, b = (P, Q) if function is generalised_js_from_probs else (P.log(), Q.log())
    assert float(function(a, b, 0.0)) == float(function(a, b, 1.0)) == 0.0
    assert float(function(a, b, 0.0, ends="kl")) == pytest.approx(float(kl_from_probs(P, Q)), rel=1e-12)
    assert float(function(a, b, 1.0, ends="kl")) == pytest.approx(float(kl_from_probs(Q, P)), rel=1e-12)
    assert float(function(a, b, 1e-9)) / 1e-9 == pytest.approx(float(kl_from_probs(P, Q)), rel=1e-6)
    for wrong in (dict(beta=1.5), dict(beta=0.5, ends="other")):
        with pytest.raises(ValueError):
            function(a, b, **wrong)


def test_a_masked_class_leaves_it_finite_with_a_gradient():
    z_q = torch.tensor([0.1, 0.4, 0.2], dtype=torch.float64, requires_grad=True)
    z_p = torch.tensor([1.0, 2.0, -torch.inf], dtype=torch.float64)
    value = generalised_js_from_logits(z_p, z_q, 0.3)
    value.backward()
    assert bool(value.isfinite()) and bool(z_q.grad.isfinite().all())
    p, q = z_p.softmax(-1), z_q.detach().softmax(-1)
    m = 0.3 * p + 0.7 * q
    assert float(value.detach()) == pytest.approx(0.3 * scipy.stats.entropy(p, m) + 0.7 * scipy.stats.entropy(q, m), rel=1e-9)


def in_50_digits(beta: float, first: float, second: float) -> float:
    """first·KL(P‖M) + second·KL(Q‖M)."""
    with mpmath.workdps(50):
        p, q = ([mpmath.mpf(value) for value in row.tolist()] for row in (P / P.sum(), Q / Q.sum()))
        p, q = ([value / sum(row) for value in row] for row in (p, q))
        m = [mpmath.mpf(beta) * a + (1 - mpmath.mpf(beta)) * b for a, b in zip(p, q, strict=True)]
        kl = lambda row: sum(value * mpmath.log(value / middle) for value, middle in zip(row, m, strict=True))
        return float(mpmath.mpf(first) * kl(p) + mpmath.mpf(second) * kl(q))


@pytest.mark.parametrize("beta", [1e-9, 1e-4, 0.3, 0.5, 0.999])
def test_both_cures_keep_their_digits_next_to_the_ends(beta):
    scale = beta * (1 - beta)
    assert float(scaled_js_from_logits(P.log(), Q.log(), beta)) == pytest.approx(in_50_digits(beta, beta, 1 - beta) / scale, rel=1e-8)
    assert float(swapped_js_from_logits(P.log(), Q.log(), beta)) == pytest.approx(in_50_digits(beta, 1 - beta, beta), rel=1e-8)


@pytest.mark.parametrize("function", [scaled_js_from_logits, swapped_js_from_logits])
def test_both_cures_run_from_one_kl_to_the_other_without_a_jump_of_loss_or_gradient(function):
    def value_and_slope(beta):
        z_q = Q.log().requires_grad_()
        value = function(P.log(), z_q, beta)
        return float(value.detach()), torch.autograd.grad(value, z_q)[0]

    for end, beside, kl in ((0.0, 1e-6, kl_from_probs(P, Q)), (1.0, 1 - 1e-6, kl_from_probs(Q, P))):
        (at, slope), (near, slope_near) = value_and_slope(end), value_and_slope(beside)
        assert at == pytest.approx(float(kl), rel=1e-12)
        assert near == pytest.approx(at, rel=1e-5)
        assert slope_near.tolist() == pytest.approx(slope.tolist(), abs=1e-5)


def test_without_a_cure_the_gradient_vanishes_next_to_an_end():
    z_q = Q.log().requires_grad_()
    near = torch.autograd.grad(generalised_js_from_logits(P.log(), z_q, 0.01), z_q)[0].norm()
    at = torch.autograd.grad(generalised_js_from_logits(P.log(), z_q, 0.0, ends="kl"), z_q)[0].norm()
    assert float(at / near) == pytest.approx(100, rel=0.05)


def test_at_a_half_one_cure_is_jensen_shannon_and_the_other_four_times_it():
    js = float(jensen_shannon(P, Q))
    assert float(swapped_js_from_logits(P.log(), Q.log(), 0.5)) == pytest.approx(js, rel=1e-12)
    assert float(scaled_js_from_logits(P.log(), Q.log(), 0.5)) == pytest.approx(4 * js, rel=1e-12)


@pytest.mark.parametrize("function", [generalised_js_from_logits, scaled_js_from_logits, swapped_js_from_logits])
def test_a_tensor_of_weights_gives_what_each_gives_alone_and_has_no_ends(function):
    betas = torch.tensor([1e-3, 0.3, 0.5, 0.999], dtype=torch.float64)
    z_q = Q.log().expand(len(betas), -1).clone().requires_grad_()
    values = function(P.log(), z_q, betas)
    (slopes,) = torch.autograd.grad(values.sum(), z_q)
    for beta, value, slope in zip(betas.tolist(), values.tolist(), slopes, strict=True):
        z = Q.log().requires_grad_()
        alone = function(P.log(), z, beta)
        assert value == pytest.approx(float(alone.detach()), rel=1e-12)
        assert slope.tolist() == pytest.approx(torch.autograd.grad(alone, z)[0].tolist(), rel=1e-9)
    with pytest.raises(ValueError, match="without the ends"):
        function(P.log(), z_q, torch.tensor([0.0, 0.5, 0.5, 0.5]))
