"""Controls at the right with Train and Stop, and the place of the picture at the left: of every view that trains VAEs."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kl_core.vaes.vae_training import VaeSettings

from ...shared.jobs import Job
from ...shared.trained import note_trained, say_if_gone
from .runs import job_of, progress, train, watch


@dataclass(frozen=True)
class Trainable:
    """key: of the buttons and of what is remembered. word: for the link. button: what it says. noun: what it trains.

    chosen(): draws the controls. runs(settings): all that is trained for them. in_words(settings): what was trained before.
    """

    key: str
    word: str
    button: str
    noun: str
    chosen: Callable[[], VaeSettings]
    runs: Callable[[VaeSettings], tuple[VaeSettings, ...]]
    in_words: Callable[[VaeSettings], str]

    @property
    def remembered(self) -> str:
        """Where the session has the settings whose run was shown last."""
        return f"{self.key}_run"


def training_columns(asked: Trainable) -> tuple[DeltaGenerator, VaeSettings, list[Job]]:
    """Draws the controls; the place of the picture, the settings that it shows, and their runs.

    A run begins when one asks for it, and goes on in the background. Until then the picture shows the one before.
    """
    picture, right = st.columns([3.2, 1], gap="large")
    with right.container(key="asked_first"):
        chosen = asked.chosen()
        if st.button(asked.button, width="stretch", key=f"train_{asked.key}", type="primary"):
            for settings in asked.runs(chosen):
                train(settings)
            note_trained(asked.word)
        there = all(map(job_of, asked.runs(chosen)))
        shown: VaeSettings = chosen if there else st.session_state.get(asked.remembered, chosen)
        st.session_state[asked.remembered] = shown
        jobs = [job for job in map(job_of, asked.runs(shown)) if job]
        say_if_gone(asked.word, bool(jobs), asked.button)
        if shown != chosen:
            st.caption(f"The picture shows the previous {asked.noun}: {asked.in_words(shown)}. Press {asked.button} for these settings.")
        watch(jobs, lambda: progress(jobs, f"stop_{asked.key}"))
    return picture, shown, jobs
