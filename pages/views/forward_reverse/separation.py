"""The separation at which reverse KL begins to pick a mode: ½N(±m, 1) with every minimum against m."""

from functools import lru_cache

import torch
from torch import Tensor

from kl_core.families import FAMILIES
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.fitting import fit_reverse
from kl_core.fits.thresholds import exchange_separation, fold_separation

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit

NORMAL, MIXTURE = FAMILIES["normal"], FAMILIES["gaussian_mixture"]
TEXTBOOK = 2.0  # drawn in many books with Q at a mode, where it has no minimum
PLACES = ("left", "centre", "right")


@lru_cache(maxsize=1)
def _thresholds() -> tuple[float, float]:
    return fold_separation(), exchange_separation()


@lru_cache(maxsize=1)
def separations() -> Tensor:
    """Where all is computed: m in even steps, and close to the thresholds, so that branches begin and change where they do."""
    fold, exchange = _thresholds()
    close = torch.tensor([fold + 1e-6, exchange - 1e-6, exchange + 1e-6], dtype=torch.float64)
    return torch.cat([torch.linspace(0.5, 4.5, 81, dtype=torch.float64), close]).sort().values


@lru_cache(maxsize=1)
def minima() -> dict[str, Tensor]:
    """loc, scale, kl of each reverse minimum against the separation, (3, separations), NaN where there is none."""
    places = separations()
    count = len(places)
    ones = torch.ones(count, 2, dtype=torch.float64)
    targets = gaussian_mixture(ones / 2, torch.stack([-places, places], -1), ones)
    tables = {name: torch.full((3, count), torch.nan, dtype=torch.float64) for name in ("loc", "scale", "kl")}
    for column, fits in enumerate(fit_reverse(targets)):
        for fit in fits:
            row = 1 + int(torch.sign(fit.loc) * (fit.loc.abs() > 1e-4))
            for name, table in tables.items():
                table[row, column] = getattr(fit, name)
    return tables


def separation_scene(unit: Unit, start: float) -> dict:
    """½N(±m, 1) against m: the target, every reverse minimum, and the bifurcation diagram."""
    tables, places = minima(), separations()
    best = tables["kl"].nan_to_num(torch.inf).amin(0)
    curves, tracks = _curves(tables, places, best)
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-8.0, 8.0],
        "curves": curves,
        "export": "separation",
        "size": "branching",
        "numbers": {"kl_reverse_best": scene.number("kl", ("p", "p"), 0.0, status="the best reverse fit, exact")},
        "panels": _panels(list(curves)),
        "charts": {"minima": _bifurcation(tables, best)},
        "readouts": [{"quantity": "kl_reverse_best", "title": "KL(Q‖P) of the best Q", "note": "averaged under Q"}],
        "scrub": {
            "label": "Separation m",
            "unit": "m =",
            "values": packed(places),
            "curves": tracks,
            "numbers": {"kl_reverse_best": packed(best)},
            "seconds": 8,
            "start": scene.nearest(places, start),
        },
        "hint": "The hills of P stand at −m and m, each with standard deviation 1. Dashed: the best Q. Dotted: other minima.",
    }


def _curves(tables: dict[str, Tensor], places: Tensor, best: Tensor) -> tuple[dict, dict]:
    """The target and every reverse fit as curves, and the values that each takes against m."""
    value = float(places[0])
    target = {"weights": (0.5, 0.5), "locs": (-value, value), "scales": (1.0, 1.0)}
    curves = {"p": scene.curve("P", "p", MIXTURE, target, movable=False)}
    tracks = {"p": {"locs.0": packed(-places), "locs.1": packed(places)}}
    for row, place in enumerate(PLACES):
        is_best = tables["kl"][row] <= best + 1e-9
        for kind, label, style, chosen in (("best", "Q", "q", is_best), ("local", "", "faint", tables["kl"][row] > best + 1e-9)):
            name = f"{place}_{kind}"
            curves[name] = scene.curve(label, style, NORMAL, {"loc": 0.0, "scale": 1.0}, movable=False, filled=False)
            tracks[name] = {key: packed(torch.where(chosen, tables[key][row], torch.nan)) for key in ("loc", "scale")}
    return curves, tracks


def _panels(curves: list[str]) -> list[dict]:
    return [
        {"kind": "curves", "curves": curves, "label": "Target P and every reverse fit Q: the best dashed, others faint"},
        {
            "kind": "chart",
            "name": "minima",
            "label": "Means of the reverse minima against the separation m",
            "title": "Mean of Q at each minimum of KL(Q‖P), against m",
            "series": [{"style": style, "label": label} for style, label in _branches()],
        },
    ]


def _branches() -> list[tuple[str, str]]:
    return [
        (style, label if kind == "best" else "")
        for label in ("left mode", "between", "right mode")
        for kind, style in (("best", "q solid"), ("local", "faint"))
    ]


def _bifurcation(tables: dict[str, Tensor], best: Tensor) -> dict:
    places, (fold, exchange) = separations(), _thresholds()
    series = []
    for row in range(3):
        is_best = tables["kl"][row] <= best + 1e-9
        for chosen in (is_best, ~is_best):
            series.append({"x": packed(places), "y": packed(torch.where(chosen, tables["loc"][row], torch.nan))})
    return {
        "x_range": [float(places[0]), float(places[-1])],
        "y_range": [-5.2, 8.0],
        "series": series,
        "marks_on_top": True,
        "marks": [
            {"x": TEXTBOOK, "label": f"{TEXTBOOK:g}: one minimum"},
            {"x": fold, "label": f"{fold:.3f}: three minima"},
            {"x": exchange, "label": f"{exchange:.3f}: a mode is best"},
        ],
    }
