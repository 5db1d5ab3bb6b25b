"""Two answers of a server about one text, position by position: a row each, of the tokens that it lists there."""

from collections.abc import Sequence
from math import inf

import torch

from ...shared.reading.api import Position, shown
from ...shared.reading.columns import Block
from ...shared.reading.table import Table


def rows_of_positions(p: Table, q: Table) -> tuple[Block, Block]:
    """A row for each position, (positions, most tokens listed), −inf for a token that one side does not list and for the rest of a row.

    Up to the first position at which the two answers go on with another token: after it they stand in different contexts.
    ValueError for an answer without a number where one belongs.
    """
    count = min(len(p.positions), len(q.positions))
    drawn = [(a.drawn, b.drawn) for a, b in zip(p.positions, q.positions, strict=False)]
    last = next((i for i, (a, b) in enumerate(drawn) if a and b and a != b), None)
    if last is not None and last + 1 < max(len(p.positions), len(q.positions)):
        p.say(
            f"After position {last + 1} P goes on with “{shown(drawn[last][0]).strip('“”')}” and Q with "
            f"“{shown(drawn[last][1]).strip('“”')}”: what follows stands in different contexts and is left out."
        )
        count = last + 1
    elif len(p.positions) != len(q.positions):
        p.say(f"P has {len(p.positions):,} positions and Q has {len(q.positions):,}: the first {count:,} are compared.")
    p.say(f"{count:,} position{'s' if count > 1 else ''} with the tokens listed there, a row each; tokens are matched by name.")
    names = [list(dict.fromkeys([*a.tokens, *b.tokens])) for a, b in zip(p.positions[:count], q.positions[:count], strict=True)]
    rows = [shown(word) if word else str(i + 1) for i, (word, _) in enumerate(drawn[:count])]
    return _block(p.positions, names, rows, "P"), _block(q.positions, names, rows, "Q")


def _block(positions: Sequence[Position], names: list[list[str]], rows: list[str], who: str) -> Block:
    values = torch.full((len(names), max(map(len, names))), -inf, dtype=torch.float64)
    for i, listed in enumerate(names):
        for c, name in enumerate(listed):
            value = positions[i].tokens.get(name, -inf)
            if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
                raise ValueError(f"{who}, position {i + 1}: the log-probability of “{name}” is {value}, which is no number to compare.")
            values[i, c] = value
    where = lambda row, column: f"position {row + 1}, “{names[row][column]}”"
    return Block(values, [f"{i + 1} {row}" if not row.isdigit() else row for i, row in enumerate(rows)], where)
