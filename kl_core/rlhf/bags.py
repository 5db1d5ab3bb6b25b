"""Every bag of words that a tiny language model can say: what its answers are worth to a judge who only counts words.

Which bags there are, and how likely, depends on the language model alone. So they are found once, and each reward model's
total is a sum along the way to each bag.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .language import END, START, Chain

__all__ = ["Bags", "bags_of"]

_MOST = 3_000_000


@dataclass(frozen=True)
class Bags:
    """layers: for each step (before, said), each (openings,): the opening of the step before that this one goes on, and its last
    word, + the number of words where that is one of `noted` and said for the first time; twice that number where nothing is said.
    last: (bags,) an opening of the last step for each bag. mass: (bags,) their probabilities.
    """

    layers: tuple[tuple[Tensor, Tensor], ...]
    last: Tensor
    mass: Tensor

    def total(self, each: Tensor, first: Tensor) -> Tensor:
        """(bags,) the sum over a bag's words of each, or of first where a noted word is said for the first time. Both (words,)."""
        worth = torch.cat([each, first, each.new_zeros(1)])
        total = each.new_zeros(1)
        for before, said in self.layers:
            total = total.index_select(0, before) + worth.index_select(0, said)
        return total.index_select(0, self.last)


@lru_cache(4)
def bags_of(chain: Chain, noted: tuple[str, ...]) -> Bags:
    """All bags of words that the chain says with their probabilities, exactly; kept for the chains asked for last.

    Two openings are one when they end in the same word and hold the same words, each as often: from there on the same can be said.
    A bag is known by the sum of its words' codes, 64 random bits each: two of a million bags share one with probability 3e-8.
    ValueError for a chain with smoothing, whose answers are too many.
    """
    source, slot = chain.steps
    order = torch.argsort(source, stable=True)
    follows, probs = chain.successors[source, slot][order], chain.log_probs[source, slot].exp()[order]
    starts = torch.searchsorted(source[order].contiguous(), torch.arange(len(chain.words) + 1, device=source.device))
    code, place = _codes(len(chain.words), source.device)
    bit = torch.zeros(len(chain.words), dtype=torch.long, device=source.device)
    bit[chain.numbers(noted)] = 2 ** torch.arange(len(noted), device=source.device)
    token, bag, seen = (torch.zeros(1, dtype=torch.long, device=source.device) for _ in range(3))
    token[0], mass, layers = START, torch.ones(1, dtype=probs.dtype, device=source.device), []
    for _ in range(chain.length):
        here, edge = _steps_from(token, starts)
        word, over = follows[edge], token[here] == END
        bag = bag[here] + torch.where(over, 0, code[word])
        new = (bit[word] & ~seen[here]) != 0
        some, mass = _together(bag + place[word], mass[here] * probs[edge])
        said = torch.where(over, 2 * len(chain.words), word + len(chain.words) * new)
        layers.append((here[some].int(), said[some].int()))  # half as wide, twice as fast
        token, bag, seen = word[some], bag[some], (seen[here] | bit[word])[some]
    last, mass = _together(bag, mass)
    return Bags(tuple(layers), last.int(), mass / mass.sum())


def _codes(words: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Random codes of each word, in a bag and as the last word."""
    generator = torch.Generator("cpu").manual_seed(0)
    codes = torch.randint(-(2**63), 2**63 - 1, (2, words), generator=generator, device="cpu").to(device)
    return codes[0], codes[1]


def _steps_from(token: Tensor, starts: Tensor) -> tuple[Tensor, Tensor]:
    """(opening, step) of each way to go on."""
    count = starts[token + 1] - starts[token]
    if int(count.sum()) > _MOST:
        raise ValueError("this world can say too many different answers to list their rewards; without smoothing it cannot")
    here = torch.repeat_interleave(torch.arange(len(token), device=token.device), count)
    nth = torch.arange(len(here), device=token.device) - torch.repeat_interleave(count.cumsum(0) - count, count)
    return here, starts[token[here]] + nth


def _together(key: Tensor, mass: Tensor) -> tuple[Tensor, Tensor]:
    """One place of each key, and the mass of all its places."""
    key, order = key.sort()
    begins = torch.ones_like(key, dtype=torch.bool)
    begins[1:] = key[1:] != key[:-1]
    group = begins.long().cumsum(0) - 1
    return order[begins], mass.new_zeros(int(group[-1]) + 1).index_add_(0, group, mass[order])
