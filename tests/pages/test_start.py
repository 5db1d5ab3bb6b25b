"""The story: its numbers against others, its words within their limits, links to its scenes, and what is sent of it."""

import gzip
import json
import re

import pytest
import torch
from scipy.special import rel_entr
from scipy.stats import chisquare, norm
from starlette.requests import Request

from pages.shared.map import GROUPS, MAP
from pages.views.start import asked_scene, opening, story_data
from pages.views.start.hills import SEPARATION
from pages.views.start.scenes import SCENES
from pages.views.start.weather import NAMES, P, Q, drawn_days
from tests.pages.conftest import elements, words


@pytest.fixture(scope="module")
def data() -> dict:
    return story_data()


def told(at) -> dict:
    """What the story's component was told."""
    return next(json.loads(one.proto.json) for one in elements(at.main) if one.type == "bidi_component" and "scenes" in one.proto.json)


def test_the_weather_has_the_kl_that_scipy_gives(data):
    weather = data["weather"]
    assert weather["kl_pq"] == pytest.approx(rel_entr(P.numpy(), Q.numpy()).sum(), rel=1e-14)
    assert weather["kl_qp"] == pytest.approx(rel_entr(Q.numpy(), P.numpy()).sum(), rel=1e-14)
    assert sum(weather["terms"]) == pytest.approx(weather["kl_pq"], rel=1e-14)


def test_days_are_drawn_from_p(data):
    days = data["weather"]["days"]
    counts = [days.count(str(i)) for i in range(len(NAMES))]
    assert chisquare(counts, [float(p) * len(days) for p in P]).pvalue > 0.001
    assert days[:50] == "".join(map(str, drawn_days(50).tolist()))
    assert not torch.equal(drawn_days(50), drawn_days(50, seed=1))


def test_the_base_density_and_the_histograms_are_those_of_two_gaussians(data):
    hills = data["hills"]
    z = torch.linspace(-8, 8, 321).numpy()
    assert hills["base"] == pytest.approx(norm.pdf(z), abs=1e-7)
    for count, heights in hills["bins"].items():
        edges = torch.linspace(-8, 8, int(count) + 1, dtype=torch.float64).numpy()
        mass = (norm.cdf(edges + SEPARATION) + norm.cdf(edges - SEPARATION)) / 2
        assert heights == pytest.approx((mass[1:] - mass[:-1]) * int(count) / 16, abs=1e-5)


def test_both_fits_are_the_known_ones(data):
    hills = data["hills"]
    assert hills["forward"] == pytest.approx({"loc": 0.0, "scale": 10**0.5, "kl": 0.4619946135}, abs=1e-9)
    assert hills["reverse"] == pytest.approx({"loc": 2.9843059878, "scale": 1.0233685597, "kl": 0.6887689959}, abs=1e-9)


def test_a_guess_at_a_fit_costs_what_the_fit_costs(data):
    guesses = data["hills"]["guesses"]
    at = guesses["means"].index(0.0), guesses["scales"].index(3.2)
    assert guesses["forward"][at[0]][at[1]] == pytest.approx(data["hills"]["forward"]["kl"], abs=2e-3)
    right = guesses["means"].index(3.0), guesses["scales"].index(1.0)
    assert guesses["reverse"][right[0]][right[1]] == pytest.approx(data["hills"]["reverse"]["kl"], abs=2e-3)


def test_at_two_there_is_no_minimum_at_a_hill_and_from_the_fold_on_there_is(data):
    twist = data["hills"]["twist"]
    at = twist["separations"].index(2.0)
    assert twist["side"][0][at] is None
    assert [row[at] for row in twist["middle"]] == pytest.approx([2.0470095199, 0.2265079608], abs=1e-5)
    assert (twist["fold"], twist["exchange"]) == pytest.approx((2.41222971801, 2.80008221758), abs=1e-9)
    for i, separation in enumerate(twist["separations"]):
        assert (twist["side"][0][i] is not None) == (separation > twist["fold"])
        if separation > twist["fold"]:
            assert (twist["side"][2][i] < twist["middle"][1][i]) == (separation > twist["exchange"])


def test_less_penalty_is_more_kl_and_in_the_end_less_true_reward(data):
    policy = data["uses"]["policy"]
    assert policy["kl"] == sorted(policy["kl"])
    assert policy["proxy"] == sorted(policy["proxy"])
    assert max(policy["gold"]) > 1 > policy["gold"][0] > policy["gold"][-1]
    assert policy["answer"][-1].count("the answer is:") > 3 > policy["answer"][0].count("the answer is:")


def test_soft_targets_add_up_and_a_student_of_soft_targets_is_closer_to_them(data):
    student = data["uses"]["student"]
    assert all(sum(row) == pytest.approx(1, abs=1e-3) for row in student["teacher"])
    assert all(soft < hard for soft, hard in zip(student["distilled_kl"], student["kl"], strict=True))


def count(text: str) -> int:
    return len(re.findall(r"[^\s]*[A-Za-z0-9][^\s]*", text))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_scene_says_little(scene):
    assert count(scene.heading) <= 6
    assert count(scene.sentence) <= 25
    assert count(scene.after) <= 25


def test_all_that_is_sent_is_small(data):
    assert len(gzip.compress(json.dumps(data).encode())) < 60_000


def test_the_map_has_every_page_once_and_its_routes_lead_to_pages(data):
    pages = [page["name"] for group in data["map"]["groups"] for page in group["pages"]]
    assert sorted(pages) == sorted(entry.name for entry in MAP)
    assert [group["title"] for group in data["map"]["groups"]] == [group.title for group in GROUPS]
    assert all(name in pages for route in data["map"]["routes"] for name in route["pages"])
    assert all(page["marks"] for group in data["map"]["groups"] for page in group["pages"])


def test_the_page_opens_at_the_scene_that_is_asked_for(visit):
    assert told(visit("start", scene="5"))["scene"] == 5
    assert told(visit("start"))["scene"] == 1


@pytest.mark.parametrize("asked", ["0", "11", "-1", "x", "5.0", "", "²", "9" * 400, "<script>"])
def test_a_scene_that_there_is_not_becomes_the_first_with_one_quiet_sentence(visit, asked):
    at = visit("start", scene=asked)
    assert told(at)["scene"] == 1
    assert words(at).count("The story has scenes 1 to 10") == 1


def test_every_scene_can_be_asked_for():
    assert [asked_scene(str(n)) for n in range(1, len(SCENES) + 1)] == [(n, None) for n in range(1, len(SCENES) + 1)]


def test_the_first_screen_is_in_the_html_unless_the_link_asks_for_more_than_a_scene(data):
    opening.prepare()
    assert 'data-first="1"' in opening.opening({})
    assert 'data-first="4"' in opening.opening({"scene": "4"})
    assert 'data-first="2"' in opening.opening({"scene": "2", "present": "1", "lesson": "what_kl_is.1", "embed": "true"})
    for query in ({"scene": "11"}, {"scene": "<script>"}, {"room": "ABCD"}, {"scene": "2", "z": "1"}):
        assert opening.opening(query) == ""
    assert json.loads(opening.part(Request({"type": "http", "headers": [], "path_params": {"name": "tables"}})).body) == json.loads(
        json.dumps(data)
    )
