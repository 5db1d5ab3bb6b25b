"""The view "Forgetting" by AppTest: nothing runs before a press, what a run shows, and what the ranks say."""

import json
from dataclasses import replace

import pytest
import torch

from kl_core.rlhf.forgetting import Moment
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS
from pages.views.beta import forgetting_runs as runs
from pages.views.beta.forgetting_many import verdict
from pages.views.beta.forgetting_view import ACROSS, forgetting_plane
from tests.pages.conftest import elements, until, words

VIEW = "Forgetting"


def planes(at) -> list[dict]:
    told = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return [scene for scene in told if "points" in scene and "lines" in scene]


def test_an_address_shows_the_reference_and_starts_nothing(visit):
    at = visit("beta", view=VIEW, forget_by="SFT", forget_steps="40")
    assert QUEUE.find(runs.Asked(runs.TARGETS[0], 0.3, 40, 0).key) is None
    (shown,) = planes(at)
    assert not [line for line in shown["lines"] if line["style"] == "run"]
    (ends,) = [line for line in shown["lines"] if line["name"] == "SFT, exact ends"]
    assert len(ends["xs"]) == len(runs.TARGETS)
    assert ends["xs"][5] == pytest.approx(runs.target_named(runs.TARGETS[5]).kl, rel=1e-9)  # without a repeated word, it is learned whole
    assert shown["points"][0][:2] == pytest.approx([0.0, 0.768], abs=1e-3)


def test_the_nearest_success_is_at_minus_the_log_of_the_references_success():
    success = torch.tensor(runs.start().new_quality, dtype=torch.float64)
    assert runs.nearest_success() == pytest.approx(-float(success.log()), rel=1e-9)


def test_the_targets_stand_from_near_to_far():
    distances = [runs.target_named(name).kl for name in runs.TARGETS]
    assert distances == sorted(distances)


def test_a_run_is_shown_and_said_when_it_has_run(visit):
    at = visit("beta", view=VIEW, forget_by="SFT", forget_steps="20")
    at.button(key="forgetting_runs_train").click().run()
    job = QUEUE.find(runs.Asked(runs.TARGETS[0], 0.3, 20, 0).key)
    until(lambda: job.state == "done")
    at.run()
    assert not at.exception
    assert [line["name"] for line in planes(at)[0]["lines"] if line["style"] == "run"] == [f"SFT: {runs.TARGETS[0]}"]
    assert any("of tea and plants" in element.value for element in at.subheader)
    assert len(job.results) == job.total


@pytest.mark.parametrize("across", ACROSS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_weight_that_gives_a_word_up_leaves_the_picture_finite(across, unit):
    moment = replace(runs.start(), kl_from_reference=float("inf"), kl=2.0)
    job = type("Ended", (), {"results": [moment], "live": False, "state": "done"})()
    shown = forgetting_plane([(runs.Asked(None, 0.1, 20, 0), job)], across, UNITS[unit])
    assert all(x < float("inf") for line in shown.lines for x in line.xs)


def moment(kl: float, kl_from_reference: float, forgotten: float) -> Moment:
    return replace(runs.start(), kl=kl, kl_from_reference=kl_from_reference, forgotten=forgotten)


def test_what_holds_within_each_method_need_not_hold_over_both():
    rl = [moment(1 + (i == 1), 0.1 * i, 0.1 * i) for i in range(4)]
    sft = [moment(5 - (i == 1), 0.01 * i, 0.5 + 0.1 * i) for i in range(4)]
    assert verdict({"RL": rl, "SFT": sft}).startswith(
        "Within each method KL(π_ref‖π) predicts forgetting better, but not over both together"
    )


@pytest.mark.parametrize("query", [{"forget_by": "magic"}, {"forget_target": "x"}, {"forget_across": "y"}], ids=str)
def test_what_a_link_cannot_have_is_said_in_one_sentence(visit, query):
    assert words(visit("beta", view=VIEW, **query)).count("Part of this link cannot be shown") == 1


@pytest.mark.parametrize("text", ["rl:0.35:100:0", "sft:3:40:2"])
def test_a_run_is_written_into_the_link_and_read_again(text):
    assert runs.written(runs.read(text)) == text


@pytest.mark.parametrize("text", ["rl:9:100:0", "sft:7:40:2", "sft:-1:40:2", "x:1:40:2", "rl:0.35"])
def test_what_is_no_run_is_refused(text):
    with pytest.raises(ValueError):
        runs.read(text)
