"""Two dimensions by AppTest: Murphy's figure drawn against computed, presets, links, hostile links and messages."""

import base64
import json
import random
import struct
from contextlib import suppress

import pytest

from kl_core.fits.plane_targets import PLANE_TARGETS
from pages.shared.style import UNITS
from pages.views.forward_reverse.asked import Asked
from pages.views.forward_reverse.plane_export import plane_code, plane_csv
from pages.views.forward_reverse.plane_scene import plane_scene, tracks_of
from pages.views.forward_reverse.plane_state import DEFAULT, STEPS, PlaneState, from_link, moved, preset_state, to_link

from .conftest import elements

PAGE, VIEW = "forward_reverse", "Two dimensions"


def told(at) -> dict:
    scenes = [json.loads(element.proto.json).get("scene", {}) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in scenes if "density" in scene)


def scene_of(state: PlaneState) -> dict:
    return plane_scene(state, UNITS["nats"])


def at_the_end(scene: dict, pane: str) -> float:
    path = next(spec for spec in scene["panes"] if spec["key"] == pane)["path"]
    return struct.unpack("<d", base64.b64decode(path["value"])[-8:])[0]


def test_murphys_figure_is_drawn_against_what_is_computed(visit):
    scene = told(visit(PAGE, view=VIEW))
    assert [place["value"] for place in scene["drawn"]] == pytest.approx([0.768613, 0.760628], abs=1e-6)
    assert [place["value"] for place in scene["panes"][1]["minima"]] == pytest.approx([0.200711], abs=1e-6)
    assert at_the_end(scene, "kl_reverse") == pytest.approx(0.200711, abs=1e-5)
    note = scene["note"]
    assert "0.769 and 0.761" in note["after"] and "0.201" in note["after"] and "0." not in note["before"]


def test_pulled_apart_the_hills_have_three_minima():
    scene = scene_of(PlaneState(**preset_state("murphy-apart")))
    assert [place["value"] for place in scene["panes"][1]["minima"]] == pytest.approx([0.615191, 0.673163, 0.681054], abs=1e-5)


def test_a_factorised_q_takes_the_inverse_of_the_precision():
    scene = scene_of(PlaneState(**preset_state("bishop-factorised")))
    (forward,), (reverse,) = (pane["minima"] for pane in scene["panes"])
    assert forward["ellipse"][2:] == pytest.approx([1, 0, 1])
    assert reverse["ellipse"][2:] == pytest.approx([0.19, 0, 0.19], abs=1e-6)
    assert "0.19" in scene["verdict"]["after"]


@pytest.mark.parametrize("name", PLANE_TARGETS)
def test_a_link_brings_a_preset_back(name):
    state = PlaneState(**preset_state(name), start=(-1.0, 0.5, 1.0), rule="adam", rate=0.1, step=STEPS)
    assert from_link(to_link(state)) == (state, [])


@pytest.mark.parametrize(
    "query",
    [{"plane": "x"}, {"plane_hills": "1,2"}, {"plane_hills": "1,0,0,1,2,1"}, {"plane_hills": "1,0,0,nan,0,1"},
     {"plane_hills": "1,1e9,0,1,0,1"},
     {"plane_q": "x"}, {"plane_start": "0,0,-1"}, {"plane_rule": "magic"}, {"plane_rate": "0"},
     {"plane_rate": "inf"}, {"plane_step": "1e99"}, {"plane_hills": "0,0,0,1,0,1"}],
)  # fmt: skip
def test_what_a_link_asks_in_vain_leaves_the_rest(query):
    state, problems = from_link(query)
    assert state == DEFAULT and len(problems) == 1


def test_a_hostile_link_gets_one_sentence(visit):
    at = visit(PAGE, view=VIEW, plane_hills="1,0,0,1,2,1")
    assert sum("cannot be shown" in caption.value for caption in at.caption) == 1
    assert told(at)["panes"]


@pytest.mark.parametrize("seed", range(100))
def test_nonsense_from_the_browser_leaves_a_state_that_can_be_linked(seed):
    pick = random.Random(seed)
    values = [None, True, -1, 10**400, float("nan"), "x", [], {}, [[]], [[1, 2]], [[1, 0, 0, 1, 0, "x"]], [[1, 0, 0, 1, 0, 1]] * 9]
    message = {
        pick.choice(["preset", "hills", "covariance", "start", "optimiser", "rate", "step", "other"]): pick.choice(values) for _ in range(3)
    }
    state = DEFAULT
    with suppress(ValueError):
        state = moved(DEFAULT, pick.choice([message, {}, {"hills": pick.choice(values)}]))
    assert from_link(to_link(state))[1] == []


def test_while_a_hand_moves_a_hill_both_fits_follow():
    state = PlaneState(step=STEPS)
    after = moved(state, {"hills": [[0.5, -1, -1, 0.5, 0.25, 1], [0.5, 1.1, 1, 0.5, -0.25, 1]]})
    asked = Asked(partial=True, ends=scene_of(state)["ends"])
    tracks = tracks_of(after, asked)
    whole = scene_of(after)
    for direction, pane in zip(("forward", "reverse"), whole["panes"], strict=True):
        assert float(tracks[direction].kl[-1]) == pytest.approx(pane["minima"][0]["value"], abs=1e-6)
    assert plane_scene(after, UNITS["nats"], asked)["panes"][1]["minima"] == []


def test_the_code_shown_prints_the_minimum_and_the_csv_holds_it(printed):
    assert "KL(Q‖P) = 0.200711 nats" in printed(plane_code(DEFAULT))
    assert "reverse,0.2007" in plane_csv(DEFAULT)


@pytest.mark.parametrize("rule, rate", [("gradient-descent", 0.2), ("adam", 0.1), ("newton", 1.0)])
def test_every_optimiser_comes_to_rest_in_the_only_minimum(rule, rate):
    assert at_the_end(scene_of(PlaneState(rule=rule, rate=rate)), "kl_reverse") == pytest.approx(0.200711, abs=1e-4)


def test_steps_that_are_too_large_diverge_and_say_so():
    scene = scene_of(PlaneState(rule="gradient-descent", rate=50.0))
    assert any(pane["stopped"] for pane in scene["panes"]) and "diverged" in scene["verdict"]["after"]


def test_too_small_steps_have_not_come_to_rest_and_say_so():
    assert "not come to rest" in scene_of(PlaneState(rule="gradient-descent", rate=0.01))["verdict"]["after"]


HILL = [1.0, 0.0, 0.0, 1.0, 0.9, 1.0]
"""Weight, mean x and y, covariances xx, xy and yy: radii √1.9 and √0.1."""


def test_a_run_begins_anew_when_the_hand_changes_what_is_fitted_and_goes_on_otherwise():
    late = PlaneState(step=40)
    assert moved(late, {"rate": 0.1}).step == 0
    assert moved(late, {"rate": late.rate}).step == 40
    assert moved(late, {"step": 7}).step == 7
    assert moved(late, {"hills": [HILL]}).step == 40


def test_a_tilted_hill_is_taken_unless_a_radius_is_out_of_bounds():
    assert moved(DEFAULT, {"hills": [HILL]}).hills == (tuple(HILL),)
    for covariance in ([1.0, 0.999, 1.0], [1.0, 1.2, 1.0], [25.0, 20.0, 25.0]):
        with pytest.raises(ValueError, match="radii must lie between"):
            moved(DEFAULT, {"hills": [[1.0, 0.0, 0.0, *covariance]]})


def test_how_many_minima_the_reverse_kl_has_is_said():
    after = lambda state: scene_of(state)["verdict"]["after"]
    one_small = PlaneState(hills=((0.9, -1.0, 0.0, 1.0, 0.0, 1.0), (0.1, 2.6, 0.0, 1.0, 0.0, 1.0)))
    assert after(one_small).endswith(" It has no other minimum.")
    assert after(PlaneState(**preset_state("murphy-apart"))).endswith(" of its three minima.")


@pytest.mark.parametrize("weight, deviations", [(0.1, 3.0), (0.05, 4.4)])
def test_forward_kl_is_never_said_to_ignore_a_hill(weight, deviations):
    """Two hills so far apart that only they count: the light one lies √(1/w − 1) of a matched Gaussian's sd from its mean."""
    apart = PlaneState(hills=((1 - weight, -20.0 * weight, 0.0, 0.05, 0.0, 0.05), (weight, 20.0 * (1 - weight), 0.0, 0.05, 0.0, 0.05)))
    forward, _, reverse = scene_of(apart)["verdict"]["after"].partition(" Reverse KL ")
    assert forward.startswith("Forward KL ignores no hill") and f"{100 * weight:.0f} % of P, {deviations} standard deviations" in forward
    assert f"ignores {100 * weight:.0f} % of P" in reverse
