"""Policies that are really trained on the small world: REINFORCE, PPO and GRPO on a softmax over the reference's words.

Each step samples a group of answers, takes one Adam step (PPO: several) and yields what the policy then is: rewards, KL
and entropy exactly, and the KL as the group estimates it, which is all that a real run would know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from ..estimates.estimators import ESTIMATORS, k2
from ..estimates.token_kl import MeanEstimate
from .language import END, as_text
from .penalty import adaptive_beta, clipped_surrogate, group_advantages, grpo_loss
from .policy import Sentences, Tabular, sample
from .world import World

__all__ = ["METHODS", "PENALTIES", "LENGTHS", "RECIPES", "Settings", "PolicyStep", "Training"]

METHODS = ("reinforce", "ppo", "grpo")
PENALTIES = ("k1_in_reward", "k2_loss", "k3_loss", "k2_of_answer")
LENGTHS = ("answer", "tokens", "none")
# What each published method chooses; to be given to Settings or Training, as in Settings(**RECIPES["dapo"]).
RECIPES: dict[str, dict[str, Any]] = {
    "reinforce": {"method": "reinforce", "penalty": "k1_in_reward"},
    "ppo": {"method": "ppo", "penalty": "k1_in_reward"},
    "grpo": {"method": "grpo", "penalty": "k3_loss", "scale": True, "length": "answer"},
    "dr_grpo": {"method": "grpo", "penalty": "k3_loss", "beta": 0.0, "scale": False, "length": "none"},
    "dapo": {"method": "grpo", "penalty": "k3_loss", "beta": 0.0, "scale": True, "length": "tokens", "clip_high": 0.28},
}


@dataclass(frozen=True)
class Settings:
    """method: "reinforce" (leave-one-out baseline), "ppo" (the same advantages, clipped, several epochs a group) or
    "grpo" (advantages relative to the group). penalty: where the KL goes. "k1_in_reward", the log-ratio taken off the
    reward, leads to π*_β; so does "k2_of_answer", k2 of the whole answer's log-ratio added to the loss. "k2_loss" and
    "k3_loss" add an estimate of each token's KL instead, as is usual with GRPO: that charges a token for its own KL but
    not for that of the words it leads to, and leads elsewhere (as does k3, by the other direction of its gradient).

    beta: at least 0, reward units a nat of the sentence's KL. target: a KL in nats per sentence for Ziegler's
    controller to hold by changing β, which then needs beta > 0; None: β is fixed. horizon: its horizon in answers.
    group: answers a step, at least 2. learning_rate: Adam's, at most 10. clip: of PPO and GRPO. epochs: Adam steps a group in PPO
    and GRPO. scale: whether GRPO divides by the group's deviation, which rescales β with it for the losses.
    length: what GRPO divides an answer's loss by: "answer", its own length; "tokens", all tokens of the group, so that each
    counts alike (DAPO); "none", as in Dr. GRPO. clip_high: the upper clip where it differs from `clip` (DAPO).
    by_position: a table of logits for each position and last word, else by last word only.
    """

    method: str = "reinforce"
    penalty: str = "k1_in_reward"
    beta: float = 0.7
    target: float | None = None
    horizon: int = 1000
    group: int = 64
    learning_rate: float = 0.05
    steps: int = 200
    clip: float = 0.2
    epochs: int = 3
    scale: bool = True
    length: str = "answer"
    clip_high: float | None = None
    by_position: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (("method", METHODS), ("penalty", PENALTIES), ("length", LENGTHS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it is one of {', '.join(known)}")
        for name, least in (("group", 2), ("steps", 0), ("epochs", 1), ("seed", 0)):
            if not (isinstance(getattr(self, name), int) and getattr(self, name) >= least):
                raise ValueError(f"{name} is {getattr(self, name)}; it is a whole number of at least {least}")
        if not 0 <= self.beta < float("inf"):
            raise ValueError(f"beta is {self.beta}; it is a finite number of at least 0")
        for name in ("learning_rate", "clip", "horizon", *(one for one in ("target", "clip_high") if getattr(self, one) is not None)):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is {getattr(self, name)}; it is a finite number above 0")
        if self.learning_rate > 10:
            raise ValueError(f"learning_rate is {self.learning_rate}; it is at most 10")
        if self.target is not None and self.beta == 0:
            raise ValueError("beta is 0; with a target it is above 0, since the controller multiplies it")


@dataclass(frozen=True)
class PolicyStep:
    """After `step` updates; step 0 is the reference.

    proxy, gold: expected rewards; kl: KL(π‖π_ref) per sentence; entropy: per sentence; all exact, in reward units or
    nats. objective: proxy − beta·kl. beta: that of the next update. kl_estimates: by "k1", "k2", "k3", means over the
    group of the sum over an answer's tokens, with standard errors. texts: some of the group's answers.
    """

    step: int
    proxy: float
    gold: float
    kl: float
    entropy: float
    objective: float
    beta: float
    kl_estimates: dict[str, MeanEstimate]
    texts: tuple[str, ...]


class Training:
    """A run, to be iterated: yields PolicyStep 0 … settings.steps, computing each when it is asked for; stop at any time.

    The same world and settings give the same run; FloatingPointError if it diverges. Of the last step yielded: `policy`,
    `group`, the answers it sampled, and `beta`, which may be set by hand before the next step is asked for.
    """

    def __init__(
        self,
        world: World,
        settings: Settings | None = None,
        *,
        texts: int = 3,
        controller: Callable[[float, Group, int], float] | None = None,
        **changes: Any,
    ) -> None:
        """changes: fields of Settings to change. controller: from β, the group and the step, the β of the next update
        (`controllers`), instead of a target. ValueError for a change of no setting, or out of its domain."""
        unknown = set(changes) - {field.name for field in fields(Settings)}
        if unknown:
            known = ", ".join(field.name for field in fields(Settings))
            raise ValueError(f"{min(unknown)} is no setting; there are {known}")
        self.world, self.settings, self._texts = world, replace(settings or Settings(), **changes), texts
        self.controller, self.beta = controller, self.settings.beta
        self.group: Group | None = None
        chain = world.chain
        positions = chain.length if self.settings.by_position else 1
        self._logits = torch.zeros(
            positions, *chain.log_probs.shape, dtype=chain.log_probs.dtype, device=chain.log_probs.device, requires_grad=True
        )
        self._optimiser = torch.optim.Adam([self._logits], lr=self.settings.learning_rate)

    @property
    def policy(self) -> Tabular:
        return Tabular(self.world.chain, self._log_ratio().detach().unsqueeze(0))

    def _log_ratio(self) -> Tensor:
        """log π − log π_ref: logits on top of the reference's, normalised; (positions, tokens, slots)."""
        return self._logits - (self.world.chain.log_probs + self._logits).logsumexp(-1, keepdim=True)

    def __iter__(self) -> Iterator[PolicyStep]:
        settings = self.settings
        self.beta = settings.beta
        generator = torch.Generator(self._logits.device).manual_seed(settings.seed)
        with torch.no_grad():
            self._logits.zero_()
        self._optimiser = torch.optim.Adam([self._logits], lr=settings.learning_rate)
        for step in range(settings.steps + 1):
            policy = self.policy
            self.group = group = Group(self.world, sample(self.world.chain, policy, settings.group, generator), policy)
            self._control(step, group)
            yield self._report(step, group, self.beta)
            if step < settings.steps:
                self.update(self.epochs)

    def _control(self, step: int, group: Group) -> None:
        if self.controller is not None:
            self.beta = self.controller(self.beta, group, step)
        elif self.settings.target is not None and step > 0:
            kl = group.kl_estimates["k1"].mean
            self.beta = adaptive_beta(self.beta, kl, self.settings.target, self.settings.group, self.settings.horizon)

    @property
    def epochs(self) -> int:
        """Adam steps that each group is used for."""
        return 1 if self.settings.method == "reinforce" else self.settings.epochs

    def update(self, epochs: int) -> None:
        """So many Adam steps on the group of the last step yielded."""
        settings, group, beta = self.settings, self.group, self.beta
        assert group is not None  # after a first step was yielded
        advantages = _advantages(group, settings, beta)
        for _ in range(epochs):
            loss = _loss(group, group.log_ratios(self._log_ratio()), advantages, settings, beta)
            if not bool(loss.isfinite()):
                raise FloatingPointError(
                    f"the loss is {loss.item()}; with a smaller learning_rate than {settings.learning_rate} it stays finite"
                )
            self._optimiser.zero_grad()
            loss.backward()
            self._optimiser.step()

    def _report(self, step: int, group: Group, beta: float) -> PolicyStep:
        measured = self.world.measure(self.policy)
        proxy, gold, kl, entropy = (float(value[0]) for value in (measured.proxy, measured.gold, measured.kl, measured.entropy))
        words = self.world.chain.words
        texts = tuple(as_text(words, answer) for answer in group.sentences.tokens[0, : self._texts].tolist())
        return PolicyStep(step, proxy, gold, kl, entropy, proxy - beta * kl, beta, group.kl_estimates, texts)


class Group:
    """Answers of one policy with what its loss needs, each (group, length) or (group,)."""

    def __init__(self, world: World, sentences: Sentences, policy: Tabular) -> None:
        self.sentences = sentences
        self.states, self.slots = sentences.states[0], sentences.slots[0]
        self.mask = (world.chain.token[self.states] != END).to(world.proxy.dtype)
        self.reward = world.proxy[self.states, self.slots].sum(-1)
        self.old = self.log_ratios(policy.table[0])
        sums = {name: (estimate(self.old, torch.zeros_like(self.old)) * self.mask).sum(-1) for name, estimate in ESTIMATORS.items()}
        self.kl_estimates = {
            name: MeanEstimate(float(value.mean()), float(value.std() / len(value) ** 0.5)) for name, value in sums.items()
        }

    def log_ratios(self, table: Tensor) -> Tensor:
        """log π − log π_ref of each token said, from a table of it; 0 after the end."""
        position = torch.arange(self.states.shape[-1], device=table.device).clamp_max(len(table) - 1)
        return table[position, self.states, self.slots] * self.mask


def _advantages(group: Group, settings: Settings, beta: float) -> Tensor:
    """(group, length) how much better than expected each token turned out, with the KL in the reward if it goes there."""
    in_reward = beta if settings.penalty == "k1_in_reward" else 0.0
    if settings.method == "grpo":
        total = group.reward - in_reward * group.old.sum(-1)
        return group_advantages(total, scale=settings.scale).unsqueeze(-1).expand_as(group.old)
    # A token answers for what follows it: the reward, which comes at the end, and the log-ratios from itself on.
    to_come = group.reward.unsqueeze(-1) - in_reward * group.old.flip(-1).cumsum(-1).flip(-1)
    # Against the mean of the others, so that the baseline does not depend on the token it is for.
    return (to_come - to_come.mean(0)) * len(to_come) / (len(to_come) - 1)


def _divisor(group: Group, settings: Settings) -> Tensor:
    """(group,) what an answer's loss is divided by before the mean over answers."""
    lengths = group.mask.sum(-1)
    return {"answer": lengths, "tokens": lengths.mean().expand_as(lengths), "none": torch.ones_like(lengths)}[settings.length]


def _loss(group: Group, log_ratio: Tensor, advantages: Tensor, settings: Settings, beta: float) -> Tensor:
    """A scalar. The log-ratio to the reference serves as log π: the reference's part has no gradient and cancels."""
    none = torch.zeros_like(group.old)
    estimator = settings.penalty.removesuffix("_loss")
    per_token = beta if estimator in ESTIMATORS else 0.0
    per_answer = beta * k2(log_ratio.sum(-1), none.sum(-1)) if settings.penalty == "k2_of_answer" else none.sum(-1)
    if settings.method == "grpo":
        return (per_answer / _divisor(group, settings)).mean() + grpo_loss(
            log_ratio,
            group.old,
            none,
            advantages,
            group.mask,
            beta=per_token,
            clip=settings.clip,
            clip_high=settings.clip_high,
            estimator=estimator if per_token else "k3",
            length_normalise=settings.length == "answer",
            token_mean=settings.length == "tokens",
        )
    clipped = settings.method != "reinforce"
    gain = clipped_surrogate(log_ratio, group.old, advantages, settings.clip, settings.clip_high) if clipped else log_ratio * advantages
    if per_token:
        gain = gain - per_token * ESTIMATORS[estimator](log_ratio, none)
    return (per_answer - (gain * group.mask).sum(-1)).mean()
