"""A phrase said over and over, as a policy does that has found that its reward model likes the phrase.

The policy that says it k times and then goes on as the reference would is π_ref given that opening: of all policies
that open so it is the nearest, with KL(π‖π_ref) = −log π_ref(opening). Every repetition pays the same and costs the
same, so there is one β below which one more always pays, and above which none does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .language import START, Chain
from .policy import expectations, optimum
from .world import World

__all__ = ["PHRASE", "Opening", "Repetitions", "repetitions", "repetitions_of_optimum"]

PHRASE = ("the", "answer", "is:")


@dataclass(frozen=True)
class Opening:
    """Policies that open with the phrase counts[i] times, then speak as the reference. counts: (batch,) whole numbers."""

    chain: Chain
    phrase: tuple[int, ...]
    counts: Tensor

    @property
    def batch(self) -> int:
        return len(self.counts)

    def log_ratio(self, step: int, states: Tensor | None = None) -> Tensor:
        """As `policy.Policy` asks: 0 where the reference speaks; at a word of the opening, minus its log-probability."""
        rows = torch.zeros(self.batch, *self.chain.log_probs.shape, dtype=self.chain.log_probs.dtype, device=self.chain.token.device)
        bound = self.counts * len(self.phrase) > step
        here = START if step == 0 else self.phrase[(step - 1) % len(self.phrase)]
        slot = _slot(self.chain, here, self.phrase[step % len(self.phrase)])
        rows[bound, here] = -torch.inf
        rows[bound, here, slot] = -self.chain.log_probs[here, slot]
        return rows if states is None else rows[torch.arange(self.batch, device=rows.device).unsqueeze(-1), states]


@dataclass(frozen=True)
class Repetitions:
    """For k = 0 … most: `count` (k,), and gains over the reference, each (k,): proxy (scaled), gold, kl in nats.

    reward_each, cost_each: proxy reward and nats of one more repetition, after the first. break_even: their quotient,
    the β (in units of scaled reward) at which one more repetition stops paying; ≤ 0 if the phrase earns nothing.
    word_costs: nats of each word of one more repetition.
    """

    count: Tensor
    proxy: Tensor
    gold: Tensor
    kl: Tensor
    reward_each: float
    cost_each: float
    break_even: float
    word_costs: dict[str, float]

    def objective(self, beta: float) -> Tensor:
        """(k,) proxy − β·KL: rises with each repetition while β < break_even."""
        return self.proxy - beta * self.kl


def repetitions(world: World, most: int = 50, *, scale: float = 1.0, phrase: Sequence[str] = PHRASE) -> Repetitions:
    """Reward and KL of saying `phrase` 0 … most times and then speaking as the reference, exactly.

    The limit of tokens is moved out of the way: what follows the phrases has at least eight times the room of before, so
    that each repetition adds the same. scale: how often the reward counts. ValueError for a most below 1, or a phrase
    that the reference cannot say twice.
    """
    if most < 1:
        raise ValueError(f"most is {most}; it is at least 1")
    chain = replace(world.chain, length=most * len(phrase) + 8 * world.chain.length)
    numbers = tuple(chain.numbers(phrase))
    policy = Opening(chain, numbers, torch.arange(most + 1, device=chain.token.device))
    measures = replace(world, chain=chain).measure(policy)
    weights = world.model.weights[list(numbers)]
    costs = [_cost(chain, before, word) for before, word in zip((numbers[-1], *numbers), numbers)]
    reward, cost = scale * float(weights.sum()), sum(costs)
    gain = lambda values: values - values[0]
    return Repetitions(
        policy.counts, scale * gain(measures.proxy), gain(measures.gold), measures.kl, reward, cost, reward / cost, dict(zip(phrase, costs))
    )


def repetitions_of_optimum(
    world: World, beta: Tensor | Sequence[float] | float, most: int = 50, *, scale: float = 1.0, phrase: Sequence[str] = PHRASE
) -> Tensor:
    """(batch,) how often π*_β says the phrase's last word, on average, when an answer has room for it `most` times; exact.

    beta: each in [0, ∞], in units of scaled reward. About what the reference says at large β; near `most` well below
    the β at which one more repetition stops paying.
    """
    chain = replace(world.chain, length=most * len(phrase))
    last = chain.numbers(phrase)[-1]
    said = (chain.next_token == last).to(chain.log_probs.dtype) * chain.talks
    return expectations(chain, optimum(chain, scale * world.proxy, beta), {"said": said}).mean["said"]


def _slot(chain: Chain, before: int, word: int) -> int:
    slots = ((chain.next_token[before] == word) & (chain.log_probs[before] > -torch.inf)).nonzero()
    if not len(slots):
        raise ValueError(f"the reference never says {chain.words[word]!r} after {chain.words[before]!r}, so the phrase cannot be repeated")
    return int(slots[0])


def _cost(chain: Chain, before: int, word: int) -> float:
    cost = -float(chain.log_probs[before, _slot(chain, before, word)])
    return cost if math.isfinite(cost) and cost > 0 else 0.0
