"""kl_from_logits where language models use it: large vocabularies, half floats, masks, gradients of both orders."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from mpmath import mp, mpf

from kl_core import kl_from_logits, kl_from_probs

INF = math.inf


def extended(z_p: torch.Tensor, z_q: torch.Tensor) -> float:
    """KL of one row in numpy's 80-bit floats, through terms that do not cancel."""
    a, b = (z.double().numpy().astype(np.longdouble) for z in (z_p, z_q))
    p = np.exp(a - a.max())
    p /= p.sum()
    d = a - b
    e = d - (p * d).sum()
    return float(np.log1p((p * (np.expm1(-e) + e)).sum()))


def random_logits(classes: int, apart: float, seed: int = 0, rows: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    z_p = 3 * torch.randn(rows, classes, generator=generator)
    return z_p, z_p + apart * torch.randn(rows, classes, generator=generator)


@pytest.mark.parametrize("classes", [50_257, 151_936])
@pytest.mark.parametrize("apart", [1e-6, 1e-4, 1.5e-3, 0.03, 1.0, 4.0])
def test_float32_logits_of_a_large_vocabulary_keep_seven_digits(classes, apart):
    # F.kl_div is 4–28 % off at 1.5e-3, where KL is about 1e-6.
    z_p, z_q = random_logits(classes, apart)
    value = kl_from_logits(z_p, z_q)
    assert value.dtype == torch.float32
    for row in range(2):
        assert abs(value[row].item() / extended(z_p[row], z_q[row]) - 1) <= 1e-7


def test_an_offset_of_all_logits_costs_no_digits():
    z_p, z_q = random_logits(50_257, 0.01)
    z_q = z_q + 300
    assert abs(kl_from_logits(z_p, z_q)[0].item() / extended(z_p[0], z_q[0]) - 1) <= 1e-7


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_floats_are_computed_wide_and_answered_in_float32(dtype):
    z_p, z_q = (z.to(dtype) for z in random_logits(50_257, 0.02))
    value = kl_from_logits(z_p, z_q.requires_grad_())
    assert value.dtype == torch.float32
    assert abs(value[0].item() / extended(z_p[0], z_q[0].detach()) - 1) <= 1e-7
    value.sum().backward()
    assert z_q.grad.dtype == dtype


@pytest.mark.parametrize("spread", [1.0, 30.0, 300.0])
@pytest.mark.parametrize("apart", [0.0, 1e-14, 1e-8, 1e-3, 0.3, 1.0, 3.0, 300.0])
@pytest.mark.parametrize("offset", [0.0, 512.0])
def test_float64_logits_keep_fifteen_digits_from_a_ulp_apart_to_a_thousand(spread, apart, offset):
    generator = torch.Generator().manual_seed(11)
    for classes in (2, 30):
        z_p = spread * torch.randn(classes, generator=generator, dtype=torch.float64)
        noise = torch.randn(classes, generator=generator, dtype=torch.float64)
        z_q = offset + (z_p + apart * noise if apart else torch.nextafter(z_p, z_p + noise))
        with mp.workdps(400):
            a, b = ([mpf(v) for v in z.tolist()] for z in (z_p, z_q))
            total_a, total_b = (sum(map(mp.exp, z)) for z in (a, b))
            truth = sum(mp.exp(x) / total_a * (x - y - mp.log(total_a / total_b)) for x, y in zip(a, b))
            if truth > 1e-300:
                assert abs(kl_from_logits(z_p, z_q).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize("apart", [1e-15, 1e-8, 0.3, 2.0])
def test_float64_probabilities_keep_fifteen_digits_however_small_or_unnormalised(apart):
    generator = torch.Generator().manual_seed(2)
    for depth, size in ((5, 1e290), (600, 1.0), (5, 1e-290)):
        p = size * torch.exp(-depth * torch.rand(6, generator=generator, dtype=torch.float64))
        q = p * (1 + apart * torch.rand(6, generator=generator, dtype=torch.float64))
        with mp.workdps(300):
            a, b = ([mpf(v) for v in w.tolist()] for w in (p, q))
            truth = sum(x / sum(a) * mp.log(x * sum(b) / (y * sum(a))) for x, y in zip(a, b))
            assert abs(kl_from_probs(p, q).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masks_in_a_large_vocabulary(dtype):
    z_p, z_q = (z.to(dtype) for z in random_logits(20_000, 0.5))
    z_p[:, 15_000:] = z_q[:, 15_000:] = -INF
    short = kl_from_logits(z_p[:, :15_000], z_q[:, :15_000])
    z_p.requires_grad_(), z_q.requires_grad_()
    value = kl_from_logits(z_p, z_q)
    torch.testing.assert_close(value, short, rtol=1e-7 if dtype == torch.float32 else 2e-15, atol=0)
    value.sum().backward()
    for grad in (z_p.grad, z_q.grad):
        assert grad.isfinite().all() and (grad[:, 15_000:] == 0).all() and (grad[:, :15_000] != 0).any()
    narrower = z_q.detach().clone()
    narrower[:, :10] = -INF
    assert kl_from_logits(z_p, narrower).isinf().all()  # what P may have and Q not costs everything
    share = -torch.log1p(-z_p.detach().double().softmax(-1)[:, :10].sum(-1))  # and the other way −log of the rest
    masked = z_p.detach().clone()
    masked[:, :10] = -INF
    torch.testing.assert_close(kl_from_logits(masked, z_p).double(), share, rtol=1e-7 if dtype == torch.float32 else 1e-12, atol=0)


def by_mpmath(z_p: torch.Tensor, z_q: torch.Tensor) -> tuple[mpf, list[mpf], list[mpf]]:
    """KL of two rows and its slopes in z_p and in z_q."""
    with mp.workdps(300):
        a, b = ([mp.exp(v) if v > -INF else mpf(0) for v in z.tolist()] for z in (z_p, z_q))
        p, q = ([v / sum(z) for v in z] for z in (a, b))
        divergence = sum(x * mp.log(x / y) for x, y in zip(p, q) if x)
        slope_p = [x * (mp.log(x / y) - divergence) if x else mpf(0) for x, y in zip(p, q)]
        return divergence, slope_p, [y - x for x, y in zip(p, q)]


def assert_slopes(ours, exact, digits: float) -> None:
    """Each slope to those digits of the largest of its distribution; 0 where P is Q cut down, so that mpmath's rounding is left."""
    for slopes, truth in zip(ours, exact):
        within = max(digits * max(map(abs, truth)), 1e-290)
        assert all(abs(f - t) <= within for f, t in zip(slopes.tolist(), truth))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("apart", [1e-8, 1e-3, 1.0])
def test_analytic_gradient_matches_mpmath_near_equality_and_far_from_it(dtype, apart):
    generator = torch.Generator().manual_seed(4)
    z_p = 2 * torch.randn(6, generator=generator, dtype=torch.float64)
    z_q = (z_p + apart * torch.randn(6, generator=generator, dtype=torch.float64)).to(dtype).requires_grad_()
    z_p = z_p.to(dtype).requires_grad_()
    kl_from_logits(z_p, z_q).backward()
    _, *slopes = by_mpmath(z_p, z_q)
    assert_slopes((z_p.grad, z_q.grad), slopes, 1e-13 if dtype == torch.float64 else 1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("apart", "beyond"), [(1e-8, -30.0), (0.1, -2.0), (0.0, 1.0), (40.0, 60.0)])
def test_classes_that_p_alone_masks_cost_what_mpmath_says_and_pull_q_towards_the_others(dtype, apart, beyond):
    generator = torch.Generator().manual_seed(5)
    z_p = 2 * torch.randn(6, generator=generator, dtype=torch.float64)
    z_q = z_p + apart * torch.randn(6, generator=generator, dtype=torch.float64)
    z_p[:2], z_q[:2] = -INF, beyond
    z_p, z_q = (z.to(dtype).requires_grad_() for z in (z_p, z_q))
    value = kl_from_logits(z_p, z_q)
    value.backward()
    divergence, *slopes = by_mpmath(z_p, z_q)
    assert abs(value.item() - divergence) <= (2e-15 if dtype == torch.float64 else 1e-7) * divergence
    assert_slopes((z_p.grad, z_q.grad), slopes, 1e-12 if dtype == torch.float64 else 1e-7)


@pytest.mark.parametrize("masked", [(), (0,)])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
@pytest.mark.parametrize("apart", [1e-12, 3.0, 100.0])
@pytest.mark.parametrize("lead", [0.0, 30.0, 200.0])
def test_slopes_keep_their_digits_where_one_class_has_nearly_all_of_p_or_the_kl_hardly_depends_on_it(lead, apart, offset, masked):
    generator = torch.Generator().manual_seed(1)
    z_p = torch.randn(5, generator=generator, dtype=torch.float64) + offset
    z_p[3] += lead
    z_q = (z_p + apart * torch.randn(5, generator=generator, dtype=torch.float64) - offset / 3).requires_grad_()
    z_p[list(masked)] = -INF
    kl_from_logits(z_p.requires_grad_(), z_q).backward()
    _, *slopes = by_mpmath(z_p, z_q)
    assert_slopes((z_p.grad, z_q.grad), slopes, 1e-14)


def test_first_and_second_derivatives_pass_gradcheck():
    generator = torch.Generator().manual_seed(0)
    z_p, z_q = (torch.randn(2, 4, generator=generator, dtype=torch.float64).requires_grad_() for _ in range(2))
    assert torch.autograd.gradcheck(kl_from_logits, (z_p, z_q))
    assert torch.autograd.gradgradcheck(kl_from_logits, (z_p, z_q))
    assert torch.autograd.gradcheck(kl_from_logits, (z_p.detach(), z_q))
    assert torch.autograd.gradcheck(kl_from_logits, (z_p[:1], z_q))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_batch_without_rows_has_no_answers(dtype):
    none = torch.zeros(0, 5, dtype=dtype, requires_grad=True)
    value = kl_from_logits(none, none + 1)
    value.sum().backward()
    assert value.shape == (0,) and none.grad.shape == (0, 5)


def test_rows_are_independent_of_their_neighbours():
    z_p, z_q = random_logits(300, 1.0, rows=6)
    z_q[1] = z_p[1]  # equal
    z_p[2, 0] = z_q[2, 0] = 900.0  # beyond float64's e^z
    z_q[3, 0] = -INF  # infinite
    z_q[4] = z_p[4] * (1 + 1e-6)  # all but equal
    together = kl_from_logits(z_p, z_q)
    assert together[1] == 0 and together[3] == INF
    for row in range(6):
        assert together[row] == kl_from_logits(z_p[row], z_q[row])
    three = kl_from_logits(z_p.reshape(2, 1, 3, 300), z_q.reshape(1, 2, 3, 300))
    assert three.shape == (2, 2, 3) and torch.equal(three[0, 0], together[:3])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_logits_hundreds_apart_have_a_finite_kl_though_its_exponential_has_none(dtype):
    generator = torch.Generator().manual_seed(6)
    z_p = torch.randn(3, 40, generator=generator, dtype=dtype)
    z_q = z_p + 700 * torch.randn(3, 40, generator=generator, dtype=dtype)
    for row_p, row_q, divergence in zip(z_p.tolist(), z_q.tolist(), kl_from_logits(z_p, z_q).tolist()):
        with mp.workdps(40):
            a, b = ([mp.exp(mpf(z)) for z in row] for row in (row_p, row_q))
            truth = sum(x / sum(a) * mp.log(x * sum(b) / (y * sum(a))) for x, y in zip(a, b))
            assert abs(divergence - truth) <= (1e-7 if dtype == torch.float32 else 2e-15) * truth


def test_a_kl_that_rests_on_a_class_of_next_to_no_probability_keeps_its_digits():
    z_p = torch.tensor([300.0, -50.0], dtype=torch.float64)
    z_q = z_p + torch.tensor([3e-13, -4e-13], dtype=torch.float64)
    with mp.workdps(500):
        a, b = ([mp.exp(mpf(z)) for z in row.tolist()] for row in (z_p, z_q))
        truth = sum(x / sum(a) * mp.log(x * sum(b) / (y * sum(a))) for x, y in zip(a, b))
        assert truth < 1e-170
        assert abs(kl_from_logits(z_p, z_q).item() - truth) <= 2e-15 * truth


@pytest.mark.parametrize("high", [0.0, 900.0, 3000.0])
def test_a_class_that_p_masks_may_have_a_logit_whose_exponential_is_no_float(high):
    z_p = torch.tensor([-torch.inf, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
    z_q = torch.tensor([high, 0.5, 1.0], dtype=torch.float64, requires_grad=True)
    value = kl_from_logits(z_p, z_q)
    value.backward()
    with mp.workdps(50):
        p, q = ([mp.exp(z) for z in zs] for zs in ((-mp.inf, 0, 1), (high, 0.5, 1)))
        p, q = [a / sum(p) for a in p], [b / sum(q) for b in q]
        truth = sum(a * mp.log(a / b) for a, b in zip(p, q) if a > 0)
        assert abs(value.item() - truth) <= 1e-15 * truth
        for slope, a, b in zip(z_q.grad.tolist(), p, q):
            assert abs(slope - (b - a)) <= 1e-15
