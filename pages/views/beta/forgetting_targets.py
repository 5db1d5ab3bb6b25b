"""Forgetting: what supervised fine-tuning can imitate: seven targets by name, and any that a hand makes of them, answer by answer."""

from collections.abc import Sequence

import torch
from torch import Tensor

from kl_core.rlhf.prompts import PromptWorld, build_prompts
from kl_core.rlhf.successes import Successes, list_successes, target_of_shares
from kl_core.rlhf.targets import Target

from ...shared.cache import shared_cache

TARGETS = (
    "its own successes",
    "its own, flatter",
    "its own, sharper",
    "its likeliest success only",
    "all successes alike",
    "one odd answer only",
    "successes it finds odd",
)
"""What supervised fine-tuning can imitate; "its own": of the reference. From the nearest to the farthest in KL(target‖π_ref)."""
_POWERS = {TARGETS[0]: 1.0, TARGETS[1]: 0.5, TARGETS[2]: 3.0, TARGETS[4]: 0.0, TARGETS[6]: -0.5}
_ODD_ANSWER = "the answer is: more fresh air"
_RANKS = (0, 1, 4, 60, -1)
"""Of the answers that have bars: some likely ones, one in between and the oddest, beside _ODD_ANSWER."""
OPENING = "the answer is: "
"""How every success begins."""
DIGITS = 4
"""Of a share that a hand has left, so that equal targets are one."""


def number_of(target: str) -> int:
    """Targets are numbered from the nearest, 1, to the farthest."""
    return TARGETS.index(target) + 1


@shared_cache(1)
def prompt_world() -> PromptWorld:
    return build_prompts()


@shared_cache(1)
def successes() -> Successes:
    return list_successes(prompt_world())


@shared_cache(1)
def barred() -> tuple[int, ...]:
    """The places among the successes of the answers that have a bar, from the likeliest to the oddest."""
    count = len(successes().log_probs)
    return tuple(sorted({_odd_place(), *(rank % count for rank in _RANKS)}))


@shared_cache(1)
def _odd_place() -> int:
    tokens = torch.tensor(prompt_world().tokens(_ODD_ANSWER))
    return int((successes().tokens == tokens).all(-1).nonzero()[0])


def texts() -> list[str]:
    """What the answers that have a bar say after OPENING."""
    said = (prompt_world().text(successes().tokens[place].tolist()) for place in barred())
    return [text.removeprefix(OPENING).rstrip(".") for text in said]


def shares_named(name: str) -> Tensor:
    """(successes,) the share of each in a target of TARGETS."""
    if name in _POWERS:
        return successes().of_power(_POWERS[name])
    return successes().only(0 if name == TARGETS[3] else _odd_place())


@shared_cache(16)
def target_named(name: str) -> Target:
    return target_of_shares(prompt_world(), successes(), shares_named(name))


def bars_of(shares: Tensor) -> tuple[float, ...]:
    """The shares of the answers that have a bar, and of all others together."""
    own = shares[list(barred())].tolist()
    return (*own, max(1 - sum(own), 0.0))


def with_bars(name: str, bars: Sequence[float]) -> Tensor:
    """(successes,) the answers that have a bar with these shares; the rest among the others as in the target of that name, or, where
    that has nothing there, as in π_ref."""
    places = list(barred())
    others = shares_named(name).clone()
    others[places] = 0
    if not float(others.sum()) > 0:
        others = successes().of_power(1.0)
        others[places] = 0
    shares = others / others.sum() * bars[-1]
    shares[places] = torch.tensor(bars[:-1], dtype=shares.dtype)
    return shares


@shared_cache(64)
def target_with_bars(name: str, bars: tuple[float, ...]) -> Target:
    return target_of_shares(prompt_world(), successes(), with_bars(name, bars))


def with_bar(bars: Sequence[float], place: int, share: float) -> tuple[float, ...]:
    """These bars with this share at one place; the others keep their odds among each other, or π_ref's where they have nothing."""
    share = min(max(share, 0.0), 1.0)
    others = [0.0 if i == place else value for i, value in enumerate(bars)]
    if not sum(others) > 0:
        others = [0.0 if i == place else value for i, value in enumerate(bars_of(successes().of_power(1.0)))]
    left = (1 - share) / sum(others)
    return tuple(round(share if i == place else value * left, DIGITS) for i, value in enumerate(others))


def bars_written(bars: Sequence[float]) -> str:
    return "-".join(f"{round(share, DIGITS):g}" for share in bars)


def bars_read(text: str) -> tuple[float, ...]:
    """What `bars_written` wrote, made to sum to 1; ValueError for anything else."""
    bars = tuple(float(part) for part in text.split("-"))
    if len(bars) != len(barred()) + 1 or not all(0 <= share <= 1 for share in bars) or abs(sum(bars) - 1) > 0.01:
        raise ValueError(f"{text} are no shares of {len(barred()) + 1} bars")
    return bars
