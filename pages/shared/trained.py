"""What a link says of trainings: that its run was trained. The run itself lives on the server, and may be gone."""

import streamlit as st

from .state import write_link

KEY = "trained"
GONE = (
    "The run of this link is not on this server: it ended with the process that trained it, or was trained elsewhere. "
    "Its settings are in the link, so press {} to start it again."
)


def note_trained(what: str) -> None:
    """Train was pressed; what: the view's word for it."""
    write_link({KEY: what})


def say_if_gone(what: str, there: bool, button: str = "Train") -> None:
    """A sentence where the link's run was trained and is not found. button: what starts it."""
    if not there and st.query_params.get(KEY) == what:
        st.caption(f":material/info: {GONE.format(button)}")
