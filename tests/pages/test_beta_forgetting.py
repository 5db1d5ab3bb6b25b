"""The view "Forgetting" by AppTest: nothing runs before a press, what a run shows, and what the ranks say."""

import json
from dataclasses import replace

import pytest
import torch

from kl_core.rlhf.forgetting import Moment, imitation_limit
from kl_core.rlhf.rank_intervals import rank_intervals
from kl_core.rlhf.targets import oracle, target_of_sentences
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS
from pages.views.beta import forgetting_bars as bars
from pages.views.beta import forgetting_runs as runs
from pages.views.beta import forgetting_targets as targets
from pages.views.beta.forgetting_plane import ACROSS, FORGOTTEN, forgetting_plane
from pages.views.beta.forgetting_words import compared, paper, points, predicted, razor, too_few
from tests.pages.conftest import elements, until, words

VIEW = "Forgetting"


def planes(at) -> list[dict]:
    told = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return [scene for scene in told if "points" in scene and "lines" in scene]


@pytest.fixture(scope="module")
def paths() -> list[runs.Path]:
    """The quick runs, once for all tests here."""
    until(lambda: runs.ask_compared().state == "done")
    until(lambda: runs.ask_exact().state == "done")
    return runs.compared()


def test_an_address_compares_rl_with_sft_and_asks_for_no_run(visit, paths):
    at = visit("beta", view=VIEW, forget_by="SFT", forget_steps="40")
    assert QUEUE.find(runs.ForgettingRun(runs.TARGETS[0], 0.3, 40, 0).key) is None
    shown, *small = planes(at)
    names = [line["name"] for line in shown["lines"] if line["style"] == "run"]
    targets = [f"{number} {name}" for number, name in enumerate(runs.TARGETS, 1)]
    assert names == [*(f"RL, β = {beta:g}" for beta in runs.COMPARED_BETAS), *targets]
    assert at.subheader[0].value == compared(paths, 0.7)
    assert "opens with “the answer is:”" in words(at) and "RL’s razor" in words(at)
    assert too_few(10) in words(at) and "correlation" not in words(at)
    assert {picture["y"][0] for picture in (shown, *small)} == {FORGOTTEN} and len(small) == 2


def test_sft_ends_at_the_kl_of_its_target_where_no_word_repeats(paths):
    shown = forgetting_plane([], ACROSS[1], UNITS["nats"], 70)
    ends = {line.name: line for line in shown.lines if line.colour == 9}
    assert len(ends) == len(runs.TARGETS) - 1
    limit = imitation_limit(runs.prompt_world(), oracle(runs.prompt_world()))
    assert shown.points[1][:2] == pytest.approx((limit.kl, 100 * limit.forgotten))
    assert ends["6"].xs[0] == pytest.approx(runs.target_named(runs.TARGETS[5]).kl, rel=1e-9)
    assert shown.points[0][:2] == pytest.approx((0.0, 0.0), abs=1e-12)


def test_what_is_said_of_a_success_is_what_the_paths_do_there(paths):
    for level in (0.5, 0.7, 0.9):
        lost = {"RL": [], "SFT": []}
        for path in paths:
            after = next((i for i, moment in enumerate(path.moments) if moment.new_quality >= level), None)
            if after is not None:  # the exact value lies between these two
                lost[path.method].append(sorted(100 * path.moments[i].forgotten for i in (after - 1, after)))
        said = compared(paths, level)
        apart = max(high for _, high in lost["RL"]) < min(low for low, _ in lost["SFT"])
        assert not apart or "every RL run has lost less on tea and plants than any SFT run" in said
        if "less than any SFT run" in said:
            assert min(low for low, _ in lost["RL"]) < max(high for _, high in lost["SFT"])
    dear = [replace(runs.start(), forgotten=0.0), moment_at(0.9, 0.7)]
    assert "fails here" in razor(paths, 0.9, dear) and "lost 70 points" in razor(paths, 0.9, dear)
    assert "holds here" in razor(paths, 0.9, [runs.start(), moment_at(0.9, 0.0)]) and razor(paths, 0.9, []) == ""
    assert compared(paths, 1.0) == "No run reaches 100% success on sleep."


def test_the_nearest_success_is_at_minus_the_log_of_the_references_success():
    success = torch.tensor(runs.start().new_quality, dtype=torch.float64)
    assert runs.nearest_success() == pytest.approx(-float(success.log()), rel=1e-9)


def test_the_targets_stand_from_near_to_far():
    distances = [runs.target_named(name).kl for name in runs.TARGETS]
    assert distances == sorted(distances)


def test_a_run_is_shown_and_said_when_it_has_run(visit):
    at = visit("beta", view=VIEW, forget_by="SFT", forget_steps="20")
    at.button(key="forgetting_runs_train").click().run()
    job = QUEUE.find(runs.ForgettingRun(runs.TARGETS[0], 0.3, 20, 0).key)
    until(lambda: job.state == "done")
    at.run()
    assert not at.exception
    assert planes(at)[0]["lines"][-1]["name"] == "SFT 1"
    assert any("on tea and plants" in element.value for element in at.subheader)
    assert len(job.results) == job.total


@pytest.mark.parametrize("across", ACROSS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_weight_that_gives_a_word_up_leaves_the_picture_finite(across, unit):
    moment = replace(runs.start(), kl_from_reference=float("inf"), kl=2.0)
    job = type("Ended", (), {"results": [moment], "live": False, "state": "done"})()
    shown = forgetting_plane([(runs.ForgettingRun(None, 0.1, 20, 0), job)], across, UNITS[unit], 70)
    assert all(x < float("inf") for line in shown.lines for x in line.xs)


def moment_at(success: float, forgotten: float) -> Moment:
    return replace(runs.start(), quality=runs.start().quality | {"sleep": success}, forgotten=forgotten)


def moment(kl: float, kl_from_reference: float, forgotten: float) -> Moment:
    return replace(runs.start(), kl=kl, kl_from_reference=kl_from_reference, forgotten=forgotten)


def test_a_verdict_stands_only_where_the_intervals_are_apart():
    rising = [moment(1 + i % 2, 0.1 * i, 0.1 * i) for i in range(12)]
    ranks = rank_intervals(rising, [str(i) for i in range(12)])
    assert "KL(π_ref‖π) predicts forgetting better" in predicted(ranks) and "Here it does, too" in paper(ranks)
    alike = [moment(0.1 * i + (i % 3), 0.1 * i + (i % 2), 0.1 * i) for i in range(12)]
    ranks = rank_intervals(alike, [str(i) for i in range(12)])
    assert predicted(ranks).endswith("**undecided**.") and "do not decide" in paper(ranks)


def test_the_optimum_is_asked_for_after_the_compared_runs(monkeypatch):
    monkeypatch.setattr(runs, "ask_compared", lambda: type("Going", (), {"live": True})())
    assert runs.ask_exact() is None


@pytest.mark.parametrize("query", [{"forget_by": "magic"}, {"forget_target": "x"}, {"forget_across": "y"}, {"forget_level": "71"}], ids=str)
def test_what_a_link_cannot_have_is_said_in_one_sentence(visit, query):
    assert words(visit("beta", view=VIEW, **query)).count("Part of this link cannot be shown") == 1


def test_a_bar_takes_from_all_others_alike_and_gives_back_to_them():
    own = targets.bars_of(targets.shares_named(targets.TARGETS[0]))
    half = targets.with_bar(own, 0, 0.5)
    assert sum(half) == pytest.approx(1, abs=1e-3) and half[0] == 0.5
    assert half[1] / half[2] == pytest.approx(own[1] / own[2], rel=1e-2)
    alone = targets.with_bar(half, 0, 1.0)
    assert alone == (1.0, *[0.0] * (len(own) - 1))
    assert targets.with_bar(alone, 0, own[0]) == pytest.approx(own, abs=2e-4)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_the_bars_of_a_named_target_are_that_target(name):
    bars = targets.bars_of(targets.shares_named(name))
    whole = targets.with_bars(name, bars)
    torch.testing.assert_close(whole, targets.shares_named(name), rtol=1e-9, atol=1e-15)
    assert targets.bars_read(targets.bars_written(bars)) == pytest.approx(bars, abs=1e-4)


def test_all_on_one_bar_is_sft_on_that_answer_alone():
    single = targets.with_bar(targets.bars_of(targets.shares_named(targets.TARGETS[6])), 0, 1.0)
    mine = targets.target_with_bars(targets.TARGETS[6], single)
    expected = target_of_sentences(targets.prompt_world(), {targets.OPENING + targets.texts()[0]: 1.0})
    assert mine.kl == pytest.approx(expected.kl, rel=1e-12)
    torch.testing.assert_close(mine.counts, expected.counts)


NONSENSE = [{}, {"bar": 99, "to": 0.5}, {"bar": "x", "to": 0.5}, {"bar": 0, "to": float("nan")}, {"bar": 6, "to": 1.0}]


@pytest.mark.parametrize("message", NONSENSE)
def test_nonsense_from_the_bars_changes_nothing(message):
    assert bars.moved(targets.TARGETS[0], (), message) == ()


def test_a_target_under_the_hand_is_trained_on_at_once_and_can_be_kept(visit, paths):
    mine = targets.with_bar(targets.bars_of(targets.shares_named(targets.TARGETS[0])), 0, 0.9)
    at = visit("beta", view=VIEW, forget_by="SFT", forget_steps="20", forget_bars=targets.bars_written(mine))
    assert planes(at)[0]["lines"][-1]["name"] == "SFT on your target" and not at.exception
    asked = runs.ForgettingRun(targets.TARGETS[0], runs.SFT_BETA, 20, 0, mine)
    last = runs.by_hand(asked)[-1]
    assert f"**{points(last.forgotten)} points** lost on tea and plants" in words(at)
    at.button(key="forgetting_runs_train").click().run()
    job = QUEUE.find(asked.key)
    until(lambda: job.state == "done")
    at.run()
    assert job.results[-1] == last and runs.read(runs.written(asked)) == asked
    names = [line["name"] for line in planes(at)[0]["lines"]]
    assert "SFT on your target" not in names and asked.short_name in names
    at.select_slider(key="forget_target").set_value(targets.TARGETS[1]).run()
    assert bars.BARS_KEY not in at.query_params and not at.exception


@pytest.mark.parametrize("text", ["rl:0.35:100:0", "sft:3:40:2", "sft:0:40:0:0.5-0.1-0.1-0.1-0.1-0-0.1"])
def test_a_run_is_written_into_the_link_and_read_again(text):
    assert runs.written(runs.read(text)) == text


NO_RUNS = ["rl:9:100:0", "sft:7:40:2", "sft:-1:40:2", "x:1:40:2", "rl:0.35"]
NO_BARS = ["sft:0:40:0:0.5-0.1", "sft:0:40:0:2-0-0-0-0-0-0", "rl:0.35:100:0:1-0-0-0-0-0-0"]


@pytest.mark.parametrize("text", [*NO_RUNS, *NO_BARS])
def test_what_is_no_run_is_refused(text):
    with pytest.raises(ValueError):
        runs.read(text)


@pytest.mark.parametrize("beta", runs.BETAS)
def test_the_link_of_a_run_brings_it_back_at_every_beta_that_can_be_chosen(beta):
    run = runs.ForgettingRun(None, beta, 100, 3)
    assert runs.read(runs.written(run)) == run
