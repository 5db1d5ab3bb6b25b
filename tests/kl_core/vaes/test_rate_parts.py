"""The rate's parts by quadrature: against closed forms, against sampling, against sums over another grid."""

import math

import pytest
import torch
from torch.distributions import Independent, MixtureSameFamily, Normal

from kl_core.data.digits import load_digits
from kl_core.vaes.rate_parts import aggregate_density, rate_parts, sampled_rate_parts
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.vae_latent import Encoded, encode, measure, split_rate


def encoded(mu, sd) -> Encoded:
    mu, sd = torch.tensor(mu, dtype=torch.float64), torch.tensor(sd, dtype=torch.float64)
    return Encoded(mu, 2 * sd.log(), torch.zeros(len(mu)))


@pytest.fixture(scope="module")
def shipped():
    posteriors = encode(load_vaes()[1.0], load_digits()[1])
    return posteriors, rate_parts(posteriors)


@pytest.mark.parametrize("beta", [0.1, 0.5, 2.0, 16.0])
def test_the_parts_are_none_below_zero_and_add_up_to_the_rate(beta):
    posteriors = encode(load_vaes()[beta], load_digits()[1])
    parts = rate_parts(posteriors)
    assert parts.error <= 1e-6
    assert min(parts.information, parts.total_correlation, *parts.by_dimension) >= -1e-9
    assert parts.information <= math.log(500)
    assert parts.information + parts.mismatch == pytest.approx(parts.rate, rel=1e-9)
    assert parts.rate == pytest.approx(measure(load_vaes()[beta], load_digits()[1], 1).rate, rel=1e-4, abs=1e-7)


def test_sampling_finds_the_same_information(shipped):
    posteriors, parts = shipped
    sampled = split_rate(posteriors, draws=64)
    assert (sampled.information, sampled.mismatch) == pytest.approx((parts.information, parts.mismatch), abs=0.04)


def test_sampled_parts_are_those_of_the_quadrature_up_to_their_error(shipped):
    posteriors, parts = shipped
    sampled = sampled_rate_parts(posteriors, draws=32)
    assert sampled.rate == pytest.approx(parts.rate, rel=1e-8) and 0 < sampled.error < 0.01
    assert sampled.information + sampled.mismatch == pytest.approx(sampled.rate, abs=5 * sampled.error + 0.02)
    assert sampled.mismatch == pytest.approx(parts.mismatch, abs=5 * sampled.error)
    assert sampled.by_dimension == pytest.approx(parts.by_dimension, abs=0.02)
    with pytest.raises(ValueError, match="at least 2"):
        sampled_rate_parts(posteriors, draws=1)


def test_at_beta_0_every_image_is_told_apart_and_each_dimension_alone_is_far_from_the_prior():
    """The entropy of each dimension by the trapezoid rule on the nodes of all narrow bells together."""
    posteriors = encode(load_vaes()[0.0], load_digits()[1])
    parts = sampled_rate_parts(posteriors)
    assert parts.information == pytest.approx(math.log(500), abs=1e-6)
    for i in range(2):
        mu, sd = posteriors.mu[:, i].double(), posteriors.sd[:, i].double()
        x = (mu.unsqueeze(-1) + sd.unsqueeze(-1) * torch.linspace(-8, 8, 61)).flatten().sort().values
        density = sum(torch.exp(-0.5 * ((x - m) / s) ** 2) / s for m, s in zip(mu, sd, strict=True)) / (500 * math.sqrt(2 * math.pi))
        entropy = float(torch.trapezoid(torch.special.entr(density), x))
        closed = 0.5 * (math.log(2 * math.pi) + float((mu.square() + sd.square()).mean())) - entropy
        assert parts.by_dimension[i] == pytest.approx(closed, abs=0.05)


def test_the_aggregate_posteriors_kl_from_the_prior_is_the_sum_of_the_last_two_parts(shipped):
    posteriors, parts = shipped
    bells = Independent(Normal(posteriors.mu.double(), posteriors.sd.double()), 1)
    mixture = MixtureSameFamily(torch.distributions.Categorical(torch.ones(len(posteriors.mu))), bells)
    torch.manual_seed(0)
    z = mixture.sample((20_000,)).double()
    log_ratio = mixture.log_prob(z).double() - Normal(0.0, 1.0).log_prob(z).sum(-1)
    assert parts.mismatch == pytest.approx(float(log_ratio.mean()), abs=4 * float(log_ratio.std()) / len(z) ** 0.5)


def test_the_density_is_that_of_a_mixture_of_normals(shipped):
    posteriors, _ = shipped
    axes = (torch.tensor([-1.0, 0.2]).double(), torch.tensor([0.0, 0.5, 1.5]).double())
    z = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
    own = Normal(posteriors.mu.double(), posteriors.sd.double()).log_prob(z.unsqueeze(-2)).sum(-1).exp().mean(-1)
    assert torch.allclose(aggregate_density(posteriors, axes), own, rtol=1e-12)


def test_images_that_share_one_posterior_carry_no_information():
    parts = rate_parts(encoded([[0.5, -1.0]] * 3, [[0.8, 0.4]] * 3))
    closed = [0.5 * (mu * mu + sd * sd - 1) - math.log(sd) for mu, sd in ((0.5, 0.8), (-1.0, 0.4))]
    assert (parts.information, parts.total_correlation) == pytest.approx((0, 0), abs=1e-7)
    assert parts.by_dimension == pytest.approx(closed, abs=1e-7)


def test_posteriors_far_apart_on_a_diagonal_are_all_total_correlation_and_those_in_a_row_none():
    """Two images: log 2 of information. On the diagonal each dimension alone tells the image, so they share log 2."""
    diagonal = rate_parts(encoded([[-9.0, -9.0], [9.0, 9.0]], [[1.0, 1.0]] * 2))
    row = rate_parts(encoded([[-9.0, 0.0], [9.0, 0.0]], [[1.0, 1.0]] * 2))
    assert (diagonal.information, diagonal.total_correlation) == pytest.approx((math.log(2), math.log(2)), abs=1e-6)
    assert (row.information, row.total_correlation) == pytest.approx((math.log(2), 0), abs=1e-6)
