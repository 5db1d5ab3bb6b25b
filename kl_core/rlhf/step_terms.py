"""One step of a run, token by token: what the objective is made of at each token, and what it pushes up or down.

For the typeset objective of GRPO, PPO or REINFORCE with numbers in it, and for its gradient beside the exact one of
E_π[r] − β·KL(π‖π_ref).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..estimates.estimators import ESTIMATORS
from .policy import Tabular, expectations
from .training import Group, Settings, Training, _advantages, _divisor, _loss
from .world import World

__all__ = ["TokenTerms", "StepTerms", "step_terms", "terms_of_group", "exact_gradient"]


@dataclass(frozen=True)
class TokenTerms:
    """The numbers of one token in the objective.

    word, before: the token and the one before it. log_policy, log_old, log_reference: its log-probabilities, nats.
    ratio: π/π_old; ratio_clipped: the ratio within the clip's bounds (the same for REINFORCE, which has no clip);
    clipped: whether the clip stops its gradient. advantage: as the method counts it, with β·k1 in it if the penalty is
    in the reward: then advantage = advantage_reward − β·advantage_kl, reward and nats of log π_old/π_ref over those of
    the group's other answers, from this token on; else advantage_kl is 0. surrogate: what is maximised of these. kl:
    the estimate of this token's KL (k1 in the reward, else the loss's own); kl_term: β times it where it stands in the
    loss, else 0. weight: what the token counts in the loss (1 over the group, and over the length if so). loss:
    −weight·(surrogate − kl_term). push: −∂loss/∂log π: above 0 the step makes the token likelier. ("k2_of_answer"
    charges whole answers: its part is in push but not in loss.)
    """

    word: str
    before: str
    answer: int
    position: int
    log_policy: float
    log_old: float
    log_reference: float
    ratio: float
    ratio_clipped: float
    clipped: bool
    advantage: float
    advantage_reward: float
    advantage_kl: float
    surrogate: float
    kl: float
    kl_term: float
    weight: float
    loss: float
    push: float


@dataclass(frozen=True)
class StepTerms:
    """One group under one method. texts: (group) lists of words, the end as "." ; reward: (group,).

    The other tensors are (group, length), 0 after the end: see TokenTerms. beta: of this step. total_loss: what is
    differentiated. gradient: of total_loss in the policy's logits, (positions, tokens, slots); exact: of
    −(E_π[r] − β·KL(π‖π_ref)) there; cosine: between the two, NaN where either is 0.
    """

    world: World
    settings: Settings
    step: int
    beta: float
    texts: list[list[str]]
    reward: Tensor
    mask: Tensor
    log_policy: Tensor
    log_old: Tensor
    log_reference: Tensor
    ratio: Tensor
    ratio_clipped: Tensor
    clipped: Tensor
    advantage: Tensor
    advantage_reward: Tensor
    advantage_kl: Tensor
    surrogate: Tensor
    kl: Tensor
    kl_term: Tensor
    weight: Tensor
    loss: Tensor
    push: Tensor
    total_loss: float
    gradient: Tensor
    exact: Tensor

    @property
    def cosine(self) -> float:
        """1 where the sampled gradient points as the exact one does."""
        size = float(self.gradient.norm() * self.exact.norm())
        return float((self.gradient * self.exact).sum()) / size if size > 0 else float("nan")

    def token(self, answer: int, position: int) -> TokenTerms:
        """The numbers of one token; ValueError for a place after the end of its answer."""
        if not (0 <= answer < len(self.texts) and 0 <= position < len(self.texts[answer])):
            raise ValueError(f"there is no token {position} in answer {answer}")
        words = self.texts[answer]
        names: tuple[str, ...] = ("log_policy", "log_old", "log_reference", "ratio", "ratio_clipped", "clipped", "advantage")
        names += ("advantage_reward", "advantage_kl", "surrogate", "kl", "kl_term", "weight", "loss", "push")
        numbers = {name: getattr(self, name)[answer, position].item() for name in names}
        return TokenTerms(words[position], words[position - 1] if position else "", answer, position, **numbers)


def step_terms(world: World, settings: Settings, step: int, epoch: int | None = None) -> StepTerms:
    """The terms of a run's update after `step` updates, at its Adam step `epoch` on that group (None: the last one).

    At epoch 0 every ratio is 1. Runs the training up to there, some 10 ms a step. ValueError for a step or epoch that
    the run does not have.
    """
    run = Training(world, settings)
    epoch = run.epochs - 1 if epoch is None else epoch
    if not 0 <= step < max(settings.steps, 1):
        raise ValueError(f"step is {step}; the run makes {settings.steps} updates")
    if not 0 <= epoch < run.epochs:
        raise ValueError(f"epoch is {epoch}; each group is used for {run.epochs}")
    for reached in run:
        if reached.step == step:
            break
    if epoch:
        run.update(epoch)
    assert run.group is not None
    return terms_of_group(world, settings, run.group, run.policy.table[0], run.beta, step)


def terms_of_group(world: World, settings: Settings, group: Group, table: Tensor, beta: float, step: int = 0) -> StepTerms:
    """The terms of any group under any method's settings: give two settings the same group to see them side by side.

    table: (positions, tokens, slots) log π − log π_ref of the policy that is updated; the group was sampled from its own.
    """
    chain = world.chain
    log_reference = chain.log_probs[group.states, group.slots] * group.mask
    advantages, of_reward, of_kl = _advantage_parts(group, settings, beta)
    new, total, slope, gradient = _differentiated(world, settings, group, table, advantages, beta)
    ratio = (new - group.old).exp()
    bounded = _clipped(ratio, settings)
    plain, clipped = ratio * advantages, bounded * advantages
    gain = (new + log_reference) * advantages if settings.method == "reinforce" else torch.minimum(plain, clipped)
    kl, kl_term = _charged(group, settings, new, beta)
    weight = _weights(group, settings)
    return StepTerms(
        world,
        settings,
        step,
        beta,
        _texts(world, group),
        group.reward,
        group.mask,
        (new + log_reference) * group.mask,
        (group.old + log_reference) * group.mask,
        log_reference,
        ratio * group.mask,
        bounded * group.mask,
        (plain > clipped) & (group.mask > 0),
        advantages * group.mask,
        of_reward * group.mask,
        of_kl * group.mask,
        gain * group.mask,
        kl * group.mask,
        kl_term * group.mask,
        weight,
        -weight * (gain - kl_term) * group.mask,
        -slope * group.mask,
        total,
        gradient,
        exact_gradient(world, table, beta),
    )


def _advantage_parts(group: Group, settings: Settings, beta: float) -> tuple[Tensor, Tensor, Tensor]:
    """Each (group, length): the advantage, its part of the reward, and the part that β multiplies, in nats (0 if none)."""
    advantages, of_reward = _advantages(group, settings, beta), _advantages(group, settings, 0.0)
    if settings.penalty != "k1_in_reward" or settings.method == "grpo" or beta == 0:
        return advantages, advantages, torch.zeros_like(advantages)
    return advantages, of_reward, (of_reward - advantages) / beta


def _differentiated(
    world: World, settings: Settings, group: Group, table: Tensor, advantages: Tensor, beta: float
) -> tuple[Tensor, float, Tensor, Tensor]:
    """(log π − log π_ref of the tokens, the loss, its slope in them, its gradient in the logits)."""
    logits = table.clone().requires_grad_()
    normalised = logits - (world.chain.log_probs + logits).logsumexp(-1, keepdim=True)
    log_ratio = group.log_ratios(normalised)
    total = _loss(group, log_ratio, advantages, settings, beta)
    slope, gradient = torch.autograd.grad(total, [log_ratio, logits])
    return log_ratio.detach(), float(total.detach()), slope, gradient


def _charged(group: Group, settings: Settings, log_ratio: Tensor, beta: float) -> tuple[Tensor, Tensor]:
    """(group, length) the estimate of each token's KL, and β times it where it stands in the loss, else 0."""
    estimator, nothing = settings.penalty.removesuffix("_loss"), torch.zeros_like(log_ratio)
    if estimator not in ESTIMATORS:
        return group.old, nothing
    kl = ESTIMATORS[estimator](log_ratio, nothing)
    return kl, beta * kl


def _clipped(ratio: Tensor, settings: Settings) -> Tensor:
    """The ratio within the clip's bounds; REINFORCE has no clip."""
    high = settings.clip if settings.clip_high is None else settings.clip_high
    return ratio if settings.method == "reinforce" else ratio.clamp(1 - settings.clip, 1 + high)


def _texts(world: World, group: Group) -> list[list[str]]:
    """The words of each answer, its end as "."."""
    words = [
        [world.chain.words[token] for token, spoken in zip(tokens, mask, strict=True) if spoken]
        for tokens, mask in zip(group.sentences.tokens[0].tolist(), group.mask.tolist(), strict=True)
    ]
    return [["." if word == world.chain.words[1] else word for word in row] for row in words]


def _weights(group: Group, settings: Settings) -> Tensor:
    """(group, length) what each token counts in the loss."""
    divisor = _divisor(group, settings) if settings.method == "grpo" else torch.ones_like(group.reward)
    return group.mask / divisor.unsqueeze(-1) / len(group.reward)


def exact_gradient(world: World, table: Tensor, beta: float) -> Tensor:
    """∇ of −(E_π[r] − β·KL(π‖π_ref)) in logits added to `table`, (positions, tokens, slots), over all answers."""
    logits = table.clone().requires_grad_()
    normalised = logits - (world.chain.log_probs + logits).logsumexp(-1, keepdim=True)
    measures = expectations(world.chain, Tabular(world.chain, normalised.unsqueeze(0)), {"proxy": world.proxy})
    (gradient,) = torch.autograd.grad(-(measures.mean["proxy"] - beta * measures.kl).sum(), logits)
    return gradient
