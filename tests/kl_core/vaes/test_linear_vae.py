"""The linear VAE: its exact optimum against the loss itself, and networks of one weight that are trained to it."""

import itertools
import math

import pytest
import torch

from kl_core.vaes.linear_vae import LinearTraining, collapse_beta, linear_vae_optimum

OPTIMUM = linear_vae_optimum(4.0, torch.tensor([1.0, 4.0, 4.1]))


def loss(w, v, spread, variance, beta, noise):
    """E[−log p(x|z)] + β·KL, written out."""
    error = (1 - w * v) ** 2 * variance + w * w * spread
    kl = 0.5 * (v * v * variance + spread - 1 - torch.log(spread))
    return error / (2 * noise) + 0.5 * math.log(2 * math.pi * noise) + beta * kl


def test_published_values_and_where_the_posterior_collapses():
    assert OPTIMUM.rate.tolist() == pytest.approx([0.6931471805599453, 0, 0], abs=1e-15)
    assert OPTIMUM.weight_squared.tolist() == [3, 0, 0]
    assert OPTIMUM.collapsed.tolist() == [False, True, True]
    assert float(collapse_beta(4.0, 2.0)) == 2


@pytest.mark.parametrize(("variance", "beta", "noise"), [(4.0, 1.0, 1.0), (4.0, 0.3, 2.0), (0.7, 5.0, 0.1), (1.0, 1.5, 1.0)])
def test_the_distribution_is_the_minimum_of_the_loss(variance, beta, noise):
    optimum = linear_vae_optimum(variance, beta, noise)
    at = torch.stack([optimum.weight_squared.sqrt(), optimum.encoder, optimum.spread]).requires_grad_()
    least = loss(*at, variance, beta, noise)
    least_found = float(least.detach())
    assert least_found == pytest.approx(float(optimum.distortion + beta * optimum.rate), rel=1e-12)
    (slope,) = torch.autograd.grad(least, at)
    assert float(slope.abs().max()) < 1e-12
    generator = torch.Generator().manual_seed(0)
    others = 3 * torch.randn(3, 20_000, generator=generator, dtype=torch.float64)
    assert bool((loss(others[0], others[1], others[2].abs(), variance, beta, noise) >= least_found - 1e-12).all())


def test_at_beta_0_the_rate_is_infinite_and_nothing_is_lost():
    optimum = linear_vae_optimum(4.0, 0.0)
    assert (float(optimum.rate), float(optimum.weight_squared), float(optimum.spread)) == (math.inf, 4, 0)


def test_rate_and_distortion_trade_at_the_slope_beta():
    """dD/dR = −β: at the optimum β is the price of rate in distortion, until collapse."""
    beta = torch.tensor([0.2, 1.0, 3.0], dtype=torch.float64, requires_grad=True)
    optimum = linear_vae_optimum(4.0, beta)
    slopes = [torch.autograd.grad(value.sum(), beta, retain_graph=True)[0] for value in (optimum.distortion, optimum.rate)]
    assert torch.allclose(slopes[0] / slopes[1], -beta.detach())


@pytest.mark.parametrize(("variance", "noise"), [(4.0, 1.0), (1.0, 0.5)])
def test_a_trained_linear_vae_reproduces_the_distribution(variance, noise):
    betas = torch.tensor([0.1, 0.25, 0.5, 0.75, 1.1]) * variance / noise
    *_, last = LinearTraining(variance, betas.tolist(), noise, steps=1500)
    optimum = linear_vae_optimum(variance, betas, noise)
    assert torch.allclose(last.weight_squared, optimum.weight_squared, atol=0.03 * variance)
    assert torch.allclose(last.rate, optimum.rate, atol=0.02)
    assert bool((last.rate[:-1] > 0.1).all()) and float(last.rate[-1]) < 0.01  # the last one has collapsed


def test_a_run_is_the_same_for_a_seed_and_can_be_stopped():
    run = LinearTraining(steps=300, seed=3)
    some = list(itertools.islice(run, 2))
    again = list(run)
    assert [one.step for one in again] == [100, 200, 300] and torch.equal(some[1].rate, again[1].rate)
    assert not torch.equal(next(iter(LinearTraining(steps=300, seed=4))).rate, some[0].rate)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("variance", lambda: linear_vae_optimum(0.0)),
        ("beta", lambda: linear_vae_optimum(1.0, -0.1)),
        ("noise", lambda: linear_vae_optimum(1.0, 1.0, math.inf)),
        ("beta", lambda: LinearTraining(betas=[1.0, math.nan])),
        ("steps", lambda: LinearTraining(steps=0)),
    ],
)
def test_what_is_out_of_its_domain_is_named(name, call):
    with pytest.raises(ValueError, match=f"^{name} is"):
        call()
