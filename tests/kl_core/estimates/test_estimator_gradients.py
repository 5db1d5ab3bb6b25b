"""Gradients of KL estimates as losses: against autograd through enumerated expectations, and against the theory."""

import pytest
import torch

from kl_core.estimates.estimator_gradients import expected_gradients
from kl_core.estimates.estimators import ESTIMATORS

LOGITS = torch.tensor([0.4, -1.0, 0.9, 0.0], dtype=torch.float64)
REFERENCE = torch.tensor([0.1, 0.4, 0.3, 0.2], dtype=torch.float64).log()
SAMPLER = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64).log()


def by_autograd(estimator, sampler, weights: str, use: str) -> torch.Tensor:
    """The expectation over the sampler of the gradient that a training loop would compute for each sample."""
    z = LOGITS.clone().requires_grad_()
    log_policy = z.log_softmax(-1)
    drawn = (log_policy if sampler is None else sampler).detach()
    value = estimator(log_policy, REFERENCE)
    weight = {"none": 1.0, "constant": (log_policy - drawn).exp().detach(), "differentiated": (log_policy - drawn).exp()}[weights]
    if use == "reward":
        value = value.detach() * log_policy
        weight = weight.detach() if isinstance(weight, torch.Tensor) else weight
    (drawn.exp() * weight * value).sum().backward()
    return z.grad


@pytest.mark.parametrize("use", ["loss", "reward"])
@pytest.mark.parametrize("weights", ["none", "constant", "differentiated"])
@pytest.mark.parametrize("sampler", [None, SAMPLER], ids=["on-policy", "off-policy"])
def test_every_gradient_is_what_autograd_finds(sampler, weights, use):
    gradients = expected_gradients(LOGITS, REFERENCE, sampler, weights=weights, use=use).estimators
    for name, estimator in ESTIMATORS.items():
        assert torch.allclose(gradients[name], by_autograd(estimator, sampler, weights, use), atol=1e-14)


def test_the_true_gradients_are_those_of_the_two_divergences():
    z = LOGITS.clone().requires_grad_()
    log_policy = z.log_softmax(-1)
    gradients = expected_gradients(LOGITS, REFERENCE)
    for kl, gradient in (
        ((log_policy.exp() * (log_policy - REFERENCE)).sum(), gradients.to_reference),
        ((REFERENCE.exp() * (REFERENCE - log_policy)).sum(), gradients.from_reference),
    ):
        assert torch.allclose(torch.autograd.grad(kl, z, retain_graph=True)[0], gradient, atol=1e-14)


def test_on_policy_k1_teaches_nothing_k2_the_penalty_and_k3_the_other_direction():
    gradients = expected_gradients(LOGITS, REFERENCE)
    assert float(gradients.estimators["k1"].abs().max()) < 1e-15
    assert torch.allclose(gradients.estimators["k2"], gradients.to_reference, atol=1e-15)
    assert torch.allclose(gradients.estimators["k3"], gradients.from_reference, atol=1e-15)
    assert not torch.allclose(gradients.to_reference, gradients.from_reference, atol=1e-2)


def test_off_policy_none_is_right_without_weights_and_weights_bring_back_the_on_policy_gradients():
    bare = expected_gradients(LOGITS, REFERENCE, SAMPLER)
    assert all(not torch.allclose(one, bare.to_reference, atol=1e-2) for one in bare.estimators.values())
    weighted = expected_gradients(LOGITS, REFERENCE, SAMPLER, weights="constant")
    assert torch.allclose(weighted.estimators["k2"], weighted.to_reference, atol=1e-15)


@pytest.mark.parametrize("sampler", [None, SAMPLER])
def test_a_differentiated_weight_makes_k1_and_k3_right(sampler):
    gradients = expected_gradients(LOGITS, REFERENCE, sampler, weights="differentiated")
    for name in ("k1", "k3"):
        assert torch.allclose(gradients.estimators[name], gradients.to_reference, atol=1e-15)


def test_k1_in_the_reward_is_right_and_k2_there_is_not():
    gradients = expected_gradients(LOGITS, REFERENCE, use="reward")
    assert torch.allclose(gradients.estimators["k1"], gradients.to_reference, atol=1e-15)
    assert not torch.allclose(gradients.estimators["k2"], gradients.to_reference, atol=1e-2)


@pytest.mark.parametrize(("name", "value"), [("weights", "some"), ("use", "penalty")])
def test_an_unknown_choice_is_named(name, value):
    with pytest.raises(ValueError, match=f"{name} is '{value}'"):
        expected_gradients(LOGITS, REFERENCE, **{name: value})
