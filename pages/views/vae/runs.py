"""Trainings of VAEs in the background, shared by all who ask for the same: what is kept of each epoch, and its tables."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeVar

import streamlit as st
import torch
from torch import Tensor

from kl_core.data.digits import Digits, load_digits
from kl_core.vaes.vae import collapsed
from kl_core.vaes.vae_latent import encode, prior_samples
from kl_core.vaes.vae_training import VaeSettings, VaeTraining

from ...shared.jobs import QUEUE, Job
from ...shared.live.tables import packed
from .clouds import SPAN, cloud

_T = TypeVar("_T")
WAITS = "Waiting: the training starts when one of the two processes is free."
EVERY = 0.5
"""Seconds between two looks at a run that goes on."""
SAMPLES = 20
MOST_FRAMES = 61
EVERY_OTHER = slice(None, None, 2)


@dataclass(frozen=True, eq=False)
class Frame:
    """After an epoch: VaeEpoch's numbers in nats, places and spreads of `shown_digits`, (250, latent), and pictures
    drawn from the prior, (20, 64). active: how many units are. Small, since many are kept."""

    epoch: int
    beta: float
    rate: float
    distortion: float
    kl: Tensor
    mu: Tensor
    sd: Tensor
    samples: Tensor
    active: int

    @property
    def cost(self) -> float:
        """−ELBO, nats."""
        return self.rate + self.distortion


@cache
def shown_digits() -> Digits:
    """Half of the test digits: what a picture can show, and travels quickly."""
    return load_digits()[1][EVERY_OTHER]


def train(settings: VaeSettings) -> Job:
    """The job of these settings, whoever asked for it first."""
    return QUEUE.ask(("vae", settings), partial(_frames, settings), settings.epochs + 1)


def job_of(settings: VaeSettings) -> Job | None:
    return QUEUE.find(("vae", settings))


def _frames(settings: VaeSettings) -> Iterator[Frame]:
    training = VaeTraining(settings)
    for epoch in training:
        where = encode(training.model, shown_digits())
        samples = (255 * prior_samples(training.model, SAMPLES)[1]).round().to(torch.uint8)
        active = int(epoch.active.sum())
        yield Frame(epoch.epoch, epoch.beta, epoch.rate, epoch.distortion, epoch.kl, where.mu.half(), where.sd.half(), samples, active)


def thinned(frames: list[_T]) -> list[_T]:
    """At most MOST_FRAMES of them, with the first and the last."""
    step = -(-len(frames) // MOST_FRAMES)
    return frames if step <= 1 else [*frames[:-1:step], frames[-1]]


def axes_of(frame: Frame) -> tuple[int, int]:
    """The two dimensions with the most KL, the lower number first; the same one twice if there is no other."""
    order = sorted(frame.kl.topk(min(2, len(frame.kl))).indices.tolist())
    return order[0], order[-1]


def cloud_of(frames: list[Frame], least: float = SPAN) -> dict:
    """The cloud at every frame, along the last one's axes. A latent space of one dimension is a row for each digit."""
    if not frames:
        return cloud(torch.zeros(1, 1, 2), torch.zeros(1, 1, 2), torch.zeros(0), least)
    labels, axes = shown_digits().labels, list(axes_of(frames[-1]))
    mu, sd = (torch.stack([getattr(one, name)[:, axes] for one in frames]).float() for name in ("mu", "sd"))
    if axes[0] == axes[1]:
        mu[..., 1], sd[..., 1] = (4.5 - labels) / 4.5 * 0.85 * least, 0.12
    return cloud(mu, sd, labels, least)


def samples_of(frames: list[Frame]) -> str:
    return packed(torch.stack([one.samples for one in frames]) if frames else torch.zeros(SAMPLES, 64), torch.uint8)


def columns_of(frames: list[Frame], *names: str) -> list[Tensor]:
    """Each name's values over the frames; a NaN where there are none yet."""
    return [torch.tensor([float(getattr(one, name)) for one in frames] or [torch.nan], dtype=torch.float64) for name in names]


def name_of(axis: int) -> str:
    """z₁ for 0."""
    return "z" + "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(axis + 1))


def collapse_in_words(frame: Frame) -> str:
    """Which dimensions have collapsed."""
    gone = [name_of(i) for i, one in enumerate(collapsed(frame.kl).tolist()) if one]
    if not gone:
        return "No dimension has collapsed."
    if len(gone) == len(frame.kl):
        return "Posterior collapse: no dimension carries information about the image."
    return f"Collapsed (KL below 0.01 nats): {', '.join(gone)}."


def watch(jobs: list[Job], look: Callable[[], None]) -> None:
    """Draws `look`, again and again while any of the jobs goes on; then the whole page once more.

    What is done to a picture runs `look` alone, with what it was made of: it should ask for what may have changed. It is
    the same fragment when nothing goes on, or its picture would be put up anew at the end of each run.
    """
    going = any(job.live for job in jobs)

    @st.fragment(run_every=EVERY if going else None)
    def looked() -> None:
        look()
        if going and not any(job.live for job in jobs):
            st.rerun()

    looked()


def progress(jobs: list[Job], key: str) -> None:
    """Where runs stand, and a way to stop them; in one place, so that nothing jumps when they end."""
    for job in jobs:
        if job.state == "failed":
            st.caption(f":red[The training failed: {job.problem}.]")
            continue
        at = f"epoch {max(len(job.results) - 1, 0)} of {job.total - 1}"
        stands = {
            "waiting": f"waiting, {QUEUE.ahead_of(job)} ahead",
            "running": at,
            "stopped": f"stopped at {at}{job.because}",
            "done": f"{job.total - 1} epochs, done",
        }[job.state]
        st.progress(min(len(job.results) / job.total, 1.0), text=stands)
    st.button("Stop", key=key, width="stretch", disabled=not any(job.live for job in jobs), on_click=_stop, args=(jobs,))


def _stop(jobs: list[Job]) -> None:
    for job in jobs:
        job.leave()


def csv_of(runs: dict[str, list[Frame]]) -> str:
    """Every epoch's numbers of each run, by the name of its reduction; in nats."""
    table = io.StringIO()
    writer = csv.writer(table)
    latent = max((len(frames[0].kl) for frames in runs.values() if frames), default=0)
    writer.writerow(["reduction", "epoch", "beta", "rate", "distortion", "elbo", *(f"kl_{i + 1}" for i in range(latent))])
    for name, frames in runs.items():
        writer.writerows([name, one.epoch, one.beta, one.rate, one.distortion, -one.cost, *one.kl.tolist()] for one in frames)
    return table.getvalue()


def epoch_scrub(at: Tensor, start: int, numbers: dict[str, Tensor]) -> dict:
    """The scrubber over the epochs of a run, or of runs beside each other. at: the epochs; start: the one shown first."""
    return {
        "label": "Epoch",
        "unit": "epoch",
        "values": packed(at),
        "seconds": 6,
        "start": start,
        "numbers": {name: packed(values) for name, values in numbers.items()},
    }
