"""Coins, and what counts their tosses, given by logits: against 900 digits."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import (
    Bernoulli,
    Binomial,
    Geometric,
    NegativeBinomial,
)

from kl_core import kl


def _coin_of_logits(a: float, b: float) -> mpf:
    p, q = (1 / (1 + mp.exp(-mpf(z))) for z in (a, b))
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


TOSSES = [
    (lambda z: Bernoulli(logits=z), lambda p: 1),
    (lambda z: Binomial(7, logits=z), lambda p: 7),
    (lambda z: Geometric(logits=z), lambda p: 1 / p),
    (lambda z: NegativeBinomial(torch.tensor(3.5, dtype=torch.float64), logits=z), lambda p: 3.5 / (1 - p)),
]


@pytest.mark.parametrize(
    "pair",
    [
        (0.3, 0.9),
        (0.3, 0.3 * (1 + 1e-9)),
        (0.3, math.nextafter(0.3, 1)),
        (-40.0, -40.000000004),
        (0.0, 1e-12),
        (-750.0, -751.0),
        (800.0, 801.0),
        (40.0, -300.0),
        (5.0, -5.0),
    ],
)
@pytest.mark.parametrize(("build", "tosses"), TOSSES, ids=["bernoulli", "binomial", "geometric", "negative binomial"])
def test_coins_given_by_logits_keep_the_digits_of_their_difference(build, tosses, pair):
    p, q = (build(torch.tensor(z, dtype=torch.float64)) for z in pair)
    assert q.probs >= 0  # which torch now keeps beside the logits
    with mp.workdps(900):
        truth = _coin_of_logits(*pair) * tosses(1 / (1 + mp.exp(-mpf(pair[0]))))
        if mpf("1e-300") < truth:
            assert abs(kl(p, q).item() - truth) <= 2e-15 * truth


def test_bernoullis_with_logits_of_a_thousand_are_finite():
    # The chances themselves are 0 and 1 in floats, which would make it inf.
    p, q = (Bernoulli(logits=torch.tensor(z, dtype=torch.float64)) for z in (1000.0, -1000.0))
    assert kl(p, q).item() == pytest.approx(1000.0, rel=1e-15)
