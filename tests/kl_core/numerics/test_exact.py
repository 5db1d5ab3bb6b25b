"""The elementary functions that everything else is a sum of, against 60 digits, on either side of every branch."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf

from kl_core.numerics.exact import bernoulli_kl, exp_excess, kl_term, safe_log
from kl_core.numerics.log_excess import atanh_tail, h, h_of_ratio

ULP = 2.0**-52
# Distances from equality: next to it, round the ends of the polynomials' ranges, and far.
APART = [s * one for one in (1e-100, 1e-16, 1e-9, 1e-4, 0.1, 0.3333, 0.49999, 0.50001, 0.9, 0.99999, 0.9999999) for s in (-1, 1)]
FAR = [1.00001, 1.5, 30.0, 1e8, 1e300]


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def right(found: torch.Tensor, truths: list[mpf], rounding: float) -> None:
    for value, truth in zip(found.tolist(), truths, strict=True):
        assert abs(value - truth) <= rounding * ULP * abs(truth), (value, truth)


@pytest.mark.parametrize("together", [True, False], ids=["all at once", "one by one"])
def test_h_keeps_its_digits_from_equality_to_the_ends_of_the_floats(together):
    t = vector(*APART, *FAR)
    found = h(1 + t, t) if together else torch.stack([h(1 + one, one) for one in t])
    with mp.workdps(500):
        right(found, [x - mp.log1p(x) for x in map(mpf, t.tolist())], 4)


@pytest.mark.parametrize(
    ("least", "most"), [(0.9, 1.2), (0.25, 4.0), (1e-300, 1.25), (0.15, 1e6), (1e-6, 1e6), (3.0, 1e300), (1e-290, 0.01)]
)
def test_h_of_a_ratio_keeps_its_digits_however_far_a_batch_goes(least, most):
    b = torch.linspace(0.7, 1.3, 200, dtype=torch.float64)
    a = b * torch.linspace(math.log(least), math.log(most), 200, dtype=torch.float64).exp()
    a[100:110] = b[100:110] * (1 + 2.0 ** -torch.arange(5, 15, dtype=torch.float64)) if least < 1 < most else a[100:110]
    with mp.workdps(700):
        truths = [x - 1 - mp.log(x) for x in (mpf(one) / mpf(other) for one, other in zip(a.tolist(), b.tolist()))]
        right(h_of_ratio(a, b), truths, 7)
        right(h_of_ratio(a.requires_grad_(), b), truths, 7)


def test_h_of_a_ratio_that_is_no_float_is_the_difference_of_the_logarithms():
    a, b = vector(*[1e-200] * 13), vector(*[1e200] * 13)
    with mp.workdps(60):
        right(h_of_ratio(a, b), [400 * mp.log(10) - 1] * 13, 4)


@pytest.mark.parametrize("together", [True, False], ids=["all at once", "one by one"])
def test_the_excess_of_an_exponential_keeps_its_digits_on_both_sides_of_zero(together):
    x = vector(*APART, -700.0, -30.0, -1.5, 1.5, 30.0, 700.0)
    found = exp_excess(x) if together else torch.stack([exp_excess(one) for one in x])
    with mp.workdps(300):
        right(found, [mp.expm1(one) - one for one in map(mpf, x.tolist())], 4)


def test_the_tail_of_the_inverse_hyperbolic_tangent_is_that_of_its_series():
    s = torch.linspace(-1 / 3, 1 / 3, 101, dtype=torch.float64)
    with mp.workdps(60):
        right(atanh_tail(s), [(mp.atanh(one) - one) / one**3 if one else mpf(1) / 3 for one in map(mpf, s.tolist())], 2)


@pytest.mark.parametrize("size", [1e-250, 1e-20, 0.3, 1e200])
@pytest.mark.parametrize("together", [True, False], ids=["all at once", "one by one"])
def test_a_term_of_kl_keeps_its_digits_whatever_its_size_and_ratio(size, together):
    q = torch.full((len(APART) + len(FAR),), size, dtype=torch.float64)
    p = q * (1 + vector(*APART, *(one if size < 1 else 1 / one for one in FAR)))
    found = kl_term(p, q) if together else torch.stack([kl_term(*one) for one in zip(p, q)])
    with mp.workdps(500):
        truths = [a * mp.log(a / b) - a + b if a > 0 else b for a, b in zip(map(mpf, p.tolist()), map(mpf, q.tolist()))]
        right(found, truths, 8)


def test_terms_with_a_zero_are_q_or_infinite_and_spoil_no_gradient():
    p, q = vector(0.0, 0.5, 0.0, 0.5).requires_grad_(), vector(0.25, 0.0, 0.0, 0.5).requires_grad_()
    terms = kl_term(p, q)
    assert terms.tolist() == [0.25, math.inf, 0.0, 0.0]
    (terms[0] + terms[2] + terms[3]).backward()
    assert p.grad.isfinite().all() and q.grad.isfinite().all() and q.grad[0] == 1


@pytest.mark.parametrize(("p", "q"), [(0.5, 1e-300), (1e-280, 1e-300), (1e-300, 1e-280), (3e-308, 1.0), (1e-200, 1e200)])
def test_a_term_has_its_slopes_as_long_as_floats_hold_them(p, q):
    p, q = vector(p).requires_grad_(), vector(q).requires_grad_()
    kl_term(p, q).backward()
    with mp.workdps(700):
        a, b = mpf(p.item()), mpf(q.item())
        right(p.grad, [mp.log(a / b)], 8)
        right(q.grad, [1 - a / b], 8)


def test_coins_are_compared_by_both_outcomes():
    p, q = vector(0.3, 0.0, 1.0, 0.5), vector(0.45, 0.25, 0.25, 0.5)
    with mp.workdps(60):
        term = lambda a, b: a * mp.log(a / b) if a > 0 else mpf(0)
        right(bernoulli_kl(p, q), [term(a, b) + term(1 - a, 1 - b) for a, b in zip(map(mpf, p.tolist()), map(mpf, q.tolist()))], 4)


def test_the_logarithm_of_nothing_is_minus_infinity_with_no_slope():
    p = vector(0.0, 0.25).requires_grad_()
    logs = safe_log(p)
    assert logs.tolist() == [-math.inf, math.log(0.25)]
    logs.clamp_min(-1e3).sum().backward()
    assert p.grad.tolist() == [0.0, 4.0]
