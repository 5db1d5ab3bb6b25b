"""The view "Your run": a log of one's own, or one of three to try, and its report."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.plain import plain
from ...shared.style import Unit
from ...shared.typeset import typeset
from ...shared.uploads import file_uploader
from .export import tokens_csv
from .run_code import report_code
from .run_page import estimates_rows, report_html, shaded
from .run_reading import report_once, tokens_of
from .run_report import Report, cautions, counted, decision, frontier_words, headline, mismatch_words, why_believe
from .run_samples import BETAS, FIRST_RUN, RUNS, sample_run
from .run_scene import run_scene
from .token_extremes import infinite_because
from .token_file import Tokens
from .token_names import ROLES
from .token_roles import SIDES, UnknownFieldsError

FORMATS = ["csv", "tsv", "txt", "json", "jsonl", "parquet", "xlsx", "npz", "npy", "safetensors"]
NO_FIELD = "none"
_FIELDS = "run_fields"
SHOWN_ROLES = ("policy", "reference", "sampler", "mask", "sequence", "token", "reward", "step")


def run_view(unit: Unit) -> None:
    """Asks for a log at the left and reports at the right."""
    left, right = st.columns([1, 1.9], gap="large")
    with left:
        source, in_short = _asked()
        typed = st.number_input("β of the run, if you know it", 0.0, 1e6, None, key="run_beta", persist_state="session", format="%.6g")
        beta = _beta_of_sample(source) if typed is None else typed
    with right:
        if source is None:
            st.caption("The report appears here. Open a log, paste one, or look at one of ours.")
            return
        tokens, names, roles = _read(source)
        report = _shown(tokens, beta, unit) if tokens is not None else None
    with left:
        _choose(names, roles)
    if report is not None:
        with in_short:  # on a phone the report lies far below
            st.metric(*headline(report, unit))
            st.markdown(decision(report, beta, unit))
    if report is not None and tokens is not None:
        downloads(report_code, lambda: tokens_csv(tokens), "Each estimator at each token", "run.csv")


def _read(source: tuple[bytes | str, str]) -> tuple[Tokens | None, list[str], dict[str, str]]:
    """The tokens, or one sentence on screen and None; and the fields of the log, with what each is taken for, as far as they are known."""
    try:
        tokens = tokens_of(source, _chosen())
    except UnknownFieldsError as problem:
        st.error(plain(problem), icon=":material/edit:")
        return None, problem.names, problem.roles
    except ValueError as problem:
        st.error(plain(problem), icon=":material/edit:")
        known, names, roles = st.session_state.get(_FIELDS, (None, [], {}))
        return (None, names, roles) if known == hash(source) else (None, [], {})
    if tokens is None:
        return None, [], {}
    st.session_state[_FIELDS] = hash(source), tokens.names, tokens.roles
    return tokens, tokens.names, tokens.roles


def _asked() -> tuple[tuple[bytes | str, str] | None, DeltaGenerator]:
    """The log, if there is one, and the place right under the buttons, which only a narrow screen shows."""
    files = file_uploader("A log of a run", FORMATS, key="token_file")
    sample = st.pills("… or look at one of ours", list(RUNS), default=FIRST_RUN, key="sample_run", persist_state="session")
    in_short = st.container(key="run_in_short")
    typed = st.text_area(
        "… or paste it",
        key="tokens_text",
        persist_state="session",
        height=160,
        placeholder="sequence,token,policy,reference\n1,the,-0.5,-0.3\n1,cat,-1.2,-0.5",
    )
    st.caption(
        "A table with columns `policy` and `reference`, log-probabilities in nats of tokens drawn from the policy; or dumps of TRL, verl, "
        "OpenRLHF, slime, vLLM and OpenAI as JSON lines or Parquet. Masks are honoured. Nothing is stored."
    )
    if files:
        return (files[0].getvalue(), files[0].name), in_short
    if typed and typed.strip():
        return (typed, ""), in_short
    return ((sample_run(sample), "") if sample else None), in_short


def _beta_of_sample(source: tuple[bytes | str, str] | None) -> float | None:
    """The β that one of our runs was trained with, if it is the one that is shown."""
    sample = st.session_state.get("sample_run")
    return BETAS[sample] if sample and source == (sample_run(sample), "") else None


def _chosen() -> dict[str, str]:
    """The fields that were chosen by hand, by role; "" where a role was chosen to have none."""
    get = st.session_state.get
    chosen = {role: get(f"field_{role}") for role in SHOWN_ROLES if get(f"field_{role}") not in (None, get(f"guess_{role}"))}
    return {role: "" if name == NO_FIELD else str(name) for role, name in chosen.items()}


def _choose(names: list[str], roles: dict[str, str]) -> None:
    """Which field is which: the two log-probabilities in sight, the rest folded away; each begins as it was guessed."""
    if len(names) < 2:
        return
    chosen = {role: name for role, name in _chosen().items() if name in names or not name}
    for role in SHOWN_ROLES:
        if role not in chosen:
            st.session_state[f"guess_{role}"] = st.session_state[f"field_{role}"] = roles.get(role, NO_FIELD)
    st.markdown("**Which field is which**")
    for role, column in zip(SIDES, st.columns(2), strict=True):
        column.selectbox(role, [NO_FIELD, *names], key=f"field_{role}", help=_known(role))
    with st.expander("The other fields", icon=":material/table_rows:"):
        for role in SHOWN_ROLES[len(SIDES) :]:
            st.selectbox(role, [NO_FIELD, *names], key=f"field_{role}", help=_known(role))


def _known(role: str) -> str:
    return f"Known by itself: {', '.join(ROLES[role][:6])} …"


def _shown(tokens: Tokens, beta: float | None, unit: Unit) -> Report | None:
    if tokens.notes:
        st.caption(f":material/info: {plain(' '.join(tokens.notes))}")
    impossible = infinite_because(tokens)
    if impossible:
        st.error(typeset(impossible), icon=":material/all_inclusive:")
        return None
    report = report_once(tokens)
    if report is None:
        return None
    st.metric(*headline(report, unit))
    st.markdown(counted(report))
    head = [f"| in {unit.name} | k1 | k2 | k3 |", "|---|---|---|---|"]
    st.markdown("\n".join(head + [f"| {' | '.join(row)} |" for row in estimates_rows(report, unit)]))
    for caution in cautions(report, tokens, unit):
        st.caption(f":material/warning: {caution}")
    st.markdown(typeset(why_believe(report)))
    scene = run_scene(report, unit)
    if scene["panels"]:
        live(scene, key="run_charts", on_settle=lambda _: None)
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
