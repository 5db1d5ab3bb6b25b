"""The usual table of β in the small world, and the best β there is, against other ways to find them."""

import math

import pytest
import torch
from scipy.optimize import minimize_scalar

from kl_core.rlhf.beta_table import TABLE_BETAS, TABLE_SCALE, best_beta, beta_rows, unscaled_beta
from kl_core.rlhf.policy import optimum
from kl_core.rlhf.world import build_world

WORLD = build_world()
BEST_BETA, BEST_GOLD = best_beta(WORLD)
ROWS = dict(zip(TABLE_BETAS, beta_rows(WORLD), strict=True))


def test_gold_peaks_at_beta_0_648_with_2_7334():
    assert BEST_BETA == pytest.approx(0.648, abs=2e-3) and BEST_GOLD == pytest.approx(2.7334, abs=5e-5)
    gold = lambda beta: -float(WORLD.measure(WORLD.optimum(beta)).gold)
    other = minimize_scalar(gold, bracket=(0.3, 0.6, 1.5), method="golden", tol=1e-9)
    assert BEST_GOLD == pytest.approx(-other.fun, abs=1e-9)
    assert best_beta(WORLD, TABLE_SCALE)[0] == pytest.approx(0.0648, abs=2e-4)


def test_a_reward_that_counts_a_tenth_has_the_policies_of_ten_times_the_beta():
    scaled = WORLD.measure(optimum(WORLD.chain, 0.1 * WORLD.proxy, 0.05))
    plain = WORLD.measure(WORLD.optimum(unscaled_beta(0.05)))
    assert float(scaled.gold) == pytest.approx(float(plain.gold), rel=1e-12)
    assert ROWS[0.05].kl == pytest.approx(float(scaled.kl), rel=1e-12)


def test_the_rows_of_the_usual_table_are_true_when_the_reward_counts_a_tenth():
    best = max(row.gold + row.short_of_best for row in ROWS.values())
    assert ROWS[0.0].gold < -5 and ROWS[0.0].proxy == max(row.proxy for row in ROWS.values())  # hacked, all of it
    assert ROWS[0.01].gold < -5 and ROWS[0.01].proxy > 4  # still hacked
    assert min(ROWS[0.05].gold, ROWS[0.1].gold) > 0.8 * best  # good balance
    assert 0 < ROWS[0.5].gold < 0.2 * best and ROWS[0.5].kl < 0.05  # too weak to change much
    assert ROWS[math.inf].kl == 0 and ROWS[math.inf].gold == pytest.approx(0, abs=1e-12)


def test_when_the_reward_counts_once_the_usual_rows_are_wrong():
    rows = dict(zip(TABLE_BETAS, beta_rows(WORLD, scale=1.0), strict=True))
    assert rows[0.05].gold < -5 and rows[0.1].gold < -5  # the "usual" β is hacked
    assert rows[0.5].gold > 1  # and the "strong" one is near the best


def test_the_optimum_takes_a_scale_itself():
    one, other = WORLD.optimum([0.3, 0.0, math.inf], scale=0.1), WORLD.optimum([3.0, 0.0, math.inf])
    assert torch.allclose(WORLD.measure(one).kl, WORLD.measure(other).kl, atol=1e-12)


def test_a_scale_that_is_not_positive_is_named():
    with pytest.raises(ValueError, match="scale is 0"):
        unscaled_beta(0.1, 0.0)


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_the_best_beta_is_the_same_whichever_beta_have_been_measured_before(scale):
    for places in (torch.logspace(-2, 1, 30), torch.tensor([0.0, 0.3, math.inf]), torch.tensor([math.inf, 3.0, 0.9, 0.5, 0.2])):
        measured = WORLD.measure(WORLD.optimum(places.double())).gold
        found = best_beta(WORLD, scale, among=(scale * places.double(), measured))
        assert found == (pytest.approx(scale * BEST_BETA, rel=1e-4), pytest.approx(BEST_GOLD, abs=1e-9))
