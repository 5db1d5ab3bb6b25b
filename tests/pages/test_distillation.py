"""The page "Distillation" by AppTest: every digit offered, one's own logits, and the published numbers."""

import base64
import csv
import io
import re
from itertools import pairwise
from math import isnan, log

import numpy as np
import pytest
import torch

from kl_core.distilling import student_experiments
from kl_core.distilling.student_experiments import LeftOut, Spread, finish, read_temperatures, temperature_training
from kl_core.distilling.students import StudentStep
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS
from pages.views.distillation.anatomy import anatomy_scene
from pages.views.distillation.examples import TEMPERATURES, Example, example_of_digit, example_of_logits, offered, softened
from pages.views.distillation.export import loss_code, loss_csv, soft_targets_code, soft_targets_csv
from pages.views.distillation.findings import costs_scene, left_out_chart, left_out_words
from pages.views.distillation.own import own_logits
from pages.views.distillation.scene import _compared, soften_scene
from pages.views.distillation.students_export import few_labels_code, left_out_code, steps_csv, temperatures_code
from tests.pages.conftest import numbers, scene, until, words

PAGE, OWN = "distillation", "logits of my own"
NATS = UNITS["nats"]


def unpacked(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text))


def at(values: np.ndarray, temperature: float) -> float:
    return float(values[int((TEMPERATURES - temperature).abs().argmin())])


@pytest.mark.parametrize("view", ["Soft targets", "Anatomy of the loss", "Train students"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_view_opens(visit, view, unit):
    assert "cannot be shown" not in words(visit(PAGE, view=view, unit=unit))


def test_the_usual_example_has_its_published_soft_targets():
    # logits [3, 2, 1]: T = 1 and T = 10
    told = soften_scene(example_of_logits((3.0, 2.0, 1.0)), NATS, 1.0)["scrub"]["curves"]["p"]
    for temperature, expected in ((1.0, (0.665241, 0.244728, 0.090031)), (10.0, (0.367165, 0.332225, 0.300610))):
        for i, value in enumerate(expected):
            assert at(unpacked(told[f"probs.{i}"]), temperature) == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize("name", offered())
def test_every_digit_offered_has_bars_that_even_out_and_keep_their_order(name):
    soft = softened(example_of_digit(offered()[name]))
    assert soft[-1].max() - soft[-1].min() < 0.1
    assert bool((soft.argmax(-1) == soft[0].argmax()).all())


def test_the_entropy_never_falls_as_the_temperature_rises():
    told = soften_scene(example_of_digit(next(iter(offered().values()))), NATS, 1.0)
    entropy = unpacked(told["scrub"]["numbers"]["entropy"])
    assert (np.diff(entropy) > -1e-12).all() and entropy[-1] < log(10)


def test_the_loss_is_the_mix_of_its_parts_at_every_temperature():
    told = anatomy_scene(example_of_digit(next(iter(offered().values()))), 0.3, NATS, 3.0)["scrub"]["numbers"]
    parts = {name: unpacked(text) for name, text in told.items()}
    assert parts["loss"] == pytest.approx(0.3 * parts["scaled"] + 0.7 * parts["hard"], rel=1e-12)
    assert parts["scaled"] == pytest.approx(parts["soft"] * TEMPERATURES.numpy() ** 2, rel=1e-9)


@pytest.mark.parametrize("typed", ["x", "1", "", "inf, 1", "nan, 0", "1e9, 0", ",".join(["1"] * 20)])
def test_logits_that_are_none_stay_in_their_box_with_a_sentence(visit, typed):
    at = visit(PAGE, asked="logits of my own", own_logits=typed)
    assert any(":red[" in one.value for one in at.caption)
    assert at.text_area(key="own_logits").value == typed
    assert not any(map(isnan, numbers(at).values()))


@pytest.mark.parametrize("temperature", ["0", "-1", "nan", "x", "1e300", "inf"])
@pytest.mark.parametrize("view", ["Soft targets", "Anatomy of the loss"])
def test_a_temperature_out_of_range_is_said_and_the_usual_one_shown(visit, view, temperature):
    at = visit(PAGE, T=temperature, view=view)
    assert f"T = {temperature}" in words(at)
    told = scene(at)["scrub"]
    assert unpacked(told["values"])[told["start"]] == 3
    assert not any(map(isnan, numbers(at).values()))


@pytest.mark.parametrize(
    "link",
    [
        {"alpha": "7"},
        {"asked": "foo"},
        {"labels": "-5"},
        {"labels": "37"},
        {"seeds": "3"},
        {"left_out": "12"},
        {"alpha_student": "-2"},
        {"T_student": "nan"},
        {"T_taught": "x"},
        {"experiment": "none"},
    ],
)
def test_what_a_link_asks_for_in_vain_is_named(visit, link):
    ((key, value),) = link.items()
    assert f"{key} = {value}" in words(visit(PAGE, **link))


def test_a_sound_link_is_not_complained_about(visit):
    at = visit(PAGE, view="Train students", labels="50", seeds="4", left_out="7", T_student="2", alpha_student="0.25", T="5", alpha="0.1")
    assert "cannot be shown" not in words(at)


def test_one_moves_from_ones_own_logits_to_the_loss_of_a_digit_and_back(visit):
    at = visit(PAGE, asked=OWN, own_logits="1, 2")
    at.segmented_control(key="view").set_value("Anatomy of the loss").run()
    assert not at.exception and "this view shows a digit" in words(at)
    at.segmented_control(key="view").set_value("Soft targets").run()
    assert not at.exception and scene(at)["names"] == ["class 1", "class 2"]


def test_a_mistyped_logit_leaves_the_last_ones_in_the_picture(visit):
    at = visit(PAGE, asked=OWN, own_logits="1, 2, 0, 7")
    at.text_area(key="own_logits").set_value("1, 2, x").run()
    assert scene(at)["curves"]["p"]["values"]["logits"] == [1, 2, 0, 7]
    assert any("column 3: “x” is no number" in one.value for one in at.caption)


def test_what_was_mistyped_is_shown_as_it_was_written(visit):
    at = visit(PAGE, asked=OWN, own_logits="1, 2")
    at.text_area(key="own_logits").set_value("1, **x**").run()
    assert any(r"\*\*x\*\*" in one.value for one in at.caption)


def test_the_example_can_be_had_back_with_what_is_published_of_it(visit):
    at = visit(PAGE, asked=OWN, own_logits="0, 9")
    at.button(key="published_logits").click().run()
    assert at.text_area(key="own_logits").value == "3, 2, 1"
    assert ".665241, .244728, .090031" in words(at)


@pytest.mark.parametrize("own", ["5, 5", "1000, -1000", "-1000, -1000, -999.5", "0.001, 0"])
@pytest.mark.parametrize("unit", UNITS)
def test_extreme_logits_have_a_picture_whose_numbers_are_numbers(visit, own, unit):
    at = visit(PAGE, asked=OWN, own_logits=own, unit=unit, T="0.1")
    assert not any(map(isnan, numbers(at).values()))
    low, high = scene(at)["levels"]
    assert all(low < float(one) < high for one in own.split(","))


def test_only_ones_own_logits_have_handles_and_those_reach_as_far_as_the_axis():
    assert not soften_scene(example_of_digit(11), NATS, 1.0)["curves"]["p"]["handles"]
    told = soften_scene(example_of_logits((3.0, 2.0, 1.0)), NATS, 1.0)
    assert [one["kind"] for one in told["curves"]["p"]["handles"]] == ["level"] * 3
    assert [told["curves"]["p"]["parameters"][0][end] for end in ("low", "high")] == told["levels"]


def test_the_odds_at_T_5_are_said_in_the_numbers_of_this_teacher_and_dark_knowledge_is_named():
    # [3, 2, 1]: e¹ = 2.718 times as probable becomes e^0.2 = 1.221 times.
    note = soften_scene(example_of_logits((3.0, 2.0, 1.0)), NATS, 3.0)["panels"][-1]["note"]
    assert "1.22 times" in note and "2.72 times" in note and "dark knowledge" in note


def test_the_five_temperatures_compared_are_softmaxes():
    told = soften_scene(example_of_logits((3.0, 2.0, 1.0)), NATS, 3.0)["charts"]["compared"]
    shares = np.exp(np.array([3.0, 2.0, 1.0]) / np.array([[1.0], [2.0], [5.0], [20.0], [100.0]]))
    assert unpacked(told["series"][0]["y"]) == pytest.approx((shares / shares.sum(-1, keepdims=True)).ravel(), rel=1e-12)


@pytest.mark.parametrize(
    ("logits", "said"),
    [
        ((0, 0, 0, 9, 0, 0, 0, 0, 5, 0), "a 3 that looks a bit like an 8"),
        ((0, 0, 0, 0, 0, 0, 0, 0, 5, 2), "an 8 that looks a bit like a 9"),
    ],
)
def test_the_runner_up_is_said_in_words(logits, said):
    assert Example(tuple(map(float, logits)), tuple("0123456789"), digit=0, label=3).looks == said


def test_the_program_of_the_loss_prints_what_the_picture_shows(visit, printed):
    found = visit(PAGE, view="Anatomy of the loss", T="5", alpha="0.8")
    shown = numbers(found)
    question = example_of_digit(next(iter(offered().values())))
    code = loss_code(question, 0.8, 5.0)
    assert "T, alpha = 5, 0.8" in code
    out = printed(code)
    for name in ("hard", "soft", "scaled", "loss"):
        assert f"{shown[name]:.4f}" in out


def test_the_program_of_the_soft_targets_prints_the_published_values(printed):
    out = printed(soft_targets_code(example_of_logits((3.0, 2.0, 1.0)), 10.0))
    assert "0.665241 0.244728 0.090031" in out and "0.367165 0.332225 0.300610" in out


def test_the_tables_to_take_along_have_a_row_for_every_temperature():
    question = example_of_digit(11)
    for text in (soft_targets_csv(question), loss_csv(question, 0.5)):
        rows = list(csv.reader(io.StringIO(text)))
        assert [float(row[0]) for row in rows[1:]] == TEMPERATURES.tolist()
        assert all(len(row) == len(rows[0]) for row in rows)


def test_the_temperatures_are_round_and_evenly_apart_by_eye():
    assert {0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 100.0} <= set(TEMPERATURES.tolist())
    assert float(TEMPERATURES.log().diff().max()) < 2 * float(TEMPERATURES.log().diff().min())


def test_a_link_opens_at_its_temperature(visit):
    told = scene(visit(PAGE, T="5"))["scrub"]
    assert unpacked(told["values"])[told["start"]] == pytest.approx(5, rel=0.05)


@pytest.mark.parametrize(
    ("experiment", "said"),
    [
        ("Few labels", "A gain of"),
        ("A digit left out", "MNIST without 3s"),
        ("What a temperature costs", "agrees with the teacher"),
    ],
)
def test_students_are_trained_and_what_they_learned_is_said(visit, experiment, said):
    at = visit(PAGE, view="Train students", experiment=experiment, seeds="2")
    at.button(key="train_students").click().run()
    assert not at.exception
    job = next(job for key, job in QUEUE._jobs.items() if key[0] == experiment)
    until(lambda: job.state == "done")
    at.run()
    assert said in words(at)


def test_the_published_numbers_stand_beside_ours():
    """Hinton, Vinyals, Dean 2015, section 3: 133 errors on 1010 threes, then 14, which they print as 98.6 % right."""
    one = LeftOut(Spread((0.9, 0.8)), Spread((0.1, 0.3)), Spread((0.0, 0.0)))
    results = {"plain": one, "test": one, "training": one}
    told = left_out_words(3, results)
    assert "98.6%" in told and "206 errors" in told and "109 errors" in told and "20.0% ± 10.0%" in told
    series = left_out_chart(3, results)[1]["series"]
    assert unpacked(series[1]["y"])[:2] == pytest.approx([0.8683, 0.986], abs=5e-4)
    assert unpacked(series[0]["error"]) == pytest.approx([0.1] * 3)


def test_what_a_temperature_costs_is_drawn_with_its_errors_and_its_reliability():
    runs = read_temperatures(finish(temperature_training((1, 5), seeds=2, steps=40)))
    told = costs_scene(runs, NATS, 5.0)
    assert told["scrub"]["start"] == 1
    assert unpacked(told["charts"]["errors"]["series"][0]["y"]) == pytest.approx([one.calibration_error.mean for one in runs])
    assert unpacked(told["charts"]["agreements"]["series"][0]["error"]) == pytest.approx([one.agreement.error for one in runs])
    heights = np.frombuffer(base64.b64decode(told["charts"]["reliability"]["series"][1]["y"]), dtype=np.float32).reshape(2, 15)
    assert np.nanmax(heights) <= 1


def test_a_training_is_stopped_and_what_it_had_is_kept(visit):
    at = visit(PAGE, view="Train students", experiment="A digit left out", seeds="2", left_out="9")
    key = ("A digit left out", 2, 3.0, 9)
    job = QUEUE.ask(key, lambda: iter(StudentStep(20 * i, torch.ones(2), torch.ones(2)) for i in range(1, 4)), 31)
    until(lambda: job.state == "done")
    job._state = "stopped"
    at.run()
    assert not at.exception and "Stopped after 60 of 600 steps" in words(at)


def test_every_students_accuracy_is_in_the_table_to_take_along():
    steps = [StudentStep(20, torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([0.1, 0.2, 0.3, 0.4]))]
    rows = list(csv.reader(io.StringIO(steps_csv(("hard", "distilled"), steps))))
    assert [row[:3] for row in rows[1:]] == [["hard", "1", "20"], ["hard", "2", "20"], ["distilled", "1", "20"], ["distilled", "2", "20"]]
    assert [float(row[3]) for row in rows[1:]] == pytest.approx([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("code", [few_labels_code(100, 3.0, 0.5, 2), left_out_code(3, 3.0, 2), temperatures_code(2)])
def test_the_programs_of_the_students_are_programs_and_their_names_exist(code):
    compile(code, "shown", "exec")
    imported = re.search(r"from kl_core.distilling.student_experiments import (.+)", code)[1].split(", ")
    assert all(hasattr(student_experiments, name) for name in imported)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("3\n2\n1", ["class 1", "class 2", "class 3"]),
        ("tensor([3., 2., 1.])", ["class 1", "class 2", "class 3"]),
        ("3,0; 2,0; 1,0", ["class 1", "class 2", "class 3"]),
        ("cat\t3\ndog\t2\nfish\t1", ["cat", "dog", "fish"]),
        ('{"cat": 3, "dog": 2, "fish": 1}', ["cat", "dog", "fish"]),
    ],
)
def test_own_logits_are_read_however_they_are_written(visit, typed, names):
    at = visit(PAGE, asked=OWN, own_logits=typed)
    assert scene(at)["curves"]["p"]["values"]["logits"] == [3, 2, 1] and scene(at)["names"] == names
    assert ("decimal commas: 3,0 is read as 3.0" in words(at)) == (typed == "3,0; 2,0; 1,0")


def test_own_log_probabilities_that_leave_something_out_are_said_to():
    assert "The exponentials sum to 0.83" in own_logits("-0.5, -1.5")[2][0]
    assert not own_logits("3, 2, 1")[2] and not own_logits("-20, -21")[2]


def test_the_compared_bars_stand_in_groups_with_a_gap_between():
    chart = _compared(example_of_logits((3.0, 2.0, 1.0)))
    places = unpacked(chart["series"][0]["x"])
    groups = [places[i : i + 3] for i in range(0, len(places), 3)]
    assert all(after[0] - before[-1] > 1 for before, after in pairwise(groups))
    assert [ticks[0] for ticks in chart["x_ticks"]] == [group[1] for group in groups]
