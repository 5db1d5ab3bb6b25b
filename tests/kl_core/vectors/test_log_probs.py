"""KL of ready log-probabilities: right next to equality although their sums are rounded, masks, infinity, slopes."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from kl_core import kl_from_log_probs, kl_from_logits

INF = math.inf


@pytest.mark.parametrize(("apart", "digits"), [(1.5e-3, 0.05), (0.05, 1e-4), (4.0, 1e-4)])
def test_float32_log_softmaxes_lose_less_than_kl_div(apart, digits):
    random = torch.Generator().manual_seed(0)
    z_p = 3 * torch.randn(3, 50_257, generator=random)
    z_q = z_p + apart * torch.randn(3, 50_257, generator=random)
    log_p, log_q, truth = z_p.log_softmax(-1), z_q.log_softmax(-1), kl_from_logits(z_p, z_q)
    off = lambda value: ((value - truth) / truth).abs().max().item()
    ours = off(kl_from_log_probs(log_p, log_q))
    assert ours < digits
    if apart < 1:
        assert ours < off(F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)) / 4


def test_in_float64_it_agrees_with_the_logits_kl():
    random = torch.Generator().manual_seed(1)
    z_p, z_q = (torch.randn(4, 300, generator=random, dtype=torch.float64) for _ in range(2))
    torch.testing.assert_close(kl_from_log_probs(z_p.log_softmax(-1), z_q.log_softmax(-1)), kl_from_logits(z_p, z_q), rtol=1e-13, atol=0)


def test_masks_and_infinity_and_equality_of_log_probabilities():
    half = math.log(0.5)
    log_p = torch.tensor([[half, half, -INF], [half, half, -INF], [0.0, -INF, -INF], [float("nan"), 0.0, 0.0]])
    log_q = torch.tensor([[half, half, -INF], [math.log(0.25), half, math.log(0.25)], [-INF, 0.0, -INF], [0.0, -INF, -INF]])
    value = kl_from_log_probs(log_p, log_q)
    assert value[0].item() == 0 and value[1].item() == pytest.approx(0.5 * math.log(2), rel=1e-6)
    assert value[2].item() == INF and value[3].isnan()
    assert kl_from_log_probs(log_p[0].half(), log_q[1]).dtype == torch.float32


def test_slopes_of_log_probabilities_are_finite_and_right():
    random = torch.Generator().manual_seed(2)
    log_p, log_q = (torch.randn(2, 5, generator=random, dtype=torch.float64).log_softmax(-1) for _ in range(2))
    log_p[0, 1] = log_q[1, 2] = log_p[1, 2] = -INF
    log_p.requires_grad_(), log_q.requires_grad_()
    kl_from_log_probs(log_p, log_q).sum().backward()
    p, q = log_p.detach().exp(), log_q.detach().exp()
    torch.testing.assert_close(log_q.grad, q - p)
    torch.testing.assert_close(log_p.grad, torch.where(p > 0, p * (log_p - log_q).detach(), 0.0))


def test_log_probabilities_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="log_p has 2 outcomes and log_q has 3"):
        kl_from_log_probs(torch.zeros(2), torch.zeros(3))
