"""Where one's own numbers come from: two text boxes, a table to edit, or files; and how they were read."""

import re

import streamlit as st

from ...frame.presets.examples import Example, first_of
from ...shared import state
from ...shared.plain import plain
from ...shared.reading.columns import Columns
from ...shared.reading.encodings import ENCODINGS, NOT_UTF_8
from ...shared.reading.table import FIRST_LINE_NAMES, Array, Table
from ...shared.uploads import file_uploader
from .inputs import Chosen, Inputs, Piece, read_inputs
from .kinds import KINDS, Kind

LONGEST_IN_LINK = 1200
"""Characters of a box: longer ones stay out of the link."""
MOST_IN_TABLE = 200
WAYS = ["Type or paste", "Edit as a table", "Open a file"]
FORMATS = ["csv", "tsv", "txt", "json", "jsonl", "xlsx", "parquet", "npy", "npz", "safetensors"]
COMMAS = {"guess": "as guessed", "decimal": "decimal commas", "thousands": "between thousands", "cells": "between cells"}
FIRST_LINES = {"guess": "as guessed", "names": "names of columns", "data": "data"}
PREVIEWED = 5


def asked(name: str) -> list[Piece]:
    """Asks for numbers of this kind, in the way that is chosen; [] while there are none yet."""
    kind = KINDS[name]
    way = st.segmented_control(
        "How", WAYS if kind.named else [WAYS[0], WAYS[2]], default=WAYS[0], required=True, key="way", label_visibility="collapsed"
    )
    st.caption(kind.how)
    first = first_of(name)
    if way == WAYS[2]:
        return _from_file(kind, first)
    for key, text in (("p_numbers", first.p), ("q_numbers", first.q)):
        state.begin_with_link(key, text)
    return _from_table(kind, first) if way == WAYS[1] and kind.named else _typed(first)


def choices() -> Chosen:
    """What was chosen by hand, before the widgets for it are drawn: they stand below what they change."""
    get = st.session_state.get
    columns = get("p_column"), get("q_column"), get("names_column")
    return Chosen(get("commas") or "guess", *columns, get("first_line") or "guess", get("sheet"), get("encoding") or "")


def show_reading(inputs: Inputs) -> None:
    """What was decided, in one line; and folded away the first rows, and what may be chosen otherwise."""
    if inputs.notes:
        st.caption(f":material/info: {plain(' '.join(inputs.notes))}")
    get = st.session_state.get
    sizes = " · ".join(_size(table) for table in inputs.tables)
    with st.expander(f"Read: {sizes}", icon=":material/table_rows:", key="reading_shown"):
        for table in inputs.tables:
            if isinstance(table, Table):
                _preview(table)
        if (
            any(isinstance(table, Table) and re.search("[Cc]omma|Point", table.decided[1]) for table in inputs.tables)
            or get("commas", "guess") != "guess"
        ):
            st.selectbox("Commas are", list(COMMAS), format_func=COMMAS.__getitem__, key="commas")
        _choose_sheet(inputs)
        if get("encoding") or any(note.startswith(NOT_UTF_8) for note in inputs.notes):
            st.selectbox("The text is in", ["", *ENCODINGS], format_func=lambda name: name or "as guessed", key="encoding")
        if any(map(_may_begin_with_names, inputs.tables)) or get("first_line", "guess") != "guess":
            st.selectbox("The first line is", list(FIRST_LINES), format_func=FIRST_LINES.__getitem__, key="first_line")
        table = inputs.tables[0]
        if inputs.columns is not None and isinstance(table, Table) and any(table.header):
            _choose_columns(table, inputs.columns)


def _may_begin_with_names(table: Table | Array) -> bool:
    """Whether it was a guess what the first line is."""
    return isinstance(table, Table) and (not table.numeric or any(note.startswith(FIRST_LINE_NAMES) for note in table.notes))


def _choose_sheet(inputs: Inputs) -> None:
    """Where a workbook has several sheets with numbers."""
    sheets = next((table.sheets for table in inputs.tables if isinstance(table, Table) and len(table.sheets) > 1), ())
    if sheets:
        if st.session_state.get("sheet") not in sheets:
            st.session_state["sheet"] = sheets[0]
        st.selectbox("Sheet", sheets, key="sheet")


def _size(table: Table | Array) -> str:
    if isinstance(table, Array):
        return f"array of {' × '.join(f'{one:,}' for one in table.values.shape)}, {str(table.values.dtype).removeprefix('torch.')}"
    if table.across:
        return f"{len(table.rows):,} numbers in a row"
    return f"{len(table.rows):,} row{'s' if len(table.rows) != 1 else ''}, {table.width} column{'s' if table.width != 1 else ''}"


def _preview(table: Table) -> None:
    shown = range(min(table.width, 8))
    names = [f"{table.name(column)}{'' if column in table.numeric else ' (words)'}" for column in shown]
    rows = table.rows[:PREVIEWED]
    unique = [name if names.count(name) == 1 else f"{name}, {i + 1}" for i, name in enumerate(names)]
    st.dataframe(
        {name: [row[column] for row in rows] for name, column in zip(unique, shown, strict=True)}, hide_index=True, width="stretch"
    )
    if len(table.rows) > PREVIEWED:
        st.caption(f"… and {len(table.rows) - PREVIEWED:,} more rows.")


def _choose_columns(table: Table, columns: Columns) -> None:
    numeric = [table.name(column) for column in table.numeric]
    for label, key, column in (("P is the column", "p_column", columns.p), ("Q is the column", "q_column", columns.q)):
        if st.session_state.get(key) not in numeric:
            st.session_state[key] = table.name(column)
        st.selectbox(label, numeric, key=key)
    words = [table.name(column) for column in table.words]
    if len(words) > 1:
        st.selectbox("The names are in", words, key="names_column")


def _typed(first: Example) -> list[Piece]:
    texts = [st.text_area(label, key=key, height=110, persist_state="session") for label, key in (("P", "p_numbers"), ("Q", "q_numbers"))]
    _into_link(texts, first)
    if not texts[1].strip() and texts[0].strip():
        return [Piece(texts[0], "", "P")]
    return [Piece(text, "", who) for text, who in zip(texts, "PQ", strict=True)]


def _into_link(texts: list[str], first: Example) -> None:
    """Short texts stand in the link, long ones cannot, and what the page begins with need not."""
    too_long = any(len(text) > LONGEST_IN_LINK for text in texts)
    begins = texts == [first.p, first.q]
    into_link({key: "" if too_long or begins else text for key, text in zip(("p_numbers", "q_numbers"), texts, strict=True)})
    if too_long:
        st.caption("These numbers are too many for a link: share the file instead.")


def into_link(texts: dict[str, str]) -> None:
    """Each text by its key, unless it is empty or too long."""
    for key, text in texts.items():
        if not text or len(text) > LONGEST_IN_LINK:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != text:
            st.query_params[key] = text


def _from_table(kind: Kind, first: Example) -> list[Piece]:
    """A row for each outcome, to edit, to lengthen and to shorten; the boxes get what stands in it."""
    start = st.session_state.get("table_start")
    texts = (st.session_state["p_numbers"], st.session_state["q_numbers"])
    pieces = [Piece(text, "", who) for text, who in zip(texts, "PQ", strict=True)]
    if start is None or st.session_state.get("table_texts") != texts:
        try:
            inputs = read_inputs(kind, pieces)
            p, q = inputs.p.vector.tolist(), inputs.q.vector.tolist()
        except ValueError as problem:
            st.caption(f":red[{plain(problem)}]")
            return pieces
        longest = max(len(p), len(q))
        if longest > MOST_IN_TABLE:
            st.caption(f"A table to edit has at most {MOST_IN_TABLE} rows.")
            return pieces
        start = st.session_state["table_start"] = {name: side + [None] * (longest - len(side)) for name, side in (("P", p), ("Q", q))}
        st.session_state.pop("edited_table", None)
    edited = st.data_editor(start, num_rows="dynamic", key="edited_table", width="stretch")
    columns = ["\n".join("" if cell is None else repr(float(cell)) for cell in edited[name]) for name in ("P", "Q")]
    st.session_state.update({"p_numbers": columns[0], "q_numbers": columns[1], "table_texts": tuple(columns)})
    _into_link(columns, first)
    return [Piece(text, "", who) for text, who in zip(columns, "PQ", strict=True)]


def _from_file(kind: Kind, first: Example) -> list[Piece]:
    """One file that holds P and Q, or a file for each."""
    files = file_uploader(
        "P and Q: one file with both, or one file each" if kind.shape != "matrix" else "P and Q: one file each, P first",
        FORMATS,
        accept_multiple_files=True,
        key="own_files",
    )
    if not files:
        st.caption("Until a file is open, the numbers in the boxes are shown.")
        return [
            Piece(st.session_state.get(key, text), "", who) for key, text, who in (("p_numbers", first.p, "P"), ("q_numbers", first.q, "Q"))
        ]
    if len(files) > 2:
        st.caption(f"The first two of {len(files)} files are read: “{plain(files[0].name)}” is P, “{plain(files[1].name)}” is Q.")
    if len(files) == 1:
        return [Piece(files[0].getvalue(), files[0].name, "The file")]
    return [Piece(file.getvalue(), file.name, who) for file, who in zip(files[:2], "PQ", strict=True)]
