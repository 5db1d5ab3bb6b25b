"""The view "Which direction?" by AppTest: what the bars are told, what a hand may do to them, bad links."""

import base64
import json

import numpy as np
import pytest

from pages.shared.style import UNITS
from pages.views.beta.direction_state import DirectionState, moved, with_share
from pages.views.beta.direction_view import direction_scene
from tests.pages.conftest import elements

ANSWERS = 6


def told(at) -> dict:
    scenes = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in scenes if "presets" in scene)


def policies(scene: dict, beta: float) -> dict[str, np.ndarray]:
    place = int(np.argmin(np.abs(np.array(scene["betas"]) - beta)))
    tables = {name: np.frombuffer(base64.b64decode(text)).reshape(len(scene["betas"]), -1) for name, text in scene["frames"].items()}
    return {name: table[place, :ANSWERS] for name, table in tables.items()}


def scene_of(state: DirectionState) -> dict:
    return direction_scene(state, dragged=False, answers=0, unit=UNITS["nats"])


def test_at_a_small_beta_the_reverse_optimum_gives_up_what_the_forward_one_keeps():
    both = policies(scene_of(DirectionState(beta=0.05)), 0.05)
    assert both["reverse"][3] < 1e-6 < both["forward"][3]


def test_the_untouched_view_shows_the_forward_penalty_collapse_more(visit):
    both = policies(told(visit("beta", view="Which direction?")), 0.3)
    assert both["reverse"][-1] == pytest.approx(0.39, abs=0.005)
    assert both["forward"][-1] == pytest.approx(0.77, abs=0.005)


def test_a_preset_turns_it_round():
    both = policies(scene_of(moved(DirectionState(), {"preset": "a common, well-paid hack"})), 0.3)
    assert both["reverse"][-1] > both["forward"][-1]


def test_answers_of_equal_reward_keep_the_references_odds_in_both():
    state = moved(moved(DirectionState(), {"reward": 0, "to": 0.5}), {"reward": 1, "to": 0.5})
    for policy in policies(scene_of(state), state.beta).values():
        assert policy[0] / policy[1] == pytest.approx(state.reference[0] / state.reference[1], rel=1e-9)


def test_a_dragged_share_leaves_the_others_odds_and_sums_to_one():
    before = DirectionState().reference
    after = with_share(before, 5, 0.4)
    assert sum(after) == pytest.approx(1) and after[5] == 0.4
    assert after[0] / after[1] == pytest.approx(before[0] / before[1])


@pytest.mark.parametrize(
    "message", [{}, {"beta": "x"}, {"beta": float("nan")}, {"reference": 9, "to": 0.1}, {"reward": 0}, {"preset": "?"}], ids=str
)
def test_nonsense_from_the_browser_changes_nothing(message):
    assert moved(DirectionState(), message) == DirectionState()


@pytest.mark.parametrize("query", [{"dir_ref": "1,2"}, {"dir_ref": "nan,1,1,1,1,1"}, {"dir_reward": "x"}, {"beta_one": "-3"}], ids=str)
def test_a_bad_link_shows_the_first_preset(visit, query):
    scene = told(visit("beta", view="Which direction?", **query))
    assert scene["reference"] == list(DirectionState().reference)
    assert (scene["reward"], scene["beta"]) == (list(DirectionState().reward), 0.3)


def test_a_link_opens_its_bars(visit):
    scene = told(visit("beta", view="Which direction?", dir_reward="0,0,0,0,0,4", beta_one="2"))
    assert scene["reward"][-1] == 4 and scene["beta"] == 2
