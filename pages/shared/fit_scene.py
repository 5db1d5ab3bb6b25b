"""The picture of fitting one Gaussian Q to a target P: both directions side by side."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, log

import torch
from torch import Tensor

from kl_core import kl
from kl_core.descent import Path, descend
from kl_core.families import FAMILIES
from kl_core.fitting import Fit, fit_forward, fit_reverse
from kl_core.landscape import basins, landscape

from .controls import Law, Values
from .live import scene
from .live.tables import packed
from .style import Unit, number, short

NORMAL = FAMILIES["normal"]
MOST_MINIMA = 10  # places for them; targets of four components have shown five
MAP_SIZE = (64, 48)
BASIN_SIZE = (40, 30)
SIDES = ("forward", "reverse")

PANELS = (
    {"kind": "laws", "half": True, "title": "Forward: minimise KL(P‖Q)", "caption": "forward",
     "laws": ["p", "guess_forward", "fit_forward", "q_forward"], "label": "Target P, model Q, and the forward fit"},
    {"kind": "laws", "half": True, "title": "Reverse: minimise KL(Q‖P)", "caption": "reverse", "quiet": ["p"],
     "laws": ["p", "guess_reverse", *(f"fit_reverse_{i}" for i in range(MOST_MINIMA)), "q_reverse"],
     "label": "Target P, model Q, and every reverse fit"},
    {"kind": "integrand", "p": "p", "q": "q_forward", "quantity": "kl_forward", "title": "KL(P‖Q)",
     "note": "under the target P: pays without bound where p > 0 and q ≈ 0"},
    {"kind": "integrand", "p": "q_reverse", "q": "p", "quantity": "kl_reverse", "title": "KL(Q‖P)",
     "note": "under the model Q: pays without bound where q > 0 and p ≈ 0"},
)
MAPS = tuple(
    {"kind": "map", "quantity": f"kl_{side}", "law": f"q_{side}", "movable": True, "note": note,
     "label": f"Landscape of the {side} KL over Q's mean and standard deviation, with the path of the descent"}
    for side, note in (("forward", "KL(P‖Q) of every Q: μ across, σ up. × its minimum, ○ the start: drag or tap it."),
                       ("reverse", "KL(Q‖P). × minima, bold the best; dashed: basins of the natural gradient."))
)


@dataclass(frozen=True)
class Descent:
    """How Q moves: from where, by which rule, how fast and how far."""

    start: Values
    optimiser: str
    learning_rate: float
    steps: int

    def __hash__(self) -> int:
        return hash((tuple(self.start.items()), self.optimiser, self.learning_rate, self.steps))


def fit_scene(target: Law, descent: Descent, unit: Unit, *, partial: bool, step: float = 0,
              guesses: dict[str, Values] | None = None) -> dict:
    """Everything about the fits, the descents standing at `step`.

    partial: only what follows a hand on the target, without paths and landscapes. guesses: where Q was expected.
    """
    fits = fits_of(target)
    told = _base_scene(target, descent.start, unit) | {
        "captions": {side: _caption(side, fits[side], unit) for side in SIDES},
        "partial": ["fit_forward", *(f"fit_reverse_{i}" for i in range(MOST_MINIMA))] if partial else None,
        "export": "forward_reverse",
        "linked": [["q_forward", "q_reverse"]],
    }
    told["laws"] |= _fit_laws(fits) | _guess_laws(guesses)
    if not partial:
        paths = descents(target, descent)
        told["scrub"] = _scrub(paths) | {"start": min(max(step, 0), descent.steps)}
        told["maps"] = _maps(target, *_window(fits, descent.start))
        for side in SIDES:
            told["numbers"][f"kl_{side}"]["status"] = _status(paths[side])
        told["captions"] = {side: told["captions"][side] + _divergence(paths[side]) for side in SIDES}
    else:
        told["scrub"], told["maps"] = {"label": _SCRUB_LABEL}, {}
    told["panels"] = [*PANELS, *MAPS]
    return told


@lru_cache(maxsize=256)
def fits_of(target: Law) -> dict[str, tuple[Fit, ...]]:
    """The fits of each direction, the best first."""
    return {"forward": (fit_forward(target.distribution),), "reverse": tuple(fit_reverse(target.distribution))}


@lru_cache(maxsize=256)
def descents(target: Law, descent: Descent) -> dict[str, Path]:
    """Both directions' paths from the same start."""
    start = (descent.start["loc"], descent.start["scale"])
    return {side: descend(target.distribution, side, start, descent.optimiser, descent.steps, descent.learning_rate)
            for side in SIDES}


def guess_scene(target: Law, guesses: dict[str, Values], unit: Unit) -> dict:
    """Before anything is shown: the target, and a Q in each picture to put where the best fit will be."""
    told = _base_scene(target, guesses["q_forward"], unit)
    told["laws"]["q_reverse"] = scene.law("Q", "q", NORMAL, guesses["q_reverse"])
    told["laws"]["p"] |= {"handles": []}  # here only Q is to be moved
    told["laws"] |= _fit_laws({"forward": (), "reverse": ()}) | _guess_laws(None)
    panels = [PANELS[0], PANELS[1], *({**one, "note": one["note"].split(":")[0]} for one in PANELS[2:4])]
    costs = guess_costs(target, guesses)
    for side in SIDES:
        told["numbers"][f"kl_{side}"] |= scene.number("kl", told["numbers"][f"kl_{side}"]["of"], costs[side][0], status="exact")
    return told | {
        "panels": panels,
        "captions": {side: "Make this number as small as you can: drag Q." for side in SIDES},
        "hint": "Below: what your guess costs, place by place. The best fits cost least.",
    }


def _base_scene(target: Law, start: Values, unit: Unit) -> dict:
    laws = {"p": scene.law("P", "p", target.family, target.values)}
    laws |= {f"q_{side}": scene.law("Q", "q", NORMAL, start) for side in SIDES}
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": scene.continuous_view([target.distribution, fit_forward_law(target)]),
        "top_of": "p",
        "size": "dense",
        "laws": laws,
        "live": ["p"],
        "numbers": {
            "kl_forward": scene.number("kl", ("p", "q_forward"), 0.0, status="exact, on the path of the descent"),
            "kl_reverse": scene.number("kl", ("q_reverse", "p"), 0.0, status="exact, on the path of the descent"),
        },
        "hint": "Drag P's modes, or Q: the start of both descents. Dotted: where each direction is least.",
    }


def fit_forward_law(target: Law) -> torch.distributions.Distribution:
    fit = fits_of(target)["forward"][0]
    return NORMAL.distribution(loc=float(fit.loc), scale=float(fit.scale))


def _fit_laws(fits: dict[str, tuple[Fit, ...]]) -> dict[str, dict]:
    """The optimum dotted, every other local minimum faint; places without a minimum stay hidden."""
    places = {"fit_forward": (fits["forward"][:1], True)}
    for i in range(MOST_MINIMA):
        found = fits["reverse"][i:i + 1]
        best = bool(found) and _is_best(found[0], fits["reverse"])
        places[f"fit_reverse_{i}"] = (found, best)
    return {name: _fit_law(found, best) for name, (found, best) in places.items()}


def _fit_law(found: tuple[Fit, ...], best: bool) -> dict:
    values = {"loc": float(found[0].loc), "scale": float(found[0].scale)} if found else {"loc": 0.0, "scale": 1.0}
    law = scene.law("best" if best else "", "fit" if best else "faint", NORMAL, values, movable=False, filled=False,
                    hidden=not found)
    return law


def _guess_laws(guesses: dict[str, Values] | None) -> dict[str, dict]:
    start = {"loc": 0.0, "scale": 1.0}
    return {f"guess_{side}": scene.law("your guess", "faint", NORMAL, guesses[f"q_{side}"] if guesses else start, movable=False, filled=False,
                                       hidden=not guesses) for side in SIDES}


def _is_best(fit: Fit, fits: tuple[Fit, ...]) -> bool:
    """Symmetric targets have two minima of the same depth: both are best."""
    return float(fit.kl) <= float(fits[0].kl) * (1 + 1e-9) + 1e-12


def _caption(side: str, fits: tuple[Fit, ...], unit: Unit) -> str:
    def place(fit: Fit) -> str:
        return f"μ {short(round(float(fit.loc), 3))}, σ {short(round(float(fit.scale), 3))}"

    if not fits:
        return "No minimum was found for this target."
    count = "" if side == "forward" else "One minimum: " if len(fits) == 1 else f"{len(fits)} minima, "
    best = " and ".join(place(one) for one in fits if _is_best(one, fits))
    return f"{count}best {number(float(fits[0].kl) * unit.per_nat)} {unit.name} at {best}"


def _divergence(path: Path) -> str:
    return "" if path.diverged_at is None else f" — the descent diverges at step {int(path.diverged_at)}: the learning rate is too large"


def _status(path: Path) -> str:
    if path.diverged_at is None:
        return "exact, on the path of the descent"
    return f"exact, up to step {path.diverged_at - 1}, where it stands still: then it diverged"


_SCRUB_LABEL = "Step of both descents"


def _scrub(paths: dict) -> dict:
    """Both descents in step, to scrub and play; where one has diverged it stands still."""
    tracks, numbers = {}, {}
    for side, path in paths.items():
        loc, scale, kl = (_held(values) for values in (path.loc, path.scale, path.kl))
        tracks[f"q_{side}"] = {"loc": packed(loc), "scale": packed(scale)}
        numbers[f"kl_{side}"] = packed(kl)
    steps = len(paths["forward"].loc)
    return {"label": _SCRUB_LABEL, "unit": "step", "values": packed(torch.arange(steps, dtype=torch.float64)), "laws": tracks, "numbers": numbers,
            "seconds": 6}


def _held(values: Tensor) -> Tensor:
    """The last finite value in place of what comes after a divergence."""
    finite = values.isfinite()
    last = int(finite.long().cumprod(0).sum()) - 1
    return torch.where(torch.arange(len(values)) <= last, values, values[max(last, 0)])


def _window(fits: dict[str, tuple[Fit, ...]], start: Values) -> tuple[tuple[float, float], tuple[float, float]]:
    """The stretch of means and of log standard deviations that a landscape shows: every minimum, and the start.

    Widened in coarse steps only, so that a start inside it leaves the landscape as it is.
    """
    everything = [fit for side in SIDES for fit in fits[side]]
    locs = [float(fit.loc) for fit in everything]
    sizes = [log(float(fit.scale)) for fit in everything]
    reach = max(max(locs) - min(locs), 2 * exp(max(sizes)))
    return (_reaching(min(locs) - 0.35 * reach, max(locs) + 0.35 * reach, start["loc"]),
            _reaching(min(sizes) - 0.9, max(sizes) + 0.7, log(start["scale"])))


def _reaching(low: float, high: float, place: float) -> tuple[float, float]:
    step = (high - low) / 4
    below, above = (ceil(max(gap, 0) / step) * step for gap in (low - place + step / 4, place + step / 4 - high))
    return low - below, high + above


@lru_cache(maxsize=128)
def _maps(target: Law, loc_range: tuple[float, float], scale_range: tuple[float, float]) -> dict:
    """Both landscapes over the same window, with their minima and the reverse one's basins of attraction."""
    fits, found = fits_of(target), {}
    for side in SIDES:
        values = landscape(target.distribution, side, _line(loc_range, MAP_SIZE[0]), _line(scale_range, MAP_SIZE[1]))
        found[f"kl_{side}"] = {
            "loc": loc_range, "log_scale": scale_range, "size": MAP_SIZE, "values": packed(values.T, torch.float32),
            "minima": [{"loc": float(fit.loc), "scale": float(fit.scale), "best": _is_best(fit, fits[side])} for fit in fits[side]],
        }
    if len(fits["reverse"]) > 1:
        reached = basins(target.distribution, _line(loc_range, BASIN_SIZE[0]), _line(scale_range, BASIN_SIZE[1]))
        found["kl_reverse"] |= {"basins": packed(reached.T, torch.float32), "basin_size": BASIN_SIZE}
    return found


def _line(ends: tuple[float, float], points: int) -> Tensor:
    return torch.linspace(*ends, points, dtype=torch.float64)


def guess_costs(target: Law, guesses: dict[str, Values]) -> dict[str, tuple[float, float]]:
    """For each direction what the guessed Q costs and what the best one costs, in nats."""
    p, fits = target.distribution, fits_of(target)
    guess = {side: NORMAL.distribution(**guesses[f"q_{side}"]) for side in SIDES}
    return {
        "forward": (float(kl(p, guess["forward"])), float(fits["forward"][0].kl)),
        "reverse": (float(kl(guess["reverse"], p)), float(fits["reverse"][0].kl)),
    }
