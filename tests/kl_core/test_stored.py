"""Stored references against the code that computed them."""

import pytest

from tests.kl_core.fits.references import alpha_by_mpmath, reverse_kl
from tests.kl_core.named_references import kl_of
from tests.kl_core.nodes.gradient_references import derivative


@pytest.mark.parametrize(
    ("function", "asked", "within"),
    [
        (kl_of, ("normal", "student_t"), 1e-28),
        (kl_of, ("beta", "beta"), 1e-28),
        (kl_of, ("gamma", "log_normal"), 1e-28),
        (alpha_by_mpmath, ("two modes", 1.0, 0.01, 0.5), 1e-24),
        (reverse_kl, ("modes 40 sds apart", 20.1, 0.5), 1e-19),
        (derivative, ("Normal‖Cauchy", 2), 1e-17),
    ],
)
def test_a_stored_reference_is_what_mpmath_computes(function, asked, within):
    assert abs(function(*asked) / function.afresh(*asked) - 1) < within
