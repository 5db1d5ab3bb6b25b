"""Mean and covariance of sampled gradients: against autograd, samples, finite differences, and what the theory says."""

import math

import pytest
import torch

from kl_core.estimates.estimator_gradients import expected_gradients
from kl_core.estimates.estimators import ESTIMATORS
from kl_core.estimates.gradient_noise import LOSSES, SEQUENCE_LOSSES, action_gradients, between, plane, sequence_gradients

LOGITS = torch.tensor([0.4, -1.0, 0.9], dtype=torch.float64)
REFERENCE = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64).log()
BASIS = plane(3)
ODDS, ODDS_REFERENCE, ODDS_SAMPLER = (torch.tensor(one, dtype=torch.float64) for one in ([0.5, -0.3], [-1.0, -0.1], [0.1, 0.2]))


def test_the_plane_is_orthonormal_and_leaves_out_what_a_softmax_cannot_feel():
    for k in (2, 3, 5):
        assert torch.allclose(plane(k) @ plane(k).T, torch.eye(k - 1, dtype=torch.float64), atol=1e-14)
        assert torch.allclose(plane(k).sum(-1), torch.zeros(k - 1, dtype=torch.float64), atol=1e-14)


@pytest.mark.parametrize("share", [None, 0.0, 0.5, 1.0])
@pytest.mark.parametrize("loss", LOSSES)
def test_mean_and_covariance_are_those_of_autograd_action_by_action(loss, share):
    log_policy = LOGITS.log_softmax(-1)
    sampler = None if share is None else between(log_policy, REFERENCE, share)
    drawn = (log_policy if sampler is None else sampler).exp()
    gradients = []
    for action in range(3):
        z = LOGITS.clone().requires_grad_()
        logs = z.log_softmax(-1)
        weight = (logs - drawn.log()).exp()
        value = ESTIMATORS[loss.removeprefix("weighted_")](logs, REFERENCE)
        if loss.startswith("weighted"):
            value = value * (weight if loss == "weighted_k3" else weight.detach())
        gradients.append(torch.autograd.grad(value[action], z)[0])
    gradients = torch.stack(gradients) @ BASIS.T
    noise = action_gradients(LOGITS, REFERENCE, sampler).by_loss[loss]
    mean = drawn @ gradients
    assert torch.allclose(noise.mean, mean, atol=1e-14)
    assert torch.allclose(noise.covariance, torch.cov(gradients.T, correction=0, aweights=drawn), atol=1e-14)


def test_the_means_are_the_expected_gradients_and_only_weighted_losses_keep_theirs_off_policy():
    on, off = action_gradients(LOGITS, REFERENCE), action_gradients(LOGITS, REFERENCE, between(LOGITS.log_softmax(-1), REFERENCE, 0.7))
    exact = expected_gradients(LOGITS, REFERENCE)
    assert torch.allclose(on.to_reference, BASIS @ exact.to_reference, atol=1e-15)
    assert torch.allclose(on.from_reference, BASIS @ exact.from_reference, atol=1e-15)
    assert float(on.by_loss["k1"].mean.norm()) < 1e-15 < float(off.by_loss["k1"].mean.norm())
    assert torch.allclose(on.by_loss["k3"].mean, on.from_reference, atol=1e-15)
    for gradients in (on, off):
        for name in ("weighted_k2", "weighted_k3"):
            assert torch.allclose(gradients.by_loss[name].mean, gradients.to_reference, atol=1e-15)
    assert float((off.by_loss["k3"].mean - off.to_reference).norm()) > 0.05


def test_k1_is_all_noise_and_its_covariance_is_fishers_information():
    policy = LOGITS.softmax(-1)
    fisher = BASIS @ (policy.diag() - policy.outer(policy)) @ BASIS.T
    assert torch.allclose(action_gradients(LOGITS, REFERENCE).by_loss["k1"].covariance, fisher, atol=1e-15)


def test_the_ellipse_holds_39_percent_of_a_normal_cloud_and_shrinks_with_the_samples():
    noise = action_gradients(LOGITS, REFERENCE).by_loss["k2"]
    assert torch.allclose(noise.axes().T @ noise.axes(), noise.covariance, atol=1e-15)
    assert torch.allclose(noise.axes(100), noise.axes() / 10, atol=1e-15)
    gap = noise.outline(9) - noise.mean
    distance = (gap @ torch.linalg.inv(noise.covariance) * gap).sum(-1)
    assert torch.allclose(distance, torch.ones(9, dtype=torch.float64), rtol=1e-9)


def kl_of_sequences(odds: torch.Tensor, other: torch.Tensor, length: int = 6) -> torch.Tensor:
    """By the chain rule, going forward over the last word."""
    p, q = odds.sigmoid(), other.sigmoid()
    each = p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()
    last = torch.tensor([1.0, 0.0], dtype=torch.float64)
    total = torch.zeros((), dtype=torch.float64)
    for _ in range(length):
        total = total + last @ each
        ones = last @ p
        last = torch.stack([1 - ones, ones])
    return total


def test_the_true_gradients_of_sequences_are_those_of_the_chain_rule():
    z = ODDS.clone().requires_grad_()
    gradients = sequence_gradients(ODDS, ODDS_REFERENCE)
    assert torch.allclose(gradients.to_reference, torch.autograd.grad(kl_of_sequences(z, ODDS_REFERENCE), z)[0], atol=1e-13)
    assert torch.allclose(gradients.from_reference, torch.autograd.grad(kl_of_sequences(ODDS_REFERENCE, z), z)[0], atol=1e-13)


def test_on_policy_whole_sequences_teach_what_single_actions_do_and_token_losses_miss_what_a_word_leads_to():
    gradients = sequence_gradients(ODDS, ODDS_REFERENCE)
    assert float(gradients.by_loss["sequence_k1"].mean.norm()) < 1e-14
    assert torch.allclose(gradients.by_loss["sequence_k2"].mean, gradients.to_reference, atol=1e-14)
    assert torch.allclose(gradients.by_loss["sequence_k3"].mean, gradients.from_reference, atol=1e-14)
    assert torch.allclose(gradients.by_loss["sequence_weighted_k3"].mean, gradients.to_reference, atol=1e-14)
    assert float((gradients.by_loss["token_k2"].mean - gradients.to_reference).norm()) > 1e-2
    assert torch.allclose(gradients.by_loss["token_k2"].mean, gradients.by_loss["token_weighted_k3"].mean, atol=1e-13)


def test_off_policy_only_the_whole_sequences_weight_brings_the_gradient_back():
    gradients = sequence_gradients(ODDS, ODDS_REFERENCE, ODDS_SAMPLER)
    assert set(gradients.by_loss) == set(SEQUENCE_LOSSES)
    right = {name for name, noise in gradients.by_loss.items() if torch.allclose(noise.mean, gradients.to_reference, atol=1e-12)}
    assert right == {"sequence_weighted_k3"}


def test_samples_scatter_as_the_covariance_says():
    noise = sequence_gradients(ODDS, ODDS_REFERENCE, length=3).by_loss["token_k3"]
    generator = torch.Generator().manual_seed(0)
    word, slope = torch.zeros(40_000, dtype=torch.long), torch.zeros(40_000, 2, dtype=torch.float64)
    p, q = ODDS.sigmoid(), ODDS_REFERENCE.sigmoid()
    for _ in range(3):
        said = (torch.rand(40_000, generator=generator, dtype=torch.float64) < p[word]).long()
        ratio = torch.where(said == 1, q[word] / p[word], (1 - q[word]) / (1 - p[word]))
        slope[torch.arange(40_000), word] += (1 - ratio) * (said - p[word])
        word = said
    assert torch.allclose(slope.mean(0), noise.mean, atol=4 * float(slope.std(0).max()) / 200)
    assert torch.allclose(torch.cov(slope.T), noise.covariance, rtol=0.05, atol=0.01)


def test_the_sampler_goes_from_the_policy_to_the_reference():
    log_policy = LOGITS.log_softmax(-1)
    assert torch.allclose(between(log_policy, REFERENCE, 0.0), log_policy) and torch.allclose(
        between(log_policy, REFERENCE, 1.0), REFERENCE
    )
    half = between(log_policy, REFERENCE, 0.5).exp()
    assert torch.allclose(half, (log_policy.exp() * REFERENCE.exp()).sqrt() / (log_policy.exp() * REFERENCE.exp()).sqrt().sum())


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="same length"):
        action_gradients(LOGITS, REFERENCE[:2])
    for length in (0, 15):
        with pytest.raises(ValueError, match=f"length is {length}"):
            sequence_gradients(ODDS, ODDS_REFERENCE, length=length)
    assert math.isfinite(float(sequence_gradients(ODDS, ODDS_REFERENCE, length=1).to_reference.sum()))


def test_the_angle_and_the_spread_are_those_of_the_mean_and_the_covariance():
    noise = action_gradients(LOGITS, REFERENCE, between(LOGITS.log_softmax(-1), REFERENCE, 0.5)).by_loss["k3"]
    direction = torch.tensor([0.3, -1.1], dtype=torch.float64)
    cosine = float(noise.mean @ direction / (noise.mean.norm() * direction.norm()))
    assert noise.angle(direction) == pytest.approx(math.degrees(math.acos(cosine)), rel=1e-9)
    assert noise.spread(16) == pytest.approx(float(noise.axes(16).square().sum().sqrt()), rel=1e-12)
    on_policy = action_gradients(LOGITS, REFERENCE).by_loss
    assert on_policy["k2"].angle(on_policy["weighted_k3"].mean) == pytest.approx(0, abs=1e-6)
    assert math.isnan(on_policy["k1"].angle(direction))
