"""Who sets β during a run? By hand, by Ziegler’s controller, or by a rule that raises it when hacking is detected."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from kl_core.rlhf.controllers import ByHand, Judge, RaiseWhenHacked, Sight, held_out_judge, see
from kl_core.rlhf.language import END
from kl_core.rlhf.policy import expectations, optimum
from kl_core.rlhf.training import PolicyStep, Settings, Training

from ...shared.cache import shared_cache
from ...shared.jobs import QUEUE, Job
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from ...shared.trained import note_trained, say_if_gone
from ...shared.typeset import typeset
from .frontier_runs import FIRST
from .run_list import reveal
from .scene import frames_of, world_of

STEPS, SHOWN_EACH, PHASE = 150, 5, 50
BETAS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0)
TARGETS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
START = 0.4
"""β of every run's first step."""
HORIZONS = (300, 500, 1000, 3000, 10_000)
HORIZON = 1000
"""In answers: with it and START the controller passes its default target within the run, and comes back to it."""
EVERY = 0.8
COLOURS = (4, 1, 2)
_ASKED, _PLACE, _PRESSES = "adapting_asked", "adapting_picture", "adapting_presses"
NAMES = ("By hand", "Hold the KL (Ziegler)", "Raise when hacked")
SEEN = {
    "Reward model’s score": "proxy",
    "Held-out reward model’s score": "judge",
    "KL, as the run estimates it": "kl",
    "Entropy": "entropy",
    "Words per answer": "length",
}


@dataclass(frozen=True)
class Plan:
    """hand: β from step 0, 50 and 100, as far as the hand has gone; target: the KL that the controller holds, nats; seed: of all runs;
    horizon: the controller's, answers. Every run starts at the hand's first β."""

    hand: tuple[float, ...]
    target: float
    seed: int
    horizon: int = HORIZON

    @property
    def reached(self) -> int:
        """The step to which the run by hand goes."""
        return PHASE * len(self.hand)

    def key(self, name: str) -> tuple:
        own = {NAMES[0]: self.hand, NAMES[1]: (self.hand[0], self.target, self.horizon), NAMES[2]: self.hand[:1]}
        return ("adapting", name, self.seed, own[name])


@dataclass(frozen=True)
class Point:
    """What a run is, exactly, and what it sees of itself."""

    exact: PolicyStep
    sight: Sight


@shared_cache(1)
def judge() -> Judge:
    """A second reward model, fitted to pairs that the first one did not see."""
    return held_out_judge(world_of(FIRST.pairs, FIRST.noise, FIRST.seed))


@shared_cache(1)
def optima() -> dict[str, list[float]]:
    """What can be seen of the exact optimum at each of BETAS, where a run would end that had the time; named as in `Sight`."""
    world = world_of(FIRST.pairs, FIRST.noise, FIRST.seed)
    best = optimum(world.chain, world.proxy, BETAS)
    speaking = (world.chain.token != END).to(world.proxy.dtype).unsqueeze(-1).expand_as(world.proxy)
    seen = expectations(world.chain, best, {"proxy": world.proxy, "length": speaking})
    exact = {"kl": seen.kl, "entropy": seen.entropy, "judge": judge().mean(world, best), **seen.mean}
    return {name: values.tolist() for name, values in exact.items()}


def ask(plan: Plan) -> None:
    """Both rules run to their end; the run by hand as far as β has been set, the same steps as before and the next ones."""
    for name in NAMES:
        steps = plan.reached if name == NAMES[0] else STEPS
        QUEUE.ask(plan.key(name), partial(_points, plan, name), steps // SHOWN_EACH + 1)


def _points(plan: Plan, name: str) -> Iterator[Point]:
    world = world_of(FIRST.pairs, FIRST.noise, FIRST.seed)
    target = plan.target if name == NAMES[1] else None
    settings = Settings(beta=plan.hand[0], steps=STEPS, seed=plan.seed, target=target, horizon=plan.horizon)
    changes = {i * PHASE: beta for i, beta in enumerate(plan.hand)}
    controllers: dict[str, ByHand | RaiseWhenHacked] = {NAMES[0]: ByHand(changes), NAMES[2]: RaiseWhenHacked(world, judge())}
    run = Training(world, settings, controller=controllers.get(name))
    for reached in run:
        if reached.step % SHOWN_EACH == 0:
            assert run.group is not None
            yield Point(reached, see(world, judge(), run.group, reached.step, run.beta))
        if name == NAMES[0] and reached.step == plan.reached:
            return


def _stop(jobs: list[Job]) -> None:
    for job in jobs:
        job.leave()


def adapting_view(unit: Unit) -> None:
    """Set β, run 50 steps, look, set it anew: three times. The rules are seen as far; the true reward comes at the end."""
    head = st.container(key="adapting_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right.container(key="asked_first"):  # before a run the pictures are empty
        hand, horizon = _drive()
        reveal("adapting_reveal", _PLACE, int(st.session_state.get(_PRESSES, 0)))
    jobs = _jobs()
    before = _before()
    awaited = [job for job in jobs.values() if job.live]

    @st.fragment(run_every=EVERY if awaited else None)
    def look() -> None:
        points = seen_points(st.session_state.get(_ASKED), _jobs(), before)
        plane("adapting_beta", steps_plane("β", points, "beta", 1.0, ("your plan", hand)))
        seen = st.segmented_control("Watch", list(SEEN), default=list(SEEN)[0], required=True, key="adapting_watch", bind="query-params")
        factor = unit.per_nat if SEEN[seen] in ("kl", "entropy") else 1.0
        plane("adapting_seen", steps_plane(seen, points, SEEN[seen], factor, ("your plan", goals(SEEN[seen], hand))))
        if ended(points):
            plane("adapting_gold", gold_plane(points))
        if awaited:
            st.progress(sum(map(len, points.values())) / sum(job.total for job in _jobs().values()), text="Running")
            st.button("Stop", key="adapting_stop", on_click=_stop, args=(awaited,))
        if not all(job.live for job in awaited):
            st.rerun()

    with picture.container(key=_PLACE):
        look()
    with head:
        st.subheader(typeset(finding(jobs)), anchor=False)
    st.markdown(
        r"Ziegler et al. (2019): ${\beta\leftarrow\beta\,(1+e\,n/h)}$ with ${e=\mathrm{clip}(\mathrm{KL}/\text{target}-1,\ \pm 0.2)}$."
    )
    st.caption(
        f"n = {Settings.group} answers per step; h: the horizon, in answers. So β moves by at most {0.2 * Settings.group / horizon:.1%} "
        "per step. “Raise when hacked” acts every 10 steps: it doubles β if the score exceeds the held-out model’s, and lowers it by "
        "10 % if nothing improves. All three start at the same β. Dotted: your plan, and what the exact optimum at that β shows. "
        "Here training counts the reward × 1, so β = 0.7 is the 0.07 of “The answer”."
    )


def goals(attribute: str, hand: Sequence[float]) -> list[float]:
    """What the exact optimum at each β of the hand shows."""
    return [optima()[attribute][BETAS.index(beta)] for beta in hand]


def _drive() -> tuple[list[float], int]:
    """β for the next 50 steps, what the rules need, and the button that runs on; what has been run cannot be changed."""
    asked: Plan | None = st.session_state.get(_ASKED)
    done = len(asked.hand) if asked else 0
    hand = [
        st.select_slider(
            f"β from step {i * PHASE}",
            BETAS,
            START,
            key=f"hand_{i}",
            bind="query-params",
            format_func=lambda beta: f"{beta:g}",
            disabled=i < done,
        )
        for i in range(STEPS // PHASE)
    ]
    go = st.container()
    with st.expander("More: the rules, and the seed", icon=":material/tune:", key="adapting_rules"):
        target = st.select_slider(
            "KL to hold, nats", TARGETS, 1.5, key="hand_target", bind="query-params", format_func=lambda kl: f"{kl:g}", disabled=done > 0
        )
        horizon = st.select_slider(
            "Horizon h, answers", HORIZONS, HORIZON, key="hand_horizon", bind="query-params", format_func=str, disabled=done > 0
        )
        seed = st.number_input("Seed", 0, 9999, 0, key="hand_seed", bind="query-params", disabled=done > 0)
    if done < len(hand):
        job = _jobs().get(NAMES[0])
        label = f"Run steps {done * PHASE} to {(done + 1) * PHASE}"
        if go.button(label, type="primary", width="stretch", key="adapting_run", disabled=job is not None and job.live):
            plan = Plan(tuple(map(float, hand[: done + 1])), float(target), int(seed), int(horizon))
            ask(plan)
            st.session_state[_ASKED] = plan
            st.session_state[_PRESSES] = st.session_state.get(_PRESSES, 0) + 1
            note_trained("adapting")
            st.rerun()
        with go:
            say_if_gone("adapting", asked is not None, label)
    if done:
        go.button("Start again", width="stretch", key="adapting_again", on_click=lambda: st.session_state.pop(_ASKED, None))
    return [float(beta) for beta in hand], int(horizon)


def _before() -> list[Point]:
    """What the run by hand had shown before its last 50 steps: on screen until they arrive."""
    plan: Plan | None = st.session_state.get(_ASKED)
    job = QUEUE.find(replace(plan, hand=plan.hand[:-1]).key(NAMES[0])) if plan and len(plan.hand) > 1 else None
    return list(job.results) if job is not None else []


def seen_points(plan: Plan | None, jobs: dict[str, Job], before: list[Point]) -> dict[str, list[Point]]:
    """The points of each run, the rules' only as far as the hand has gone: who sets β must not look ahead."""
    points = {name: list(job.results) for name, job in jobs.items()}
    if plan is None:
        return points
    points[NAMES[0]] = max(points.get(NAMES[0], []), before, key=len)
    return {name: [point for point in run if point.exact.step <= plan.reached] for name, run in points.items()}


def _jobs() -> dict[str, Job]:
    plan: Plan | None = st.session_state.get(_ASKED)
    pairs = {name: QUEUE.find(plan.key(name)) for name in NAMES} if plan else {}
    return {name: job for name, job in pairs.items() if job is not None}


def steps_plane(
    title: str, points: dict[str, list[Point]], attribute: str, factor: float, aim: tuple[str, Sequence[float]] = ("", ())
) -> Plane:
    """One quantity of each run against the step: what the run sees, not what is true.

    aim: a name and a value for every PHASE steps, drawn before anything runs.
    """
    lines = run_lines(points, lambda point: factor * getattr(point.sight, attribute), held=attribute == "beta")
    name, values = aim
    if values:
        edges = [(step, factor * value) for i, value in enumerate(values) for step in (i * PHASE, (i + 1) * PHASE)]
        lines.insert(0, Line(name, [step for step, _ in edges], [value for _, value in edges], "bound", 9))
    return _against_steps(title, lines)


def run_lines(points: dict[str, list[Point]], value: Callable[[Point], float], held: bool = False) -> list[Line]:
    """One line per run. held: the value stays until the next point, as β by hand does between its changes."""
    lines = []
    for (name, run), colour in zip(points.items(), COLOURS, strict=False):
        xs, ys = [point.exact.step for point in run], [value(point) for point in run]
        if held:
            xs, ys = [x for x in xs for _ in "ab"][1:], [y for y in ys for _ in "ab"][:-1]
        lines.append(Line(name, xs, ys, "run", colour))
    return lines


def _against_steps(title: str, lines: list[Line]) -> Plane:
    lines = sorted(lines, key=lambda line: line.ys[-1] if line.ys else 0.0, reverse=True)  # so that names stand in the order of the ends
    heights = [y for line in lines for y in line.ys] or [0.0, 1.0]
    low, high = min(0.0, *heights), max(heights)
    return Plane(
        f"{title}, step by step", ("step", 0.0, float(STEPS)), (title, low, low + 1.06 * ((high - low) or 1.0)), lines, medium=True
    )


def ended(points: dict[str, list[Point]]) -> bool:
    """Whether every run has made its last step, so that the true reward may be shown."""
    return len(points) == len(NAMES) and all(run and run[-1].exact.step >= STEPS for run in points.values())


def gold_plane(points: dict[str, list[Point]]) -> Plane:
    """The true reward of each run over the reference's, exactly: what none of them saw."""
    base = float(frames_of(FIRST).measures.gold[-1])
    return _against_steps("True reward over π_ref", run_lines(points, lambda point: point.exact.gold - base))


def finding(jobs: dict[str, Job]) -> str:
    """The true reward of each run over the reference's, once all have ended."""
    if len(jobs) < len(NAMES) or any(job.live or not job.results or job.results[-1].exact.step < STEPS for job in jobs.values()):
        return "As in practice, the true reward is hidden. You see it at the end."
    base = float(frames_of(FIRST).measures.gold[-1])
    gains = {name: job.results[-1].exact.gold - base for name, job in jobs.items()}
    best = max(gains, key=lambda name: gains[name])
    others = ", ".join(f"{name[0].lower()}{name[1:]} {gain:+.1f}" for name, gain in gains.items() if name != best)
    return f"{best} wins: true reward {gains[best]:+.1f} over π_ref. The others: {others}.".replace("-", "−").replace(
        "held−out", "held-out"
    )
