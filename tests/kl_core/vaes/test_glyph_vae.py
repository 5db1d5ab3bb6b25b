"""The VAE of the glyphs, and what one image costs a VAE."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from kl_core.data.glyphs import held_out_glyphs, write_glyphs
from kl_core.vaes.elbo_gap import DiagonalGaussian, elbo_of
from kl_core.vaes.glyph_vae import GLYPH_SIZES, GLYPH_VAE_FILE, load_glyph_vae, save_glyph_vae
from kl_core.vaes.image_terms import distortion_at, image_terms, normal_nodes
from kl_core.vaes.true_posterior import decoder_log_likelihood
from kl_core.vaes.vae_model import VAE
from kl_core.vaes.vae_training import VaeTraining

MODEL = load_glyph_vae()
GLYPHS = held_out_glyphs()[::25]
IMAGES = GLYPHS.images.double()


def test_the_file_holds_half_floats_and_no_pickle(tmp_path):
    with np.load(GLYPH_VAE_FILE, allow_pickle=False) as file:
        assert {file[name].dtype for name in file.files} == {np.dtype(np.float16)}
    save_glyph_vae(MODEL, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == GLYPH_VAE_FILE.read_bytes()
    assert next(MODEL.parameters()).dtype == torch.float64


def test_the_rate_is_torch_s_own_kl_and_the_distortion_the_mean_of_many_draws():
    terms = image_terms(MODEL, IMAGES)
    posterior = Normal(terms.mu, terms.sd)
    assert torch.allclose(terms.rate, kl_divergence(posterior, Normal(0.0, 1.0)).sum(-1), atol=1e-10)
    torch.manual_seed(0)
    draws = distortion_at(MODEL, IMAGES, posterior.sample((100,)))
    error = draws.std(0) / 10
    assert bool(((draws.mean(0) - terms.distortion).abs() < 5 * error).all())


def test_twelve_nodes_are_right_to_a_millionth_of_a_nat():
    many = image_terms(MODEL, IMAGES, 24).distortion
    assert float((image_terms(MODEL, IMAGES).distortion - many).abs().max()) < 1e-6
    assert float((image_terms(MODEL, IMAGES, 5).distortion - many).abs().max()) < 1e-2


def test_the_cost_is_minus_the_elbo_of_a_trapezoid_rule():
    terms = image_terms(MODEL, IMAGES[:3])
    for image, mu, sd, cost in zip(IMAGES, terms.mu, terms.sd, terms.cost):
        bound = elbo_of(decoder_log_likelihood(MODEL, image), DiagonalGaussian(tuple(mu.tolist()), tuple(sd.tolist())))
        assert -bound.elbo == pytest.approx(float(cost), abs=1e-6)


def test_the_nodes_have_a_normal_s_moments():
    u, weights = normal_nodes(6)
    mean = lambda values: float((weights * values).sum())
    assert [mean(u[:, 0]), mean(u[:, 0] ** 2), mean(u[:, 0] ** 4), mean(u.prod(-1) ** 2)] == pytest.approx([0, 1, 3, 1], abs=1e-12)


def test_the_cost_is_never_below_minus_the_log_of_p_of_x():
    """log p(x) by a sum over a fine grid of z, which knows nothing of the encoder."""
    line = torch.linspace(-4, 4, 161, dtype=torch.float64)
    z = torch.cartesian_prod(line, line)
    log_prior = Normal(0.0, 1.0).log_prob(z).sum(-1)
    for image in IMAGES[:2]:
        parts = torch.cat([distortion_at(MODEL, image, part) for part in z.split(8000)])
        minus_log_p = -float((log_prior - parts).logsumexp(0) + 2 * (line[1] - line[0]).log())
        cost = float(image_terms(MODEL, image).cost)
        assert minus_log_p <= cost < minus_log_p + 25


def test_the_vae_tells_the_digits_apart_and_describes_them_well():
    terms = image_terms(MODEL, IMAGES, 3)
    places = image_terms(MODEL, held_out_glyphs().images.double(), 1).mu
    distances = torch.cdist(terms.mu, places)
    distances[distances == 0] = torch.inf
    nearest = held_out_glyphs().labels[distances.topk(15, largest=False).indices].mode(-1).values
    assert float((nearest == GLYPHS.labels).double().mean()) > 0.85
    ink = held_out_glyphs().images.double().mean(0).clamp(1e-6, 1 - 1e-6)
    without_z = torch.nn.functional.binary_cross_entropy(ink.expand(IMAGES.shape), IMAGES, reduction="none").sum(-1)
    assert float(terms.cost.mean()) < 0.6 * float(without_z.mean())


def test_other_vaes_are_refused():
    for model in (VAE(3), VAE(2, "gaussian")):
        with pytest.raises(ValueError, match="Bernoulli VAE with two latent dimensions"):
            image_terms(model, torch.zeros(1, 64))


def test_a_training_takes_pictures_of_any_size_and_leaves_its_start_alone():
    start = VAE(2, sizes=GLYPH_SIZES)
    before = start.encoder_layers[0].weight.clone()
    training = VaeTraining(start=start, data=(write_glyphs(256, 0), write_glyphs(64, 1)), epochs=3, warm_up=0, learning_rate=3e-3)
    epochs = list(training)
    assert epochs[-1].distortion < 0.8 * epochs[0].distortion
    assert torch.equal(start.encoder_layers[0].weight, before)
    assert training.model.pixels == 784


def test_a_training_refuses_a_start_or_data_that_do_not_fit():
    glyphs = write_glyphs(30, 0)
    for options, message in [
        ({"data": (glyphs, glyphs)}, "data has pictures of 784 pixels; the network takes 64"),
        ({"start": VAE(3)}, "start has latent 3"),
        ({"start": VAE(2, "gaussian")}, "decoder 'gaussian'"),
        ({"start": VAE(2, sizes=GLYPH_SIZES), "data": (glyphs, glyphs)}, "batch is 64; it is at most 30"),
    ]:
        with pytest.raises(ValueError, match=message):
            VaeTraining(**options)
