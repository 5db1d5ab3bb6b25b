"""Log-probabilities of a run's tokens from a file or a text: read, masked, checked; what was left out is said."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan

import numpy as np
import torch
from torch import Tensor

from ...shared.reading.numerals import is_missing, looks_like_a_number
from ...shared.reading.read import read_tables
from ...shared.reading.records import read_records
from ...shared.reading.table import Array, Table
from .token_gaps import round_down, say_padding, without_null, without_placeholders
from .token_masks import passing, say_unused_masks
from .token_names import guess_roles, masks, plain
from .token_nesting import lifted, records_of_cells, unwrapped
from .token_records import Rows, numbers_of_records, records_of_arrays, rows_of_records
from .token_roles import SIDES, UnknownFieldsError, decide_roles
from .token_sequences import name_sequences, names_of_columns, reward_of_each, sequences_of_table, step_of_each

MOST_TOKENS = 5_000_000
READ_UNTIL, CHECKED_FROM = 0.4, 0.7
"""Shares of the whole work, with the report, that are about done when the text is read, and when its numbers are."""


@dataclass(frozen=True)
class Tokens:
    """log_p, log_q: (tokens,) in nats. sequence: (tokens,) numbers, the same within one. text: the tokens, or [].

    sampler: (tokens,) log-probabilities under what generated the tokens, if logged apart. reward: (sequences,).
    step: (sequences,) of the training. notes: what was left out or decided, in sentences. names: the fields of the file.
    """

    log_p: Tensor
    log_q: Tensor
    sequence: Tensor
    text: list[str]
    sampler: Tensor | None = None
    reward: Tensor | None = None
    step: Tensor | None = None
    notes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def position(self) -> Tensor:
        """Of each token in its sequence, from 0."""
        count = torch.bincount(self.sequence)
        order = self.sequence.argsort(stable=True)
        within = torch.arange(len(order)) - (count.cumsum(0) - count)[self.sequence[order]]
        return torch.empty_like(within).scatter_(0, order, within)


YES_NO = {"true": "1", "false": "0", "yes": "1", "no": "0", "t": "1", "f": "0", "y": "1", "n": "0"}


Told = Callable[[str, float], object]
"""Is told what is being done, and the share that was done before it."""


def read_tokens(data: bytes | str, name: str = "", chosen: dict[str, str] = {}, told: Told | None = None) -> Tokens:  # noqa: B006
    """The tokens in a file or text; ValueError with one sentence, the line and the column, when something is wrong.

    A table with columns for the policy and the reference, by any of the names in `token_names`, or two columns without a header;
    JSON or JSON lines with the same names, where lists are one sequence each; dumps of trainers. chosen: fields by role.
    """
    told = told or (lambda what, share: None)
    told(f"Reading {len(data):,} {'characters' if isinstance(data, str) else 'bytes'}", 0.0)
    if not data.strip():
        raise ValueError("There is nothing to read yet.")
    notes: list[str] = []
    nested = records_of_arrays(data, name) or read_records(data, name, who="The log")
    if nested is None:
        return _of_table(data, name, chosen, notes, told)
    records, lines, said = nested
    return _of_records(records, lines, chosen, notes + said, told)


def _of_records(records: list[dict], lines: list[int], chosen: dict[str, str], notes: list[str], told: Told) -> Tokens:
    records, lines = lifted(*unwrapped(records, lines, notes))
    if not any(records):
        raise ValueError("The log holds an empty object.")
    names = list(dict.fromkeys(str(key) for record in records for key in record))
    roles = decide_roles(names, numbers_of_records(records), chosen)
    notes += [roles.note] if roles.note else []
    if roles.lacking:
        where = f"Line {lines[0]}" if lines[0] else "Object 1"
        problem = f"{where} has no “{roles.lacking[0]}”; it has {', '.join(map(str, records[0]))[:80]}."
        raise UnknownFieldsError(problem, names, roles.fields)
    rows = rows_of_records(
        records, lines, roles.fields, notes, lambda done: told(f"Object {done:,} of {len(records):,}", _share(done, records))
    )
    told(f"Checking {len(rows.policy):,} tokens", CHECKED_FROM)
    return _checked(rows, names, roles.fields, notes)


def _share(done: int, records: list[dict]) -> float:
    return READ_UNTIL + (CHECKED_FROM - READ_UNTIL) * done / len(records)


def read_log_probs(text: str) -> Tensor:
    """Numbers of at most 0 from one line; ValueError with one sentence that names the entry."""
    tables = read_tables(text, who="The line", one_number_a_line=True)
    table = tables[0]
    cells = [cell for row in table.rows for cell in row] if isinstance(table, Table) else []
    line = Table([""], [[cell] for cell in cells], [1] * len(cells))
    for i, cell in enumerate(cells, 1):
        if not looks_like_a_number(cell):
            raise ValueError(f"Entry {i} is no number: “{cell[:20]}”.")
        value = float(line.numbers(0, "The line")[i - 1])
        _refuse(value, cell, f"Entry {i}")
    return torch.from_numpy(line.numbers(0, "The line"))


def _of_table(data: bytes | str, name: str, chosen: dict[str, str], notes: list[str], told: Told) -> Tokens:
    table = _one_table(data, name)
    told(f"Reading the numbers of {len(table.rows):,} lines", READ_UNTIL)
    records = records_of_cells(table)
    notes += table.notes
    if records is not None:
        return _of_records(records, table.lines, chosen, notes, told)
    if not any(table.header) and len(table.rows) > 1 and guess_roles(list(table.rows[0])).keys() & set(SIDES):
        table.header, table.rows, table.lines = list(table.rows[0]), table.rows[1:], table.lines[1:]
    header, headed = table.header, any(table.header)
    if not any(header) and len(table.rows) == 1 and not table.numeric:
        raise ValueError("There is a header, and no token below it.")
    if not any(header):
        header = table.header = list(SIDES) if table.width == 2 else names_of_columns(table)
    roles = decide_roles(header, [header[c] for c in table.numeric if _all_negative(table, c)], chosen)
    notes += [roles.note] if roles.note else []
    if roles.lacking:
        named = ", ".join(name for name in header if name)[:80]
        what = f"The header names no column “{roles.lacking[0]}”; it names {named}."
        if not headed:
            what = f"There is no header, and which of {table.width} columns is the “{roles.lacking[0]}” cannot be guessed."
        raise UnknownFieldsError(what, header, roles.fields)
    rows = _rows_of_table(table, header, roles.fields, notes)
    if table.decided[1]:
        notes.append(table.decided[1])
    told(f"Checking {len(rows.policy):,} tokens", CHECKED_FROM)
    return _checked(rows, header, roles.fields, notes)


def _rows_of_table(table: Table, header: list[str], roles: dict[str, str], notes: list[str]) -> Rows:
    passed = np.ones(len(table.rows))
    for mask in masks(header, roles):
        column = header.index(mask)
        if plain(mask) != "labels" or column in table.numeric:  # labels may be words, and no mask
            passed = passed * passing(mask, _numbers(table, column), "", notes)
    measured = [role for role in ("policy", "reference", "sampler", "reward", "step") if role in roles]
    columns = [header.index(roles[role]) for role in measured]
    out = set(np.nonzero(passed == 0)[0].tolist())
    if out:  # whatever stands there
        table.rows = [["" if c in columns else cell for c, cell in enumerate(row)] if i in out else row for i, row in enumerate(table.rows)]
    numbers: dict[str, list[float]] = {role: _numbers(table, column).tolist() for role, column in zip(measured, columns, strict=True)}
    sequence, token = sequences_of_table(table, header, roles, notes), table.cells(header.index(roles["token"])) if "token" in roles else []
    say_unused_masks({name: table.cells(c) for c, name in enumerate(header) if c in table.numeric}, header, roles, notes)
    return Rows(mask=passed.tolist(), line=table.lines, sequence=sequence, token=token, **numbers)


def _all_negative(table: Table, column: int) -> bool:
    """Whether the first cells of a column are numbers of at most 0, as log-probabilities are."""
    cells = [cell.strip() for cell in table.cells(column)[:200] if not is_missing(cell)]
    return any(cell.startswith("-") for cell in cells) and all(cell.startswith("-") or not cell.strip("0.,") for cell in cells)


def _one_table(data: bytes | str, name: str) -> Table:
    tables = read_tables(data, name, who="The log")
    sides = [table for table in tables if isinstance(table, Table) and table.width == 1]
    if len(sides) == len(tables) > 1 and all(table.title for table in sides) and len({len(table.rows) for table in sides}) == 1:
        rows = [[cell for row in side for cell in row] for side in zip(*(table.rows for table in sides), strict=True)]
        return Table([table.title for table in sides], rows, [0] * len(rows))
    if len(tables) != 1 or isinstance(tables[0], Array):
        raise ValueError("These are arrays without names. Two columns are needed, policy and reference: save them as CSV, JSON or Parquet.")
    return tables[0]


def _numbers(table: Table, column: int) -> np.ndarray:
    """A column's numbers; true and false, yes and no are 1 and 0."""
    if any(row[column].lower() in YES_NO for row in table.rows[:5]):
        table.rows = [[YES_NO.get(cell.lower(), cell) if c == column else cell for c, cell in enumerate(row)] for row in table.rows]
    cells = table.cells(column)
    try:
        return table.numbers(column, "The log")
    except ValueError:
        for i, cell in enumerate(cells):
            if not looks_like_a_number(cell) and not is_missing(cell):
                raise ValueError(f"Line {table.lines[i]}, column {column + 1} is no number: “{cell[:20]}”.") from None
        raise


def _checked(rows: Rows, names: list[str], roles: dict[str, str], notes: list[str]) -> Tokens:
    """What the masks let through, checked one entry at a time."""
    if not len(rows.policy):
        raise ValueError("There is a header, and no token below it.")
    if len(rows.policy) > MOST_TOKENS:
        raise ValueError(f"There are {len(rows.policy):,} tokens; at most {MOST_TOKENS:,} can be read.")
    name_sequences(rows, roles, bool(masks(names, roles)), notes)
    p, q = (np.array(side, dtype=float) for side in (rows.policy, rows.reference))
    keep = np.asarray(rows.mask, dtype=float) != 0
    if not keep.all():
        notes.append(f"{int((~keep).sum()):,} of {len(keep):,} tokens are masked and left out.")
    sequence = rows.sequence or [""] * len(p)
    keep = without_null(p, q, keep, sequence, notes)
    keep = without_placeholders(p, q, keep, rows, notes)
    if not keep.any():
        raise ValueError("No token is left: all are masked or without a log-probability.")
    round_down(p, q, keep, notes)
    say_padding(p, q, keep, sequence, notes)
    for i in np.nonzero(keep & ~((p <= 0) & (q <= 0) & np.isfinite(p)))[0][:1]:
        _refuse_token(p, q, int(i), rows, names, roles)
    return _tokens(rows, p, q, keep, names, roles, notes)


def _refuse_token(p: np.ndarray, q: np.ndarray, i: int, rows: Rows, names: list[str], roles: dict[str, str]) -> None:
    for role, side in (("policy", p), ("reference", q)):
        value = float(side[i])
        if isnan(value) or value > 0 or role == "policy" and value == -np.inf:
            where = _place(rows, i, role, names, roles)
            if isnan(value):
                raise ValueError(f"{where} is no number: it is empty, null or NaN, and the other side has a log-probability.")
            _refuse(value, f"{value:g}", where)


def _place(rows: Rows, i: int, role: str, names: list[str], roles: dict[str, str]) -> str:
    """Where a token's log-probability stands: the cell of a table, or which entry of a line's list."""
    line = rows.line[i]
    if not line:
        return f"Token {i + 1}, {role}"
    here = rows.line.index(line)
    if rows.line[min(here + 1, len(rows.line) - 1)] == line and here + 1 < len(rows.line):
        return f"Line {line}, token {i - here + 1}, {role}"
    column = names.index(roles[role]) + 1 if roles.get(role) in names else (1 if role == "policy" else 2)
    return f"Line {line}, column {column}"


def _refuse(value: float, raw: str, where: str) -> None:
    if isnan(value):
        raise ValueError(f"{where} is {raw}; a log-probability is a number of at most 0.")
    if value == -np.inf:
        raise ValueError(f"{where} is {raw.strip()}; the policy has drawn this token, so its log-probability there is finite.")
    if value > 0:
        raise ValueError(f"{where} is {value:g}; a log-probability is at most 0. Are these probabilities?")


def _tokens(
    rows: Rows, p: np.ndarray, q: np.ndarray, keep: np.ndarray, names: list[str], roles: dict[str, str], notes: list[str]
) -> Tokens:
    at = np.nonzero(keep)[0]
    labels = rows.sequence or [""] * len(p)
    numbers: dict[str, int] = {}
    sequence = torch.tensor([numbers.setdefault(labels[i], len(numbers)) for i in at])
    words = [rows.token[i] for i in at] if rows.token else []
    sampler = _side(rows.sampler, at)
    if sampler is not None and bool(sampler.isnan().any() | (sampler > 0).any()):
        notes.append("The sampler’s own log-probabilities are incomplete and not used.")
        sampler = None
    reward, step = reward_of_each(_side(rows.reward, at), sequence, notes), step_of_each(_side(rows.step, at), sequence, notes)
    words = words if any(words) else []
    return Tokens(torch.from_numpy(p[at]), torch.from_numpy(q[at]), sequence, words, sampler, reward, step, notes, names, roles)


def _side(values: list[float], at: np.ndarray) -> Tensor | None:
    if not values:
        return None
    side = torch.from_numpy(np.asarray(values, dtype=float)[at])
    return None if bool(side.isnan().all()) else side
