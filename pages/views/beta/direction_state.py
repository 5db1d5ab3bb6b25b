"""What a hand may change in "Which direction?": the reference's shares, the rewards and β, from the link or the session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite

import streamlit as st

from kl_core.rlhf.direction import CHOICES

from ...shared import state

FIRST = next(iter(CHOICES.values()))
LEAST_SHARE, MOST_SHARE = 0.002, 0.95
REWARDS = (-1.0, 4.0)
LEAST_BETA, MOST_BETA = 0.03, 30.0
_KEYS = {"reference": "dir_ref", "reward": "dir_reward"}
BETA_KEY = "beta_one"


@dataclass(frozen=True)
class DirectionState:
    """reference: shares that sum to 1; reward: one number per answer; beta: in reward per nat."""

    reference: tuple[float, ...] = FIRST.reference
    reward: tuple[float, ...] = FIRST.reward
    beta: float = FIRST.beta


def with_share(reference: tuple[float, ...], answer: int, share: float) -> tuple[float, ...]:
    """The reference with this share for one answer; the others keep their odds among each other."""
    share = min(max(share, LEAST_SHARE), MOST_SHARE)
    others = sum(reference) - reference[answer]
    return tuple(share if i == answer else value * (1 - share) / others for i, value in enumerate(reference))


def moved(before: DirectionState, message: Mapping) -> DirectionState:
    """The state after what the hand did: {"preset"}, {"reference" or "reward": answer, "to"} or {"beta"}; nonsense changes nothing."""
    choice = CHOICES.get(str(message.get("preset")))
    if choice:
        return DirectionState(choice.reference, choice.reward, choice.beta)
    value = message.get("beta", message.get("to"))
    if not isinstance(value, int | float) or not isfinite(value):
        return before
    if "beta" in message:
        return replace(before, beta=min(max(float(value), LEAST_BETA), MOST_BETA))
    for name in ("reference", "reward"):
        answer = message.get(name)
        if isinstance(answer, int) and 0 <= answer < len(before.reward):
            return _changed(before, name, answer, float(value))
    return before


def _changed(before: DirectionState, name: str, answer: int, value: float) -> DirectionState:
    if name == "reference":
        return replace(before, reference=with_share(before.reference, answer, value))
    reward = min(max(value, REWARDS[0]), REWARDS[1])
    return replace(before, reward=tuple(reward if i == answer else other for i, other in enumerate(before.reward)))


def direction_state() -> DirectionState:
    """As it was left, or as the link says; what the link says badly gives way to the first preset."""
    beta = state.left_at(BETA_KEY, FIRST.beta)
    return DirectionState(
        _numbers("reference", LEAST_SHARE / 10, 1.0, FIRST.reference),
        _numbers("reward", *REWARDS, FIRST.reward),
        beta if LEAST_BETA <= beta <= MOST_BETA else FIRST.beta,
    )


def _numbers(name: str, low: float, high: float, default: tuple[float, ...]) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in str(state.session_or_link(_KEYS[name])).split(","))
    except ValueError:
        return default
    if len(values) != len(default) or not all(low <= value <= high for value in values):
        return default
    return tuple(value / sum(values) for value in values) if name == "reference" else values


def leave_direction(left: DirectionState, *, in_link: bool) -> None:
    """Remembers it for the next answer; in the link only once the hand has let go."""
    texts = {key: ",".join(f"{value:.4g}" for value in getattr(left, name)) for name, key in _KEYS.items()}
    texts[BETA_KEY] = f"{left.beta:.4g}"
    st.session_state.update(texts)
    if in_link:
        state.write_link(texts)
