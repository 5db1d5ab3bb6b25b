"""What a hand does on a component that one page has: its messages, and how many of them were answered, which the component is told."""

from collections.abc import Mapping
from typing import Any

import streamlit as st


def take_message(key: str, trigger: str = "settle") -> Mapping[str, Any] | None:
    """What the component of this key says by this trigger, counted as answered; None where it says nothing. In a callback."""
    message = st.session_state[key].get(trigger)
    if not isinstance(message, Mapping):
        return None
    st.session_state[_place(key)] = answered(key) + 1
    return message


def answered(key: str) -> int:
    """How many messages have been taken in this session."""
    return int(st.session_state.get(_place(key), 0))


def _place(key: str) -> str:
    return f"{key}_answers"
