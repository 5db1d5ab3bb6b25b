"""One frontier: reward against KL for every method from the same reference, and behind a run its step, token by token."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...shared.jobs import Job
from ...shared.plane import plane
from ...shared.style import Unit
from . import frontier_runs as runs
from .frontier_plane import AXES, REWARDS, bound_gap, finding, frontier_plane, ranking, wins_table
from .landscape_view import landscape_view
from .run_list import watched
from .step_view import step_button, step_view
from .two_answers_view import two_answers_view

BETAS = (0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0)
PICTURES = ("Sentences", "Two answers", "Three answers")


def frontier_view(unit: Unit) -> None:
    """All methods on the sentences of the small world, or on a landscape of two or three answers."""
    picture = st.segmented_control(
        "World", PICTURES, default=PICTURES[0], required=True, key="frontier_of", bind="query-params", label_visibility="collapsed"
    )
    if picture == PICTURES[1]:
        two_answers_view(unit)
    elif picture == PICTURES[2]:
        landscape_view(unit)
    else:
        _sentences(unit)


def _sentences(unit: Unit) -> None:
    """The finding, the picture and its controls; a step of a run below."""
    head = st.container(key="frontier_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        first, button, last = st.container(), st.container(), st.container()  # Train stands below what matters most
        with first:
            asked = _asked(last)
        with button:
            runs.RUNS.buttons(asked)
            runs.RUNS.reveal("frontier_finding")
    with picture.container(key="frontier_picture"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="below_on_phone_frontier"):
            reward = st.segmented_control("Reward", REWARDS, default=REWARDS[0], required=True, key="frontier_reward", bind="query-params")
            axes = st.segmented_control("Axes", AXES, default=AXES[0], required=True, key="frontier_axes", bind="query-params")
            chi_po = st.toggle(
                "χPO’s limit", key="frontier_chi", bind="query-params", help="Exact: χPO with unlimited pairs, for β ≥ 0.01."
            )
        watched(lambda: _look(reward or REWARDS[0], unit, chi_po, axes or AXES[0]), _jobs)
    by_reward = [asked for asked, _ in runs.RUNS.jobs() if asked.by_reward]
    with head:
        st.subheader(finding(runs.RUNS.jobs(), reward or REWARDS[0], unit), anchor=False)
        if ranked := ranking(runs.RUNS.jobs(), unit):
            st.markdown(ranked)
            step_button(by_reward)
    _about(unit)
    step_view(by_reward)


def _jobs() -> list[Job]:
    return [runs.ask_curves(), *(job for _, job in runs.RUNS.jobs())]


def _look(reward: str, unit: Unit, chi_po: bool, axes: str) -> None:
    """The picture once its exact curves are there: a fresh server makes them in the background, so that a click is answered at once."""
    runs.RUNS.progress()  # above the picture, where a phone scrolls to
    if runs.ask_curves().live:
        st.caption("The exact curves are being computed.")
    else:
        plane("frontier_plane", frontier_plane(runs.RUNS.jobs(), reward, unit, chi_po=chi_po, axes=axes))
        st.caption(f"Best-of-n’s bound on KL is not drawn: it lies beside the curve, {bound_gap(unit)} away.")


def _asked(below: DeltaGenerator) -> list[runs.MethodRun]:
    """The chosen runs. below: where what one seldom sets is drawn."""
    methods = st.pills(
        "Methods",
        list(runs.NAMES.values()),
        selection_mode="multi",
        default=["PPO", "GRPO"],
        key="frontier_methods",
        bind="query-params",
        wrap=True,
    )
    choices = _choices() if runs.NAMES[runs.OWN] in methods else runs.Choices()
    beta = st.select_slider("β", BETAS, 0.7, key="frontier_beta", bind="query-params", format_func=lambda value: f"{value:g}")
    pairs = 1000
    if {"DPO", "χPO"} & set(methods):
        pairs = st.select_slider("Labelled pairs of DPO and χPO", runs.PAIRS, 1000, key="frontier_pairs", bind="query-params")
    with below.container(horizontal=True):
        steps = st.number_input("Steps", 20, runs.MOST_STEPS, 100, 20, key="frontier_steps", bind="query-params")
        seed = st.number_input("Seed", 0, 9999, 0, key="frontier_seed", bind="query-params")
    if {"Dr. GRPO", "DAPO"} & set(methods):
        st.caption("Dr. GRPO and DAPO have no KL penalty, so β does not change them.")
    common = (float(beta), int(steps), int(seed), int(pairs))
    return [
        runs.MethodRun(key, *common, choices=choices if key == runs.OWN else runs.Choices())
        for key, name in runs.NAMES.items()
        if name in methods
    ]


def _length_name(name: str) -> str:
    return runs.LENGTH_NAMES[name]


def _choices() -> runs.Choices:
    """What Dr. GRPO and DAPO changed in GRPO, each a switch."""
    length = st.selectbox(
        "An answer’s loss is divided by",
        list(runs.LENGTH_NAMES),
        key="own_length",
        bind="query-params",
        format_func=_length_name,
    )
    scale = st.toggle("Advantages ÷ the group’s standard deviation", True, key="own_scale", bind="query-params")
    penalty = st.toggle("KL penalty β·k3", True, key="own_penalty", bind="query-params")
    higher = st.toggle(f"Clip higher: 1 + {runs.CLIP_HIGH} instead of 1.2", False, key="own_higher", bind="query-params")
    choices = runs.Choices(length or "answer", scale, penalty, higher)
    st.caption(f"These are the choices of {choices.published}." if choices.published else "No published method chooses all of these.")
    return choices


def _about(unit: Unit) -> None:
    if runs.ask_curves().live:
        return
    st.markdown(
        r"Exact optimum: $\pi^*\propto\pi_\text{ref}\,e^{r/\beta}$, r the score. Best-of-n: $\mathrm{KL}\le\log n-\frac{n-1}{n}$, "
        "with equality without ties."
    )
    with st.expander(
        "More: what is exact, and how often best-of-n wins", icon=":material/trophy:", key="frontier_wins", on_change="rerun"
    ) as shown:
        if shown.open:
            st.markdown(
                "Every point is exact; only the steps of training use samples. With unlimited pairs that cover every answer, DPO would end "
                "on the exact optimum; “Three answers” shows it with one missing. "
                "[Checked: DPO](./checked?find=dpo_) · [best-of-n](./checked?find=best_of_n)"
            )
            st.markdown(wins_table(unit))
            st.caption("Against one more draw of the reference, ties counted half: at most n/(n + 1), and exactly that without ties.")
