"""What a hand may change in "Speculative decoding": both rows of bars, T, γ and the run's seed, from the link or the session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st
import torch

from kl_core.distilling.chain_students import ChainRun, train_chain
from kl_core.distilling.chains import teacher_chain
from kl_core.vectors.speculative import tempered

from ...shared import state
from ...shared.cache import shared_cache
from ...shared.values import finite

NAMES = ("tea", "coffee", "water", "milk", "soup")
MOST_SHARE = 0.98
"""A bar that had everything would leave the others no odds."""
TEMPERATURES = (0.2, 3.2)
MOST_GAMMA = 12
MOST_SEED = 9999
LONGEST_WORD = 12
KEYS = {"p": "spec_p", "q": "spec_q", "names": "spec_words", "temperature": "spec_T", "gamma": "gamma", "seed": "spec_seed"}
RANGES = {"spec_T": TEMPERATURES, "gamma": (1.0, float(MOST_GAMMA)), "spec_seed": (0.0, float(MOST_SEED))}


@dataclass(frozen=True)
class SpeculativeState:
    """p, q: shares at T = 1, each summing to 1. temperature: of both. gamma: drafted words per call of P. names: the words."""

    p: tuple[float, ...] = (0.45, 0.30, 0.12, 0.08, 0.05)
    q: tuple[float, ...] = (0.25, 0.50, 0.15, 0.02, 0.08)
    temperature: float = 1.0
    gamma: int = 4
    seed: int = 0
    names: tuple[str, ...] = NAMES

    def shown(self, role: str) -> tuple[float, ...]:
        """P or Q at the temperature: what the bars are."""
        return tuple(tempered(torch.tensor(getattr(self, role), dtype=torch.float64), self.temperature).tolist())


FIRST = SpeculativeState()
PRESETS = {
    "A fair draft": FIRST,
    "A good draft": SpeculativeState(q=(0.42, 0.33, 0.12, 0.07, 0.06)),
    "A word it never drafts": SpeculativeState(q=(0.50, 0.35, 0.15, 0.0, 0.0)),
    "Opposite favourites": SpeculativeState(p=(0.80, 0.10, 0.05, 0.03, 0.02), q=(0.02, 0.10, 0.05, 0.03, 0.80)),
    "The same": SpeculativeState(q=FIRST.p),
}


AFTER = "is:"
"""The word of the chains after which they are compared."""
REST = "others"


@shared_cache(1)
def of_chains() -> tuple[SpeculativeState, SpeculativeState]:
    """A teacher chain's next word as P, by its four most probable ones and all others; as Q its student's, before and after
    supervised distillation."""
    teacher = teacher_chain()
    place = teacher.words.index(AFTER) + 1
    target = teacher.log_probs[place].exp()
    most = target[1:].topk(len(NAMES) - 1).indices + 1
    row = lambda probs: (*probs[most].tolist(), float(1 - probs[most].sum()))
    first, *_, last = train_chain(teacher, ChainRun())
    names = (*(teacher.words[i - 1] for i in most.tolist()), REST)
    before, after = (SpeculativeState(row(target), row(step.log_probs[place].exp()), names=names) for step in (first, last))
    return before, after


CHAINS = {"Two chains": lambda: of_chains()[0], "Two chains, distilled": lambda: of_chains()[1]}


def with_share(shares: tuple[float, ...], word: int, share: float) -> tuple[float, ...]:
    """The row with this share for one word; the others keep their odds among each other."""
    share = min(max(share, 0.0), MOST_SHARE)
    others = sum(shares) - shares[word]
    rest = 1 - share
    if others <= 0:
        return tuple(share if i == word else rest / (len(shares) - 1) for i in range(len(shares)))
    return tuple(share if i == word else value * rest / others for i, value in enumerate(shares))


def moved(before: SpeculativeState, message: Mapping) -> SpeculativeState:
    """The state after what the hand did: {"p" or "q": word, "to"}, {"gamma"}, {"temperature"}, {"seed"} or {"preset"}; nonsense
    changes nothing."""
    preset = message.get("preset")
    if isinstance(preset, str) and preset in (*PRESETS, *CHAINS):
        chosen = PRESETS[preset] if preset in PRESETS else CHAINS[preset]()
        return replace(chosen, gamma=before.gamma, seed=before.seed)
    for role in ("p", "q"):
        word = message.get(role)
        if type(word) is int and 0 <= word < len(NAMES):
            to = finite(message.get("to"))
            return before if to is None else _dragged(before, role, word, to)
    value = next((finite(message[name]) for name in ("temperature", "gamma", "seed") if name in message), None)
    if value is None:
        return before
    if "temperature" in message:
        return replace(before, temperature=min(max(value, TEMPERATURES[0]), TEMPERATURES[1]))
    if "gamma" in message:
        return replace(before, gamma=int(min(max(value, 1), MOST_GAMMA)))
    return replace(before, seed=int(min(max(value, 0), MOST_SEED)))


def _dragged(before: SpeculativeState, role: str, word: int, share: float) -> SpeculativeState:
    """The bar is dragged at the temperature on screen; what is kept is the row at T = 1."""
    at_temperature = torch.tensor(with_share(before.shown(role), word, share), dtype=torch.float64)
    at_one = tuple(tempered(at_temperature, 1 / before.temperature).tolist())
    return replace(before, p=at_one) if role == "p" else replace(before, q=at_one)


def speculative_state() -> SpeculativeState:
    """As it was left, or as the link says; what the link says badly gives way to the first state."""
    value = {name: state.left_at(KEYS[name], float(getattr(FIRST, name))) for name in ("temperature", "gamma", "seed")}
    within = {name: RANGES[KEYS[name]][0] <= number <= RANGES[KEYS[name]][1] for name, number in value.items()}
    return SpeculativeState(
        _row("p"),
        _row("q"),
        value["temperature"] if within["temperature"] else FIRST.temperature,
        int(value["gamma"]) if within["gamma"] else FIRST.gamma,
        int(value["seed"]) if within["seed"] else FIRST.seed,
        _names(),
    )


def _names() -> tuple[str, ...]:
    """The words of the link, or the first ones where it has none that fit below the bars."""
    names = tuple(str(state.session_or_link(KEYS["names"]) or "").split(","))
    return names if len(names) == len(NAMES) and all(0 < len(name) <= LONGEST_WORD for name in names) else NAMES


def _row(role: str) -> tuple[float, ...]:
    default = getattr(FIRST, role)
    try:
        values = tuple(float(part) for part in str(state.session_or_link(KEYS[role])).split(","))
    except ValueError:
        return default
    if len(values) != len(NAMES) or not all(0 <= value <= 1 for value in values) or not sum(values) > 0:
        return default
    return tuple(value / sum(values) for value in values)


def leave_speculative(left: SpeculativeState, *, in_link: bool) -> None:
    """Remembers it for the next answer; in the link only once the hand has let go."""
    texts = {KEYS[role]: ",".join(f"{value:.5g}" for value in getattr(left, role)) for role in ("p", "q")}
    texts |= {KEYS["temperature"]: f"{left.temperature:.3g}", KEYS["gamma"]: str(left.gamma), KEYS["seed"]: str(left.seed)}
    if left.names != NAMES or KEYS["names"] in st.session_state:
        texts[KEYS["names"]] = ",".join(left.names)
    st.session_state.update(texts)
    if in_link:
        state.write_link(texts)
