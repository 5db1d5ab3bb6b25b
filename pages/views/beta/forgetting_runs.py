"""Forgetting: the runs that a visitor asks for, each a job that all visitors share."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from kl_core.rlhf.forgetting import Moment, Run, fine_tune, imitation_limit, many_runs, moment_of, rl_optimum
from kl_core.rlhf.rank_intervals import RankIntervals, rank_intervals
from kl_core.rlhf.targets import Target, oracle

from ...shared.cache import shared_cache
from ...shared.jobs import OWN, QUEUE, Job
from .forgetting_targets import TARGETS, bars_read, bars_written, number_of, prompt_world, target_named, target_with_bars
from .run_list import RunList, number_between

BETAS = (1.0, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08)
SFT_BETA = 0.3
"""Of no meaning for SFT, and the same for all, so that equal runs are one."""
MOST_STEPS = 400
POINTS = 20
"""Moments that a run reports, besides its first."""


@dataclass(frozen=True)
class ForgettingRun:
    """A run as chosen: target None for RL, whose price of KL is beta. bars: of a target that a hand has made from that one."""

    target: str | None
    beta: float
    steps: int
    seed: int
    bars: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        if self.target is None:
            return f"RL, β = {self.beta:g}"
        return f"SFT: a target of yours, KL {self.imitated.kl:.3g}" if self.bars else f"SFT: {self.target}"

    @property
    def short_name(self) -> str:
        """For a narrow picture: an SFT run goes by the number of its target."""
        if self.target is None:
            return self.name
        return f"yours, KL {self.imitated.kl:.2g}" if self.bars else f"SFT {number_of(self.target)}"

    @property
    def imitated(self) -> Target:
        """What SFT imitates. ValueError for RL."""
        if self.target is None:
            raise ValueError("RL imitates nothing")
        return target_with_bars(self.target, self.bars) if self.bars else target_named(self.target)

    @property
    def key(self) -> tuple:
        return ("forgetting", self.target, self.beta if self.target is None else 0.0, self.steps, self.seed, self.bars)


@shared_cache(1)
def start() -> Moment:
    """The reference itself."""
    world = prompt_world()
    return moment_of(world, world.log_probs[0].new_zeros(world.log_probs[0].shape))


@shared_cache(1)
def nearest_success() -> float:
    """KL of π_ref given success from π_ref: −log π_ref(success), nats."""
    return oracle(prompt_world()).kl


@shared_cache(1)
def imitation_limits() -> dict[str, Moment]:
    """Where SFT on each target would end after any number of steps, exactly: a sum, no training."""
    return {name: imitation_limit(prompt_world(), target_named(name)) for name in TARGETS}


def written(run: ForgettingRun) -> str:
    """rl:0.35:100:0, or for SFT the place of its target: sft:3:100:0, with the bars of one's own: sft:3:100:0:0.5-0.1-…"""
    how = f"rl:{run.beta:g}" if run.target is None else f"sft:{TARGETS.index(run.target)}"
    return f"{how}:{run.steps}:{run.seed}" + (f":{bars_written(run.bars)}" if run.bars else "")


def read(text: str) -> ForgettingRun:
    """What `written` wrote; ValueError for anything else."""
    method, how, steps, seed, *bars = text.split(":")
    common = (number_between(steps, int, 20, MOST_STEPS), number_between(seed, int, 0, 9999))
    if method == "sft" and len(bars) < 2:
        return ForgettingRun(TARGETS[number_between(how, int, 0, len(TARGETS) - 1)], SFT_BETA, *common, bars_read(bars[0]) if bars else ())
    if method != "rl" or bars:
        raise ValueError(f"{text} is no run")
    return ForgettingRun(None, number_between(how, float, BETAS[-1], BETAS[0]), *common)


def ask(asked: ForgettingRun) -> Job:
    """Starts the run, unless somebody has."""
    each = max(asked.steps // POINTS, 1)
    return QUEUE.ask(asked.key, partial(_moments, asked, each), len(range(0, asked.steps, each)) + 1)


RUNS = RunList("forgetting_runs", ask, written, read, most=6)


def _moments(asked: ForgettingRun, each: int) -> Iterator[Moment]:
    target = None if asked.target is None else asked.imitated
    run = Run(target=target, beta=asked.beta, steps=asked.steps, seed=asked.seed, name=asked.name)
    return fine_tune(prompt_world(), run, each=each)


@shared_cache(32)
def by_hand(asked: ForgettingRun) -> list[Moment]:
    """The moments of an SFT run at once: it follows its exact gradient, and takes about a quarter of a second."""
    return list(_moments(asked, max(asked.steps // POINTS, 1)))


_EXACT, _COMPARED, _MANY = ("forgetting exactly",), ("forgetting, compared",), ("forgetting, many runs",)
COMPARED_BETAS = (0.3, 0.1, 0.02)
COMPARED_STEPS, COMPARED_EACH = 100, 5


@dataclass(frozen=True)
class Path:
    """A run with exact gradients, whole: target None for RL at beta."""

    target: str | None
    beta: float
    moments: tuple[Moment, ...]

    @property
    def method(self) -> str:
        return "RL" if self.target is None else "SFT"

    @property
    def short_name(self) -> str:
        """For a narrow picture, whose legend says that RL goes by its β and SFT by its target's number."""
        return f"{self.beta:g}" if self.target is None else str(number_of(self.target))

    @property
    def stages(self) -> tuple[Moment, ...]:
        """Five moments on the way, the last one among them."""
        return self.moments[4::4]

    @property
    def name(self) -> str:
        return f"RL, β = {self.beta:g}" if self.target is None else f"SFT {number_of(self.target)}, {self.target}"


def ask_compared() -> Job:
    """RL at three β and SFT on every target, each by its exact gradient, so without samples: some seconds, the same for all."""
    return OWN.ask(_COMPARED, _compare, len(COMPARED_BETAS) + len(TARGETS), for_all=True)


def compared() -> list[Path]:
    """Those that are done."""
    return list(ask_compared().results)


def stages() -> dict[str, list[Moment]]:
    """Five moments of each, by method."""
    return {method: [moment for path in compared() if path.method == method for moment in path.stages] for method in ("RL", "SFT")}


def _compare() -> Iterator[Path]:
    world = prompt_world()
    for target, beta in [*((None, beta) for beta in COMPARED_BETAS), *((target, SFT_BETA) for target in TARGETS)]:
        run = Run(target=None if target is None else target_named(target), beta=beta, steps=COMPARED_STEPS, group=0)
        yield Path(target, beta, tuple(fine_tune(world, run, each=COMPARED_EACH)))
    _ask_exact()


def ask_exact() -> Job | None:
    """The best weights for RL at each of BETAS, exactly: some seconds, the same for all. None until the compared runs have ended, which
    are seen first."""
    return None if ask_compared().live else _ask_exact()


def _ask_exact() -> Job:
    return OWN.ask(_EXACT, _exact, len(BETAS), for_all=True)


def exact() -> Job | None:
    return OWN.find(_EXACT)


def optimum_path() -> list[Moment]:
    """The reference and RL's optimum at each of BETAS, from the largest; [] until all are known."""
    job = exact()
    return [start(), *job.results] if job is not None and job.state == "done" else []


def _exact() -> Iterator[Moment]:
    world = prompt_world()
    for weights in rl_optimum(world, BETAS):
        yield moment_of(world, weights)


MANY = 63
"""How many runs `many_runs` makes."""


def ask_many() -> Job:
    """The many runs over which it is counted which KL predicts forgetting."""
    return QUEUE.ask(_MANY, _many, MANY)


def many() -> Job | None:
    return QUEUE.find(_MANY)


def many_moments(job: Job) -> dict[str, list[Moment]]:
    """The last moments of those that are done, by method."""
    return {name: [end.last for end in job.results if end.by_rl == (name == "RL")] for name in ("RL", "SFT")}


@dataclass(frozen=True)
class ForgettingEnd:
    """The end of one of the many runs. training: those of one name are stages of one training."""

    by_rl: bool
    training: str
    last: Moment


def _many() -> Iterator[ForgettingEnd]:
    world = prompt_world()
    for run in many_runs(world):
        *_, last = fine_tune(world, run, each=max(run.steps, 1))
        yield ForgettingEnd(run.target is None, run.name.replace(f", {run.steps} steps", ""), last)


FEWEST_TRAININGS = 10
"""No correlation is shown over fewer."""


def many_ranks() -> dict[str, RankIntervals]:
    """What predicts forgetting over the many runs, all and by method, where there are enough trainings; {} until all are done."""
    job = many()
    return _many_ranks() if job is not None and job.state == "done" else {}


@shared_cache(1)
def _many_ranks() -> dict[str, RankIntervals]:
    ends = ask_many().results
    groups = {"RL and SFT": list(ends), "RL": [end for end in ends if end.by_rl], "SFT": [end for end in ends if not end.by_rl]}
    enough = {name: group for name, group in groups.items() if len({end.training for end in group}) >= FEWEST_TRAININGS}
    return {name: rank_intervals([end.last for end in group], [end.training for end in group]) for name, group in enough.items()}
