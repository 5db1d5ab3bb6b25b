"""The KL term itself: one posterior against the standard normal, and the linear VAE, of which all is known."""

import csv
import io
from functools import lru_cache
from math import log

import torch

from kl_core import kl
from kl_core.families import FAMILIES
from kl_core.linear_vae import LinearTraining, linear_vae_law
from kl_core.vae import kl_terms_of_posterior, pull

from . import controls
from .controls import Law
from .live import scene
from .live.tables import packed
from .style import Unit, number

NORMAL = FAMILIES["normal"]
START = {"loc": 1.5, "scale": 0.4}
BETAS = torch.linspace(0.05, 10.0, 200, dtype=torch.float64)
TRAINED_AT = (0.25, 0.5, 1.0, 2.0, 3.0, 4.1, 6.0)


def posterior_scene(unit: Unit) -> tuple[dict, Law]:
    """A posterior with handles beside the prior N(0, 1); the four terms of its KL, and the force towards the prior."""
    law = controls.moved_law("q", NORMAL, START)
    prior = Law(NORMAL, {"loc": 0.0, "scale": 1.0})
    mu, logvar = (torch.tensor(one, dtype=torch.float64) for one in (law.values["loc"], 2 * log(law.values["scale"])))
    terms, (to_mean, to_spread) = kl_terms_of_posterior(mu, logvar), pull(mu, logvar)
    parts = [terms.mean, terms.variance, terms.log_variance, terms.constant]
    values = torch.stack([one * unit.per_nat for one in parts])
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.1)
    return {
        "kind": "continuous", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-5.0, 5.0],
        "laws": {"q": scene.law("q(z|x)", "q", NORMAL, law.values), "p": scene.law("p(z)", "p", NORMAL, prior.values, movable=False)},
        "panels": [
            {"kind": "laws", "laws": ["p", "q"], "label": "The prior and the posterior with its handles"},
            {"kind": "integrand", "p": "q", "q": "p", "quantity": "kl", "title": "KL(q(z|x)‖p(z))", "note": "averaged under q"},
            {"kind": "chart", "name": "terms", "title": "Its four terms", "label": "The four terms of the closed form", "half": True,
             "note": f"½μ², ½σ², −½ log σ², −½, in {unit.name}: they add up to the KL", "series": [{"style": "q bar", "label": ""}]},
        ],
        "numbers": {"kl": scene.number("kl", ("q", "p"), float(kl(law.distribution, prior.distribution)), status="exact, closed form")},
        "charts": {"terms": {"bars": True, "x_range": [0.4, 4.6], "y_range": [low - 0.15 * (high - low), high + 0.15 * (high - low)],
                             "x_ticks": [[1, "½μ²"], [2, "½σ²"], [3, "−½ log σ²"], [4, "−½"]],
                             "series": [{"x": packed(torch.arange(1, 5, dtype=torch.float64)), "y": packed(values)}]}},
        "export": "posterior",
        "hint": f"The force towards the prior: −μ = {number(float(to_mean))} on the mean, ½(1 − σ²) = {number(float(to_spread))} on log σ². "
                "Without it each image keeps a place of its own, and between them nothing is known.",
    }, law


@lru_cache(maxsize=16)
def _trained(lam: float) -> tuple[torch.Tensor, torch.Tensor]:
    """weight² and KL of linear VAEs that were really trained, at TRAINED_AT."""
    last = list(LinearTraining(lam, TRAINED_AT, steps=1000, every=1000))[-1]
    return last.weight_squared, last.rate


def linear_scene(lam: float, start: float, unit: Unit) -> tuple[dict, str]:
    """The exact law over β with its collapse, and the trained networks as a line of dots; the same as CSV."""
    law = linear_vae_law(lam, BETAS)
    weight, rate = _trained(lam)
    numbers = {"rate": law.rate, "weight": law.weight_squared}
    where = scene.nearest(BETAS, start)
    at = torch.tensor(TRAINED_AT, dtype=torch.float64)
    marks = [{"x": lam, "label": f"β σ² = λ = {lam:g}: posterior collapse"}] if lam <= float(BETAS[-1]) else []
    chart = lambda exact, found, top: {"x_range": [0.0, float(BETAS[-1])], "y_range": [-0.06 * top, 1.1 * top], "marks": marks, "marks_on_top": True, "dots": [0],  # noqa: E731
                                       "series": [{"x": packed(BETAS), "y": packed(exact)}, {"x": packed(at), "y": packed(found)}]}
    series = [{"style": "p solid", "label": "exact"}, {"style": "q", "label": "trained"}]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["beta", "weight_squared", "kl_nats", "distortion"])
    writer.writerows(torch.stack([BETAS, law.weight_squared, law.rate, law.distortion], -1).tolist())
    return {
        "kind": "discrete", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-0.5, 0.5], "laws": {}, "size": "ruled charts",
        "numbers": {name: scene.number(name, (), float(one[where]), status="exact") for name, one in numbers.items()},
        "readouts": [{"quantity": "rate", "title": "KL(q(z|x)‖p(z))", "note": "½ log(λ/(βσ²)), averaged under q"},
                     {"quantity": "weight", "title": "weight²", "note": "max(0, λ − βσ²)", "plain": True}],
        "panels": [{"kind": "chart", "name": "rate", "half": True, "title": f"KL against β, in {unit.name}", "label": "KL against β", "series": series,
                    "note": "solid: the law; dashed: networks really trained"},
                   {"kind": "chart", "name": "weight", "half": True, "title": "weight² against β", "label": "Squared weight against β", "series": series,
                    "note": "from the mark on, the decoder ignores z"}],
        "charts": {"rate": chart(law.rate * unit.per_nat, rate * unit.per_nat, 2.0 * unit.per_nat), "weight": chart(law.weight_squared, weight, lam)},
        "scrub": {"label": "β, the weight of the KL", "unit": "β =", "values": packed(BETAS), "laws": {}, "seconds": 8, "start": where,
                  "numbers": {name: packed(one) for name, one in numbers.items()}},
        "export": "linear_vae",
        "hint": "One dimension, decoder variance σ² = 1. At β = 1 and λ = 4 the KL is 0.6931 nats; at β = 4.1 it is 0.",
    }, table.getvalue()
