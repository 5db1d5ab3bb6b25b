"""The view "Checked against": how many claims hold, how well, and each of them."""

from pathlib import Path

import streamlit as st

from kl_core.published import CLAIMS, SUBJECTS

from ...shared.downloads import downloads
from ...shared.jobs import OWN
from .rounds import Round, again, latest
from .table import as_csv, headline, matching, strip, tables

EVERYTHING = "All subjects"
SUBJECT_NAMES = [EVERYTHING, *SUBJECTS]
LONGEST = 100
EVERY = 0.5
"""Seconds between two looks at a round that goes on."""
CODE = """from kl_core.published import CLAIMS, check

found = [check(claim) for claim in CLAIMS]
print(f"{sum(one.agrees for one in found)} of {len(found)} reproduced")
for one in found:
    print("yes" if one.agrees else "NO ", f"{one.digits:4.1f} digits", one.claim.name, one.ours)
"""


def checked_view() -> None:
    """The number, the picture, a filter, and the rows."""
    _look()
    _rows(latest())
    if not latest().job.live:
        downloads(lambda: CODE, lambda: as_csv(latest().checks), "Every claim, theirs and ours", "checked.csv")
    st.caption(
        "“Ours” is computed by kl_core on this server, now. “Theirs” is what the source prints, or its formula evaluated without kl_core. "
        "The list leaves out what cannot be computed here: the default β of libraries (quoted on the page “β”), Gao et al.’s coefficients "
        "(published only as plots), and Hinton et al.’s MNIST accuracies."
    )


def style() -> None:
    st.html(Path(__file__).parent / "checked.css")


def _look() -> None:
    going = latest().job.live

    @st.fragment(run_every=EVERY if going else None)
    def look() -> None:
        shown = latest()
        _top(shown)
        if shown.job.live != going:
            st.rerun()  # it has begun, or ended: begin or stop looking, and fill the rows

    look()


def _top(shown: Round) -> None:
    checks = shown.checks
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="checked">{headline(checks, len(CLAIMS))}</div>', width="content")
        st.button("Compute again", icon=":material/refresh:", key="again", on_click=again, disabled=shown.job.live)
    ahead = OWN.ahead_of(shown.job) if shown.job.state == "waiting" else 0
    if shown.job.live:
        stands = f"waiting, {ahead} ahead of it" if ahead else f"{len(checks)} of {len(CLAIMS)} computed"
        st.progress(len(checks) / len(CLAIMS), text=stands)
    st.html(f'<div class="checked boxed">{strip(SUBJECTS, checks)}</div>')


def _rows(shown: Round) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Find", key="find", max_chars=LONGEST, bind="query-params", width=320, placeholder="Schulman, reverse, 0.0207 …"
        )
        subject = st.selectbox("Subject", SUBJECT_NAMES, key="subject", bind="query-params", width=300)
        corrections = st.toggle("Only corrections of common claims", key="corrections", bind="query-params")
    matches = matching(words or "", None if subject in (None, EVERYTHING) else subject, corrections)
    count = sum(map(len, matches.values()))
    checks = shown.checks
    if not matches:
        st.caption("No claim contains all these words.")
        return
    if count < len(CLAIMS):
        st.caption(f"{count} of {len(CLAIMS)} claims.")
    st.html(f'<div class="checked boxed">{tables(matches, checks, count < len(CLAIMS))}</div>')
    st.caption(f"Computed {shown.asked:%Y-%m-%d %H:%M:%S} UTC.")
