"""The page "Distillation" by AppTest: every digit offered, one's own logits, and the published numbers."""

import base64
from math import isnan, log

import numpy as np
import pytest

from pages.shared.distillation_scene import (TEMPERATURES, anatomy_scene, offered, question_of_digit, question_of_logits, soften_scene,
                                             softened)
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS

from .conftest import numbers, scene, until, words

PAGE = "distillation"
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
    told = soften_scene(question_of_logits((3.0, 2.0, 1.0)), NATS, 1.0)["scrub"]["laws"]["p"]
    for temperature, expected in ((1.0, (0.665241, 0.244728, 0.090031)), (10.0, (0.367165, 0.332225, 0.300610))):
        for i, value in enumerate(expected):
            assert at(unpacked(told[f"probs.{i}"]), temperature) == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize("name", offered())
def test_every_digit_offered_has_bars_that_even_out_and_keep_their_order(name):
    soft = softened(question_of_digit(offered()[name]))
    assert soft[-1].max() - soft[-1].min() < 0.1
    assert bool((soft.argmax(-1) == soft[0].argmax()).all())


def test_the_entropy_never_falls_as_the_temperature_rises():
    told = soften_scene(question_of_digit(next(iter(offered().values()))), NATS, 1.0)
    entropy = unpacked(told["scrub"]["numbers"]["entropy"])
    assert (np.diff(entropy) > -1e-12).all() and entropy[-1] < log(10)


def test_the_loss_is_the_mix_of_its_parts_at_every_temperature():
    told = anatomy_scene(question_of_digit(next(iter(offered().values()))), 0.3, NATS, 3.0)["scrub"]["numbers"]
    parts = {name: unpacked(text) for name, text in told.items()}
    assert parts["loss"] == pytest.approx(0.3 * parts["scaled"] + 0.7 * parts["hard"], rel=1e-12)
    assert parts["scaled"] == pytest.approx(parts["soft"] * TEMPERATURES.numpy() ** 2, rel=1e-9)


@pytest.mark.parametrize("typed", ["x", "1", "", "inf, 1", "nan, 0", "1e9, 0", ",".join(["1"] * 20)])
def test_logits_that_are_none_stay_in_their_box_with_a_sentence(visit, typed):
    found = visit(PAGE, asked="logits of my own", own_logits=typed)
    assert any(":red[" in one.value for one in found.caption)
    assert found.text_input(key="own_logits").value == typed
    assert not any(map(isnan, numbers(found).values()))


@pytest.mark.parametrize("temperature", ["0", "-1", "nan", "x", "1e300"])
def test_a_temperature_out_of_range_leaves_a_valid_page(visit, temperature):
    assert not any(map(isnan, numbers(visit(PAGE, T=temperature)).values()))


def test_a_link_opens_at_its_temperature(visit):
    told = scene(visit(PAGE, T="5"))["scrub"]
    assert unpacked(told["values"])[told["start"]] == pytest.approx(5, rel=0.05)


@pytest.mark.parametrize(("experiment", "said"), [
    ("Few labels", "a gain of"), ("A digit left out", "Never having seen a 3"), ("What a temperature costs", "agrees with the teacher"),
])
def test_students_are_trained_and_what_they_learned_is_said(visit, experiment, said):
    found = visit(PAGE, view="Train students", experiment=experiment, seeds="2")
    found.button(key="train_students").click().run()
    assert not found.exception
    job = next(job for key, job in QUEUE._jobs.items() if key[0] == experiment)
    until(lambda: job.state == "done", seconds=60)
    found.run()
    assert said in words(found)
