"""Anything that was pasted or uploaded, as tables: the one reader of all pages."""

import itertools
import re

from .api import of_api
from .arrays import arrays_of_records
from .columns import P_NAMES, Q_NAMES
from .delimited import one_long_line, split_lines
from .frames import cell_text, of_frame, of_sheet
from .literals import Listed, is_literal, read_literal
from .nested import are_mean_and_covariance, is_flat, of_columns
from .settings import pairs_below_titles
from .source import Source, open_source
from .table import Array, Table, with_header

_SECTION = re.compile(r"^[ \t]*([^\W\d]\w*)[ \t]*[:=](?!=)[ \t]*", re.MULTILINE)
"""“P = ” or “Q: ” at a line's start."""
COMMAS = ("guess", "decimal", "thousands", "cells")
"""What commas are: guessed, decimal commas, between thousands, or between cells."""


def read_tables(
    data: bytes | str,
    name: str = "",
    *,
    who: str = "The text",
    commas: str = "guess",
    one_number_a_line: bool = False,
    sheet: str | None = None,
    encoding: str = "",
    **more,
) -> list[Table | Array]:
    """The tables in a file or text, mostly one; an `Array` for each array of .npy, .npz and .safetensors.

    who: how errors begin. commas: one of COMMAS. one_number_a_line: what "0,3" alone on each line is, if it is to be guessed.
    sheet: of a workbook, by name. encoding: of `encodings.ENCODINGS`, or "" to guess. more: fields of `Table`.

    ValueError with one sentence, the line and the column.
    """
    if commas not in COMMAS:
        raise ValueError(f"commas is {commas!r}; it is one of {', '.join(COMMAS)}")
    source = open_source(data, name, sheet, encoding)
    if source.arrays is not None:
        return [Array(title, values, list(source.notes)) for title, values in source.arrays.items()]
    more |= {"decimal": {"decimal": ",", "thousands": "."}.get(commas, "")}
    if source.sheets:
        tables = _of_workbook(source, who, sheet, **more)
    elif source.frame is not None:
        tables = _of_frame(source.frame, who, **more)
    else:
        tables = _of_text(source.text or "", who, None if commas == "cells" else one_number_a_line or bool(more["decimal"]), **more)
    for table in tables:
        table.notes[:0] = source.notes
        if isinstance(table, Table) and not table.rows:
            raise ValueError(f"{who} holds a header and no row below it.")
    return [*tables]


def _of_frame(frame, who: str, **more) -> list:
    if any(hasattr(cell, "__len__") and not isinstance(cell, str) for column in frame.columns for cell in frame[column].head(3)):
        return arrays_of_records(frame.to_dict("records"), who)
    return [of_frame(frame, who, **more)]


def _of_workbook(source: Source, who: str, chosen: str | None, **more) -> list[Table]:
    """The sheet that was chosen or has the first numbers; or two sheets, if their names say that they are P and Q."""
    titles = [title.strip().lower() for title in source.sheets]
    sides = [title for title in source.sheets if title.strip().lower() in P_NAMES | Q_NAMES]
    if chosen is None and len(sides) == 2 and any(one in P_NAMES for one in titles) and any(one in Q_NAMES for one in titles):
        tables = _titled([of_sheet(source.sheets[title], f"{who}, sheet “{title}”", **more) for title in sides], sides)
        source.notes.clear()
        return tables
    assert source.frame is not None
    return [of_sheet(source.frame, who, sheets=tuple(source.sheets), **more)]


def _of_text(text: str, who: str, one_number_a_line: bool | None, **more) -> list[Table]:
    if not text.strip():
        raise ValueError(f"{who} is empty.")
    text = _without_assignment(_without_session(text))
    pairs = pairs_below_titles(text)
    if pairs is not None:
        return _of_dict(pairs, who, **more)
    sections = _sections(text)
    if sections:
        return _of_sections(sections, who, one_number_a_line, **more)
    if is_literal(text):
        return of_object(read_literal(text, who), who, **more)
    cells = one_long_line(text) if one_number_a_line and not more.get("decimal") else None
    if cells is not None:
        line = text.count("\n", 0, len(text) - len(text.lstrip())) + 1
        return [Table([""], list(zip(cells)), [line] * len(cells), across=True, **more)]
    grid = split_lines(text, who, one_number_a_line)
    return [with_header(grid.rows, grid.lines, grid.separator, printed=grid.printed, notes=grid.notes, **more)]


def _without_session(text: str) -> str:
    """Without imports and comments above Python's code, and without the prompts of a session; every line stays where it is."""
    if "[" not in text or not re.search(r"(?m)^(?:import |from \w+ import |>>> |In \[\d+\]:|Out\[\d+\]:)", text):
        return text
    text = re.sub(r"(?m)^(?:import |from \w+ import |#).*$", "", text)
    text = re.sub(r"(?m)^(?:>>> |In \[\d+\]: ?)(?!\w+\s*=).*$", "", text)
    return re.sub(r"(?m)^(?:>>> |In \[\d+\]: ?|Out\[\d+\]: ?)", "", text)


def _without_assignment(text: str) -> str:
    """Without the “p =” before one list and the semicolon after it, and without the places that R prints before each line."""
    if not re.search(r"[\[{]|c\(", text):
        return text
    text = re.sub(r"(?m)^[ \t]*(?:const|let|var|double|float|auto)(?:\[\])?[ \t]+(?=\w+[ \t]*=)", "", text)
    text = re.sub(r"(?m)^([ \t]*[\w.]+)[ \t]*<-[ \t]*(?=c\(|\[)", r"\1 = ", text)
    text = re.sub(r"(?m)(?<=[\])}])[ \t]*;[ \t]*$", "", text)
    if "[" not in text:
        return text
    lines = [line for line in text.split("\n") if line.strip()]
    if all(re.match(r"\s*\[\d+\]\s", line) for line in lines):
        return re.sub(r"(?m)^\s*\[\d+\]\s+", "", text)
    titles = list(_SECTION.finditer(text))
    if len(titles) == 1 and titles[0].start() == 0 and "=" in titles[0][0] and is_literal(text[titles[0].end() :]):
        text = text[titles[0].end() :]
    return text


def _sections(text: str) -> list[tuple[str, str]]:
    """“P = …” and “Q = …” apart, each with the empty lines before it, so that lines keep their numbers."""
    titles = list(_SECTION.finditer(text))
    if len(titles) < 2 or text[: titles[0].start()].strip():
        return []
    ends = [one.start() for one in titles[1:]] + [len(text)]
    return [(one[1], "\n" * text.count("\n", 0, one.end()) + text[one.end() : end].rstrip()) for one, end in zip(titles, ends, strict=True)]


def _of_sections(sections: list[tuple[str, str]], who: str, one_number_a_line: bool | None, **more) -> list[Table]:
    if len(sections) > 2 or all(
        len(body.split()) == 1 and not is_literal(body) and not re.search(r"[,;]\S*[,;]", body) for _, body in sections
    ):
        rows = [[title, body.strip().rstrip(",;")] for title, body in sections]
        lines = [body.count("\n", 0, len(body) - len(body.lstrip())) + 1 for _, body in sections]
        return [Table(["name", "value"], rows, lines, ":", **more)]
    tables = []
    for title, body in sections:
        for table in _of_text(body, title, one_number_a_line, **more):
            table.title = title
            tables.append(table)
    return tables


def of_object(content: Listed | object, who: str, **more) -> list:
    """Tables of lists and dicts: records, columns, a dict of counts, pandas' split, lists of rows, a list."""
    if (sides := _two_answers(content, **more)) is not None:
        return sides
    if (api := of_api(content, **more)) is not None:
        return [api]
    if isinstance(content, Listed):
        return [_of_lists(content, who, **more)]
    if isinstance(content, dict) and isinstance(content.get("data"), list) and {"columns", "schema", "index"} & set(content):
        return _of_split(content, who, **more)
    if isinstance(content, dict):
        return _of_dict(content, who, **more)
    if isinstance(content, list | tuple | set | frozenset) and len(content):
        content = list(content)
        if all(isinstance(one, dict) for one in content):
            return tables_of_records(content, who, **more)
        if all(isinstance(one, list | tuple) for one in content):
            return [_of_rows(content, who, **more)]
        if not any(isinstance(one, list | tuple | dict) for one in content):
            return [_column("", content, **more)]
    raise ValueError(f"{who} holds neither a list of numbers nor rows, records or columns of them.")


def _two_answers(content: object, **more) -> list[Table] | None:
    """Two answers of a server in one text: two lines of JSON, or an object that calls them P and Q."""
    named = isinstance(content, dict) and len(content) == 2 and all(str(key).lower() in P_NAMES | Q_NAMES for key in content)
    if isinstance(content, dict) and named:
        titles, answers = [str(key) for key in content], list(content.values())
    elif (
        isinstance(content, list)
        and len(content) == 2
        and all(isinstance(one, dict) and {"choices", "outputs"} & set(one) for one in content)
    ):
        titles, answers = ["the first answer", "the second"], content
    else:
        return None
    tables = [table for answer in answers if (table := of_api(answer, **dict(more))) is not None]
    return _titled(tables, titles) if len(tables) == 2 else None


def _of_split(content: dict, who: str, **more) -> list[Table]:
    """What pandas writes with orient="split" or "table": the columns' names, the index and the cells apart."""
    data, index = content["data"], content.get("index")
    if "columns" not in content and not isinstance(index, list):
        return of_object(data, who, **more)
    columns = [str(one) for one in content["columns"]] if "columns" in content else [str(content.get("name") or "")]
    rows = [list(row) if isinstance(row, list) else [row] for row in data]
    if isinstance(index, list) and len(index) == len(rows) and index != list(range(len(rows))):
        columns, rows = (
            ["", *columns],
            [[" ".join(map(str, one)) if isinstance(one, list) else one, *row] for one, row in zip(index, rows, strict=True)],
        )
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"{who} names {len(columns)} columns, and a row of its data has another number of cells.")
    if not rows:
        raise ValueError(f"{who} holds no rows.")
    return [Table(columns, [[cell_text(cell) for cell in row] for row in rows], [0] * len(rows), **more)]


def _column(title: str, cells: list, **more) -> Table:
    return Table([title], [[cell_text(cell)] for cell in cells], [0] * len(cells), **more)


def _of_lists(listed: Listed, who: str, **more) -> Table:
    if not listed.rows or not listed.rows[0]:
        raise ValueError(f"{who} holds no numbers.")
    if listed.deep == 1:
        cells = listed.rows[0]
        if listed.edges:
            names = [f"[{low}, {high})" for low, high in itertools.pairwise(listed.edges)]
            notes = [f"Read as a histogram: {len(cells):,} counts between {len(listed.edges):,} edges."]
            return Table(
                ["name", "count"], [list(row) for row in zip(names, cells, strict=True)], listed.lines * len(cells), notes=notes, **more
            )
        return Table([""], [[cell] for cell in cells], listed.lines * len(cells), across=True, **more)
    for i, row in enumerate(listed.rows, 1):
        if len(row) != len(listed.rows[0]):
            raise ValueError(f"{who}, row {i} has {len(row)} numbers, the first row has {len(listed.rows[0])}.")
    return Table([""] * len(listed.rows[0]), listed.rows, listed.lines, listed=True, **more)


def tables_of_records(records: list[dict], who: str, **more) -> list:
    """One table of plain objects; of objects with lists in them an array for each field of lists, with a row for each object."""
    if not any(isinstance(one[key], list | dict) for one in records[:50] for key in one):
        return [of_records(records, who, **more)]
    return arrays_of_records(records, who)


def of_records(records: list[dict], who: str, **more) -> Table:
    """A row for each object, a column for each name that any of them has."""
    header = list(dict.fromkeys(key for one in records for key in one))
    rows = [[cell_text(one.get(key)) for key in header] for one in records]
    return Table([str(key) for key in header], rows, [0] * len(rows), **more)


def _of_dict(entries: dict, who: str, **more) -> list[Table]:
    values = list(entries.values())
    if not values:
        raise ValueError(f"{who} is an empty object.")
    if len(values) == 2 and are_mean_and_covariance(*values):
        return [_of_rows([values[0], *values[1]], who, **more)]
    if not any(isinstance(one, list | tuple | dict) for one in values):
        return [Table(["name", "value"], [[str(key), cell_text(one)] for key, one in entries.items()], [0] * len(entries), **more)]
    if len(values) == 1 and isinstance(values[0], dict | list) and not is_flat(values[0]):
        return of_object(values[0], who, **more)
    if all(isinstance(one, dict) and is_flat(one) for one in values) and (table := of_columns(entries, **more)) is not None:
        return [table]
    if all(isinstance(one, dict) for one in values):
        tables = [_of_dict(one, f"{who}, “{key}”", **dict(more))[0] for key, one in entries.items()]
        return _titled(tables, entries)
    listed = {key: one for key, one in entries.items() if isinstance(one, list | tuple) and one}
    if listed and len(listed) < len(entries) and (len(listed) == 1 or not any(isinstance(one, dict) for one in values)):
        tables = of_object(next(iter(listed.values())) if len(listed) == 1 else listed, who, **more)
        tables[0].say(f"{', '.join(f'“{key}”' for key in entries if key not in listed)[:80]} left out.")
        return tables
    if not all(isinstance(one, list | tuple) for one in values):
        raise ValueError(f"{who} mixes lists with single values; each name needs a list.")
    flat = not any(isinstance(cell, list | tuple | dict) for one in values for cell in one[:50])
    if flat and len({len(one) for one in values}) == 1:
        rows = [[cell_text(cell) for cell in row] for row in zip(*values, strict=True)]
        return [Table([str(key) for key in entries], rows, [0] * len(rows), **more)]
    tables = [of_object(list(one), f"{who}, “{key}”", **dict(more))[0] for key, one in entries.items()]
    return _titled(tables, entries)


def _titled(tables: list[Table], titles) -> list[Table]:
    for table, title in zip(tables, titles, strict=True):
        table.title = str(title)
    return tables


def _of_rows(rows: list, who: str, **more) -> Table:
    width = len(rows[0])
    for i, row in enumerate(rows, 1):
        if not isinstance(row, list | tuple) or len(row) != width:
            raise ValueError(f"{who}, row {i} does not have {width} entries as the first row has.")
        if any(isinstance(cell, list | tuple | dict) for cell in row):
            raise ValueError(f"{who} is a list of lists of lists; one list, or a list of rows, is needed.")
    return with_header([[cell_text(cell) for cell in row] for row in rows], [0] * len(rows), "", **more)
