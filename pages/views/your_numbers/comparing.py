"""The comparison itself: once for the same numbers, and with progress and a way out where it takes seconds."""

from collections.abc import Callable

import streamlit as st

from .given import choices
from .inputs import Inputs, Piece, read_inputs
from .kinds import Kind
from .result import Result

LONG = 2_000_000
"""Logits beyond which a comparison takes a second or more."""
_DONE, _CANCELLED = "own_compared", "own_cancelled"


def compared(kind: Kind, pieces: list[Piece], option: object, more: dict[str, object]) -> tuple[Inputs, Result] | None:
    """What was read and what it gives; None if it was cancelled. ValueError with one sentence for what cannot be compared."""
    key = (kind.how, tuple((hash(piece.data), piece.name) for piece in pieces), str(option), choices(), str(more))
    done = st.session_state.get(_DONE)
    if done is not None and done[0] == key:
        return done[1]
    if st.session_state.get(_CANCELLED) == key:
        st.caption("Cancelled.")
        st.button("Compare after all", key="compare_again", on_click=lambda: st.session_state.pop(_CANCELLED, None), width="stretch")
        return None
    inputs = read_inputs(kind, pieces, choices())
    long = kind.slow and inputs.p.values.numel() > LONG
    if not long:
        return inputs, kind.compare(inputs.p, inputs.q, option, **more)
    with st.container(key="comparing"):
        bar = st.empty()
        st.button("Cancel", key="cancel_comparing", on_click=lambda: st.session_state.update({_CANCELLED: key}), width="stretch")
        result = kind.compare(inputs.p, inputs.q, option, progress=_told(bar, inputs), **more)
    st.session_state[_DONE] = key, (inputs, result)
    st.rerun()


def _told(bar, inputs: Inputs) -> Callable[[float], None]:
    """Tells how far it is; Streamlit ends a run that was cancelled when it next tells something."""
    rows = len(inputs.p.values)
    return lambda share: bar.progress(share, f"Row {int(share * rows):,} of {rows:,}")
