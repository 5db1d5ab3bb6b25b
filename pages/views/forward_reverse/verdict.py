"""The playground's sentence: what to do, and then what happened, from the fits themselves."""

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

from .canvas_state import CanvasState, Hills

NAMES = {"forward": "Forward KL", "reverse": "Reverse KL", "hellinger": "The Hellinger distance", "jensen-shannon": "Jensen–Shannon"}


@dataclass(frozen=True)
class Landing:
    """Where one run ended: Q's bells as (weight, loc, scale) rows, the divergence, and what the run itself says."""

    divergence: str
    bells: Tensor
    value: float
    stopped_at: int | None = None
    because: str | None = None


def name_of(divergence: str) -> str:
    return NAMES.get(divergence, f"The α-divergence at {divergence.removeprefix('alpha ')}")


def before(state: CanvasState) -> str:
    """What to do, before anything has run."""
    hills = len(state.target.locs) if isinstance(state.target, Hills) else 0
    if hills > 1 and state.family == "two-gaussians":
        return "Now Q has two hills as well. Press Run: do the directions still differ?"
    if hills > 1:
        return f"P has {count_in_words(hills)} hills, Q only one. Drag Q to where you think it lands, then press Run."
    return "Drag Q to where you think it lands, then press Run."


def during() -> str:
    return "Q slides downhill, step by step."


def after(state: CanvasState, landings: list[Landing]) -> str:
    """What happened, one clause for each divergence; one sentence where both did the same."""
    sentences = [_sentence(state, landing) for landing in landings]
    if len(landings) < 2 or not _finite(landings):
        return " ".join(sentences)
    if _agree(*landings):
        return f"Both directions put the same Q: it {_covered_words(state, landings[0])}."
    both_cover = all(_covers_all(state, landing) for landing in landings)
    if both_cover and state.family != "two-gaussians":
        return f"Both directions cover {_every(state)}. Reverse KL does not pick a mode here: it is only a little narrower."
    return " ".join(sentences)


def _finite(landings: list[Landing]) -> bool:
    return all(landing.because is None and landing.stopped_at is None for landing in landings)


def _covers_all(state: CanvasState, landing: Landing) -> bool:
    return isinstance(state.target, Hills) and len(state.target.locs) > 1 and len(_covered(state.target, landing)) == len(state.target.locs)


def _covered_words(state: CanvasState, landing: Landing) -> str:
    return f"covers {_every(state)}" if _covers_all(state, landing) else f"lands at mean {_short(_mean(landing.bells))}"


def _every(state: CanvasState) -> str:
    count = len(state.target.locs)
    return "both hills" if count == 2 else f"all {count_in_words(count)} hills"


def _agree(first: Landing, second: Landing) -> bool:
    return bool(torch.allclose(first.bells, second.bells, atol=0.05))


def _sentence(state: CanvasState, landing: Landing) -> str:
    name = name_of(landing.divergence)
    if landing.because:
        return landing.because
    if landing.stopped_at is not None:
        return (
            f"{name} diverged: the steps were too large, and Q left the picture at step {landing.stopped_at}. Try a smaller learning rate."
        )
    if not isinstance(state.target, Hills) or len(state.target.locs) == 1:
        return f"{name} put Q at mean {_short(_mean(landing.bells))}."
    return f"{name} {_hills_taken(state.target, landing)}"


def _covered(target: Hills, landing: Landing) -> list[int]:
    """The hills whose mean lies within two standard deviations of one of Q's bells."""
    reaches = lambda hill: any(abs(target.locs[hill] - float(loc)) <= 2 * float(scale) for _, loc, scale in landing.bells)
    return [hill for hill in range(len(target.locs)) if reaches(hill)]


def _hills_taken(target: Hills, landing: Landing) -> str:
    order = sorted(range(len(target.locs)), key=lambda hill: target.locs[hill])
    covered = _covered(target, landing)
    missed = sum(target.weights[hill] for hill in order if hill not in covered)
    if not covered:
        return f"put Q between the hills, at mean {_short(_mean(landing.bells))}."
    if len(covered) == len(order):
        every = "both hills" if len(order) == 2 else f"all {count_in_words(len(order))} hills"
        return f"covered {every}."
    if len(covered) > 1:
        return f"covered {count_in_words(len(covered))} of the {count_in_words(len(order))} hills and ignores {_share(missed)} of P."
    place = _place(order.index(covered[0]), len(order))
    cost = f" and pays about −log {1 - missed:.2g} = {-log(1 - missed):.2g} nats" if abs(landing.value + log(1 - missed)) < 0.05 else ""
    cost = " and pays about log 2" if cost and abs(missed - 0.5) < 0.005 else cost
    return f"took the {place} one: it ignores {_share(missed)} of P{cost}."


def _mean(bells: Tensor) -> float:
    return float((bells[:, 0] * bells[:, 1]).sum())


def _place(index: int, count: int) -> str:
    if count == 2:
        return ("left", "right")[index]
    return ("left", "middle", "right")[index] if count == 3 else f"{count_in_words(index + 1)}th"


def count_in_words(number: int) -> str:
    return ("no", "one", "two", "three", "four", "five", "six")[number] if number <= 6 else str(number)


def _share(part: float) -> str:
    return "half" if abs(part - 0.5) < 0.005 else f"{100 * part:.0f} %"


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0"
