"""On a GPU the same numbers as on the CPU; where there is none, what a GPU is asked to do is tried on the CPU."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Beta, Cauchy, Distribution, Gamma, Laplace, Normal, StudentT

from kl_core import jensen_shannon, kl, kl_from_logits, kl_from_probs
from kl_core.vectors.logits import _in_one_go
from tests.kl_core.vectors.test_logits import INF, extended, random_logits

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")


@pytest.mark.parametrize("apart", [1e-6, 1e-3, 0.03, 1.0, 300.0])
def test_without_branches_on_values_float32_logits_keep_seven_digits(apart):
    z_p, z_q = random_logits(50_257, apart)
    value, slopes, again = _in_one_go(z_p, z_q, (True, True))
    assert not again.any()
    for row in range(2):
        assert value[row].item() == pytest.approx(extended(z_p[row], z_q[row]), rel=1e-7)
    z_p.requires_grad_(), z_q.requires_grad_()
    kl_from_logits(z_p, z_q).sum().backward()
    for slope, grad in zip(slopes, (z_p.grad, z_q.grad)):
        torch.testing.assert_close(slope, grad, rtol=1e-5, atol=1e-6 * grad.abs().max().item())


def test_without_branches_masks_infinity_and_what_is_no_logit_are_told_apart():
    z_p = torch.tensor([[0.0, 1.0, -INF], [0.0, 1.0, 2.0], [0.0, float("nan"), 1.0], [-INF, -INF, -INF]])
    z_q = torch.tensor([[1.0, 0.0, 3.0], [0.0, 1.0, -INF], [0.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    value, slopes, _ = _in_one_go(z_p, z_q, (True, True))
    assert value[0].item() == pytest.approx(kl_from_logits(z_p[0], z_q[0]).item(), rel=1e-7)
    assert value[1].isinf() and value[2:].isnan().all()
    for slope in slopes:
        assert slope[:2].isfinite().all() and (slope[1] == 0).all()


PAIRS = {
    "closed form": ((Normal, 0.0, 1.0), (Normal, 1e-4, 1.0)),
    "Laplace": ((Laplace, 0.0, 1.0), (Laplace, 0.5, 2.0)),
    "Gamma": ((Gamma, 2.0, 1.0), (Gamma, 3.0, 1.5)),
    "Beta": ((Beta, 2.0, 3.0), (Beta, 1.0, 1.0)),
    "infinite": ((Cauchy, 0.0, 1.0), (Normal, 0.0, 1.0)),
    "by quadrature": ((StudentT, 5.0, 0.0, 1.0), (Normal, 0.0, 2.0)),
}


def _on(device: str, kind: type[Distribution], *parameters: float) -> Distribution:
    return kind(*(torch.tensor(value, dtype=torch.float64, device=device) for value in parameters))


@on_a_gpu
@pytest.mark.parametrize("p, q", PAIRS.values(), ids=PAIRS)
def test_distributions_on_a_gpu_give_the_same_numbers(p, q):
    here, there = ([_on(device, *p), _on(device, *q)] for device in ("cpu", "cuda"))
    for function in (kl, jensen_shannon):
        value = function(*there)
        assert value.is_cuda
        torch.testing.assert_close(value.cpu(), function(*here), rtol=1e-12, atol=0)


@on_a_gpu
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_logits_and_probabilities_on_a_gpu_give_the_same_numbers_and_slopes(dtype):
    z_p, z_q = (z.to(dtype) for z in random_logits(50_257, 0.03))
    digits = 1e-13 if dtype == torch.float64 else 1e-7
    here, there = [z.clone().requires_grad_() for z in (z_p, z_q)], [z.cuda().requires_grad_() for z in (z_p, z_q)]
    values = [kl_from_logits(*pair) for pair in (here, there)]
    torch.testing.assert_close(values[1].cpu(), values[0], rtol=digits, atol=0)
    for value in values:
        value.sum().backward()
    for on_cpu, on_gpu in zip(here, there):
        torch.testing.assert_close(on_gpu.grad.cpu(), on_cpu.grad, rtol=1e-2 if dtype == torch.bfloat16 else 1e-5, atol=1e-9)
    if dtype != torch.bfloat16:
        p, q = (z.softmax(-1) for z in (z_p, z_q))
        torch.testing.assert_close(kl_from_probs(p.cuda(), q.cuda()).cpu(), kl_from_probs(p, q), rtol=digits, atol=0)
