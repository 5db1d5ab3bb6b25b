"""Sum or mean: the same training twice, with its loss reduced in two ways, and the effective β of each."""

from dataclasses import replace

import streamlit as st
import torch

from kl_core.data.digits import PIXELS
from kl_core.vaes.vae import REDUCTIONS, effective_beta
from kl_core.vaes.vae_training import VaeSettings

from ...shared import state
from ...shared.downloads import downloads
from ...shared.jobs import Job
from ...shared.live import live, scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from .runs import WAITS, Frame, cloud_of, collapse_in_words, columns_of, csv_of, epoch_scrub, thinned, train, watch
from .training_columns import Trainable, training_columns

EPOCHS = 60
LOSSES = {"beta_loss": (0.0, 100.0), "loss_epoch": (0.0, EPOCHS)}
"""The numbers in the link, and their ranges."""
BATCHES = [16, 32, 64, 128, 256]
NAMES = {
    "mean_and_sum": "mean + sum",
    "element_and_sum": "mean of pixels + sum",
    "element": "mean of pixels + mean of dimensions",
    "sum": "sum + sum",
}
HOW = {"sum": "summed over the batch", "mean": "averaged over the images"}
CODE = """from kl_core.vaes.vae_training import VaeTraining

for reduction in ("mean", {0.reduction!r}):
    training = VaeTraining(beta={0.beta!r}, batch={0.batch}, epochs={0.epochs}, warm_up={0.warm_up}, reduction=reduction)
    for epoch in training:
        pass
    print(f"{{reduction}}: β = {{training.settings.beta:g}} acts as β = {{training.settings.effective_beta:g}}; "
          f"KL {{epoch.rate:.3f}}, ELBO {{epoch.elbo:.3f}} nats")
"""


def reductions_view(unit: Unit) -> None:
    """Controls at the right; at the left the two latent spaces beside each other."""
    picture, shown, jobs = training_columns(BOTH_RUNS)
    with picture:
        st.subheader(f"β = {shown.beta:g} acts as β = {shown.effective_beta:.4g}", anchor=False)
        watch(jobs, lambda: live(reductions_scene(shown, jobs, unit), key="losses", on_settle=_left))
        st.markdown(_table(shown))
    downloads(lambda: CODE.format(shown), lambda: _csv(shown, jobs), "Every epoch of both", "vae_losses.csv")


def _csv(settings: VaeSettings, jobs: list[Job]) -> str:
    return csv_of({name: list(job.results) for name, job in zip(("mean", settings.reduction), jobs, strict=False)})


def _left(message: dict) -> None:
    state.leave_at("loss_epoch", message)


def _chosen() -> VaeSettings:
    reduction = st.selectbox("Reconstruction + KL", list(NAMES), key="reduction", bind="query-params", format_func=lambda name: NAMES[name])
    batch = st.select_slider("Images per batch", BATCHES, 128, key="batch", bind="query-params")
    beta = float(st.number_input("β", *LOSSES["beta_loss"], 1.0, 0.25, key="beta_loss", bind="query-params", format="%.8g"))
    cured = 1 / _factor(reduction, batch)
    st.button(
        f"Correct it: β = {cured:.6g}",
        key="cure",
        width="stretch",
        on_click=_cure,
        args=(cured, reduction, batch),
        disabled=beta == cured,
    )
    return _settings(beta, reduction, batch)


def _settings(beta: float, reduction: str, batch: int) -> VaeSettings:
    return VaeSettings(beta=beta, batch=batch, reduction=reduction, epochs=EPOCHS)


def _factor(reduction: str, batch: int) -> float:
    return effective_beta(1.0, reduction, batch=batch, pixels=PIXELS, latent=VaeSettings.latent)


def _cure(beta: float, reduction: str, batch: int) -> None:
    """Sets the β that makes it right, and trains with it."""
    st.session_state["beta_loss"] = beta
    for settings in _both(_settings(beta, reduction, batch)):
        train(settings)


def _both(settings: VaeSettings) -> tuple[VaeSettings, VaeSettings]:
    """With both parts averaged over the images, where β is what it says; and as chosen."""
    return replace(settings, reduction="mean"), settings


def _in_words(settings: VaeSettings) -> str:
    return f"{NAMES[settings.reduction]}, β = {settings.beta:g}, batches of {settings.batch}"


BOTH_RUNS = Trainable("losses", "both", "Train both", "pair", _chosen, _both, _in_words)


def reductions_scene(settings: VaeSettings, jobs: list[Job], unit: Unit) -> dict:
    """Both runs as far as both have come, under one scrubber."""
    runs = [list(job.results) for job in jobs] if len(jobs) == 2 else [[], []]
    common = min(map(len, runs))
    every = [run[:common] for run in runs]
    frames = [thinned(run) for run in every]
    at = columns_of(frames[0], "epoch")[0]
    numbers = {
        f"{name}_{side}": column
        for side, run in zip("ab", frames, strict=True)
        for name, column in zip(("rate", "cost"), columns_of(run, "rate", "cost"), strict=True)
    }
    start = scene.nearest(at, state.left_at("loss_epoch", float("inf"))) if common else 0
    told = {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled pictures",
        "numbers": {name: scene.number(name, (), float(one[start]), status="mean over 500 digits") for name, one in numbers.items()},
        "readouts": [
            {"quantity": f"{name}_{side}", "title": title, "note": note}
            for side, note in zip("ab", _labels(settings), strict=True)
            for name, title in (("rate", "KL(q(z|x)‖p(z))"), ("cost", "−ELBO"))
        ],
        "panels": _panels(settings, unit),
        "clouds": {side: cloud_of(run) for side, run in zip("ab", frames, strict=True)},
        "charts": {name: _chart(every, name, unit) for name in ("rate", "cost")},
        "export": "sum_or_mean",
        "hints": [_said(one) for one in zip(*frames, strict=True)]
        or [WAITS if jobs else "Press Train both. The same network is trained twice, once with each loss."],
    }
    if common:
        told["scrub"] = epoch_scrub(at, start, numbers)
    return told


def _labels(settings: VaeSettings) -> tuple[str, str]:
    return "mean + mean", NAMES[settings.reduction]


def _said(pair: tuple[Frame, Frame]) -> str:
    left, right = map(collapse_in_words, pair)
    return left if left == right else f"Left: {left} Right: {right}"


def _panels(settings: VaeSettings, unit: Unit) -> list[dict]:
    left, right = _labels(settings)
    series = [{"style": "p solid", "label": left}, {"style": "q", "label": right}]
    return [
        {
            "kind": "latent",
            "name": "a",
            "half": True,
            "title": f"{left}: β acts as {settings.beta:g}",
            "label": "The latent space with both parts averaged",
            "note": "both parts are averaged over the images: the effective β is β itself",
        },
        {
            "kind": "latent",
            "name": "b",
            "half": True,
            "title": f"{right}: β acts as {settings.effective_beta:.4g}",
            "label": "The latent space of the other loss",
            "note": REDUCTIONS[settings.reduction].meaning,
        },
        {
            "kind": "chart",
            "name": "cost",
            "half": True,
            "title": f"−ELBO, in {unit.name}",
            "label": "Negative ELBO against the epoch",
            "series": series,
            "note": "per image, with β = 1; against the epoch",
        },
        {
            "kind": "chart",
            "name": "rate",
            "half": True,
            "title": f"KL(q(z|x)‖p(z)), in {unit.name}",
            "label": "KL against the epoch",
            "series": series,
            "note": "averaged over q; against the epoch",
        },
    ]


def _chart(runs: list[list[Frame]], name: str, unit: Unit) -> dict:
    lines = [columns_of(run, "epoch", name) for run in runs]
    values = torch.cat([unit.per_nat * y[1:] for _, y in lines])  # an untrained network's would flatten the others
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.12 * max(high - low, 0.5)
    return {
        "x_range": [0.0, float(EPOCHS)],
        "y_range": [low - margin, high + margin],
        "dots": [0, 1] if runs[0] else [],
        "series": [{"x": packed(x), "y": packed(unit.per_nat * y)} for x, y in lines],
    }


def _table(settings: VaeSettings) -> str:
    """Every way to add up, and the β it comes to."""
    rows = ["| loss | effective β per image, at β = 1 |", "|---|---|"]
    for name, reduction in REDUCTIONS.items():
        factor = _factor(name, settings.batch)
        over = HOW | {"element": "averaged over images and pixels"}, HOW | {"element": "averaged over images and dimensions"}
        text = f"reconstruction {over[0][reduction.reconstruction]} + β · KL {over[1][reduction.kl]}"
        rows.append(f"| **{text}** | **{factor:g}** |" if name == settings.reduction else f"| {text} | {factor:g} |")
    return "\n".join(rows)
