"""The playground's sentence: what to do, and then what happened, from the fits themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.fits.terrain import Balls

from ...shared.style import UNITS, Unit, number
from .canvas_state import STEPS, CanvasState, Hills

NAMES = {
    "forward": "Forward KL",
    "reverse": "Reverse KL",
    "hellinger": "The divergence at α = ½",
    "jensen-shannon": "Jensen–Shannon",
}
_SOME = 0.02  # of Q's mass: a bell below it covers nothing
_PART = 0.08  # of P's mass: what one Q covers and the other leaves out
_NARROWER = 0.97  # of the other's width: a difference that can be seen
_FITS = 0.05  # nats: below it two bells show P


@dataclass(frozen=True)
class Landing:
    """Where one run ended: Q's bells as (weight, loc, scale) rows, the divergence, and what the run itself says.

    moving: Q had not come to rest after the last step. covered: how much of P lies where the middle 95 % of Q do.
    """

    divergence: str
    bells: Tensor
    value: float
    stopped_at: int | None = None
    because: str | None = None
    moving: bool = False
    covered: float = 1.0

    @property
    def mean(self) -> float:
        return float((self.bells[:, 0] * self.bells[:, 1]).sum())

    @property
    def rests(self) -> bool:
        return self.because is None and self.stopped_at is None and not self.moving


def name_of(divergence: str) -> str:
    return NAMES.get(divergence, f"The divergence at α = {divergence.removeprefix('alpha ')}")


def before(state: CanvasState) -> str:
    """What to do, before anything has run."""
    hills = len(state.target.locs) if isinstance(state.target, Hills) else 0
    if hills > 1 and state.family == "two-gaussians":
        return "Now Q has two hills as well. Press Run: do the directions still differ?"
    if hills > 1:
        return f"P has {count_in_words(hills)} hills, Q only one. Drag Q to where you think it lands, then press Run."
    return "Drag Q to where you think it lands, then press Run."


def during(balls: bool = False) -> str:
    return "25 Qs fall, each from its own start: which valley catches it?" if balls else "Q slides downhill, step by step."


def note(state: CanvasState) -> str:
    """What must be known of a target before its numbers are read; mostly nothing."""
    return "A drawn P is nowhere quite 0: it keeps a ten-thousandth of its peak, so that reverse KL stays finite." if state.drawing else ""


def dropped(state: CanvasState, names: Sequence[str], balls: Sequence[Balls]) -> str:
    """What the valleys mean for a start, with how many of the balls came to rest in each, from left to right."""
    return " ".join(f"{name_of(name)} {_caught(state, some)}" for name, some in zip(names, balls))


def _caught(state: CanvasState, balls: Balls) -> str:
    lost = balls.reached.count(-1)
    rest = f" {lost} of the {len(balls.reached)} balls have not come to rest." if lost else ""
    if len(balls.minima) == 1:
        return f"has one valley: every start ends in the same Q.{rest}"
    order = sorted(range(len(balls.minima)), key=lambda k: float(balls.minima[k].coords[0]))
    counts = [
        f"{balls.reached.count(k)} {'' if place else 'end '}at {_short(float(balls.minima[k].coords[0]))}" for place, k in enumerate(order)
    ]
    which = "which hill Q takes" if state.has_hills else "where Q ends"
    head = f"has {count_in_words(len(order))} valleys: the start decides {which}."
    return f"{head} Of {len(balls.reached)} balls, {', '.join(counts[:-1])} and {counts[-1]}.{rest}"


def after(state: CanvasState, landings: list[Landing], lower: Mapping[str, float] | None = None, unit: Unit = UNITS["nats"]) -> str:
    """What happened, one clause for each divergence; one sentence where both did the same.

    lower: the divergence of the lowest minimum, for each run that rests in a higher one.
    """
    lower = lower or {}
    if len(landings) == 2 and all(landing.stopped_at is not None for landing in landings):
        return _both_diverged(*landings)
    if len(landings) == 2 and all(landing.rests for landing in landings) and not lower:
        forward, reverse = landings
        together = _together(state, forward, reverse, unit)
        if together:
            return together
    return " ".join(_sentence(state, landing) + _higher(landing, lower) for landing in landings)


def _both_diverged(forward: Landing, reverse: Landing) -> str:
    first, second = forward.stopped_at, reverse.stopped_at
    when = f"at step {first}" if first == second else f"forward KL at step {first}, reverse KL at step {second}"
    return f"Both runs diverged{' ' if first == second else ': '}{when}. The steps were too large: try a smaller learning rate."


def _together(state: CanvasState, forward: Landing, reverse: Landing, unit: Unit) -> str:
    """One sentence for both directions, where there is one; else nothing."""
    if max(forward.value, reverse.value) < 1e-3:
        return "Both directions found P itself. Where Q can match P, the direction of KL does not matter."
    if len(forward.bells) > 1 and max(forward.value, reverse.value) < _FITS:
        amounts = " and ".join(number(unit.per_nat * landing.value) for landing in (forward, reverse))
        return f"With two hills Q fits P in both directions, so the direction hardly matters ({amounts} {unit.name})."
    if torch.allclose(forward.bells, reverse.bells, atol=0.05):
        return f"Both directions put Q in the same place: it {_where(state, forward)}."
    if len(forward.bells) > 1:
        return ""
    if not state.has_hills:
        return _of_a_shape(forward, reverse)
    wide, narrow = float(forward.bells[0, 2]), float(reverse.bells[0, 2])
    if all(_covers_all(state, landing) for landing in (forward, reverse)) and narrow < wide:
        return (
            f"Both directions cover {_every(state)}. Reverse KL does not pick a mode here: "
            f"its Q is only narrower, by {100 * (1 - narrow / wide):.0f} %."
        )
    return ""


def _of_a_shape(forward: Landing, reverse: Landing) -> str:
    """Where P has no hills that could be named: what of it each Q covers."""
    wide, narrow = float(forward.bells[0, 2]), float(reverse.bells[0, 2])
    if forward.covered - reverse.covered > _PART:
        return (
            f"Forward KL spread Q over {_per_cent(forward.covered)} of P. Reverse KL put Q where P is high, "
            f"around {_short(reverse.mean)}: it ignores {_per_cent(1 - reverse.covered)} of P."
        )
    if narrow < _NARROWER * wide:
        return (
            f"Forward KL widened Q to reach all of P. Reverse KL keeps Q away from where P is thin: "
            f"its Q is {100 * (1 - narrow / wide):.0f} % narrower."
        )
    return "Both directions put Q in nearly the same place: P has the shape that Q can take."


def _higher(landing: Landing, lower: Mapping[str, float]) -> str:
    return " It rests in a valley that is not the lowest." if landing.divergence in lower else ""


def _covers_all(state: CanvasState, landing: Landing) -> bool:
    hills = state.hills
    return hills is not None and len(_covered(hills, landing)) == len(hills.locs)


def _where(state: CanvasState, landing: Landing) -> str:
    return f"covers {_every(state)}" if _covers_all(state, landing) else f"lands {_at(landing)}"


def _at(landing: Landing, before: str = "at mean") -> str:
    """Where Q lies: its mean, or that of each of its bells, as the mean of both may lie where Q has no mass."""
    places = sorted(float(loc) for weight, loc, _ in landing.bells if weight > _SOME)
    if len(places) < 2:
        return f"{before} {_short(places[0] if places else landing.mean)}"
    return f"with hills at {_short(places[0])} and {_short(places[1])}"


def _every(state: CanvasState) -> str:
    count = len(state.hills.locs) if state.hills else 0
    return "both hills" if count == 2 else f"all {count_in_words(count)} hills"


def _sentence(state: CanvasState, landing: Landing) -> str:
    name = name_of(landing.divergence)
    if landing.because:
        return f"{name} is ∞ for every Q here."
    if landing.stopped_at is not None:
        return f"{name} diverged at step {landing.stopped_at}: the steps were too large. Try a smaller learning rate."
    if landing.moving:
        return f"{name} has not come to rest after {STEPS} steps. Try another learning rate."
    if state.hills is None:
        if landing.covered < 1 - _PART and landing.divergence == "forward":
            return f"{name} put Q {_at(landing, 'around')}. {_per_cent(1 - landing.covered)} of P lies outside the middle 95 % of Q."
        if landing.covered < 1 - _PART:
            return f"{name} put Q where P is high, {_at(landing, 'around')}: it ignores {_per_cent(1 - landing.covered)} of P."
        return f"{name} spread Q over {_per_cent(landing.covered)} of P, {_at(landing, 'around')}."
    return f"{name} {_hills_taken(state, state.hills, landing)}"


def _covered(target: Hills, landing: Landing) -> list[int]:
    """The hills whose mean lies within two widths of one of Q's bells."""
    bells = [(float(loc), float(scale)) for weight, loc, scale in landing.bells if weight > _SOME]
    return [hill for hill, place in enumerate(target.locs) if any(abs(place - loc) <= 2 * scale for loc, scale in bells)]


def _hills_taken(state: CanvasState, target: Hills, landing: Landing) -> str:
    order = sorted(range(len(target.locs)), key=lambda hill: target.locs[hill])
    covered = _covered(target, landing)
    missed = sum(target.weights[hill] for hill in order if hill not in covered)
    if not covered:
        return f"put Q between the hills, {_at(landing)}."
    if len(covered) == len(order):
        return f"covered {_every(state)}."
    if landing.divergence == "forward":
        return _out_of_reach(state, target, landing, [hill for hill in order if hill not in covered])
    if len(covered) > 1:
        return f"covered {count_in_words(len(covered))} of the {count_in_words(len(order))} hills and ignores {_share(missed)} of P."
    place = _place(order.index(covered[0]), len(order))
    return f"took the {place} hill: it ignores {_share(missed)} of P{_cost(landing, missed)}."


def _out_of_reach(state: CanvasState, target: Hills, landing: Landing, missed: list[int]) -> str:
    """Forward KL ignores no part of P: why a hill is in Q's tail all the same, and how much of P it is."""
    order = sorted(range(len(target.locs)), key=lambda hill: target.locs[hill])
    share = _share(sum(target.weights[hill] for hill in missed))
    which = f"the {_place(order.index(missed[0]), len(order))} hill" if len(missed) == 1 else f"{count_in_words(len(missed))} hills"
    if state.family == "fixed-width":
        return f"put Q at P’s mean, {_short(landing.mean)}: Q cannot widen to reach {which}, {share} of P."
    return f"ignores no hill: it widened Q until its tail reached {which}, {share} of P."


def _cost(landing: Landing, missed: float) -> str:
    """What reverse KL pays for the hills that Q leaves out: −log of the share that it keeps, where that is about all it pays."""
    paid = torch.tensor(1 - missed).log().neg().item()
    if landing.divergence != "reverse" or abs(landing.value - paid) > 0.05:
        return ""
    return " and pays about log 2" if abs(missed - 0.5) < 0.005 else f" and pays about −log {1 - missed:.2g}"


def _place(index: int, count: int) -> str:
    if count == 2:
        return ("left-hand", "right-hand")[index]
    return ("left", "middle", "right")[index] if count == 3 else ("first", "second", "third", "fourth", "fifth")[index]


def count_in_words(number: int) -> str:
    return ("no", "one", "two", "three", "four", "five", "six")[number] if number <= 6 else str(number)


def _share(part: float) -> str:
    return "half" if abs(part - 0.5) < 0.005 else f"{100 * part:.0f} %"


def _per_cent(part: float) -> str:
    return f"{100 * part:.0f} %" if part < 0.995 else "all"


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0"
