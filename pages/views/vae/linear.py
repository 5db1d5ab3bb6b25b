"""The linear VAE, solved exactly: its optimum under two sliders, and trained networks as dots."""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from kl_core.vaes.linear_vae import LinearStep, LinearTraining, linear_vae_optimum

from ...shared.jobs import QUEUE, Job
from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit

LEAST, MOST, MOST_BETA = 0.5, 8.0, 10.0
START = (4.0, 1.0)
"""λ and β."""
RATIOS = torch.cat([torch.tensor([0.0]), torch.logspace(-3, -0.001, 200), torch.tensor([1.0, 2 * MOST_BETA / LEAST])]).double()
"""β/λ, on which alone the optimum depends, as far as the sliders go; it has its corner at 1."""
TRAINED_AT = (0.0625, 0.125, 0.25, 0.5, 0.75, 1.025, 1.5)
"""Likewise, of the networks."""
REPORTS = 100


def trained_on(lam: float) -> Job:
    """Linear VAEs trained on data of variance lam, some half a second in the background; the same for all who ask."""
    return QUEUE.ask(("linear", lam), partial(_train, lam), REPORTS)


def trained(lam: float) -> Job | None:
    """Their job, if somebody has asked for it."""
    return QUEUE.find(("linear", lam))


def _train(lam: float) -> Iterator[LinearStep]:
    return iter(LinearTraining(lam, _betas(lam).tolist(), steps=10 * REPORTS, every=10))


def _betas(lam: float) -> Tensor:
    return lam * torch.tensor(TRAINED_AT, dtype=torch.float64)


_PANELS = [
    {"kind": "dials", "label": "λ and β"},
    {
        "kind": "stretched",
        "quantity": "rate",
        "title": "KL(q(z|x)‖p(z))",
        "note": "½ log(λ/(βσ²)); dots: trained networks",
        "label": "KL against β",
        "range": [-0.08, 2.5],
    },
    {
        "kind": "stretched",
        "quantity": "weight",
        "title": "The decoder’s weight²",
        "note": "max(0, λ − βσ²); dots: trained networks",
        "label": "The decoder’s squared weight against β",
        "range": [-0.25, 8.4],
        "plain": True,
        "tall": True,
    },
]


def linear_scene(lam: float, beta: float, unit: Unit, steps: Sequence[LinearStep] = ()) -> dict:
    """λ and β under sliders: the optimum's KL and weight² against β, where it collapses, and the networks, trained so far."""
    optimum, now = linear_vae_optimum(1.0, RATIOS), linear_vae_optimum(lam, beta)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled",
        "numbers": {
            "rate": scene.number("rate", (), float(now.rate), status="exact"),
            "weight": scene.number("weight", (), float(now.weight_squared), status="exact"),
        },
        "panels": _PANELS,
        "dials": {
            "lam": {"label": "λ, the variance of the data", "unit": "λ", "low": LEAST, "high": MOST, "step": 0.1, "value": lam},
            "beta": {"label": "β, the weight of the KL", "unit": "β", "low": 0.0, "high": MOST_BETA, "step": 0.05, "value": beta},
        },
        "stretched": {
            "ratio": packed(RATIOS),
            "rate": packed(optimum.rate),
            "weight": packed(optimum.weight_squared),
            "trained": _dots(lam, steps),
        },
        "export": "linear_vae",
        "hint": "Here σ² = 1, and z has one dimension. From β = λ on, encoding costs more than it saves: the KL is 0, posterior collapse.",
    }


def _dots(lam: float, steps: Sequence[LinearStep]) -> dict | None:
    if not steps:
        return None
    return {"lam": lam, "at": packed(_betas(lam)), "rate": packed(steps[-1].rate), "weight": packed(steps[-1].weight_squared)}


def linear_csv(lam: float, steps: Sequence[LinearStep]) -> str:
    """The optimum over β and the trained networks, KL and distortion in nats."""
    betas = torch.linspace(0.05, MOST_BETA, 200, dtype=torch.float64)
    optimum = linear_vae_optimum(lam, betas)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["lambda", "beta", "weight_squared", "kl", "distortion", "what"])
    writer.writerows(
        [lam, *row, "optimum"] for row in torch.stack([betas, optimum.weight_squared, optimum.rate, optimum.distortion], -1).tolist()
    )
    for last in steps[-1:]:
        rows = torch.stack([_betas(lam), last.weight_squared, last.rate], -1)
        writer.writerows([lam, *row, "", "trained"] for row in rows.tolist())
    return table.getvalue()
