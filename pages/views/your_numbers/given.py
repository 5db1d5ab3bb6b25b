"""Where one's own numbers come from: two text boxes, a table to edit, or a file."""

from typing import NamedTuple

import streamlit as st

from ...frame.presets.examples import EXAMPLES
from .kinds import Kind
from .reading import Block, read_block, read_columns

LONGEST_IN_LINK = 1200
"""Characters of a box: longer ones stay out of the link."""
LONGEST_TYPED = 5_000_000
"""150,000 numbers of 17 digits are 3 million characters; a box silently refuses a paste that is longer."""
MOST_IN_TABLE = 200
WAYS = ["Type or paste", "Edit as a table", "Open a file"]
_FIRST = EXAMPLES["Worked example"]


class Given(NamedTuple):
    """P's and Q's numbers: texts, or what a file of two columns held."""

    p: str | Block
    q: str | Block

    def blocks(self) -> list[Block]:
        """ValueError with one sentence when a text is none of numbers."""
        return [read_block(one, who) if isinstance(one, str) else one for one, who in zip(self, "PQ", strict=True)]


def given(kind: Kind) -> Given:
    """Asks for them in the way that is chosen."""
    way = st.segmented_control(
        "How", WAYS if kind.named else [WAYS[0], WAYS[2]], default=WAYS[0], required=True, key="way", label_visibility="collapsed"
    )
    st.caption(kind.how)
    if way == WAYS[2]:
        return _from_file(kind)
    for key, first in (("p_numbers", _FIRST.p), ("q_numbers", _FIRST.q)):
        st.session_state.setdefault(key, st.query_params.get(key, first))
    return _from_table() if way == WAYS[1] and kind.named else _typed()


def _typed() -> Given:
    texts = [st.text_area(label, key=key, height=110, max_chars=LONGEST_TYPED) for label, key in (("P", "p_numbers"), ("Q", "q_numbers"))]
    _into_link(texts)
    return Given(*texts)


def _into_link(texts: list[str]) -> None:
    """Short texts stand in the link, long ones cannot, and what the page begins with need not."""
    too_long = any(len(text) > LONGEST_IN_LINK for text in texts)
    for key, text in zip(("p_numbers", "q_numbers"), texts, strict=True):
        if too_long or texts == [_FIRST.p, _FIRST.q]:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != text:
            st.query_params[key] = text
    if too_long:
        st.caption("These numbers are too many for a link: share the file instead.")


def _from_table() -> Given:
    """A row an outcome, to edit, to lengthen and to shorten; the boxes get what stands in it."""
    start = st.session_state.get("table_start")
    texts = (st.session_state["p_numbers"], st.session_state["q_numbers"])
    if start is None or st.session_state.get("table_texts") != texts:
        try:
            p, q = (read_block(text, who).vector.tolist() for text, who in zip(texts, "PQ", strict=True))
        except ValueError as problem:
            st.caption(f":red[{problem}]")
            return Given(*texts)
        if max(len(p), len(q)) > MOST_IN_TABLE:
            st.caption(f"A table to edit has at most {MOST_IN_TABLE} rows.")
            return Given(*texts)
        longest = max(len(p), len(q))
        start = st.session_state["table_start"] = {name: one + [None] * (longest - len(one)) for name, one in (("P", p), ("Q", q))}
        st.session_state.pop("own_table", None)
    edited = st.data_editor(start, num_rows="dynamic", key="own_table", width="stretch")
    columns = ["\n".join("" if one is None else repr(float(one)) for one in edited[name]) for name in ("P", "Q")]
    st.session_state.update({"p_numbers": columns[0], "q_numbers": columns[1], "table_texts": tuple(columns)})
    _into_link(columns)
    return Given(*columns)


def _from_file(kind: Kind) -> Given:
    """One file of two columns, or a file for P and one for Q."""
    files = st.file_uploader(
        "P and Q: one file of two columns, or a file each" if kind.named else "P and Q, a file each, in this order",
        ["csv", "tsv", "txt", "json"],
        accept_multiple_files=True,
        key="own_files",
    )
    texts = [_text_of(file) for file in files[:2]]
    if len(texts) == 2:
        return Given(*texts)
    if len(texts) == 1 and kind.named and texts[0].strip():
        try:
            return Given(*read_columns(texts[0]))
        except ValueError as problem:
            st.caption(f":red[{problem}]")
            return Given("", "")
    st.caption("Until then the boxes’ numbers are shown." if not texts else "One more file is needed.")
    return Given(st.session_state.get("p_numbers", _FIRST.p), st.session_state.get("q_numbers", _FIRST.q))


def _text_of(file) -> str:
    try:
        return file.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.caption(f":red[{file.name} is no text in UTF-8.]")
        return ""
