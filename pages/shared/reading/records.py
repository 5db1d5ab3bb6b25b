"""Objects that may hold lists, before they are made a table or a log of tokens."""

from typing import Any

from .literals import read_literal
from .source import open_source


def read_records(data: bytes | str, name: str = "", *, who: str = "The text") -> tuple[list[dict], list[int], list[str]] | None:
    """Objects that may hold lists, of JSON, JSON lines or a file with nested columns: the objects, their lines, notes.

    None for a plain table.
    """
    source = open_source(data, name)
    if source.frame is not None:
        is_list = lambda cell: hasattr(cell, "__len__") and not isinstance(cell, str)
        if not any(source.frame[column].map(is_list).any() for column in source.frame.columns):
            return None
        records = [{str(key): cell for key, cell in row.items()} for row in source.frame.to_dict("records")]
        return records, [0] * len(records), source.notes
    if source.text is None or not source.text.lstrip().startswith(("{", "[")):
        return None
    found = read_literal(source.text, who)
    listed: Any = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        return None
    lines = [i for i, line in enumerate(source.text.split("\n"), 1) if line.strip()]
    return listed, lines if len(lines) == len(listed) else [0] * len(listed), source.notes
