"""Which KL predicts forgetting? Counted over many runs, by ranks."""

import streamlit as st

from kl_core.rlhf.forgetting import Moment, Predictors, predictors

from ...shared.jobs import Job
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from ...shared.typeset import typeset
from . import forgetting_runs as runs

EVERY = 1.0


def many_view(unit: Unit) -> None:
    """A button, progress, then forgetting against either KL and what the ranks say."""
    st.subheader("Which KL predicts forgetting?", anchor=False)
    job = runs.many()
    if job is None or job.state in ("stopped", "failed"):
        st.markdown(
            "Train by RL and SFT at many settings, then compare the ranks of each KL on sleep with the ranks of what was forgotten."
        )
        if st.button("Train all of them", key="forgetting_many"):
            runs.ask_many()
            st.rerun()
        return
    going = job.live

    @st.fragment(run_every=EVERY if going else None)
    def look() -> None:
        if going:
            st.progress(len(job.results) / job.total, text=f"{len(job.results)} of {job.total} runs")
            st.button("Stop", key="forgetting_many_stop", on_click=job.stop)
        _scatter(job, unit)
        if going and not job.live:
            st.rerun()

    look()


def _scatter(job: Job, unit: Unit) -> None:
    by_method = _by_method(list(job.results))
    if job.state == "done":
        st.markdown(typeset(f"**{verdict(by_method)}**"))
    for column, (name, attribute) in zip(st.columns(2), (("KL(π‖π_ref)", "kl"), ("KL(π_ref‖π)", "kl_from_reference")), strict=True):
        with column:
            plane(f"forgetting_{attribute}", _forgotten(name, attribute, by_method, unit))
    if job.state == "done":
        st.markdown(typeset(_table(by_method)))
        st.caption(
            "Spearman’s rank correlation with what was forgotten: 1 if the order is the same. Blue is RL, orange SFT. Shenfeld, Pari & "
            "Agrawal (2025, arXiv 2509.04259) report that the KL on the new task predicts forgetting whatever the method."
        )


def _by_method(results: list[tuple[bool, Moment]]) -> dict[str, list[Moment]]:
    return {name: [moment for rl, moment in results if rl == is_rl] for name, is_rl in (("RL", True), ("SFT", False))}


def _forgotten(name: str, attribute: str, by_method: dict[str, list[Moment]], unit: Unit) -> Plane:
    lines = []
    for (method, moments), colour in zip(by_method.items(), (1, 2), strict=True):
        xs = [getattr(moment, attribute) * unit.per_nat for moment in moments]
        lines.append(Line(method, xs, [moment.forgotten for moment in moments], "run", colour, dots=True, joined=False))
    reach = max([1.0, *(x for line in lines for x in line.xs)])
    return Plane(
        f"Forgotten, against {name}",
        (f"{name} on sleep, {unit.name}", 0.0, reach * 1.03),
        ("Forgotten", -0.05, 0.85),
        lines,
        percent=True,
        small=True,
    )


def _ranks(by_method: dict[str, list[Moment]]) -> dict[str, Predictors]:
    together = [moment for moments in by_method.values() for moment in moments]
    return {name: predictors(moments) for name, moments in (*by_method.items(), ("both together", together)) if len(moments) >= 3}


def verdict(by_method: dict[str, list[Moment]]) -> str:
    """Which direction ranks the runs better within each method, and whether the same holds over both."""
    ranks = _ranks(by_method)
    formula = {"kl": "KL(π‖π_ref)", "kl_from_reference": "KL(π_ref‖π)"}
    within = {name: ranks[name].better for name in by_method if name in ranks}
    pooled = ranks["both together"]
    numbers = f"{pooled.kl_from_reference:.3f} for KL(π_ref‖π), {pooled.kl:.3f} for KL(π‖π_ref)"
    if len(set(within.values())) == 1:
        better = next(iter(within.values()))
        other = "also over both together" if pooled.better == better else "but not over both together"
        return f"Within each method {formula[better]} predicts forgetting better, {other} ({numbers})."
    told = ", ".join(f"{formula[better]} within {name}" for name, better in within.items())
    return f"Better predicts forgetting: {told}. Over both together: {numbers}."


def _table(by_method: dict[str, list[Moment]]) -> str:
    rows = ["| rank correlation over | runs | KL(π_ref‖π) | KL(π‖π_ref) | success on sleep |", "|---|---|---|---|---|"]
    for name, ranks in _ranks(by_method).items():
        rows.append(f"| {name} | {ranks.runs} | {ranks.kl_from_reference:.3f} | {ranks.kl:.3f} | {ranks.quality:.3f} |")
    return "\n".join(rows)
