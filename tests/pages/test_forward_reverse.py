"""The page "Forward and reverse" by AppTest: presets, views, optimisers, extremes and bad input."""

import csv
import io
from math import isnan

import pytest

from kl_core.descent import OPTIMISERS
from kl_core.families import FAMILIES
from kl_core.fitting import fit_reverse
from pages.shared.controls import Law
from pages.shared.fit_export import fit_code, path_csv
from pages.shared.fit_scene import Descent, fit_scene
from pages.shared.style import UNITS

from .conftest import scene, words

PAGE = "forward_reverse"
THREE = {"weights": (0.5, 0.5), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}
TARGET = Law(FAMILIES["gaussian_mixture"], THREE)
DESCENT = Descent({"loc": 1.0, "scale": 1.4}, "adam", 0.1, 40)


def test_on_arrival_the_fits_are_a_question_and_one_click_answers_it(visit):
    at = visit(PAGE)
    assert all(law["hidden"] for name, law in scene(at)["laws"].items() if name.startswith("fit_"))
    assert "scrub" not in scene(at)
    next(one for one in at.button if one.label == "Show me").click().run()
    assert not at.exception
    told = scene(at)
    assert not told["laws"]["fit_forward"]["hidden"]
    assert told["scrub"]["laws"].keys() == {"q_forward", "q_reverse"}


@pytest.mark.parametrize(("preset", "minima"), [("Near", 1), ("±2, one minimum", 1), ("±3, three minima", 3), ("Far apart", 3)])
def test_a_preset_shows_all_its_minima(visit, preset, minima):
    at = visit(PAGE, show="true")
    at.pills(key="preset").set_value(preset).run()
    told = scene(at)
    assert sum(not law["hidden"] for name, law in told["laws"].items() if name.startswith("fit_reverse")) == minima
    assert ("One minimum" in told["captions"]["reverse"]) == (minima == 1)


@pytest.mark.parametrize("preset", ["Unequal weights", "Spike and hump", "Three modes"])
def test_every_other_preset_runs(visit, preset):
    at = visit(PAGE, show="true")
    at.pills(key="preset").set_value(preset).run()
    assert not at.exception
    assert scene(at)["captions"]["reverse"]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_optimiser_has_a_path(visit, optimiser):
    assert scene(visit(PAGE, show="true", optimiser=optimiser))["scrub"]["numbers"]


def test_a_silly_learning_rate_is_shown_as_what_it_is(visit):
    at = visit(PAGE, show="true", optimiser="gradient descent", rate="10", q_scale="0.2")
    assert "diverges at step" in scene(at)["captions"]["forward"]


def test_modes_are_added_up_to_four_and_removed_down_to_two(visit):
    at = visit(PAGE, show="true")
    add, remove = (next(one for one in at.button if one.label == label) for label in ("Add a mode", "Remove one"))
    assert remove.disabled
    at = add.click().run()
    assert not at.exception and len(scene(at)["laws"]["p"]["values"]["locs"]) == 3


@pytest.mark.parametrize("view", ["When does it pick a mode?", "Between the two"])
def test_the_other_views_run_along_one_number(visit, view):
    told = scene(visit(PAGE, view=view))
    assert told["scrub"]["values"] and told["charts"]


def test_the_thresholds_are_marked_where_the_branches_begin_and_change(visit):
    chart = scene(visit(PAGE, view="When does it pick a mode?"))["charts"]["minima"]
    assert [mark["x"] for mark in chart["marks"]] == pytest.approx([2.41222971801, 2.80008221758], abs=1e-9)


@pytest.mark.parametrize(
    "query",
    [{"p_weights": "0,0"}, {"p_locs": "1,2,3"}, {"p_scales": "-1, 1"}, {"p_locs": "a,b"}, {"q_scale": "-1"}, {"q_loc": "nan"},
     {"optimiser": "luck"}, {"rate": "-5"}, {"view": "other"}, {"p_locs": "-1000000, 1000000"}, {"p_scales": "0.000001, 1000000"}],
    ids=str,
)
def test_a_hostile_link_gives_a_valid_page(visit, query):
    told = scene(visit(PAGE, show="true", **query))
    assert not any(isnan(float(one["value"])) for one in told["numbers"].values())


def test_while_a_hand_moves_only_the_fits_are_answered():
    told = fit_scene(TARGET, DESCENT, UNITS["nats"], partial=True)
    assert told["partial"] and not told["maps"]
    assert not told["laws"]["fit_forward"]["hidden"]


def test_the_code_shown_prints_the_fits(printed):
    found = printed(fit_code(TARGET, DESCENT))
    assert "forward: loc 0, scale 3.16228, KL(P‖Q) = 0.461995 nats" in found.replace("-0,", "0,")
    assert found.count("reverse:") == 3


def test_the_csv_holds_both_descents_step_by_step():
    rows = list(csv.DictReader(io.StringIO(path_csv(TARGET, DESCENT))))
    assert len(rows) == DESCENT.steps + 1
    assert float(rows[-1]["forward_kl"]) < float(rows[0]["forward_kl"])


@pytest.mark.parametrize(("query", "start"), [({"show": "true", "step": "40"}, 40), ({"show": "true", "step": "1e9"}, 120), ({"show": "true", "step": "x"}, 0)], ids=str)
def test_the_step_is_in_the_link(visit, query, start):
    assert scene(visit(PAGE, **query))["scrub"]["start"] == start


def test_the_place_on_either_ride_is_in_the_link(visit):
    ride = scene(visit(PAGE, view="Between the two", alpha="0.5"))["scrub"]
    assert ride["start"] == 20
    diagram = scene(visit(PAGE, view="When does it pick a mode?", m="4.5"))["scrub"]
    assert diagram["start"] == 83
