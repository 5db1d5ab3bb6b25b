"""One frontier: reward against KL for every method from the same reference, and behind a run its step, token by token."""

import streamlit as st

from kl_core.rlhf.frontier import FRONTIER_NS
from kl_core.rlhf.single_step import best_of_n_bound
from kl_core.rlhf.training import PolicyStep

from ...shared.jobs import QUEUE, Job
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from . import frontier_runs as runs
from .scene import frames_of
from .step_view import step_view

JUDGES = ("The judge (reward model)", "The reader (true reward)")
BETAS = (0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0)
EVERY = 0.8
MOST_RUNS = 8
_RUNS = "frontier_runs"
_COLOURS = dict(zip(runs.NAMES, (1, 2, 3, 4, 5, 6, 7), strict=True))


def frontier_view(unit: Unit) -> None:
    """The finding, the picture and its controls; a step of a run below."""
    head = st.container(key="frontier_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right.container(key="asked_first"):
        chosen = _asked()
        if st.button("Train", type="primary", width="stretch", key="frontier_train"):
            _remember(chosen)
        if st.session_state.get(_RUNS):
            st.button("Clear the picture", width="stretch", key="frontier_clear", on_click=lambda: st.session_state.pop(_RUNS, None))
    with picture:
        judge = st.segmented_control("Reward of", JUDGES, default=JUDGES[0], required=True, key="frontier_judge", bind="query-params")
    awaited = [job for _, job in _jobs() if job.live]

    @st.fragment(run_every=EVERY if awaited else None)
    def look() -> None:
        jobs = _jobs()
        plane("frontier_plane", frontier_plane(jobs, judge, unit))
        _progress(jobs)
        if not all(job.live for job in awaited):
            st.rerun()  # the sentence above is about runs that have ended

    with picture:
        look()
    with head:
        st.subheader(finding(_jobs(), unit), anchor=False)
    _about()
    step_view([asked for asked, _ in _jobs() if asked.by_reward])


def _asked() -> list[runs.Asked]:
    methods = st.pills(
        "Methods",
        list(runs.NAMES.values()),
        selection_mode="multi",
        default=["PPO", "GRPO"],
        key="frontier_methods",
        bind="query-params",
    )
    beta = st.select_slider("β", BETAS, 0.7, key="frontier_beta", bind="query-params", format_func=lambda value: f"{value:g}")
    with st.container(horizontal=True):
        steps = st.number_input("Steps", 20, 400, 100, 20, key="frontier_steps", bind="query-params")
        seed = st.number_input("Seed", 0, 9999, 0, key="frontier_seed", bind="query-params")
    st.caption("Dr. GRPO and DAPO have no KL penalty, so β does not change them. DPO and χPO learn from 1000 labelled pairs.")
    return [runs.Asked(key, float(beta), int(steps), int(seed)) for key, name in runs.NAMES.items() if name in methods]


def _remember(chosen: list[runs.Asked]) -> None:
    for asked in chosen:
        runs.ask(asked)
    others = [other for other in st.session_state.get(_RUNS, []) if other not in chosen]
    st.session_state[_RUNS] = [*others, *chosen][-MOST_RUNS:]


def _jobs() -> list[tuple[runs.Asked, Job]]:
    pairs = [(asked, QUEUE.find(asked.key)) for asked in st.session_state.get(_RUNS, [])]
    return [(asked, job) for asked, job in pairs if job is not None]


def frontier_plane(jobs: list[tuple[runs.Asked, Job]], judge: str, unit: Unit) -> Plane:
    """The exact optima, best-of-n and the bound on its KL, and each run's path so far."""
    attribute = "proxy" if judge == JUDGES[0] else "gold"
    exact, best = frames_of(runs.FIRST).measures, runs.best_of_each_n()
    base = float(getattr(exact, attribute)[-1])
    gain = lambda values: (values - base).tolist()
    nats = lambda values: (values * unit.per_nat).tolist()
    bound = best_of_n_bound(getattr(exact, attribute).new_tensor(FRONTIER_NS))
    heights = getattr(exact, attribute).flip(0)
    paths = [(asked, list(job.results)) for asked, job in jobs]
    lines = [
        Line("bound", nats(bound), gain(getattr(best, attribute)), "bound", 9),
        Line("best-of-n", nats(best.kl), gain(getattr(best, attribute)), "exact", 8, dots=True),
        Line(
            "exact optimum" if attribute == "proxy" else "optimum for the judge",
            nats(exact.kl.flip(0).clamp_min(0)),
            gain(heights),
            "exact",
            0,
        ),
        *(_path(asked, steps, attribute, base, unit) for asked, steps in paths),
    ]
    every = [y for line in lines for y in line.ys]
    reach = max(x for line in lines for x in line.xs) * 1.03
    margin = 0.06 * (max(every) - min(every))
    title = "Reward model’s score gained" if attribute == "proxy" else "True reward gained"
    return Plane(
        f"{title} over π_ref, against KL",
        (f"KL(π‖π_ref), {unit.name} per answer", 0.0, reach),
        (title, min(every) - margin, max(every) + margin),
        lines,
    )


def _path(asked: runs.Asked, steps: list[PolicyStep], attribute: str, base: float, unit: Unit) -> Line:
    xs = [max(step.kl, 0.0) * unit.per_nat for step in steps]
    return Line(asked.name, xs, [getattr(step, attribute) - base for step in steps], "run", _COLOURS[asked.method])


def finding(jobs: list[tuple[runs.Asked, Job]], unit: Unit) -> str:
    """Which of the runs that ended earns the reader most, and at what KL."""
    ended = {asked.name: job.results[-1] for asked, job in jobs if job.results and not job.live}
    if not ended:
        return "No method earns more of the judge’s reward per nat than the exact optimum. How close does each one come?"
    base = float(frames_of(runs.FIRST).measures.gold[-1])
    name, best = max(ended.items(), key=lambda pair: pair[1].gold)
    judged, top = max(ended.items(), key=lambda pair: pair[1].proxy)
    first = f"{name} leaves the reader best off: {best.gold - base:+.1f} at {max(best.kl, 0) * unit.per_nat:.3g} {unit.name}."
    if len(ended) == 1 or judged == name:
        return first.replace("-", "−")
    return f"{first} {judged} pleases the judge most; its reader gets {top.gold - base:+.1f}.".replace("-", "−")


def _progress(jobs: list[tuple[runs.Asked, Job]]) -> None:
    for i, (asked, job) in enumerate(jobs):
        if job.live:
            waits = f"waiting, {QUEUE.ahead_of(job)} ahead of it" if job.state == "waiting" else "training"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.progress(len(job.results) / job.total, text=f"{asked.name}: {waits}")
                st.button("Stop", key=f"frontier_stop_{i}", on_click=job.stop)
        elif job.state == "failed":
            st.caption(f":red[{asked.name} stopped by itself: {job.problem}.]")
        elif job.state == "stopped":
            st.caption(f"{asked.name}: stopped after {max(len(job.results) - 1, 0)} of {job.total - 1} reports{job.because}.")


def _about() -> None:
    st.markdown(
        r"Exact optimum: $\pi^*\propto\pi_\text{ref}\,e^{r/\beta}$ for every β. Best-of-n: $\mathrm{KL}\le\log n-\frac{n-1}{n}$, "
        r"with equality only without ties."
    )
    st.caption(
        "r is the reward model’s score. Every point is exact; only the steps of training use samples. With unlimited "
        "pairs that cover every answer, DPO would end on the exact optimum. Best-of-n is shown for n = 1 to 16 384."
    )
