"""The VAE's KL against the closed form and torch's own, what β comes to, and networks that collapse where theory says."""

import itertools
import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from kl_core.data.digits import load_digits
from kl_core.numerics.exact import exp_excess
from kl_core.vaes.shipped import VAE_BETAS, load_vaes, rate_distortion, turned_to
from kl_core.vaes.vae import (
    COLLAPSED_BELOW,
    REDUCTIONS,
    active_units,
    beta_at,
    collapsed,
    cyclical_beta_at,
    effective_beta,
    free_bits_rate,
    kl_terms_of_posterior,
    posterior_kl,
    pull,
    reduced_loss,
    vae_kl_loss,
)
from kl_core.vaes.vae_latent import collapse_threshold, encode, latent_grid, manifold, measure, path, prior_samples, split_rate
from kl_core.vaes.vae_model import VAE
from kl_core.vaes.vae_training import VaeSettings, VaeTraining

GENERATOR = torch.Generator().manual_seed(0)
MU, LOGVAR = (2 * torch.randn(40, 3, generator=GENERATOR, dtype=torch.float64) for _ in range(2))
TRAIN, TEST = load_digits()
SIZES = {"batch": 64, "pixels": 64, "latent": 2}


def last(run):
    *_, end = run
    return end


def test_the_loss_is_kingma_and_wellings_formula_and_its_sum_over_dimensions_and_batch():
    published = -0.5 * torch.sum(1 + LOGVAR - MU.pow(2) - LOGVAR.exp())
    assert float(vae_kl_loss(MU, LOGVAR)) == pytest.approx(float(published), rel=1e-13)
    assert torch.allclose(posterior_kl(MU, LOGVAR), kl_divergence(Normal(MU, (0.5 * LOGVAR).exp()), Normal(0.0, 1.0)))


def test_close_to_the_prior_it_keeps_the_digits_that_the_published_sum_loses():
    mu, logvar = torch.tensor(0.0, dtype=torch.float64), torch.tensor(1e-9, dtype=torch.float64)
    assert float(posterior_kl(mu, logvar)) == pytest.approx(0.25e-18, rel=1e-8, abs=0)
    assert abs(float(-0.5 * (1 + logvar - mu**2 - logvar.exp())) / 0.25e-18 - 1) > 0.1


def test_the_four_terms_add_up_and_the_pull_is_the_negative_gradient():
    terms = kl_terms_of_posterior(MU, LOGVAR)
    assert torch.allclose(terms.constant + terms.log_variance + terms.mean + terms.variance, posterior_kl(MU, LOGVAR), atol=1e-12)
    mu, logvar = MU.clone().requires_grad_(), LOGVAR.clone().requires_grad_()
    posterior_kl(mu, logvar).sum().backward()
    force = pull(MU, LOGVAR)
    assert torch.allclose(force[0], -mu.grad) and torch.allclose(force[1], -logvar.grad)
    assert [float(one) for one in pull(torch.zeros(()), torch.zeros(()))] == [0, 0]


def test_its_analytic_gradient_is_that_of_the_series_it_stands_for():
    x = torch.linspace(-3, 3, 13, dtype=torch.float64, requires_grad=True)
    (ours,) = torch.autograd.grad(posterior_kl(torch.zeros_like(x), x).sum(), x)
    (series,) = torch.autograd.grad(0.5 * exp_excess(x).sum(), x)
    assert torch.allclose(ours, series, atol=1e-14)
    assert torch.autograd.gradgradcheck(lambda y: posterior_kl(torch.zeros_like(y), y), x)


def test_free_bits_charge_the_least_and_give_no_gradient_below_it():
    mu = torch.tensor([[0.1, 2.0], [0.1, 2.0]], requires_grad=True)
    rate = free_bits_rate(posterior_kl(mu, torch.zeros(2, 2)), 0.5)
    rate.backward()
    assert float(rate.detach()) == pytest.approx(0.5 + 2.0) and mu.grad[:, 0].tolist() == [0, 0] and mu.grad[0, 1] == 1
    # It is the mean over the batch that is compared, not each image's KL.
    assert float(free_bits_rate(torch.tensor([[0.2], [1.0]]), 0.5)) == pytest.approx(0.6)


def test_warm_up_is_a_straight_line_to_beta():
    assert [beta_at(epoch, 4.0, 10) for epoch in (0, 5, 10, 20)] == [0, 2, 4, 4] and beta_at(0, 4.0) == 4


def test_cyclical_annealing_warms_up_anew_in_each_part_of_the_run_and_ends_at_beta():
    """Fu et al. 2019, equations 6 and 7, with M = 4 and R = ½, written out with their floor and modulo."""
    epochs, cycles = 40, 4
    for epoch in (0.0, 2.5, 5.0, 9.9, 10.0, 12.0, 37.0, 39.99):
        place = math.fmod(epoch, epochs / cycles) / (epochs / cycles)
        assert cyclical_beta_at(epoch, 3.0, cycles, epochs) == pytest.approx(3.0 * min(place / 0.5, 1.0))
    assert cyclical_beta_at(40, 3.0, 4, 40) == 3
    assert VaeSettings(beta=2.0, warm_up=10, cycles=2, epochs=20).beta_at(2.5) == 1  # instead of the warm-up
    with pytest.raises(ValueError, match="cycles is 0"):
        cyclical_beta_at(1.0, 1.0, 0, 10)


def test_a_unit_is_active_if_its_mean_varies_over_the_data():
    mu = torch.tensor([[0.0, 1.0, 0.05], [0.5, 1.0, -0.05]])  # variances 0.125, 0 and 0.005
    assert active_units(mu).tolist() == [True, False, False]


def test_a_summed_kl_beside_a_mean_reconstruction_multiplies_beta_by_the_batch_size():
    assert {name: effective_beta(1.0, name, **SIZES) for name in REDUCTIONS} == {
        "sum": 1,
        "mean": 1,
        "mean_and_sum": 64,
        "element_and_sum": 64 * 64,
        "element": 32,
    }


@pytest.mark.parametrize("name", REDUCTIONS)
def test_the_reductions_are_what_torch_code_with_these_reductions_gives(name):
    distortion, kl = torch.rand(5, 7, generator=GENERATOR), posterior_kl(MU[:5], LOGVAR[:5]).float()
    adders = {"sum": torch.sum, "mean": lambda x: x.sum(-1).mean(), "element": torch.mean}
    usual = adders[REDUCTIONS[name].reconstruction](distortion) + 0.3 * adders[REDUCTIONS[name].kl](kl)
    ours = reduced_loss(distortion.sum(-1).mean(), kl.sum(-1).mean(), 0.3, name, batch=5, pixels=7, latent=3)
    assert float(ours) == pytest.approx(float(usual), rel=1e-5)


def test_sum_and_mean_train_to_the_same_network_and_a_mean_beside_a_sum_collapses_it():
    runs = {name: last(VaeTraining(reduction=name, epochs=15)) for name in ("sum", "mean", "mean_and_sum")}
    assert runs["sum"].rate == pytest.approx(runs["mean"].rate, rel=0.1) and runs["mean"].rate > 1
    assert bool(runs["mean_and_sum"].collapsed.all())
    same = last(VaeTraining(beta=1 / 64, reduction="mean_and_sum", epochs=15))
    assert same.rate == pytest.approx(runs["mean"].rate, rel=0.1)


def test_a_training_improves_the_elbo_shows_each_epoch_and_is_the_same_for_a_seed():
    run = VaeTraining(epochs=8)
    epochs = list(run)
    assert [one.epoch for one in epochs] == list(range(9)) and math.isnan(epochs[0].loss)
    assert epochs[-1].elbo > epochs[0].elbo + 10
    assert epochs[-1].mu.shape == epochs[-1].logvar.shape == (500, 2)
    assert epochs[-1].rate == pytest.approx(float(posterior_kl(epochs[-1].mu, epochs[-1].logvar).sum(-1).mean()), rel=1e-5)
    torch.rand(5)  # what others draw does not disturb it
    some = list(itertools.islice(run, 3))
    assert torch.equal(some[2].mu, epochs[2].mu) and not torch.equal(last(VaeTraining(epochs=2, seed=1)).mu, epochs[2].mu)


def test_free_bits_keep_a_dimension_that_beta_would_collapse():
    settings = {"beta": 8.0, "epochs": 15, "warm_up": 2}
    assert bool(last(VaeTraining(**settings)).collapsed.all())
    trained = last(VaeTraining(**settings, free_bits=0.5))
    assert not bool(trained.collapsed.any()) and trained.kl.tolist() == pytest.approx([0.5, 0.5], abs=0.1)


def test_a_warm_up_gets_by_the_collapse_that_a_training_without_one_begins_in():
    """Below the threshold telling something is better, but nothing much at first pulls away from telling nothing."""
    straight, warmed = (last(VaeTraining(beta=2.5, epochs=40, warm_up=epochs)) for epochs in (0, 20))
    assert bool(straight.collapsed.all()) and not bool(warmed.collapsed.any()) and warmed.elbo > straight.elbo + 0.5


@pytest.mark.parametrize(("decoder", "noise"), [("bernoulli", 0.25), ("gaussian", 0.25)])
def test_training_collapses_beyond_the_threshold_that_theory_gives_and_not_before(decoder, noise):
    threshold = collapse_threshold(TRAIN, decoder, noise)
    settings = {"decoder": decoder, "noise": noise, "epochs": 40, "warm_up": 20}
    assert not bool(last(VaeTraining(beta=0.75 * threshold, **settings)).collapsed.all())
    assert bool(last(VaeTraining(beta=1.25 * threshold, **settings)).collapsed.all())


def test_more_latent_dimensions_than_are_worth_their_price_are_left_to_the_prior():
    kl = last(VaeTraining(latent=16, epochs=40)).kl
    assert kl.shape == (16,) and 3 <= int((kl > 0.1).sum()) < 16 and bool(collapsed(kl).any())


def test_a_new_dimension_of_rate_below_the_threshold_counts_as_collapsed():
    assert collapsed(torch.tensor([0.0, COLLAPSED_BELOW, 0.5])).tolist() == [True, False, False]


# Of the networks that ship.


def test_the_rate_falls_and_the_distortion_grows_with_beta_until_collapse():
    measures = [rate_distortion()[beta] for beta in VAE_BETAS]
    rates = [one.rate for one in measures]
    assert all(second < first for first, second in zip(rates, rates[1:])) and rates[0] > 30 and rates[-1] < 1e-3
    held = [one.distortion for one, beta in zip(measures, VAE_BETAS) if 0.25 <= beta <= 4]
    assert all(second > first for first, second in zip(held, held[1:]))
    best = max(measures, key=lambda one: one.elbo)
    assert best.elbo - measures[VAE_BETAS.index(1.0)].elbo < 0.1  # β = 1 is the ELBO; those about it may generalise as well


def test_collapse_is_named_where_it_happens():
    found = {beta: int(one.collapsed.sum()) for beta, one in rate_distortion().items()}
    threshold = collapse_threshold(TRAIN)
    assert threshold == pytest.approx(3.39, abs=0.01)
    assert all(count == (0 if beta < 2.6 else 1 if beta < threshold else 2) for beta, count in found.items())


def test_without_a_pull_the_cloud_leaves_the_prior_and_with_one_it_is_close():
    mismatch = {beta: split_rate(encode(load_vaes()[beta], TEST), draws=4).mismatch for beta in (0.0, 0.1, 1.0, 4.0)}
    assert mismatch[0.0] > 20 > mismatch[0.1] > 0.5 > mismatch[1.0] > mismatch[4.0] - 0.01


def test_information_and_mismatch_add_up_to_the_rate():
    for beta in (0.1, 1.0):
        split, measures = split_rate(encode(load_vaes()[beta], TEST), draws=64), measure(load_vaes()[beta], TEST)
        assert split.information + split.mismatch == pytest.approx(measures.rate, abs=0.02)
        assert 0 < split.information < math.log(500)


def test_the_latent_space_moves_little_from_one_beta_to_the_next():
    means = [encode(load_vaes()[beta], TEST).mu for beta in VAE_BETAS[1:]]
    assert all(float((b - a).square().sum(-1).mean().sqrt()) < 1 for a, b in zip(means, means[1:]))


def test_turning_latent_space_leaves_the_model_what_it_was():
    model, other, turned = VAE(3), VAE(3, generator=torch.Generator().manual_seed(5)), VAE(3)
    turned_to(turned, other)
    before, after = (one.decode(encode(one, TEST).mu) for one in (model, turned))
    assert torch.allclose(before, after, atol=1e-5)
    assert measure(turned, TEST).rate == pytest.approx(measure(model, TEST).rate, rel=1e-5)
    overlap = (encode(turned, TEST).mu * encode(other, TEST).mu).sum()
    assert float(overlap) >= float((encode(model, TEST).mu * encode(other, TEST).mu).sum()) - 1e-3


def test_the_grid_has_z1_to_the_right_and_z2_upwards():
    z = latent_grid(5, 2.0)
    assert z.shape == (5, 5, 2) and z[0, 0].tolist() == [-2, 2] and z[0, 4].tolist() == [2, 2] and z[4, 0].tolist() == [-2, -2]
    model = load_vaes()[1.0]
    assert torch.allclose(manifold(model, 5, 2.0)[1, 3], model.decode(z[1, 3]), atol=1e-6)


def test_with_more_dimensions_a_manifold_is_a_slice():
    model, at = VAE(4), torch.tensor([0.5, 1.0, -1.0, 2.0])
    z = torch.tensor([0.5, 3.0, -1.0, -3.0])
    assert torch.allclose(manifold(model, 3, 3.0, at, axes=(1, 3))[2, 2], model.decode(z), atol=1e-6)
    with pytest.raises(ValueError, match="^axes is"):
        manifold(VAE(1), 3)


def test_a_path_goes_through_its_points_at_an_even_speed():
    z, frames = path(load_vaes()[1.0], torch.tensor([[0.0, 0], [1, 0], [1, 3]]), 9)
    assert frames.shape == (9, 64) and torch.allclose(z.diff(dim=0).norm(dim=-1), torch.full((8,), 0.5))
    assert z[0].tolist() == [0, 0] and z[2].tolist() == [1, 0] and z[-1].tolist() == [1, 3]
    assert bool(path(load_vaes()[1.0], torch.zeros(2, 2), 4)[0].eq(0).all())


def test_samples_from_the_prior_are_the_same_points_for_every_beta():
    z, images = prior_samples(load_vaes()[1.0], 12, seed=2)
    assert images.shape == (12, 64) and bool(((images >= 0) & (images <= 1)).all())
    assert torch.equal(z, prior_samples(load_vaes()[4.0], 12, seed=2)[0])


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("latent", {"latent": 0}),
        ("decoder", {"decoder": "poisson"}),
        ("noise", {"noise": 0.0}),
        ("beta", {"beta": -1.0}),
        ("beta", {"beta": math.inf}),
        ("warm_up", {"warm_up": -1}),
        ("cycles", {"cycles": -1}),
        ("free_bits", {"free_bits": math.nan}),
        ("epochs", {"epochs": 0}),
        ("batch", {"batch": 1298}),
        ("reduction", {"reduction": "average"}),
        ("learning_rate", {"learning_rate": 0.0}),
        ("seed", {"seed": -1}),
        ("lr", {"lr": 0.1}),
    ],
)
def test_a_bad_setting_is_named(name, bad):
    with pytest.raises(ValueError, match=f"^{name} is"):
        VaeTraining(**bad)


def test_settings_know_their_effective_beta():
    assert VaeSettings(beta=0.5, reduction="mean_and_sum", batch=100).effective_beta == 50


def test_a_dimension_has_collapsed_below_a_hundredth_of_a_nat():
    assert collapsed(torch.tensor([0.0099, 0.0101])).tolist() == [True, False]
