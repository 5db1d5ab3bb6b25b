"""Raw categories: lists of outcomes are counted, labels that are numbers too; words that were meant as numbers are refused."""

import re
from collections import Counter
from dataclasses import replace

import torch

from .columns import P_NAMES, Q_NAMES, Block, words_of
from .numerals import is_missing
from .table import Table

_MONEY = "[$€£¥₹]"
_MEANT = re.compile(rf"[-+]?{_MONEY}?\s*[-+]?\d[\d.,'’ ]*\s*(?:{_MONEY}|‰|[kKMB]|[A-Z]{{3}}|/\s*\d+)?(?:\s*\([^()]*\d[^()]*\))?")
"""“$1,234.50”, “1.2K”, “1/3”, “40 (57 %)”."""
_LABELS = frozenset("y y_true y_pred label labels class classes target targets pred preds prediction predictions predicted gold".split())
_LOOKED_AT = 200


def guess_raw(table: Table) -> tuple[int, int] | None:
    """The columns of P's and of Q's raw categories in a table without numbers; None if it has fewer than two columns."""
    words = table.words
    if table.numeric or len(words) < 2:
        return None
    named = lambda names: next((c for c in words if words_of(table.header[c]) & names), None)
    p, q = named(P_NAMES), named(Q_NAMES)
    p = next(c for c in words if c != q) if p is None else p
    return p, next(c for c in words if c != p) if q is None or q == p else q


def refuse_meant_numbers(table: Table, who: str) -> None:
    """ValueError with the place of the first cell that was meant as a number, in a table that holds none; or for a lone line of names."""
    for column in table.words:
        cells = [cell.strip() for cell in table.cells(column)[:_LOOKED_AT]]
        meant = [i for i, cell in enumerate(cells) if _MEANT.fullmatch(cell)]
        if 2 * len(meant) >= len(cells):
            raise ValueError(f"{who}, {table.place(meant[0], column)}: “{cells[meant[0]][:20]}” is no number. Write it in plain digits.")
    if len(table.rows) == 1 and table.width > 1 and not any(table.header):
        raise ValueError(f"{who} holds one line of words and no number.")


def counted(table: Table, column: int) -> Block:
    """How often each word of a column occurs, for a list of raw categories."""
    found = Counter(cell.strip() for cell in table.cells(column) if not is_missing(cell))
    if not found:
        raise ValueError("The column is empty.")
    table.say(f"{sum(found.values()):,} entries of “{table.name(column)}” are counted: {len(found):,} different ones.")
    names = list(found)
    return Block(torch.tensor([[float(found[name])] for name in names], dtype=torch.float64), names, lambda row, _: f"“{names[row]}”")


def are_labels(table: Table, columns: tuple[int, ...]) -> bool:
    """Whether columns of whole numbers are labels to be counted: by their names, beside no words, and some come again."""
    if table.words or not all(table.header[c].strip().lower() in _LABELS for c in columns):
        return False
    cells = [[cell.strip() for cell in table.cells(c) if not is_missing(cell)] for c in columns]
    return all(all(cell.lstrip("-").isdigit() for cell in column) and len(set(column)) < len(column) for column in cells)


def counted_labels(table: Table, column: int) -> Block:
    """The same for labels that are numbers, and what to do if they are counts."""
    block = counted(table, column)
    table.say("If these numbers are counts already, call their column “count”.")
    return block


def sides_by_rows(table: Table) -> tuple[Table, Table] | None:
    """P's rows and Q's, where a column says of each row whose it is, as tables in long form do; None elsewhere."""
    for column in table.words if any(table.header) and table.width > 1 else []:
        sides = list(dict.fromkeys(row[column].strip() for row in table.rows))
        p, q = ([side for side in sides if side.lower() in names] for names in (P_NAMES, Q_NAMES))
        if len(sides) == 2 and len(p) == len(q) == 1:
            table.say(f"“{table.header[column]}” says which rows are P’s, “{p[0]}”, and which are Q’s, “{q[0]}”.")
            return _rows_of(table, column, p[0]), _rows_of(table, column, q[0])
    return None


def _rows_of(table: Table, column: int, side: str) -> Table:
    at = [i for i, row in enumerate(table.rows) if row[column].strip() == side]
    without = lambda cells: [cell for c, cell in enumerate(cells) if c != column]
    rows, lines = [without(table.rows[i]) for i in at], [table.lines[i] for i in at]
    return replace(table, header=without(table.header), rows=rows, lines=lines, title=side, index=False)
