"""KL on vectors: zeros, neighbours, masks, huge logits, float32, and the golden numbers."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from kl_core import FAMILIES, entropy, kl, kl_from_logits, kl_from_probs, kl_terms, renyi

INF, NAN = math.inf, math.nan
P, Q = torch.tensor([0.3, 0.5, 0.2], dtype=torch.float64), torch.tensor([0.35, 0.4, 0.25], dtype=torch.float64)


def true_kl(p, q, digits=60) -> mpf:
    with mp.workdps(digits):
        p, q = [mpf(v) for v in p], [mpf(v) for v in q]
        total_p, total_q = sum(p), sum(q)
        return sum((a / total_p * mp.log(a * total_q / (b * total_p)) for a, b in zip(p, q) if a > 0), mpf(0))


def true_kl_of_logits(z_p, z_q) -> mpf:
    with mp.workdps(60):
        return true_kl([mp.exp(mpf(z)) for z in z_p], [mp.exp(mpf(z)) for z in z_q])


def test_kl_of_the_worked_example_is_0207_one_way_and_0205_the_other():
    assert round(kl_from_probs(P, Q).item(), 4) == 0.0207
    assert round(kl_from_probs(Q, P).item(), 4) == 0.0205
    categorical = FAMILIES["categorical"].distribution
    assert round(kl(categorical(probs=P), categorical(probs=Q)).item(), 4) == 0.0207
    assert round(kl_from_logits(P.log(), Q.log()).item(), 4) == 0.0207


@pytest.mark.parametrize("apart", [1e-2, 1e-4, 1e-8, 1e-12])
@pytest.mark.parametrize("size", [2, 5, 300])
def test_kl_from_probs_of_neighbours_keeps_its_digits(apart, size):
    generator = torch.Generator().manual_seed(size)
    for _ in range(10):
        q = torch.rand(size, generator=generator, dtype=torch.float64)
        q = q / q.sum()
        p = q * (1 + apart * torch.randn(size, generator=generator, dtype=torch.float64))
        truth = true_kl(p.tolist(), q.tolist())
        value = kl_from_probs(p, q).item()
        assert value >= 0
        assert abs(value - truth) <= 1e-14 * truth


def test_kl_from_probs_one_ulp_apart_keeps_its_digits():
    q = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)
    p = torch.tensor([math.nextafter(0.2, 1), 0.3, math.nextafter(0.5, 0)], dtype=torch.float64)
    truth = true_kl(p.tolist(), q.tolist())
    assert truth > 0
    assert abs(kl_from_probs(p, q).item() - truth) <= 1e-14 * truth


@pytest.mark.parametrize("q", [[1e-300, 1.0], [1e-100, 1.0], [0.5, 1e-18]])
def test_kl_from_probs_does_not_clamp_tiny_probabilities(q):
    p = [0.5, 0.5]
    truth = true_kl(p, q)
    value = kl_from_probs(torch.tensor(p, dtype=torch.float64), torch.tensor(q, dtype=torch.float64))
    assert abs(value.item() - truth) <= 2e-15 * truth
    categorical = FAMILIES["categorical"].distribution
    assert abs(kl(categorical(probs=p), categorical(probs=q)).item() - truth) <= 2e-15 * truth


def test_zero_under_p_costs_nothing_and_zero_under_q_is_infinite():
    p, q = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([0.25, 0.25, 0.5])
    assert kl_from_probs(p, q).item() == pytest.approx(math.log(2))
    assert kl_from_probs(q, p).item() == INF
    assert kl_from_probs(p, p).item() == 0
    assert kl_terms(p, q).tolist()[2] == 0
    assert kl_terms(q, p).tolist()[2] == INF


def test_kl_terms_sum_to_kl_and_may_be_negative():
    terms = kl_terms(3 * P, 7 * Q)
    assert terms.sum().item() == pytest.approx(kl_from_probs(P, Q).item(), abs=3e-16)
    assert terms.tolist() == pytest.approx([0.3 * math.log(6 / 7), 0.5 * math.log(1.25), 0.2 * math.log(0.8)])
    assert terms[0] < 0


def test_gradient_is_finite_next_to_zeros():
    p = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64, requires_grad=True)
    q = torch.tensor([0.25, 0.25, 0.5], dtype=torch.float64, requires_grad=True)
    kl_from_probs(p, q).backward()
    assert torch.isfinite(p.grad).all() and torch.isfinite(q.grad).all()
    # Of −log of q's share in each, with normalisation: −p + q over q's total.
    torch.testing.assert_close(q.grad, torch.tensor([-1.0, -1.0, 1.0], dtype=torch.float64))


@pytest.mark.parametrize("faint", [1e-140, 1e-160, 1e-300])
@pytest.mark.parametrize(
    "divergence", [kl_from_probs, lambda p, q: kl_terms(p, q).sum(), lambda p, q: renyi(p, q, 1.0)], ids=["kl", "terms", "renyi"]
)
def test_gradients_are_right_where_q_all_but_rules_out_what_p_allows(divergence, faint):
    # Of weights p and q with sums P and Q: (log(p·Q/(q·P)) − KL)/P and 1/Q − p/(q·P). p/q² would overflow.
    p, q = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.5, 0.25, 0.125], [faint, 0.5, 0.75]))
    divergence(p, q).backward()
    with mp.workdps(50):
        a, b = ([mpf(v) for v in w.tolist()] for w in (p, q))
        truth = true_kl(a, b)
        slopes_p = [(mp.log(x * sum(b) / (y * sum(a))) - truth) / sum(a) for x, y in zip(a, b)]
        slopes_q = [1 / sum(b) - x / (y * sum(a)) for x, y in zip(a, b)]
    for found, slopes in ((p.grad, slopes_p), (q.grad, slopes_q)):
        assert found.tolist() == pytest.approx([float(one) for one in slopes], rel=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_kl_from_probs_and_logits_pass_gradcheck(seed):
    generator = torch.Generator().manual_seed(seed)
    a, b = (torch.randn(2, 5, generator=generator, dtype=torch.float64).requires_grad_() for _ in range(2))
    assert torch.autograd.gradcheck(kl_from_logits, (a, b))
    assert torch.autograd.gradcheck(lambda x, y: kl_from_probs(x.exp(), y.exp()), (a, b))
    assert torch.autograd.gradcheck(lambda x, y: kl_terms(x.exp(), y.exp()), (a, b))


def test_gradient_of_kl_from_logits_is_q_minus_p():
    a = torch.tensor([2.0, 0.0, -1.0], dtype=torch.float64)
    b = (a + 1e-9 * torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)).requires_grad_()
    kl_from_logits(a, b).backward()
    with mp.workdps(50):
        soft = lambda z: [mp.exp(mpf(v)) / sum(mp.exp(mpf(w)) for w in z) for v in z]
        truth = [y - x for x, y in zip(soft(a.tolist()), soft(b.tolist()))]
    # Compared at the size of the difference, not of the probabilities.
    assert all(abs(g - t) <= 1e-7 * abs(t) for g, t in zip(b.grad.tolist(), truth))


@pytest.mark.parametrize(
    ("z_p", "z_q", "expected"),
    [
        ([1000.0, -1000.0], [-1000.0, 1000.0], 2000.0),
        ([1000.0, 0.0], [1000.0, 0.0], 0.0),
        ([0.0, -INF, 0.0], [0.0, -INF, 0.0], 0.0),
        ([0.0, -INF, 0.0], [0.0, 1.0, 0.0], math.log((2 + math.e) / 2)),
        ([0.0, 1.0, 0.0], [0.0, -INF, 0.0], INF),
        ([0.0, -INF], [0.0, 800.0], 800.0),
        ([0.0, -INF], [0.0, -800.0], 0.0),
        ([-INF, 3.0], [-INF, -7.0], 0.0),
    ],
)
def test_kl_from_logits_survives_extremes_and_masks(z_p, z_q, expected):
    value = kl_from_logits(torch.tensor(z_p, dtype=torch.float64), torch.tensor(z_q, dtype=torch.float64))
    assert value.item() == pytest.approx(expected, rel=1e-15, abs=0)


def test_gradient_of_kl_from_logits_is_finite_next_to_masks():
    a = torch.tensor([[0.0, -INF, 0.5], [0.0, -INF, 0.5]], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([[0.1, 1.0, 0.0], [0.1, -INF, 0.0]], dtype=torch.float64, requires_grad=True)
    kl_from_logits(a, b).sum().backward()
    assert torch.isfinite(a.grad).all() and torch.isfinite(b.grad).all()
    torch.testing.assert_close(b.grad, b.detach().softmax(-1) - a.detach().softmax(-1))


@pytest.mark.parametrize("apart", [1e-1, 1e-4, 1e-8, 1e-12])
def test_kl_from_logits_of_neighbours_keeps_its_digits(apart):
    generator = torch.Generator().manual_seed(7)
    for _ in range(8):
        a = 5 * torch.randn(40, generator=generator, dtype=torch.float64)
        b = a + apart * torch.randn(40, generator=generator, dtype=torch.float64)
        truth = true_kl_of_logits(a.tolist(), b.tolist())
        value = kl_from_logits(a, b).item()
        assert abs(value - truth) <= 1e-14 * truth


def test_kl_from_logits_does_not_see_a_constant():
    generator = torch.Generator().manual_seed(1)
    a, b = (torch.randn(30, generator=generator, dtype=torch.float64) for _ in range(2))
    assert kl_from_logits(a + 512, b - 256).item() == pytest.approx(kl_from_logits(a, b).item(), rel=1e-12)


def test_float32_inputs_answer_in_float32_with_six_digits():
    generator = torch.Generator().manual_seed(3)
    q = torch.rand(1000, generator=generator)
    p = q * (1 + 1e-4 * torch.randn(1000, generator=generator))
    truth = true_kl(p.tolist(), q.tolist())
    assert kl_from_probs(p, q).dtype == torch.float32
    assert abs(kl_from_probs(p, q).item() - truth) <= 1e-6 * truth
    logits = kl_from_logits(p, q)
    assert logits.dtype == torch.float32
    assert abs(logits.item() - true_kl_of_logits(p.tolist(), q.tolist())) <= 1e-6 * logits.item()


def test_leading_shapes_broadcast():
    p = P.expand(4, 1, 3)
    q = torch.stack([P, Q])
    value = kl_from_probs(p, q)
    assert value.shape == (4, 2)
    assert value[:, 0].tolist() == [0] * 4
    assert kl_terms(p, q).shape == (4, 2, 3)


@pytest.mark.parametrize(
    ("p", "q", "words"),
    [
        ([0.5, -0.5], [0.5, 0.5], "p has the entry -0.5"),
        ([0.5, 0.5], [NAN, 0.5], "q has the entry nan"),
        ([0.5, 0.5], [INF, 0.5], "q has the entry inf"),
        ([0.0, 0.0], [0.5, 0.5], "p has no mass"),
        ([0.5, 0.5], [0.5, 0.25, 0.25], "p has 2 outcomes and q has 3"),
    ],
)
@pytest.mark.parametrize("function", [kl_from_probs, kl_terms])
def test_bad_probabilities_are_named(function, p, q, words):
    with pytest.raises(ValueError, match=words):
        function(torch.tensor(p), torch.tensor(q))


@pytest.mark.parametrize(
    ("p", "q", "words"),
    [
        ([0.5, NAN], [0.5, 0.5], "z_p has an entry that is NaN"),
        ([0.5, 0.5], [INF, 0.5], "z_q has an entry that is NaN or"),
        ([-INF, -INF], [0.5, 0.5], "z_p masks every class"),
        ([0.5, 0.5], [0.5], "z_p has 2 outcomes and z_q has 1"),
    ],
)
def test_bad_logits_are_named(p, q, words):
    with pytest.raises(ValueError, match=words):
        kl_from_logits(torch.tensor(p), torch.tensor(q))


weights = st.lists(st.floats(1e-6, 1.0), min_size=4, max_size=4)


@settings(max_examples=60)
@given(weights, weights, weights, weights)
def test_kl_adds_over_independent_parts_and_is_never_negative(a, b, c, d):
    a, b, c, d = (torch.tensor(v, dtype=torch.float64) for v in (a, b, c, d))
    joint = kl_from_probs(torch.outer(a, c).flatten(), torch.outer(b, d).flatten())
    parts = kl_from_probs(a, b) + kl_from_probs(c, d)
    assert joint.item() == pytest.approx(parts.item(), rel=1e-9, abs=1e-15)
    assert kl_from_probs(a, b).item() >= 0


@settings(max_examples=60)
@given(weights, st.permutations(range(4)))
def test_kl_is_zero_only_for_equal_distributions_and_does_not_see_names(a, order):
    a = torch.tensor(a, dtype=torch.float64)
    moved = a[list(order)]
    assert kl_from_probs(a, a).item() == 0
    assert (kl_from_probs(a, moved).item() == 0) == bool((a == moved).all())
    b = a.flip(0)
    assert kl_from_probs(moved, b[list(order)]).item() == pytest.approx(kl_from_probs(a, b).item(), rel=1e-12, abs=1e-18)


@settings(max_examples=60)
@given(weights, weights, st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_kl_of_mixtures_of_disjoint_parts_obeys_the_chain_rule(a, b, s, t):
    a, b = (torch.tensor(v, dtype=torch.float64) for v in (a, b))
    a, b = a / a.sum(), b / b.sum()
    p, q = torch.cat([s * a, (1 - s) * b]), torch.cat([t * b, (1 - t) * a])
    coin = kl_from_probs(*(torch.tensor([v, 1 - v], dtype=torch.float64) for v in (s, t)))
    parts = s * kl_from_probs(a, b) + (1 - s) * kl_from_probs(b, a)
    assert kl_from_probs(p, q).item() == pytest.approx((coin + parts).item(), rel=1e-6, abs=1e-12)


def test_entropy_of_the_uniform_is_log_k_and_of_one_point_is_zero():
    assert entropy(torch.ones(8)).item() == pytest.approx(math.log(8), rel=1e-6)
    assert entropy(torch.tensor([0.0, 1.0, 0.0])).item() == 0


@pytest.mark.parametrize("seed", range(4))
def test_weights_of_any_sizes_sums_and_zeros_keep_their_digits(seed):
    # Sums that differ by 1e500, outcomes 1e-250 of another, neighbours in floats and P where Q has next to nothing.
    generator = torch.Generator().manual_seed(seed)
    number = lambda low, high: low + (high - low) * torch.rand((), generator=generator, dtype=torch.float64).item()
    for _ in range(60):
        outcomes, depth = int(number(2, 9)), 10 ** number(-1, 2.75)
        p = 10 ** number(-40, 40) * torch.exp(-depth * torch.rand(outcomes, generator=generator, dtype=torch.float64))
        q = p * torch.exp(10 ** number(-16.5, 0.5) * torch.randn(outcomes, generator=generator, dtype=torch.float64))
        p[0] *= number(0, 1) > 0.3
        q = q * 10 ** number(-40, 40) if number(0, 1) > 0.5 else q
        truth = true_kl(p.tolist(), q.tolist(), 320)
        if truth > 1e-280:
            assert abs(kl_from_probs(p, q).item() - truth) <= 2e-15 * truth


def test_two_vectors_closer_than_a_rounding_of_their_quotient_keep_their_digits():
    # All of the KL rests on the second outcome, of probability 1.5e-45, where p/q differs by 3.5e-18 from Σp/Σq.
    p = [7.081391991097482e-58, 1.075745624687496e-102, 3.1598511903203074e-141]
    q = [6.043607515712856e-86, 9.18094119140689e-131, 2.6967721072865455e-169]
    truth = true_kl(p, q, 320)
    with mp.workdps(320):
        slopes = [1 / sum(map(mpf, q)) - mpf(a) / mpf(b) / sum(map(mpf, p)) for a, b in zip(p, q)]  # dKL/dq
    p, q = torch.tensor(p, dtype=torch.float64), torch.tensor(q, dtype=torch.float64, requires_grad=True)
    value = kl_from_probs(p, q)
    assert abs(value.item() - truth) <= 2e-15 * truth
    value.backward()
    assert all(abs(slope - true) <= 4e-15 * abs(true) for slope, true in zip(q.grad.tolist(), slopes))
