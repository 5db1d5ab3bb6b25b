"""Which KL predicts forgetting? Forgetting against either KL, over the quick runs, then over many, with their rank correlations."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kl_core.rlhf.forgetting import Moment
from kl_core.rlhf.rank_intervals import RankIntervals

from ...shared.jobs import Job
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from ...shared.typeset import typeset
from . import forgetting_runs as runs
from .forgetting_plane import BY_METHOD, FORGOTTEN, HEIGHT
from .forgetting_words import FORWARD, REVERSE, interval, paper, predicted, too_few

EVERY = 1.0
DIRECTIONS = ((FORWARD, "kl_from_reference"), (REVERSE, "kl"))


def many_view(unit: Unit) -> None:
    """Forgetting against each KL, for the quick runs until many have run."""
    st.subheader("Which KL predicts forgetting?", anchor=False)
    job = runs.many()
    if job is None or job.state in ("stopped", "failed"):
        _few(unit)
        return
    going = job.live

    @st.fragment(run_every=EVERY if going else None)
    def look() -> None:
        if going:
            st.progress(len(job.results) / job.total, text=f"{len(job.results)} of {job.total} runs")
            st.button("Stop", key="forgetting_many_stop", on_click=job.leave)
        _many(job, unit)
        if going and not job.live:
            st.rerun()

    look()


def _few(unit: Unit) -> None:
    if runs.ask_compared().live:
        return  # what is above is drawn anew once they are done
    st.markdown(typeset(f"{too_few(len(runs.compared()))} {paper()}"))
    _pictures(runs.stages(), unit)
    if st.button(f"Check it on {runs.MANY} more runs", key="forgetting_many"):
        runs.ask_many()
        st.rerun()


def _many(job: Job, unit: Unit) -> None:
    by_method, ranks = runs.many_moments(job), runs.many_ranks() if job.state == "done" else {}
    if ranks:
        st.markdown(typeset(predicted(ranks["RL and SFT"])))
        st.markdown(typeset(paper(ranks["RL and SFT"], by_method)))
    _pictures(by_method, unit)
    if ranks:
        st.markdown(typeset(_table(ranks)))
        st.caption(
            "Spearman’s rank correlation with what was forgotten: 1 where both put the runs in the same order. In brackets: the 95% "
            "interval when whole trainings are drawn again with replacement (bootstrap)."
        )


def _pictures(by_method: Mapping[str, Sequence[Moment]], unit: Unit) -> None:
    st.caption(
        ":blue[● RL] :orange[● SFT] Each dot is a run at one stage. The KL whose dots lie closer to one rising line predicts better."
    )
    for column, (name, attribute) in zip(st.columns(2), DIRECTIONS, strict=True):
        with column:
            plane(f"forgetting_{attribute}", _forgotten(name, attribute, by_method, unit))


def _forgotten(name: str, attribute: str, by_method: Mapping[str, Sequence[Moment]], unit: Unit) -> Plane:
    lines = []
    for method, moments in by_method.items():
        xs = [getattr(moment, attribute) * unit.per_nat for moment in moments]
        ys = [100 * moment.forgotten for moment in moments]
        lines.append(Line(method, xs, ys, "run", BY_METHOD[method], dots=True, joined=False))
    reach = max([1.0, *(x for line in lines for x in line.xs)])
    top = max([10.0, *(y for line in lines for y in line.ys)]) * 1.1
    return Plane(
        f"Forgotten against {name}",
        (f"{name} on sleep, {unit.name} per answer", 0.0, reach * 1.03),
        (FORGOTTEN, HEIGHT[0], top),
        lines,
        small=True,
    )


def _table(ranks: Mapping[str, RankIntervals]) -> str:
    """One row per group of runs; a training counts as several runs where it was stopped at several numbers of steps."""
    rows = [f"| | trainings | runs | {FORWARD} | {REVERSE} |", "|---|---|---|---|---|"]
    for name, each in ranks.items():
        rows.append(f"| {name} | {each.trainings} | {each.runs} | {interval(each.kl_from_reference)} | {interval(each.kl)} |")
    return "\n".join(rows)
