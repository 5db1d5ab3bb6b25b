"""The playground by AppTest: the default split, every shape and family, links old and new, hostile messages and links."""

import json
import random
from contextlib import suppress
from math import log
from types import SimpleNamespace

import pytest
import torch

from kl_core.fits.models import MODELS
from kl_core.fits.targets import TARGETS
from pages.shared.style import UNITS, number
from pages.views.forward_reverse.asked import Asked
from pages.views.forward_reverse.canvas_export import canvas_code, runs_csv
from pages.views.forward_reverse.canvas_panes import _words
from pages.views.forward_reverse.canvas_scene import canvas_scene
from pages.views.forward_reverse.canvas_state import (
    DEFAULT,
    STEPS,
    CanvasState,
    Hills,
    chosen_shape,
    from_link,
    log_scale_range,
    moved,
    to_link,
)
from pages.views.forward_reverse.export import separation_code, separation_csv
from pages.views.forward_reverse.verdict import _cost

from .conftest import elements

PAGE = "forward_reverse"
AT_2 = CanvasState(target=Hills((0.5, 0.5), (-2.0, 2.0), (1.0, 1.0)))
NATS = UNITS["nats"]


def told(at) -> dict:
    """What the canvas on the page was told."""
    scenes = [json.loads(element.proto.json).get("scene", {}) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in scenes if "panes" in scene)


def scene_of(state: CanvasState) -> dict:
    return canvas_scene(state, NATS)


def value_at_the_end(scene: dict, pane: str) -> float:
    import base64
    import struct

    path = next(spec for spec in scene["panes"] if spec["key"] == pane)["path"]
    return struct.unpack("<d", base64.b64decode(path["value"])[-8:])[0]


def test_untouched_run_ends_with_the_famous_split(visit):
    scene = told(visit(PAGE))
    assert value_at_the_end(scene, "kl_forward") == pytest.approx(0.4619946135, abs=1e-6)
    assert value_at_the_end(scene, "kl_reverse") == pytest.approx(0.6887689959, abs=1e-6)
    assert (
        scene["verdict"]["after"]
        == "Forward KL covered both hills. Reverse KL took the right-hand hill: it ignores half of P and pays about log 2."
    )
    assert [pane["landscape"]["words"] for pane in scene["panes"]] == ["one valley", "three valleys"]


def test_the_next_suggestion_is_the_textbook_case_where_reverse_does_not_pick():
    assert scene_of(DEFAULT)["next"]["set"]["hills"]["locs"] == [-2.0, 2.0]
    scene = scene_of(AT_2)
    assert value_at_the_end(scene, "kl_reverse") == pytest.approx(0.2265079608, abs=1e-6)
    assert "does not pick a mode" in scene["verdict"]["after"]


@pytest.mark.parametrize("shape", TARGETS)
@pytest.mark.parametrize("mode", ["both", "js"])
def test_every_shape_has_its_panes(shape, mode):
    scene = scene_of(CanvasState(target=chosen_shape(shape), mode=mode))
    assert all(pane["path"] or pane["reason"] for pane in scene["panes"])
    assert scene["verdict"]["after"]


@pytest.mark.parametrize("family", [name for name in MODELS if name != "two-gaussians"])
def test_every_family_has_its_landscape(family):
    assert all(pane["landscape"] for pane in scene_of(CanvasState(family=family))["panes"])


def test_a_box_has_no_finite_reverse_fit_and_says_why():
    forward, reverse = scene_of(CanvasState(target="box"))["panes"]
    assert forward["path"] and not forward["reason"]
    assert reverse["path"] is None and "∞" in reverse["reason"]


def test_a_silly_learning_rate_diverges_and_says_so():
    scene = scene_of(CanvasState(rule="gradient-descent", rate=4.0))
    assert "diverged" in scene["verdict"]["after"]
    assert all("NaN" not in json.dumps(pane["landscape"]["minima"]) for pane in scene["panes"])


@pytest.mark.parametrize(
    "state",
    [
        DEFAULT,
        AT_2,
        CanvasState(target="skewed", mode="alpha", alpha=0.25, start=(-1.0, 2.0), rule="adam", rate=0.5, step=40),
        CanvasState(family="student-t", mode="js"),
    ],
)
def test_a_link_brings_the_state_back(state):
    assert from_link(to_link(state)) == (state, [])


def test_links_of_earlier_versions_still_show_their_target_and_start(visit):
    scene = told(visit(PAGE, p_weights="0.7,0.3", p_locs="-3,3", p_scales="1,1", q_loc="2", q_scale="0.5", show="true"))
    assert scene["hills"] == {"weights": [0.7, 0.3], "locs": [-3.0, 3.0], "scales": [1.0, 1.0]}
    assert scene["start"]["components"] == [{"weight": 1.0, "loc": 2.0, "scale": pytest.approx(0.5)}]


def test_the_former_ride_between_the_directions_is_the_dial(visit):
    scene = told(visit(PAGE, view="Between the two", alpha="0.3"))
    assert scene["dial"] == {"mode": "alpha", "alpha": 0.3}


@pytest.mark.parametrize(
    "query",
    [{"p_locs": "a,b"}, {"p_scales": "0,1"}, {"p_weights": "1"}, {"shape": "x"}, {"drawn": "~~"}, {"alpha": "2"}, {"minimise": "x"},
     {"family": "cauchy"}, {"q_scale": "-1"}, {"q_loc": "nan"},
     {"df": "0.5"}, {"df": "nan"}, {"rate": "inf"}, {"rate": "0"}, {"step": "1e99"}, {"optimiser": "magic"}],
)  # fmt: skip
def test_what_a_link_asks_in_vain_is_said_once_and_the_rest_is_shown(visit, query):
    at = visit(PAGE, **query)
    assert sum("cannot be shown" in caption.value for caption in at.caption) == 1
    assert told(at)["panes"]


def nonsense(seed: int) -> object:
    pick = random.Random(seed)
    values = [
        None,
        True,
        -1,
        10**400,
        1e999,
        float("nan"),
        "x",
        "",
        [],
        {},
        [[]],
        {"loc": None},
        [None] * 300,
        {"mode": "js", "alpha": "x"},
    ]
    keys = ["shape", "hills", "drawn", "family", "df", "dial", "start", "optimiser", "rate", "step", "balls", "partial", "other"]
    return pick.choice([*values, {pick.choice(keys): pick.choice(values) for _ in range(pick.randrange(4))}])


@pytest.mark.parametrize("seed", range(200))
def test_nonsense_from_the_browser_leaves_a_state_that_can_be_shown(seed):
    state, message = DEFAULT, nonsense(seed)
    with suppress(ValueError):
        state = moved(DEFAULT, message if isinstance(message, dict) else {"shape": message})
    assert from_link(to_link(state))[1] == []


def test_a_hand_on_the_hills_moves_the_target_and_a_new_shape_begins_anew():
    after = moved(CanvasState(step=STEPS), {"hills": {"weights": [0.5, 0.5], "locs": [-1, 4], "scales": [1, 2]}})
    assert after.target == Hills((0.5, 0.5), (-1.0, 4.0), (1.0, 2.0)) and after.step == STEPS
    assert moved(after, {"shape": "box"}) == CanvasState(target="box")


def test_a_drawing_becomes_a_target_with_both_fits():
    heights = [max(0.0, 1 - abs(place - 60) / 20) for place in range(97)]
    state = moved(DEFAULT, {"drawn": heights})
    assert state.drawing
    assert all(pane["path"] for pane in scene_of(state)["panes"])
    assert from_link(to_link(state)) == (state, [])


def test_the_code_shown_prints_the_fits(printed):
    assert "reverse KL(Q‖P): the run ends at 0.688769 nats" in printed(canvas_code(DEFAULT))


def test_the_csv_holds_every_step_of_both_runs():
    rows = runs_csv(DEFAULT).splitlines()
    assert len(rows) == 1 + 2 * (STEPS + 1)
    assert float(rows[-1].split(",")[2]) == pytest.approx(0.6887689959, abs=1e-6)


def test_the_thresholds_are_printed_by_the_code_of_the_separation(printed):
    assert "2.4122297180" in printed(separation_code())
    assert separation_csv().startswith("m,loc,scale,kl_reverse")


@pytest.mark.parametrize("unit", UNITS)
def test_the_view_of_the_separation_runs(visit, unit):
    at = visit(PAGE, view="When does it pick a mode?", unit=unit)
    assert at.title[0].value == "When does reverse KL pick a mode?"


def test_the_state_is_still_there_after_another_page_was_open(visit):
    at = visit(PAGE, shape="box")
    at.query_params.clear()
    assert told(at.run())["shape"] == "box"


def test_nothing_on_the_canvas_is_not_a_number():
    scene = scene_of(CanvasState(target="heavy-tails", mode="alpha", alpha=0.0))
    assert "NaN" not in json.dumps({key: value for key, value in scene.items() if key not in ("x", "log_p")})
    assert torch.tensor(scene["range"]).isfinite()


def test_two_gaussians_find_p_in_both_directions_and_the_map_says_why_it_is_missing():
    scene = scene_of(CanvasState(family="two-gaussians"))
    assert scene["verdict"]["after"].startswith("Both directions found P itself")
    assert all("five parameters" in pane["no_landscape"] and pane["landscape"] is None for pane in scene["panes"])


def test_jensen_shannon_comes_to_rest_over_both_hills():
    state = moved(DEFAULT, {"dial": {"mode": "js", "alpha": 0.5}})
    assert scene_of(state)["verdict"]["after"] == "Jensen–Shannon covered both hills."


@pytest.mark.parametrize("shape", TARGETS)
@pytest.mark.parametrize("family", MODELS)
def test_forward_kl_is_never_said_to_ignore_a_part_of_p(shape, family):
    """It is mass-covering: it leaves out nothing, only reaches some of it with Q's tail, or cannot widen Q."""
    words = scene_of(CanvasState(target=chosen_shape(shape), family=family))["verdict"]["after"]
    forward = words.partition("Reverse KL")[0]
    assert "took" not in forward and "ignores" not in forward.replace("ignores no hill", "")


def test_what_forward_kl_reaches_only_with_its_tail_is_said_with_its_share():
    light = Hills((0.9, 0.1), (-1.0, 4.0), (1.0, 1.0))
    assert scene_of(CanvasState(target=light))["verdict"]["after"] == (
        "Forward KL ignores no hill: it widened Q until its tail reached the right-hand hill, 10 % of P. "
        "Reverse KL took the left-hand hill: it ignores 10 % of P and pays about −log 0.9."
    )
    fixed = scene_of(CanvasState(target=light, family="fixed-width"))["verdict"]["after"]
    assert fixed.startswith("Forward KL put Q at P’s mean, −0.50: Q cannot widen to reach the right-hand hill, 10 % of P.")


@pytest.mark.parametrize("shape", TARGETS)
def test_an_untouched_run_comes_to_rest_on_every_shape(shape):
    assert "not come to rest" not in scene_of(CanvasState(target=chosen_shape(shape)))["verdict"]["after"]


def test_a_run_that_is_still_moving_says_so():
    state = CanvasState(rule="gradient-descent", rate=0.01)
    assert "has not come to rest" in scene_of(state)["verdict"]["after"]


def test_a_run_in_a_higher_valley_says_so():
    scene = scene_of(CanvasState(start=(0.0, 2.5)))
    assert "not the lowest" in scene["verdict"]["after"] and "does not pick a mode" not in scene["verdict"]["after"]


@pytest.mark.parametrize("step, value", [(STEPS, 0.6887689959), (0, None)])
def test_while_a_hand_moves_p_the_fits_follow_it_without_a_landscape(step, value):
    state = CanvasState(step=step)
    scene = canvas_scene(state, NATS, Asked(partial=True, ends={"reverse": (2.9, 0.1), "forward": (0.0, 1.0)}))
    assert [pane["landscape"] for pane in scene["panes"]] == [None, None]
    if value:
        assert value_at_the_end(scene, "kl_reverse") == pytest.approx(value, abs=1e-9)


def test_balls_come_to_rest_in_every_valley_of_reverse_kl():
    words = canvas_scene(DEFAULT, NATS, Asked(balls=True))["verdict"]["after"]
    assert words.startswith("Forward KL has one valley: every start ends in the same Q. Reverse KL has three valleys")
    assert "Of 25 balls, 8 end at −2.98, 9 at 0 and 8 at 2.98." in words


def test_each_dropped_ball_says_where_it_began_and_which_valley_caught_it():
    forward, reverse = (pane["balls"] for pane in canvas_scene(DEFAULT, NATS, Asked(balls=True))["panes"])
    assert len(forward["paths"]) == 25 and set(forward["reached"]) == {0}
    for path, reached in zip(reverse["paths"], reverse["reached"], strict=True):
        assert path[-1]["loc"] == pytest.approx(reverse["minima"][reached]["loc"], abs=0.1)


def test_both_diverged_runs_name_their_steps_and_give_no_number():
    scene = scene_of(CanvasState(rule="gradient-descent", rate=100.0))
    stopped = [pane["stopped"] for pane in scene["panes"]]
    assert all(stopped) and "Both runs diverged" in scene["verdict"]["after"]
    assert all(str(step) in scene["verdict"]["after"] for step in stopped)


def test_a_drawn_target_gets_a_lesson_in_words():
    two_bumps = [max(0.02, 1 - abs(place - 24) / 8, 0.8 - abs(place - 72) / 10) for place in range(97)]
    words = scene_of(moved(DEFAULT, {"drawn": two_bumps}))["verdict"]["after"]
    assert "Forward KL spread Q over" in words and "Reverse KL put Q where P is high" in words


@pytest.mark.parametrize("df, centre, width", [(1.0, "centre", "scale"), (2.0, "mean", "scale"), (3.0, "mean", "sd")])
def test_a_student_t_names_only_moments_that_it_has(df, centre, width):
    state = CanvasState(family="student-t", df=df)
    assert from_link(to_link(state)) == (state, [])
    words = scene_of(state)["panes"][0]["words"]
    assert (words["centre"], words["width"]) == (centre, width)


def test_many_degrees_of_freedom_fit_as_a_gaussian_does():
    assert value_at_the_end(scene_of(CanvasState(family="student-t", df=200.0)), "kl_reverse") == pytest.approx(0.689, abs=0.01)


def test_two_bells_begin_around_the_place_that_a_hand_chose():
    bells = [{"weight": 0.5, "loc": -1.0, "scale": 0.5}, {"weight": 0.5, "loc": 1.0, "scale": 0.5}]
    assert moved(CanvasState(family="two-gaussians"), {"start": bells}).start == (0.0, 0.5)


def test_two_bells_on_two_drawn_humps_are_said_to_fit_with_both_amounts_in_the_unit_on_screen():
    humps = [max(0.0, 1 - abs(place - 30) / 12) + max(0.0, 0.8 - abs(place - 66) / 14) for place in range(97)]
    state = moved(moved(DEFAULT, {"drawn": humps}), {"family": "two-gaussians"})
    scene = canvas_scene(state, UNITS["bits"])
    forward, reverse = (number(value_at_the_end(scene, key) / log(2)) for key in ("kl_forward", "kl_reverse"))
    assert scene["verdict"]["after"].startswith("With two hills Q fits P in both directions")
    assert f"({forward} and {reverse} bits)" in scene["verdict"]["after"]


def test_where_two_bells_lie_is_never_said_as_one_mean():
    words = scene_of(CanvasState(target=Hills((0.4, 0.3, 0.3), (-6.0, 0.0, 6.0), (0.5, 0.5, 0.5)), family="two-gaussians", mode="js"))
    assert "at mean" not in words["verdict"]["after"]


def test_a_student_t_of_two_degrees_is_told_by_its_scale():
    state = CanvasState(family="student-t", df=2.0)
    assert _words(state) == {"centre": "mean", "width": "scale", "sd_per_scale": 1.0}


def test_the_landscape_goes_from_below_the_narrowest_hill_to_beyond_the_widest():
    low, high = log_scale_range(CanvasState(target=Hills((0.5, 0.5), (-3.0, 3.0), (0.1, 1.0))))
    assert low == pytest.approx(log(0.07)) and high == pytest.approx(log(4.6))


def test_what_reverse_kl_pays_is_told_by_the_share_that_q_keeps():
    landing = SimpleNamespace(divergence="reverse", value=-log(0.75))
    assert _cost(landing, 0.25) == " and pays about −log 0.75"
    assert _cost(landing, 0.4) == ""
    assert _cost(SimpleNamespace(divergence="reverse", value=log(2)), 0.5) == " and pays about log 2"
