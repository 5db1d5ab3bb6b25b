"""One phrase said 50 times, behind "More" of the answer: when one more repetition pays."""

import pytest

from pages.shared.style import UNITS
from pages.views.beta.repeated_phrase import MOST, planes, quotient, repeated, repeated_plane, verdict
from pages.views.beta.scene import WorldSettings

NATS = UNITS["nats"]
TABLE = WorldSettings(scale=0.1)


def test_the_objective_rises_below_the_deciding_beta_and_falls_above_it():
    told = repeated(TABLE)
    below, above = told.objective(0.9 * told.break_even), told.objective(1.1 * told.break_even)
    assert (below[2:] > below[1:-1]).all() and (above[2:] < above[1:-1]).all()


@pytest.mark.parametrize("factor, said", [(0.5, "every further one pays"), (2.0, "it does not pay")])
def test_the_sentence_says_which_side_beta_is_on(factor, said):
    told = repeated(TABLE)
    assert said in verdict(told, factor * told.break_even)


def test_the_deciding_beta_grows_with_the_rewards_scale():
    assert repeated(WorldSettings()).break_even == pytest.approx(10 * repeated(TABLE).break_even, rel=1e-9)


@pytest.mark.parametrize("beta", [0.0, 0.04, 5.0, float("inf")])
def test_every_beta_has_a_picture(beta):
    picture = repeated_plane(repeated(TABLE), beta)
    assert len(picture.lines) >= 3 and picture.y[1] < picture.y[2]


def test_reward_and_kl_are_drawn_for_up_to_50_repetitions_and_their_slopes_give_the_deciding_beta():
    told = repeated(TABLE)
    drawn = planes(told, 0.04, NATS)
    slope = {name: drawn[name].lines[0].ys[-1] - drawn[name].lines[0].ys[-2] for name in ("reward", "kl")}
    assert drawn["kl"].lines[0].xs[-1] == MOST == 50
    assert slope["reward"] / slope["kl"] == pytest.approx(told.break_even, rel=1e-6)
    assert quotient(told).endswith(f"={told.break_even:.2g}")
