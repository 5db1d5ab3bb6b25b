"""Students trained on the digits while one watches: few labels, a digit left out, and what a temperature costs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import streamlit as st
import torch

from kl_core.student_experiments import (HINTON_MNIST, Spread, few_labels_training, left_out_training, read_few_labels, read_left_out,
                                         read_temperatures, temperature_training)
from kl_core.students import StudentStep, StudentTraining

from .jobs import QUEUE, Job
from .live import live
from .live.tables import packed
from .style import Unit

EXPERIMENTS = ["Few labels", "A digit left out", "What a temperature costs"]
LABELS = [10, 20, 50, 100, 200, 500, 1000]
TEMPERATURES = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0)
EVERY = 0.7
STYLES = ("q", "p solid", "k2", "k3", "k1", "fit")


@dataclass(frozen=True)
class Experiment:
    """What is run: a key to share it by, how to make it, how to read it at its end, and the groups of its students."""

    key: tuple
    training: Callable[[], StudentTraining]
    read: Callable[[StudentTraining], Any]
    groups: tuple[str, ...]
    steps: int = 600
    every: int = 20

    def run(self) -> Iterator[Any]:
        """Every step's report, then what the experiment found."""
        training = self.training()
        yield from training
        yield self.read(training)


def students_view(unit: Unit) -> None:
    """The experiment's controls at the right, its curves and its findings at the left."""
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        experiment = _chosen()
        if st.button("Train", width="stretch", key="train_students"):
            QUEUE.ask(experiment.key, experiment.run, experiment.steps // experiment.every + 1)
    with picture:
        _watched(experiment, unit)


def _chosen() -> Experiment:
    name = st.selectbox("Experiment", EXPERIMENTS, key="experiment", bind="query-params")
    seeds = st.select_slider("Students of each kind", [2, 4, 8, 16], 8, key="seeds", bind="query-params")
    if name == EXPERIMENTS[2]:
        return Experiment((name, seeds), lambda: temperature_training(TEMPERATURES, seeds), read_temperatures,
                          tuple(f"T = {T:g}" for T in TEMPERATURES))
    temperature = st.number_input("T", 0.1, 100.0, 3.0, 0.5, key="T_student", bind="query-params", format="%.6g")
    if name == EXPERIMENTS[1]:
        digit = st.selectbox("The digit left out", list(range(10)), index=3, key="left_out", bind="query-params")
        return Experiment((name, seeds, temperature, digit), lambda: left_out_training((digit,), temperature, seeds),
                          lambda training: read_left_out(training, (digit,)), ("soft targets alone",))
    labels = st.select_slider("Labelled images", LABELS, 100, key="labels", bind="query-params")
    alpha = st.slider("α, the weight of the soft targets", 0.0, 1.0, 0.5, 0.05, key="alpha_student", bind="query-params")
    return Experiment((name, seeds, temperature, labels, alpha), lambda: few_labels_training(labels, temperature, alpha, seeds),
                      read_few_labels, ("hard labels", "distilled"))


def _watched(experiment: Experiment, unit: Unit) -> None:
    job = QUEUE.find(experiment.key)
    going = job is not None and job.live

    @st.fragment(run_every=EVERY if going else None)
    def look() -> None:
        live(_scene(experiment, job, unit), key="students_picture", on_settle=lambda _: None)
        if job is None:
            return
        if job.live:
            _progress(job)
        elif job.state == "failed":
            st.caption(f":red[It stopped by itself: {job.problem}.]")
        if job.state == "done":
            st.markdown(_findings(experiment, job.results[-1]))
        if going and not job.live:
            st.rerun()

    look()


def _progress(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        waiting = f"waiting, {QUEUE.ahead_of(job)} ahead" if job.state == "waiting" else f"{len(job.results)} of {job.total}"
        st.progress(len(job.results) / job.total, text=waiting)
        st.button("Stop", key="stop_students", on_click=job.stop)


def _scene(experiment: Experiment, job: Job | None, unit: Unit) -> dict:
    """Mean test accuracy of each group of students against the step."""
    steps = [one for one in (list(job.results) if job else []) if isinstance(one, StudentStep)]
    count = len(experiment.groups)
    series = [{"style": style, "label": name} for style, name in zip(STYLES, experiment.groups, strict=False)]
    at = torch.tensor([float(one.step) for one in steps] or [0.0], dtype=torch.float64)
    nothing = torch.full((1,), torch.nan, dtype=torch.float64)
    means = [torch.stack([one.accuracy.double().chunk(count)[i].mean() for one in steps]) if steps else nothing for i in range(count)]
    low = min([float(one.min()) for one in means if steps] + [0.8])
    return {
        "kind": "discrete", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-0.5, 0.5], "laws": {}, "numbers": {}, "size": "charts",
        "panels": [{"kind": "chart", "name": "accuracy", "title": "Test accuracy while they learn", "label": "Mean test accuracy against the step",
                    "note": "means over the students of each kind, on 500 digits none of them has seen; steps →", "series": series}],
        "charts": {"accuracy": {"x_range": [0.0, float(experiment.steps)], "y_range": [low - 0.02, 1.0],
                                "series": [{"x": packed(at), "y": packed(one)} for one in means]}},
        "hint": "" if job else "Choose, then press Train: a few seconds for all students together.",
    }


def _share(spread: Spread) -> str:
    return f"{spread.mean:.1%} ± {spread.error:.1%}"


def _findings(experiment: Experiment, found: Any) -> str:
    """What came out, ± the standard error over the students."""
    if experiment.key[0] == EXPERIMENTS[0]:
        return (f"**Distilled {_share(found.distilled)}**, hard labels alone {_share(found.hard)}: a gain of **{_share(found.gain)}** "
                "(pair by pair: each pair starts alike and sees the same images).")
    if experiment.key[0] == EXPERIMENTS[1]:
        return _left_out_words(experiment.key[3], found)
    rows = ["| T | test accuracy | agrees with the teacher | calibration error | KL(teacher‖student), nats |", "|---|---|---|---|---|"]
    rows += [f"| {one.T:g} | {_share(one.accuracy)} | {_share(one.agreement)} | {_share(one.calibration_error)} | {one.kl.mean:.3f} ± {one.kl.error:.3f} |"
             for one in found]
    return "\n".join(rows) + "\n\nJudged at temperature 1. Higher is not always better: beyond some T only the order of the logits is left to copy."


def _left_out_words(digit: int, found: dict) -> str:
    plain, moved = found["plain"], found["training"]
    published = HINTON_MNIST["no 3s"]
    return (
        f"Never having seen a {digit}, the students read **{_share(plain.on_left_out)}** of the {digit}s, from soft targets alone; with one number, "
        f"the bias of the {digit}, corrected on the training set (by {moved.offset.mean:.1f} nats): **{_share(moved.on_left_out)}**. "
        f"All digits: {_share(plain.accuracy)}, corrected {_share(moved.accuracy)}.\n\nPublished for MNIST without 3s (Hinton et al. 2015): "
        f"{published['errors']} errors in all, {published['errors_on_digit']} of them on the 1,010 3s; with the bias corrected by {published['offset']}: "
        f"{published['errors_with_offset']} errors, {published['errors_on_digit_with_offset']} on 3s, {published['accuracy_on_digit_with_offset']:.1%} of the 3s right."
    )
