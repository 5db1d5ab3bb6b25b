"""Distillation and VAEs on the digits: how long networks train, and what they then can do."""

import time
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F

from bench.rows import Row, alternately, subject
from kl_core.data.digits import load_digits
from kl_core.distilling.distillation import scaled_soft_kl, soften
from kl_core.distilling.student_experiments import (
    few_labels_training,
    finish,
    left_out_training,
    read_few_labels,
    read_left_out,
    read_temperatures,
    temperature_training,
)
from kl_core.distilling.teacher import TeacherTraining
from kl_core.vaes.linear_vae import LinearTraining, linear_vae_optimum
from kl_core.vaes.shipped import VAE_BETAS, load_vaes, rate_distortion
from kl_core.vaes.vae_latent import collapse_threshold, encode, manifold, split_rate
from kl_core.vaes.vae_training import VaeTraining


def _milliseconds(call: Callable[[], object]) -> float:
    return 1e3 * alternately(call, lambda: None, rounds=5)[0]


def _timed(run: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


@subject
def distillation() -> Iterator[Row]:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    student, teacher = (3 * torch.randn(64, 10, generator=generator) for _ in range(2))
    temperatures = torch.logspace(-2, 2, 101)
    yield Row("soften one image's logits at 101 T", _milliseconds(lambda: soften(teacher[0], temperatures)), "ms", limit=2)
    ours, usual = alternately(lambda: scaled_soft_kl(student, teacher, 3.0), lambda: _kl_div(student, teacher, 3.0))
    yield Row("T²·KL of 64 examples", 1e6 * ours, "µs", 1e6 * usual, "F.kl_div, not right at large T", limit=1000)
    yield _miss("error of T²·KL at T = 3000, float32", student, teacher, 3000.0)
    seconds, epochs = _timed(lambda: list(TeacherTraining()))
    yield Row("train the teacher, 40 epochs", seconds, "s", limit=15, note=f"test accuracy {epochs[-1].accuracy:.3f}")
    for unlabelled in (False, True):
        seconds, run = _timed(lambda: finish(few_labels_training(100, unlabelled=unlabelled)))
        labels = read_few_labels(run)
        taught = "all images" if unlabelled else "the same 100"
        yield Row(
            f"8 pairs of students, 100 labels, taught on {taught}",
            seconds,
            "s",
            limit=5,
            note=f"hard {labels.hard.mean:.3f}, distilled {labels.distilled.mean:.3f}, gain ± {labels.gain.error:.3f}",
        )
    seconds, run = _timed(lambda: finish(left_out_training()))
    left_out = read_left_out(run)
    yield Row(
        "8 students who never see a 3",
        seconds,
        "s",
        limit=5,
        note=f"of the 3s they read {left_out['plain'].on_left_out.mean:.3f}, with a better bias {left_out['test'].on_left_out.mean:.3f}",
    )
    seconds, run = _timed(lambda: finish(temperature_training()))
    by_temperature = read_temperatures(run)
    yield Row(
        "6 students at each of 6 T",
        seconds,
        "s",
        limit=8,
        note="accuracy " + ", ".join(f"{each.accuracy.mean:.3f} at T = {each.T:g}" for each in by_temperature),
    )


def _kl_div(student: torch.Tensor, teacher: torch.Tensor, T: float) -> torch.Tensor:
    return T**2 * F.kl_div(F.log_softmax(student / T, -1), F.softmax(teacher / T, -1), reduction="none").sum(-1)


def _miss(what: str, student: torch.Tensor, teacher: torch.Tensor, T: float) -> Row:
    true = scaled_soft_kl(student.double(), teacher.double(), T)
    ours, usual = (float((found / true - 1).abs().max()) for found in (scaled_soft_kl(student, teacher, T), _kl_div(student, teacher, T)))
    return Row(what, ours, "rel", usual, "F.kl_div", limit=1e-5)


@subject
def vae() -> Iterator[Row]:
    torch.set_num_threads(1)
    _, test = load_digits()
    models = load_vaes()
    model = models[1.0]
    yield Row("encode 500 images", _milliseconds(lambda: encode(model, test)), "ms", limit=10)
    yield Row("decode a manifold of 21 × 21", _milliseconds(lambda: manifold(model)), "ms", limit=20)
    yield Row("a manifold of 21 × 21 at each β", _milliseconds(lambda: [manifold(one) for one in models.values()]), "ms", limit=200)
    yield Row(
        "rate and distortion at each β",
        _milliseconds(rate_distortion.__wrapped__),
        "ms",
        limit=2000,
        note=", ".join(f"β {beta:g}: {rate_distortion()[beta].rate:.3g}, {rate_distortion()[beta].distortion:.3g}" for beta in VAE_BETAS),
    )
    yield Row("information and mismatch", _milliseconds(lambda: split_rate(encode(model, test))), "ms", limit=1000)
    for beta in (1.0, 1.3 * collapse_threshold(load_digits()[0])):
        seconds, epochs = _timed(lambda: list(VaeTraining(beta=beta)))
        yield Row(
            f"train a VAE, β = {beta:.3g}, 60 epochs",
            seconds,
            "s",
            limit=6,
            note=f"rate {epochs[-1].rate:.3f}, distortion {epochs[-1].distortion:.3f} nats",
        )
    seconds, steps = _timed(lambda: list(LinearTraining(4.0, (0.5, 1.0, 2.0, 3.0, 5.0))))
    miss = float((steps[-1].rate - linear_vae_optimum(4.0, torch.tensor([0.5, 1.0, 2.0, 3.0, 5.0])).rate).abs().max())
    yield Row("train 5 linear VAEs, 2000 steps", seconds, "s", limit=5, note=f"rate within {miss:.3f} nats of the exact optimum")
