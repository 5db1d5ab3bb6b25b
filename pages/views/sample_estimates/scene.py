"""k1, k2 and k3 as estimates of KL(π‖π_ref) from samples of π: their means as samples come in, and their spread."""

from functools import lru_cache

import torch
from torch import Tensor
from torch.distributions import Normal

from kl_core import kl
from kl_core.estimates.estimators import ESTIMATORS, crossover, gaussian_errors
from kl_core.families import FAMILIES

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit

NORMAL = FAMILIES["normal"]
DISTANCES = torch.linspace(0.05, 3.0, 60, dtype=torch.float64)
PLACES = 120
"""Places of a running mean, evenly spread over the logarithm of the count."""
BINS = 60
SPREAD = 4.0
"""How many true KLs from 0 the pictures reach."""
FORMULAS = {"k1": "−log r", "k2": "½ (log r)²", "k3": "r − 1 − log r"}
"""Of each estimator, r = π_ref(x)/π(x) for a sample x from π."""
SERIES = [{"style": name, "label": name} for name in ESTIMATORS]
PANELS = [
    {
        "kind": "curves",
        "half": True,
        "curves": ["p", "q"],
        "title": "π, which is sampled, and π_ref",
        "caption": "curves",
        "label": "π, which is sampled, and π_ref",
    },
    {
        "kind": "chart",
        "name": "sd",
        "half": True,
        "title": "Standard deviation of one draw, in units of the true KL",
        "label": "Standard deviation of each estimator against the distance",
        "note": "against the distance of the means, in standard deviations of π",
        "series": SERIES,
    },
    {
        "kind": "chart",
        "name": "running",
        "half": True,
        "title": "Running mean, in units of the true KL",
        "label": "Running mean of each estimator",
        "note": "from left to right: more draws; 1 is the true KL",
        "series": [*SERIES, {"style": "fit", "label": ""}],
    },
    {
        "kind": "chart",
        "name": "histogram",
        "half": True,
        "title": "Values of single draws, in units of the true KL",
        "label": "Histogram of each estimator",
        "note": "k1 is often negative; k2 and k3 never are",
        "series": SERIES,
    },
]


def pair_at(distance: Tensor | float, ratio: float) -> tuple[Normal, Normal]:
    """π = N(0, 1), which is sampled, and π_ref at `distance` with `ratio` times π's standard deviation."""
    distance = torch.as_tensor(distance, dtype=torch.float64)
    zeros, ones = torch.zeros_like(distance), torch.ones_like(distance)
    return Normal(zeros, ones), Normal(distance, ratio * ones)


@lru_cache(maxsize=64)
def sampled(ratio: float, count: int, seed: int) -> dict[str, Tensor]:
    """Each estimator's values at the same `count` draws from π, for every distance, in true KLs; (distances, count)."""
    p, q = (Normal(normal.loc.unsqueeze(-1), normal.scale.unsqueeze(-1)) for normal in pair_at(DISTANCES, ratio))
    draws = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    true = kl(*pair_at(DISTANCES, ratio)).unsqueeze(-1)
    return {name: estimate(p.log_prob(draws), q.log_prob(draws)) / true for name, estimate in ESTIMATORS.items()}


def value_scene(ratio: float, count: int, seed: int, unit: Unit, start: float) -> dict:
    """The distance under the scrubber: π and π_ref, running means and histograms in units of the true KL, and the numbers."""
    p, q = pair_at(DISTANCES, ratio)
    true, errors, values = kl(p, q), gaussian_errors(p, q), sampled(ratio, count, seed)
    numbers = {"kl": true} | {f"mean_{name}": draws.mean(-1) * true for name, draws in values.items()}
    numbers["bias_k2"] = errors["k2"].bias / true
    numbers |= {f"sd_{name}": (errors[name].sd / true).nan_to_num(posinf=torch.inf) for name in ESTIMATORS}
    where = scene.nearest(DISTANCES, start)
    first = {"loc": float(DISTANCES[where]), "scale": float(ratio)}
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-4.0, 7.0],
        "size": "ruled below",
        "curves": {
            "p": scene.curve("π", "p", NORMAL, {"loc": 0.0, "scale": 1.0}, movable=False),
            "q": scene.curve("π_ref", "q", NORMAL, first, movable=False),
        },
        "numbers": {name: scene.number(name, (), float(by_distance[where]), status="") for name, by_distance in numbers.items()},
        "readouts": _readouts(count),
        "panels": PANELS,
        "captions": {"curves": f"π_ref has {ratio:g} × π’s standard deviation"},
        "charts": {"running": _running(values), "histogram": _histogram(values), "sd": _spread(errors, true, ratio, unit)},
        "scrub": {
            "label": "Distance of the means, in standard deviations of π",
            "unit": "distance",
            "values": packed(DISTANCES),
            "curves": {"q": {"loc": packed(DISTANCES)}},
            "numbers": {name: packed(by_distance) for name, by_distance in numbers.items()},
            "seconds": 8,
            "start": where,
        },
        "export": "sample_estimates",
        "hint": "Slide the distance. The draws stay the same: watch which running mean settles first.",
    }


def _readouts(count: int) -> list[dict]:
    means = [
        {"quantity": f"mean_{name}", "title": f"Mean of {name}", "note": f"{formula}, over {count:,} draws"}
        for name, formula in FORMULAS.items()
    ]
    return [{"quantity": "kl", "title": "KL(π‖π_ref)", "note": "exact"}, *means]


def _running(values: dict[str, Tensor]) -> dict:
    count = values["k1"].shape[-1]
    decades = torch.tensor(float(count)).log10().item()
    places = torch.unique(torch.logspace(0, decades, PLACES).long().clamp(1, count)) - 1
    means = [draws.cumsum(-1)[:, places] / (places + 1) for draws in values.values()]
    x = packed((places + 1).double().log10())
    right = torch.ones_like(means[0])
    return {
        "frames": True,
        "x_range": [0.0, decades],
        "y_range": [-1.0, 3.0],
        "x_ticks": [[power, f"{10**power:,}".replace(",", " ")] for power in range(int(decades) + 1)],
        "series": [{"x": x, "y": packed(mean.clamp(-SPREAD, 2 * SPREAD), torch.float32)} for mean in [*means, right]],
    }


def _histogram(values: dict[str, Tensor]) -> dict:
    """Shares of draws in bins of the same width, as steps; what lies beyond counts in the last bins."""
    edges = torch.linspace(-SPREAD, SPREAD, BINS + 1, dtype=torch.float64)
    places = edges.repeat_interleave(2)[1:-1]
    shares = []
    for draws in values.values():
        index = ((draws.clamp(-SPREAD, SPREAD - 1e-9) + SPREAD) / (2 * SPREAD) * BINS).long()
        counts = torch.zeros(len(draws), BINS, dtype=torch.float64).scatter_add_(-1, index, torch.ones_like(draws))
        shares.append((counts / draws.shape[-1]).repeat_interleave(2, -1))
    return {
        "frames": True,
        "x_range": [-SPREAD, SPREAD],
        "y_range": [0.0, 0.35],
        "series": [{"x": packed(places), "y": packed(share.clamp_max(0.34), torch.float32)} for share in shares],
    }


def _spread(errors: dict, true: Tensor, ratio: float, unit: Unit) -> dict:
    marks = []
    if ratio == 1:
        distance, at = crossover()
        marks.append({"x": distance, "label": "from here k3 is noisier than k1"})
    lines = {name: (error.sd / true).log10() for name, error in errors.items()}
    shown = torch.cat([line[line.isfinite()] for line in lines.values()])
    return {
        "x_range": [0.0, float(DISTANCES[-1])],
        "y_range": [float(shown.min()) - 0.1, min(float(shown.max()), 3.0) + 0.1],
        "marks": marks,
        "y_ticks": [[power, f"{10.0**power:g}"] for power in range(-1, 4)],
        "series": [{"x": packed(DISTANCES), "y": packed(torch.where(line.isfinite(), line, torch.nan))} for line in lines.values()],
    }


def schulman_rows() -> list[tuple[str, float, dict[str, tuple[float, float]]]]:
    """Of Schulman's two examples: name, true KL, and by estimator exact bias and sd in true KLs."""
    rows = []
    for distance in (0.1, 1.0):
        p, q = pair_at(distance, 1.0)
        true, errors = float(kl(p, q)), gaussian_errors(p, q)
        rows.append(
            (f"N({distance:g}, 1)", true, {name: (float(error.bias) / true, float(error.sd) / true) for name, error in errors.items()})
        )
    return rows
