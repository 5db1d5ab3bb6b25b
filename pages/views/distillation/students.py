"""Students trained on the digits while one watches: few labels, a digit left out, and what a temperature costs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
import torch

from kl_core.distilling.student_experiments import (
    few_labels_training,
    left_out_training,
    read_few_labels,
    read_left_out,
    read_temperatures,
    temperature_training,
)
from kl_core.distilling.students import StudentStep, StudentTraining

from ...shared import state
from ...shared.downloads import downloads
from ...shared.jobs import QUEUE, Job
from ...shared.live import live
from ...shared.live.tables import packed
from ...shared.style import Unit
from ...shared.trained import note_trained, say_if_gone
from .findings import TEMPERATURES, costs_scene, costs_words, left_out_chart, left_out_words, share
from .progress import show_progress
from .students_export import few_labels_code, left_out_code, steps_csv, temperatures_code

EXPERIMENTS = ["Few labels", "A digit left out", "What a temperature costs"]
LABELS = [10, 20, 50, 100, 200, 500, 1000]
SEEDS = [2, 4, 8, 16]
DIGITS = list(range(10))
CHOICES = {"experiment": EXPERIMENTS, "labels": [*map(str, LABELS)], "seeds": [*map(str, SEEDS)], "left_out": [*map(str, DIGITS)]}
RANGES = {"T_student": (0.1, 100.0), "alpha_student": (0.0, 1.0), "T_taught": (min(TEMPERATURES), max(TEMPERATURES))}
EVERY = 0.7
WHISKERS = 5
"""Reports from one error bar to the next."""
STYLES = ("k2", "p solid", "k3", "fit", "faint", "k1")


@dataclass(frozen=True)
class Experiment:
    """What is run: a key to share it by, its name and its settings; the groups of its students, and the program that does the same."""

    key: tuple
    groups: tuple[str, ...]
    code: str
    steps: int = 600
    every: int = 20


def _made(key: tuple) -> tuple[StudentTraining, Callable[[StudentTraining], Any]]:
    """An experiment's training, and how to read it at its end."""
    name, seeds, *more = key
    if name == EXPERIMENTS[0]:
        temperature, labels, alpha = more
        return few_labels_training(labels, temperature, alpha, seeds), read_few_labels
    if name == EXPERIMENTS[1]:
        temperature, digit = more
        return left_out_training((digit,), temperature, seeds), partial(read_left_out, left_out=(digit,))
    return temperature_training(TEMPERATURES, seeds), read_temperatures


def _run(key: tuple) -> Iterator[Any]:
    """Every step's report, then what the experiment found."""
    training, read = _made(key)
    yield from training
    yield read(training)


def train_first() -> None:
    """Asks for what the page shows at first, each a second or two, so that who opens it sees results."""
    for experiment in (_few_labels(8, 3.0, 100, 0.5), _left_out(8, 3.0, 3), _temperatures(8)):
        _ask(experiment)


def _ask(experiment: Experiment) -> None:
    QUEUE.ask(experiment.key, partial(_run, experiment.key), experiment.steps // experiment.every + 1)


def students_view(unit: Unit) -> None:
    """The experiment's controls at the right, its picture and its findings at the left."""
    picture, right = st.columns([2.7, 1], gap="large")
    asked = right.container(key="asked_first")
    with asked:
        experiment = _chosen()
        if st.button("Train", width="stretch", key="train_students", type="primary"):
            _ask(experiment)
            note_trained("students")
        say_if_gone("students", QUEUE.find(experiment.key) is not None)
        st.caption("Identical settings share one run, so a finished run appears at once.")
    job = QUEUE.find(experiment.key)
    with picture:
        _watched(experiment, job, unit)
    downloads(
        lambda: experiment.code, lambda: steps_csv(experiment.groups, _reports(job)), "Test accuracy while they learn", "students.csv"
    )


def _chosen() -> Experiment:
    name = st.selectbox("Experiment", EXPERIMENTS, key="experiment", bind="query-params")
    seeds = st.select_slider("Students per kind", SEEDS, 8, key="seeds", bind="query-params")
    if name == EXPERIMENTS[2]:
        return _temperatures(seeds)
    temperature = st.number_input("T", 0.1, 100.0, 3.0, 0.5, key="T_student", bind="query-params", format="%.6g")
    if name == EXPERIMENTS[1]:
        digit = st.selectbox("The digit left out", DIGITS, index=3, key="left_out", bind="query-params")
        return _left_out(seeds, temperature, digit)
    labels = st.select_slider("Labelled images", LABELS, 100, key="labels", bind="query-params")
    alpha = st.slider("α, the weight of the soft targets", 0.0, 1.0, 0.5, 0.05, key="alpha_student", bind="query-params")
    return _few_labels(seeds, temperature, labels, alpha)


def _few_labels(seeds: int, T: float, labels: int, alpha: float) -> Experiment:
    return Experiment(
        (EXPERIMENTS[0], seeds, T, labels, alpha),
        ("hard labels", "distilled"),
        few_labels_code(labels, T, alpha, seeds),
    )


def _left_out(seeds: int, T: float, digit: int) -> Experiment:
    return Experiment(
        (EXPERIMENTS[1], seeds, T, digit),
        ("soft targets alone",),
        left_out_code(digit, T, seeds),
    )


def _temperatures(seeds: int) -> Experiment:
    return Experiment(
        (EXPERIMENTS[2], seeds),
        tuple(f"T = {T:g}" for T in TEMPERATURES),
        temperatures_code(seeds),
    )


def _reports(job: Job | None) -> list[StudentStep]:
    return [one for one in (list(job.results) if job else []) if isinstance(one, StudentStep)]


def _watched(experiment: Experiment, job: Job | None, unit: Unit) -> None:
    going = job is not None and job.live

    @st.fragment(run_every=EVERY if going else None)
    def look() -> None:
        if job is not None and job.live:
            show_progress(job, "stop_students")
        live(_scene(experiment, job, unit), key="students_picture", on_settle=lambda message: state.leave_at("T_taught", message))
        if job is None:
            return
        if job.state == "failed":
            st.caption(f":red[The training failed: {job.problem}.]")
        elif job.state == "stopped":
            reached = _reports(job)[-1].step if _reports(job) else 0
            st.caption(f"Stopped after {reached} of {experiment.steps} steps{job.because}. Press Train to start again.")
        elif job.state == "done":
            st.markdown(_findings(experiment, job.results[-1], unit))
        if going and not job.live:
            st.rerun()

    look()


def _scene(experiment: Experiment, job: Job | None, unit: Unit) -> dict:
    """What was found, once it is; the learning curves before, and below it."""
    result = job.results[-1] if job and job.state == "done" else None
    if result is not None and experiment.key[0] == EXPERIMENTS[2]:
        return costs_scene(result, unit, state.left_at("T_taught", 3.0))
    panel, chart = _curves(experiment, _reports(job))
    told: dict = {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": {},
        "size": "charts",
        "panels": [panel],
        "charts": {"accuracy": chart},
        "export": "students",
        "hint": "" if job else "Press Train: all students together take a few seconds.",
    }
    if result is not None and experiment.key[0] == EXPERIMENTS[1]:
        first, told["charts"]["left_out"] = left_out_chart(experiment.key[3], result)
        told["panels"] = [first]
    return told


def _curves(experiment: Experiment, steps: list[StudentStep]) -> tuple[dict, dict]:
    """Mean test accuracy of each group of students against the step, with its standard error now and then."""
    count = len(experiment.groups)
    at = torch.tensor([float(one.step) for one in steps] or [0.0], dtype=torch.float64)
    nothing = torch.full((1, count, 1), torch.nan, dtype=torch.float64)
    each = torch.stack([one.accuracy.double().view(count, -1) for one in steps]) if steps else nothing
    means, errors = each.mean(-1).T, (each.std(-1) / each.shape[-1] ** 0.5).T if steps else nothing[0]
    low = min(float(means.min()), 0.8) if steps else 0.8
    told = torch.where(torch.arange(1, len(at) + 1) % WHISKERS == 0, errors.expand(count, len(at)), 0.0)
    series = [{"style": style, "label": name} for style, name in zip(STYLES, experiment.groups, strict=False)]
    panel = {
        "kind": "chart",
        "name": "accuracy",
        "title": "Test accuracy while they learn",
        "series": series,
        "label": "Mean test accuracy against the step",
        "note": "mean over the students of each kind, on 500 test digits, against the training step; whiskers: ± standard error",
    }
    return panel, {
        "x_range": [0.0, float(experiment.steps)],
        "y_range": [low - 0.02, 1.0],
        "series": [{"x": packed(at), "y": packed(means[i]), "error": packed(told[i])} for i in range(count)],
    }


def _findings(experiment: Experiment, result: Any, unit: Unit) -> str:
    """What came out, ± the standard error over the students."""
    if experiment.key[0] == EXPERIMENTS[0]:
        return (
            f"#### Distilled {share(result.distilled)}, hard labels alone {share(result.hard)}\n\n"
            f"A gain of **{100 * result.gain.mean:.1f} ± {100 * result.gain.error:.1f} percentage points**, measured in pairs: "
            "both students of a pair start with the same weights and see the same images. ± is the standard error over the pairs."
        )
    if experiment.key[0] == EXPERIMENTS[1]:
        return left_out_words(experiment.key[3], result)
    return costs_words(result, unit)
