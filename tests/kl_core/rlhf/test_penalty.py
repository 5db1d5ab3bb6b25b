"""Losses with a KL penalty: a worked example, the published controller, and GRPO's gradient."""

import pytest
import torch

from kl_core.estimates.estimator_gradients import expected_gradients
from kl_core.rlhf.penalty import adaptive_beta, clipped_surrogate, group_advantages, grpo_loss, rlhf_loss

CURRENT, REFERENCE = torch.tensor([-0.5, -1.2, -0.8, -0.3]), torch.tensor([-0.3, -0.5, -0.4, -0.2])


def test_the_worked_example_has_a_penalty_that_is_a_bonus():
    loss, estimate = rlhf_loss(torch.tensor(2.5), CURRENT, REFERENCE, beta=0.05)
    assert estimate == pytest.approx(-0.350, abs=1e-7)
    assert float(loss) == pytest.approx(-2.5175, abs=1e-6)


def test_the_controller_raises_beta_above_its_target_and_lowers_it_below():
    assert adaptive_beta(0.1, 6.6, 6.0, 100, 1000) == pytest.approx(0.1 * 1.01)
    assert adaptive_beta(0.1, 60.0, 6.0, 100, 1000) == pytest.approx(0.1 * 1.02)  # cut at +0.2
    assert adaptive_beta(0.1, 0.0, 6.0, 100, 1000) == pytest.approx(0.1 * 0.98)  # cut at −0.2
    assert adaptive_beta(0.1, 6.0, 6.0, 100, 1000) == 0.1


@pytest.mark.parametrize(("name", "bad"), [("target", {"target": 0.0}), ("horizon", {"horizon": -1}), ("beta", {"beta": -0.1})])
def test_the_controller_names_what_is_out_of_its_domain(name, bad):
    with pytest.raises(ValueError, match=f"{name} is"):
        adaptive_beta(**({"beta": 0.1, "kl": 1.0, "target": 6.0, "n_steps": 1} | bad))


def test_advantages_of_a_group_have_mean_0_and_deviation_1_and_equal_rewards_have_none():
    advantages = group_advantages(torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64))
    assert float(advantages.mean()) == pytest.approx(0, abs=1e-12) and float(advantages.std()) == pytest.approx(1, rel=1e-6)
    assert group_advantages(torch.full((4,), 3.0)).tolist() == [0, 0, 0, 0]
    assert group_advantages(torch.tensor([1.0, 3.0]), scale=False).tolist() == [-1, 1]


def test_clipping_stops_the_gain_from_a_ratio_that_has_run_away_but_not_the_loss():
    far = torch.tensor([1.0], requires_grad=True)
    for advantage, stopped in ((1.0, True), (-1.0, False)):
        (gradient,) = torch.autograd.grad(clipped_surrogate(far, torch.zeros(1), torch.tensor([advantage])).sum(), far)
        assert (float(gradient) == 0) == stopped


def every_action(logits: torch.Tensor, copies: torch.Tensor) -> torch.Tensor:
    """log π of a group of one-token sequences that holds each action as often as its probability asks."""
    return logits.log_softmax(-1).repeat_interleave(copies).unsqueeze(-1)


@pytest.mark.parametrize(("estimator", "direction"), [("k2", "to_reference"), ("k3", "from_reference")])
def test_the_gradient_of_grpos_penalty_is_that_of_the_estimator_it_uses(estimator, direction):
    copies = torch.tensor([2, 5, 3])
    logits = (copies.double() / 10).log().requires_grad_()
    reference = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64).log()
    policy = every_action(logits, copies)
    loss = grpo_loss(
        policy,
        policy.detach(),
        reference.repeat_interleave(copies).unsqueeze(-1),
        torch.zeros(10, dtype=torch.float64),
        beta=0.7,
        estimator=estimator,
    )
    (gradient,) = torch.autograd.grad(loss, logits)
    assert torch.allclose(gradient, 0.7 * getattr(expected_gradients(logits.detach(), reference), direction), atol=1e-14)


def test_the_published_loss_is_the_mean_over_sequences_of_the_mean_over_their_tokens():
    generator = torch.Generator().manual_seed(0)
    new, old, reference = (-torch.rand(2, 3, generator=generator, dtype=torch.float64) for _ in range(3))
    advantages, mask = torch.tensor([1.5, -0.5], dtype=torch.float64), torch.tensor([[1, 1, 1], [1, 0, 0]])
    expected = 0.0
    for i, length in enumerate((3, 1)):
        for t in range(length):
            rho, back = (new[i, t] - old[i, t]).exp(), reference[i, t] - new[i, t]
            gain = min(rho * advantages[i], rho.clamp(0.8, 1.2) * advantages[i])
            expected -= (gain - 0.04 * (back.exp() - 1 - back)) / length / 2
    assert float(grpo_loss(new, old, reference, advantages, mask)) == pytest.approx(float(expected), rel=1e-12)


def test_an_unknown_estimator_is_named():
    with pytest.raises(ValueError, match="estimator is 'k4'"):
        grpo_loss(*(torch.zeros(1, 1),) * 3, torch.zeros(1), estimator="k4")


def test_left_alone_beta_changes_by_a_fifth_over_ten_thousand_samples():
    assert adaptive_beta(0.1, 60.0, 6.0, 10_000) == pytest.approx(0.1 * 1.2)
    assert adaptive_beta(0.1, 60.0, 6.0, 1_000) == pytest.approx(0.1 * 1.02)


@pytest.mark.parametrize("estimator", ["k1", "k2", "k3"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_costs_nothing_and_has_no_gradient_whatever_stands_there(estimator, dtype):
    clean = [torch.tensor([[-0.5, -1.2], [-0.7, -0.2]], dtype=dtype) + shift for shift in (0.0, -0.1, 0.15)]
    garbage = torch.tensor([[float("nan"), -1e4], [-torch.inf, 300.0]], dtype=dtype)
    dirty = [torch.cat([clean[0], garbage], -1).requires_grad_(), *(torch.cat([part, garbage.flip(0)], -1) for part in clean[1:])]
    mask, advantages = torch.tensor([[1, 1, 0, 0], [1, 1, 0, 0]]), torch.tensor([1.0, -1.0], dtype=dtype)
    short = clean[0].clone().requires_grad_()
    expected = grpo_loss(short, clean[1], clean[2], advantages, estimator=estimator)
    loss = grpo_loss(*dirty, advantages, mask, estimator=estimator)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    loss.backward()
    expected.backward()
    torch.testing.assert_close(dirty[0].grad[:, :2], short.grad)
    assert dirty[0].grad[:, 2:].abs().max() == 0
