"""How far a training is, and the button that stops it."""

import streamlit as st

from ...shared.jobs import QUEUE, Job


def show_progress(job: Job, stop: str) -> None:
    """stop: the key of the button."""
    with st.container(horizontal=True, vertical_alignment="center"):
        waiting = f"waiting, {QUEUE.ahead_of(job)} ahead" if job.state == "waiting" else f"{len(job.results)} of {job.total}"
        st.progress(len(job.results) / job.total, text=waiting)
        st.button("Stop", key=stop, on_click=job.leave)
