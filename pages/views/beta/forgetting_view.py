"""Forgetting: quality on the old questions against KL on the new one, for RL, for supervised fine-tuning, and the nearest success."""

from dataclasses import replace
from math import inf

import streamlit as st

from kl_core.rlhf.forgetting import Moment, sample_answers
from kl_core.rlhf.prompts import NEW, PROMPTS

from ...shared.jobs import Job
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from ...shared.typeset import typeset
from . import forgetting_runs as runs
from .forgetting_many import many_view
from .run_list import watched

METHODS = ("RL", "SFT")
ACROSS = (r"KL(π‖$π_\text{ref}$)", r"KL($π_\text{ref}$‖π)", "Success on sleep")
"""Options, which take Markdown; a link has them as they stand."""
_TITLES = dict(zip(ACROSS, ("KL(π‖π_ref)", "KL(π_ref‖π)", ACROSS[2]), strict=True))
_COLOURS = (1, 2, 3, 4, 5, 6)


def forgetting_view(unit: Unit) -> None:
    """The finding, the picture and the controls; which KL predicts forgetting below."""
    runs.ask_exact()  # a sum over all answers, once for all visitors: no training
    head = st.container(key="forgetting_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        runs.RUNS.buttons([_asked()])
    across = _across(picture)
    with picture:
        watched(lambda: _look(across, unit), _jobs)
    with head:
        _finding(unit)
    _about(unit)
    many_view(unit)


def _jobs() -> list[Job]:
    exact = runs.exact()
    return [*(job for _, job in runs.RUNS.jobs()), *([exact] if exact else [])]


def _look(across: str, unit: Unit) -> None:
    plane("forgetting_plane", forgetting_plane(runs.RUNS.jobs(), across, unit))
    runs.RUNS.progress()
    exact = runs.exact()
    if exact is not None and exact.live:
        st.caption("The exact optima of RL are being computed.")


def _asked() -> runs.Asked:
    method = st.segmented_control("Train by", METHODS, default=METHODS[0], required=True, key="forget_by", bind="query-params")
    target, beta = None, runs.SFT_BETA
    if method == METHODS[1]:
        target = st.select_slider("Target, from near to far", runs.TARGETS, runs.TARGETS[0], key="forget_target", bind="query-params")
        chosen = runs.target_named(target)
        st.caption(typeset(f"KL(target‖π_ref) = {chosen.kl:.3g} nats; {chosen.success:.0%} of its answers succeed."))
    else:
        beta = st.select_slider("β", runs.BETAS, 0.35, key="forget_beta", bind="query-params", format_func=lambda value: f"{value:g}")
    with st.container(horizontal=True):
        steps = st.number_input("Steps", 20, runs.MOST_STEPS, 100, 20, key="forget_steps", bind="query-params")
        seed = st.number_input("Seed", 0, 9999, 0, key="forget_seed", bind="query-params")
    return runs.Asked(target, float(beta), int(steps), int(seed))


def _across(picture) -> str:
    with picture:
        return st.segmented_control("Across", ACROSS, default=ACROSS[0], required=True, key="forget_across", bind="query-params")


def _place(moment: Moment, across: str, unit: Unit) -> float:
    if across == ACROSS[2]:
        return moment.new_quality
    return (moment.kl if across == ACROSS[0] else moment.kl_from_reference) * unit.per_nat


def old_quality(moment: Moment) -> float:
    """The mean probability of success on the questions that were not trained on."""
    first, *others = moment.quality.values()
    return sum(others) / len(others)


def forgetting_plane(jobs: list[tuple[runs.Asked, Job]], across: str, unit: Unit) -> Plane:
    """RL's exact optima so far, where SFT on each target ends, the reference, the KL of the nearest success, and all runs."""
    tables = [(asked.name, list(job.results)) for asked, job in jobs]
    lines = [_line(name, moments, across, unit, "run", colour) for (name, moments), colour in zip(tables, _COLOURS, strict=False)]
    best = runs.exact()
    if best is not None and best.results:
        lines.insert(0, _line("RL, exact", [runs.start(), *best.results], across, unit, "exact", 0, dots=True))
    limits = runs.imitation_limits()
    shown = [name for name, moment in limits.items() if _place(moment, across, unit) < inf]
    ends = _line("SFT, exact ends", [limits[name] for name in shown], across, unit, "exact", 9, dots=True)
    lines.insert(0, replace(ends, joined=False, marks=[f"SFT on {name}, trained for ever" for name in shown]))
    share = across == ACROSS[2]
    least = 1.0 if share else 1.6 * runs.nearest_success() * unit.per_nat
    reach = max([least, *(x for line in lines for x in line.xs if x < inf)]) if not share else 1.0
    title = across if share else f"{_TITLES[across]} on sleep, {unit.name}"
    beside = None if across != ACROSS[0] else (runs.nearest_success() * unit.per_nat, "−log π_ref(success)")
    begin = runs.start()
    return Plane(
        "Success on tea and plants",
        (title, 0.0, min(reach, 25.0 * unit.per_nat) * 1.03),
        ("Success on tea and plants", 0.0, 0.85),
        lines,
        [(_place(begin, across, unit), old_quality(begin), "π_ref")],
        beside,
        percent=True,
    )


def _line(name: str, moments: list[Moment], across: str, unit: Unit, style: str, colour: int, dots: bool = False) -> Line:
    shown = [moment for moment in moments if _place(moment, across, unit) < inf]
    return Line(name, [_place(moment, across, unit) for moment in shown], [old_quality(moment) for moment in shown], style, colour, dots)


def _finding(unit: Unit) -> None:
    """What the last finished run gained and lost; before there is one, what success costs at least."""
    ended = [(asked, job.results[-1]) for asked, job in runs.RUNS.jobs() if job.results and not job.live]
    if not ended:
        least = runs.nearest_success() * unit.per_nat
        st.subheader(
            f"To always succeed on sleep, the model must move at least {least:.3g} {unit.name}. Must it forget tea and plants?",
            anchor=False,
        )
        return
    asked, last = ended[-1]
    begin = runs.start()
    lost = 100 * last.forgotten
    what = f"forgot {lost:.0f} points of tea and plants" if lost >= 0.5 else "forgot nothing"
    st.subheader(
        f"{asked.name}{',' if asked.target else ''} {what}: {old_quality(begin):.0%} → {old_quality(last):.0%}, while sleep went "
        f"from {begin.new_quality:.0%} to {last.new_quality:.0%}.",
        anchor=False,
    )
    with st.expander("What it says now", icon=":material/chat:", expanded=False, key="forgetting_says"):
        st.markdown(_said(last))


def _said(last: Moment) -> str:
    """One answer to each question, before and after, with the same random seed."""
    world = runs.prompt_world()
    rows = ["| question | before | after |", "|---|---|---|"]
    for place, question in enumerate(PROMPTS.values()):
        before, after = (sample_answers(world, weights, place, 1)[0] for weights in (runs.start().weights, last.weights))
        rows.append(f"| {question}{' (trained)' if place == NEW else ''} | {before} | {after} |")
    return "\n".join(rows)


def _about(unit: Unit) -> None:
    least = runs.nearest_success() * unit.per_nat
    st.markdown(
        r"$\mathrm{KL}(\pi\|\pi_\text{ref}) \ge -\log \pi_\text{ref}(\text{success})$ for every policy π that always succeeds. "
        f"Here that is **{least:.3g} {unit.name}**; equality holds for $\\pi_\\text{{ref}}$ "
        "conditioned on success. [Checked: the nearest success](./checked?find=razor_oracle)"
    )
    st.caption(
        "Success on sleep: the answer opens with “the answer is:”, says it once and keeps to the subject. All questions share the same "
        "weights, so what is learned on sleep is also said on tea and plants. RL is paid 1 for a success and pays β per nat; supervised "
        "fine-tuning (SFT) imitates a target. Every point is exact: a sum over all answers. Thick line: RL’s optimum at each β; grey "
        "dots: where SFT on each target ends."
    )
