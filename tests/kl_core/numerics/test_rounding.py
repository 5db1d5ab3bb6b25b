"""What rounding leaves, against fractions and 60 digits: exact where it is said to be."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from mpmath import mp, mpf

from kl_core.numerics.rounding import difference_of_products, log_tail, product_tail, quotient, two_difference

COUNT = 300


def numbers(seed: int, sizes: tuple[float, float] = (-40.0, 40.0), signed: bool = True) -> torch.Tensor:
    """Floats of all sizes between 10 to the two powers, of either sign; (COUNT,)."""
    generator = torch.Generator().manual_seed(seed)
    size = torch.empty(COUNT, dtype=torch.float64).uniform_(*sizes, generator=generator)
    sign = torch.randn(COUNT, generator=generator, dtype=torch.float64).sign() if signed else 1.0
    return sign * 10.0**size


def exactly(*values: torch.Tensor) -> zip:
    """Rows of the very numbers that the floats are."""
    return zip(*([Fraction(one) for one in value.tolist()] for value in values), strict=True)


def test_the_tail_of_a_product_is_its_rounding_error_exactly():
    a, b = numbers(0), numbers(1)
    for x, y, product, tail in exactly(a, b, a * b, product_tail(a, b, a * b)):
        assert product + tail == x * y


@pytest.mark.parametrize("sizes", [(-40.0, 40.0), (0.0, 0.3)])
def test_a_difference_and_its_tail_are_together_exact_whichever_is_the_larger(sizes):
    a, b = numbers(2, sizes), numbers(3, sizes)
    for x, y, high, low in exactly(a, b, *two_difference(a, b)):
        assert high + low == x - y


def test_a_difference_of_products_is_right_to_two_roundings_however_much_cancels():
    a, b = numbers(4), numbers(5)
    c = a * (1 + 1e-15 * torch.arange(COUNT))
    d = torch.nextafter(b, 2 * b)
    for w, x, y, z, found in exactly(a, b, c, d, difference_of_products(a, b, c, d)):
        assert abs(found - (w * x - y * z)) <= Fraction(2, 2**52) * abs(w * x - y * z)


def test_a_quotient_and_its_tail_have_thirty_digits():
    a, b = numbers(6), numbers(7)
    for x, y, high, low in exactly(a, b, *quotient(a, b)):
        assert abs(high + low - x / y) <= Fraction(1, 2**104) * abs(x / y)


@pytest.mark.parametrize("sizes", [(-300.0, 300.0), (-1.0, 1.0), (-1e-3, 1e-3), (-1e-12, 1e-12)])
def test_a_logarithm_and_its_tail_are_right_to_1e_21(sizes):
    x = numbers(8, sizes, signed=False)
    with mp.workdps(60):
        for one, rounded, tail in zip(x.tolist(), x.log().tolist(), log_tail(x).tolist(), strict=True):
            assert abs(mpf(rounded) + mpf(tail) - mp.log(mpf(one))) <= 1e-21


def test_tails_are_constants_to_a_gradient():
    a, b = (value.requires_grad_() for value in (numbers(9), numbers(10)))
    high, low = quotient(a, b)
    assert high.requires_grad and not low.requires_grad and not log_tail(a.abs()).requires_grad
    difference_of_products(a, b, b, a.detach()).sum().backward()
    assert torch.equal(a.grad, b.detach())
