"""Train a policy on the small world yourself: choose, watch it grow, stop it, compare it with others."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from kl_core.rlhf.training import METHODS, PENALTIES, PolicyStep, Settings, Training

from ...shared.jobs import QUEUE, Job
from ...shared.live import live
from ...shared.live.tables import packed
from ...shared.style import Unit
from ...shared.trained import note_trained, say_if_gone
from .run_list import reveal
from .scene import WorldSettings, best_of_n_of, frames_of, gain, measured_at, world_of

SHOWN_EACH = 4
"""Seconds of display are cheap, steps are not: a run reports every so many steps."""
MOST_RUNS = 4
STYLES = ("p solid", "q", "fit", "proxy")
EVERY = 0.7
"""Seconds between two looks at a run that goes on."""
METHOD_NAMES = {"reinforce": "REINFORCE", "ppo": "PPO", "grpo": "GRPO"}
PENALTY_NAMES = {
    "k1_in_reward": "k1 in the reward",
    "k2_loss": "k2 as a loss",
    "k3_loss": "k3 as a loss",
    "k2_of_answer": "k2 of the whole answer",
}


_PLACE, _PRESSES = "training_picture", "training_presses"


def training_view(world: WorldSettings, unit: Unit) -> None:
    """Controls at the right; at the left every run of this session on one picture."""
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        first, button, last = st.container(), st.container(), st.container()  # Train stands below what matters most
        with first:
            settings = _settings(last)
        if settings and button.button("Train", type="primary", width="stretch", key="train"):
            _remember(world, settings)
            note_trained("policy")
            st.session_state[_PRESSES] = st.session_state.get(_PRESSES, 0) + 1
        elif settings and "runs" not in st.session_state and QUEUE.find((world, _frozen(settings))):
            st.session_state["runs"] = [(world, _frozen(settings))]  # somebody has trained what the link asks for
        say_if_gone("policy", bool(_jobs(world)))
        reveal("train_reveal", _PLACE, int(st.session_state.get(_PRESSES, 0)))
    with picture.container(key=_PLACE):
        _runs(world, unit)


def _settings(below: DeltaGenerator) -> Settings | None:
    """The chosen settings; None, with a sentence, if they do not go together. below: where what one seldom sets is drawn."""
    method = st.selectbox("Method", METHODS, key="method", bind="query-params", format_func=lambda name: METHOD_NAMES[name])
    penalty = st.selectbox("The KL penalty as", PENALTIES, key="penalty", bind="query-params", format_func=lambda name: PENALTY_NAMES[name])
    hold = st.toggle(
        "Let a controller hold a target KL",
        key="hold",
        bind="query-params",
        help="Ziegler et al. 2019: β is multiplied after every group by how far the KL is from the target.",
    )
    with st.container(horizontal=True):
        beta = st.number_input(
            "β at the start" if hold else "β", 0.0, 10.0, 0.7, 0.05, key="beta_train", bind="query-params", format="%.6g"
        )
        target = (
            st.number_input("Target KL, nats", 0.05, 12.0, 2.0, 0.25, key="target", bind="query-params", format="%.6g") if hold else None
        )
    with below.container(horizontal=True):
        rate = st.number_input("Learning rate", 0.001, 1.0, 0.05, 0.01, key="lr", bind="query-params", format="%.6g")
        group = st.number_input("Answers per step", 4, 256, 64, 4, key="group", bind="query-params")
    with below.container(horizontal=True):
        steps = st.number_input("Steps", 20, 400, 200, 20, key="steps", bind="query-params")
        seed = st.number_input("Seed", 0, 9999, 0, key="run_seed", bind="query-params")
    try:
        return Settings(method, penalty, float(beta), target, group=int(group), learning_rate=float(rate), steps=int(steps), seed=int(seed))
    except ValueError as problem:
        st.caption(f":red[{problem}.]")
        return None


def _remember(world: WorldSettings, settings: Settings) -> None:
    """Asks for the run and puts it on this session's picture; the oldest gives way."""
    key = (world, _frozen(settings))
    QUEUE.ask(key, partial(_reported, world, settings), settings.steps // SHOWN_EACH + 1)
    runs = [one for one in st.session_state.get("runs", []) if one != key]
    st.session_state["runs"] = [*runs, key][-MOST_RUNS:]


def _frozen(settings: Settings) -> tuple:
    return tuple(asdict(settings).items())


def _reported(world: WorldSettings, settings: Settings) -> Iterator[PolicyStep]:
    for step in Training(world_of(world.pairs, world.noise, world.seed), settings):
        if step.step % SHOWN_EACH == 0:
            yield step


def _runs(world: WorldSettings, unit: Unit) -> None:
    going = any(job.live for _, job in _jobs(world))

    @st.fragment(run_every=EVERY if going else None)
    def look() -> None:
        jobs = _jobs(world)
        st.subheader(finding(world, jobs, unit), anchor=False)
        live(_scene(world, jobs, unit), key="runs_picture", on_settle=lambda _: None)
        for i, (key, job) in enumerate(jobs):
            _said(i, dict(key[1]), job, float(frames_of(world).measures.gold[-1]), unit)
        if going and not any(job.live for _, job in jobs):
            st.rerun()  # the last one has ended: stop looking

    look()


def finding(world: WorldSettings, jobs: list[tuple[tuple, Job]], unit: Unit) -> str:
    """Where the last run that ended stands beside the exact optimum at the β that it ended with."""
    ended = [(dict(key[1]), job.results[-1]) for key, job in jobs if job.results and not job.live]
    if not ended:
        return "A run climbs along the curve of the exact optima. How close does it come?"
    settings, last = ended[-1]
    best, base = measured_at(world, [last.beta]), float(frames_of(world).measures.proxy[-1])
    name, kl = METHOD_NAMES[settings["method"]], _short(last.kl * unit.per_nat)
    return (
        f"{name} reached a score of {gain(last.proxy - base)} at KL {kl} {unit.name}. "
        f"The exact optimum at β = {last.beta:.3g} has {gain(float(best.proxy) - base)} at {_short(float(best.kl) * unit.per_nat)}."
    )


def _jobs(world: WorldSettings) -> list[tuple[tuple, Job]]:
    pairs = [(key, QUEUE.find(key)) for key in st.session_state.get("runs", []) if key[0] == world]
    return [(key, job) for key, job in pairs if job is not None]


def _said(i: int, settings: dict, job: Job, base: float, unit: Unit) -> None:
    """A run in words: where it stands, what it gained over the reference's reward `base`, what it says now, a way to stop it."""
    kl_in = f"target {settings['target']:g} nats" if settings["target"] else f"β {settings['beta']:g}"
    name = (
        f"**{i + 1} · {METHOD_NAMES[settings['method']]}**, {PENALTY_NAMES[settings['penalty']]}, {kl_in}, "
        f"rate {settings['learning_rate']:g}, seed {settings['seed']}"
    )
    stands = {
        "waiting": f"waiting, {QUEUE.ahead_of(job)} ahead of it",
        "stopped": f"stopped{job.because}",
        "failed": f"stopped by itself: {job.problem}",
    }.get(job.state)
    last: PolicyStep | None = job.results[-1] if job.results else None
    with st.container(horizontal=True, vertical_alignment="center"):
        where = [one for one in (stands, f"step {last.step}" if last else None) if one]
        st.progress(len(job.results) / job.total, text=f"{name} — {', '.join(where) or 'starting'}")
        if job.live:
            st.button("Stop", key=f"stop_{i}", on_click=job.leave)
    if last is None:
        return
    estimate = last.kl_estimates["k1"]
    st.caption(
        f"true reward {gain(last.gold - base)} · reward model’s score {gain(last.proxy)} · KL {_short(last.kl * unit.per_nat)} {unit.name} "
        f"(the run estimates {_short(estimate.mean * unit.per_nat)} ± {estimate.error * unit.per_nat:.1g}) · β {last.beta:.3g} · "
        f"“{last.texts[0]}”"
    )


def _short(value: float) -> str:
    """Three digits; 0 but for rounding is 0."""
    return "0" if abs(value) < 1e-12 else f"{value:.3g}".replace("-", "−")


_CLIMBS = {"proxy": "Reward model’s score", "kl": "KL(π‖π_ref), exact", "beta": "β"}


def _reach(values: list[torch.Tensor]) -> list[float]:
    """A range that shows them all; 0 to 1 where there are none yet."""
    every = torch.cat([*values, torch.zeros(1, dtype=torch.float64)])
    every[every.abs() < 1e-9] = 0.0  # rounding, which would fill the picture of a run that has just begun
    low, high = float(every.min()), float(every.max())
    margin = 0.08 * ((high - low) or 1.0)
    return [low - margin, high + margin]


Curve = tuple[torch.Tensor, torch.Tensor]
_EMPTY: Curve = (torch.zeros(1, dtype=torch.float64), torch.full((1,), torch.nan, dtype=torch.float64))
_SERIES = [{"style": style, "label": str(i + 1)} for i, style in enumerate(STYLES)]


def _scene(world: WorldSettings, jobs: list[tuple[tuple, Job]], unit: Unit) -> dict:
    """True reward against √KL with that of the exact optima, and the objective step by step."""
    paths, climbs = _courses(jobs, float(frames_of(world).measures.gold[-1]), unit)
    missing = [_EMPTY] * (MOST_RUNS - len(jobs))
    longest = max([float(x.max()) for x, _ in climbs["kl"] if len(x)] + [20.0])
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": {},
        "size": "charts",
        "panels": _panels(any(job.results for _, job in jobs)),
        "charts": {
            "frontier": _frontier(world, [*paths, *missing]),
            **{
                name: {"x_range": [0.0, longest], "y_range": _reach([y for _, y in lines]), "series": _tables([*lines, *missing])}
                for name, lines in climbs.items()
            },
        },
        "hint": "Here training counts the reward × 1, so β = 0.7 is the 0.07 of “The answer”.",
    }


def _courses(jobs: list[tuple[tuple, Job]], base: float, unit: Unit) -> tuple[list[Curve], dict[str, list[Curve]]]:
    """Of each run: true reward over the reference's, `base`, against √KL, and each of _CLIMBS against the step."""
    paths: list[Curve] = []
    climbs: dict[str, list[Curve]] = {name: [] for name in _CLIMBS}
    for _, job in jobs:
        steps = list(job.results)
        column = lambda name: torch.tensor([getattr(step, name) for step in steps], dtype=torch.float64)
        paths.append((column("kl").clamp_min(0).sqrt(), column("gold") - base))
        for name in _CLIMBS:
            climbs[name].append((column("step"), column(name) * (unit.per_nat if name == "kl" else 1.0)))
    return paths, climbs


def _frontier(world: WorldSettings, paths: list[Curve]) -> dict:
    """The chart of the exact optima, best-of-n and the runs."""
    measures = frames_of(world).measures
    best_of = best_of_n_of(world.pairs, world.noise, world.seed)
    root = measures.kl.sqrt()
    order = root.argsort()
    gold, best = measures.gold - measures.gold[-1], best_of.gold - measures.gold[-1]
    heights = [y[y.isfinite()] for _, y in paths]
    return {
        "x_range": [0.0, float(root.max()) * 1.02],
        "y_range": _reach([gold, *heights]),
        "series": _tables([(root[order], gold[order]), (best_of.kl.sqrt(), best), *paths]),
    }


def _tables(lines: list[Curve]) -> list[dict]:
    return [{"x": packed(x), "y": packed(y)} for x, y in lines]


def _panels(any_runs: bool) -> list[dict]:
    """The frontier, and the climbs once a run has begun: three empty charts would say nothing."""
    frontier = {
        "kind": "chart",
        "name": "frontier",
        "half": any_runs,
        "title": "True reward gained, against √KL (nats)",
        "label": "True reward against the root of KL",
        "note": "the optima maximise the model’s score, not the true reward",
        "series": [{"style": "gold", "label": "exact optima"}, {"style": "gold thin", "label": "best-of-n"}, *_SERIES],
    }
    climb = lambda name, title: {
        "kind": "chart",
        "name": name,
        "half": True,
        "title": f"{title}, step by step",
        "label": f"{title} against the step",
        "series": _SERIES,
    }
    return [frontier, *(climb(name, title) for name, title in _CLIMBS.items() if any_runs)]
