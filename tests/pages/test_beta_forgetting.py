"""The view "Forgetting" by AppTest: nothing runs before a press, what a run shows, and what the ranks say."""

import json
from dataclasses import replace

import pytest
import torch

from kl_core.rlhf.forgetting import Moment
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS
from pages.views.beta import forgetting_runs as runs
from pages.views.beta.forgetting_plane import ACROSS, FORGOTTEN, forgetting_plane
from pages.views.beta.forgetting_words import compared, paper, predicted
from tests.pages.conftest import elements, until, words

VIEW = "Forgetting"


def planes(at) -> list[dict]:
    told = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return [scene for scene in told if "points" in scene and "lines" in scene]


@pytest.fixture(scope="module")
def paths() -> list[runs.Path]:
    """The quick runs, once for all tests here."""
    for job in (runs.ask_compared(), runs.ask_exact()):
        until(lambda job=job: job.state == "done")
    return runs.compared()


def test_an_address_compares_rl_with_sft_and_asks_for_no_run(visit, paths):
    at = visit("beta", view=VIEW, forget_by="SFT", forget_steps="40")
    assert QUEUE.find(runs.Asked(runs.TARGETS[0], 0.3, 40, 0).key) is None
    shown, *small = planes(at)
    names = [line["name"] for line in shown["lines"] if line["style"] == "run"]
    assert names == [*(f"{beta:g}" for beta in runs.COMPARED_BETAS), *map(str, range(1, len(runs.TARGETS) + 1))]
    assert at.subheader[0].value == compared(paths, 0.7, runs.optimum_path())
    assert predicted(runs.stages(), "these 10 runs at five stages each").split(":")[0].split()[-1] in words(at)
    assert {picture["y"][0] for picture in (shown, *small)} == {FORGOTTEN} and len(small) == 2


def test_sft_ends_at_the_kl_of_its_target_where_no_word_repeats(paths):
    shown = forgetting_plane([], ACROSS[1], UNITS["nats"], 70)
    ends = {line.name: line for line in shown.lines if line.colour == 9}
    assert len(ends) == len(runs.TARGETS)
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
        assert not apart or "every RL run has forgotten less than any SFT run" in said
        if "less than any SFT run" in said:
            assert min(low for low, _ in lost["RL"]) < max(high for _, high in lost["SFT"])
    dear = [replace(runs.start(), forgotten=0.0), moment_at(0.9, 0.7)]
    assert compared(paths, 0.9, dear).endswith("RL’s optimum: 70.")
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
    job = QUEUE.find(runs.Asked(runs.TARGETS[0], 0.3, 20, 0).key)
    until(lambda: job.state == "done")
    at.run()
    assert not at.exception
    assert planes(at)[0]["lines"][-1]["name"] == "SFT 1"
    assert any("of tea and plants" in element.value for element in at.subheader)
    assert len(job.results) == job.total


@pytest.mark.parametrize("across", ACROSS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_weight_that_gives_a_word_up_leaves_the_picture_finite(across, unit):
    moment = replace(runs.start(), kl_from_reference=float("inf"), kl=2.0)
    job = type("Ended", (), {"results": [moment], "live": False, "state": "done"})()
    shown = forgetting_plane([(runs.Asked(None, 0.1, 20, 0), job)], across, UNITS[unit], 70)
    assert all(x < float("inf") for line in shown.lines for x in line.xs)


def moment_at(success: float, forgotten: float) -> Moment:
    return replace(runs.start(), quality=runs.start().quality | {"sleep": success}, forgotten=forgotten)


def moment(kl: float, kl_from_reference: float, forgotten: float) -> Moment:
    return replace(runs.start(), kl=kl, kl_from_reference=kl_from_reference, forgotten=forgotten)


def test_what_holds_within_each_method_need_not_hold_over_both():
    rl = [moment(1 + (i == 1), 0.1 * i, 0.1 * i) for i in range(4)]
    sft = [moment(5 - (i == 1), 0.01 * i, 0.5 + 0.1 * i) for i in range(4)]
    said = predicted({"RL": rl, "SFT": sft}, "8 runs")
    assert said.startswith("Within RL and within SFT, KL(π_ref‖π) predicts forgetting better: rank correlations 1.00 and 1.00")
    assert "Over both together, 8 runs, it does not" in said
    assert "found otherwise" in paper({"RL": rl, "SFT": sft}) and "4 of 4 RL runs forget less" in paper({"RL": rl, "SFT": sft})


def test_where_one_kl_is_better_everywhere_it_is_said_once():
    rl, sft = ([moment(1 + (i % 2), 0.1 * i + shift, 0.1 * i + shift) for i in range(6)] for shift in (0.0, 1.0))
    said = predicted({"RL": rl, "SFT": sft}, "12 runs")
    assert said.startswith("Over 12 runs, KL(π_ref‖π) predicts forgetting better: rank correlation 1.00")
    assert said.endswith("So it does within RL and within SFT.") and "found the same" in paper({"RL": rl, "SFT": sft})


@pytest.mark.parametrize("query", [{"forget_by": "magic"}, {"forget_target": "x"}, {"forget_across": "y"}, {"forget_level": "71"}], ids=str)
def test_what_a_link_cannot_have_is_said_in_one_sentence(visit, query):
    assert words(visit("beta", view=VIEW, **query)).count("Part of this link cannot be shown") == 1


@pytest.mark.parametrize("text", ["rl:0.35:100:0", "sft:3:40:2"])
def test_a_run_is_written_into_the_link_and_read_again(text):
    assert runs.written(runs.read(text)) == text


@pytest.mark.parametrize("text", ["rl:9:100:0", "sft:7:40:2", "sft:-1:40:2", "x:1:40:2", "rl:0.35"])
def test_what_is_no_run_is_refused(text):
    with pytest.raises(ValueError):
        runs.read(text)
