"""Train a VAE: choose, press Train, watch its latent space epoch by epoch, stop it, and scrub through it afterwards."""

import streamlit as st
import torch

from kl_core.data.digits import SIDE
from kl_core.vaes.vae_training import VaeSettings

from ...shared import state
from ...shared.downloads import downloads
from ...shared.jobs import Job
from ...shared.live import live, scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from .clouds import samples_panel
from .four_runs import FOUR, four_view
from .runs import (
    SAMPLES,
    WAITS,
    Frame,
    axes_of,
    cloud_of,
    collapse_in_words,
    columns_of,
    csv_of,
    epoch_scrub,
    name_of,
    samples_of,
    thinned,
    watch,
)
from .training_columns import Trainable, training_columns

TRAINING = {
    "latent": (1, 16),
    "beta_own": (0.0, 100.0),
    "warm_up": (0, 100),
    "free_bits": (0.0, 10.0),
    "epochs": (2, 120),
    "vae_seed": (0, 9999),
    "epoch": (0, 120),
    **FOUR,
}
"""The numbers in the link, and their ranges."""
RUNS = ["One run", "Compare four"]
CODE = """from kl_core.vaes.vae_training import VaeTraining

training = VaeTraining(latent={0.latent}, beta={0.beta!r}, warm_up={0.warm_up}, free_bits={0.free_bits!r}, epochs={0.epochs}, seed={0.seed})
for epoch in training:
    print(f"epoch {{epoch.epoch}}: reconstruction {{epoch.distortion:.3f}}, KL {{epoch.rate:.3f}}, ELBO {{epoch.elbo:.3f}} nats")
"""


def vae_training_view(unit: Unit) -> None:
    """One run, or the four ways to treat the KL beside each other."""
    how = st.segmented_control("Runs", RUNS, default=RUNS[0], required=True, key="runs", bind="query-params", label_visibility="collapsed")
    four_view(unit) if how == RUNS[1] else _one_view(unit)


def _one_view(unit: Unit) -> None:
    """Controls at the right, the run at the left."""
    picture, shown, jobs = training_columns(OWN_RUN)
    with picture:
        watch(jobs, lambda: live(training_scene(shown, jobs, unit), key="vae_training", on_settle=_left))
    downloads(lambda: CODE.format(shown), lambda: csv_of({shown.reduction: _frames(jobs)}), "Every epoch", "vae_training.csv")


def _left(message: dict) -> None:
    state.leave_at("epoch", message)


def _chosen() -> VaeSettings:
    with st.container(horizontal=True):
        latent = st.number_input("Latent dimensions", *TRAINING["latent"], 2, key="latent", bind="query-params")
        beta = st.number_input("β", *TRAINING["beta_own"], 1.0, 0.25, key="beta_own", bind="query-params", format="%.6g")
    with st.container(horizontal=True):
        warm_up = st.number_input(
            "Warm-up, epochs",
            *TRAINING["warm_up"],
            10,
            5,
            key="warm_up",
            bind="query-params",
            help="β grows from 0 to its value during these epochs.",
        )
        free_bits = st.number_input(
            "Free bits, nats",
            *TRAINING["free_bits"],
            0.0,
            0.1,
            key="free_bits",
            bind="query-params",
            format="%.6g",
            help="Each dimension’s KL is free up to this amount (Kingma et al. 2016).",
        )
    with st.container(horizontal=True):
        epochs = st.number_input("Epochs", *TRAINING["epochs"], 40, 10, key="epochs", bind="query-params")
        seed = st.number_input("Random seed", *TRAINING["vae_seed"], 0, key="vae_seed", bind="query-params")
    return VaeSettings(
        latent=int(latent), beta=float(beta), warm_up=int(warm_up), free_bits=float(free_bits), epochs=int(epochs), seed=int(seed)
    )


def _in_words(settings: VaeSettings) -> str:
    return (
        f"{settings.latent} dimensions, β {settings.beta:g}, warm-up {settings.warm_up}, free bits {settings.free_bits:g}, "
        f"{settings.epochs} epochs, seed {settings.seed}"
    )


OWN_RUN = Trainable("vae", "own", "Train", "run", _chosen, lambda settings: (settings,), _in_words)


def _frames(jobs: list[Job]) -> list[Frame]:
    return list(jobs[0].results) if jobs else []


def training_scene(settings: VaeSettings, jobs: list[Job], unit: Unit) -> dict:
    """The run so far under a scrubber over its epochs."""
    every = _frames(jobs)
    frames = thinned(every)
    numbers = dict(zip(("distortion", "rate", "cost", "beta"), columns_of(frames, "distortion", "rate", "cost", "beta"), strict=True))
    at = columns_of(frames, "epoch")[0]
    start = scene.nearest(at, state.left_at("epoch", float("inf"))) if frames else 0
    told = {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled pictures",
        "numbers": {name: scene.number(name, (), float(one[start]), status=_STATUS.get(name, "")) for name, one in numbers.items()},
        "readouts": [
            {"quantity": "distortion", "title": "Reconstruction", "note": "−log p(x|z)"},
            {"quantity": "rate", "title": "KL(q(z|x)‖p(z))", "note": "averaged under q"},
            {"quantity": "cost", "title": "Their sum, −ELBO", "note": "β left out"},
            {"quantity": "beta", "title": "β", "note": "after warm-up so far", "plain": True},
        ],
        "panels": _panels(unit),
        "clouds": {"latent": cloud_of(frames)},
        "images": {"samples": {"pixels": samples_of(frames), "side": SIDE, "count": SAMPLES, "columns": 10, "frames": True}},
        "charts": {"parts": _parts(every, settings, unit), "by_dimension": _by_dimension(frames, settings, unit)},
        "export": "vae_training",
        "hints": [_said(one, frames[-1], settings) for one in frames]
        or [WAITS if jobs else "Press Train. A run takes a few seconds, and you see every epoch of it."],
    }
    if frames:
        told["scrub"] = epoch_scrub(at, start, numbers)
    return told


_STATUS = {"rate": "exact, mean over 500 digits", "distortion": "sampled, one draw per digit", "cost": "sampled, one draw per digit"}


def _said(frame: Frame, last: Frame, settings: VaeSettings) -> str:
    """Which dimensions one sees, and which have collapsed."""
    across, up = map(name_of, axes_of(last))
    seen = (
        "One dimension: each kind of digit has its own row."
        if settings.latent == 1
        else f"{across} →, {up} ↑" + (f": the two with the most KL, of {settings.latent}." if settings.latent > 2 else ".")
    )
    return f"{seen} {collapse_in_words(frame)}"


def _panels(unit: Unit) -> list[dict]:
    return [
        {
            "kind": "latent",
            "name": "latent",
            "half": True,
            "title": "The latent space, epoch by epoch",
            "label": "The latent space with 250 test digits",
            "note": "250 test digits; tinted: each posterior’s standard deviation; rings: one and two of the prior’s",
        },
        {
            "kind": "chart",
            "name": "parts",
            "half": True,
            "title": f"Loss per image: −ELBO and its two parts, in {unit.name}",
            "label": "The parts of the ELBO against the epoch",
            "note": "mean over the test digits, against the epoch",
            "series": [
                {"style": "k2", "label": "reconstruction"},
                {"style": "p solid", "label": "KL"},
                {"style": "true", "label": "sum = −ELBO"},
            ],
        },
        samples_panel("the same z ~ N(0, I) at every epoch"),
        {
            "kind": "chart",
            "name": "by_dimension",
            "half": True,
            "title": f"KL by dimension, in {unit.name}",
            "label": "KL of each latent dimension",
            "note": "a dimension below 0.01 nats has collapsed: its posterior equals the prior",
            "series": [{"style": "p bar solid", "label": ""}],
        },
    ]


def _parts(frames: list[Frame], settings: VaeSettings, unit: Unit) -> dict:
    at, *parts = columns_of(frames, "epoch", "distortion", "rate", "cost")
    top = max([float(one[1:].max()) for one in parts if len(frames) > 1] + [30.0])  # an untrained network's would flatten the others
    return {
        "x_range": [0.0, float(settings.epochs)],
        "y_range": [0.0, 1.08 * unit.per_nat * top],
        "dots": [0, 1, 2] if frames else [],
        "series": [{"x": packed(at), "y": packed(unit.per_nat * one)} for one in parts],
    }


def _by_dimension(frames: list[Frame], settings: VaeSettings, unit: Unit) -> dict:
    kl = unit.per_nat * (torch.stack([one.kl for one in frames]) if frames else torch.zeros(1, settings.latent))
    count = settings.latent
    return {
        "bars": True,
        "frames": True,
        "x_range": [0.4, count + 0.6],
        "y_range": [0.0, 1.15 * max(float(kl.max()), 0.1)],
        "x_ticks": [[i + 1, name_of(i)] for i in range(count)],
        "series": [{"x": packed(torch.arange(1, count + 1, dtype=torch.float64)), "y": packed(kl, torch.float32)}],
    }
