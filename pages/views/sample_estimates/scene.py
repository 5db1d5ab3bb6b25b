"""k1, k2 and k3 as estimates of KL(P‖Q) from samples of P: their means as samples come in, their spread, their gradients."""

from functools import lru_cache
from math import isnan

import torch
from torch import Tensor
from torch.distributions import Normal

from kl_core import kl
from kl_core.estimates.estimator_gradients import EstimatorGradients, expected_gradients
from kl_core.estimates.estimators import ESTIMATORS, crossover, gaussian_errors
from kl_core.families import FAMILIES

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.pair.scene import DIRECTIONS
from ...shared.style import Unit, amount, number
from ...shared.values import ChosenDistribution

NORMAL = FAMILIES["normal"]
DISTANCES = torch.linspace(0.05, 3.0, 60, dtype=torch.float64)
KEPT = 120
"""Places of a running mean, evenly spread over the logarithm of the count."""
BINS = 60
SPREAD = 4.0
"""How many true KLs from 0 the pictures reach."""
FORMULAS = {"k1": "−log r", "k2": "½ (log r)²", "k3": "r − 1 − log r"}
"""Of each estimator, r = q(x)/p(x) for a sample x from P."""
SERIES = [{"style": name, "label": name} for name in ESTIMATORS]


def pair_at(distance: Tensor | float, ratio: float) -> tuple[Normal, Normal]:
    """P = N(0, 1), which is sampled, and Q at `distance` with `ratio` times P's standard deviation."""
    distance = torch.as_tensor(distance, dtype=torch.float64)
    one = torch.ones_like(distance)
    return Normal(0 * one, one), Normal(distance, ratio * one)


@lru_cache(maxsize=64)
def sampled(ratio: float, count: int, seed: int) -> dict[str, Tensor]:
    """Each estimator's values at the same `count` draws from P, for every distance, in true KLs; (distances, count)."""
    p, q = (Normal(law.loc.unsqueeze(-1), law.scale.unsqueeze(-1)) for law in pair_at(DISTANCES, ratio))
    draws = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    true = kl(*pair_at(DISTANCES, ratio)).unsqueeze(-1)
    return {name: estimate(p.log_prob(draws), q.log_prob(draws)) / true for name, estimate in ESTIMATORS.items()}


def value_scene(ratio: float, count: int, seed: int, unit: Unit, start: float) -> dict:
    """The distance under the scrubber: P and Q, running means and histograms in units of the true KL, and the numbers."""
    p, q = pair_at(DISTANCES, ratio)
    true, errors, values = kl(p, q), gaussian_errors(p, q), sampled(ratio, count, seed)
    numbers = {"kl": true} | {f"mean_{name}": one.mean(-1) * true for name, one in values.items()}
    numbers["bias_k2"] = errors["k2"].bias / true
    numbers |= {f"sd_{name}": (errors[name].sd / true).nan_to_num(posinf=torch.inf) for name in ESTIMATORS}
    where = scene.nearest(DISTANCES, start)
    readouts = [{"quantity": "kl", "title": "KL(P‖Q)", "note": "exact"}]
    for name, formula in FORMULAS.items():
        readouts.append({"quantity": f"mean_{name}", "title": f"Mean of {name}", "note": f"{formula}, over {count:,} draws"})
    first = {"loc": float(DISTANCES[where]), "scale": float(ratio)}
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-4.0, 7.0],
        "size": "ruled below",
        "curves": {
            "p": scene.curve("P", "p", NORMAL, {"loc": 0.0, "scale": 1.0}, movable=False),
            "q": scene.curve("Q", "q", NORMAL, first, movable=False),
        },
        "numbers": {name: scene.number(name, (), float(one[where]), status="") for name, one in numbers.items()},
        "readouts": readouts,
        "panels": [
            {
                "kind": "curves",
                "half": True,
                "curves": ["p", "q"],
                "title": "P, which is sampled, and Q",
                "caption": "curves",
                "label": "P, which is sampled, and Q",
            },
            {
                "kind": "chart",
                "name": "sd",
                "half": True,
                "title": "Standard deviation of one draw, in units of the true KL",
                "label": "Standard deviation of each estimator against the distance",
                "note": "against the distance of the means, in standard deviations of P",
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
        ],
        "captions": {"curves": f"Q has {ratio:g} × P’s standard deviation"},
        "charts": {"running": _running(values), "histogram": _histogram(values), "sd": _spread(errors, true, ratio, unit)},
        "scrub": {
            "label": "Distance of the means, in standard deviations of P",
            "unit": "distance",
            "values": packed(DISTANCES),
            "curves": {"q": {"loc": packed(DISTANCES)}},
            "numbers": {name: packed(one) for name, one in numbers.items()},
            "seconds": 8,
            "start": where,
        },
        "export": "sample_estimates",
        "hint": "Slide the distance. The draws stay the same: watch which running mean settles first.",
    }


def _running(values: dict[str, Tensor]) -> dict:
    count = values["k1"].shape[-1]
    decades = torch.tensor(float(count)).log10().item()
    kept = torch.unique(torch.logspace(0, decades, KEPT).long().clamp(1, count)) - 1
    means = [one.cumsum(-1)[:, kept] / (kept + 1) for one in values.values()]
    x = packed((kept + 1).double().log10())
    right = torch.ones_like(means[0])
    return {
        "frames": True,
        "x_range": [0.0, decades],
        "y_range": [-1.0, 3.0],
        "x_ticks": [[power, f"{10**power:,}".replace(",", " ")] for power in range(int(decades) + 1)],
        "series": [{"x": x, "y": packed(one.clamp(-SPREAD, 2 * SPREAD), torch.float32)} for one in [*means, right]],
    }


def _histogram(values: dict[str, Tensor]) -> dict:
    """Shares of draws in bins of the same width, as steps; what lies beyond counts in the last bins."""
    edges = torch.linspace(-SPREAD, SPREAD, BINS + 1, dtype=torch.float64)
    places = edges.repeat_interleave(2)[1:-1]
    shares = []
    for one in values.values():
        index = ((one.clamp(-SPREAD, SPREAD - 1e-9) + SPREAD) / (2 * SPREAD) * BINS).long()
        table = torch.zeros(len(one), BINS, dtype=torch.float64).scatter_add_(-1, index, torch.ones_like(one))
        shares.append((table / one.shape[-1]).repeat_interleave(2, -1))
    return {
        "frames": True,
        "x_range": [-SPREAD, SPREAD],
        "y_range": [0.0, 0.35],
        "series": [{"x": packed(places), "y": packed(one.clamp_max(0.34), torch.float32)} for one in shares],
    }


def _spread(errors: dict, true: Tensor, ratio: float, unit: Unit) -> dict:
    marks = []
    if ratio == 1:
        distance, at = crossover()
        marks.append({"x": distance, "label": f"from here, KL {amount(at, unit)}, k3 is noisier than k1"})
    lines = {name: (one.sd / true).log10() for name, one in errors.items()}
    shown = torch.cat([one[one.isfinite()] for one in lines.values()])
    return {
        "x_range": [0.0, float(DISTANCES[-1])],
        "y_range": [float(shown.min()) - 0.1, min(float(shown.max()), 3.0) + 0.1],
        "marks": marks,
        "y_ticks": [[power, f"{10.0**power:g}"] for power in range(-1, 4)],
        "series": [{"x": packed(DISTANCES), "y": packed(torch.where(one.isfinite(), one, torch.nan))} for one in lines.values()],
    }


def schulman_rows() -> list[tuple[str, float, dict[str, tuple[float, float]]]]:
    """Of Schulman's two examples: name, true KL, and by estimator exact bias and sd in true KLs."""
    rows = []
    for distance in (0.1, 1.0):
        p, q = pair_at(distance, 1.0)
        true, errors = float(kl(p, q)), gaussian_errors(p, q)
        rows.append((f"N({distance:g}, 1)", true, {name: (float(one.bias) / true, float(one.sd) / true) for name, one in errors.items()}))
    return rows


def tokens_scene(log_p: Tensor, log_q: Tensor, unit: Unit) -> dict:
    """Each estimator at each token, as bars."""
    values = [estimate(log_p, log_q) * unit.per_nat for estimate in ESTIMATORS.values()]
    every = torch.cat(values)
    every = torch.cat([every[every.isfinite()], every.new_zeros(1)])
    low, high = min(float(every.min()), 0.0), max(float(every.max()), 1e-9)
    margin = 0.12 * (high - low)
    places = torch.arange(1, len(log_p) + 1, dtype=torch.float64)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": {},
        "panels": [
            {
                "kind": "chart",
                "name": "tokens",
                "title": f"k1, k2 and k3 of each token, in {unit.name}",
                "label": "k1, k2 and k3 at each token",
                "note": "at each token from left to right: k1 = −log r (violet), k2 = ½·(log r)² (green), k3 = r − 1 − log r (red)",
                "series": [{**one, "style": f"{one['style']} bar"} for one in SERIES],
            }
        ],
        "charts": {
            "tokens": {
                "bars": True,
                "x_range": [0.4, len(log_p) + 0.6],
                "y_range": [low - margin, high + margin],
                "x_ticks": [[float(i), f"token {i}"] for i in range(1, len(log_p) + 1)] if len(log_p) <= 12 else None,
                "series": [{"x": packed(places), "y": packed(one.clamp(-1e6, 2 * high))} for one in values],
            }
        },
        "hint": "A bar below 0: π_ref gives this token a higher probability than π, which drew it.",
    }


# ---- gradients ------------------------------------------------------------------------------------------------------

# Two axes at right angles in the plane of logit changes that sum to 0.
PLANE = torch.tensor([[1.0, -1.0, 0.0], [-1.0, -1.0, 2.0]], dtype=torch.float64)
PLANE = PLANE / PLANE.norm(dim=-1, keepdim=True)


def gradient_scene(
    policy: ChosenDistribution, reference: ChosenDistribution, sampler: Tensor | None, weights: str, use: str, unit: Unit
) -> dict:
    """The policy and the reference as bars to drag; the expected gradient of each estimator as arrows."""
    found = gradients_of(policy, reference, sampler, weights, use)
    nothing = torch.zeros(3, dtype=torch.float64)
    arrows = (
        {"true": found.to_reference, "true back": found.from_reference} | found.estimators
        if found
        else dict.fromkeys(["true", "true back", *ESTIMATORS], nothing)
    )
    tips = {name: PLANE @ value for name, value in arrows.items()}
    reach = 1.25 * max(max(float(tip.abs().max()) for tip in tips.values()), 1e-6)
    numbers = {"kl_pq": kl(policy.distribution, reference.distribution), "kl_qp": kl(reference.distribution, policy.distribution)}
    labels = {"true": "∇KL(π‖π_ref)", "true back": "∇KL(π_ref‖π)"}
    return {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-0.5, 2.5],
        "names": ["A", "B", "C"],
        "size": "charts",
        "curves": {
            role: scene.curve(label, role, law.family, law.values) for role, label, law in (("p", "π", policy), ("q", "π_ref", reference))
        },
        "panels": [
            {
                "kind": "curves",
                "half": True,
                "curves": ["p", "q"],
                "title": "A policy over three words",
                "caption": "curves",
                "label": "π and π_ref with their handles",
            },
            {
                "kind": "chart",
                "name": "arrows",
                "half": True,
                "title": "Expected gradient with respect to the logits",
                "label": "Expected gradients as arrows",
                "note": "thick: the true gradients; thin: the expected gradient of each estimator",
                "series": [{"style": "true" if name in labels else name, "label": labels.get(name, name)} for name in arrows],
            },
            {**DIRECTIONS[0], "title": "KL(π‖π_ref)", "note": "averaged over π"},
            {**DIRECTIONS[1], "title": "KL(π_ref‖π)", "note": "averaged over π_ref"},
        ],
        "numbers": {
            name: scene.number("kl", pair, float(value), status="exact")
            for (name, value), pair in zip(numbers.items(), (("p", "q"), ("q", "p")), strict=True)
        },
        "captions": {"curves": "drag a bar; the others rescale"},
        "charts": {
            "arrows": {
                "x_range": [-reach, reach],
                "y_range": [-reach, reach],
                "arrows": True,
                "x_ticks": [],
                "series": [{"x": packed(_arrow(tip[0])), "y": packed(_arrow(tip[1]))} for tip in tips.values()],
            }
        },
        "export": "estimator_gradients",
        "hint": "Drag a bar of π. On-policy and as a loss, k1 has expected gradient 0, k2 has ∇KL(π‖π_ref), k3 has ∇KL(π_ref‖π).",
    }


def gradients_of(
    policy: ChosenDistribution, reference: ChosenDistribution, sampler: Tensor | None, weights: str, use: str
) -> EstimatorGradients | None:
    """None where a probability is 0: its logit is −∞, or the KL is infinite, and there is no gradient."""
    if min(*policy.values["probs"], *reference.values["probs"]) == 0:
        return None
    logits, log_reference = (torch.tensor(law.values["probs"], dtype=torch.float64).log().log_softmax(-1) for law in (policy, reference))
    return expected_gradients(logits, log_reference, sampler, weights=weights, use=use)


def _arrow(tip: Tensor) -> Tensor:
    return torch.stack([torch.zeros_like(tip), tip])


def gradient_words(found: EstimatorGradients | None) -> str:
    """For each estimator which true gradient its own is, if any."""
    if found is None:
        return "with a probability of 0 there is none, because its logit is −∞ or the KL is infinite"
    size = max(float(found.to_reference.abs().max()), float(found.from_reference.abs().max()), 1e-12)
    said = []
    for name, value in found.estimators.items():
        near = lambda other: float((value - other).abs().max()) < 1e-6 * size
        which = (
            "zero"
            if near(torch.zeros_like(value))
            else "∇KL(π‖π_ref)"
            if near(found.to_reference)
            else ("∇KL(π_ref‖π)" if near(found.from_reference) else "neither of the two")
        )
        said.append(f"**{name}**: {which}")
    return " · ".join(said)


def in_words(value: float, error: float, unit: Unit) -> str:
    """An estimate with its standard error, if one sample can tell."""
    if isnan(error):
        return f"{number(value * unit.per_nat)} {unit.name}"
    return f"{number(value * unit.per_nat)} ± {number(error * unit.per_nat)} {unit.name}"
