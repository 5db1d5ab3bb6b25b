"""The small world in which RLHF can be watched whole: a reference that talks, a reader, and a reward model that learned
from the reader's choices. Everything asked of it is exact, save what is called a sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from .language import Chain, bigram, read_corpus, remember
from .policy import Optimum, Policy, expectations, optimum
from .reward import GOLD, Gold, RewardModel, fit_reward_model

__all__ = ["QUESTION", "World", "PolicyMeasures", "build_world", "betas"]

QUESTION = "How can I sleep better?"  # the question that was asked; the reference answers others as well


@dataclass(frozen=True)
class PolicyMeasures:
    """Of each policy of a batch, exact, per sentence: mean and variance of the proxy reward, mean gold reward, and KL
    from the reference and entropy in nats; each (batch,)."""

    proxy: Tensor
    proxy_variance: Tensor
    gold: Tensor
    kl: Tensor
    entropy: Tensor


@dataclass(frozen=True)
class World:
    """chain: the reference policy, states are tokens. gold: what the reader wants. model: what was learned of it."""

    chain: Chain
    gold: Gold
    model: RewardModel

    @cached_property
    def proxy(self) -> Tensor:
        """(states, slots) the proxy reward that each step adds."""
        return self.model.table(self.chain)

    def optimum(self, beta: Tensor | Sequence[float] | float, scale: float = 1.0) -> Optimum:
        """π*_β for scale·proxy reward, for all β at once, each in [0, ∞]; `policy.optimum` says how. It is π*_{β/scale}."""
        return optimum(self.chain, scale * self.proxy, beta)

    def measure(self, policy: Policy) -> PolicyMeasures:
        """What a batch of policies over `chain` gives, over all sentences."""
        measured = expectations(self.chain, policy, {"proxy": self.proxy, "each": self.gold.each(self.chain)})
        gold = measured.mean["each"] + self.gold.first_mentions(self.chain, policy)
        return PolicyMeasures(measured.mean["proxy"], measured.variance["proxy"], gold, measured.kl, measured.entropy)

    @cached_property
    def remembering(self) -> tuple[Chain, Tensor]:
        """The reference with states that remember the points made, and the gold reward that each step adds there."""
        chain, first = remember(self.chain, list(self.gold.first))
        return chain, self.gold.table(chain, first)

    def gold_optimum(self, beta: Tensor | Sequence[float] | float) -> tuple[Optimum, PolicyMeasures]:
        """π*_β for the gold reward itself, on the chain that remembers, and what it gives; slower, some 0.1 s a β."""
        chain, gold = self.remembering
        best = optimum(chain, gold, beta)
        measured = expectations(chain, best, {"proxy": self.model.table(chain), "gold": gold})
        return best, PolicyMeasures(
            measured.mean["proxy"], measured.variance["proxy"], measured.mean["gold"], measured.kl, measured.entropy
        )


@torch.inference_mode(False)
def build_world(
    pairs: int = 1000, noise: float = 1.0, seed: int = 0, *, length: int = 16, smoothing: float = 0.0, gold: Gold = GOLD
) -> World:
    """The world of the corpus that comes with this library; arguments as in `fit_reward_model` and `bigram`."""
    chain = _corpus_chain(length, smoothing)
    return World(chain, gold, fit_reward_model(chain, gold, pairs, noise, seed))


@lru_cache(8)
@torch.inference_mode(False)  # kept for trainings too, whoever asks first
def _corpus_chain(length: int, smoothing: float) -> Chain:
    """One chain for all reward models, so that what follows from it alone is found once."""
    return bigram([answer for answers in read_corpus().values() for answer in answers], length, smoothing)


def betas(count: int = 65, low: float = 0.01, high: float = 30.0) -> Tensor:
    """(count,) of β for a slider: 0, then evenly spaced in log β from low to high, then ∞."""
    if count < 4:
        raise ValueError(f"count is {count}; it is at least 4")
    inner = torch.logspace(math.log10(low), math.log10(high), count - 2, dtype=torch.float64, device="cpu")
    return torch.cat([inner.new_zeros(1), inner, inner.new_full((1,), math.inf)])
