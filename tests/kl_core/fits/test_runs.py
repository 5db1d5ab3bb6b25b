"""Paths downhill: the famous split, agreement with the mixtures' own descent, honest divergence."""

import math

import pytest
import torch

from kl_core.fits.descent import descend
from kl_core.fits.integrands import DIVERGENCES
from kl_core.fits.minima import minima
from kl_core.fits.models import MODELS, gaussian, two_gaussians
from kl_core.fits.problem import Problem
from kl_core.fits.runs import DEFAULT, RULES, run
from kl_core.fits.targets import TARGETS

SHAPES = {name: target.build() for name, target in TARGETS.items()}


def start(loc: float, scale: float) -> torch.Tensor:
    return torch.tensor([loc, math.log(scale)], dtype=torch.float64)


def run_default(direction: str, shape: str = "two-hills", **other):
    problem = Problem(SHAPES[shape], gaussian(), DIVERGENCES[direction])
    rule, rate, steps = other.get("rule", DEFAULT.rule), other.get("rate", DEFAULT.learning_rate), other.get("steps", DEFAULT.steps)
    return run(problem, start(*other.get("start", DEFAULT.start)), rule, rate, steps)


def test_untouched_forward_spans_both_hills_and_reverse_takes_the_right_one():
    assert DEFAULT.steps <= 240  # four seconds of 60 frames
    forward, reverse = run_default("forward"), run_default("reverse")
    assert forward.coords[-1].tolist() == pytest.approx([0, math.log(3.1622776602)], abs=1e-3)
    assert float(forward.values[-1]) == pytest.approx(0.4619946135, abs=1e-5)
    assert reverse.coords[-1].tolist() == pytest.approx([2.9843059878, math.log(1.0233685597)], abs=1e-3)
    assert float(reverse.values[-1]) == pytest.approx(0.6887689959, abs=1e-5)
    assert not forward.diverged and not reverse.diverged


@pytest.mark.parametrize(("begin", "rule", "rate"), [((1.0, 1.4), "natural-gradient", 0.08), ((1.0, 1.0), "gradient-descent", 0.1)])
def test_from_other_starts_reverse_ends_in_the_middle(begin, rule, rate):
    path = run_default("reverse", start=begin, rule=rule, rate=rate, steps=1500)
    assert path.coords[-1].tolist() == pytest.approx([0, math.log(2.7437693091)], abs=1e-2)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("rule", RULES)
def test_paths_are_those_of_the_mixtures_own_descent(rule, direction):
    if rule == "newton":
        rate, steps = 0.2, 60
    else:
        rate, steps = 0.1, 40
    mine = run_default(direction, rule=rule, rate=rate, steps=steps)
    theirs = descend(SHAPES["two-hills"], direction, DEFAULT.start, rule.replace("-", " "), steps, rate)
    torch.testing.assert_close(mine.coords[:, 0], theirs.loc, rtol=0, atol=1e-6)
    torch.testing.assert_close(mine.values, theirs.kl, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", ["heavy-tails", "box"])
@pytest.mark.parametrize("name", ["gaussian", "laplace", "student-t"])
def test_the_end_of_a_long_run_is_a_minimum(shape, name):
    for divergence in DIVERGENCES.values():
        problem = Problem(SHAPES[shape], MODELS[name], divergence)
        path = run(problem, start(0.5, 1.5), "natural-gradient", 0.2, 250)
        if problem.infinite_because:
            assert path.because == problem.infinite_because and bool(path.values.isinf().all())
            continue
        assert min(float((path.coords[-1] - place.coords).abs().max()) for place in minima(problem)) < 2e-2


def test_two_gaussians_come_to_both_hills_in_both_directions():
    begin = torch.tensor([0.0, -1.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    for direction in ("forward", "reverse"):
        path = run(Problem(SHAPES["two-hills"], two_gaussians(), DIVERGENCES[direction]), begin, "natural-gradient", 0.1, 300)
        assert float(path.values[-1]) < 1e-6
        assert path.coords[-1].tolist() == pytest.approx([0, -3, 0, 3, 0], abs=1e-2)


@pytest.mark.parametrize("rule", ["gradient-descent", "adam", "natural-gradient"])
def test_a_silly_learning_rate_diverges_and_says_where(rule):
    path = run_default("forward", rule=rule, rate=60.0, steps=50)
    (stopped,) = path.stopped_at
    assert path.diverged and 1 <= stopped <= 50
    assert bool(path.coords[stopped:].isnan().all()) and bool(path.coords[:stopped].isfinite().all())
    assert bool(path.values[:stopped].isfinite().all())


def test_many_starts_run_as_each_alone():
    problem = Problem(SHAPES["spike-and-hump"], gaussian(), DIVERGENCES["reverse"])
    starts = torch.stack([start(-2.4, 0.4), start(3.0, 1.0), start(0.0, 2.0)])
    for rule in RULES:
        together = run(problem, starts, rule, 0.1, 30)
        for k, one in enumerate(starts):
            torch.testing.assert_close(together.coords[:, k], run(problem, one, rule, 0.1, 30).coords, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("begin", "rule", "rate", "steps", "message"),
    [
        (torch.zeros(3), "adam", 0.1, 10, "2 finite coordinates"),
        (torch.tensor([0.0, math.nan]), "adam", 0.1, 10, "2 finite coordinates"),
        (torch.zeros(2), "sgd", 0.1, 10, "rule = 'sgd'"),
        (torch.zeros(2), "adam", 0.0, 10, "learning_rate = 0"),
        (torch.zeros(2), "adam", math.nan, 10, "learning_rate = nan"),
        (torch.zeros(2), "adam", 0.1, 0, "steps = 0"),
    ],
)
def test_bad_settings_get_one_sentence(begin, rule, rate, steps, message):
    with pytest.raises(ValueError, match=message):
        run(Problem(SHAPES["two-hills"], gaussian(), DIVERGENCES["forward"]), begin, rule, rate, steps)


@pytest.mark.parametrize("name", ["gaussian", "laplace", "student-t", "two-gaussians"])
def test_the_values_of_a_path_are_those_of_its_places(name):
    begin = start(1.5, 1.0) if name != "two-gaussians" else torch.tensor([0.0, -0.5, 0.0, 3.5, 0.0], dtype=torch.float64)
    for divergence in (DIVERGENCES["reverse"], DIVERGENCES["forward"], DIVERGENCES["jensen-shannon"]):
        problem = Problem(SHAPES["two-hills"], MODELS[name], divergence)
        path = run(problem, begin, "natural-gradient", 0.1, 40)
        torch.testing.assert_close(path.values, problem.values(path.coords), rtol=1e-8, atol=0)
        assert float(path.values[-1]) == float(problem.values(path.coords[-1:]))
