"""The teacher's answer under a temperature, of a digit or of one's own logits: its soft targets, or the loss made of them."""

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from ...shared import state, values
from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.plain import plain
from ...shared.style import Unit
from .anatomy import anatomy_scene
from .examples import (
    PUBLISHED,
    TEMPERATURES,
    USUAL,
    Example,
    example_of_digit,
    example_of_logits,
    offered,
    place_of,
    softened,
)
from .export import loss_code, loss_csv, soft_targets_code, soft_targets_csv
from .own import LARGEST, MOST_CLASSES, own_logits
from .scene import soften_scene

OWN = "logits of my own"
EXAMPLE = values.text(PUBLISHED)


def _own_logits() -> Example:
    """Two to twelve finite numbers, typed, pasted or dragged; the last that were some, with a sentence, when they are none."""
    raw = st.text_area("Logits, with names if you like", EXAMPLE, key="own_logits", max_chars=1000, height=68, bind="query-params")
    st.button("Back to 3, 2, 1", key="published_logits", on_click=_take, args=(PUBLISHED,), width="stretch")
    try:
        logits, names, notes = own_logits(raw)
    except ValueError as problem:
        said = str(problem)
        st.caption(f":red[{plain(said[:1].upper() + said[1:])}] The picture shows {values.text(_last_good())}.")
        return example_of_logits(_last_good())
    if raw == st.session_state.get("own_logits_dragged"):  # a hand moves numbers, not names
        names = st.session_state.get("own_logits_names", [])
    st.session_state["own_logits_last"], st.session_state["own_logits_names"] = logits, names
    if notes:
        st.caption(f":material/info: {plain(' '.join(notes))}")
    if logits == PUBLISHED:
        st.caption("Published for these: .665241, .244728, .090031 at T = 1; .367165, .332225, .300610 at T = 10.")
    return example_of_logits(logits, names)


def _last_good() -> tuple[float, ...]:
    return st.session_state.get("own_logits_last", PUBLISHED)


def _take(logits: tuple[float, ...]) -> None:
    st.session_state["own_logits"] = values.text(logits)


def _ask_own() -> None:
    st.session_state["asked"] = OWN


def _settled(message: Mapping) -> None:
    """Where T was left, or what a hand made of the logits; nonsense changes nothing."""
    if not state.leave_at("T", message):
        with suppress(KeyError, TypeError, ValueError):
            _take(values.numbers(",".join(map(str, message["values"]["logits"])), "logit", 2, MOST_CLASSES, LARGEST))
            st.session_state["own_logits_dragged"] = st.session_state["own_logits"]


def _exact(example: Example, temperature: float) -> None:
    """Every class's probability at T, to six digits."""
    with st.expander(f"Probabilities at T = {temperature:g}, exact"):
        probs = softened(example)[place_of(temperature)].tolist()
        rows = [f"| {plain(name)} | {one:.6f} |" for name, one in zip(example.names, probs, strict=True)]
        st.markdown("\n".join(["| | P |", "|---|---|", *rows]))


def _example(may_be_own: bool) -> Example:
    """The digit shown, or one's own logits where there is no student to compare with."""
    names = [*offered(), OWN]
    asked = st.selectbox(
        "The teacher is shown",
        names,
        key="asked",
        bind="query-params",
        help="Digits of the test set: clear ones that resemble another, then ambiguous ones, then others.",
    )
    if asked == OWN and may_be_own:
        return _own_logits()
    if may_be_own:
        st.button("Drag logits of my own", key="ask_own", on_click=_ask_own, width="stretch")
    elif asked == OWN:
        st.caption("The loss needs a student’s answer and a label, so this view shows a digit.")
    return example_of_digit(offered().get(asked, next(iter(offered().values()))))


def teacher_view(anatomy: bool, unit: Unit) -> None:
    """T under the scrubber: the soft targets, or what T makes of the loss."""
    start = float(TEMPERATURES[place_of(state.left_at("T", USUAL))])
    picture, asked = st.columns([3.4, 1], gap="large")
    with asked:
        example = _example(not anatomy)
        if anatomy:
            alpha = st.slider("α, the weight of the soft targets", 0.0, 1.0, 0.5, 0.05, key="alpha", bind="query-params")
        else:
            _exact(example, start)
    with picture:
        if anatomy:
            live(anatomy_scene(example, alpha, unit, start), key="anatomy", on_settle=_settled)
        else:
            live(soften_scene(example, unit, start), key="soften", on_settle=_settled)
    if anatomy:
        downloads(
            lambda: loss_code(example, alpha, start),
            lambda: loss_csv(example, alpha),
            "The loss at every temperature",
            "distillation_loss.csv",
        )
    else:
        downloads(
            lambda: soft_targets_code(example, start),
            lambda: soft_targets_csv(example),
            "Soft targets at every temperature",
            "soft_targets.csv",
        )
