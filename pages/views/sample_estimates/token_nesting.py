"""Objects whose log-probabilities lie deeper, as verl and OpenAI nest them; lists inside the cells of a table."""

import re

from ...shared.reading.literals import Listed, read_literal
from ...shared.reading.table import Table
from .token_names import MASKS, ROLES, guess_roles, plain

_KNOWN = {*MASKS, *(alias for aliases in ROLES.values() for alias in aliases)}
_REFERENCE = {"ref", "reference", "base", "sft"}


def lifted(records: list[dict], lines: list[int]) -> tuple[list[dict], list[int]]:
    """Each object with its fields at its top, and one object for each of several choices."""
    flat = [(one, line) for record, line in zip(records, lines, strict=True) for one in _by_choice(_top(record))]
    return [record for record, _ in flat], [line for _, line in flat]


def _top(record: dict) -> dict:
    """With what stands in verl's "batch", or in any other object that is no log-probability itself; the outer field wins."""
    inner: dict = {}
    for name, value in record.items():
        if isinstance(value, dict) and plain(name) not in _KNOWN and guess_roles([name]) == {}:
            fields = {"choices": value["choices"]} if "choices" in value else _top(value)
            if any(plain(key) in _KNOWN or key == "choices" for key in fields):
                reference = set(plain(name).split("_")) & _REFERENCE
                inner |= {f"ref_{key}" if key == "choices" and reference else key: one for key, one in fields.items()}
    return inner | record


def _by_choice(record: dict) -> list[dict]:
    """OpenAI's answers: the "choices" are the policy's log-probabilities, one object each; "ref_choices" are the reference's."""
    for field, name in (("choices", "logprobs"), ("ref_choices", "ref_logprobs")):
        if not isinstance(record.get(field), list) or name in record or not record[field]:
            continue
        choices = record[field]
        rest = {key: value for key, value in record.items() if key != field}
        if any(isinstance(choice, dict) and choice.get("logprobs") is None for choice in choices):
            raise ValueError(f"“{field}” holds an answer without log-probabilities: ask the server for them (logprobs=True).")
        several = len(choices) > 1
        part = lambda value, i: value[i] if several and isinstance(value, list) and len(value) == len(choices) else value
        parts = [{name: {"choices": [choice]}} | {key: part(value, i) for key, value in rest.items()} for i, choice in enumerate(choices)]
        return [one for part_of in parts for one in _by_choice(part_of)]
    return [record]


def records_of_cells(table: Table) -> list[dict] | None:
    """An object for each row where cells hold lists, as pandas writes a nested dump to CSV; None for plain cells."""
    if not any(_is_list(cell) for row in table.rows[:5] for cell in row):
        return None
    if not any(table.header) and len(table.rows) > 1 and not any(map(_is_list, table.rows[0])):
        table.header, table.rows, table.lines = list(table.rows[0]), table.rows[1:], table.lines[1:]
    header = table.header if any(table.header) else ["policy", "reference"][: table.width]
    names = [name or f"column {i + 1}" for i, name in enumerate(header)]
    names += [f"column {i + 1}" for i in range(len(names), table.width)]
    return [
        {name: _parsed(cell, f"Line {line}, “{name}”") for name, cell in zip(names, row, strict=True) if cell.strip()}
        for row, line in zip(table.rows, table.lines, strict=True)
    ]


def _is_list(cell: str) -> bool:
    return re.fullmatch(r"\s*(\[.*\]|\{.*\}|(array|tensor)\(.*\))\s*", cell, re.DOTALL) is not None


def _parsed(cell: str, where: str) -> object:
    if not _is_list(cell):
        return cell
    content = read_literal(cell, where)
    if not isinstance(content, Listed):
        return content
    return content.rows if content.deep > 1 else content.rows[0]
