"""The page "β" by AppTest: every view, the numbers behind the picture, bad links."""

import csv
import io
import json
import math

import numpy as np
import pytest
import torch

from kl_core.rlhf.language import as_text
from kl_core.rlhf.policy import optimum, sample
from kl_core.rlhf.reward import word_counts
from kl_core.rlhf.world import build_world
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS
from pages.views.beta import scene
from pages.views.beta.answer_frames import PLACES, answer_frames, beta_at, place_of, said_at_table, stops_of
from pages.views.beta.export import penalty_code, penalty_csv
from pages.views.beta.in_practice import USUAL_ROWS, equivalent_n
from pages.views.beta.scene import WorldSettings, frames_of, measured_at, peak_of, penalty_scene
from tests.pages.conftest import elements, until, words

PAGE = "beta"
VIEWS = ("The penalty", "The answer", "Train it yourself", "Which direction?", "Forgetting", "One frontier", "Who sets β?", "In practice")
NATS = UNITS["nats"]


def unpacked(text: str) -> np.ndarray:
    import base64

    return np.frombuffer(base64.b64decode(text))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", UNITS)
def test_every_view_opens(visit, view, unit):
    at = visit(PAGE, view=view, unit=unit)
    assert "cannot be shown" not in words(at)


def answer_of(at) -> dict:
    """What the answer's component was told."""
    told = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in told if "gold" in scene)


def test_the_true_reward_is_greatest_at_the_best_beta_and_lost_below_it(visit):
    told = answer_of(visit(PAGE))
    gold, proxy = unpacked(told["gold"]), unpacked(told["proxy"])
    assert told["best"]["beta"] == pytest.approx(0.0648, abs=2e-4)
    assert told["best"]["gain"] >= gold.max() - 1e-9
    assert gold[0] == proxy[0] == 0
    assert gold[-1] < 0 < proxy[-1]
    assert (np.diff(proxy) >= -1e-9).all()


def test_the_answers_are_the_reference_at_infinity_and_the_repeated_phrase_below_a_hundredth():
    frames = answer_frames(WorldSettings(scale=0.1))
    said = [as_text(frames.words, frames.tokens[place, frames.first].tolist()) for place in (0, PLACES - 1)]
    assert "the answer is" not in said[0]
    assert said[1].count("the answer is:") == 5


def test_the_answer_shown_first_gets_better_before_it_is_hacked():
    """By its own words, not by an average: up in steps to the best β, below the reference at β = 0."""
    world, frames = build_world(), answer_frames(WorldSettings(scale=0.1))
    gold = world.gold.of_counts(world.chain, word_counts(world.chain, frames.tokens[:, frames.first])).numpy()
    rising = gold[: round(place_of(frames.best_beta) * (PLACES - 1)) + 1]
    assert (np.diff(rising) >= 0).all() and len(set(rising)) >= 3
    assert gold[-1] < gold[0]


def test_in_practice_says_what_the_answer_says_at_the_same_beta():
    for settings in (WorldSettings(scale=0.1), WorldSettings(scale=1.0), WorldSettings(scale=0.1, seed=3)):
        frames = answer_frames(settings)
        places = [round(place_of(row[0]) * (PLACES - 1)) for row in USUAL_ROWS]
        assert [float(frames.betas[place]) for place in places] == pytest.approx([row[0] for row in USUAL_ROWS])
        said = tuple(as_text(frames.words, frames.tokens[place, frames.first].tolist()) for place in places)
        assert said == said_at_table(settings)


def test_more_peaks_at_the_best_beta_of_the_slider_and_runs_the_same_way():
    settings = WorldSettings(scale=0.1)
    best = answer_frames(settings).best_beta
    told = penalty_scene(settings, NATS, 0.3, best)
    betas, gold = unpacked(told["scrub"]["values"]), unpacked(told["scrub"]["numbers"]["gold"])
    assert betas[0] == math.inf and betas[-1] == 0 and (np.diff(betas[1:]) < 0).all()
    assert betas[gold.argmax()] == pytest.approx(best)
    assert f"β = {best:.2g}," in told["charts"]["rewards"]["marks"][0]["label"]
    assert betas[told["scrub"]["start"]] == pytest.approx(0.3)


@pytest.mark.parametrize("beta", [math.inf, 40.0, 0.5, 0.1, 0.07, 0.05, 0.01, 0.001, 0.0])
def test_the_sliders_scale_has_every_beta(beta):
    assert beta_at(place_of(beta)) == pytest.approx(beta, rel=1e-9)


def test_the_rewards_scale_and_beta_grow_together():
    once, tenth = answer_frames(WorldSettings(scale=1.0)), answer_frames(WorldSettings(scale=0.1))
    assert once.best_beta == pytest.approx(10 * tenth.best_beta, rel=1e-4)


def test_the_usual_words_hold_where_the_reward_counts_a_tenth_and_are_struck_out_where_it_counts_whole():
    assert [stop["was"] for stop in stops_of(answer_frames(WorldSettings(scale=0.1)))] == [""] * 5
    whole = {stop["beta"]: (stop["was"], stop["words"]) for stop in stops_of(answer_frames(WorldSettings(scale=1.0)))}
    assert whole["0.5"] == ("little", "near the best") and whole["0.05–0.1"] == ("usual", "hacked")


@pytest.mark.parametrize("beta, place", [("inf", 0.0), ("0", 1.0), ("1e300", 0.0)])
def test_a_link_opens_the_answer_at_its_beta(visit, beta, place):
    assert answer_of(visit(PAGE, beta=beta))["start"] == pytest.approx(place, abs=1e-12)


@pytest.mark.parametrize(
    "query",
    [{"beta": "nan"}, {"beta": "x"}, {"beta_one": "inf", "view": "Which direction?"}, {"beta_one": "-3"}, {"world_seed": "-1"}],
    ids=str,
)
def test_nonsense_in_a_link_leaves_a_valid_page(visit, query):
    assert "NaN" not in words(visit(PAGE, **query))


@pytest.mark.parametrize("query", [{"view": "other"}, {"pairs": "7"}, {"unit": "furlongs"}, {"scale": "-1"}], ids=str)
def test_what_a_link_cannot_have_is_said_in_one_sentence(visit, query):
    assert words(visit(PAGE, **query)).count("Part of this link cannot be shown") == 1


def test_the_same_policies_come_back_at_a_rescaled_beta():
    plain, scaled = measured_at(WorldSettings(), [0.7]), measured_at(WorldSettings(scale=10.0), [7.0])
    assert float(scaled.kl) == pytest.approx(float(plain.kl), rel=1e-12)
    assert float(scaled.gold) == pytest.approx(float(plain.gold), rel=1e-12)


def test_with_the_reward_tenfold_smaller_the_usual_rows_fit():
    found = measured_at(WorldSettings(scale=0.1), [row[0] for row in USUAL_ROWS])
    gold = dict(zip([row[0] for row in USUAL_ROWS], found.gold.tolist(), strict=True))
    assert max(gold, key=gold.get) in (0.05, 0.1)
    assert gold[0.01] < gold[0.5] < gold[0.05]


def test_the_usual_table_has_a_verdict_in_every_row_and_each_cell_its_name_for_phones(visit):
    table = "".join(element.proto.body for element in elements(visit(PAGE, view="In practice").main) if element.type == "html")
    assert table.count('<td data-name="here"><b>') == len(USUAL_ROWS) == table.count('scope="row"')


def test_every_word_on_screen_is_of_the_corpus_and_costs_at_least_nothing():
    told = penalty_scene(WorldSettings(), NATS, 0.7)["sentences"]
    frames = frames_of(WorldSettings())
    assert int(frames.sentences.tokens.max()) < len(told["words"]) < 256
    assert float(frames.costs.min()) >= 0
    assert told["tokens"] and told["costs"]


def test_the_hack_of_the_smallest_beta_repeats_itself(printed):
    lines = printed(penalty_code(WorldSettings())).splitlines()
    assert lines[0].startswith("β = 0:") and lines[0].count("the answer is:") > 3
    assert lines[-1].startswith("β = inf: gold") and "KL 0.0000 nats" in lines[-1]


@pytest.mark.parametrize(("scale", "counted"), [(1.0, ""), (0.1, "_times_0.1")])
def test_the_csv_holds_the_optimum_at_every_beta_with_both_rewards_in_the_unit_that_beta_prices(scale, counted):
    settings = WorldSettings(scale=scale)
    rows = list(csv.DictReader(io.StringIO(penalty_csv(settings))))
    frames = frames_of(settings)
    assert len(rows) == 65
    assert float(rows[peak_of(frames)][f"true_reward{counted}"]) == pytest.approx(scale * float(frames.measures.gold.max()))
    assert rows[0]["beta"] == "0.0" and rows[-1]["beta"] == "inf"
    names = ("beta", f"model_score{counted}", "kl_nats_per_answer")
    beta, score, kl = (np.array([float(row[name]) for row in rows]) for name in names)
    apart = np.diff(kl) < -1e-3
    price = np.diff(score)[apart] / np.diff(kl)[apart]  # of a nat, from one optimum to the next
    assert (beta[:-1][apart] * (1 - 1e-6) <= price).all() and (price <= beta[1:][apart] * (1 + 1e-6)).all() and apart.sum() > 20


def test_the_frames_are_those_of_the_library():
    world = build_world()
    assert float(world.measure(world.optimum(0.3)).kl) == pytest.approx(float(measured_at(WorldSettings(), [0.3]).kl), rel=1e-12)


@pytest.mark.parametrize(("kl", "n"), [(0.0, 1.0), (np.log(16) - 15 / 16, 16.0), (1e3, np.inf)])
def test_a_number_of_nats_is_that_of_a_best_of_n(kl, n):
    assert equivalent_n(kl) == pytest.approx(n)


def test_a_training_run_is_shown_when_it_has_run(visit):
    at = visit(PAGE, view="Train it yourself", steps="20", lr="0.1")
    at.button(key="train").click().run()
    job = QUEUE.find(at.session_state["runs"][0])
    until(lambda: job.state == "done")
    at.run()
    assert not at.exception
    assert "the run estimates" in words(at)
    assert [step.step for step in job.results] == [0, 4, 8, 12, 16, 20]


def test_settings_that_do_not_go_together_are_answered_with_a_sentence(visit):
    at = visit(PAGE, view="Train it yourself", hold="true", beta_train="0")
    assert "with a target it is above 0" in words(at)
    assert not [one for one in at.button if one.key == "train"]


def test_a_beta_beside_the_grid_costs_one_more_optimum_and_is_what_all_together_give(monkeypatch):
    settings, asked = WorldSettings(scale=0.3), []
    world = scene.world_of(settings.pairs, settings.noise, settings.seed)
    grid = frames_of(settings).betas
    monkeypatch.setattr(scene, "optimum", lambda chain, reward, beta: asked.append(len(beta)) or optimum(chain, reward, beta))
    beside = frames_of(settings, 0.12345)
    assert asked == [1]
    assert frames_of(settings, float(grid[20]) * (1 + 1e-7)) is frames_of(settings) is frames_of(settings, float(grid[40]))
    assert asked == [1], "places of the scrubber share what all have"
    together = torch.cat([grid, grid.new_tensor([0.12345])]).sort().values
    best = optimum(world.chain, settings.scale * world.proxy, together)
    assert torch.equal(beside.betas, together)
    assert torch.allclose(beside.measures.gold, world.measure(best).gold, rtol=1e-12)
    assert torch.equal(beside.sentences.tokens, sample(world.chain, best, scene.SENTENCES, settings.seed).tokens)
