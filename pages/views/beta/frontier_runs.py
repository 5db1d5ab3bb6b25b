"""One frontier: runs of every method from the same reference, and the step of a run taken apart, each a job that visitors share."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from kl_core.rlhf.frontier import FRONTIER_NS, method_run
from kl_core.rlhf.levels import Chosen, Levels, best_of_many, reward_levels
from kl_core.rlhf.preferences import PREFERENCE_METHODS
from kl_core.rlhf.step_terms import StepTerms, terms_of_group
from kl_core.rlhf.training import RECIPES, PolicyStep, Settings, Training

from ...shared.cache import shared_cache
from ...shared.jobs import QUEUE, Job
from .scene import WorldSettings, world_of

FIRST = WorldSettings()
NAMES = {
    "reinforce": "REINFORCE",
    "ppo": "PPO",
    "grpo": "GRPO",
    "dr_grpo": "Dr. GRPO",
    "dapo": "DAPO",
    "dpo": "DPO",
    "chi_po": "χPO",
}
SHOWN_EACH = 4


@dataclass(frozen=True)
class Asked:
    """A run: the method's key in NAMES; beta of its penalty, which Dr. GRPO and DAPO leave out."""

    method: str
    beta: float
    steps: int
    seed: int

    @property
    def name(self) -> str:
        return NAMES[self.method] if self.free else f"{NAMES[self.method]}, β = {self.beta:g}"

    @property
    def free(self) -> bool:
        """Without a KL penalty."""
        return RECIPES.get(self.method, {}).get("beta") == 0

    @property
    def by_reward(self) -> bool:
        """Trained on a reward, whose steps can be taken apart; not on pairs."""
        return self.method not in PREFERENCE_METHODS

    @property
    def key(self) -> tuple:
        return ("frontier", self.method, 0.0 if self.free else self.beta, self.steps, self.seed)

    @property
    def settings(self) -> Settings:
        return Settings(**{"beta": self.beta, "steps": self.steps, "seed": self.seed} | RECIPES[self.method])


def ask(asked: Asked) -> Job:
    """Starts the run, unless somebody has."""
    return QUEUE.ask(asked.key, partial(_steps, asked), asked.steps // SHOWN_EACH + 1)


def _steps(asked: Asked) -> Iterator[PolicyStep]:
    world = world_of(FIRST.pairs, FIRST.noise, FIRST.seed)
    run = method_run(world, asked.method, beta=asked.beta, steps=asked.steps, seed=asked.seed)
    return islice(run, 0, None, SHOWN_EACH)


@shared_cache(1)
def levels() -> Levels:
    return reward_levels(world_of(FIRST.pairs, FIRST.noise, FIRST.seed))


@shared_cache(1)
def best_of_each_n() -> Chosen:
    """Best-of-n at each of FRONTIER_NS, exactly and with ties."""
    return best_of_many(levels(), FRONTIER_NS)


@dataclass(frozen=True)
class Pulled:
    """One step of a run, and what another method would make of the same samples."""

    own: StepTerms
    other: StepTerms


def pulled_key(asked: Asked, other: str, step: int) -> tuple:
    return ("frontier step", asked.key, other, step)


def ask_step(asked: Asked, other: str, step: int) -> Job:
    """Runs the method up to that step and takes its last Adam step on the group apart, under both methods."""
    return QUEUE.ask(pulled_key(asked, other, step), partial(_pulled, asked, other, step), 1)


def _pulled(asked: Asked, other: str, step: int) -> Iterator[Pulled]:
    world = world_of(FIRST.pairs, FIRST.noise, FIRST.seed)
    run = Training(world, asked.settings)
    for reached in run:
        if reached.step == step:
            break
    run.update(run.epochs - 1)  # the ratio is 1 until a group has been used once
    assert run.group is not None
    table = run.policy.table[0]
    settings = Asked(other, asked.beta, asked.steps, asked.seed).settings
    yield Pulled(
        terms_of_group(world, asked.settings, run.group, table, asked.settings.beta, step),
        terms_of_group(world, settings, run.group, table, settings.beta, step),
    )
