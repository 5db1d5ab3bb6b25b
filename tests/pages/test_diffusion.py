"""The view "Diffusion" by AppTest: its terms, what a hand may do to the schedule, bad links, its sentence, the program."""

import csv
import io
import json
import math
import re
from dataclasses import replace

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from kl_core.vaes.diffusion_schedules import HIGHEST, LOWEST
from pages.shared.style import UNITS
from pages.views.vae.diffusion_export import diffusion_code, diffusion_csv
from pages.views.vae.diffusion_state import DATA, FIRST, SHAPES, VARIANCES, moved
from pages.views.vae.diffusion_view import _prior, diffusion_scene
from pages.views.vae.diffusion_words import window
from tests.pages.conftest import elements, words

NATS = UNITS["nats"]


def told(at) -> dict:
    scenes = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in scenes if "left_out" in scene)


def test_the_untouched_view_adds_its_bars_up_to_the_entropy_and_what_is_left_out(visit):
    scene = told(visit("vae", view="Diffusion"))
    assert len(scene["terms"]) == FIRST.steps + 1
    assert scene["total"] == pytest.approx(sum(scene["terms"]), abs=1e-12)
    assert scene["total"] == pytest.approx(scene["entropy"] + scene["gap"], abs=1e-12)
    hills = math.log(2) + 0.5 * math.log(2 * math.pi * math.e * 0.25**2)  # two hills so far apart that they hardly overlap
    assert scene["entropy"] == pytest.approx(hills, abs=1e-3)
    assert all(-1e-12 <= left for left in scene["left_out"])


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("schedule", SHAPES)
@pytest.mark.parametrize("variance", VARIANCES)
def test_every_choice_has_a_picture_that_json_can_hold_and_no_schedule_beats_the_best(data, schedule, variance):
    shown = replace(FIRST, data=data, schedule=schedule, variance=variance)
    scene = json.loads(json.dumps(diffusion_scene(shown, NATS), allow_nan=False))
    assert scene["gap"] >= diffusion_scene(replace(shown, schedule="best"), NATS)["gap"] - 1e-3
    assert scene["said"].endswith(".") and "nan" not in scene["said"]


def test_a_dragged_level_makes_the_schedule_ones_own_and_stays_between_its_neighbours():
    after = moved(FIRST, {"level": 1, "to": 0.4})
    assert after.schedule == "own" and after.levels[1] == pytest.approx(0.4) and after.alpha_bar()[5] == pytest.approx(0.4)
    for place in range(4):
        for to in (-5.0, 0.0, 0.5, 1.0, 9.0):
            levels = moved(after, {"level": place, "to": to}).levels
            assert HIGHEST > levels[0] > levels[1] > levels[2] > levels[3] >= LOWEST


def test_yours_begins_as_what_is_on_screen():
    for schedule in ("linear", "cosine", "best"):
        before = replace(FIRST, schedule=schedule)
        assert moved(before, {"schedule": "own"}).levels == pytest.approx(before.shown_levels(), abs=0.01)


@pytest.mark.parametrize(
    "message",
    [{}, {"level": 9, "to": 0.1}, {"level": 0}, {"level": True, "to": 1}, {"level": 0, "to": "x"}, {"steps": float("nan")}, {"data": []}],
    ids=str,
)
def test_nonsense_from_the_browser_changes_nothing(message):
    assert moved(FIRST, message) == FIRST


def test_numbers_out_of_range_are_cut_and_fewer_steps_take_the_place_looked_at_along():
    assert moved(FIRST, {"steps": 999}).steps == 32
    assert moved(replace(FIRST, at=13), {"steps": 5}).at == 6


@pytest.mark.parametrize(
    "query",
    [
        {"diffusion_levels": "0.5,0.6,0.2,0.1"},
        {"diffusion_levels": "nan,1,1,1"},
        {"diffusion_schedule": "steep"},
        {"diffusion_steps": "1000"},
        {"diffusion_variance": "none"},
        {"diffusion_at": "-3"},
    ],
    ids=str,
)
def test_a_bad_link_says_so_and_shows_the_first_state(visit, query):
    at = visit("vae", view="Diffusion", **query)
    scene = told(at)
    assert "Part of this link cannot be shown" in words(at)
    assert scene["chosen"] == {name: getattr(FIRST, name) for name in scene["chosen"]}


def test_a_link_opens_its_schedule(visit):
    scene = told(visit("vae", view="Diffusion", diffusion_schedule="own", diffusion_levels="0.9,0.6,0.3,0.1", diffusion_steps="4"))
    assert scene["signal"][1:] == pytest.approx([0.9, 0.6, 0.3, 0.1]) and scene["levels"] == pytest.approx([0.9, 0.6, 0.3, 0.1])


def test_the_sentence_follows_what_is_set():
    said = lambda **set: diffusion_scene(replace(FIRST, **set), NATS)["said"]
    assert said().startswith("Steps 1 to 2 leave out")
    assert "x₁ is too noisy" in said(steps=6)
    assert "is not yet noise" in said(data="One Gaussian", schedule="own", levels=(0.99, 0.98, 0.97, 0.9))
    assert re.match(r"The variance β̃ₜ of step \d+ is too small", said(variance="β̃ₜ"))
    assert re.match(r"The variance βₜ of step \d+ is too large", said(data="One Gaussian", variance="βₜ"))
    assert "almost nothing" in said(data="One Gaussian") and "Gaussian data" in said(data="One Gaussian")
    first, last = map(int, re.search(r"Steps (\d+) to (\d+)", said()).groups())
    scene = diffusion_scene(FIRST, NATS)
    assert f"{sum(scene['left_out'][first - 1 : last]):.3g} of {scene['gap']:.3g} nats" in said()


def test_the_window_is_the_narrowest_with_two_thirds():
    assert window(torch.tensor([0.0, 1, 5, 3, 0])) == (2, 3)
    assert window(torch.tensor([9.0, 1, 0])) == (0, 0)


def test_bits_are_nats_over_log_two():
    assert "bits" in diffusion_scene(FIRST, UNITS["bits"])["said"]


def test_the_program_shown_prints_the_numbers_on_screen(printed):
    scene = diffusion_scene(FIRST, NATS)
    last = printed(diffusion_code(FIRST)).splitlines()[-1]
    assert [float(number) for number in re.findall(r"-?\d+\.\d+", last)] == pytest.approx(
        [scene["total"], scene["entropy"], scene["gap"]], abs=2e-6
    )


def test_the_table_has_every_term():
    rows = list(csv.reader(io.StringIO(diffusion_csv(FIRST))))
    assert sum(float(row[2]) for row in rows[1:]) == pytest.approx(diffusion_scene(FIRST, NATS)["total"])
    assert (rows[1][0], rows[-1][0]) == ("reconstruction", "prior")


@pytest.mark.parametrize("signal", [0.01, 0.3])
def test_the_last_term_is_the_kl_of_the_noised_picture_from_the_prior(signal):
    told = _prior(torch.tensor(1.7, dtype=torch.float64), torch.tensor(signal, dtype=torch.float64))
    q, p = Normal(math.sqrt(signal) * 1.7, math.sqrt(1 - signal)), Normal(0.0, 1.0)
    assert told["kl"] == pytest.approx(float(kl_divergence(q, p)), rel=1e-6)
