"""Moving β during a run by what a run can see: a rule that starts small, raises β when it detects hacking and lowers it
when nothing improves; and a schedule by hand. Ziegler's controller is `penalty.adaptive_beta`, a `target` of `Settings`.

Gold, what the reader wants, is seen by none of them: runs are scored on it afterwards. What can be seen is the proxy,
the KL, the entropy, the length, and a held-out judge, a second reward model that was fitted to other pairs and looks
only at whether a word occurs, so that it does not share the proxy's weakness for repetition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from .policy import Policy, probability_said, reference, sample
from .reward import _bradley_terry, word_counts
from .training import Group
from .world import World

__all__ = ["Judge", "held_out_judge", "Sight", "see", "RaiseWhenHacked", "ByHand"]


@dataclass(frozen=True)
class Judge:
    """score(answer) = Σ weights of the words that occur in it − offset, mean 0 under the reference. weights: (tokens,)."""

    weights: Tensor
    offset: float

    def score(self, counts: Tensor) -> Tensor:
        """(...) from word counts (..., tokens)."""
        return (counts > 0).to(self.weights.dtype) @ self.weights - self.offset

    def mean(self, world: World, policy: Policy) -> Tensor:
        """(batch,) its mean under each policy, exactly."""
        return probability_said(world.chain, policy, world.chain.words) @ self.weights - self.offset


def held_out_judge(world: World, pairs: int = 1000, noise: float = 1.0, seed: int = 1) -> Judge:
    """A Bradley–Terry model of which words occur, fitted to pairs of the reference's answers that the proxy did not see.

    pairs, noise, seed: as for `reward.fit_reward_model`; choose another seed than the world's.
    """
    chain = world.chain
    generator = torch.Generator(chain.token.device).manual_seed(seed)
    counts = word_counts(chain, sample(chain, reference(chain), 2 * pairs, generator).tokens[0])
    gold = world.gold.of_counts(chain, counts).view(2, -1)
    gap = gold[0] - gold[1]
    likely = torch.sigmoid(gap / noise) if noise > 0 else (gap.sign() + 1) / 2
    chosen = 2.0 * (torch.rand(pairs, dtype=gap.dtype, generator=generator, device=gap.device) < likely) - 1
    occurs = (counts > 0).to(gap.dtype)
    weights = _bradley_terry((occurs[:pairs] - occurs[pairs:]) * chosen.unsqueeze(-1), 1.0)
    plain = Judge(weights, 0.0)
    return Judge(weights, float(plain.mean(world, reference(chain))))


@dataclass(frozen=True)
class Sight:
    """What a run sees of one group at one step: means over its answers, with standard errors of judge and of gap.

    proxy, judge: reward, both 0 for the reference. gap: proxy less judge, what the proxy sees and the judge does not. kl:
    k1 of KL(π‖π_ref) and entropy, nats per answer. length: words, the end among them. beta: of the next update. verdict:
    of the rule, "improving", "hacking", "stalled" or "" where it does not decide.
    """

    step: int
    proxy: float
    judge: float
    judge_error: float
    gap: float
    gap_error: float
    kl: float
    entropy: float
    length: float
    beta: float = math.nan
    verdict: str = ""


def see(world: World, judge: Judge, group: Group, step: int, beta: float = math.nan, verdict: str = "") -> Sight:
    """What can be seen of a group, without gold."""
    tokens = group.sentences.tokens[0]
    score = judge.score(word_counts(world.chain, tokens))
    log_policy = group.old + world.chain.log_probs[group.states, group.slots] * group.mask
    error = lambda values: float(values.std() / len(values) ** 0.5)
    return Sight(
        step,
        float(group.reward.mean()),
        float(score.mean()),
        error(score),
        float((group.reward - score).mean()),
        error(group.reward - score),
        group.kl_estimates["k1"].mean,
        -float(log_policy.sum(-1).mean()),
        float(group.mask.sum(-1).mean()),
        beta,
        verdict,
    )


@dataclass
class RaiseWhenHacked:
    """A controller for `Training(world, settings, controller=…)`: start at the settings' small β and let it go by.

    Every `window` steps it looks at the last window. Hacking: the proxy exceeds the judge by more than two standard errors
    of their gap; then β grows by the factor `up`. Stalled: no hacking, and the judge has not risen by two standard errors
    since the window before; then β falls by the factor `down`. Else β stays. Between floor and ceiling. seen: what it
    saw, one Sight a step. One controller serves one run at a time: step 0 starts it anew.
    """

    world: World
    judge: Judge
    window: int = 10
    up: float = 2.0
    down: float = 0.9
    floor: float = 0.01
    ceiling: float = 10.0
    seen: list[Sight] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ValueError(f"window is {self.window}; it is at least 1 step")
        if not (self.up > 1 > self.down > 0 and 0 < self.floor <= self.ceiling):
            raise ValueError("up is above 1, down between 0 and 1, floor above 0 and at most the ceiling")

    def __call__(self, beta: float, group: Group, step: int) -> float:
        if step == 0:
            self.seen.clear()
        self.seen.append(see(self.world, self.judge, group, step))
        verdict = self._verdict() if step and (step + 1) % self.window == 0 else ""
        factor = {"hacking": self.up, "stalled": self.down}.get(verdict)
        if factor is not None:
            beta = min(max(beta * factor, self.floor), self.ceiling)
        last = self.seen[-1]
        self.seen[-1] = Sight(**(vars(last) | {"beta": beta, "verdict": verdict}))
        return beta

    def _verdict(self) -> str:
        last, before = self.seen[-self.window :], self.seen[-2 * self.window : -self.window]
        if _mean(last, "gap") > 2 * _error(last, "gap"):
            return "hacking"
        if not before:
            return "improving"
        rise = _mean(last, "judge") - _mean(before, "judge")
        return "improving" if rise > 2 * math.hypot(_error(last, "judge"), _error(before, "judge")) else "stalled"


def _mean(window: list[Sight], name: str) -> float:
    return math.fsum(getattr(sight, name) for sight in window) / len(window)


def _error(window: list[Sight], name: str) -> float:
    """The standard error of a window's mean."""
    return math.sqrt(math.fsum(getattr(sight, f"{name}_error") ** 2 for sight in window)) / len(window)


@dataclass
class ByHand:
    """A controller that holds what a hand has set: changes[step] is β from that step on. With a judge, it also looks.

    The same changes give the same run, so a run that is driven can be computed again from a link. ValueError for a
    step or β that is negative.
    """

    changes: Mapping[int, float]
    world: World | None = None
    judge: Judge | None = None
    seen: list[Sight] = field(default_factory=list)

    def __post_init__(self) -> None:
        for step, beta in self.changes.items():
            if step < 0 or not 0 <= beta < math.inf:
                raise ValueError(f"β at step {step} is {beta}; both are numbers of at least 0")

    def __call__(self, beta: float, group: Group, step: int) -> float:
        beta = self.changes.get(step, beta)
        if self.world is not None and self.judge is not None:
            if step == 0:
                self.seen.clear()
            self.seen.append(see(self.world, self.judge, group, step, beta))
        return beta
