"""The view "Common errors": wrong code beside right code, both run now on inputs that can be changed."""

from collections.abc import Mapping
from html import escape
from math import isnan

import streamlit as st
from torch import Tensor

from ...shared.downloads import downloads
from ...shared.style import number
from .error import CommonError, Outcome, reach, read
from .errors_export import outcomes_csv, program
from .errors_list import ERRORS

TITLES = [one.title for one in ERRORS.values()]
LONGEST = 200


def common_errors_view() -> None:
    """One error with its two programs; beside it how far off all of them are."""
    title = st.pills("The error", TITLES, default=TITLES[0], required=True, key="error", bind="query-params", label_visibility="collapsed")
    chosen = next((one for one in ERRORS.values() if one.title == title), next(iter(ERRORS.values())))
    values = run_pair(chosen)
    st.markdown("**How wrong each one is** on its starting inputs: wrong answer ÷ right answer, logarithmic scale")
    outcomes = {name: one.run(one.starts) for name, one in ERRORS.items()}
    st.html(f'<div class="checked boxed">{_factors(outcomes, chosen.name)}</div>')
    downloads(lambda: program(chosen, values), outcomes_csv, "All errors on the inputs they start with", "common_errors.csv")


def run_pair(chosen: CommonError) -> Mapping[str, Tensor]:
    """An error with its inputs and both programs, run now. Returns the inputs that ran."""
    st.markdown(f"**{chosen.title}.** {chosen.why}")
    values = _inputs(chosen)
    outcome = chosen.run(values)
    st.caption(f"The task: {chosen.asked}.")
    sides = (("wrong", "✗ wrong", outcome.wrong, outcome.words), ("right", "✓ right", outcome.right, "the right answer"))
    for column, (side, mark, value, words) in zip(st.columns(2, gap="large"), sides, strict=True):
        with column:
            st.metric(mark, _answer(value), words, delta_color="off", delta_arrow="off")
            st.code(chosen.code(side), language="python", wrap_lines=True)
    where = f"Source: [{chosen.seen}]({chosen.url}). " if chosen.seen else ""
    st.caption(f"{where}The code shown is the code that ran.")
    return values


def _answer(value: float) -> str:
    return "NaN" if isnan(value) else f"{number(value)} nats"


def _inputs(chosen: CommonError) -> Mapping[str, Tensor]:
    """The text boxes of this error; the starting values, with a sentence, where what is typed cannot be used."""
    with st.container(horizontal=True):
        typed = {
            one.argument: st.text_input(one.label, one.start, key=f"{chosen.name}_{one.argument}", max_chars=LONGEST, bind="query-params")
            for one in chosen.inputs
        }
    try:
        values = {one.argument: read(one, typed[one.argument]) for one in chosen.inputs}
        _as_many(chosen, values)
    except ValueError as problem:
        st.caption(f":red[{problem}] Both programs run on the starting values instead.")
        return chosen.starts
    return values


def _as_many(chosen: CommonError, values: Mapping[str, Tensor]) -> None:
    vectors = [(one.label, len(values[one.argument])) for one in chosen.inputs if values[one.argument].dim()]
    (first, count), (second, other) = vectors[:2]
    if count != other:
        raise ValueError(f"{first} has {count} entries and {second} {other}; both need the same number.")


def _factors(outcomes: Mapping[str, Outcome], chosen: str) -> str:
    """A lane for each: a bar from the right answer, in the middle, to the wrong one; hatched where there is no factor."""
    rows = []
    for name, outcome in outcomes.items():
        at = reach(outcome)
        lane = (
            '<div class="lane none"></div>'
            if isnan(at)
            else (f'<div class="lane"><i style="--from:{50 + 50 * min(at, 0) / 3:.2f}%;--wide:{50 * abs(at) / 3:.2f}%"></i></div>')
        )
        mark = ' class="what chosen"' if name == chosen else ' class="what"'
        rows.append(f"<div{mark}>{escape(ERRORS[name].title)}</div>{lane}<div>{escape(outcome.words)}</div>")
    scale = '<div class="what"></div><div class="ends"><span>÷ 1000</span><span>right</span><span>× 1000</span></div><div></div>'
    return f'<div class="factors" role="group" aria-label="Wrong answer over right answer">{"".join(rows)}{scale}</div>'
