"""log p(x), the true posterior, the best Gaussian and the importance-weighted bounds: against closed forms and other integrators."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from kl_core.data.digits import load_digits
from kl_core.vaes.elbo_gap import DiagonalGaussian, elbo_of, gaussian_optima
from kl_core.vaes.iwae import importance_bounds, log_weights
from kl_core.vaes.linear_vae import linear_terms, linear_vae_optimum
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.true_posterior import decoder_log_likelihood, true_posterior
from kl_core.vaes.vae_model import VAE

X = torch.tensor([2.6, -1.7], dtype=torch.float64)
WEIGHT = torch.tensor([2.0, 0.7], dtype=torch.float64)
Q = DiagonalGaussian((0.4, -0.9), (0.5, 0.8))


def linear(z):
    """log p(x|z) of the linear VAE with the weights above and σ² = 1."""
    return Normal(WEIGHT * z, 1.0).log_prob(X).sum(-1)


def terms_of(q: DiagonalGaussian):
    mean, sd = (torch.tensor(values, dtype=torch.float64) for values in (q.mean, q.sd))
    return linear_terms(X, WEIGHT, mean, sd.square())


@pytest.fixture(scope="module")
def digit():
    """An 8 whose posterior has several hills."""
    log_likelihood = decoder_log_likelihood(load_vaes()[1.0], load_digits()[1].images[120])
    return log_likelihood, true_posterior(log_likelihood)


def test_every_term_of_the_linear_vae_adds_up_to_log_p():
    terms = terms_of(Q)
    assert torch.allclose(terms.elbo + terms.gap, terms.log_evidence, rtol=0, atol=1e-14)
    by_torch = Normal(torch.zeros(2, dtype=torch.float64), (WEIGHT.square() + 1).sqrt()).log_prob(X)
    assert torch.allclose(terms.log_evidence, by_torch, atol=1e-14)
    gap = kl_divergence(
        Normal(torch.tensor(Q.mean).double(), torch.tensor(Q.sd).double()), Normal(terms.posterior_mean, terms.posterior_spread.sqrt())
    )
    assert torch.allclose(terms.gap, gap, atol=1e-14)


def test_the_linear_vaes_encoder_leaves_no_gap_at_beta_1_and_one_at_any_other():
    """Lucas et al. 2019: with β = 1 the optimal encoder of the linear VAE is the true posterior."""
    variance = torch.tensor([6.0, 4.5], dtype=torch.float64)
    for beta in (0.25, 1.0, 2.0):
        optimum = linear_vae_optimum(variance, beta)
        gap = linear_terms(X, optimum.weight_squared.sqrt(), optimum.encoder * X, optimum.spread).gap.sum()
        assert (float(gap) < 1e-14) == (beta == 1.0)


def test_quadrature_comes_to_the_closed_forms_of_the_linear_vae():
    posterior, terms = true_posterior(linear), terms_of(Q)
    assert posterior.log_evidence == pytest.approx(float(terms.log_evidence.sum()), abs=1e-8) and posterior.error <= 1e-6
    bound = elbo_of(linear, Q)
    assert bound.elbo == pytest.approx(float(terms.elbo.sum()), abs=1e-8)
    assert (bound.distortion, bound.rate) == pytest.approx((float(terms.distortion.sum()), float(terms.rate.sum())), abs=1e-8)
    mean, sd = posterior.moments
    assert torch.allclose(mean, terms.posterior_mean, atol=1e-7) and torch.allclose(sd, terms.posterior_spread.sqrt(), atol=1e-7)


def test_the_best_gaussian_of_the_linear_vae_is_its_posterior():
    (best,) = gaussian_optima(true_posterior(linear))
    terms = terms_of(best)
    assert best.mean == pytest.approx(terms.posterior_mean.tolist(), abs=1e-5)
    assert best.sd == pytest.approx(terms.posterior_spread.sqrt().tolist(), abs=1e-5)
    assert float(terms.gap.sum()) < 1e-9


def test_the_best_diagonal_gaussian_of_a_tilted_posterior_has_the_variances_of_the_precision():
    """Bishop 2006, section 10.1.2: reverse KL from a correlated Gaussian gives 1/Λᵢᵢ, and ½ log(Π Λᵢᵢ/|Λ|) is left."""
    mix = torch.tensor([[1.2, 0.5], [-0.3, 1.6]], dtype=torch.float64)
    precision = mix.T @ mix + torch.eye(2, dtype=torch.float64)
    posterior = true_posterior(lambda z: Normal(z @ mix.T, 1.0).log_prob(X).sum(-1))
    (best,) = gaussian_optima(posterior)
    assert best.sd == pytest.approx(precision.diagonal().rsqrt().tolist(), abs=1e-5)
    evidence = MultivariateNormal(torch.zeros(2).double(), mix @ mix.T + torch.eye(2).double()).log_prob(X)
    assert posterior.log_evidence == pytest.approx(float(evidence), abs=1e-8)
    left = posterior.log_evidence - elbo_of(lambda z: Normal(z @ mix.T, 1.0).log_prob(X).sum(-1), best).elbo
    assert left == pytest.approx(float(0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))), abs=1e-7)


def test_log_p_of_a_digit_is_what_gauss_legendre_nodes_find(digit):
    log_likelihood, posterior = digit
    u, weight = (torch.from_numpy(values) for values in np.polynomial.legendre.leggauss(300))
    z = 5 * torch.stack(torch.meshgrid(u, u, indexing="ij"), -1)
    joint = log_likelihood(z) - 0.5 * z.square().sum(-1) - math.log(2 * math.pi) + (25 * torch.outer(weight, weight)).log()
    assert posterior.log_evidence == pytest.approx(float(joint.flatten().logsumexp(0)), abs=1e-6) and posterior.error <= 1e-6


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_a_finer_and_wider_grid_agrees_with_log_p_to_the_stated_error(beta):
    log_likelihood = decoder_log_likelihood(load_vaes()[beta], load_digits()[1].images[35])
    line = torch.linspace(-6, 6, 601, dtype=torch.float64)
    z = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1)
    joint = log_likelihood(z) - 0.5 * z.square().sum(-1) - math.log(2 * math.pi)
    other = float(joint.flatten().logsumexp(0)) + 2 * math.log(0.02)
    assert true_posterior(log_likelihood).log_evidence == pytest.approx(other, abs=1e-6)


def test_the_elbo_of_a_digit_is_the_mean_of_its_log_weights_and_below_log_p(digit):
    log_likelihood, posterior = digit
    weights = log_weights(log_likelihood, Q, torch.randn(40_000, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64))
    bound = elbo_of(log_likelihood, Q)
    assert bound.error <= 1e-6 and bound.elbo < posterior.log_evidence
    assert bound.elbo == pytest.approx(float(weights.mean()), abs=4 * float(weights.std()) / 200)


def test_nothing_near_the_best_gaussian_is_better_and_every_optimum_is_one(digit):
    log_likelihood, posterior = digit
    optima = gaussian_optima(posterior)
    values = [elbo_of(log_likelihood, q).elbo for q in optima]
    assert values == sorted(values, reverse=True) and values[0] < posterior.log_evidence
    generator = torch.Generator().manual_seed(0)
    for q, value in zip(optima[:2], values, strict=False):
        for _ in range(6):
            by = 0.05 * torch.randn(4, generator=generator, dtype=torch.float64)
            shifted = DiagonalGaussian(
                (q.mean[0] + float(by[0]) * q.sd[0], q.mean[1] + float(by[1]) * q.sd[1]),
                (q.sd[0] * math.exp(by[2]), q.sd[1] * math.exp(by[3])),
            )
            assert elbo_of(log_likelihood, shifted).elbo <= value + 1e-6


def test_a_gaussian_decoder_has_its_own_likelihood():
    model = VAE(decoder="gaussian", noise=0.3, generator=torch.Generator().manual_seed(1))
    image, z = load_digits()[1].images[3], torch.tensor([[0.2, -0.4]])
    expected = Normal(model.decoder_layers(z)[0].detach().double(), 0.3).log_prob(image.double()).sum()
    assert float(decoder_log_likelihood(model, image)(z.double())[0]) == pytest.approx(float(expected), rel=1e-5)


# ---- several samples ---------------------------------------------------------------------------------------------------


def exact_bound_of_two(q: DiagonalGaussian, count: int = 61) -> float:
    """L₂ of the linear VAE: every pair of nodes of a 2-D rule, which is a rule in the four dimensions of two samples."""
    u = torch.linspace(-6, 6, count, dtype=torch.float64)
    weight = (-0.5 * u.square()).softmax(0)
    z = torch.stack(torch.meshgrid(u, u, indexing="ij"), -1).view(-1, 2)
    both = torch.outer(weight, weight).flatten()
    likely = both > 1e-9
    logs, both = log_weights(linear, q, z[likely]), both[likely] / both[likely].sum()
    pair = torch.logaddexp(logs.unsqueeze(0), logs.unsqueeze(1)) - math.log(2)
    return float(both @ pair @ both)


def test_the_bound_of_one_sample_is_the_elbo_and_of_two_what_quadrature_finds():
    draws = torch.randn(65_536, 2, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    bounds = importance_bounds(log_weights(linear, Q, draws), (1, 2, 4, 8, 16, 32, 64))
    exact = [float(terms_of(Q).elbo.sum()), exact_bound_of_two(Q)]
    for value, mean, error in zip(exact, bounds.mean.tolist(), bounds.error.tolist(), strict=False):
        assert mean == pytest.approx(value, abs=4 * error) and error < 0.02
    assert exact[0] < exact[1] < float(terms_of(Q).log_evidence.sum())


def test_the_bound_never_falls_with_more_samples_and_tends_to_log_p():
    """Burda et al. 2015, theorem 1; with groups inside groups the estimates obey it draw by draw."""
    draws = torch.randn(65_536, 2, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    bounds = importance_bounds(log_weights(linear, Q, draws), (1, 2, 4, 8, 16, 32, 64, 4096))
    assert bool((bounds.mean.diff() >= 0).all())
    evidence = float(terms_of(Q).log_evidence.sum())
    assert float(bounds.mean[-1]) == pytest.approx(evidence, abs=0.02)


def test_with_the_true_posterior_every_weight_is_log_p():
    terms = terms_of(Q)
    posterior = DiagonalGaussian(tuple(terms.posterior_mean.tolist()), tuple(terms.posterior_spread.sqrt().tolist()))
    weights = log_weights(linear, posterior, torch.randn(64, 2, dtype=torch.float64))
    assert float((weights - terms.log_evidence.sum()).abs().max()) < 1e-12


def test_draws_that_cannot_be_cut_into_groups_are_refused():
    with pytest.raises(ValueError, match="100 weights cannot be cut into groups"):
        importance_bounds(torch.zeros(100), (1, 64))
