"""Posterior collapse in one network, trained four times: β at once, warmed up, in cycles, and with free bits."""

import csv
import io
from dataclasses import replace

import streamlit as st
import torch

from kl_core.vaes.vae import ACTIVE_ABOVE
from kl_core.vaes.vae_training import VaeSettings

from ...shared import state
from ...shared.downloads import downloads
from ...shared.jobs import Job
from ...shared.live import live, scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from .runs import WAITS, Frame, columns_of, epoch_scrub, thinned, watch
from .scene import threshold
from .training_columns import Trainable, training_columns

FOUR = {
    "latent_four": (2, 16),
    "beta_four": (0.0, 100.0),
    "warm_up_four": (1, 100),
    "cycles_four": (1, 20),
    "free_bits_four": (0.01, 10.0),
    "epochs_four": (2, 120),
    "seed_four": (0, 9999),
    "epoch_four": (0, 120),
}
"""The numbers in the link, and their ranges."""
NAMES = {"none": "β at once", "warm_up": "warm-up", "cycles": "cyclical", "free_bits": "free bits"}
_TITLES = {"none": "β at once", "warm_up": "Warm-up", "cycles": "Cyclical", "free_bits": "Free bits"}
_STYLES = {"none": "k3 solid", "warm_up": "p solid", "cycles": "k2", "free_bits": "q"}
CODE = """from kl_core.vaes.vae_training import VaeTraining

same = dict(latent={0.latent}, beta={0.beta!r}, epochs={0.epochs}, seed={0.seed})  # the same first weights, batches and noise
four = {{
    "β at once": dict(warm_up=0),
    "warm-up": dict(warm_up={0.warm_up}),
    "cyclical": dict(cycles={0.cycles}),
    "free bits": dict(warm_up=0, free_bits={0.free_bits!r}),
}}
for name, how in four.items():
    *_, last = VaeTraining(**same, **how)
    print(f"{{name}}: {{int(last.active.sum())}} units active, KL {{last.rate:.3f}}, -ELBO {{-last.elbo:.3f}} nats")
"""


def four_view(unit: Unit) -> None:
    """Controls at the right, the four runs at the left."""
    picture, shown, jobs = training_columns(FOUR_RUNS)

    def look() -> None:
        live(four_scene(shown, jobs, unit), key="vae_four", on_settle=_left)
        if every := _common(jobs):
            st.markdown(_table(shown, every, unit))

    with picture:
        watch(jobs, look)
    downloads(lambda: CODE.format(shown), lambda: four_csv(_common(jobs)), "Every epoch of the four", "vae_four.csv")


def _left(message: dict) -> None:
    state.leave_at("epoch_four", message)


def _chosen() -> VaeSettings:
    """All of it in one; `_four` takes it apart."""
    number = lambda label, key, default, step, **more: st.number_input(
        label, *FOUR[key], default, step, key=key, bind="query-params", **more
    )
    with st.container(horizontal=True):
        latent = number("Latent dimensions", "latent_four", 8, 1)
        beta = number("β", "beta_four", 3.0, 0.25, format="%.6g")
    with st.container(horizontal=True):
        warm_up = number("Warm-up, epochs", "warm_up_four", 20, 5, help="β grows from 0 to its value during these epochs.")
        cycles = number("Cycles", "cycles_four", 4, 1, help="β grows from 0 anew in each (Fu et al. 2019).")
    with st.container(horizontal=True):
        free = number(
            "Free bits, nats",
            "free_bits_four",
            0.25,
            0.05,
            format="%.6g",
            help="Each dimension’s KL is free up to this amount (Kingma et al. 2016).",
        )
        epochs = number("Epochs", "epochs_four", 40, 10)
    seed = number("Random seed", "seed_four", 1, 1, help="Close to the threshold, chance decides whether a unit survives: try another.")
    return VaeSettings(
        latent=int(latent),
        beta=float(beta),
        warm_up=int(warm_up),
        cycles=int(cycles),
        free_bits=float(free),
        epochs=int(epochs),
        seed=int(seed),
    )


def _four(settings: VaeSettings) -> tuple[VaeSettings, ...]:
    """From the same first weights, with the same batches and noise; in the order of NAMES."""
    none = replace(settings, warm_up=0, cycles=0, free_bits=0.0)
    return (
        none,
        replace(none, warm_up=settings.warm_up),
        replace(none, cycles=settings.cycles),
        replace(none, free_bits=settings.free_bits),
    )


def _in_words(settings: VaeSettings) -> str:
    return (
        f"{settings.latent} dimensions, β {settings.beta:g}, warm-up {settings.warm_up}, {settings.cycles} cycles, "
        f"free bits {settings.free_bits:g}, {settings.epochs} epochs, seed {settings.seed}"
    )


FOUR_RUNS = Trainable("four", "four", "Compare four", "comparison", _chosen, _four, _in_words)


def _common(jobs: list[Job]) -> list[list[Frame]]:
    """Each run's frames; none until all four have one. A run that is behind the others stays where it is."""
    runs = [list(job.results) for job in jobs]
    return runs if len(runs) == len(NAMES) and all(runs) else []


def _so_far(jobs: list[Job]) -> list[list[Frame]]:
    """Each run's frames, in the order of NAMES; of one that waits, none."""
    return [list(job.results) for job in jobs] if len(jobs) == len(NAMES) else [[] for _ in NAMES]


def _going(runs: list[list[Frame]]) -> str:
    """While some wait for their turn."""
    begun = sum(map(bool, runs))
    return f"Run {begun} of {len(runs)} is learning; the next begins when it has ended." if begun else WAITS


def _frames_at(runs: list[list[Frame]]) -> list[list[Frame]]:
    """For each epoch that the longest run has reached, each run's frame then, or its last one."""
    longest = max(map(len, runs))
    return [[run[min(i, len(run) - 1)] for run in runs] for i in range(longest)]


def four_scene(settings: VaeSettings, jobs: list[Job], unit: Unit) -> dict:
    """The four runs so far under one scrubber: β, the rate, and the units that are active."""
    runs, each = _common(jobs), _so_far(jobs)
    rows = thinned(_frames_at(runs)) if runs else []
    at = torch.tensor([float(max(frame.epoch for frame in row)) for row in rows] or [0.0], dtype=torch.float64)
    active = {
        name: torch.tensor([float(row[i].active) for row in rows] or [torch.nan], dtype=torch.float64) for i, name in enumerate(NAMES)
    }
    start = scene.nearest(at, state.left_at("epoch_four", float("inf"))) if rows else 0
    told = {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled pictures",
        "numbers": {name: scene.number(name, (), float(counts[start]), status="counted on 500 digits") for name, counts in active.items()},
        "readouts": [
            {"quantity": name, "title": _TITLES[name], "note": f"active units of {settings.latent}", "plain": True, "whole": True}
            for name in NAMES
        ],
        "panels": _panels(unit),
        "charts": {
            "rate": _chart(each, "rate", unit.per_nat, settings, 0.5),
            "active": _chart(each, "active", 1.0, settings, settings.latent),
            "beta": _chart(each, "beta", 1.0, settings, settings.beta),
            "cost": _cost(each, unit, settings),
        },
        "export": "vae_four",
        "hints": [_said(row, settings) for row in rows]
        or [_going(each) if jobs else "Press Compare four. The same network is trained four times, a few seconds in all."],
    }
    if rows:
        told["scrub"] = epoch_scrub(at, start, active)
    return told


def _panels(unit: Unit) -> list[dict]:
    series = [{"style": _STYLES[name], "label": title} for name, title in NAMES.items()]
    chart = lambda name, title, label, note: {
        "kind": "chart",
        "name": name,
        "half": True,
        "title": title,
        "label": label,
        "note": note,
        "series": series,
    }
    return [
        chart("rate", f"Rate: KL(q(z|x)‖p(z)), in {unit.name}", "KL against the epoch", "averaged over q; 0 is posterior collapse"),
        chart(
            "active", "Active units", "Active units against the epoch", f"units whose posterior mean has a variance above {ACTIVE_ABOVE:g}"
        ),
        chart("beta", "β during the run", "β against the epoch", "free bits and “β at once” have all of β from the first step"),
        chart("cost", f"−ELBO, in {unit.name}", "Negative ELBO against the epoch", "per image, with β = 1: lower is better"),
    ]


def _chart(runs: list[list[Frame]], name: str, scale: float, settings: VaeSettings, least: float) -> dict:
    lines = [columns_of(run, "epoch", name) for run in runs]
    top = max([scale * float(y[1:].max()) for _, y in lines if len(y) > 1] + [least])
    return {
        "x_range": [0.0, float(settings.epochs)],
        "y_range": [-0.04 * max(top, 1e-3), 1.12 * max(top, 1e-3)],
        "series": [{"x": packed(x), "y": packed(scale * y)} for x, y in lines],
    }


def _cost(runs: list[list[Frame]], unit: Unit, settings: VaeSettings) -> dict:
    """An untrained network's would flatten the others."""
    told = _chart(runs, "cost", unit.per_nat, settings, 30.0)
    values = [unit.per_nat * frame.cost for run in runs for frame in run[2:]]
    low, high = (min(values), max(values)) if values else (20.0, 30.0)
    margin = 0.12 * max(high - low, 0.5)
    return told | {"y_range": [low - margin, high + margin]}


def _said(row: list[Frame], settings: VaeSettings) -> str:
    """Which of the four have collapsed, and whether the loss wants that."""
    gone = [title for title, frame in zip(NAMES.values(), row, strict=True) if frame.active == 0]
    if not gone:
        return "No run has collapsed: each has at least one active unit."
    said = f"Posterior collapse: {_listed(gone)}." if len(gone) < len(NAMES) else "Posterior collapse in all four."
    if settings.beta < threshold():
        return f"{said} The loss does not ask for it: below β = {threshold():.2f} encoding something is better than nothing."
    return f"{said} Above β = {threshold():.2f} the loss asks for it: encoding anything costs more than it saves."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _table(settings: VaeSettings, runs: list[list[Frame]], unit: Unit) -> str:
    """The last epoch of each."""
    per = unit.per_nat
    rows = [
        f"| last epoch, {unit.name} | active units | rate | distortion | −ELBO | loss at β = {settings.beta:g} |",
        "|---|---|---|---|---|---|",
    ]
    for title, run in zip(NAMES.values(), runs, strict=True):
        last = run[-1]
        loss = last.distortion + settings.beta * last.rate
        numbers = [f"{per * last.rate:.3f}", *(f"{per * value:.4g}" for value in (last.distortion, last.cost, loss))]
        rows.append(f"| **{title}** | {last.active} of {settings.latent} | {' | '.join(numbers)} |")
    return "\n".join(rows)


def four_csv(runs: list[list[Frame]]) -> str:
    """Every epoch's numbers of each run, in nats."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["run", "epoch", "beta", "active", "rate", "distortion", "elbo"])
    for name, run in zip(NAMES.values(), runs, strict=False):
        writer.writerows([name, frame.epoch, frame.beta, frame.active, frame.rate, frame.distortion, -frame.cost] for frame in run)
    return table.getvalue()
