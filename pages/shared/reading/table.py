"""A table as it was read: its names, its cells, and where each stands."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from torch import Tensor

from .numerals import Marks, decide_marks, follows, is_missing, looks_like_a_number, parse

_NOT_PLAIN = re.compile("[,'’_ \u00a0\u2009\u202f]|\\.[^\n.]*\\.")
"""In a cell: a mark between digits, or two points."""
_LOOKED_AT = 2000
"""Cells by which it is decided whether a column holds numbers or words."""
_TEXT_NAMES = ("token", "tokens", "token_str", "token_text", "text", "word", "decoded", "name")
"""Of columns whose cells are words, even if they look like numbers: “1,5” is a token."""
_INDEX_NAMES = ("", "index", "unnamed: 0", "row", "rownames", "id")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass
class Array:
    """Numbers of a file that holds nothing else, in their own dtype; title: their name in it."""

    title: str
    values: Tensor
    notes: list[str] = field(default_factory=list)


@dataclass
class Table:
    """header: a name for each column, "" where there is none. rows: of cells. lines: where each row stands; 0 in a file without lines.

    across: the numbers stood in one line, whose cell c + `before` is row c here; else `before` columns were empty.
    decimal: chosen by hand, else decided.
    first_line: "names" or "data" if that was chosen by hand, else "". sheets: of the workbook, those that have numbers.
    listed: each row was a list in brackets of its own. positions: of a text, if these are the tokens listed at the first of them.
    """

    header: list[str]
    rows: Sequence[Sequence[str]]
    lines: list[int]
    separator: str = ","
    notes: list[str] = field(default_factory=list)
    title: str = ""
    whole_numbers: bool = False
    across: bool = False
    before: int = 0
    decimal: str = ""
    index: bool = False
    first_line: str = ""
    sheets: tuple[str, ...] = ()
    listed: bool = False
    positions: Sequence = ()

    @property
    def width(self) -> int:
        return len(self.header)

    def cells(self, column: int) -> list[str]:
        return [row[column] for row in self.rows]

    @cached_property
    def decided(self) -> tuple[Marks, str]:
        """The convention of the numbers, chosen or decided from all cells of all columns of numbers."""
        if self.decimal:
            return Marks(self.decimal, ",'’ \u00a0\u202f" if self.decimal == "." else ".'’ \u00a0\u202f"), ""
        numbers = [c for c in self.numeric if self.header[c].strip().lower() not in _TEXT_NAMES or len(self.numeric) == 1]
        columns = (self.cells(column) for column in numbers)
        cells = (cell for column in columns if not _all_plain(column) for cell in column if not _is_plain(cell))
        plain = (self.cells(column)[0] for column in numbers)
        return decide_marks([*cells, *plain], self.separator, self.whole_numbers)

    @cached_property
    def numeric(self) -> list[int]:
        """The columns that hold numbers, an index aside. One bad cell among numbers makes no column of words."""
        numeric = []
        for column in range(self.width):
            cells = [row[column] for row in self.rows[:_LOOKED_AT] if not is_missing(row[column])]
            good = sum(map(looks_like_a_number, cells))
            if good and (good >= len(cells) / 2 or self.width == 1):
                numeric.append(column)
        return numeric

    @cached_property
    def words(self) -> list[int]:
        numeric = set(self.numeric)
        others = [column for column in range(self.index, self.width) if column not in numeric]
        return [column for column in others if any(row[column].strip() for row in self.rows)]

    def name(self, column: int) -> str:
        return self.header[column] or f"column {column + 1}"

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, in words."""
        if self.across:
            return f"line {self.lines[row]}, column {row + 1 + self.before}"
        if not self.lines[row]:
            return f"row {row + 1}, {self.name(column)}"
        return f"line {self.lines[row]}, column {column + 1 + self.before}"

    def numbers(self, column: int, who: str) -> np.ndarray:
        """A column as float64, NaN for missing cells. ValueError, with the place, for a cell that is no number."""
        cells = self.cells(column)
        parsed = parse(cells, self.decided[0])
        if parsed.bad is not None:
            raise ValueError(
                f"{who}, {self.place(parsed.bad, column)}: “{cells[parsed.bad].strip()[:20]}” "
                f"{_why_no_number(cells[parsed.bad], self.decided[0])}"
            )
        too_large = np.isinf(parsed.values)
        for i in too_large.nonzero()[0] if too_large.any() else ():
            if "inf" not in cells[i].lower() and "e999" not in cells[i]:
                raise ValueError(f"{who}, {self.place(i, column)}: “{cells[i][:20]}” is too large; a float64 ends at 1.8e308.")
        if parsed.percent:
            self.say(f"Percent signs: {cells[0].strip()} is read as {parsed.values[0]:.6g}.")
            self._all_percent(cells, column, who)
        return parsed.values

    def _all_percent(self, cells: list[str], column: int, who: str) -> None:
        for i, cell in enumerate(cells):
            if not cell.strip().endswith("%") and not is_missing(cell):
                raise ValueError(
                    f"{who}, {self.place(i, column)}: “{cell.strip()[:20]}” has no percent sign, and others of its column have one."
                )

    def say(self, note: str) -> None:
        if note and note not in self.notes:
            self.notes.append(note)


def _all_plain(cells: list[str]) -> bool:
    """The same for a whole column at once, as most are."""
    return _NOT_PLAIN.search("\n".join(cells)) is None


def _is_plain(cell: str) -> bool:
    return _NOT_PLAIN.search(cell) is None


def _why_no_number(cell: str, marks: Marks) -> str:
    if cell.strip() in ("...", "…"):
        return "is no number. The list was shortened when it was printed; print it whole."
    bare = cell.strip().removesuffix("%").rstrip()
    if looks_like_a_number(bare) and not follows(bare, marks):
        if marks.decimal == ",":
            return "has a decimal point, and others have decimal commas."
        return "has a decimal comma, and others have commas between thousands."
    return "is no number."


def with_header(rows: Sequence[Sequence[str]], lines: list[int], separator: str, *, printed: bool = False, **more) -> Table:
    """Decides whether the first row is a header, and whether the first column is an index. printed: by pandas, which prints the index."""
    chosen = more.get("first_line", "")
    header = len(rows) > 1 and (chosen == "names" or not chosen and _header(rows))
    table = Table(
        list(rows[0]) if header else [""] * len(rows[0]), rows[1:] if header else rows, lines[1:] if header else lines, separator, **more
    )
    if not table.rows:
        return table
    if header and not chosen and _pandas_without_a_name(rows):
        table.say(f"{FIRST_LINE_NAMES}, as pandas writes them: {', '.join(cell.strip() for cell in rows[0])}.")
    if header and not chosen and _names_of_categories(rows):
        table.say(_TAKEN_AS_NAMES + f"{', '.join(cell.strip() for cell in rows[0])}.")
    if header and not chosen and _names_years(rows):
        table.say(f"{FIRST_LINE_NAMES}, since it has years: {', '.join(cell.strip() for cell in rows[0] if cell.strip())}.")
    _drop_empty_columns(table)
    _drop_index(table, header or printed)
    return table


def _header(rows: Sequence[Sequence[str]]) -> bool:
    if len(rows) < 2:
        return False
    first, below = rows[0], rows[1:_LOOKED_AT]
    numeric = lambda cell: looks_like_a_number(cell) or is_missing(cell) and bool(cell.strip())
    if not first[0].strip() and len(first) > 1 and all(cell.strip() for cell in first[1:]):
        return True
    if any(numeric(cell) or _is_number_gone_wrong(cell) for cell in first):
        return (
            _pandas_without_a_name(rows)
            or _names_years(rows)
            or _numbered(first)
            and len(first) > 1
            and any("." in cell for row in below for cell in row)
        )
    columns = range(len(first))
    if any(looks_like_a_number(row[c]) for row in below[:50] for c in columns):
        return True
    return _names_of_categories(rows)


NAMES_OF_CATEGORIES = frozenset("category class label color colour name outcome value token word ref cur reference current p q".split())
FIRST_LINE_NAMES = "The first line is taken as names"
_TAKEN_AS_NAMES = f"{FIRST_LINE_NAMES}, since none occurs below: "


def _names_of_categories(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line names columns of words: none of its cells occurs below, where words repeat.

    One column alone also needs a known name, since an outcome may be seen just once, and first.
    """
    below = [cell.strip() for row in rows[1:] for cell in row]
    if any(looks_like_a_number(row[c]) for row in rows[1:51] for c in range(len(row))):
        return False
    words, first = set(below), [cell.strip() for cell in rows[0]]
    if words & set(first) or not all(first) or len(set(first)) < len(first):
        return False
    return first[0].lower() in NAMES_OF_CATEGORIES if len(first) == 1 else len(words) < len(below)


def name_alike(p: Table, q: Table) -> tuple[Table, Table]:
    """Two columns of words that begin alike, with a cell that occurs nowhere below: their name."""
    if not all(table.width == 1 and not table.numeric and not table.header[0] and not table.first_line for table in (p, q)):
        return p, q
    first = [table.rows[0][0].strip() for table in (p, q)]
    below = {cell.strip() for table in (p, q) for cell in table.cells(0)[1:]}
    if first[0] != first[1] or first[0] in below or min(len(p.rows), len(q.rows)) < 2:
        return p, q
    named = [replace(table, header=[first[0]], rows=table.rows[1:], lines=table.lines[1:]) for table in (p, q)]
    named[0].say(_TAKEN_AS_NAMES + f"{first[0]}.")
    return named[0], named[1]


def _pandas_without_a_name(rows: Sequence[Sequence[str]]) -> bool:
    """“colour,0”: pandas calls the column of a series without a name 0. No count below it is 0, as of what was seen."""
    if any(len(row) != 2 for row in rows[:_LOOKED_AT]) or looks_like_a_number(rows[0][0]) or rows[0][1].strip() != "0":
        return False
    cells = [row[1].strip() for row in rows[1:_LOOKED_AT]]
    return len(cells) > 1 and all(looks_like_a_number(cell) and cell.strip("0.,") for cell in cells)


def _names_years(rows: Sequence[Sequence[str]]) -> bool:
    """“colour, 2023, 2024”: all numbers of the first line are rising years, and no number below them is one."""
    columns = [c for c, cell in enumerate(rows[0]) if looks_like_a_number(cell)]
    years = [rows[0][c].strip() for c in columns]
    rising = len(years) > 1 and all(map(_YEAR.fullmatch, years)) and all(a < b for a, b in itertools.pairwise(years))
    return rising and not any(_YEAR.fullmatch(row[c].strip()) for row in rows[1:_LOOKED_AT] for c in columns)


def _numbered(cells: Sequence[str]) -> bool:
    return [cell.strip() for cell in cells] == [str(i) for i in range(len(cells))]


def _is_number_gone_wrong(cell: str) -> bool:
    """“O.2” is no name of a column, and must not be left out in silence."""
    bare = cell.strip()
    return bare[:1] in "-+." and bare[1:2].isdigit() or len(bare) > 2 and bare[1] in ".," and bare[2].isdigit()


def _drop_empty_columns(table: Table) -> None:
    empty = [c for c in range(table.width) if not table.header[c].strip() and not any(row[c].strip() for row in table.rows)]
    if empty:
        keep = [c for c in range(table.width) if c not in empty]
        table.rows = [[row[c] for c in keep] for row in table.rows]
        table.header = [table.header[c] for c in keep]
        table.notes.append(f"{len(empty)} empty column{'s' if len(empty) > 1 else ''} left out.")


def _drop_index(table: Table, has_names: bool) -> None:
    """A first column 0, 1, 2, … or 1, 2, 3, … below an empty corner or the name of an index is no data.

    Without names it is none where it stands before two columns or more that hold fractions.
    """
    if table.width < 2 or table.numeric[:1] != [0] or table.header[0].strip().lower() not in _INDEX_NAMES:
        return
    fractions = sum(any("." in row[c] or "," in row[c] for row in table.rows[:_LOOKED_AT]) for c in table.numeric)
    if not has_names and (fractions < 2 or len(table.rows) < 2):
        return
    first = [row[0].strip() for row in table.rows]
    if first in ([str(i) for i in range(len(first))], [str(i) for i in range(1, len(first) + 1)]):
        table.numeric.remove(0)
        table.index = True
        table.notes.append(f"The first column, {first[0]} to {first[-1]}, is a row index and left out.")
