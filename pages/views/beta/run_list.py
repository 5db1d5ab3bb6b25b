"""The runs on a view's picture: each a job that visitors share, kept in the session and, as settings, in the link.

A link only names runs: those that somebody has trained are shown, the others wait for a press.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import streamlit as st

from ...shared import state
from ...shared.jobs import QUEUE, Job
from ...shared.scripts import Script

_reveal = st.components.v2.component("kl_beta_reveal", js=Script("views/beta/reveal/main.js").loader)
EVERY = 0.8
"""Seconds between two looks at runs that go on."""


def reveal(key: str, place: str, presses: int) -> None:
    """Scrolls to the container of that key, where it is out of sight, once there are more presses."""
    _reveal(key=key, data={"place": place, "presses": presses}, height="content")


class Named(Protocol):
    """A run as chosen."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> tuple: ...


Chosen = TypeVar("Chosen", bound=Named)


@dataclass(frozen=True)
class RunList(Generic[Chosen]):
    """key: of the list in session and link, which its buttons' keys begin with too. ask: starts a run, unless somebody has.
    written: a run in a few letters without ","; read: the run again, ValueError for what is none. most: the oldest gives way."""

    key: str
    ask: Callable[[Chosen], Job]
    written: Callable[[Chosen], str]
    read: Callable[[str], Chosen]
    most: int = 8

    def chosen(self) -> list[Chosen]:
        """As the session or the link says, without what cannot be read."""
        chosen: list[Chosen] = []
        text = str(state.session_or_link(self.key) or "")
        for part in text.split(",")[: self.most] if text else []:
            try:
                run = self.read(part)
            except ValueError:
                continue
            if run.key not in [other.key for other in chosen]:
                chosen.append(run)
        return chosen

    def jobs(self) -> list[tuple[Chosen, Job]]:
        """Those that somebody has asked for."""
        pairs = [(run, QUEUE.find(run.key)) for run in self.chosen()]
        return [(run, job) for run, job in pairs if job is not None]

    def untrained(self) -> list[Chosen]:
        return [run for run in self.chosen() if QUEUE.find(run.key) is None]

    def train(self, runs: Sequence[Chosen]) -> None:
        """Asks for runs and puts them on the picture and into the link."""
        for run in runs:
            self.ask(run)
        keys = [run.key for run in runs]
        others = [other for other in self.chosen() if other.key not in keys]
        text = ",".join(map(self.written, [*others, *runs][-self.most :]))
        st.session_state[self.key] = text
        state.write_link({self.key: text})
        st.session_state[f"{self.key}_presses"] = self.presses + 1

    @property
    def presses(self) -> int:
        """How often this visitor has asked for runs."""
        return int(st.session_state.get(f"{self.key}_presses", 0))

    def reveal(self, place: str) -> None:
        """After a press, scrolls to the container of that key where it is out of sight, as on a phone."""
        reveal(f"{self.key}_reveal", place, self.presses)

    def clear(self) -> None:
        state.drop_from_link([self.key])

    def buttons(self, runs: Sequence[Chosen]) -> None:
        """Train what is chosen; train what a link names; clear."""
        if st.button("Train", type="primary", width="stretch", key=f"{self.key}_train"):
            self.train(runs)
        waiting = self.untrained()
        if waiting:
            st.button(
                "Train the run of this link" if len(waiting) == 1 else f"Train the {len(waiting)} runs of this link",
                width="stretch",
                key=f"{self.key}_train_linked",
                on_click=self.train,
                args=(waiting,),
                help=", ".join(run.name for run in waiting),
            )
        if self.chosen():
            st.button("Clear the picture", width="stretch", key=f"{self.key}_clear", on_click=self.clear)

    def progress(self) -> None:
        """A bar and a way to stop for each run that goes on; a sentence for one that failed."""
        for i, (run, job) in enumerate(self.jobs()):
            if job.live:
                waits = f"waiting, {QUEUE.ahead_of(job)} ahead of it" if job.state == "waiting" else "training"
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.progress(len(job.results) / job.total, text=f"{run.name}: {waits}")
                    st.button("Stop", key=f"{self.key}_stop_{i}", on_click=job.leave)
            elif job.state == "failed":
                st.caption(f":red[{run.name} stopped by itself: {job.problem}.]")
            elif job.state == "stopped":
                st.caption(f"{run.name}: stopped after {max(len(job.results) - 1, 0)} of {job.total - 1} reports{job.because}.")


def watched(look: Callable[[], None], jobs: Callable[[], Sequence[Job]]) -> None:
    """Draws by `look`, again and again while one of the jobs goes on; the whole page once one of them has ended."""
    awaited = [job for job in jobs() if job.live]

    @st.fragment(run_every=EVERY if awaited else None)
    def looking() -> None:
        look()
        if not all(job.live for job in awaited):
            st.rerun()  # the sentence above is about runs that have ended

    looking()


def number_between(text: str, kind: type, low: float, high: float):
    """A number of a link; ValueError if it is none or out of its range."""
    value = kind(text)
    if not low <= value <= high:
        raise ValueError(f"{text} is not between {low} and {high}")
    return value
