"""P and Q from what was typed, pasted or uploaded: one text or file that holds both, or one for each."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ...shared.reading.columns import (
    P_NAMES,
    Q_NAMES,
    Block,
    Columns,
    array_block,
    guess_columns,
    guess_value,
    match,
    matrix,
    one_line_as_column,
    two_lines_as_tables,
    vector,
    words_of,
)
from ...shared.reading.raw import are_labels, counted, counted_labels, guess_raw, refuse_meant_numbers, sides_by_rows
from ...shared.reading.read import read_tables
from ...shared.reading.table import Array, Table, name_alike
from .arrays import fitting, of_bits
from .kinds import Kind
from .positions import rows_of_positions


class Piece(NamedTuple):
    """A text or a file, its name, and who it is in a sentence: "P", "Q" or "The file"."""

    data: bytes | str
    name: str
    who: str


class Chosen(NamedTuple):
    """What was chosen by hand where the reader would guess: what commas are, the columns of P, Q and the names, and

    first_line: whether the first line is "names" or "data"; "guess" otherwise. sheet: of a workbook. encoding: of a text that is not UTF-8.
    """

    commas: str = "guess"
    p: str | None = None
    q: str | None = None
    names: str | None = None
    first_line: str = "guess"
    sheet: str | None = None
    encoding: str = ""


@dataclass(frozen=True)
class Inputs:
    """notes: what was decided, left out or matched, a sentence each. tables: as they were read, for a preview."""

    p: Block
    q: Block
    notes: list[str]
    tables: list[Table | Array]
    columns: Columns | None = None


def read_inputs(kind: Kind, pieces: list[Piece], chosen: Chosen = Chosen()) -> Inputs:
    """ValueError with one sentence, the line and the column, for what cannot be read."""
    tables = [fitting(kind.shape, _tables(kind, piece, chosen), 3 - len(pieces)) for piece in pieces]
    if len(pieces) > 1 and kind.shape == "vector":
        _values_and_counts(tables)
    if len(pieces) == 1 or holds_both(kind, tables[0]):
        inputs = _of_one(kind, tables[0], pieces[0].who, chosen)
        unread = _titled(pieces[1]) if len(pieces) > 1 else ""
        return (
            replace(inputs, notes=[*inputs.notes, f"{_titled(pieces[0])} holds both, P and Q; {unread} is not read."]) if unread else inputs
        )
    (p, *more_p), (q, *more_q) = tables
    if more_p or more_q:
        raise ValueError(f"{'P' if more_p else 'Q'} holds {len(more_p or more_q) + 1} tables; one is needed.")
    if kind.shape == "vector" and isinstance(p, Table) and isinstance(q, Table):
        p, q = name_alike(p, q)
    if kind.shape == "vector":
        return _matched(kind, _vector_of(kind, p, "P", chosen.p), _vector_of(kind, q, "Q", chosen.q), [p, q])
    return _matched(kind, *_matrices(kind, p, q), [p, q])


def _values_and_counts(tables: list[list[Table | Array]]) -> None:
    """Two texts that each hold two lists, the first of them rising: np.unique's values and their counts."""
    alone = [one[0] for one in tables if len(one) == 1 and isinstance(one[0], Table) and one[0].header == ["P", "Q"]]
    if len(alone) < len(tables) or not all(table.numeric == [0, 1] for table in alone):
        return
    values = [table.numbers(0, "The values").tolist() for table in alone]
    if all(low < high for side in values for low, high in itertools.pairwise(side)):
        for table in alone:
            table.header = ["outcome", "count"]
            table.say("Two lists are read as values and how often each occurs, as np.unique gives them.")


def _titled(piece: Piece) -> str:
    """A piece in a sentence: a file by its name, a text by its box."""
    return f"“{piece.name}”" if piece.name else f"The box {piece.who}" if piece.who == "P" else f"the box {piece.who}"


def _tables(kind: Kind, piece: Piece, chosen: Chosen) -> list[Table | Array]:
    whole, alone = kind.absent == 0 and kind.counts, kind.shape == "points" or kind.shape == "vector" and piece.who in "PQ"
    more = {"whole_numbers": whole, "first_line": chosen.first_line.removeprefix("guess")}
    return read_tables(
        piece.data,
        piece.name,
        who=piece.who,
        commas=chosen.commas,
        one_number_a_line=alone,
        sheet=chosen.sheet,
        encoding=chosen.encoding,
        **more,
    )


def holds_both(kind: Kind, tables: list[Table | Array]) -> bool:
    """Whether one text has P and Q in it by name."""
    if len(tables) == 2:
        return True
    if kind.shape == "matrix" or len(tables) != 1 or isinstance(tables[0], Array):
        return False
    columns = _p_and_q(tables[0]) if tables[0].numeric else guess_raw(tables[0])
    named = lambda column, names: tables[0].header[column].strip().lower() in names
    return columns is not None and columns[0] != columns[1] and named(columns[0], P_NAMES) and named(columns[1], Q_NAMES)


def _p_and_q(table: Table) -> tuple[int, int]:
    columns = guess_columns(table)
    return columns.p, columns.q


def _of_one(kind: Kind, tables: list[Table | Array], who: str, chosen: Chosen) -> Inputs:
    if len(tables) == 2:
        p, q = tables if not _other_way_round(*tables) else tables[::-1]
        both = (_vector_of(kind, p, "P"), _vector_of(kind, q, "Q")) if kind.shape == "vector" else _matrices(kind, p, q)
        return _matched(kind, *both, [p, q], (f"P is “{p.title}”, Q is “{q.title}”.",))
    if len(tables) > 2:
        titles = ", ".join(f"“{table.title}”" for table in tables[:4])
        raise ValueError(f"{who} holds {len(tables)} tables ({titles}…); two are needed, P and Q.")
    table = tables[0]
    if isinstance(table, Array):
        return _of_one_array(kind, table, who)
    if kind.shape == "matrix":
        raise ValueError(f"{who} holds one table. P and Q need one each: open two files.")
    lines = two_lines_as_tables(table) if kind.shape == "vector" else None
    if lines:
        return _matched(kind, _vector_of(kind, lines[0], "P"), _vector_of(kind, lines[1], "Q"), lines)
    return _of_columns(kind, table, who, chosen)


def _other_way_round(first: Table | Array, second: Table | Array) -> bool:
    """Whether the names of two tables say that Q is the first."""
    one, other = words_of(first.title), words_of(second.title)
    return bool((one - other) & Q_NAMES and (other - one) & P_NAMES)


def _of_one_array(kind: Kind, array: Array, who: str) -> Inputs:
    """Two rows, or two columns, are P and Q."""
    values = array.values
    if kind.shape == "matrix" or values.dim() != 2 or 2 not in values.shape:
        raise ValueError(f"{who} holds one array of shape {tuple(values.shape)}; two are needed, P and Q.")
    p, q = values if values.shape[0] == 2 else values.T
    block = lambda side, name: array_block(Array(name, side.unsqueeze(-1)), name, one_vector=True)
    return _matched(kind, block(p, "P"), block(q, "Q"), [array])


def _of_columns(kind: Kind, table: Table, who: str, chosen: Chosen) -> Inputs:
    """P and Q are two columns of one table."""
    if kind.shape == "vector" and len(table.numeric) < 2 and (sides := sides_by_rows(table)) is not None:
        return _matched(kind, _vector_of(kind, sides[0], "P"), _vector_of(kind, sides[1], "Q"), sides)
    if not table.numeric:
        refuse_meant_numbers(table, who)
    raw, labels = guess_raw(table), _labels(kind, table)
    if labels is not None:
        return _matched(kind, counted_labels(table, labels[0]), counted_labels(table, labels[1]), [table])
    if raw is not None and kind.shape == "vector":
        p, q = (counted(table, column) for column in raw)
        if len(table.words) > 2:
            table.say(f"P is the column “{table.name(raw[0])}”, Q is “{table.name(raw[1])}”.")
        return _matched(kind, p, q, [table])
    if len(table.numeric) < 2:
        raise ValueError(
            f"{who} has {'one column' if table.numeric else 'no column'} of numbers; it needs two, P and Q, with or without a column of "
            "names before them."
        )
    columns = _chosen_columns(table, chosen)
    pair = (columns.p, columns.q)
    p, q = (vector(table, pair[i], columns.names, "PQ"[i], pair[1 - i]) for i in (0, 1))
    if len(table.numeric) > 2 or any(table.header) and not _named_p_and_q(table, columns):
        table.say(f"P is the column “{table.name(columns.p)}”, Q is “{table.name(columns.q)}”.")
    return _matched(kind, p, q, [table], columns=columns, same_rows=kind.shape == "vector")


def _labels(kind: Kind, table: Table) -> tuple[int, int] | None:
    """Two columns of labels that are numbers."""
    if not kind.counts or len(table.numeric) != 2:
        return None
    columns = _p_and_q(table)
    return columns if are_labels(table, columns) else None


def _named_p_and_q(table: Table, columns: Columns) -> bool:
    """Whether the columns' own names say which is which."""
    return table.header[columns.p].strip().lower() == "p" and table.header[columns.q].strip().lower() == "q"


def _chosen_columns(table: Table, chosen: Chosen) -> Columns:
    guess = guess_columns(table)
    places = {table.name(column): column for column in range(table.width)}
    pick = lambda name, other: places[name] if name in places else other
    return Columns(pick(chosen.p, guess.p), pick(chosen.q, guess.q), pick(chosen.names, guess.names))


def _vector_of(kind: Kind, table: Table | Array, who: str, value: str | None = None) -> Block:
    if isinstance(table, Array):
        block = array_block(table, who, one_vector=True)
        if block.values.shape[1] != 1:
            raise ValueError(
                f"{who} has {block.values.shape[0]} rows of {block.values.shape[1]} numbers; one row, or one column, is needed."
            )
        return block
    if len(table.positions) > 1:
        table.say(f"Of {len(table.positions):,} tokens with alternatives the first is read; “Rows of logits” reads them all.")
    table = one_line_as_column(table)
    if not table.numeric:
        refuse_meant_numbers(table, who)
        bad = next((cell for row in table.rows for cell in row if cell.strip()), "")
        if len(table.words) == 1 and (len(table.rows) > 2 or any(table.header)):
            return counted(table, table.words[0])
        raise ValueError(f"{who}, {table.place(0, 0)}: “{bad[:20]}” is no number.")
    if len(table.numeric) > 1 and not table.words and not any(table.header):
        raise ValueError(f"{who} has {len(table.rows)} rows of {len(table.numeric)} numbers; one row, or one column, is needed.")
    if kind.counts and len(table.numeric) == 1 and are_labels(table, (table.numeric[0],)):
        return counted_labels(table, table.numeric[0])
    column, names = guess_value(table)
    column = next((c for c in table.numeric if table.name(c) == value), column)
    if len(table.numeric) > 1:
        table.say(f"{who} is the column “{table.name(column)}”.")
    return vector(table, column, names if names != column else None, who)


def _matrices(kind: Kind, p: Table | Array, q: Table | Array) -> tuple[Block, Block]:
    if kind.shape == "matrix" and isinstance(p, Table) and isinstance(q, Table) and p.positions and q.positions:
        return rows_of_positions(p, q)
    return _matrix_of(kind, p, "P"), _matrix_of(kind, q, "Q")


def _matrix_of(kind: Kind, table: Table | Array, who: str) -> Block:
    if isinstance(table, Array):
        return array_block(of_bits(table) if kind.shape == "matrix" else table, who, one_vector=kind.shape == "points")
    if kind.shape == "matrix" and table.positions:
        raise ValueError(f"{who} is a server’s answer, and the other side is none: give two answers about the same text.")
    return matrix(one_line_as_column(table) if kind.shape == "points" else table, who)


def _matched(
    kind: Kind,
    p: Block,
    q: Block,
    tables: Sequence[Table | Array],
    notes: tuple[str, ...] = (),
    columns: Columns | None = None,
    same_rows: bool = False,
) -> Inputs:
    said = list(notes)
    if kind.shape == "vector" and (not same_rows or p.names == q.names):
        p, q, matched = match(p, q, kind.absent, kind.left_out)
        said += matched
    told = [table.decided[1] for table in tables if isinstance(table, Table) and table.numeric]
    told += [note for table in tables for note in table.notes]
    return Inputs(p, q, _once([*told, *said]), list(tables), columns)


def _once(notes: list[str]) -> list[str]:
    """Each note once: the same rule with another example, in P's text and in Q's, is one note."""
    rule = lambda note: note.split(":")[0] if " is read as " in note or " group thousands" in note else note
    return list({rule(note): note for note in reversed(notes) if note}.values())[::-1]
