"""The view "Your run": a log of one's own, or one of three to try, and its report."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.plain import plain
from ...shared.style import Unit
from ...shared.typeset import typeset
from .export import tokens_csv
from .run_code import report_code
from .run_decision import assumption, decision, headline
from .run_page import estimates_rows, report_html, shaded
from .run_reading import report_once, tokens_of
from .run_report import Report, cautions, counted, frontier_words, mismatch_words, why_believe
from .run_scene import run_scene
from .run_source import BETA, Log, asked
from .token_extremes import infinite_because
from .token_file import Tokens
from .token_names import ROLES
from .token_roles import SIDES, UnknownFieldsError

NO_FIELD = "none"
_FIELDS = "run_fields"
SHOWN_ROLES = ("policy", "reference", "sampler", "mask", "sequence", "token", "reward", "step")
_WIDTHS = [1, 1.9]


def run_view(unit: Unit) -> None:
    """A log at the left and what it decides at the right; below, how it was read, and the proof. On a phone in this order."""
    first, decided = st.columns(_WIDTHS, gap="large")
    later, proof = st.columns(_WIDTHS, gap="large")
    log = asked(first, later)
    if log is None:
        decided.caption("The report appears here. Open a log, paste one, or look at one of ours.")
        return
    with decided:
        tokens, names, roles = _read(log)
        report, beta = _decided(tokens, unit) if tokens is not None else (None, None)
    with later:
        _choose(names, roles)
    if report is None or tokens is None:
        return
    with proof:
        st.markdown(f"{plain(log.title)}: {counted(report)}")
        _proof(tokens, report, unit)
        st.download_button(
            "Save the report (HTML)",
            lambda: report_html(tokens, report, beta, unit, report_code(beta), log.title).encode(),
            "run.html",
            "text/html",
            on_click="ignore",
        )
    downloads(lambda: report_code(beta), lambda: tokens_csv(tokens), "Each estimator at each token", "run.csv")


def _decided(tokens: Tokens, unit: Unit) -> tuple[Report | None, float | None]:
    """The box with the decision, and β to be entered in it; or why there is none."""
    impossible = infinite_because(tokens)
    if impossible:
        st.error(typeset(impossible), icon=":material/all_inclusive:")
        _say_notes(tokens)
        return None, None
    report = report_once(tokens)
    if report is None:
        return None, None
    with st.container(border=True, key="run_decision"):
        number_said, asked_for = st.columns([2.2, 1], vertical_alignment="bottom")
        number_said.metric(*headline(report, unit))
        beta = asked_for.number_input(
            "β of the run", 0.0, 1e6, None, key=BETA, persist_state="session", format="%.6g", placeholder="unknown"
        )
        st.markdown(decision(report, beta, unit))
        if why := assumption(report, beta, unit):
            st.caption(why)
    _say_notes(tokens)
    return report, beta


def _say_notes(tokens: Tokens) -> None:
    if tokens.notes:
        st.caption(f":material/info: {plain(' '.join(tokens.notes))}")


def _read(log: Log) -> tuple[Tokens | None, list[str], dict[str, str]]:
    """The tokens, or one sentence on screen and None; and the fields of the log, with what each is taken for, as far as they are known."""
    try:
        tokens = tokens_of((log.data, log.name), _chosen())
    except UnknownFieldsError as problem:
        st.error(plain(problem), icon=":material/edit:")
        return None, problem.names, problem.roles
    except ValueError as problem:
        st.error(plain(problem), icon=":material/edit:")
        known, names, roles = st.session_state.get(_FIELDS, (None, [], {}))
        return (None, names, roles) if known == hash(log) else (None, [], {})
    if tokens is None:
        return None, [], {}
    st.session_state[_FIELDS] = hash(log), tokens.names, tokens.roles
    return tokens, tokens.names, tokens.roles


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


def _proof(tokens: Tokens, report: Report, unit: Unit) -> None:
    """Every estimate, which to believe, the pictures, and the tokens that make most of it."""
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
