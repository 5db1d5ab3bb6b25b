"""What a hand may change in "Diffusion": data, schedule, number of steps, a step's variance, the walk; from the link or the session."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import streamlit as st
from torch import Tensor

from kl_core.vaes.diffusion import MixtureData
from kl_core.vaes.diffusion_schedules import HIGHEST, KNOTS, LOWEST, SCHEDULES, best_schedule, drawn_schedule

from ...shared import state
from ...shared.values import finite

DATA = {
    "Two hills": MixtureData((0.5, 0.5), (-0.968, 0.968), (0.25, 0.25)),
    "Three hills": MixtureData((0.5, 0.2, 0.3), (-1.0, 0.15, 1.35), (0.22, 0.18, 0.2)),
    "One Gaussian": MixtureData((1.0,), (0.8,), (0.4,)),
}
VARIANCES = {"best": "best", "βₜ": "large", "β̃ₜ": "small"}
"""Of p(x_{t−1}|x_t), by the name on its button."""
OWN = "own"
SHAPES = ("linear", "cosine", "best", OWN)
FEWEST, MOST = 3, 32
MOST_SEED = 9999
APART = 0.04
"""Least distance in log-SNR between two levels that a hand sets."""
KEYS = {name: f"diffusion_{name}" for name in ("data", "schedule", "levels", "steps", "variance", "seed", "at")}
CHOICES = {KEYS["data"]: DATA, KEYS["schedule"]: SHAPES, KEYS["variance"]: VARIANCES}
PLACES = {KEYS["steps"]: (float(FEWEST), float(MOST)), KEYS["seed"]: (0.0, float(MOST_SEED)), KEYS["at"]: (1.0, MOST + 1.0)}


@dataclass(frozen=True)
class DiffusionState:
    """levels: ᾱ at KNOTS, of the schedule OWN. seed: of the walk and of what is generated. at: which term is looked at, 1 … steps + 1."""

    data: str = "Two hills"
    schedule: str = "linear"
    levels: tuple[float, ...] = (0.8, 0.45, 0.12, 0.005)
    steps: int = 12
    variance: str = "best"
    seed: int = 0
    at: int = 2

    @property
    def mixture(self) -> MixtureData:
        return DATA[self.data]

    @property
    def step_variance(self) -> str:
        """As kl_core calls it."""
        return VARIANCES[self.variance]

    def alpha_bar(self) -> Tensor:
        """(steps,) ᾱ_1 … ᾱ_T."""
        if self.schedule == OWN:
            return drawn_schedule(self.levels, self.steps)
        if self.schedule == "best":
            return _best(self.mixture, self.steps, self.step_variance)
        return SCHEDULES[self.schedule](self.steps)

    def shown_levels(self) -> tuple[float, ...]:
        """ᾱ at KNOTS, where the handles are."""
        if self.schedule == OWN:
            return self.levels
        if self.schedule != "best":
            return tuple(SCHEDULES[self.schedule](len(KNOTS)).tolist())
        curve = [HIGHEST, *self.alpha_bar().tolist()]
        return tuple(_between(curve, knot * self.steps) for knot in KNOTS)


FIRST = DiffusionState()
_best = lru_cache(maxsize=len(DATA) * len(VARIANCES) * (MOST - FEWEST + 1))(best_schedule)


def _between(curve: list[float], place: float) -> float:
    low = min(int(place), len(curve) - 2)
    return curve[low] + (place - low) * (curve[low + 1] - curve[low])


def _ratio(level: float) -> float:
    return math.log(level / (1 - level))


def with_level(levels: tuple[float, ...], place: int, to: float) -> tuple[float, ...]:
    """The levels with one of them moved, no further than its neighbours."""
    bounds = [HIGHEST, *levels, 0.0]
    ratio = _ratio(min(max(to, LOWEST), HIGHEST))
    ratio = min(ratio, _ratio(bounds[place]) - APART)
    if place + 1 < len(levels):
        ratio = max(ratio, _ratio(levels[place + 1]) + APART)
    moved_to = min(max(1 / (1 + math.exp(-ratio)), LOWEST), HIGHEST)
    return tuple(moved_to if i == place else level for i, level in enumerate(levels))


def moved(before: DiffusionState, message: Mapping) -> DiffusionState:
    """The state after what the hand did: {"level": place, "to"}, or one of the fields of the state; nonsense changes nothing."""
    place = message.get("level")
    if type(place) is int and 0 <= place < len(KNOTS):
        to = finite(message.get("to"))
        return before if to is None else replace(before, schedule=OWN, levels=with_level(before.shown_levels(), place, to))
    for name, allowed in (("data", DATA), ("schedule", SHAPES), ("variance", VARIANCES)):
        chosen = message.get(name)
        if isinstance(chosen, str) and chosen in allowed:
            return _chosen(before, name, chosen)
    for name, low, high in (("steps", FEWEST, MOST), ("seed", 0, MOST_SEED), ("at", 1, before.steps + 1)):
        value = finite(message.get(name))
        if value is not None:
            return _set(before, name, int(min(max(value, low), high)))
    return before


def _chosen(before: DiffusionState, name: str, chosen: str) -> DiffusionState:
    if name == "schedule" and chosen == OWN:  # it begins as what is on screen
        levels = before.shown_levels()
        return replace(before, schedule=OWN, levels=_falling(levels))
    return _set(before, name, chosen)


def _set(before: DiffusionState, name: str, value: Any) -> DiffusionState:
    changed = replace(before, **{name: value})
    return replace(changed, at=min(changed.at, changed.steps + 1))


def _falling(levels: tuple[float, ...]) -> tuple[float, ...]:
    for place in range(len(levels)):
        levels = with_level(levels, place, levels[place])
    return levels


def diffusion_state() -> DiffusionState:
    """As it was left, or as the link says; what the link says badly gives way to the first state."""
    text = {name: str(state.session_or_link(KEYS[name]) or getattr(FIRST, name)) for name in ("data", "schedule", "variance")}
    chosen: dict[str, Any] = {name: value if value in CHOICES[KEYS[name]] else getattr(FIRST, name) for name, value in text.items()}
    number = {name: state.left_at(KEYS[name], float(getattr(FIRST, name))) for name in ("steps", "seed", "at")}
    low_high = {name: PLACES[KEYS[name]] for name in number}
    whole: dict[str, Any] = {
        name: int(value) if low_high[name][0] <= value <= low_high[name][1] else getattr(FIRST, name) for name, value in number.items()
    }
    levels = _levels(state.session_or_link(KEYS["levels"]))
    whole["at"] = min(whole["at"], whole["steps"] + 1)
    return DiffusionState(levels=levels or FIRST.levels, **chosen, **whole)


def _levels(raw: object) -> tuple[float, ...] | None:
    """The levels of a link, or None where they are none."""
    try:
        levels = tuple(float(part) for part in str(raw).split(","))
        drawn_schedule(levels, 1)
    except ValueError:
        return None
    return levels


def levels_problem() -> str | None:
    """One quiet sentence when the link's levels cannot be a schedule."""
    raw = st.query_params.get(KEYS["levels"])
    if raw is None or _levels(raw):
        return None
    return f"Part of this link cannot be shown: {KEYS['levels']} must be {len(KNOTS)} falling numbers between {LOWEST:g} and {HIGHEST:g}."


def leave_diffusion(left: DiffusionState, *, in_link: bool) -> None:
    """Remembers it for the next answer; in the link only once the hand has let go."""
    texts = {KEYS[name]: str(getattr(left, name)) for name in KEYS if name != "levels"}
    texts[KEYS["levels"]] = ",".join(f"{level:.6g}" for level in left.levels)
    st.session_state.update(texts)
    if in_link:
        state.write_link(texts)
