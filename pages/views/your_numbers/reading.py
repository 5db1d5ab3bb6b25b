"""Numbers from a text box or a file, checked cell by cell."""

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .cells import Row, is_number, numbers

MOST_CELLS = 2_000_000
_PRINTED = re.compile(r"(?:\w+\.)*(?:tensor|array|Tensor|Array)\((.*?)(?:,\s*\w+=[^\[\]]*)?\)", re.DOTALL)
"""What torch, numpy and jax print around a list."""
_MISSING = {"na", "n/a", "none", "null", "missing"}


@dataclass(frozen=True)
class Block:
    """values: (rows, columns), float64; may hold ±inf. rows: where they were read."""

    values: Tensor
    rows: list[Row]

    @property
    def names(self) -> list[str]:
        """A label for each row, or []."""
        return [row.name for row in self.rows] if any(row.name for row in self.rows) else []

    def place(self, at: int) -> str:
        """Where the entry stands in the text, counted along the rows from 0."""
        row, column = divmod(at, self.values.shape[1])
        return f"line {self.rows[row].line}, column {self.rows[row].first + column}"

    @property
    def vector(self) -> Tensor:
        """All entries in order, of a block that is one row or one column."""
        if 1 not in self.values.shape:
            raise ValueError(f"has {self.values.shape[0]} rows of {self.values.shape[1]} numbers; one row, or one column, is needed.")
        return self.values.flatten()


def read_block(text: str, who: str) -> Block:
    """Rows of numbers: lines of cells divided by commas, semicolons, tabs or spaces; the first cell may be a name, the first line a header.

    Also a list in brackets, or a list of such, as JSON has them and as torch and numpy print them. ValueError with one
    sentence that names `who`, the line and the column.
    """
    text = text.lstrip("\ufeff").replace("−", "-")
    bare = text.strip()
    if not bare:
        raise ValueError(f"{who} is empty.")
    first = _line(text, len(text) - len(text.lstrip()))
    printed = _PRINTED.fullmatch(bare)
    listed = printed[1].strip() if printed else bare
    return _block(_bracketed(listed, who, first) if listed.startswith("[") else _lines(bare, who, first), who)


def _lines(text: str, who: str, first: int) -> list[Row]:
    written = [(i, _cells(line)) for i, line in enumerate(text.splitlines(), first) if line.strip()]
    if len(written) > 1 and _is_header(written[0][1]):
        written = written[1:]
    rows = []
    for i, cells in written:
        named = len(cells) > 1 and not is_number(cells[0]) and is_number(cells[1])
        rows.append(Row(numbers(cells[1:], i, 2, who), i, 2, cells[0]) if named else Row(numbers(cells, i, 1, who), i))
    return rows


def _is_header(cells: list[str]) -> bool:
    """Words: “0,2;0,8” and “O.2” are numbers gone wrong, which must not be left out in silence."""
    return not any(is_number(cell) or re.search(r"^[-+.\d]|[.,]\d", cell) or cell.lower() in _MISSING for cell in cells)


def read_columns(text: str) -> tuple[Block, Block]:
    """P and Q of a file of columns (name,) P, Q, with the file's own lines and columns. ValueError with a sentence when it has others."""
    block = read_block(text, "The file")
    if block.values.shape[1] != 2:
        raise ValueError(
            f"The file has {block.values.shape[1]} columns of numbers; it needs two, P and Q, with or without a column of "
            "names before them."
        )
    return _column(block, 0), _column(block, 1)


def _column(block: Block, at: int) -> Block:
    rows = [row._replace(numbers=row.numbers[at : at + 1], first=row.first + at) for row in block.rows]
    return Block(block.values[:, at : at + 1], rows)


def _cells(line: str) -> list[str]:
    divider = next((one for one in ("\t", ";", ",") if one in line), None)
    cells = line.split(divider) if divider else line.split()
    cells = [cell.strip().strip('"') for cell in cells]
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _bracketed(text: str, who: str, first: int) -> list[Row]:
    """The innermost brackets, a row each; JSON's own reader knows neither “1.” nor numbers that only spaces divide."""
    depth, deepest = 0, 0
    for mark in re.finditer(r"[\[\]]", text):
        depth += 1 if mark[0] == "[" else -1
        deepest = max(deepest, depth)
        if depth < 0 or depth == 0 and text[mark.end() :].strip():
            raise ValueError(f"{who}, line {_line(text, mark.start(), first)}: the list ends before the text does.")
    if depth:
        raise ValueError(f"{who}, line {_line(text, len(text), first)}: the bracket “[” is not closed.")
    if deepest > 2:
        raise ValueError(f"{who} is a list of lists of lists; one list, or a list of rows, is needed.")
    if deepest == 2 and re.sub(r"\[[^\[\]]*\]|[\[\],\s]", "", text):
        raise ValueError(f"{who} has numbers both inside and outside its inner brackets; every row needs brackets of its own.")
    rows = []
    for row in re.finditer(r"\[([^\[\]]*)\]", text):
        inner = row[1].strip().removesuffix(",").strip()
        line = _line(text, row.start(), first)
        rows.append(Row(numbers(re.split(r"\s*,\s*|\s+", inner) if inner else [], line, 1, who), line))
    return rows


def _line(text: str, at: int, first: int = 1) -> int:
    return text.count("\n", 0, at) + first


def _block(rows: list[Row], who: str) -> Block:
    if not rows or not len(rows[0].numbers):
        raise ValueError(f"{who} holds no numbers.")
    if sum(len(row.numbers) for row in rows) > MOST_CELLS:
        raise ValueError(f"{who} holds {sum(len(row.numbers) for row in rows):,} numbers; at most {MOST_CELLS:,} can be read.")
    for i, row in enumerate(rows, 1):
        if len(row.numbers) != len(rows[0].numbers):
            raise ValueError(f"{who}, row {i} has {len(row.numbers)} numbers, the first row has {len(rows[0].numbers)}.")
    return Block(torch.from_numpy(np.stack([row.numbers for row in rows])), rows)
