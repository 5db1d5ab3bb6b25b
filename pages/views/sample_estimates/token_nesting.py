"""Objects whose log-probabilities lie deeper, as verl and OpenAI nest them; lists inside the cells of a table."""

import re

from ...shared.reading.literals import Listed, read_literal
from ...shared.reading.table import Table
from .token_names import MASKS, ROLES, guess_roles, plain

_KNOWN = {*MASKS, *(alias for aliases in ROLES.values() for alias in aliases)}
_REFERENCE = {"ref", "reference", "base", "sft"}


def unwrapped(records: list[dict], lines: list[int], notes: list[str]) -> tuple[list[dict], list[int]]:
    """The objects inside of one that holds a list of them, as {"step": 3, "samples": […]}, or a table's columns and rows apart."""
    out: list[dict] = []
    at: list[int] = []
    for record, line in zip(records, lines, strict=True):
        inner = _inside(record)
        out += [record] if inner is None else inner
        at += [line] * (1 if inner is None else len(inner))
    return out, at


def _inside(record: dict) -> list[dict] | None:
    data, columns = record.get("data"), record.get("columns")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return [dict(zip(map(str, columns), row, strict=True)) for row in data]
    if len(record) > 1 and all(isinstance(value, dict) and value and all(map(str.isdigit, map(str, value))) for value in record.values()):
        rows = list(dict.fromkeys(key for value in record.values() for key in value))
        return [{name: value.get(row) for name, value in record.items()} for row in rows]
    if set(guess_roles(list(record))) & {"policy", "reference", "sampler"} or {"choices", "outputs"} & set(record):
        return None
    if len(record) > 1 and all(
        isinstance(value, dict) and {"policy", "reference"} <= guess_roles(list(value)).keys() for value in record.values()
    ):
        return list(record.values())  # an object for each answer, by its number or name
    is_objects = lambda value: isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    listed = [name for name, value in record.items() if is_objects(value)]
    if len(listed) != 1:
        return None
    common = {name: value for name, value in record.items() if name != listed[0] and not isinstance(value, list | dict)}
    return [common | one for one in record[listed[0]]]


def lifted(records: list[dict], lines: list[int]) -> tuple[list[dict], list[int]]:
    """Each object with its fields at its top, and one object for each of several choices."""
    flat = [(one, line) for record, line in zip(records, lines, strict=True) for one in _by_request(_top(_with_lists(record)))]
    return [record for record, _ in flat], [line for _, line in flat]


def _top(record: dict) -> dict:
    """With what stands in verl's "batch", or in any other object that is no log-probability itself; the outer field wins."""
    inner: dict = {}
    for name, value in record.items():
        if isinstance(value, dict) and plain(name) not in _KNOWN and guess_roles([name]) == {}:
            fields = {"choices": value["choices"]} if "choices" in value else _top(value)
            if any(plain(key) in _KNOWN or key == "choices" for key in fields):
                reference = set(plain(name).split("_")) & _REFERENCE
                of_reference = lambda key, reference=reference: reference and key in ("choices", "output_token_logprobs")
                inner |= {f"ref_{key}" if of_reference(key) else key: one for key, one in fields.items()}
    return inner | record


def _with_lists(record: dict) -> dict:
    """With lists that were written as text, as a CSV inside of JSON has them, as lists."""
    known = lambda name: plain(name) in _KNOWN or bool(guess_roles([name]))
    is_text = lambda value: isinstance(value, str) and _is_list(value)
    return {name: _parsed(value, f"“{name}”") if is_text(value) and known(str(name)) else value for name, value in record.items()}


def _by_request(record: dict) -> list[dict]:
    """One object for each answer in a server's answer to a request."""
    return [one for answer in _by_output(record) for one in _by_choice(answer)]


def _by_output(record: dict) -> list[dict]:
    """vLLM's request: its "outputs" hold the answers' log-probabilities and ids; "ref_outputs" are the reference's."""
    outputs = record.get("outputs")
    if not (isinstance(outputs, list) and outputs and all(isinstance(one, dict) and one.get("logprobs") for one in outputs)):
        return [record]
    rest = {key: value for key, value in record.items() if key not in ("outputs", "ref_outputs", "prompt_logprobs")}
    answers = [rest | {"logprobs": one["logprobs"], "token_ids": one.get("token_ids")} for one in outputs]
    for answer, reference in zip(answers, record.get("ref_outputs") or [], strict=False):
        answer["ref_logprobs"] = reference.get("logprobs")
    return answers


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
