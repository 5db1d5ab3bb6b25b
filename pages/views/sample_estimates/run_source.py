"""Which log the view "Your run" reports on: a file, a pasted text or one of our own runs; the last that was chosen."""

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...shared.uploads import file_uploader
from .run_samples import BETAS, FIRST_RUN, RUNS, sample_run

FORMATS = ["csv", "tsv", "txt", "json", "jsonl", "parquet", "xlsx", "npz", "npy", "safetensors"]
_FORMATS_IN_WORDS = (
    "A table with columns `policy` and `reference`, log-probabilities in nats of tokens drawn from the policy; or dumps of TRL, verl, "
    "OpenRLHF, slime, vLLM and OpenAI as JSON lines or Parquet. Masks are honoured. Nothing is stored."
)
BETA = "run_beta"
_SOURCE, _FILES, _SAMPLE, _TEXT = "run_source", "run_files", "sample_run", "tokens_text"
FILE, TEXT, OURS = "file", "text", "ours"


class Log(NamedTuple):
    """data: a file's bytes or a text. name: the file's, or "". title: what the report is on, in words."""

    data: bytes | str
    name: str
    title: str


def asked(first: DeltaGenerator, later: DeltaGenerator) -> Log | None:
    """The log, if there is one. first: where a file is opened and our runs stand; later: where a text is pasted."""
    if BETA not in st.session_state:
        st.session_state[BETA] = BETAS[FIRST_RUN]
    with first:
        files = file_uploader("A log of a run", FORMATS, key=_uploader(), on_change=_opened)
        st.pills("… or look at one of ours", list(RUNS), default=FIRST_RUN, key=_SAMPLE, persist_state="session", on_change=_ours)
        st.container(key="run_formats").caption(_FORMATS_IN_WORDS)
    with later:
        text = st.text_area(
            "… or paste it",
            key=_TEXT,
            persist_state="session",
            height=160,
            placeholder="sequence,token,policy,reference\n1,the,-0.5,-0.3\n1,cat,-1.2,-0.5",
            help=_FORMATS_IN_WORDS,
            on_change=_pasted,
        )
    logs = {}
    if files:
        logs[FILE] = Log(files[0].getvalue(), files[0].name, files[0].name)
    if text and text.strip():
        logs[TEXT] = Log(text, "", "The pasted log")
    sample = st.session_state[_SAMPLE]
    if sample:
        logs[OURS] = Log(sample_run(sample), "", f"{sample}, ours")
    log = logs.get(str(st.session_state.get(_SOURCE))) or next(iter(logs.values()), None)
    if TEXT in logs and log is not logs[TEXT]:  # what was typed stays
        later.button("Report on this text", key="report_on_text", on_click=_pasted)
    return log


def _uploader() -> str:
    """The uploader's key: a new one is empty."""
    return f"token_file{st.session_state.get(_FILES, '')}"


def _opened() -> None:
    if st.session_state[_uploader()]:
        _take(FILE)
    else:
        st.session_state.pop(_SOURCE, None)


def _pasted() -> None:
    if st.session_state[_TEXT].strip():
        _take(TEXT)
    else:
        st.session_state.pop(_SOURCE, None)


def _ours() -> None:
    if st.session_state[_SAMPLE]:
        _take(OURS)
    else:
        st.session_state.pop(_SOURCE, None)


def _take(source: str) -> None:
    """Makes it the one that is shown: the others are no longer marked as chosen, and β is this run's or not known."""
    if source != OURS:
        st.session_state[_SAMPLE] = None
    if source != FILE:
        st.session_state[_FILES] = st.session_state.get(_FILES, 0) + 1
    if source != TEXT or st.session_state.get(_SOURCE) != TEXT:
        st.session_state[BETA] = BETAS.get(st.session_state[_SAMPLE] or "")
        for key in [key for key in st.session_state if str(key).startswith(("field_", "guess_"))]:
            del st.session_state[key]  # which field is which was said of another log
    st.session_state[_SOURCE] = source
