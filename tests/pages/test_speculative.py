"""The view "Speculative decoding" by AppTest: what the bars are told, what a hand may do to them, bad links, the program."""

import csv
import io
import json
from math import isfinite

import pytest
import scipy.stats
from streamlit.testing.v1 import AppTest

from pages.views.two_distributions.speculative_export import speculative_code, speculative_csv
from pages.views.two_distributions.speculative_state import CHAINS, FIRST, NAMES, PRESETS, SpeculativeState, moved, with_share
from pages.views.two_distributions.speculative_view import speculative_scene
from tests.pages.conftest import elements

PAGE, VIEW = "two_distributions", "Speculative decoding"


def told(at: AppTest) -> dict:
    scenes = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in scenes if "acceptance" in scene)


def test_the_untouched_view_shows_the_overlap_of_its_bars(visit):
    scene = told(visit(PAGE, view=VIEW))
    assert scene["acceptance"] == pytest.approx(0.25 + 0.30 + 0.12 + 0.02 + 0.05, abs=1e-12)
    assert scene["kl_pq"] == pytest.approx(scipy.stats.entropy(FIRST.p, FIRST.q), rel=1e-12)
    assert scene["kl_qp"] == pytest.approx(scipy.stats.entropy(FIRST.q, FIRST.p), rel=1e-12)
    assert scene["tokens"] == pytest.approx((1 - 0.74**5) / 0.26, rel=1e-12)
    assert scene["bounds"] == pytest.approx(
        [1 - (scene["kl_qp"] / 2) ** 0.5, 1 - (1 - 2.718281828459045 ** -scene["kl_qp"]) ** 0.5], rel=1e-9
    )


def test_the_best_draft_length_has_the_greatest_speed_up():
    scene = speculative_scene(FIRST)
    assert scene["speed"][scene["best"] - 1] == max(scene["speed"])
    assert scene["speed"][3] == pytest.approx(scene["by_length"][3] / 1.4, rel=1e-12)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_picture_that_json_can_hold(name):
    scene = json.loads(json.dumps(speculative_scene(PRESETS[name]), allow_nan=False))
    assert max(bound for bound in scene["bounds"] if bound is not None) <= scene["acceptance"] + 1e-12
    if name == "A word it never drafts":
        assert scene["kl_pq"] is None and scene["kl_qp"] < 1 and scene["acceptance"] > 0.5
    if name == "The same":
        assert scene["acceptance"] == pytest.approx(1)


def test_distilling_the_student_of_the_chains_makes_it_a_better_draft(visit):
    before, after = (moved(FIRST, {"preset": preset}) for preset in CHAINS)
    scenes = [speculative_scene(shown) for shown in (before, after)]
    assert before.p == after.p and sum(after.p) == pytest.approx(1) and sum(before.q) == pytest.approx(1)
    assert before.names == after.names != NAMES and "The word after" in scenes[0]["about"]
    assert scenes[0]["acceptance"] < 0.3 < 0.7 < scenes[1]["acceptance"] and scenes[1]["kl_pq"] < scenes[0]["kl_pq"]
    assert moved(after, {"preset": "A fair draft"}).names == NAMES
    opened = told(visit("two_distributions", view="Speculative decoding", spec_words=",".join(after.names)))
    assert opened["names"] == list(after.names)


@pytest.mark.parametrize("words", ["a,b", "a,b,c,d,", "a,b,c,d," + 13 * "e", ""], ids=str)
def test_words_that_do_not_fit_below_the_bars_give_way_to_the_first(visit, words):
    assert told(visit("two_distributions", view="Speculative decoding", spec_words=words))["names"] == list(NAMES)


def test_a_dragged_bar_is_where_it_was_left_at_every_temperature():
    for temperature in (0.3, 1.0, 2.5):
        after = moved(SpeculativeState(temperature=temperature), {"p": 2, "to": 0.5})
        assert after.shown("p")[2] == pytest.approx(0.5, abs=1e-9)
        assert after.q == FIRST.q


def test_a_bar_at_zero_leaves_the_others_their_odds_and_can_be_lifted_again():
    row = with_share(FIRST.q, 1, 0.0)
    assert row[1] == 0 and sum(row) == pytest.approx(1) and row[0] / row[2] == pytest.approx(FIRST.q[0] / FIRST.q[2])
    assert with_share((1.0, 0.0, 0.0), 0, 0.4) == pytest.approx((0.4, 0.3, 0.3))


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"p": 9, "to": 0.1},
        {"p": 0},
        {"q": True, "to": 1},
        {"p": 0, "to": "x"},
        {"gamma": float("nan")},
        {"seed": 10**400},
        {"preset": []},
    ],
    ids=str,
)
def test_nonsense_from_the_browser_changes_nothing(message):
    assert moved(FIRST, message) == FIRST


def test_numbers_out_of_range_are_cut():
    assert moved(FIRST, {"gamma": 99}).gamma == 12
    assert moved(FIRST, {"temperature": 0}).temperature == 0.2
    assert all(map(isfinite, moved(FIRST, {"p": 0, "to": 7}).p))


@pytest.mark.parametrize(
    "query",
    [{"spec_p": "1,2"}, {"spec_p": "nan,1,1,1,1"}, {"spec_q": "0,0,0,0,0"}, {"gamma": "99"}, {"spec_T": "inf"}, {"spec_seed": "-1"}],
    ids=str,
)
def test_a_bad_link_shows_the_first_state(visit, query):
    scene = told(visit(PAGE, view=VIEW, **query))
    assert (scene["p"], scene["gamma"], scene["temperature"], scene["seed"]) == (pytest.approx(FIRST.p), 4, 1.0, 0)


def test_a_link_opens_its_bars(visit):
    scene = told(visit(PAGE, view=VIEW, spec_p="0.5,0.5,0,0,0", gamma="2", spec_T="2"))
    assert scene["p"] == pytest.approx([0.5, 0.5, 0, 0, 0]) and scene["gamma"] == 2 and scene["temperature"] == 2
    assert len(scene["run"]["calls"][0]["drafts"]) == 2


def test_the_program_shown_prints_the_numbers_on_screen(printed):
    scene = speculative_scene(FIRST)
    lines = printed(speculative_code(FIRST)).splitlines()
    assert lines[0] == f"acceptance {scene['acceptance']:.6g}, words per call {scene['tokens']:.6g}"
    shares = [float(share) for share in lines[1].split("shares ")[1].split()]
    assert shares == pytest.approx(list(FIRST.p), abs=0.02)


def test_the_table_has_the_overlap_and_every_draft_length():
    rows = list(csv.reader(io.StringIO(speculative_csv(FIRST))))
    assert [row[0] for row in rows[1:6]] == list(NAMES)
    assert sum(float(row[3]) for row in rows[1:6]) == pytest.approx(0.74)
    assert float(rows[-1][1]) == pytest.approx(speculative_scene(FIRST)["by_length"][-1])
