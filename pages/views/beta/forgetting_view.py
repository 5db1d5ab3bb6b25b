"""Forgetting: what the old questions lose while the new one is learned, by RL and by supervised fine-tuning."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kl_core.rlhf.forgetting import Moment, sample_answers
from kl_core.rlhf.prompts import NEW, PROMPTS

from ...shared.jobs import Job
from ...shared.plane import plane
from ...shared.style import Unit
from ...shared.typeset import typeset
from . import forgetting_runs as runs
from .forgetting_bars import bars_left, choose_target, target_bars
from .forgetting_many import many_view
from .forgetting_plane import ACROSS, forgetting_plane
from .forgetting_words import after_training, compared, points, razor
from .run_list import watched

METHODS = ("RL", "SFT")
SUCCESS = (
    "Success on sleep: the answer opens with “the answer is:”, says it once and keeps to the subject. That is no cheat here: it is what "
    "training asks for."
)
LEVELS = (30, 40, 50, 60, 70, 80, 90, 95)


def forgetting_view(unit: Unit) -> None:
    """The finding, the picture and the controls; which KL predicts forgetting below."""
    runs.ask_compared()  # exact, once for all visitors
    head = st.container(key="forgetting_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        first, button, last = st.container(), st.container(), st.container()  # Train stands below what matters most
        with first:
            asked = _asked(unit, last)
        with button:
            runs.RUNS.buttons([asked])
            hand = _under_the_hand(asked)
            runs.RUNS.reveal("forgetting_finding")
    with picture:
        across, level = _across()
        watched(lambda: _look(across, unit, level, hand), _jobs)
        st.caption(SUCCESS)
        st.caption(_legend(across))
    with head:
        _finding(level)
    _about(unit, level)
    many_view(unit)


def _jobs() -> list[Job]:
    shared = (runs.ask_compared(), runs.ask_exact())
    return [*(job for _, job in runs.RUNS.jobs()), *(job for job in shared if job is not None)]


def _look(across: str, unit: Unit, level: int, hand: runs.ForgettingRun | None) -> None:
    runs.RUNS.progress()  # above the picture, where a phone scrolls to
    plane("forgetting_plane", forgetting_plane(runs.RUNS.jobs(), across, unit, level, hand))
    quick, exact = runs.ask_compared(), runs.ask_exact()
    if quick.live:
        st.caption(f"{len(quick.results)} of {quick.total} quick runs done; the others are being computed.")
    elif exact is not None and exact.live:
        st.caption(f"RL’s optimum at {len(exact.results)} of {exact.total} β; the others are being computed.")


def _asked(unit: Unit, below: DeltaGenerator) -> runs.ForgettingRun:
    """The chosen run. below: where what one seldom sets is drawn."""
    method = st.segmented_control("Train by", METHODS, default=METHODS[0], required=True, key="forget_by", bind="query-params")
    if method == METHODS[1]:
        target = choose_target()
        target_bars(target, unit)
        steps = below.number_input("Steps", 20, runs.MOST_STEPS, 100, 20, key="forget_steps", bind="query-params")
        asked = runs.ForgettingRun(target, runs.SFT_BETA, int(steps), 0, bars_left())
        st.markdown(after_training(runs.by_hand(asked), asked.steps))
        return asked
    beta = st.select_slider("β", runs.BETAS, 0.35, key="forget_beta", bind="query-params", format_func=lambda value: f"{value:g}")
    with below.container(horizontal=True):
        steps = st.number_input("Steps", 20, runs.MOST_STEPS, 100, 20, key="forget_steps", bind="query-params")
        seed = st.number_input("Seed", 0, 9999, 0, key="forget_seed", bind="query-params")
    return runs.ForgettingRun(None, float(beta), int(steps), int(seed))


def _under_the_hand(asked: runs.ForgettingRun) -> runs.ForgettingRun | None:
    """The run on a target of one's own, until it is kept on the picture like any other."""
    kept = [other.key for other in runs.RUNS.chosen()]
    return asked if asked.bars and asked.key not in kept else None


def _across() -> tuple[str, int]:
    """What is drawn across, and at which success RL and SFT are compared, in percent; on a phone it stands below the picture."""
    with st.container(horizontal=True, key="below_on_phone_forgetting"):
        across = st.segmented_control("Across", ACROSS, default=ACROSS[0], required=True, key="forget_across", bind="query-params")
        level = st.select_slider("Compare at success on sleep, %", LEVELS, 70, key="forget_level", bind="query-params", width=260)
    return across or ACROSS[0], int(level)


def _legend(across: str) -> str:
    """SFT's targets by their numbers, for narrow pictures; and what the other marks are."""
    targets = " · ".join(f"{runs.number_of(name)} {name}" for name in runs.TARGETS)
    optimum = f"Thick line: RL’s optimum at each β from {runs.BETAS[0]:g} to {runs.BETAS[-1]:g}."
    ends = " Grey dots, by number: where SFT on each target ends if it trains for ever." if across == ACROSS[1] else ""
    oracle = " Ring: the shared weights nearest to the oracle, $\\pi_\\text{ref}$ given success." if across != ACROSS[2] else ""
    return f":blue[**RL**] is labelled by its β. :orange[**SFT**] is labelled by what it imitates: {targets}. {optimum}{ends}{oracle}"


def _finding(level: int) -> None:
    """Who forgets less at the same success and which KL predicts it; what the visitor's own last run gained and lost stands above."""
    paths, job = runs.compared(), runs.ask_compared()
    said = "At the same success on sleep, which loses more on tea and plants: RL or SFT?"
    if not job.live:
        said = compared(paths, level / 100)
    ended = [(asked, own.results[-1]) for asked, own in runs.RUNS.jobs() if own.results and not own.live]
    if ended:
        _own_finding(*ended[-1])
        st.markdown(said)
    else:
        st.subheader(said, anchor=False)


def _own_finding(asked: runs.ForgettingRun, last: Moment) -> None:
    what = f"lost {points(last.forgotten)} points on tea and plants" if 100 * last.forgotten >= 0.5 else "lost nothing on tea and plants"
    sleep = f"from {runs.start().new_quality:.0%} to {last.new_quality:.0%}"
    st.subheader(f"{asked.name}{',' if asked.target else ''} {what}, while success on sleep went {sleep}.", anchor=False)
    with st.expander("What it says now", icon=":material/chat:", expanded=False, key="forgetting_says"):
        st.markdown(_said(last))


def old_quality(moment: Moment) -> float:
    """The mean probability of success on the questions that were not trained on."""
    _, *others = moment.quality.values()
    return sum(others) / len(others)


def _said(last: Moment) -> str:
    """One answer to each question, before and after, with the same random seed."""
    world = runs.prompt_world()
    rows = ["| question | before | after |", "|---|---|---|"]
    for place, question in enumerate(PROMPTS.values()):
        before, after = (sample_answers(world, weights, place, 1)[0] for weights in (runs.start().weights, last.weights))
        rows.append(f"| {question}{' (trained)' if place == NEW else ''} | {before} | {after} |")
    return "\n".join(rows)


def _crossing(unit: Unit) -> str:
    """Why RL's optimum lies beyond the least KL, once it is known."""
    path = runs.optimum_path()
    if not path or path[-1].kl <= runs.nearest_success():
        return ""
    return (
        "The shared weights cannot express that policy, because they only see the last word. So RL’s optimum within these weights needs "
        f"more: {path[-1].kl * unit.per_nat:.3g} {unit.name} for {path[-1].new_quality:.1%}. "
    )


def _about(unit: Unit, level: int) -> None:
    path = runs.optimum_path()
    if path and not runs.ask_compared().live:
        st.markdown(typeset(razor(runs.compared(), level / 100, path)))
    least = runs.nearest_success() * unit.per_nat
    st.markdown(
        r"$\mathrm{KL}(\pi\|\pi_\text{ref}) \ge -\log \pi_\text{ref}(\text{success})$ for every policy π that always succeeds: here "
        f"**{least:.3g} {unit.name}**, reached by $\\pi_\\text{{ref}}$ given success alone. {_crossing(unit)}"
        "[Checked: the nearest success](./checked?find=razor_oracle)"
    )
    with st.expander("More: what success is, and how the runs are made", icon=":material/info:", key="forgetting_more"):
        st.markdown(
            "Success on tea and plants: the answer keeps to its subject and says “answer” at most once. All questions share the same "
            "weights, so what is learned on sleep is also said on tea and plants."
        )
        st.markdown(
            "RL is paid 1 for a success and pays β per nat of KL. SFT imitates a target. The blue and orange runs follow exact gradients "
            "for 100 steps of Adam; your own RL runs sample 64 answers per step. Every point is exact: a sum over all answers. "
            f"Trained for ever, SFT on any target forgets all {points(old_quality(runs.start()))} points (grey dots, against KL)."
        )
