"""Training on pairs of answers instead of rewards: DPO and χPO in the small world, and DPO's limit of many pairs.

DPO (Rafailov et al. 2023, arXiv 2305.18290) reads β·log π/π_ref as a reward and fits it to preferences. With unlimited
pairs that cover every answer its optimum is π*_β; an answer that is in no pair keeps whatever weight training leaves
it. χPO (Huang et al. 2024, arXiv 2407.13399) reads β·(ρ + log ρ), ρ = π/π_ref, which makes moving far dear.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .language import as_text
from .policy import Tabular, reference, sample
from .training import Group, PolicyStep
from .world import World

__all__ = ["PREFERENCE_METHODS", "PreferenceSettings", "PreferenceTraining", "EXPONENT", "preference_margin", "dpo_limit"]

PREFERENCE_METHODS = ("dpo", "chi_po")
EXPONENT = 30.0  # ρ beyond e^30 is cut: by then χPO's margin has long been clipped


@dataclass(frozen=True)
class PreferenceSettings:
    """method: "dpo" or "chi_po". beta: above 0, reward units per nat of the answer's KL. pairs: how many pairs of π_ref's
    answers are labelled, the first preferred with probability σ(r₁ − r₂), r the proxy reward. steps: Adam steps over
    all pairs at once. by_position: as in `training.Settings`.
    """

    method: str = "dpo"
    beta: float = 0.7
    pairs: int = 1000
    learning_rate: float = 0.05
    steps: int = 200
    by_position: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in PREFERENCE_METHODS:
            raise ValueError(f"method is {self.method!r}; it is one of {', '.join(PREFERENCE_METHODS)}")
        for name in ("beta", "learning_rate"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; it is a finite number above 0")
        for name, least in (("pairs", 1), ("steps", 0), ("seed", 0)):
            if not (isinstance(getattr(self, name), int) and getattr(self, name) >= least):
                raise ValueError(f"{name} is {getattr(self, name)}; it is a whole number of at least {least}")


def preference_margin(log_ratio: Tensor, beta: float, method: str = "dpo") -> Tensor:
    """The reward that a policy implies, β·log ρ (DPO) or β·(ρ + log ρ) (χPO), from log ρ = log π − log π_ref of whole answers."""
    return beta * (log_ratio + (log_ratio.clamp(max=EXPONENT).exp() if method == "chi_po" else 0.0))


class PreferenceTraining:
    """A run, to be iterated: yields Step 0 … settings.steps, as `training.Training` does; the same for the same settings."""

    def __init__(self, world: World, settings: PreferenceSettings | None = None, *, texts: int = 3) -> None:
        self.world, self.settings, self._texts = world, settings or PreferenceSettings(), texts
        chain = world.chain
        generator = torch.Generator(chain.token.device).manual_seed(self.settings.seed)
        answers = sample(chain, reference(chain), 2 * self.settings.pairs, generator)
        group = Group(world, answers, reference(chain))
        gap = group.reward[: self.settings.pairs] - group.reward[self.settings.pairs :]
        first = torch.rand(len(gap), dtype=gap.dtype, generator=generator, device=gap.device) < gap.sigmoid()
        self._answers, self._sign, self._generator = group, 2.0 * first - 1, generator
        # Rewards of the small world are bounded, and so is the margin that χPO needs (its clip at 2·R_max).
        self._bound = float(2 * group.reward.abs().max())
        shape = (chain.length if self.settings.by_position else 1, *chain.log_probs.shape)
        self._logits = torch.zeros(shape, dtype=chain.log_probs.dtype, device=chain.log_probs.device, requires_grad=True)

    @property
    def policy(self) -> Tabular:
        return Tabular(self.world.chain, self._log_ratio().detach().unsqueeze(0))

    def loss(self) -> Tensor:
        """−mean log σ(margin of the preferred answer − that of the other) over the pairs."""
        log_ratio = self._answers.log_ratios(self._log_ratio()).sum(-1)
        margin = preference_margin(log_ratio, self.settings.beta, self.settings.method)
        gap = (margin[: len(self._sign)] - margin[len(self._sign) :]) * self._sign
        if self.settings.method == "chi_po":
            gap = gap.clamp(-self._bound, self._bound)
        return -torch.nn.functional.logsigmoid(gap).mean()

    def __iter__(self) -> Iterator[PolicyStep]:
        settings = self.settings
        generator = torch.Generator(self._logits.device).manual_seed(settings.seed)
        with torch.no_grad():
            self._logits.zero_()
        optimiser = torch.optim.Adam([self._logits], lr=settings.learning_rate)
        for step in range(settings.steps + 1):
            yield self._report(step, generator)
            if step < settings.steps:
                optimiser.zero_grad()
                self.loss().backward()
                optimiser.step()

    def _log_ratio(self) -> Tensor:
        return self._logits - (self.world.chain.log_probs + self._logits).logsumexp(-1, keepdim=True)

    def _report(self, step: int, generator: torch.Generator) -> PolicyStep:
        policy = self.policy
        measures = self.world.measure(policy)
        proxy, gold, kl, entropy = (float(value[0]) for value in (measures.proxy, measures.gold, measures.kl, measures.entropy))
        group = Group(self.world, sample(self.world.chain, policy, 64, generator), policy)
        texts = tuple(as_text(self.world.chain.words, answer) for answer in group.sentences.tokens[0, : self._texts].tolist())
        beta = self.settings.beta
        return PolicyStep(step, proxy, gold, kl, entropy, proxy - beta * kl, beta, group.kl_estimates, texts)


def dpo_limit(log_reference: Tensor, reward: Tensor, beta: float, covered: Sequence[int] | None = None) -> Tensor:
    """log of the policy that DPO ends in with unlimited pairs among the covered answers, trained by gradient from π_ref.

    log_reference, reward: (k,). covered: places of the answers that occur in pairs, at least two; None for all, which
    gives π*_β = π_ref·exp(r/β)/Z. Each pair pushes two logits apart by as much, so the covered logits move by
    (r − their plain mean r)/β and those of the other answers not at all: a missing answer is taken to be worth the
    average, whatever its reward. ValueError for a β not above 0 or fewer than two covered answers.
    """
    if not 0 < beta < math.inf:
        raise ValueError(f"beta is {beta}; it is a finite number above 0")
    places = list(range(len(reward))) if covered is None else sorted(set(covered))
    if len(places) < 2:
        raise ValueError(f"covered has {len(places)} answers; a pair needs two")
    shift = torch.zeros_like(reward)
    shift[places] = (reward[places] - reward[places].mean()) / beta
    return (log_reference + shift).log_softmax(-1)
