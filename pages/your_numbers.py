"""Your numbers: two vectors, samples, Gaussians or batches of one's own, compared in every way and checked against usual code."""

import streamlit as st

from pages.frame.presets.examples import EXAMPLES, Example
from pages.frame.presets.pills import preset_pills
from pages.shared import state
from pages.shared.downloads import take_along
from pages.shared.header import heading
from pages.shared.live import live
from pages.shared.style import UNITS
from pages.views.your_numbers.found import Found
from pages.views.your_numbers.given import Given, given
from pages.views.your_numbers.kinds import KINDS, Kind
from pages.views.your_numbers.scene import measures_table, own_csv, own_scene

KEPT = ("given", "unit", "p_numbers", "q_numbers", "names", "option")
CHOICES = {"given": KINDS, "unit": UNITS}
_LAST = "own_numbers_found"


def _use_example(example: Example) -> None:
    state.put_value("given", example.kind, example.kind)
    for key, text in (("p_numbers", example.p), ("q_numbers", example.q), ("names", example.names)):
        state.put_value(key, text, text)


def _option(kind: Kind) -> object:
    """What else the kind wants to know: a number, or the outcomes' names."""
    if kind.named:
        raw = st.text_input("Names of the outcomes, if they have any", key="names", max_chars=2000, bind="query-params")
        return [name.strip() for name in raw.split(",")] if raw.strip() else []
    if kind.option is None:
        return None
    label, least, most, first = kind.option
    return int(st.number_input(label, least, most, first, key="option", bind="query-params"))


def _found(kind: Kind, numbers: Given, option: object) -> Found | None:
    """What there is to say; of the last good numbers, with a sentence, when these are none."""
    try:
        found = kind.compare(*numbers.blocks(), option)
    except ValueError as problem:
        st.error(f"{problem}", icon=":material/edit:")
        last = st.session_state.get(_LAST)
        if last is not None:
            st.caption("The picture shows the last numbers that could be compared.")
        return last
    st.session_state[_LAST] = found
    return found


def main() -> None:
    _, unit = heading("your_numbers", "Your numbers", problem=lambda: state.link_problem(CHOICES))
    preset_pills(EXAMPLES, _use_example)
    picture, right = st.columns([2.4, 1], gap="large")
    asked = right.container(key="asked_first")
    with asked:
        name = st.selectbox("What they are", list(KINDS), key="given", bind="query-params")
        kind = KINDS[name or next(iter(KINDS))]
        numbers = given(kind)
        option = _option(kind)
    with picture:
        found = _found(kind, numbers, option)
        if found is not None:
            for warning in found.warnings:
                st.caption(f":material/warning: {warning}")
            live(own_scene(found, unit), key="own_numbers", on_settle=lambda _: None)
            st.markdown(measures_table(found, unit))
    if found is not None:
        take_along(lambda: found.code, lambda: own_csv(found), "Every measure, and every row’s share", "your_numbers.csv")
    state.keep("your_numbers", KEPT)


main()
