"""The two separations at which reverse KL changes its mind, against published digits and against the fits themselves."""

import pytest

from kl_core.fits.fitting import fit_reverse
from kl_core.fits.thresholds import exchange_separation, fold_separation, two_bells

# ½N(±m, 1), to eleven digits
FOLD, EXCHANGE = 2.41222971801, 2.80008221758


def test_both_are_the_known_numbers():
    assert fold_separation() == pytest.approx(FOLD, abs=1e-11)
    assert exchange_separation() == pytest.approx(EXCHANGE, abs=1e-11)


def test_one_minimum_becomes_three_at_the_fold():
    at = fold_separation()
    assert [len(fit_reverse(two_bells(at + step))) for step in (-1e-6, 1e-6)] == [1, 3]


def test_the_best_fit_leaves_the_middle_at_the_exchange():
    at = exchange_separation()
    before, after = (abs(float(fit_reverse(two_bells(at + step))[0].loc)) for step in (-1e-6, 1e-6))
    assert before < 1e-3 < 1 < after
