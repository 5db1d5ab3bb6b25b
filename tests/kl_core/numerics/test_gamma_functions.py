"""What lgamma leaves when its elementary part is taken away, against mpmath."""

from __future__ import annotations

import pytest
import torch
from mpmath import mp, mpf

from kl_core.numerics.gamma_functions import (
    _NODES,
    _WEIGHTS,
    digamma_bregman,
    digamma_concavity,
    lgamma_bregman,
    stirling,
    stirling_slope,
    trigamma_excess,
)

PLACES = (1e-6, 0.03, 0.7, 1.0, 1.4616321449683622, 5.9, 41.0, 1e3, 1e7)
PAIRS = [(a, b) for a in PLACES for b in (a * (1 + 2.0**-40), a * 0.99, a * 1.9, a * 7, a * 1e-4, a * 1e6)]


def _tensors(*values):
    return [torch.tensor(value, dtype=torch.float64) for value in values]


def test_the_six_fractions_are_the_gauss_rule_of_the_bernoulli_numbers():
    with mp.workdps(40):
        for k in range(12):
            moment = mp.fsum(mpf(w) * mpf(s) ** k for s, w in zip(_NODES, _WEIGHTS))
            bernoulli = abs(mp.bernoulli(2 * k + 2)) / ((2 * k + 2) * (2 * k + 1))
            assert abs(moment - bernoulli) <= 1e-14 * bernoulli


@pytest.mark.parametrize("a", PLACES)
def test_remainders_of_stirling_are_right_to_an_ulp_of_the_largest_part(a):
    # Below 1 they are differences of logarithms of that size.
    with mp.workdps(60):
        x = mpf(a)
        size = 1 + abs(mp.log(x))
        truth = mp.loggamma(x) - ((x - 0.5) * mp.log(x) - x + mp.log(2 * mp.pi) / 2)
        assert abs(stirling(*_tensors(a)).item() - truth) <= 4e-16 * min(size, 3 * truth)
        slope = mp.digamma(x) - mp.log(x) + 1 / (2 * x)
        assert abs(stirling_slope(*_tensors(a)).item() - slope) <= 1e-15 * abs(slope)
        bend = mp.psi(1, x) - 1 / x
        assert abs(trigamma_excess(*_tensors(a)).item() - bend) <= 6e-16 * bend


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_divergences_of_lgamma_and_digamma_keep_every_digit_but_the_last(a, b):
    with mp.workdps(80):
        x, y = mpf(a), mpf(b)
        entropy = lambda z: mp.loggamma(z) - z * mp.log(z) + z
        truths = {
            digamma_bregman: entropy(y) - entropy(x) - (mp.digamma(x) - mp.log(x)) * (y - x),
            lgamma_bregman: mp.loggamma(y) - mp.loggamma(x) - mp.digamma(x) * (y - x),
        }
        for function, truth in truths.items():
            assert abs(function(*_tensors(b, a)).item() - truth) <= 1e-15 * truth
        concavity = mp.digamma(x) + mp.psi(1, x) * (y - x) - mp.digamma(y)
        assert abs(digamma_concavity(*_tensors(b, a, b - a)).item() - concavity) <= 1e-15 * concavity
