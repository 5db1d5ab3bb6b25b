"""The view "Your run": a log of one's own, or one of three to try, and its report."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.plain import plain
from ...shared.style import Unit
from ...shared.typeset import typeset
from .export import tokens_csv
from .run_page import estimates_rows, report_code, report_html, shaded
from .run_report import Report, cautions, counted, decision, frontier_words, mismatch_words, report_of, why_believe
from .run_samples import BETAS, RUNS, sample_run
from .run_scene import run_scene
from .token_extremes import infinite_because
from .token_file import Tokens, read_tokens
from .token_names import ROLES

FORMATS = ["csv", "tsv", "txt", "json", "jsonl", "parquet", "xlsx"]
SHOWN_ROLES = ("policy", "reference", "sampler", "sequence", "token", "reward", "step")


def run_view(unit: Unit) -> None:
    """Asks for a log at the left and reports at the right."""
    left, right = st.columns([1, 1.9], gap="large")
    with left:
        source = _asked()
        beta = st.number_input("β of the run, if you know it", 0.0, 1e6, None, key="run_beta", persist_state="session", format="%.6g")
    with right:
        if source is None:
            st.caption("The report appears here. Open a log, paste one, or try one of the three runs.")
            return
        try:
            tokens = read_tokens(*source, chosen=_chosen())
        except ValueError as problem:
            st.error(plain(problem), icon=":material/edit:")
            return
        report = _shown(tokens, beta, unit)
    with left:
        _choose(tokens)
    if report is not None:
        downloads(report_code, lambda: tokens_csv(tokens), "Each estimator at each token", "run.csv")


def _asked() -> tuple[bytes | str, str] | None:
    file = st.file_uploader("A log of a run", FORMATS, key="token_file")
    typed = st.text_area(
        "… or paste it",
        key="tokens_text",
        persist_state="session",
        height=160,
        placeholder="sequence,token,policy,reference\n1,the,-0.5,-0.3\n1,cat,-1.2,-0.5",
    )
    sample = st.pills("… or try one", list(RUNS), key="sample_run", persist_state="session")
    st.caption(
        "A table with columns `policy` and `reference`, log-probabilities in nats of tokens drawn from the policy; or dumps of TRL, verl, "
        "OpenRLHF, slime, vLLM and OpenAI as JSON lines or Parquet. Masks are honoured. Nothing is stored."
    )
    if file:
        return file.getvalue(), file.name
    if typed and typed.strip():
        return typed, ""
    return (sample_run(sample), "") if sample else None


def _chosen() -> dict[str, str]:
    return {role: name for role in SHOWN_ROLES if (name := st.session_state.get(f"field_{role}"))}


def _choose(tokens: Tokens) -> None:
    """Which field is which, guessed from their names."""
    if len(tokens.names) < 3:
        return
    with st.expander("Which field is which", icon=":material/table_rows:"):
        for role in SHOWN_ROLES:
            if st.session_state.get(f"field_{role}") not in tokens.names:
                st.session_state.pop(f"field_{role}", None)
            st.selectbox(
                role,
                tokens.names,
                index=None,
                key=f"field_{role}",
                placeholder=tokens.roles.get(role, "none"),
                help=f"Known by itself: {', '.join(ROLES[role][:6])} …",
            )


def _shown(tokens: Tokens, beta: float | None, unit: Unit) -> Report | None:
    if tokens.notes:
        st.caption(f":material/info: {plain(' '.join(tokens.notes))}")
    impossible = infinite_because(tokens)
    if impossible:
        st.error(typeset(impossible), icon=":material/all_inclusive:")
        return None
    report = report_of(tokens)
    beta = beta or BETAS.get(st.session_state.get("sample_run") or "")
    st.markdown(counted(report))
    head = [f"| in {unit.name} | k1 | k2 | k3 |", "|---|---|---|---|"]
    st.markdown("\n".join(head + [f"| {' | '.join(row)} |" for row in estimates_rows(report, unit)]))
    for caution in cautions(report, tokens, unit):
        st.caption(f":material/warning: {caution}")
    st.markdown(typeset(why_believe(report)))
    live(run_scene(report, unit), key="run_charts", on_settle=lambda _: None)
    if report.steps is not None and report.steps.reward is not None:
        st.caption(frontier_words(report.steps))
    if tokens.text:
        st.markdown("**The tokens farthest from the reference**, in their text")
        st.html("".join(f"<p>{line}</p>" for line in shaded(tokens, report)))
    if report.mismatch is not None:
        st.markdown(typeset(mismatch_words(report.mismatch, unit)))
    st.success(decision(report, beta, unit), icon=":material/flag:")
    st.download_button(
        "Save the report (HTML)",
        lambda: report_html(tokens, report, beta, unit, report_code()).encode(),
        "run.html",
        "text/html",
        on_click="ignore",
    )
    return report
