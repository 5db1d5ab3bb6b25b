"""Two rides along one number: the separation at which reverse KL begins to pick a mode, and α between the directions."""

from functools import lru_cache

import torch
from torch import Tensor

from kl_core import kl
from kl_core.alpha import fit_alpha
from kl_core.families import FAMILIES
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fitting import fit_forward, fit_reverse
from kl_core.thresholds import exchange_separation, fold_separation

from .controls import Law
from .fit_scene import fit_forward_law
from .live import scene
from .live.tables import packed
from .style import Unit

NORMAL, MIXTURE = FAMILIES["normal"], FAMILIES["gaussian_mixture"]
ALPHAS = torch.linspace(0, 1, 41, dtype=torch.float64)
PLACES = ("left", "centre", "right")


@lru_cache(maxsize=1)
def _thresholds() -> tuple[float, float]:
    return fold_separation(), exchange_separation()


@lru_cache(maxsize=1)
def _separations() -> Tensor:
    """Even steps, and places close to the thresholds on either side, so that branches begin and change where they do."""
    fold, exchange = _thresholds()
    close = torch.tensor([fold + 1e-6, exchange - 1e-6, exchange + 1e-6], dtype=torch.float64)
    return torch.cat([torch.linspace(0.5, 4.5, 81, dtype=torch.float64), close]).sort().values


@lru_cache(maxsize=1)
def _minima() -> dict[str, Tensor]:
    """loc, scale, kl of each reverse minimum against the separation, (3, separations), NaN where there is none."""
    separations = _separations()
    count = len(separations)
    ones = torch.ones(count, 2, dtype=torch.float64)
    targets = gaussian_mixture(ones / 2, torch.stack([-separations, separations], -1), ones)
    found = {name: torch.full((3, count), torch.nan, dtype=torch.float64) for name in ("loc", "scale", "kl")}
    for column, fits in enumerate(fit_reverse(targets)):
        for fit in fits:
            row = 1 + int(torch.sign(fit.loc) * (fit.loc.abs() > 1e-4))
            for name, table in found.items():
                table[row, column] = getattr(fit, name)
    forward = fit_forward(targets)
    return found | {"forward": torch.stack([forward.loc, forward.scale, forward.kl])}


def separation_scene(unit: Unit, start: float) -> dict:
    """½N(±m, 1) against m: the target, its forward fit, every reverse minimum, and the bifurcation diagram."""
    found, separations = _minima(), _separations()
    value = float(separations[0])
    target = {"weights": (0.5, 0.5), "locs": (-value, value), "scales": (1.0, 1.0)}
    laws = {"p": scene.law("P", "p", MIXTURE, target, movable=False)}
    tracks = {"p": {"locs.0": packed(-separations), "locs.1": packed(separations)}}
    best = found["kl"].nan_to_num(torch.inf).amin(0)
    for row, place in enumerate(PLACES):
        for kind, chosen in (("best", found["kl"][row] <= best + 1e-9), ("local", found["kl"][row] > best + 1e-9)):
            name = f"{place}_{kind}"
            laws[name] = scene.law("Q" if kind == "best" else "", "q" if kind == "best" else "faint", NORMAL,
                                   {"loc": 0.0, "scale": 1.0}, movable=False, filled=False)
            tracks[name] = {key: packed(torch.where(chosen, found[key][row], torch.nan)) for key in ("loc", "scale")}
    return {
        "kind": "continuous", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-8.0, 8.0], "laws": laws,
        "numbers": {"kl_reverse_best": scene.number("kl", ("p", "p"), 0.0, status="the best reverse fit, exact")},
        "panels": [{"kind": "laws", "laws": list(laws), "label": "Target P and every reverse fit Q: the best dashed, others faint"},
                   {"kind": "chart", "name": "minima", "label": "Means of the reverse minima against the separation m",
                    "series": [{"style": style, "label": label} for style, label in _branches()]}],
        "charts": {"minima": _bifurcation(found, best)},
        "readouts": [{"quantity": "kl_reverse_best", "title": "KL(Q‖P) of the best Q", "note": "averaged under Q"}],
        "scrub": {"label": "Separation m", "unit": "m =", "values": packed(separations), "laws": tracks,
                  "numbers": {"kl_reverse_best": packed(best)}, "seconds": 8,
                  "start": scene.nearest(separations, start)},
        "hint": "Below: the mean of every reverse minimum against m; thick where it is the best of all.",
    }


def _branches() -> list[tuple[str, str]]:
    return [(style, label if kind == "best" else "") for label in ("left mode", "between", "right mode")
            for kind, style in (("best", "q solid"), ("local", "faint"))]


def _bifurcation(found: dict[str, Tensor], best: Tensor) -> dict:
    separations, (fold, exchange) = _separations(), _thresholds()
    series = []
    for row in range(3):
        is_best = found["kl"][row] <= best + 1e-9
        for chosen in (is_best, ~is_best):
            series.append({"x": packed(separations), "y": packed(torch.where(chosen, found["loc"][row], torch.nan))})
    return {"x_range": [float(separations[0]), float(separations[-1])], "y_range": [-5.2, 5.2], "series": series,
            "marks": [{"x": fold, "label": f"m = {fold:.4f}: one minimum becomes three"},
                      {"x": exchange, "label": f"m = {exchange:.4f}: a mode becomes the best"}]}


def alpha_scene(target: Law, unit: Unit, start: float) -> dict:
    """Q from the reverse fit (α = 0) to the forward fit (α = 1) through the α-divergence."""
    loc, scale = fit_alpha(target.distribution, ALPHAS)
    q = NORMAL.distribution(loc=loc, scale=scale)
    numbers = {"kl_pq": kl(target.distribution, q), "kl_qp": kl(q, target.distribution)}
    laws = {"p": scene.law("P", "p", target.family, target.values, movable=False),
            "q": scene.law("Q", "q", NORMAL, {"loc": float(loc[0]), "scale": float(scale[0])}, movable=False)}
    top = max(float(one[one.isfinite()].max()) for one in numbers.values()) * 1.1
    return {
        "kind": "continuous", "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": scene.continuous_view([target.distribution, fit_forward_law(target)]), "laws": laws,
        "numbers": {key: scene.number("kl", pair, 0.0, status="exact") for key, pair in
                    (("kl_pq", ("p", "q")), ("kl_qp", ("q", "p")))},
        "panels": [{"kind": "laws", "laws": ["p", "q"], "label": "Target P and the Q that fits it best for this α"},
                   {"kind": "integrand", "p": "p", "q": "q", "quantity": "kl_pq", "title": "KL(P‖Q)", "note": "averaged under P"},
                   {"kind": "integrand", "p": "q", "q": "p", "quantity": "kl_qp", "title": "KL(Q‖P)", "note": "averaged under Q"},
                   {"kind": "chart", "name": "both", "label": "Both directions of KL against α",
                    "series": [{"style": "p", "label": "KL(P‖Q)"}, {"style": "q", "label": "KL(Q‖P)"}]}],
        "charts": {"both": {"x_range": [0.0, 1.0], "y_range": [0.0, top], "marks": [],
                            "series": [{"x": packed(ALPHAS), "y": packed(value)} for value in numbers.values()]}},
        "scrub": {"label": "α from reverse (0) to forward (1)", "unit": "α =", "values": packed(ALPHAS),
                  "laws": {"q": {"loc": packed(loc), "scale": packed(scale)}},
                  "numbers": {key: packed(value) for key, value in numbers.items()}, "seconds": 6,
                  "start": scene.nearest(ALPHAS, start)},
        "hint": "α = 0 is the reverse direction, α = 1 the forward one. Slide, and Q lets go of its mode.",
    }

