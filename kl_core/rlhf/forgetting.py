"""Fine-tuning on one question with weights that all questions share, and how much of the others is lost by it.

RL seeks success on the new question with a price β on KL; supervised fine-tuning (SFT) imitates a target. Each run says,
step by step and exactly, what became of every question, so that which KL foretells forgetting can be counted over runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from scipy.stats import spearmanr
from torch import Tensor

from .language import START
from .prompts import NEW, Answers, PromptWorld, measure_answers
from .targets import Target, best_imitation, cross_entropy, likeliest_success, target_of_power, target_of_sentences

__all__ = [
    "Run",
    "Moment",
    "fine_tune",
    "rl_optimum",
    "imitation_limit",
    "moment_of",
    "sample_answers",
    "many_runs",
    "predictors",
    "Predictors",
]


@dataclass(frozen=True)
class Run:
    """How to fine-tune. target: what SFT imitates; None: RL, reward 1 for success.

    beta: RL's price of a nat of KL(π‖π_ref) per answer, at least 0. group: RL's sampled answers a step, at least 2;
    0: no sampling, the exact gradient. SFT follows its exact gradient. learning_rate: Adam's, or plain descent's with
    adam=False. name: for a legend.
    """

    target: Target | None = field(default=None, compare=False)
    beta: float = 0.1
    group: int = 64
    learning_rate: float = 0.05
    steps: int = 200
    seed: int = 0
    adam: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.beta < math.inf:
            raise ValueError(f"beta is {self.beta}; it is a finite number of at least 0")
        if not 0 < self.learning_rate <= 10:
            raise ValueError(f"learning_rate is {self.learning_rate}; it is above 0 and at most 10")
        if self.group < 2 and self.group != 0:
            raise ValueError(f"group is {self.group}; it is at least 2, or 0 for the exact gradient")
        if self.steps < 0:
            raise ValueError(f"steps is {self.steps}; it is at least 0")


@dataclass(frozen=True)
class Moment:
    """After `step` updates. quality: the probability of success by question. kl, kl_from_reference, entropy: on the new
    question, KL(π‖π_ref) under π, KL(π_ref‖π) under π_ref, nats per answer. forgotten: quality lost on the other
    questions, on average; below 0 if they gained. weights: (words, words), to ask what such a policy says.
    """

    step: int
    quality: dict[str, float]
    kl: float
    kl_from_reference: float
    entropy: float
    forgotten: float
    weights: Tensor = field(repr=False, compare=False)

    @property
    def new_quality(self) -> float:
        return next(iter(self.quality.values()))


def moment_of(world: PromptWorld, weights: Tensor, step: int = 0) -> Moment:
    """What a policy with these weights (words, words) does, exactly."""
    with torch.no_grad():
        answers = measure_answers(world, weights)
        before = measure_answers(world, torch.zeros_like(weights)).old_quality
    return _moment(world, answers, float(before), weights, step)


def _moment(world: PromptWorld, answers: Answers, before: float, weights: Tensor, step: int) -> Moment:
    new = lambda values: float(values[NEW])
    quality = dict(zip(world.names, answers.quality.tolist(), strict=True))
    return Moment(
        step,
        quality,
        new(answers.kl),
        new(answers.kl_from_reference),
        new(answers.entropy),
        before - float(answers.old_quality),
        weights.detach().clone(),
    )


def fine_tune(world: PromptWorld, run: Run, each: int = 1) -> Iterator[Moment]:
    """Yields the moments of a run from the reference on, every `each` steps and the last; the same for the same run.

    FloatingPointError if it diverges.
    """
    weights = torch.zeros_like(world.log_probs[NEW]).requires_grad_()
    choose = torch.optim.Adam if run.adam else torch.optim.SGD
    optimiser = choose([weights], lr=run.learning_rate)
    generator = torch.Generator(weights.device).manual_seed(run.seed)
    with torch.no_grad():
        before = float(measure_answers(world, torch.zeros_like(weights)).old_quality)
    for step in range(run.steps + 1):
        if step % each == 0 or step == run.steps:
            with torch.no_grad():
                yield _moment(world, measure_answers(world, weights), before, weights, step)
        if step < run.steps:
            optimiser.zero_grad()
            loss = _loss(world, run, weights, generator)
            if not bool(loss.isfinite()):
                raise FloatingPointError(f"the loss is {loss.item()}; with a smaller learning_rate it stays finite")
            loss.backward()
            optimiser.step()


def _loss(world: PromptWorld, run: Run, weights: Tensor, generator: torch.Generator) -> Tensor:
    if run.target is not None:
        return cross_entropy(world, run.target, weights)
    return _sampled_loss(world, run, weights, generator) if run.group else -_objective(world, weights, run.beta)


def _objective(world: PromptWorld, weights: Tensor, beta: float) -> Tensor:
    """π_θ(success) − β·KL(π_θ‖π_ref) on the new question, exactly."""
    alone = PromptWorld(
        world.words, world.names[:1], world.log_probs[:1], world.memory[:1], world.good[:1], world.length
    )  # the others are not asked
    answers = measure_answers(alone, weights)
    return (answers.quality - beta * answers.kl)[NEW]


def _sampled_loss(world: PromptWorld, run: Run, weights: Tensor, generator: torch.Generator) -> Tensor:
    """REINFORCE with a leave-one-out baseline, the log-ratio in the reward: its mean gradient is the objective's."""
    log_policy = world.log_policy(weights)[NEW]
    before, said, success = _say(world, log_policy.detach().exp(), run.group, generator)
    speaking = (before != 1).to(weights.dtype)
    chosen = torch.where(before == 1, 0.0, log_policy[before, said])
    log_ratio = chosen.detach() - torch.where(before == 1, 0.0, world.log_probs[NEW][before, said])
    to_come = success.unsqueeze(-1) - run.beta * log_ratio.flip(-1).cumsum(-1).flip(-1)
    advantage = (to_come - to_come.mean(0)) * run.group / (run.group - 1)
    return -(chosen * advantage * speaking).sum(-1).mean()


def _say(world: PromptWorld, policy: Tensor, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """(count, length) the words spoken from and those said, and (count,) whether each answer is a success."""
    word = torch.full((count,), START, dtype=torch.long, device=policy.device)
    memory, befores, saids = torch.zeros_like(word), [], []
    leads = world.memory[NEW].argmax(-1)
    for _ in range(world.length):
        befores.append(word)
        word = torch.multinomial(policy[word], 1, generator=generator).squeeze(-1)
        memory = leads[word, memory]
        saids.append(word)
    success = world.good[NEW][memory] * (word == 1)
    return torch.stack(befores, -1), torch.stack(saids, -1), success


def sample_answers(world: PromptWorld, weights: Tensor, prompt: int, count: int = 3, seed: int = 0) -> list[str]:
    """Some answers of the policy with these weights to a question, in words; the same for the same seed."""
    with torch.no_grad():
        policy = world.log_policy(weights)[prompt].exp()
    _, said, _ = _say(world, policy, count, torch.Generator(policy.device).manual_seed(seed))
    return [world.text(answer) for answer in said.tolist()]


def rl_optimum(world: PromptWorld, betas: Sequence[float], iterations: int = 100) -> list[Tensor]:
    """The weights that maximise π_θ(success) − β·KL(π_θ‖π_ref) within the shared family, for each β > 0.

    By L-BFGS on the exact objective, from the largest β down, each from the one before; rows that the policy never
    speaks from stay as they were. Returned in the order asked; some 0.5 s a β.
    """
    if not betas or not all(0 < beta < math.inf for beta in betas):
        raise ValueError(f"betas is {list(betas)}; each is a finite number above 0")
    solved: dict[float, Tensor] = {}
    weights = torch.zeros_like(world.log_probs[NEW])
    for beta in sorted(set(betas), reverse=True):
        weights = weights.clone().requires_grad_()
        options: dict[str, Any] = {"history_size": 20, "tolerance_grad": 1e-9, "tolerance_change": 1e-13, "line_search_fn": "strong_wolfe"}
        solver = torch.optim.LBFGS([weights], max_iter=iterations, **options)

        def closure(weights: Tensor = weights, solver: torch.optim.LBFGS = solver, beta: float = beta) -> Tensor:
            solver.zero_grad()
            loss = -_objective(world, weights, beta)
            loss.backward()
            return loss

        solver.step(closure)
        weights = weights.detach()
        solved[beta] = weights
    return [solved[beta] for beta in betas]


def imitation_limit(world: PromptWorld, target: Target) -> Moment:
    """Where SFT on this target ends within the shared family: `targets.best_imitation`, measured."""
    return moment_of(world, best_imitation(world, target))


def many_runs(world: PromptWorld, steps: Sequence[int] = (50, 100, 200), seeds: Sequence[int] = (0, 1)) -> list[Run]:
    """Runs to count over: RL at seven β and each seed, SFT on seven targets from the oracle to a single odd answer.

    Each at every number of steps; run one by one with `fine_tune(world, run, each=run.steps)`, some 1 s for RL.
    """
    powers = {"favourites": 3.0, "oracle": 1.0, "halfway": 0.5, "all successes": 0.0, "odd successes": -0.5}
    targets = {name: target_of_power(world, power) for name, power in powers.items()}
    targets["its likeliest success"] = target_of_sentences(world, {likeliest_success(world): 1.0})
    targets["one odd answer"] = target_of_sentences(world, {"the answer is: more fresh air": 1.0})
    runs = []
    for count in steps:
        for beta in (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5):
            runs += [Run(beta=beta, steps=count, seed=seed, name=f"RL, β = {beta:g}, {count} steps, seed {seed}") for seed in seeds]
        runs += [Run(target=target, steps=count, name=f"SFT, {name}, {count} steps") for name, target in targets.items()]
    return runs


@dataclass(frozen=True)
class Predictors:
    """Spearman's rank correlation of what was forgotten with each quantity on the new question, over `runs` runs.

    kl: KL(π‖π_ref), under π; kl_from_reference: KL(π_ref‖π), under π_ref; quality: success. NaN where all are alike.
    """

    kl: float
    kl_from_reference: float
    quality: float
    runs: int

    @property
    def better(self) -> str:
        """ "kl" or "kl_from_reference", whichever ranks the runs more as forgetting does."""
        return "kl" if self.kl >= self.kl_from_reference else "kl_from_reference"


def predictors(moments: Iterable[Moment]) -> Predictors:
    """Which KL on the new question foretells forgetting, by ranks; ValueError for fewer than three runs."""
    moments = list(moments)
    if len(moments) < 3:
        raise ValueError(f"there are {len(moments)} runs; ranks need at least 3")
    forgotten = [moment.forgotten for moment in moments]
    rank = lambda values: float(spearmanr(values, forgotten).statistic) if len(set(values)) > 1 else math.nan
    return Predictors(
        rank([moment.kl for moment in moments]),
        rank([moment.kl_from_reference for moment in moments]),
        rank([moment.new_quality for moment in moments]),
        len(moments),
    )
