"""The page "Forward and reverse" by AppTest: presets, views, optimisers, extremes and bad input."""

import csv
import io
from math import isnan

import pytest

from kl_core.families import FAMILIES
from kl_core.fits.alpha import fit_alpha
from kl_core.fits.descent import OPTIMISERS
from kl_core.fits.fitting import fit_forward, fit_reverse
from pages.shared.style import UNITS
from pages.shared.values import Law
from pages.views.forward_reverse.between import ride
from pages.views.forward_reverse.export import alpha_code, alpha_csv, fit_code, path_csv, separation_code, separation_csv
from pages.views.forward_reverse.fits import Descent
from pages.views.forward_reverse.guess import places_to_choose
from pages.views.forward_reverse.scene import MOST_MINIMA, fit_scene
from tests.pages.conftest import scene, words

PAGE = "forward_reverse"
THREE = {"weights": (0.5, 0.5), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}
TARGET = Law(FAMILIES["gaussian_mixture"], THREE)
DESCENT = Descent({"loc": 1.0, "scale": 1.4}, "adam", 0.1, 40)


def test_on_arrival_the_fits_are_a_question_and_one_click_answers_it(visit):
    at = visit(PAGE)
    assert all(law["hidden"] for name, law in scene(at)["curves"].items() if name.startswith("fit_"))
    assert "scrub" not in scene(at)
    next(one for one in at.button if one.label == "Show me").click().run()
    assert not at.exception
    told = scene(at)
    assert not told["curves"]["fit_forward"]["hidden"]
    assert told["scrub"]["curves"].keys() == {"q_forward", "q_reverse"}


@pytest.mark.parametrize(("preset", "minima"), [("Near", 1), ("±2, one minimum", 1), ("±3, three minima", 3), ("Far apart", 3)])
def test_a_preset_shows_all_its_minima(visit, preset, minima):
    at = visit(PAGE, show="true")
    at.pills(key="preset").set_value(preset).run()
    told = scene(at)
    assert sum(not law["hidden"] for name, law in told["curves"].items() if name.startswith("fit_reverse")) == minima
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


def test_one_comes_back_to_what_one_left(visit):
    at = visit(PAGE, show="true", p_locs="-4, 4", q_loc="2")
    at.session_state["kept_forward_reverse"] |= {"step": 40.0}
    at.session_state["page_shown"] = "another page"
    at.query_params.clear()
    at.run()
    assert not at.exception
    assert scene(at)["curves"]["p"]["values"]["locs"] == [-4, 4]
    assert scene(at)["scrub"]["start"] == 40 and at.query_params["step"] == "40"


def test_modes_are_added_up_to_four_and_removed_down_to_two(visit):
    at = visit(PAGE, show="true")
    add, remove = (next(one for one in at.button if one.label == label) for label in ("Add a mode", "Remove one"))
    assert remove.disabled
    at = add.click().run()
    assert not at.exception and len(scene(at)["curves"]["p"]["values"]["locs"]) == 3


@pytest.mark.parametrize("view", ["When does it pick a mode?", "Between the two"])
def test_the_other_views_run_along_one_number(visit, view):
    told = scene(visit(PAGE, view=view))
    assert told["scrub"]["values"] and told["charts"]


def test_the_thresholds_are_marked_where_the_branches_begin_and_change(visit):
    chart = scene(visit(PAGE, view="When does it pick a mode?"))["charts"]["minima"]
    assert [mark["x"] for mark in chart["marks"]] == pytest.approx([2, 2.41222971801, 2.80008221758], abs=1e-9)


@pytest.mark.parametrize(
    "query",
    [
        {"p_weights": "0,0"},
        {"p_locs": "1,2,3"},
        {"p_scales": "-1, 1"},
        {"p_locs": "a,b"},
        {"q_scale": "-1"},
        {"q_loc": "nan"},
        {"optimiser": "luck"},
        {"rate": "-5"},
        {"view": "other"},
        {"p_locs": "-1000000, 1000000"},
        {"p_scales": "0.000001, 1000000"},
    ],
    ids=str,
)
def test_a_hostile_link_gives_a_valid_page(visit, query):
    told = scene(visit(PAGE, show="true", **query))
    assert not any(isnan(float(one["value"])) for one in told["numbers"].values())


@pytest.mark.parametrize(
    "query",
    [
        {"q_scale": "-1"},
        {"q_loc": "nan"},
        {"q_forward_loc": "abc"},
        {"m": "1e99"},
        {"alpha": "nan"},
        {"step": "-3"},
        {"rate": "-1"},
        {"optimiser": "foo"},
    ],
    ids=str,
)
def test_what_a_link_asks_in_vain_is_said(visit, query):
    assert "Part of this link cannot be shown" in words(visit(PAGE, **query))


def test_a_link_that_can_be_shown_is_not_complained_about(visit):
    at = visit(PAGE, show="true", step="40", q_loc="2.5", q_forward_loc="0.5", m="3", alpha="0.25", rate="0.3")
    assert "cannot be shown" not in words(at)


def test_a_guess_can_be_chosen_and_stands_beside_the_answer_until_the_target_changes(visit):
    at = visit(PAGE)
    at.pills(key="guess_reverse").set_value("On mode 2").run()
    assert scene(at)["curves"]["q_reverse"]["values"] == {"loc": 3.0, "scale": 1.0}
    next(one for one in at.button if one.label == "Show me").click().run()
    assert "You guessed" in words(at) and not scene(at)["curves"]["guess_reverse"]["hidden"]
    at.pills(key="preset").set_value("Far apart").run()
    assert "You guessed" not in words(at) and scene(at)["curves"]["guess_reverse"]["hidden"]


def test_no_place_to_choose_is_the_answer_to_forward():
    over = places_to_choose(TARGET)["Over them all"]
    assert over["scale"] == 3 and float(fit_forward(TARGET.distribution).scale) == pytest.approx(10**0.5)


def test_before_the_answer_only_q_is_to_be_moved(visit):
    laws = scene(visit(PAGE))["curves"]
    assert not laws["p"]["handles"] and laws["q_forward"]["handles"]


def test_a_descent_that_has_diverged_stands_still_and_says_so(visit):
    at = visit(PAGE, show="true", optimiser="gradient descent", rate="10", q_scale="0.2")
    assert "then it diverged" in scene(at)["numbers"]["kl_forward"]["status"]


def test_four_modes_show_all_five_reverse_minima():
    far = Law(FAMILIES["gaussian_mixture"], {"weights": (0.25,) * 4, "locs": (-12.0, -4.0, 4.0, 12.0), "scales": (1.0,) * 4})
    told = fit_scene(far, DESCENT, UNITS["nats"], partial=True)
    shown = [name for name, law in told["curves"].items() if name.startswith("fit_reverse") and not law["hidden"]]
    assert len(shown) == len(fit_reverse(far.distribution)) == 5 <= MOST_MINIMA


def test_between_the_two_every_minimum_is_there_and_q_is_the_best():
    found = ride(TARGET)
    counts = found.loc.isfinite().sum(0)
    assert (counts[0], counts[-1]) == (3, 1)
    assert (found.of_best(found.divergence) <= found.divergence.nan_to_num(9e9).amin(0) + 1e-9).all()
    assert (float(found.of_best(found.loc)[0]), abs(float(found.of_best(found.loc)[-1]))) == pytest.approx((-2.9843059878, 0), abs=1e-9)
    (exchange,) = found.exchanges
    for alpha, side in ((exchange - 1e-3, 1), (exchange + 1e-3, -1)):
        middle, mode = (min(fit_alpha(TARGET.distribution, [alpha])[0], key=lambda fit: abs(float(fit.loc) - place)) for place in (0, 3))
        assert side * (middle.divergence - mode.divergence) > 0


def test_while_a_hand_moves_only_the_fits_are_answered():
    told = fit_scene(TARGET, DESCENT, UNITS["nats"], partial=True)
    assert told["partial"] and not told["maps"]
    assert not told["curves"]["fit_forward"]["hidden"]


def test_the_code_shown_prints_the_fits(printed):
    found = printed(fit_code(TARGET, DESCENT))
    assert "forward: loc 0, scale 3.16228, KL(P‖Q) = 0.461995 nats" in found.replace("-0,", "0,")
    assert found.count("reverse:") == 3


def test_the_code_of_the_other_views_prints_what_they_show(printed):
    assert "three minima from m = 2.4122297180, the modes are best from m = 2.8000822176" in printed(separation_code())
    found = printed(alpha_code(TARGET))
    assert "α = 1.0: loc 0, scale 3.16228, D_α(P‖Q) = 0.461995 nats" in found and found.count("α = 0.0") == 3


def test_the_csv_of_the_other_views_holds_every_minimum():
    rows = list(csv.DictReader(io.StringIO(separation_csv())))
    assert [sum(row["m"] == m for row in rows) for m in ("2.0", "3.0")] == [1, 3]
    ends = [row for row in csv.DictReader(io.StringIO(alpha_csv(TARGET))) if row["alpha"] == "0.0"]
    assert sorted(float(row["divergence"]) for row in ends) == pytest.approx([0.6887689959, 0.6887689959, 0.8406214313], abs=1e-9)


def test_the_csv_holds_both_descents_step_by_step():
    rows = list(csv.DictReader(io.StringIO(path_csv(TARGET, DESCENT))))
    assert len(rows) == DESCENT.steps + 1
    assert float(rows[-1]["forward_kl"]) < float(rows[0]["forward_kl"])


@pytest.mark.parametrize(
    ("query", "start"),
    [({"show": "true", "step": "40"}, 40), ({"show": "true", "step": "1e9"}, 120), ({"show": "true", "step": "x"}, 0)],
    ids=str,
)
def test_the_step_is_in_the_link(visit, query, start):
    assert scene(visit(PAGE, **query))["scrub"]["start"] == start


def test_the_place_on_either_ride_is_in_the_link(visit):
    along = scene(visit(PAGE, view="Between the two", alpha="0.5"))["scrub"]
    assert ride(TARGET).alphas[along["start"]] == 0.5
    diagram = scene(visit(PAGE, view="When does it pick a mode?", m="4.5"))["scrub"]
    assert diagram["start"] == 83
