"""One frontier: runs of every method from the same reference, and the step of a run taken apart, each a job that visitors share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from torch import Tensor

from kl_core.rlhf.frontier import FRONTIER_NS, method_run, shortfall
from kl_core.rlhf.levels import Chosen, Levels, best_of_many, chi_tilted, reward_levels, win_rate
from kl_core.rlhf.preferences import PREFERENCE_METHODS
from kl_core.rlhf.step_terms import StepTerms, terms_of_group
from kl_core.rlhf.training import LENGTHS, RECIPES, PolicyStep, Settings, Training

from ...shared.cache import shared_cache
from ...shared.jobs import OWN as OF_SERVER
from ...shared.jobs import QUEUE, Job
from .run_list import RunList, number_between
from .scene import PolicyFrames, WorldSettings, frames_of, world_of

FIRST = WorldSettings()
OWN = "own_grpo"
NAMES = {
    "reinforce": "REINFORCE",
    "ppo": "PPO",
    "grpo": "GRPO",
    "dr_grpo": "Dr. GRPO",
    "dapo": "DAPO",
    "dpo": "DPO",
    "chi_po": "χPO",
    OWN: "GRPO, your choices",
}
LENGTH_NAMES = {"answer": "its own length", "tokens": "all tokens of the group", "none": "nothing"}
CLIP_HIGH = 0.28
CHI_BETAS = (0.01, 0.03, 0.1, 0.2, 0.4, 1.0, 3.0)
SHOWN_EACH = 4
MOST_STEPS = 400
PAIRS = (100, 300, 1000, 3000)


@dataclass(frozen=True)
class Choices:
    """What Dr. GRPO and DAPO change in GRPO. length: what an answer's loss is divided by; scale: whether advantages are divided by
    the group's standard deviation; penalty: whether β·k3 is in the loss; higher: whether the upper clip is CLIP_HIGH."""

    length: str = "answer"
    scale: bool = True
    penalty: bool = True
    higher: bool = False

    @property
    def recipe(self) -> dict[str, Any]:
        free = {} if self.penalty else {"beta": 0.0}
        higher = {"clip_high": CLIP_HIGH} if self.higher else {}
        return RECIPES["grpo"] | {"length": self.length, "scale": self.scale} | free | higher

    @property
    def published(self) -> str:
        """The method that chooses so, or ""."""
        return next((NAMES[name] for name in ("grpo", "dr_grpo", "dapo") if RECIPES[name] == self.recipe), "")

    @property
    def name(self) -> str:
        parts = {"answer": [], "tokens": ["÷ all tokens"], "none": ["no ÷ length"]}[self.length]
        parts = parts + [] if self.scale else [*parts, "no sd"]
        parts = parts if self.penalty else [*parts, "no KL"]
        return ", ".join(["GRPO", *(parts if not self.higher else [*parts, "clip higher"])])


@dataclass(frozen=True)
class MethodRun:
    """A run: the method's key in NAMES; beta of its penalty, which Dr. GRPO and DAPO leave out; pairs of DPO and χPO; the choices
    of OWN."""

    method: str
    beta: float
    steps: int
    seed: int
    pairs: int = 1000
    choices: Choices = Choices()

    @property
    def name(self) -> str:
        name = self.choices.name if self.method == OWN else NAMES[self.method]
        if self.method in PREFERENCE_METHODS and self.pairs != 1000:
            name = f"{name}, {self.pairs} pairs"
        return name if self.free else f"{name}, β = {self.beta:g}"

    @property
    def recipe(self) -> Mapping[str, Any]:
        """Its settings beside β, steps and seed; {} for what learns from pairs."""
        return self.choices.recipe if self.method == OWN else RECIPES.get(self.method, {})

    @property
    def free(self) -> bool:
        """Without a KL penalty."""
        return self.recipe.get("beta") == 0

    @property
    def by_reward(self) -> bool:
        """Trained on a reward, whose steps can be taken apart; not on pairs."""
        return self.method not in PREFERENCE_METHODS

    @property
    def key(self) -> tuple:
        pairs = 0 if self.by_reward else self.pairs
        return (
            "frontier",
            tuple(sorted(self.recipe.items())) or self.method,
            0.0 if self.free else self.beta,
            self.steps,
            self.seed,
            pairs,
        )

    @property
    def settings(self) -> Settings:
        return Settings(**{"beta": self.beta, "steps": self.steps, "seed": self.seed, **self.recipe})


def written(run: MethodRun) -> str:
    """grpo:0.7:100:0, and for DPO and χPO the pairs behind it, for OWN its choices: tokens-1-0-1."""
    more = ""
    if run.method == OWN:
        choices = run.choices
        more = f":{choices.length}-{choices.scale:d}-{choices.penalty:d}-{choices.higher:d}"
    elif not run.by_reward:
        more = f":{run.pairs}"
    return f"{run.method}:{run.beta:g}:{run.steps}:{run.seed}{more}"


def read(text: str) -> MethodRun:
    """What `written` wrote; ValueError for anything else."""
    method, beta, steps, seed, *more = text.split(":")
    if method not in NAMES or len(more) != (method == OWN or method in PREFERENCE_METHODS):
        raise ValueError(f"{text} is no run")
    common = (number_between(beta, float, 0.01, 10), number_between(steps, int, 20, MOST_STEPS), number_between(seed, int, 0, 9999))
    if method in PREFERENCE_METHODS:
        return MethodRun(method, *common, pairs=number_between(more[0], int, PAIRS[0], PAIRS[-1]))
    if method != OWN:
        return MethodRun(method, *common)
    length, *flags = more[0].split("-")
    if length not in LENGTHS or len(flags) != 3 or not set(flags) <= {"0", "1"}:
        raise ValueError(f"{text} is no run")
    scale, penalty, higher = (flag == "1" for flag in flags)
    return MethodRun(method, *common, choices=Choices(length, scale, penalty, higher))


def ask(asked: MethodRun) -> Job:
    """Starts the run, unless somebody has."""
    return QUEUE.ask(asked.key, partial(_steps, asked), asked.steps // SHOWN_EACH + 1)


RUNS = RunList("frontier_runs", ask, written, read)


def _steps(asked: MethodRun) -> Iterator[PolicyStep]:
    world = world_of(FIRST.pairs, FIRST.noise, FIRST.seed)
    if asked.by_reward:
        return islice(iter(Training(world, asked.settings)), 0, None, SHOWN_EACH)
    run = method_run(world, asked.method, beta=asked.beta, steps=asked.steps, seed=asked.seed, pairs=asked.pairs)
    return islice(run, 0, None, SHOWN_EACH)


def frames_of_first() -> PolicyFrames:
    return frames_of(FIRST)


@shared_cache(1)
def levels() -> Levels:
    return reward_levels(world_of(FIRST.pairs, FIRST.noise, FIRST.seed))


@shared_cache(1)
def best_of_each_n() -> Chosen:
    """Best-of-n at each of FRONTIER_NS, exactly and with ties."""
    return best_of_many(levels(), FRONTIER_NS)


@shared_cache(1)
def wins_of_each_n() -> Tensor:
    """How often best-of-n beats one more draw, ties counted half: at most n/(n + 1)."""
    return win_rate(levels(), FRONTIER_NS)


_CURVES = (frames_of_first, best_of_each_n, wins_of_each_n)


def ask_curves() -> Job:
    """Makes the exact curves, once for all visitors, while the page goes on answering: some 2 s on a fresh server."""
    return OF_SERVER.ask(("frontier curves",), _curves, len(_CURVES), for_all=True)


def _curves() -> Iterator[None]:
    for make in _CURVES:
        make()
        yield


@shared_cache(256)
def below_optimum(kl: float, proxy: float) -> float:
    """How much less than the optimum of the same KL (nats) a policy with this score has."""
    return max(shortfall(world_of(FIRST.pairs, FIRST.noise, FIRST.seed), kl, proxy), 0.0)


@shared_cache(1)
def chi_po_limit() -> Chosen:
    """χPO with unlimited pairs at each of CHI_BETAS; some 1.5 s."""
    return chi_tilted(levels(), CHI_BETAS)


@dataclass(frozen=True)
class Pulled:
    """One step of a run, and what another method would make of the same samples."""

    own: StepTerms
    other: StepTerms


def pulled_key(asked: MethodRun, other: str, step: int) -> tuple:
    return ("frontier step", asked.key, other, step)


def ask_step(asked: MethodRun, other: str, step: int) -> Job:
    """Runs the method up to that step and takes its last Adam step on the group apart, under both methods."""
    return QUEUE.ask(pulled_key(asked, other, step), partial(_pulled, asked, other, step), 1)


def _pulled(asked: MethodRun, other: str, step: int) -> Iterator[Pulled]:
    world = world_of(FIRST.pairs, FIRST.noise, FIRST.seed)
    run = Training(world, asked.settings)
    for reached in run:
        if reached.step == step:
            break
    run.update(run.epochs - 1)  # the ratio is 1 until a group has been used once
    assert run.group is not None
    table = run.policy.table[0]
    settings = MethodRun(other, asked.beta, asked.steps, asked.seed).settings
    yield Pulled(
        terms_of_group(world, asked.settings, run.group, table, asked.settings.beta, step),
        terms_of_group(world, settings, run.group, table, settings.beta, step),
    )
