"""The fits of a target in both directions and the descents to them, kept for as long as they are asked for."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from kl_core.families import FAMILIES
from kl_core.fits.descent import DescentPath, descend
from kl_core.fits.fitting import Fit, fit_forward, fit_reverse

from ...shared.values import ChosenDistribution, Values

NORMAL = FAMILIES["normal"]
SIDES = ("forward", "reverse")


@dataclass(frozen=True)
class Descent:
    """How Q moves: from where, by which rule, how fast and how far."""

    start: Values
    optimiser: str
    learning_rate: float
    steps: int

    def __hash__(self) -> int:
        return hash((tuple(self.start.items()), self.optimiser, self.learning_rate, self.steps))


@lru_cache(maxsize=256)
def fits_of(target: ChosenDistribution) -> dict[str, tuple[Fit, ...]]:
    """The fits of each direction, the best first."""
    return {"forward": (fit_forward(target.distribution),), "reverse": tuple(fit_reverse(target.distribution))}


@lru_cache(maxsize=256)
def descents(target: ChosenDistribution, descent: Descent) -> dict[str, DescentPath]:
    """Both directions' paths from the same start."""
    start = (descent.start["loc"], descent.start["scale"])
    return {side: descend(target.distribution, side, start, descent.optimiser, descent.steps, descent.learning_rate) for side in SIDES}


def is_best(fit: Fit, fits: tuple[Fit, ...]) -> bool:
    """Symmetric targets have two minima of the same depth: both are best."""
    return float(fit.kl) <= float(fits[0].kl) * (1 + 1e-9) + 1e-12


def forward_fit_of(target: ChosenDistribution) -> torch.distributions.Distribution:
    fit = fits_of(target)["forward"][0]
    return NORMAL.distribution(loc=float(fit.loc), scale=float(fit.scale))
