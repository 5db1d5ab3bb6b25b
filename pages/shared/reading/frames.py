"""Tables of files that keep columns: parquet with the index that pandas stored, and the sheets of a workbook."""

import re

import pandas

from .numerals import looks_like_a_number
from .surroundings import without_surroundings
from .table import Table, with_header


def of_frame(frame: pandas.DataFrame, who: str, **more) -> Table:
    """Columns with names. An index with a meaning becomes the first column: the outcomes' names stand there after value_counts()."""
    notes = []
    index = frame.index
    counting = not isinstance(index, pandas.MultiIndex) and index.name is None and pandas.api.types.is_integer_dtype(index)
    if counting and index.is_monotonic_increasing:
        if not isinstance(index, pandas.RangeIndex):
            notes = ["The row index has no name and is left out."]
    else:
        names = ["" if name is None else str(name) for name in index.names]
        frame = frame.reset_index(names=names, allow_duplicates=True)
    rows = [[cell_text(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]
    if not rows or not rows[0]:
        raise ValueError(f"{who} holds no rows.")
    return Table([str(column) for column in frame.columns], rows, [0] * len(rows), notes=notes, **more)


def of_sheet(sheet: pandas.DataFrame, who: str, **more) -> Table:
    """The table in a sheet, wherever it stands there."""
    sheet = sheet.astype(object).where(sheet.notna(), None)
    every = [[cell_text(cell) for cell in row] for row in sheet.itertuples(index=False, name=None)]
    full = [(row, i) for i, row in enumerate(every, 1) if any(cell.strip() for cell in row)]
    if not full:
        raise ValueError(f"{who} is empty.")
    rows, lines, notes = without_surroundings([row for row, _ in full], [i for _, i in full])
    first = min(c for row in rows for c, cell in enumerate(row) if cell.strip())
    return with_header([row[first:] for row in rows], lines, "", notes=notes, before=first, **more)


def has_numbers(sheet: pandas.DataFrame) -> bool:
    """Whether a sheet has anything to compare: numbers that do not just count its rows, also as text or in lists."""
    for column in range(sheet.shape[1]):
        cells = [cell for cell in sheet.iloc[:, column] if isinstance(cell, int | float) and cell == cell]
        if cells and cells != list(range(len(cells))) or any(_is_written_number(cell) for cell in sheet.iloc[:, column]):
            return True
    return False


def _is_written_number(cell: object) -> bool:
    return isinstance(cell, str) and (looks_like_a_number(cell) or re.fullmatch(r"\s*\[[^\]]*\d[^\[]*\]\s*", cell) is not None)


def cell_text(cell: object) -> str:
    """A cell of a file that keeps numbers as numbers, as text that gives the same number back."""
    if cell is None or cell is pandas.NA or cell is pandas.NaT:
        return ""
    if isinstance(cell, float):
        return repr(float(cell))
    if isinstance(cell, str):
        return cell
    return str(cell.item() if hasattr(cell, "item") else cell)
