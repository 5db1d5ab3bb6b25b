"""Policies on a tiny language model: the exact optimum of reward − β·KL, and what any policy does, with nothing sampled.

A policy is given by its log-ratio to the reference, log π − log π_ref, at every step and state. That of the optimum,
π*_β ∝ π_ref·exp(r/β) over whole sentences, follows from a soft dynamic programme backwards through the sentence
(Todorov 2006; Levine 2018, arXiv 1805.00909): its soft value, β·log Z, is a mean at β = ∞ and a maximum at β = 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .language import Chain

__all__ = [
    "Policy",
    "Optimum",
    "Tabular",
    "optimum",
    "reference",
    "Expectations",
    "expectations",
    "probability_said",
    "Sentences",
    "sample",
    "kl_along",
]

_TIE = 1e-9  # rewards closer than this, relative, are a tie at β = 0: rounding must not choose between them


class Policy(Protocol):
    """A batch of policies over one chain."""

    @property
    def batch(self) -> int:
        """How many policies."""

    def log_ratio(self, step: int, states: Tensor | None = None) -> Tensor:
        """log π − log π_ref of each successor, (batch, states, slots); −inf where π is 0.

        states: (batch, n), or None for all. What stands in slots not used is of no meaning.
        """


@dataclass(frozen=True)
class Tabular:
    """Policies with a table, (batch, length or 1, tokens, slots), of log π − log π_ref by position and last token."""

    chain: Chain
    table: Tensor

    @property
    def batch(self) -> int:
        return self.table.shape[0]

    def log_ratio(self, step: int, states: Tensor | None = None) -> Tensor:
        rows = self.table[:, min(step, self.table.shape[1] - 1)]
        if states is None:
            return rows[:, self.chain.token]
        return rows[torch.arange(self.batch, device=rows.device).unsqueeze(-1), self.chain.token[states]]


def reference(chain: Chain) -> Tabular:
    """π_ref itself, a batch of one."""
    return Tabular(
        chain, torch.zeros(1, 1, len(chain.words), chain.log_probs.shape[1], dtype=chain.log_probs.dtype, device=chain.log_probs.device)
    )


@dataclass(frozen=True)
class Optimum:
    """π*_β for each β. value: (length + 1, batch, states) of β·log Z over what is still to be said, in reward units.

    log_mass: the same shape, at β = 0 the log-probability under π_ref of the continuations that are best; else 0.
    log_ratios: (length, batch, states, slots) of log π*_β − log π_ref.
    """

    chain: Chain
    reward: Tensor
    beta: Tensor
    value: Tensor
    log_mass: Tensor
    log_ratios: Tensor

    @property
    def batch(self) -> int:
        return len(self.beta)

    @property
    def objective(self) -> Tensor:
        """(batch,) what is maximised, E[r] − β·KL, at its maximum: β·log Z; max r at β = 0, E_ref[r] at β = ∞."""
        return self.value[0, :, 0]

    @property
    def log_z(self) -> Tensor:
        """(batch,) log E_ref[exp(r/β)]; ±inf at β = 0, and 0 at β = ∞."""
        return self.objective / self.beta

    def log_ratio(self, step: int, states: Tensor | None = None) -> Tensor:
        rows = self.log_ratios[step]
        return rows if states is None else rows[torch.arange(self.batch, device=rows.device).unsqueeze(-1), states]


def optimum(chain: Chain, reward: Tensor, beta: Tensor | Sequence[float] | float) -> Optimum:
    """The policies that maximise E_π[r] − β·KL(π‖π_ref), exactly, for all β at once.

    reward: (states, slots), summed along a sentence. beta: (batch,) in reward units a nat, KL per sentence, each in
    [0, ∞]: ∞ gives π_ref, and 0 the limit, π_ref given that the reward is the greatest there is. Returns an Optimum;
    its objective is right to rounding of the reward at every β. ValueError for a β that is negative or NaN, or a
    reward of another shape.
    """
    beta = torch.as_tensor(beta, dtype=chain.log_probs.dtype, device=chain.log_probs.device).reshape(-1)
    if not bool((beta >= 0).all()):
        raise ValueError(f"beta is {beta[~(beta >= 0)][0].item():g}; it is a number of at least 0, or inf")
    if reward.shape != chain.log_probs.shape:
        raise ValueError(
            f"reward has the shape {tuple(reward.shape)}; it needs one number a step of the chain, {tuple(chain.log_probs.shape)}"
        )
    value = torch.zeros(chain.length + 1, len(beta), len(chain.token), dtype=beta.dtype, device=beta.device)
    log_ratios = value.new_empty(chain.length, len(beta), *chain.log_probs.shape)
    policy = Optimum(chain, reward, beta, value, torch.zeros_like(value), log_ratios)
    for step in range(chain.length - 1, -1, -1):
        log_ratios[step], value[step], policy.log_mass[step] = _backup(policy, step)
    return policy


def _backup(policy: Optimum, step: int) -> tuple[Tensor, Tensor, Tensor]:
    """log-ratio (batch, states, slots), value and log_mass (batch, states) at a step, from those of the next."""
    chain, beta = policy.chain, policy.beta.view(-1, 1, 1)
    log_probs = chain.log_probs.expand(policy.batch, -1, -1)
    ahead = lambda table: table[step + 1][:, chain.successors]
    gain = policy.reward + ahead(policy.value)
    log_ratio, value = _softened(log_probs, gain, beta)
    mass = torch.zeros_like(value)
    if bool((policy.beta == 0).any()):
        greedy, top, log_best = _greedy(log_probs, gain, ahead(policy.log_mass))
        log_ratio, value = torch.where(beta == 0, greedy, log_ratio), torch.where(beta == 0, top, value)
        mass = torch.where(beta == 0, log_best, mass)
    return log_ratio, value.squeeze(-1), mass.squeeze(-1)


def _softened(log_probs: Tensor, gain: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
    """gain/β − log Z and β·log Z, Z = E_ref[exp(gain/β)]; their limits at β = ∞, and something finite at 0."""
    used = log_probs > -torch.inf
    probs = log_probs.exp()
    soft = torch.where((beta > 0) & beta.isfinite(), beta, 1.0)
    mean = (probs * gain).sum(-1, keepdim=True)
    top = torch.where(used, gain, -torch.inf).amax(-1, keepdim=True)
    # Against the mean, log E exp keeps its digits at large β; against the maximum it cannot overflow at small.
    gap = torch.where(used, gain - mean, 0.0) / soft
    near = gap.abs().amax(-1, keepdim=True) < 0.5
    tilt = torch.where(near, gap, torch.where(used, gain - top, 0.0) / soft)
    grown = (probs * torch.expm1(torch.where(near, tilt, 0.0))).sum(-1, keepdim=True)
    log_z = torch.where(near, grown.log1p(), (log_probs + tilt).logsumexp(-1, keepdim=True))
    log_ratio, value = tilt - log_z, torch.where(near, mean, top) + soft * log_z
    return torch.where(beta.isinf(), 0.0, log_ratio), torch.where(beta.isinf(), mean, value)


def _greedy(log_probs: Tensor, gain: Tensor, later: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """At β = 0: the log-ratio, the greatest gain, and the log-probability of reaching it; later: that of what follows."""
    used = log_probs > -torch.inf
    top = torch.where(used, gain, -torch.inf).amax(-1, keepdim=True)
    best = used & (gain >= top - _TIE * (1 + top.abs()))
    log_best = torch.where(best, log_probs + later, -torch.inf).logsumexp(-1, keepdim=True)
    return torch.where(best, later - log_best, -torch.inf), top, log_best


@dataclass(frozen=True)
class Expectations:
    """Of whole sentences, each (batch,): KL(π‖π_ref) and entropy in nats, mean and variance of each sum by name."""

    kl: Tensor
    entropy: Tensor
    mean: dict[str, Tensor]
    variance: dict[str, Tensor]


def expectations(chain: Chain, policy: Policy, tables: Mapping[str, Tensor]) -> Expectations:
    """Exact expectations over all sentences that the policy can say.

    tables: by name, (states, slots), what each step adds. Errors are of rounding only.
    """
    names = list(tables)
    source, slot = chain.steps
    target, log_reference = chain.successors[source, slot], chain.log_probs[source, slot]
    fixed = torch.stack([-log_reference, *(tables[name][source, slot] for name in names)], -1).unsqueeze(1)
    mean = fixed.new_zeros(len(chain.token), policy.batch, 2 + len(names))
    variance = fixed.new_zeros(len(chain.token), policy.batch, len(names))
    for step in range(chain.length - 1, -1, -1):
        log_ratio = policy.log_ratio(step)[:, source, slot].T
        probs = (log_reference.unsqueeze(-1) + log_ratio).exp()
        total = mean[target]
        total[..., 0] += torch.where(probs > 0, log_ratio, 0.0)
        total[..., 1:] += fixed
        probs = probs.unsqueeze(-1)
        mean = torch.zeros_like(mean).index_add_(0, source, probs * total)
        # Law of total variance: of the rest, in the mean, and of its mean.
        gap = total[..., 2:] - mean[source, :, 2:]
        variance = torch.zeros_like(variance).index_add_(0, source, probs * (variance[target] + gap * gap))
    kl, cross_entropy, *sums = mean[0].unbind(-1)
    return Expectations(
        kl.clamp_min(0.0), cross_entropy - kl, dict(zip(names, sums, strict=True)), dict(zip(names, variance[0].unbind(-1), strict=True))
    )


def probability_said(chain: Chain, policy: Policy, words: Sequence[str]) -> Tensor:
    """(batch, words) the probability that a sentence has the word, exactly: 1 − that of never coming upon it."""
    source, slot = chain.steps
    target, log_reference = chain.successors[source, slot], chain.log_probs[source, slot].unsqueeze(-1)
    numbers = torch.tensor(chain.numbers(words), device=chain.token.device)
    other = (chain.token[target].unsqueeze(-1) != numbers).to(log_reference.dtype).unsqueeze(1)
    never = log_reference.new_ones(len(chain.token), policy.batch, len(words))
    for step in range(chain.length - 1, -1, -1):
        probs = (log_reference + policy.log_ratio(step)[:, source, slot].T).exp().unsqueeze(-1)
        never = torch.zeros_like(never).index_add_(0, source, probs * other * never[target])
    return 1 - never[0]


@dataclass(frozen=True)
class Sentences:
    """Sampled paths, each (batch, count, length): tokens, the states they left, and the slots they took there."""

    tokens: Tensor
    states: Tensor
    slots: Tensor


def sample(chain: Chain, policy: Policy, count: int, seed: int | torch.Generator = 0) -> Sentences:
    """`count` sentences from each policy of the batch, with common random numbers.

    Each sentence, position and word has one Gumbel number, the same for every policy, and the word with the greatest
    log π + Gumbel is said. So as β moves a word gives way only to one that has gained on it, and sentences that have
    parted meet again. The same for the same seed. ValueError for a count below 1.
    """
    if count < 1:
        raise ValueError(f"count is {count}; it is at least 1")
    generator = seed if isinstance(seed, torch.Generator) else torch.Generator(chain.token.device).manual_seed(seed)
    state = torch.zeros(policy.batch, count, dtype=torch.long, device=chain.token.device)
    row = torch.arange(count, device=chain.token.device).view(1, -1, 1)
    states_by_step, slots_by_step = [], []
    for step in range(chain.length):
        uniform = torch.rand(count, len(chain.words), dtype=chain.log_probs.dtype, generator=generator, device=chain.token.device)
        gumbel = -(-uniform.clamp_min(1e-300).log()).log()
        score = chain.log_probs[state] + policy.log_ratio(step, state) + gumbel[row, chain.next_token[state]]
        slot = score.argmax(-1)
        states_by_step.append(state)
        slots_by_step.append(slot)
        state = chain.successors[state, slot]
    states, slots = torch.stack(states_by_step, -1), torch.stack(slots_by_step, -1)
    return Sentences(chain.next_token[states, slots], states, slots)


def kl_along(chain: Chain, policy: Policy, sentences: Sentences) -> tuple[Tensor, Tensor]:
    """At each token of each sentence: (log π − log π_ref of that token, KL(π‖π_ref) of the choice), in nats.

    Both (batch, count, length). The first is k1, of either sign; the second is the exact KL given what was said
    before, whose expected sum is the KL of sentences (chain rule). 0 after the end.
    """
    ratios, divergences = [], []
    for step in range(chain.length):
        states = sentences.states[..., step]
        log_ratio = policy.log_ratio(step, states)
        probs = (chain.log_probs[states] + log_ratio).exp()
        ratios.append(log_ratio.gather(-1, sentences.slots[..., step].unsqueeze(-1)).squeeze(-1))
        divergences.append((probs * torch.where(probs > 0, log_ratio, 0.0)).sum(-1).clamp_min(0.0))
    return torch.stack(ratios, -1), torch.stack(divergences, -1)
