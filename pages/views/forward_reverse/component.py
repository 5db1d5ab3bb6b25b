"""A canvas on the page: one component, whose messages set a typed state, and whose state is the link."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

import streamlit as st

from ...shared import state as page_state
from ...shared.scripts import Script

State = TypeVar("State")
_HERE = Path(__file__).parent


class Canvas(Generic[State]):
    """What the line's and the plane's canvas share.

    name: of the component and of what the session keeps for it. default: the state untouched. link_keys: all that its link may
    have. from_link: the state a link asks for, and what it asks for in vain; to_link: the other way, less defaults. from_message:
    the state after what a hand did.
    """

    def __init__(
        self,
        name: str,
        script: str,
        styles: tuple[str, ...],
        default: State,
        link_keys: tuple[str, ...],
        from_link: Callable[[Mapping[str, str]], tuple[State, list[str]]],
        to_link: Callable[[State], dict[str, str]],
        from_message: Callable[[State, object], State],
    ) -> None:
        self.key, self._state, self._answers, self._last = f"{name}_canvas", name, f"{name}_answers", f"{name}_message"
        self._default, self._link_keys = default, link_keys
        self._from_link, self._to_link, self._from_message = from_link, to_link, from_message
        self._component = st.components.v2.component(
            f"kl_fit_{name}",
            js=Script(f"views/forward_reverse/{script}").loader,
            css="".join((_HERE / style).read_text(encoding="utf-8") for style in styles),
        )

    def link_problems(self, query: dict[str, str]) -> list[str]:
        """What the link asks in vain."""
        return self._from_link(query)[1]

    def restore(self) -> None:
        """Before the canvas: what the link says, where it has just been opened; else what was set before."""
        query = st.query_params.to_dict()
        named = any(key in query for key in self._link_keys) or self._state not in st.session_state
        if (page_state.link_is_new() and named) or page_state.by_history():
            st.session_state[self._state] = self._from_link(query)[0]

    def current(self) -> State:
        """The state on screen."""
        return st.session_state.get(self._state, self._default)

    def answers(self) -> int:
        """The number of the last question that was answered."""
        return st.session_state.get(self._answers, 0)

    def asked(self, *wishes: str) -> tuple[bool, ...]:
        """Which wishes the message had that this run answers; they hold for one run."""
        message = st.session_state.pop(self._last, {})
        return tuple(bool(message.get(wish)) for wish in wishes)

    def show(self, scene: dict) -> None:
        """The component with its scene."""
        self._component(key=self.key, data=scene, on_act_change=self._acted)

    def write_link(self) -> None:
        """The state into the address, where it is not there already."""
        wanted = self._to_link(self.current())
        page_state.drop_from_link(key for key in self._link_keys if key not in wanted and key in st.query_params)
        page_state.write_link(wanted)

    def _acted(self) -> None:
        message = st.session_state[self.key].act
        if not isinstance(message, dict):
            return
        question = message.get("question")
        if isinstance(question, int) and 0 < question < 10**9:
            st.session_state[self._answers] = question
        st.session_state[self._state] = self._from_message(self.current(), message)
        st.session_state[self._last] = message
