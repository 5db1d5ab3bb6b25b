"""The ride from reverse to forward through the α-divergence: every minimum at each α, the best of them as Q."""

from dataclasses import dataclass
from functools import lru_cache
from math import log

import torch
from torch import Tensor

from kl_core import kl
from kl_core.families import FAMILIES
from kl_core.fits.alpha import AlphaFit, fit_alpha

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from ...shared.values import ChosenDistribution
from .fits import fit_forward_law

NORMAL = FAMILIES["normal"]
_STEPS = 41
_NEAR = 0.6  # standard deviations of Q: minima of neighbouring α closer than this are one minimum moving


@dataclass(frozen=True)
class Ride:
    """alphas: (n,). loc, scale, divergence of each minimum as α changes: (minima, n), NaN where it does not exist.

    best: (n,), the minimum that is the lowest; of equal ones the leftmost. exchanges: the α at which another becomes it.
    """

    alphas: Tensor
    loc: Tensor
    scale: Tensor
    divergence: Tensor
    best: Tensor
    exchanges: tuple[float, ...]

    def of_best(self, table: Tensor) -> Tensor:
        return table.gather(0, self.best.unsqueeze(0)).squeeze(0)

    @property
    def is_best(self) -> Tensor:
        """Of symmetric targets two minima may be best at once."""
        return self.divergence <= self.divergence.nan_to_num(torch.inf).amin(0) + 1e-9


@lru_cache(maxsize=64)
def ride(target: ChosenDistribution) -> Ride:
    """Every α-fit of a target from α = 0 to 1, in even steps and close to where another minimum becomes the best."""
    even = torch.linspace(0, 1, _STEPS, dtype=torch.float64)
    found = dict(zip(even.tolist(), fit_alpha(target.distribution, even), strict=True))
    exchanges = []
    for low, high in zip(even.tolist(), even.tolist()[1:], strict=False):
        if not _same(_best(found[low]), _best(found[high])):
            close = _exchange(target, low, high)
            exchanges.append(sum(close) / 2)
            found |= dict(zip(close, fit_alpha(target.distribution, torch.tensor(close)), strict=True))
    alphas = sorted(found)
    tables = _linked([found[alpha] for alpha in alphas])
    places = [[_best(found[alpha]).loc for alpha in alphas]]
    best = (tables["loc"] == torch.tensor(places, dtype=torch.float64)).long().argmax(0)
    return Ride(torch.tensor(alphas, dtype=torch.float64), **tables, best=best, exchanges=tuple(exchanges))


def _exchange(target: ChosenDistribution, low: float, high: float) -> list[float]:
    """Two α close on either side of the place between low and high where another minimum becomes the best."""
    for _ in range(2):
        alphas = torch.linspace(low, high, 17, dtype=torch.float64)
        best = [_best(fits) for fits in fit_alpha(target.distribution, alphas)]
        change = next((i for i in range(16) if not _same(best[i], best[i + 1])), 15)
        low, high = alphas[change].item(), alphas[change + 1].item()
    return [low, high]


def _best(fits: tuple[AlphaFit, ...]) -> AlphaFit:
    """The lowest; of minima equal but for rounding the leftmost."""
    return min((fit for fit in fits if fit.divergence <= fits[0].divergence + 1e-9), key=lambda fit: float(fit.loc))


def _distance(one: AlphaFit, other: AlphaFit) -> float:
    wide = max(float(one.scale), float(other.scale))
    return abs(float(one.loc - other.loc)) / wide + abs(log(float(one.scale) / float(other.scale)))


def _same(one: AlphaFit, other: AlphaFit) -> bool:
    return _distance(one, other) < _NEAR


def _linked(found: list[tuple[AlphaFit, ...]]) -> dict[str, Tensor]:
    """Each minimum followed from α to α: the nearest of the next α's, if that is near enough."""
    followed: list[dict[int, AlphaFit]] = []
    for k, fits in enumerate(found):
        left = list(fits)
        for one in followed:
            last = one.get(k - 1)
            nearest = min(left, key=lambda fit: _distance(last, fit), default=None) if last else None
            if nearest and _same(last, nearest):
                one[k] = nearest
                left.remove(nearest)
        followed += [{k: fit} for fit in left]
    return {
        name: torch.tensor(
            [[float(getattr(one[k], name)) if k in one else torch.nan for k in range(len(found))] for one in followed], dtype=torch.float64
        )
        for name in ("loc", "scale", "divergence")
    }


def alpha_scene(target: ChosenDistribution, unit: Unit, start: float) -> dict:
    """Q from the best reverse fit (α = 0) to the forward fit (α = 1); other minima faint, their means charted against α."""
    found = ride(target)
    loc, scale = found.of_best(found.loc).round(decimals=9), found.of_best(found.scale)  # no 1e-17 for 0
    q = NORMAL.distribution(loc=loc, scale=scale)
    numbers = {"kl_pq": kl(target.distribution, q), "kl_qp": kl(q, target.distribution)}
    laws = {
        "p": scene.curve("P", "p", target.family, target.values),
        "q": scene.curve("Q", "q", NORMAL, {"loc": float(loc[0]), "scale": float(scale[0])}, movable=False),
    }
    tracks = {"q": {"loc": packed(loc), "scale": packed(scale)}}
    for name, style, here in _others(found):
        laws[name] = scene.curve("", style, NORMAL, {"loc": 0.0, "scale": 1.0}, movable=False, filled=False)
        row = int(name.split("_")[1])
        tracks[name] = {"loc": packed(torch.where(here, found.loc[row], torch.nan)), "scale": packed(found.scale[row])}
    drawn = [name for name in laws if name not in ("p", "q")]
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "dense",
        "export": "alpha",
        "view": scene.continuous_view([target.distribution, fit_forward_law(target)]),
        "curves": laws,
        "numbers": {key: scene.number("kl", pair, 0.0, status="exact") for key, pair in (("kl_pq", ("p", "q")), ("kl_qp", ("q", "p")))}
        | {"d_alpha": scene.number("", (), 0.0, status="exact")},
        "panels": [
            {"kind": "curves", "curves": ["p", *drawn, "q"], "label": "Target P, the Q of least α-divergence, other minima faint"},
            {"kind": "integrand", "p": "p", "q": "q", "quantity": "kl_pq", "title": "KL(P‖Q)", "note": "averaged under P"},
            {"kind": "integrand", "p": "q", "q": "p", "quantity": "kl_qp", "title": "KL(Q‖P)", "note": "averaged under Q"},
            *_chart_panels(found, unit),
        ],
        "charts": _charts(found, numbers, unit),
        "readouts": [{"quantity": "d_alpha", "title": "D_α(P‖Q) of the best Q", "note": "(1 − ∫ pᵅ q¹⁻ᵅ dx) / (α(1 − α))"}],
        "scrub": {
            "label": "α from reverse (0) to forward (1)",
            "unit": "α =",
            "values": packed(found.alphas),
            "curves": tracks,
            "numbers": {key: packed(value) for key, value in numbers.items()} | {"d_alpha": packed(found.of_best(found.divergence))},
            "seconds": 6,
            "start": scene.nearest(found.alphas, start),
        },
        "hint": "α = 0 is KL(Q‖P), the reverse direction; α = 1 is KL(P‖Q), the forward one. Dashed: the best Q for this α; "
        "dotted: other minima. Drag P’s modes.",
    }


def _others(found: Ride) -> list[tuple[str, str, Tensor]]:
    """Name, style and where they exist, of the minima that are not Q: as good as it, or only local."""
    is_best, rows = found.is_best, torch.arange(len(found.loc)).unsqueeze(-1)
    twin, local = is_best & (rows != found.best), ~is_best & found.loc.isfinite()
    return [
        (f"{kind}_{row}", style, where[row])
        for kind, style, where in (("twin", "q", twin), ("local", "faint", local))
        for row in range(len(found.loc))
        if where[row].any()
    ]


def _chart_panels(found: Ride, unit: Unit) -> list[dict]:
    minima = [{"style": style, "label": ""} for _ in found.loc for style in ("q solid", "faint")]
    return [
        {
            "kind": "chart",
            "half": True,
            "name": "minima",
            "title": "Mean of every minimum against α",
            "series": minima,
            "label": "Means of the minima of the α-divergence against α: orange the best, dotted the others",
        },
        {
            "kind": "chart",
            "half": True,
            "name": "both",
            "title": f"Both directions of KL at the best Q, {unit.name}",
            "label": "Both directions of KL against α",
            "series": [{"style": "p", "label": "KL(P‖Q)"}, {"style": "q", "label": "KL(Q‖P)"}],
        },
    ]


def _charts(found: Ride, numbers: dict[str, Tensor], unit: Unit) -> dict:
    is_best = found.is_best
    lines = [torch.where(chosen, row, torch.nan) for row, best in zip(found.loc, is_best, strict=True) for chosen in (best, ~best)]
    seen = found.loc[found.loc.isfinite()]
    low, high = float(seen.min()), float(seen.max())
    room = 0.25 * (high - low) + 0.5
    marks = [{"x": one, "label": f"α = {one:.3f}: another is best"} for one in found.exchanges]
    kls = [_broken(found, value * unit.per_nat) for value in numbers.values()]
    top = max(float(one[one.isfinite()].max()) for _, one in kls) * 1.15
    return {
        "minima": {
            "x_range": [0.0, 1.0],
            "y_range": [low - room, high + room],
            "marks": marks,
            "series": [{"x": packed(found.alphas), "y": packed(line)} for line in lines],
        },
        "both": {
            "x_range": [0.0, 1.0],
            "y_range": [0.0, top],
            "marks": [],
            "series": [{"x": packed(x), "y": packed(value)} for x, value in kls],
        },
    }


def _broken(found: Ride, values: Tensor) -> tuple[Tensor, Tensor]:
    """Both axes of a line that breaks where Q changes from one minimum to another."""
    x, y = [], []
    for k, (alpha, value) in enumerate(zip(found.alphas.tolist(), values.tolist(), strict=True)):
        if k and found.best[k] != found.best[k - 1]:
            x, y = [*x, alpha], [*y, torch.nan]
        x, y = [*x, alpha], [*y, value]
    return torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
