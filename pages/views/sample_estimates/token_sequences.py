"""Which tokens of a log are one answer, and the reward and the step of each answer."""

from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

from ...shared.reading.table import Table
from .token_names import second_name
from .token_records import Rows

PER_TOKEN = "token_level"
"""In the name of a reward that each token has for itself."""


def names_of_columns(table: Table) -> list[str]:
    """Of a table without a header: its words are the tokens."""
    token = table.words[0] if table.words else None
    return ["token" if c == token else f"column {c + 1}" for c in range(table.width)]


def sequences_of_table(table: Table, header: list[str], roles: dict[str, str], notes: list[str]) -> list[str]:
    """The name of each line's sequence: of one column, of two together, or by the empty lines between; [] where nothing tells."""
    if "sequence" not in roles:
        return [] if {"step", "reward"} & set(roles) else _by_empty_lines(table, notes)
    cells = table.cells(header.index(roles["sequence"]))
    if any(not cell.strip() for cell in cells) and cells[0].strip():
        notes.append(f"An empty “{roles['sequence']}” is the one above it.")
        cells = [cells[i] for i in accumulate((i if cell.strip() else 0 for i, cell in enumerate(cells)), max)]
    second = second_name(header, roles)
    if second is None:
        return cells
    notes.append(f"A sequence is “{roles['sequence']}” and “{second}” together.")
    return [f"{one} {other}" for one, other in zip(cells, table.cells(header.index(second)), strict=True)]


def _by_empty_lines(table: Table, notes: list[str]) -> list[str]:
    ends = [line + sum(cell.count("\n") for cell in row) for line, row in zip(table.lines, table.rows, strict=True)]
    begins = [0] + [int(line > end + 1) for end, line in zip(ends[:-1], table.lines[1:], strict=True)]
    if not any(begins):
        return []
    notes.append(f"Empty lines divide the tokens into {sum(begins) + 1:,} sequences.")
    return [str(number) for number in accumulate(begins)]


def name_sequences(rows: Rows, roles: dict[str, str], masked: bool, notes: list[str]) -> None:
    """Makes the names in rows.sequence those of answers: a step and an id together, since ids begin again at each step.

    Lines with a reward and nothing that tells tokens (no token, id or mask) are answers, a line each.
    """
    named = any(rows.sequence)
    per_line = "reward" in roles and PER_TOKEN not in roles["reward"] and not masked and not any(rows.token)
    if not named and per_line and len(rows.policy) > 1:
        rows.sequence = [str(i) for i in range(len(rows.policy))]
        notes.append("Each line has a reward and names no token or sequence: it is read as one answer, its log-probabilities as sums.")
        return
    steps = np.asarray(rows.step, dtype=float)
    if len(np.unique(steps[~np.isnan(steps)])) < 2:
        return
    labels = rows.sequence or [""] * len(steps)
    names = [f"{step:g} {label}" for step, label in zip(steps.tolist(), labels, strict=True)]
    if not named:
        notes.append("No field names the sequences: the tokens of one step are read as one sequence.")
    elif len(set(names)) > len(set(labels)):
        notes.append("A sequence name comes back at another step: a sequence is a step and a name together.")
    rows.sequence = names


def step_of_each(step: Tensor | None, sequence: Tensor, notes: list[str]) -> Tensor | None:
    """The step of each sequence, the same for all its tokens; None, and said, where some tokens have none."""
    if step is None:
        return None
    if bool(step.isnan().any()):
        notes.append(f"{int(step.isnan().sum()):,} of {len(step):,} tokens have no step: steps are not used.")
        return None
    return torch.empty(int(sequence.max()) + 1, dtype=step.dtype).scatter_(0, sequence, step)


def reward_of_each(value: Tensor | None, sequence: Tensor, notes: list[str]) -> Tensor | None:
    """The reward of each sequence: what its tokens say, or, where they differ, their sum, as of rewards per token; None, and said,
    where a sequence has none."""
    if value is None:
        return None
    given = ~value.isnan()
    said = torch.bincount(sequence[given], minlength=int(sequence.max()) + 1)
    if bool((said == 0).any()):
        notes.append(f"{int((said == 0).sum()):,} of {len(said):,} sequences have no reward: rewards are not used.")
        return None
    value, sequence = value[given], sequence[given]
    sums = torch.zeros(len(said), dtype=value.dtype).index_add_(0, sequence, value)
    mean = sums / said
    same = bool((value - mean[sequence]).abs().max() <= 1e-9 * value.abs().max().clamp(min=1e-300))
    return mean if same else sums
