"""A canvas on the page: one component, whose messages set a typed state, and whose state is the link.

While a hand moves something the canvas asks `answer`, by a route of the app and without a script run: all that is needed is in its
question, as the link has it. When the hand lets go it tells the page the link that it has then, and the run only writes the address.
Where the route cannot be reached, the page is told what the hand did and answers itself.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Generic, TypeVar

import streamlit as st

from ...shared import state as page_state
from ...shared.scripts import Script
from ...shared.style import Unit
from ...shared.values import checked_unit
from .asked import WISHES, Asked, asked_by, checked_link

State = TypeVar("State")
_QUESTION = ("link", "unit", "message", "whole")


class Canvas(Generic[State]):
    """What the line's and the plane's canvas share.

    name: of the component, of what the session keeps for it, and of the route that answers it. default: the state untouched.
    link_keys: all that its link may have. from_link: the state a link asks for, and what it asks for in vain; to_link: the other
    way, less defaults. moved: the state after what a hand did, ValueError for nonsense. scene: what the canvas is told of a state.
    known: the parts of a scene that the browser has, when it was shown the first state and is to be told the second.
    """

    def __init__(
        self,
        name: str,
        script: str,
        default: State,
        link_keys: tuple[str, ...],
        from_link: Callable[[Mapping[str, str]], tuple[State, list[str]]],
        to_link: Callable[[State], dict[str, str]],
        moved: Callable[[State, Mapping], State],
        scene: Callable[[State, Unit, Asked], dict],
        known: Callable[[State, State], tuple[set[str], set[str]]],
    ) -> None:
        self.key, self._state, self._answers, self._last = f"{name}_canvas", name, f"{name}_answers", f"{name}_message"
        self._name, self._default, self._link_keys = name, default, link_keys
        self._from_link, self._to_link, self._moved, self._scene, self._known = from_link, to_link, moved, scene, known
        self._component = st.components.v2.component(f"kl_fit_{name}", js=Script(f"views/forward_reverse/{script}").loader)

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

    def asked(self) -> Asked:
        """What the message that this run answers asks for; it holds for one run."""
        return st.session_state.pop(self._last, Asked())

    def show(self, unit: Unit, asked: Asked) -> None:
        """The component with its scene, or with the link alone where it has the scene."""
        state = self.current()
        told = {"answers": st.session_state.get(self._answers, 0), "link": self._to_link(state), "unit": _unit(unit)}
        scene = told if asked.seen else self._scene(state, unit, asked) | told
        self._component(key=self.key, data={"scene": scene}, on_act_change=self._acted)  # Streamlit looks at each value for a table

    def write_link(self) -> None:
        """The state into the address, where it is not there already."""
        wanted, present = self._to_link(self.current()), st.query_params.to_dict()
        page_state.drop_from_link(key for key in self._link_keys if key not in wanted and key in present)
        page_state.write_link(wanted)

    def answer(self, question: Mapping[str, Any]) -> dict:
        """What the canvas is told of the state that a link and a message lead to, and the link of that state.

        question: {link, unit, message, whole}; whole: nothing is known there. ValueError in one sentence.
        """
        if any(key not in _QUESTION for key in question):
            raise ValueError(f"A question has {', '.join(_QUESTION)}, and nothing else.")
        message = question.get("message")
        if not isinstance(message, Mapping):
            raise ValueError("What a hand did is an object.")
        before, asked = self._linked(question.get("link")), asked_by(message)
        try:
            link = self._to_link(self._moved(before, _without(message, WISHES)))
        except ValueError as problem:
            raise ValueError(f"This cannot be set: {str(problem).rstrip('.')}.") from None
        after = self._linked(link)
        scene = self._scene(after, checked_unit(question.get("unit")), asked)
        if not question.get("whole"):
            known, known_of_panes = self._known(before, after)
            scene = _without(scene, known) | {"panes": [_without(pane, known_of_panes) for pane in scene["panes"]]}
        return scene | {"link": link}

    def _linked(self, link: object) -> State:
        state, problems = self._from_link(checked_link(link))
        if problems:
            raise ValueError(f"This link cannot be shown: {problems[0]}.")
        return state

    def _acted(self) -> None:
        message = st.session_state[self.key].act
        if not isinstance(message, dict):
            return
        question = message.get("question")
        if isinstance(question, int) and 0 < question < 10**9:
            st.session_state[self._answers] = question
        try:
            asked = asked_by(message)
            before = self._linked(message["link"]) if "link" in message else self.current()
            state = self._moved(before, _without(message, WISHES))
        except ValueError:
            return
        st.session_state[self._state], st.session_state[self._last] = state, asked


def _unit(unit: Unit) -> dict:
    return {"name": unit.name, "per_nat": unit.per_nat}


def _without(values: Mapping[str, Any], keys: Container[str]) -> dict:
    return {key: value for key, value in values.items() if key not in keys}
