"""The answers to the new question that succeed, one by one: few enough to be listed, so that a target can be any mixture of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from .language import END, START
from .prompts import NEW, PromptWorld
from .targets import Target

__all__ = ["Successes", "list_successes", "target_of_shares"]


@dataclass(frozen=True)
class Successes:
    """tokens: (n, length), the likeliest under π_ref first. log_probs: (n,) log π_ref of each, in nats; their exponentials sum to
    π_ref(success)."""

    tokens: Tensor
    log_probs: Tensor

    def of_power(self, power: float) -> Tensor:
        """(n,) shares in proportion to π_ref^power: 1 is π_ref given success, 0 all alike, below 0 what π_ref finds odd."""
        return (power * self.log_probs).softmax(-1)

    def only(self, place: int) -> Tensor:
        """(n,) everything on one answer."""
        return torch.nn.functional.one_hot(torch.tensor(place, device=self.log_probs.device), len(self.log_probs)).to(self.log_probs.dtype)


def list_successes(world: PromptWorld) -> Successes:
    """All of them, with a search that turns back where no success can follow. ValueError if there are more than a million."""
    paths = list(zip(_search(world), range(1_000_001), strict=False))
    if len(paths) > 1_000_000:
        raise ValueError("more than a million answers succeed; they cannot be listed")
    tokens = torch.tensor([path for path, _ in paths], device="cpu")
    before = torch.cat([torch.full_like(tokens[:, :1], START), tokens[:, :-1]], -1)
    log_probs = world.log_probs[NEW][before, tokens].sum(-1)
    order = log_probs.argsort(descending=True, stable=True)
    return Successes(tokens[order], log_probs[order])


def _search(world: PromptWorld) -> Iterator[list[int]]:
    hopeful = _hopeful(world)
    to = world.memory[NEW].argmax(-1)
    stack = [([START], 0)]
    while stack:
        path, memory = stack.pop()
        if len(path) > world.length:
            yield path[1:]
            continue
        for word in world.support[path[-1]].nonzero().flatten().tolist():
            after = int(to[word, memory])
            if hopeful[len(path)][after, word]:
                stack.append(([*path, word], after))


def _hopeful(world: PromptWorld) -> list[Tensor]:
    """[(3, words)] for each number of words said: whether a success can follow from (memory, last word)."""
    end = torch.zeros(3, len(world.words), dtype=torch.bool, device="cpu")
    end[:, END] = world.good[NEW] > 0
    hopeful = [end]
    to = world.memory[NEW].argmax(-1)  # (words, 3)
    for _ in range(world.length):
        following = hopeful[-1].gather(0, to.T)  # (3, words): hope after saying the word from each memory
        hopeful.append((world.support.unsqueeze(0) & following.unsqueeze(1)).any(-1))
    return hopeful[::-1]


def target_of_shares(world: PromptWorld, successes: Successes, shares: Tensor) -> Target:
    """The target that gives each success its share, (n,), at least 0 and not all 0; made to sum to 1."""
    if shares.shape != successes.log_probs.shape or not bool((shares >= 0).all()) or not 0 < float(shares.sum()) < float("inf"):
        raise ValueError(f"shares must be {len(successes.log_probs)} numbers of at least 0, at least one of them above 0")
    shares = shares.double() / shares.double().sum()
    before = torch.cat([torch.full_like(successes.tokens[:, :1], START), successes.tokens[:, :-1]], -1)
    words = len(world.words)
    counts = torch.zeros(words * words, dtype=torch.float64, device="cpu")
    counts.index_add_(0, (before * words + successes.tokens).flatten(), shares.repeat_interleave(world.length))
    log_shares = torch.where(shares > 0, shares, 1.0).log()
    entropy = -float((shares * log_shares).sum())
    kl = float((shares * (log_shares - successes.log_probs)).sum())
    return Target(counts.view(words, words), max(entropy, 0.0), max(kl, 0.0), 1.0)
