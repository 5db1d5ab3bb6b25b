"""The generalised Jensen–Shannon divergence against scipy, and its two conventions at the ends."""

import pytest
import scipy.stats
import torch

from kl_core import jensen_shannon, kl_from_probs
from kl_core.vectors.generalised_js import generalised_js_from_logits, generalised_js_from_probs

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
