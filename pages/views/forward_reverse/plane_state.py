"""What a visitor has set in two dimensions: one typed state, read from the link and from the canvas's messages, checked here alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import isfinite, sqrt
from typing import Any

import torch
from torch.distributions import MixtureSameFamily, MultivariateNormal

from kl_core.fits.plane import COVARIANCES
from kl_core.fits.plane_nodes import plane_mixture
from kl_core.fits.plane_runs import PLANE_RULES
from kl_core.fits.plane_targets import PLANE_TARGETS

STEPS = 150
RULE, RATE = "natural-gradient", 0.3  # with them every preset comes to rest within STEPS
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0)
MOST_HILLS = 6
_FARTHEST, _RADII = 12.0, (0.1, 6.0)

Hill = tuple[float, float, float, float, float, float]
"""weight, mean x, mean y, Σ₁₁, Σ₁₂, Σ₂₂."""


@cache
def hills_of(name: str) -> tuple[Hill, ...]:
    """The hills of a preset."""
    target = PLANE_TARGETS[name].build()
    bells = target.component_distribution
    assert isinstance(bells, MultivariateNormal)
    rows = zip(target.mixture_distribution.probs.tolist(), bells.loc.tolist(), bells.covariance_matrix.tolist(), strict=True)
    return tuple(_rounded((weight, *loc, matrix[0][0], matrix[0][1], matrix[1][1])) for weight, loc, matrix in rows)


def _rounded(hill: tuple[float, ...]) -> Hill:
    weight, x, y, xx, xy, yy = (float(f"{value:.6g}") for value in hill)
    return weight, x, y, xx, xy, yy


@dataclass(frozen=True)
class PlaneState:
    """hills: the target. covariance: what Q's may be, of `COVARIANCES`. start: (x, y, sd), a circle.

    rule, rate: the optimiser, one of `PLANE_RULES`, and its learning rate. step: shown, 0 before Run.
    """

    hills: tuple[Hill, ...] = hills_of("murphy")
    covariance: str = "full"
    start: tuple[float, float, float] = (1.2, 0.2, 0.6)
    rule: str = RULE
    rate: float = RATE
    step: int = 0

    @property
    def preset(self) -> str | None:
        """The name of the preset that the hills are."""
        return next((name for name in PLANE_TARGETS if hills_of(name) == self.hills), None)


DEFAULT = PlaneState()


def target_of(hills: tuple[Hill, ...]) -> MixtureSameFamily:
    """The mixture as a distribution of kl_core; ValueError in one sentence."""
    rows = torch.tensor(hills, dtype=torch.float64)
    return plane_mixture(rows[:, 0], rows[:, 1:3], rows[:, [3, 4, 4, 5]].unflatten(-1, (2, 2)))


def checked_hills(raw: object) -> tuple[Hill, ...]:
    """Hills from a link or a hand; ValueError in one sentence."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_HILLS:
        raise ValueError(f"There can be 1 to {MOST_HILLS} hills.")
    hills = tuple(_checked_hill(entries) for entries in raw)
    target_of(hills)
    total = sum(hill[0] for hill in hills)
    return tuple(_rounded((hill[0] / total, *hill[1:])) for hill in hills)


def _checked_hill(entries: object) -> Hill:
    if not isinstance(entries, list) or len(entries) != 6:
        raise ValueError("A hill has six numbers: its weight, its mean x and y, and its covariances xx, xy and yy.")
    weight, x, y, xx, xy, yy = (float(entry) for entry in entries)
    if not all(isfinite(value) for value in (weight, x, y, xx, xy, yy)):
        raise ValueError("A hill's numbers must be finite.")
    if not (0 < weight <= 1e6 and max(abs(x), abs(y)) <= _FARTHEST):
        raise ValueError(f"A hill needs a weight above 0 and a mean at most {_FARTHEST:g} from 0.")
    middle, half = (xx + yy) / 2, sqrt(((xx - yy) / 2) ** 2 + xy**2)
    if not (_RADII[0] ** 2 <= middle - half and middle + half <= _RADII[1] ** 2):
        raise ValueError(f"A hill's radii must lie between {_RADII[0]:g} and {_RADII[1]:g}.")
    return weight, x, y, xx, xy, yy


def _checked_start(raw: object) -> tuple[float, float, float]:
    if not isinstance(raw, list) or len(raw) != 3:
        raise ValueError("Q begins at three numbers: x, y and its width.")
    x, y, width = (float(entry) for entry in raw)
    if not (isfinite(x) and isfinite(y) and max(abs(x), abs(y)) <= _FARTHEST and _RADII[0] <= width <= _RADII[1]):
        raise ValueError("Q must begin near the picture, with a width between 0.1 and 6.")
    return x, y, width


def _checked_name(raw: object, choices: Mapping, what: str) -> str:
    if not isinstance(raw, str) or raw not in choices:
        raise ValueError(f"{what} = {str(raw)[:20]}")
    return raw


def _checked_step(raw: object) -> int:
    step = float(str(raw))
    if not 0 <= step <= STEPS:
        raise ValueError(f"step = {str(raw)[:20]}")
    return round(step)


def _checked_rate(raw: object) -> float:
    rate = float(str(raw))
    if not (isfinite(rate) and 0 < rate <= 100):
        raise ValueError(f"rate = {str(raw)[:20]}")
    return rate


def preset_state(name: object) -> dict:
    """A preset with the covariance that it is shown with."""
    chosen = _checked_name(name, PLANE_TARGETS, "target")
    return {"hills": hills_of(chosen), "covariance": PLANE_TARGETS[chosen].covariance}


_LINK: dict[str, Callable[[Any], dict]] = {
    "plane": preset_state,
    "plane_hills": lambda raw: {"hills": checked_hills([hill.split(",") for hill in raw.split(";")])},
    "plane_q": lambda raw: {"covariance": _checked_name(raw, COVARIANCES, "covariance")},
    "plane_start": lambda raw: {"start": _checked_start(raw.split(","))},
    "plane_rule": lambda raw: {"rule": _checked_name(raw, PLANE_RULES, "optimiser")},
    "plane_rate": lambda raw: {"rate": _checked_rate(raw)},
    "plane_step": lambda raw: {"step": _checked_step(raw)},
}
LINK_KEYS = tuple(_LINK)
_MESSAGE: dict[str, Callable[[Any], dict]] = {
    "preset": preset_state,
    "hills": lambda raw: {"hills": checked_hills(raw)},
    "covariance": _LINK["plane_q"],
    "start": lambda raw: {"start": _checked_start(raw)},
    "optimiser": _LINK["plane_rule"],
    "rate": _LINK["plane_rate"],
    "step": lambda raw: {"step": _checked_step(raw)},
}


def from_link(query: Mapping[str, str]) -> tuple[PlaneState, list[str]]:
    """The state that a link asks for, and what it asks for in vain."""
    state, problems = DEFAULT, []
    for key, read in _LINK.items():
        if key in query:
            try:
                state = replace(state, **read(query[key]))
            except (ValueError, TypeError) as problem:
                problems.append(str(problem).rstrip("."))
    return state, problems


def to_link(state: PlaneState) -> dict[str, str]:
    """The state as the link has it, less what is at its default."""
    link: dict[str, str] = {}
    usual = DEFAULT.covariance
    if state.preset and state.hills != DEFAULT.hills:
        link["plane"], usual = state.preset, PLANE_TARGETS[state.preset].covariance
    elif not state.preset:
        link["plane_hills"] = ";".join(",".join(f"{value:.6g}" for value in hill) for hill in state.hills)
    if state.covariance != usual:
        link["plane_q"] = state.covariance
    if state.start != DEFAULT.start:
        link["plane_start"] = ",".join(f"{value:.6g}" for value in state.start)
    if state.rule != DEFAULT.rule:
        link["plane_rule"] = state.rule
    if state.rate != DEFAULT.rate:
        link["plane_rate"] = f"{state.rate:g}"
    if state.step:
        link["plane_step"] = str(state.step)
    return link


def moved(state: PlaneState, message: Mapping) -> PlaneState:
    """The state after what a hand did, ValueError for nonsense. A new run begins at its first step."""
    after = state
    for key in message:
        if key not in _MESSAGE:
            raise ValueError(f"A hand on the plane does no “{str(key)[:20]}”.")
    for key, read in _MESSAGE.items():
        if key in message:
            try:
                after = replace(after, **read(message[key]))
            except (TypeError, ArithmeticError):
                raise ValueError(f"“{key}” cannot be read.") from None
    begins = after != replace(state, step=after.step) and "step" not in message and "hills" not in message
    return replace(after, step=0) if begins else after
