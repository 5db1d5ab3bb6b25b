"""Your numbers: two vectors, samples, Gaussians or batches of one's own, compared in every way and checked against usual code."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame.presets.examples import EXAMPLES, Example, example_of
from pages.frame.presets.pills import preset_pills
from pages.shared import state
from pages.shared.downloads import downloads
from pages.shared.gate import GATE
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.plain import plain
from pages.shared.style import UNITS, amount
from pages.views.your_numbers.comparing import compared
from pages.views.your_numbers.given import asked, into_link, show_reading
from pages.views.your_numbers.inputs import Piece
from pages.views.your_numbers.kinds import KINDS, Kind
from pages.views.your_numbers.missing import MISSING, Missing
from pages.views.your_numbers.result import Result
from pages.views.your_numbers.sample_advice import COUNTS, RefusedSamplesError
from pages.views.your_numbers.scene import measures_explained, measures_table, own_csv, own_scene

CHOICES = {"given": KINDS, "unit": UNITS, "missing": MISSING}
_LAST = "own_numbers_result"
_BEFORE = "The picture and the figures below still show the numbers before."
_MANY = 50_000  # letters or bytes whose reading takes long enough that others should not wait for it


def _use_example(example: Example) -> None:
    state.put_value("given", example.kind, example.kind)
    for key, text in (("p_numbers", example.p), ("q_numbers", example.q), ("names", example.names)):
        state.put_value(key, text, text)


def _kind_chosen() -> None:
    """The numbers of an example give way to an example of the kind that was chosen; a visitor's own stay."""
    kind = str(st.session_state["given"])
    example = example_of(kind, *(str(st.session_state.get(key, "")) for key in ("p_numbers", "q_numbers")))
    if example is not None:
        _use_example(example)


def _option(kind: Kind) -> object:
    """What else the kind wants to know: a number, or the outcomes' names."""
    if kind.named:
        state.begin_with_link("names", "")
        raw = st.text_input("Names of the outcomes, if they have any", key="names")
        into_link({"names": raw})
        return [name.strip() for name in raw.split(",")] if raw.strip() else []
    if kind.option is None:
        return None
    label, least, most, first = kind.option
    return int(st.number_input(label, least, most, first, key="option", bind="query-params"))


def _smoothing(kind: Kind) -> dict[str, object]:
    """What is added to every count: 0 until somebody chooses, because an answer with zeros depends on it."""
    if not kind.counts:
        return {}
    added = st.number_input(
        "Add to every count", 0.0, 100.0, 0.0, 0.5, key="smoothing", bind="query-params", help="Smoothing: ½ is Jeffreys’ prior."
    )
    return {"smoothing": float(added)}


def _missing(kind: Kind) -> dict[str, object]:
    """What was chosen about probability that is missing to 1, before the choice is drawn: it stands with the result."""
    chosen = state.session_or_link("missing") if kind.may_miss else None
    return {"missing": str(chosen) if chosen in MISSING else None} if kind.may_miss else {}


def _choose_missing(missing: Missing) -> None:
    """One line on what was recognised, and the other choice."""
    st.caption(f":material/info: {missing.said}")
    st.session_state["missing_chosen"] = missing.taken
    st.segmented_control(
        "What is missing to 1",
        MISSING,
        required=True,
        key="missing_chosen",
        on_change=lambda: state.write_link({"missing": st.session_state["missing_chosen"]}),
    )


def _offer(problem: ValueError, kind: Kind) -> None:
    """A button for the method that takes these samples, where the sentence names one."""
    advice = problem.advice if isinstance(problem, RefusedSamplesError) else None
    if advice is None or advice.kind is None or advice.kind == COUNTS:
        return
    name, number = advice.kind, advice.option
    label = f"Use neighbour {number}" if kind is KINDS[name] else f"Use “{name}”"
    st.button(label, key="use_advice", on_click=lambda: _follow(name, number), width="stretch")


def _follow(kind: str, option: int | None) -> None:
    state.put_value("given", kind, kind)
    if option is not None:
        state.put_value("option", option, option)


def _result(kind: Kind, pieces: list[Piece], option: object, more: dict[str, object], picture: DeltaGenerator) -> Result | None:
    """The comparison; of the last good numbers, below a sentence where the picture is, when these cannot be compared."""
    waiting = None  # told at once, since the page keeps what it showed until the end of a run
    if sum(len(piece.data) for piece in pieces) > _MANY:
        GATE.step_aside()
        waiting = picture.empty()
        if _LAST in st.session_state:
            waiting.caption(f":material/hourglass_top: The numbers are being read. {_BEFORE}")
    try:
        comparison = compared(kind, pieces, option, more)
    except ValueError as problem:
        last = st.session_state.get(_LAST)
        if waiting is not None:
            waiting.empty()
        with picture:
            st.error(plain(problem), icon=":material/edit:")
            _offer(problem, kind)
            if last is not None:
                st.caption("The picture shows the last numbers that could be compared.")
        return last
    if comparison is None:
        picture.caption(_BEFORE)
        return st.session_state.get(_LAST)
    if waiting is not None:
        waiting.empty()
    inputs, result = comparison
    show_reading(inputs)
    st.session_state[_LAST] = result
    return result


def main() -> None:
    _, unit = page_header("your_numbers", problem=lambda: state.link_problem(CHOICES))
    preset_pills(EXAMPLES, _use_example)
    in_short = st.container(horizontal=True, key="numbers_in_short")
    picture, right = st.columns([2.4, 1], gap="large")
    questions = right.container(key="asked_first")
    with questions:
        name = st.selectbox("Kind of numbers", list(KINDS), key="given", bind="query-params", on_change=_kind_chosen) or next(iter(KINDS))
        kind = KINDS[name]
        pieces = asked(name)
        option = _option(kind)
        result = _result(kind, pieces, option, _smoothing(kind) | _missing(kind), picture)
    with picture:
        if result is not None:
            with in_short:  # on a phone the picture lies far below
                st.metric("KL(P‖Q)", amount(result.kl.pq, unit))
                st.metric("KL(Q‖P)", amount(result.kl.qp, unit))
            if result.missing is not None:
                _choose_missing(result.missing)
            for warning in result.warnings:
                st.caption(f":material/warning: {plain(warning)}")
            live(own_scene(result, unit), key="own_numbers", on_settle=lambda _: None)
            st.markdown(measures_table(result, unit))
            st.caption(measures_explained(result))
    if result is not None:
        downloads(lambda: result.code, lambda: own_csv(result), "Every measure, and every row’s share", "your_numbers.csv")


main()
