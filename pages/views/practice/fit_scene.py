"""The picture of fitting one Gaussian Q to a target P: both directions side by side."""

import torch
from torch import Tensor

from kl_core.families import FAMILIES
from kl_core.fits.descent import DescentPath
from kl_core.fits.fitting import Fit

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, number, short
from ...shared.values import ChosenDistribution, Values
from .fit_maps import MAP_PANELS, maps
from .fits import SIDES, Descent, descents, fits_of, forward_fit_of, is_best

NORMAL = FAMILIES["normal"]
MOST_MINIMA = 10  # places for them; random targets of four components have shown six at most

PANELS = (
    {
        "kind": "curves",
        "half": True,
        "title": "Forward: minimise KL(P‖Q)",
        "caption": "forward",
        "curves": ["p", "guess_forward", "fit_forward", "q_forward"],
        "label": "Target P, model Q, and the forward fit",
    },
    {
        "kind": "curves",
        "half": True,
        "title": "Reverse: minimise KL(Q‖P)",
        "caption": "reverse",
        "quiet": ["p"],
        "curves": ["p", "guess_reverse", *(f"fit_reverse_{i}" for i in range(MOST_MINIMA)), "q_reverse"],
        "label": "Target P, model Q, and every reverse fit",
    },
    {
        "kind": "integrand",
        "p": "p",
        "q": "q_forward",
        "quantity": "kl_forward",
        "title": "KL(P‖Q)",
        "note": "averaged over P: without bound where p > 0 and q ≈ 0",
    },
    {
        "kind": "integrand",
        "p": "q_reverse",
        "q": "p",
        "quantity": "kl_reverse",
        "title": "KL(Q‖P)",
        "note": "averaged over Q: without bound where q > 0 and p ≈ 0",
    },
)


def fit_scene(
    target: ChosenDistribution, descent: Descent, unit: Unit, *, partial: bool, step: float = 0, guesses: dict[str, Values] | None = None
) -> dict:
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
    told["curves"] |= _fit_curves(fits) | _guess_curves(guesses)
    if not partial:
        paths = descents(target, descent)
        told["scrub"] = _scrub(paths) | {"start": min(max(step, 0), descent.steps)}
        told["maps"] = maps(target, descent.start)
        for side in SIDES:
            told["numbers"][f"kl_{side}"]["status"] = _status(paths[side])
        told["captions"] = {side: told["captions"][side] + _divergence(paths[side]) for side in SIDES}
    else:
        told["scrub"], told["maps"] = {"label": _SCRUB_LABEL}, {}
    told["panels"] = [*PANELS, *MAP_PANELS]
    return told


def _base_scene(target: ChosenDistribution, start: Values, unit: Unit) -> dict:
    curves = {"p": scene.curve("P", "p", target.family, target.values)}
    curves |= {f"q_{side}": scene.curve("Q", "q", NORMAL, start) for side in SIDES}
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": scene.continuous_view([target.distribution, forward_fit_of(target)]),
        "top_of": "p",
        "size": "dense",
        "curves": curves,
        "live": ["p"],
        "numbers": {
            "kl_forward": scene.number("kl", ("p", "q_forward"), 0.0, status="exact, on the path of the descent"),
            "kl_reverse": scene.number("kl", ("q_reverse", "p"), 0.0, status="exact, on the path of the descent"),
        },
        "hint": "Drag P's modes, or Q: the start of both descents. Dotted: where each direction is least.",
    }


def _fit_curves(fits: dict[str, tuple[Fit, ...]]) -> dict[str, dict]:
    """The optimum dotted, every other local minimum faint; places without a minimum stay hidden."""
    places = {"fit_forward": (fits["forward"][:1], True)}
    for i in range(MOST_MINIMA):
        minimum = fits["reverse"][i : i + 1]
        best = bool(minimum) and is_best(minimum[0], fits["reverse"])
        places[f"fit_reverse_{i}"] = (minimum, best)
    return {name: _fit_curve(minimum, best) for name, (minimum, best) in places.items()}


def _fit_curve(minimum: tuple[Fit, ...], best: bool) -> dict:
    """minimum: empty where there is none."""
    values = {"loc": float(minimum[0].loc), "scale": float(minimum[0].scale)} if minimum else {"loc": 0.0, "scale": 1.0}
    return scene.curve("best" if best else "", "fit" if best else "faint", NORMAL, values, movable=False, filled=False, hidden=not minimum)


def _guess_curves(guesses: dict[str, Values] | None) -> dict[str, dict]:
    start = {"loc": 0.0, "scale": 1.0}
    return {
        f"guess_{side}": scene.curve(
            "your guess", "faint", NORMAL, guesses[f"q_{side}"] if guesses else start, movable=False, filled=False, hidden=not guesses
        )
        for side in SIDES
    }


def _caption(side: str, fits: tuple[Fit, ...], unit: Unit) -> str:
    def place(fit: Fit) -> str:
        return f"μ {short(round(float(fit.loc), 3))}, σ {short(round(float(fit.scale), 3))}"

    if not fits:
        return "No minimum was found for this target."
    count = "" if side == "forward" else "One minimum: " if len(fits) == 1 else f"{len(fits)} minima, "
    best = " and ".join(place(one) for one in fits if is_best(one, fits))
    return f"{count}best {number(float(fits[0].kl) * unit.per_nat)} {unit.name} at {best}"


def _divergence(path: DescentPath) -> str:
    return "" if path.diverged_at is None else f" — the descent diverges at step {int(path.diverged_at)}: the learning rate is too large"


def _status(path: DescentPath) -> str:
    if path.diverged_at is None:
        return "exact, on the path of the descent"
    return f"exact, up to step {path.diverged_at - 1}; the descent diverges at the next"


_SCRUB_LABEL = "Step of both descents"


def _scrub(paths: dict) -> dict:
    """Both descents in step, to scrub and play; where one has diverged it stands still."""
    tracks, numbers = {}, {}
    for side, path in paths.items():
        loc, scale, kl = (_held(values) for values in (path.loc, path.scale, path.kl))
        tracks[f"q_{side}"] = {"loc": packed(loc), "scale": packed(scale)}
        numbers[f"kl_{side}"] = packed(kl)
    steps = len(paths["forward"].loc)
    return {
        "label": _SCRUB_LABEL,
        "unit": "step",
        "values": packed(torch.arange(steps, dtype=torch.float64)),
        "curves": tracks,
        "numbers": numbers,
        "seconds": 6,
    }


def _held(values: Tensor) -> Tensor:
    """The last finite value in place of what comes after a divergence."""
    finite = values.isfinite()
    last = int(finite.long().cumprod(0).sum()) - 1
    return torch.where(torch.arange(len(values)) <= last, values, values[max(last, 0)])
