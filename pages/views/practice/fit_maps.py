"""The landscapes of both directions of KL over Q's mean and log standard deviation."""

from functools import lru_cache
from math import ceil, exp, log

import torch
from torch import Tensor

from kl_core.fits.basins import basins
from kl_core.fits.fitting import Fit
from kl_core.fits.landscape import landscape

from ...shared.live.tables import packed
from ...shared.values import ChosenDistribution, Values
from .fits import SIDES, fits_of, is_best

MAP_SIZE = (64, 48)
BASIN_SIZE = (40, 30)
MAP_PANELS = tuple(
    {
        "kind": "map",
        "quantity": f"kl_{side}",
        "curve": f"q_{side}",
        "movable": True,
        "title": f"Landscape, {side}",
        "note": note,
        "label": f"Landscape of the {side} KL over Q's mean and standard deviation, with the path of the descent",
    }
    for side, note in (
        ("forward", "KL(P‖Q) of every Q: μ across, σ up. × its minimum, ○ the start: drag or tap it."),
        ("reverse", "KL(Q‖P). × minima, bold the best; dashed: basins of the natural gradient."),
    )
)


def maps(target: ChosenDistribution, start: Values) -> dict:
    """Both landscapes, wide enough for every minimum and the start."""
    return _maps_over(target, *_window(fits_of(target), start))


def _window(fits: dict[str, tuple[Fit, ...]], start: Values) -> tuple[tuple[float, float], tuple[float, float]]:
    """The stretch of means and of log standard deviations that a landscape shows: every minimum, and the start.

    Widened in coarse steps only, so that a start inside it leaves the landscape as it is.
    """
    everything = [fit for side in SIDES for fit in fits[side]]
    locs = [float(fit.loc) for fit in everything]
    sizes = [log(float(fit.scale)) for fit in everything]
    reach = max(max(locs) - min(locs), 2 * exp(max(sizes)))
    return (
        _reaching(min(locs) - 0.35 * reach, max(locs) + 0.35 * reach, start["loc"]),
        _reaching(min(sizes) - 0.9, max(sizes) + 0.7, log(start["scale"])),
    )


def _reaching(low: float, high: float, place: float) -> tuple[float, float]:
    step = (high - low) / 4
    below, above = (ceil(max(gap, 0) / step) * step for gap in (low - place + step / 4, place + step / 4 - high))
    return low - below, high + above


@lru_cache(maxsize=128)
def _maps_over(target: ChosenDistribution, loc_range: tuple[float, float], scale_range: tuple[float, float]) -> dict:
    """Both landscapes over the same window, with their minima and the reverse one's basins of attraction."""
    fits, landscapes = fits_of(target), {}
    for side in SIDES:
        values = landscape(target.distribution, side, _line(loc_range, MAP_SIZE[0]), _line(scale_range, MAP_SIZE[1]))
        landscapes[f"kl_{side}"] = {
            "loc": loc_range,
            "log_scale": scale_range,
            "size": MAP_SIZE,
            "values": packed(values.T, torch.float32),
            "minima": [{"loc": float(fit.loc), "scale": float(fit.scale), "best": is_best(fit, fits[side])} for fit in fits[side]],
        }
    if len(fits["reverse"]) > 1:
        reached = basins(target.distribution, _line(loc_range, BASIN_SIZE[0]), _line(scale_range, BASIN_SIZE[1]))
        landscapes["kl_reverse"] |= {"basins": packed(reached.T, torch.float32), "basin_size": BASIN_SIZE}
    return landscapes


def _line(ends: tuple[float, float], points: int) -> Tensor:
    return torch.linspace(*ends, points, dtype=torch.float64)
