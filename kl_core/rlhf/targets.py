"""What supervised fine-tuning is asked to imitate on the new question: distributions over answers, exact.

All that a policy over last words can learn of a target is how often each word follows each other one in it, so a target
is held as these counts. RL's razor (Shenfeld, Pari & Agrawal 2025, arXiv 2509.04259): of all distributions that succeed
always, π_ref given success is the nearest, with KL = −log π_ref(success), and a target may be any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .language import START
from .prompts import NEW, PromptWorld

__all__ = ["Target", "oracle", "target_of_power", "target_of_sentences", "likeliest_success", "cross_entropy", "best_imitation"]


@dataclass(frozen=True)
class Target:
    """A distribution T over answers to the new question.

    counts: (words, words) how often the second word follows the first in an answer of T, on average. entropy: of T, and
    kl: KL(T‖π_ref), under T, in nats per answer. success: the share of T's answers that succeed.
    """

    counts: Tensor
    entropy: float
    kl: float
    success: float


def oracle(world: PromptWorld) -> Target:
    """π_ref given success: the nearest of all distributions that succeed always; kl = −log π_ref(success)."""
    return target_of_power(world, 1.0)


def target_of_power(world: PromptWorld, power: float) -> Target:
    """T ∝ π_ref^power over the answers that succeed: 1 is the oracle, 0 all of them alike, below 0 those that the model
    finds strange, above 1 ever fewer, its favourites. power: finite, at most 20 in size.
    """
    if not abs(power) <= 20:
        raise ValueError(f"power is {power}; it is a number from −20 to 20")
    log_weights = torch.where(world.support, power * torch.where(world.support, world.log_probs[NEW], 0.0), -torch.inf)
    ahead = _log_messages(world, log_weights)
    log_z = ahead[0][0, START]
    # Forward through the target, which is a Markov chain over (memory, last word) whose steps depend on the position.
    mass = torch.zeros_like(ahead[0])
    mass[0, START] = 1
    counts = torch.zeros_like(log_weights)
    for step in range(world.length):
        following = _following(world, ahead[step + 1])
        log_step = log_weights + following - ahead[step].unsqueeze(-1)
        flow = torch.where(mass.unsqueeze(-1) > 0, mass.unsqueeze(-1) * log_step.exp(), 0.0)
        counts = counts + flow.sum(0)
        mass = torch.einsum("my,ymn->ny", flow.sum(1), world.memory[NEW])
    mean_log_reference = float((counts * torch.where(counts > 0, world.log_probs[NEW], 0.0)).sum())
    entropy = float(log_z) - power * mean_log_reference
    return Target(counts, max(entropy, 0.0), max(-entropy - mean_log_reference, 0.0), 1.0)


def _log_messages(world: PromptWorld, log_weights: Tensor) -> list[Tensor]:
    """[(3, words)] for each position: log of the summed weights of all that leads from there to a success."""
    end = torch.full_like(log_weights[0].expand(3, -1), -torch.inf)
    end[:, 1] = world.good[NEW].log()
    messages = [end]
    for _ in range(world.length):
        messages.append((log_weights + _following(world, messages[-1])).logsumexp(-1))
    return messages[::-1]


def _following(world: PromptWorld, ahead: Tensor) -> Tensor:
    """(3, 1, words) the message at the (memory, word) that saying a word leads to, from each memory."""
    to = world.memory[NEW].argmax(-1)  # (words, 3)
    return ahead.gather(0, to.T).unsqueeze(1)


def target_of_sentences(world: PromptWorld, weights: Mapping[str, float]) -> Target:
    """The target that says these sentences in proportion to their weights, at least 0 and not all 0.

    A single sentence is the farthest-going demand of all: entropy 0. ValueError for a sentence that the reference never
    says, or bad weights.
    """
    total = sum(weights.values())
    if not weights or min(weights.values()) < 0 or not 0 < total < float("inf"):
        raise ValueError("weights must be numbers of at least 0, at least one of them above 0")
    merged: dict[tuple[int, ...], float] = {}
    for sentence, weight in weights.items():
        if weight > 0:
            tokens = tuple(world.tokens(sentence))
            merged[tokens] = merged.get(tokens, 0.0) + weight / total
    counts = torch.zeros_like(world.log_probs[NEW])
    success = entropy = 0.0
    for tokens, share in merged.items():
        memory = 0
        for before, word in zip([START, *tokens], tokens, strict=False):
            counts[before, word] += share
            memory = int(world.memory[NEW, word, memory].argmax())
        success += share * float(world.good[NEW, memory]) * (tokens[-1] == 1)
        entropy -= share * float(torch.tensor(share, dtype=torch.float64, device="cpu").log())
    kl = -entropy - float((counts * torch.where(counts > 0, world.log_probs[NEW], 0.0)).sum())
    return Target(counts, max(entropy, 0.0), max(kl, 0.0), success)


def likeliest_success(world: PromptWorld) -> str:
    """The answer that succeeds and is likeliest under the reference, in words, by Viterbi's recursion."""
    log_probs, ahead = world.log_probs[NEW], torch.full((3, len(world.words)), -torch.inf, dtype=torch.float64, device="cpu")
    ahead[:, 1] = world.good[NEW].log()
    choices = []
    for _ in range(world.length):
        ahead, best = (log_probs + _following(world, ahead)).max(-1)
        choices.append(best)
    memory, word, said = 0, START, []
    for best in reversed(choices):
        word = int(best[memory, word])
        memory = int(world.memory[NEW, word, memory].argmax())
        said.append(word)
    return world.text(said)


def cross_entropy(world: PromptWorld, target: Target, weights: Tensor) -> Tensor:
    """(...) −E_T[log π_θ(answer)] in nats per answer, what supervised fine-tuning descends; KL(T‖π_θ) is this less T's
    entropy. weights: (..., words, words). Convex in the weights."""
    log_policy = world.log_policy(weights)[..., NEW, :, :]
    return -(target.counts * torch.where(target.counts > 0, log_policy, 0.0)).sum((-1, -2))


def best_imitation(world: PromptWorld, target: Target) -> Tensor:
    """(words, words) the weights at which the cross-entropy is least: each word follows as often as in the target.

    −inf for what the target never says after a word that it uses; 0 after words that it does not use.
    """
    used = target.counts.sum(-1, keepdim=True)
    share = target.counts / used.clamp_min(1e-300)
    weights = torch.where(world.support & (used > 0), share.log() - torch.where(world.support, world.log_probs[NEW], 0.0), 0.0)
    weights[1] = 0
    return weights
