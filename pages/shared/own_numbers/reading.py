"""Numbers from a text box or a file, checked cell by cell."""

import json
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

MOST_CELLS = 2_000_000


@dataclass(frozen=True)
class Block:
    """values: (rows, columns), float64; may hold ±inf. names: a label for each row, or []."""

    values: Tensor
    names: list[str]

    @property
    def vector(self) -> Tensor:
        """All entries in order, of a block that is one row or one column."""
        if 1 not in self.values.shape:
            raise ValueError(f"has {self.values.shape[0]} rows of {self.values.shape[1]} numbers; one row, or one column, is needed.")
        return self.values.flatten()


def read_block(text: str, who: str) -> Block:
    """Rows of numbers: lines of cells divided by commas, semicolons, tabs or spaces; the first cell may be a name, the first line a header.

    Also a JSON list, or list of lists. ValueError with one sentence that names `who`, the line and the column.
    """
    text = text.strip("\ufeff \n\r\t").replace("−", "-")
    if not text:
        raise ValueError(f"{who} is empty.")
    if text.startswith("["):
        return _block(_json_rows(text, who), [], who)
    rows, names = [], []
    for i, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = _cells(line)
        if not rows and not names and len(cells) > 1 and not any(map(_is_number, cells)):
            continue  # a header
        named = not _is_number(cells[0]) and len(cells) > 1
        rows.append(_numbers(cells[1:] if named else cells, i, 2 if named else 1, who))
        names.append(cells[0] if named else "")
    return _block(rows, names if any(names) else [], who)


def read_columns(text: str) -> tuple[str, str, tuple[str, ...]]:
    """A file of columns (name,) P, Q as the texts of P and of Q, and the names, or (). ValueError with a sentence when it has others."""
    block = read_block(text, "The file")
    if block.values.shape[1] != 2:
        raise ValueError(f"The file has {block.values.shape[1]} columns of numbers; it needs two, P and Q, with or without a column of names before them.")
    joined = lambda column: "\n".join(f"{one!r}" for one in block.values[:, column].tolist())  # noqa: E731
    return joined(0), joined(1), tuple(block.names)


def _cells(line: str) -> list[str]:
    divider = next((one for one in ("\t", ";", ",") if one in line), None)
    cells = line.split(divider) if divider else line.split()
    cells = [cell.strip().strip('"') for cell in cells]
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _numbers(cells: list[str], line: int, first: int, who: str) -> np.ndarray:
    try:
        found = np.array(cells, dtype=np.float64)  # fast for the 150,000 cells that are all right
    except ValueError:
        found = np.array([_number(cell, line, i, who) for i, cell in enumerate(cells, first)])
    if np.isnan(found).any():
        raise ValueError(f"{who}, line {line}, column {int(np.isnan(found).argmax()) + first}: NaN is no number to compare.")
    return found


def _number(cell: str, line: int, column: int, who: str) -> float:
    if not cell:
        raise ValueError(f"{who}, line {line}, column {column} is empty.")
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{who}, line {line}, column {column}: “{cell[:20]}” is no number.") from None


def _is_number(cell: str) -> bool:
    """Also of an empty cell: a number is missing there, no name."""
    try:
        float(cell)
    except ValueError:
        return not cell
    return True


def _json_rows(text: str, who: str) -> list[np.ndarray]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"{who}, line {problem.lineno}, column {problem.colno}: this is no JSON ({problem.msg}).") from None
    rows = found if found and all(isinstance(row, list) for row in found) else [found]
    return [_numbers([str(cell) for cell in row], i, 1, who) for i, row in enumerate(rows, 1)]


def _block(rows: list[np.ndarray], names: list[str], who: str) -> Block:
    if not rows or not len(rows[0]):
        raise ValueError(f"{who} holds no numbers.")
    if sum(map(len, rows)) > MOST_CELLS:
        raise ValueError(f"{who} holds {sum(map(len, rows)):,} numbers; at most {MOST_CELLS:,} can be read.")
    for i, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ValueError(f"{who}, row {i} has {len(row)} numbers, the first row has {len(rows[0])}.")
    return Block(torch.from_numpy(np.stack(rows)), names)
