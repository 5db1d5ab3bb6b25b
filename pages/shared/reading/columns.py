"""P and Q out of tables: which columns they are, which rows belong together, what is left out."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from .numerals import is_missing
from .table import Array, Table

P_NAMES = frozenset("p ref reference baseline base expected train training old before teacher true control original".split())
Q_NAMES = frozenset(
    "q cur current new after observed actual test student pred predicted model production live policy quantised quantized quant".split()
)
VALUE_NAMES = frozenset(
    "count counts n freq frequency prob probs probability proportion share value logit logits logprob logprobs weight".split()
)
_SUM_OF = re.compile(r"(?:grand )?(?:total|sum)\b|subtotal")
TOTALS = frozenset({"total", "totals", "sum", "all", "grand total", "overall", "gesamt", "summe", "somme", "suma"})


@dataclass(frozen=True)
class Block:
    """values: (rows, columns), float; may hold ±inf. names: of the rows, or []. where: the place of an entry, in words."""

    values: Tensor
    names: list[str]
    where: Callable[[int, int], str]

    def place(self, at: int) -> str:
        """Where an entry stands in the file or text, counted along the rows from 0."""
        return self.where(*divmod(at, self.values.shape[1]))

    @property
    def vector(self) -> Tensor:
        """All entries in order, of a block that is one row or one column."""
        if 1 not in self.values.shape:
            raise ValueError(f"has {self.values.shape[0]} rows of {self.values.shape[1]} numbers; one row, or one column, is needed.")
        return self.values.flatten()


@dataclass(frozen=True)
class Columns:
    """Which columns of one table are P, Q and the names; names is None where there are none."""

    p: int
    q: int
    names: int | None


def words_of(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower()))


def one_line_as_column(table: Table) -> Table:
    """A line of numbers as a column of them, with the header, if there is one, as their names."""
    named = any(table.header)
    alone = table.width == 1 or len(table.rows) != 1
    is_number = lambda column: column in table.numeric or is_missing(table.rows[0][column])
    if alone or table.width == 2 and not is_number(0):  # one outcome, and its name
        return table
    first = 0 if is_number(0) or not is_number(1) else 1
    cells, names = table.rows[0][first:], table.header[first:]
    rows = [[name, cell] for name, cell in zip(names, cells, strict=True)] if named else [[cell] for cell in cells]
    header = ["name", ""] if named else [""]
    return replace(table, header=header, rows=rows, lines=table.lines * len(rows), across=True, before=table.before + first, index=False)


def two_lines_as_tables(table: Table) -> tuple[Table, Table] | None:
    """P and Q as two lines of numbers below each other, where that is how they stand."""
    labels = [words_of(row[0]) for row in table.rows] if table.words[:1] == [0] else []
    numbers = len(table.numeric)
    header = set().union(*map(words_of, table.header))
    if header & P_NAMES and header & Q_NAMES:
        return None
    named = len(labels) == 2 and labels[0] & (P_NAMES | Q_NAMES) and labels[1] & (P_NAMES | Q_NAMES)
    if len(table.rows) != 2 or numbers < 2:
        return None
    square = numbers == 2 == table.width and not any(table.header)
    as_lines = square and (table.listed or _both_whole(table.rows))
    if square and not as_lines and not named:
        table.say("Two lines of two numbers: the first column is P, the second Q.")
    if not (named or as_lines or numbers > 2 and (not labels or any(table.header))):
        return None
    columns = []
    for i in (0, 1) if not (named and labels[0] & Q_NAMES and labels[1] & P_NAMES) else (1, 0):
        line = replace(table, rows=[table.rows[i]], lines=[table.lines[i]], notes=[])
        columns.append(one_line_as_column(line))
    columns[0].notes[:] = [*table.notes, "The two lines are P and Q, one below the other."]
    return columns[0], columns[1]


def _both_whole(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row, and not each column, has probabilities that sum to 1."""
    try:
        numbers = np.array([[float(cell) for cell in row] for row in rows])
    except ValueError:
        return False
    whole = lambda sums: bool((abs(sums - 1) < 1e-3).all())
    return whole(numbers.sum(1)) and not whole(numbers.sum(0))


def guess_columns(table: Table) -> Columns:
    """P and Q by what tells their columns' names apart, else the first two columns of numbers."""
    numeric = table.numeric
    words = {c: words_of(table.header[c]) for c in numeric}
    shared = set.intersection(*words.values()) if len(numeric) > 1 else set()  # “model” of model_a and model_b
    p = next((c for c in numeric if (words[c] - shared) & P_NAMES), None)
    q = next((c for c in numeric if (words[c] - shared) & Q_NAMES and c != p), None)
    p = next((c for c in numeric if c != q), numeric[0]) if p is None else p
    q = next((c for c in numeric if c != p), numeric[-1]) if q is None else q
    return Columns(p, q, table.words[0] if table.words else None)


def guess_value(table: Table) -> tuple[int, int | None]:
    """The column of one distribution's numbers, and that of their names, which may be numbers too, such as ratings."""
    numeric = table.numeric
    value = next((c for c in numeric if words_of(table.header[c]) & VALUE_NAMES), numeric[0])
    if table.words:
        return value, table.words[0]
    others = [c for c in numeric if c != value]
    if value == numeric[0] and others and any(table.header) and not words_of(table.header[value]) & VALUE_NAMES:
        value, others = numeric[1], [numeric[0]]
    return value, others[0] if others and any(table.header) and others[0] < value else None


def vector(table: Table, column: int, names: int | None, who: str, other: int | None = None) -> Block:
    """One column as a block of one column. Missing cells at the end and a row that is the sum are left out, and said.

    other: the column beside it whose rows are the same outcomes: a row is the sum where it is in both.
    """
    values = table.numbers(column, who)
    count = len(values)
    while count > 1 and is_missing(table.rows[count - 1][column]):
        count -= 1
    if count < len(values) and names is not None and any(table.rows[i][names].strip() for i in range(count, len(values))):
        count = len(values)  # an outcome with a name and no number is not the end of the column
    labels = [table.rows[i][names].strip() for i in range(count)] if names is not None else []
    total = sum_row(values[:count], labels)
    if total is not None and other is not None and sum_row(table.numbers(other, who)[:count], labels) != total:
        total = None
    rows = np.array([i for i in range(count) if i != total])
    if total is not None:
        who_sums = f"row “{labels[total]}”" if labels[total] else "last row, without a name,"
        table.say(f"The {who_sums} is the sum of the others and left out.")
    elif labels and labels[-1].lower().rstrip(" :") in TOTALS - {"all", "sum"}:
        table.say(f"“{labels[-1]}” is not the sum of the others: it is kept as an outcome.")
    labels = [labels[i] for i in rows] if labels else []
    missing = np.isnan(values[rows])
    if missing.any():
        at = int(rows[missing.argmax()])
        cell = table.rows[at][column].strip()
        raise ValueError(
            f"{who}, {table.place(at, column)} " + ("is empty." if not cell else f"is “{cell[:20]}”, which is no number to compare.")
        )
    return Block(torch.from_numpy(values[rows]).unsqueeze(-1), labels, lambda row, _: table.place(int(rows[row]), column))


def sum_row(values: np.ndarray, labels: list[str]) -> int | None:
    """The row that is the sum of all others and is called so, or is the last and has no name; None where there is none."""
    if len(values) < 3 or not labels:
        return None
    called = [i for i, label in enumerate(labels) if label.lower().rstrip(" :") in TOTALS or _SUM_OF.match(label.lower())]
    unnamed = [len(labels) - 1] if not labels[-1] and all(labels[:-1]) else []
    whole = float(values.sum())
    return next((i for i in [*called, *unnamed] if abs(whole - 2 * float(values[i])) <= 0.005 * abs(values[i])), None)


def matrix(table: Table, who: str, names: bool = True) -> Block:
    """All columns of numbers as they stand."""
    if not table.numeric:
        cell = next((c for c in table.rows[0] if c.strip()), "")
        raise ValueError(f"{who}, {table.place(0, 0)}: “{cell[:20]}” is no number.")
    columns = [table.numbers(column, who) for column in table.numeric]
    values = np.stack(columns, -1)
    missing = np.isnan(values)
    if missing.any():
        row, at = map(int, np.argwhere(missing)[0])
        raise ValueError(f"{who}, {table.place(row, table.numeric[at])} is empty or NaN, which is no number to compare.")
    labels = [row[table.words[0]].strip() for row in table.rows] if names and table.words else []
    return Block(torch.from_numpy(values), labels, lambda row, column: table.place(row, table.numeric[column]))


def array_block(array: Array, who: str, *, one_vector: bool) -> Block:
    """An array of a file, in its own dtype; axes of length 1 before the last two are dropped. one_vector: as one column."""
    values = array.values
    if values.dtype == torch.bool:
        array.notes.append("Booleans are read as 1 and 0.")
    while values.dim() > 2 and 1 in values.shape:
        values = values.squeeze(list(values.shape).index(1))
    if values.dim() > 2:
        values = values.flatten(0, -2)
        array.notes.append(f"{who}: the first axes of {tuple(array.values.shape)} are read as {len(values):,} rows.")
    if values.dim() < 2:
        values = values.reshape(-1, 1) if one_vector else values.reshape(1, -1)
    if one_vector and values.shape[0] == 1:
        values = values.T
    if not values.numel():
        raise ValueError(f"{who} is an array without entries.")
    values = values if values.is_floating_point() else values.double()
    where = (lambda row, _: f"entry {row + 1}") if values.shape[1] == 1 else lambda row, column: f"row {row + 1}, entry {column + 1}"
    nan = values.isnan().any(-1)
    if bool(nan.any()):
        row = int(nan.nonzero()[0])
        raise ValueError(f"{who}, {where(row, int(values[row].isnan().nonzero()[0]))} is NaN, which is no number to compare.")
    return Block(values, [], where)


def match(p: Block, q: Block, absent: float, absent_in_words: str = "") -> tuple[Block, Block, list[str]]:
    """Both in one order by their names, where both have some; an outcome that one lacks is `absent` there, and said.

    Entries of one name are added up. ValueError where no name is in both.
    """
    p, q = (replace(block, names=[unicodedata.normalize("NFC", name) for name in block.names]) for block in (p, q))
    if p.names == q.names and "" not in p.names and len(set(p.names)) < len(p.names):
        return _doubles(p, q, absent)
    if not p.names or not q.names or p.names == q.names:
        return p, q, []
    notes = []
    sides = []
    for who, block in (("P", p), ("Q", q)):
        places: dict[str, list[int]] = {}
        for i, name in enumerate(block.names):
            places.setdefault(name, []).append(i)
        double = [name for name, at in places.items() if len(at) > 1]
        if double and absent != 0:
            raise ValueError(f"{who} names “{double[0]}” {len(places[double[0]])} times; each class may occur once.")
        if double:
            notes.append(f"{who} names “{double[0]}” {len(places[double[0]])} times: its numbers are added up.")
        sides.append(places)
    if not set(sides[0]) & set(sides[1]):
        raise ValueError(f"P and Q have no name in common: P begins with “{p.names[0]}”, Q with “{q.names[0]}”.")
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    notes.append("P and Q are matched by name.")
    for who, places in zip("PQ", sides, strict=True):
        lacking = [name for name in names if name not in places]
        if lacking:
            listed = ", ".join(f"“{name}”" for name in lacking[:3]) + (f" and {len(lacking) - 3:,} more" if len(lacking) > 3 else "")
            notes.append(f"{who} has no {listed}: taken as {absent_in_words or ('0' if absent == 0 else '−∞')} there.")
    return _ordered(p, sides[0], names, absent), _ordered(q, sides[1], names, absent), notes


def _doubles(p: Block, q: Block, absent: float) -> tuple[Block, Block, list[str]]:
    """Both of the same names, some of them more than once: counts and probabilities are added up, logits cannot be."""
    places: dict[str, list[int]] = {}
    for i, name in enumerate(p.names):
        places.setdefault(name, []).append(i)
    double = [name for name, at in places.items() if len(at) > 1]
    more = f", and {len(double) - 1:,} more names repeat" if len(double) > 1 else ""
    said = f"“{double[0]}” stands in {len(places[double[0]])} rows{more}: "
    if absent != 0:
        return p, q, [said + "each row is kept as an outcome of its own."]
    names = list(places)
    return _ordered(p, places, names, absent), _ordered(q, places, names, absent), [said + "the numbers of one name are added up."]


def _ordered(block: Block, places: dict[str, list[int]], names: list[str], absent: float) -> Block:
    vector = block.values.flatten()
    values = torch.tensor([float(vector[places[name]].sum()) if name in places else absent for name in names], dtype=vector.dtype)
    where = lambda row, _: block.where(places[names[row]][0], 0) if names[row] in places else f"“{names[row]}”"
    return Block(values.unsqueeze(-1), names, where)
