"""A table whose rows are cards on a phone, so that no column is cut off and none is swiped for."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import streamlit as st

_CSS = Path(__file__).parent / "usual.css"


def cards(columns: Sequence[str], rows: Iterable[Sequence[str]], kind: str) -> str:
    """HTML. The first cell of a row is its name. kind: "said", whose last column is a sentence, or "numbers"."""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    return f'<div class="usual {kind}"><table><thead><tr>{head}</tr></thead>{"".join(_row(columns, row) for row in rows)}</table></div>'


def _row(columns: Sequence[str], row: Sequence[str]) -> str:
    name, *cells = row
    told = "".join(f'<td data-name="{column}">{cell}</td>' for column, cell in zip(columns[1:], cells, strict=True))
    return f'<tr><th scope="row">{name}</th>{told}</tr>'


def show_cards(columns: Sequence[str], rows: Iterable[Sequence[str]], kind: str) -> None:
    st.html(_CSS)
    st.html(cards(columns, rows, kind))
