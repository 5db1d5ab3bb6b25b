"""Lines of cells: which character divides them, what is quoted, which lines are no data."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from .even_rows import LONG, even_rows
from .numerals import is_missing, looks_like_a_number
from .quotes import with_plain_quotes
from .surroundings import without_surroundings

csv.field_size_limit(2**31 - 1)
_LOOKED_AT = 200
"""Lines from which the separator is decided."""
_COMMA_NUMBER = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?%?")
_FOOTER = re.compile(r"(?:Name: .*, )?(?:Length: \d+, )?dtype: \w+|\[\d+ rows x \d+ columns\]|\(\d+ rows?\)|\d+ rows? in set.*")
_RULE = re.compile(r"[\s|+]*(?::?[-=]{2,}:?[\s|+]*)+")
"""Between a header and its rows in Markdown and reStructuredText, and around tables that databases print."""
_UNDERLINES = re.compile(r"\s*(?:[-=]{2,}\s+)+[-=]{2,}\s*")
"""Below the names of columns, with a line of its own for each."""
_COUNT_BEFORE_NAME = re.compile(r"\s*(\d+) (?!\s*[-+]?[\d.,]+%?\s*$)(\S.*)")
"""A line of `uniq -c`."""
_INTERVAL = re.compile(r"^\s*[(\[]\s*[-+\w.]+,\s*[-+\w.]+\s*[)\]]")
"""A name at a line's start, whose comma divides nothing."""


class Grid(NamedTuple):
    """rows: of stripped cells, all of one length. lines: where each stands in the text. separator: "\\n" where there is none.

    printed: below a table that pandas printed.
    """

    rows: Sequence[Sequence[str]]
    lines: list[int]
    separator: str
    notes: list[str]
    printed: bool = False


def split_lines(text: str, who: str, one_number_a_line: bool | None) -> Grid:
    """Cells of a text. one_number_a_line: "0,3" alone on every line is a decimal comma, not two cells; None: commas divide cells.

    ValueError with one sentence, the line in it, where lines have unequal numbers of cells.
    """
    plain = _one_number_on_each_line(text)
    if plain is not None:
        return plain
    text = text.replace("\r\n", "\n")
    even = _long_and_even(text, one_number_a_line) if len(text) > LONG else None
    if even is not None:
        return even
    lines = [(i, line.rstrip("\n")) for i, line in enumerate(io.StringIO(text, newline=None), 1) if line.strip(" \r\n\xa0")]
    printed = bool(lines) and bool(_FOOTER.fullmatch(lines[-1][1].strip()))
    lines, notes, separator = _without_frills(with_plain_quotes(lines))
    if not lines:
        raise ValueError(f"{who} is empty.")
    counted = None if separator else _counts_before_names(lines)
    if counted is not None:
        return Grid(counted, [i for i, _ in lines], " ", [*notes, "Each line is read as a count and its name."])
    separator = separator or _separator([line for _, line in lines[:_LOOKED_AT]], one_number_a_line)
    rows, at, note = _cells(lines, separator)
    notes += [note] if note else []
    return _even(rows, at, separator, notes, who)._replace(printed=printed)


def _one_number_on_each_line(text: str) -> Grid | None:
    """150,000 plain numbers below each other need none of the questions that follow."""
    body = text.rstrip("\r\n")
    cells = body.split("\n")
    if len(cells) < 2 or re.search(r"[^\d.eE+\-\n]|\n\n", body) or not cells[0]:
        return None
    return Grid(list(zip(cells)), list(range(1, len(cells) + 1)), "\n", [])


def _long_and_even(text: str, one_number_a_line: bool | None) -> Grid | None:
    """The same without a look at every line, where none of them can be anything but a row."""
    head, last = text[:LONG].split("\n")[:_LOOKED_AT], text.rstrip("\n").rpartition("\n")[2]
    if len(head) < 3 or _FOOTER.fullmatch(last.strip()):
        return None
    separator = _separator(head[:-1], one_number_a_line)
    rows = even_rows(text, separator)
    return None if rows is None else Grid(rows, list(range(1, len(rows) + 1)), separator, [])


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LONG_LINE = re.compile(rf"{_NUMBER}(?P<mark>, |,|; |;|\t| ){_NUMBER}(?:(?P=mark){_NUMBER})*")
_LONG = 20_000
"""Letters of a line that is too long to be asked which convention its numbers follow."""


def one_long_line(text: str) -> list[str] | None:
    """The numbers of a text that is one long line of them, with the same mark between all."""
    line = text.strip()
    found = _LONG_LINE.fullmatch(line) if len(line) > _LONG else None
    return line.split(found["mark"]) if found else None


def _without_frills(lines: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], list[str], str]:
    """Without comment lines at the top, Excel's "sep=;", what pandas prints below a table, and the rules of Markdown."""
    notes, separator = [], ""
    if lines and (told := re.fullmatch(r'"?sep=(.)"?', lines[0][1].strip(), re.IGNORECASE)):
        separator, lines = told[1], lines[1:]
    comments = 0
    while comments < len(lines) - 1 and re.match(r"\s*#(\s|$|.*[a-zA-Z])", lines[comments][1]) and not _is_data(lines[comments][1]):
        comments += 1
    if comments:
        notes.append(f"{comments} comment line{'s' if comments > 1 else ''} at the top left out.")
        lines = lines[comments:]
    while len(lines) > 1 and _FOOTER.fullmatch(lines[-1][1].strip()):
        lines = lines[:-1]
    lines = _without_name_of_index([(i, line) for i, line in lines if not _UNDERLINES.fullmatch(line)])
    cells = [(i, line.strip().strip("|")) for i, line in lines if not _RULE.fullmatch(line)]
    if len(cells) > 1 and all("|" in line for _, line in lines if not _RULE.fullmatch(line)):
        lines, separator = cells, separator or "|"
    return lines, notes, separator


def _without_name_of_index(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """A frame with a named index prints that name on a line below the header, which begins with spaces."""
    if len(lines) < 3 or not re.match(r" {2,}\S", lines[0][1]) or not re.fullmatch(r"\S+( \S+)* *", lines[1][1]):
        return lines
    below = [re.split(r"\s{2,}", line.strip()) for _, line in lines[2:4]]
    return [(lines[1][0], lines[0][1]), *lines[2:]] if all(len(row) > 1 and looks_like_a_number(row[-1]) for row in below) else lines


def _counts_before_names(lines: list[tuple[int, str]]) -> list[list[str]] | None:
    """Names and counts, if each line is a count and a name of its own."""
    told = [_COUNT_BEFORE_NAME.fullmatch(line.rstrip()) for _, line in lines]
    rows = [[one[2].strip(), one[1]] for one in told if one is not None]
    alone = len(rows) == len(lines) > 1 and len({name for name, _ in rows}) == len(rows)
    return rows if alone and not any(re.search(r"[\t;,|]", name) for name, _ in rows) else None


def _is_data(line: str) -> bool:
    """A line that begins with "#" as a token or a name, and has numbers after it."""
    cells = re.split(r"[\t,;]", line)
    return len(cells) > 1 and looks_like_a_number(cells[-1])


def _separator(lines: list[str], one_number_a_line: bool | None) -> str:
    bare = [_INTERVAL.sub("()", re.sub(r'"[^"]*"', '""', line)) for line in lines]
    for mark in "\t;":
        if sum(mark in line for line in bare) >= max(1, len(bare) / 2):
            return mark
    for mark in "^~":
        if _divides_all(bare, mark):
            return mark
    if any("," in line for line in bare):
        body = bare if any(char.isdigit() for char in bare[0]) else bare[1:]
        words = [line.split() for line in body]
        commas = [word for row in words for word in row if "," in word]
        if one_number_a_line is not None and _commas_and_spaces(words):
            return ", "
        numbers = all(_COMMA_NUMBER.fullmatch(word) or looks_like_a_number(word) for row in words for word in row)
        alone = all(len(row) == 1 for row in words)
        if one_number_a_line is not None and commas and numbers and all(_COMMA_NUMBER.fullmatch(word) for word in commas):
            if not alone:
                return " "
            if len(body) > 1 and "," not in (bare[0] if len(body) < len(bare) else ""):
                starts = {word.lstrip("+-").split(",")[0] for word in commas}
                if one_number_a_line or starts <= {"0", ""} or len(commas) < len(body):
                    return "\n"
        if sum("," in line for line in bare) >= len(bare) / 2:
            return ","
    return _spaces(bare)


def _divides_all(lines: list[str], mark: str) -> bool:
    """Whether a mark that is rare as a separator stands in every line as often, and before a number in all but the first."""
    cells = [line.split(mark) for line in lines]
    numbers = [looks_like_a_number(row[-1]) or is_missing(row[-1]) for row in (cells[1:] or cells)]
    return len(cells[0]) > 1 and {len(row) for row in cells} == {len(cells[0])} and all(numbers)


def _commas_and_spaces(words: list[list[str]]) -> bool:
    """“0,3, 0,5, 1,25”: a comma before a space divides numbers, one inside of a number is decimal."""
    ended = all(word.endswith(",") for row in words for word in row[:-1])
    bare = [word.removesuffix(",") for row in words for word in row]
    good = all(_COMMA_NUMBER.fullmatch(word) or looks_like_a_number(word) for word in bare)
    return ended and good and any("," in word for word in bare) and any(len(row) > 1 for row in words)


def _spaces(lines: list[str]) -> str:
    """Two spaces or more, any spaces, or no separator: names may hold single spaces."""
    body = lines if any(char.isdigit() for char in lines[0]) else lines[1:] or lines
    for mark, form in (("  ", r"\s{2,}"), (" ", r"\s+")):
        rows = [re.split(form, line.strip()) for line in body]
        widths = Counter(map(len, rows))
        numeric = sum(len(row) > 1 and all(looks_like_a_number(cell) or is_missing(cell) for cell in row[1:]) for row in rows)
        if len(widths) == 1 and numeric >= len(rows) / 2:
            return mark
    if all(all(looks_like_a_number(cell) for cell in line.split()) for line in body):
        return " "
    if _numbers_after_words(body) > 0:
        return "words "
    first = [line.split() for line in body]
    return " " if any(sum(map(looks_like_a_number, row)) > 1 for row in first) else "\n"


def _numbers_after_words(lines: list[str]) -> int:
    """How many numbers each line ends with after a name of one word or more: as many in all, and some name has more words; or 0."""
    cells = [line.split() for line in lines]
    counts = {len(row) - max((i + 1 for i, cell in enumerate(row) if not looks_like_a_number(cell)), default=0) for row in cells}
    named = all(not looks_like_a_number(row[0]) for row in cells) and len({len(row) for row in cells}) > 1
    return counts.pop() if len(counts) == 1 and named else 0


def _cells(lines: list[tuple[int, str]], separator: str) -> tuple[list[list[str]], list[int], str]:
    at = [i for i, _ in lines]
    if separator == "\n":
        return [[_unquoted(line)] for _, line in lines], at, ""
    if separator == "words ":
        count = max(1, _numbers_after_words([line for _, line in lines if any(map(looks_like_a_number, line.split()[1:]))]))
        return [[_unquoted(cell) for cell in line.rsplit(maxsplit=count)] for _, line in lines], at, ""
    if separator in (" ", "  ", ", "):
        form = re.compile({" ": r"\s+", "  ": r"\s{2,}", ", ": r",(?:\s+|$)"}[separator])
        rows = [[_unquoted(cell) for cell in form.split(line.strip())] for _, line in lines]
        if len(rows) == 2 and len(rows[0]) < len(rows[1]) == len(lines[0][1].split()) and all(map(looks_like_a_number, rows[1])):
            rows[0] = lines[0][1].split()  # R prints a table as a line of names above one of counts
        return rows, at, ""
    plain = [line.split(separator) for _, line in lines]
    if not any('"' in line for _, line in lines):
        return [[cell.strip() for cell in row] for row in plain], at, ""
    quoted, starts = _by_quotes(lines, separator)
    spans = len(quoted) < len(plain)
    if _is_even(quoted) and not (spans and _is_even(plain) and len(plain[0]) > 1) or not _is_even(plain):
        return [[cell.strip() if cell.strip() else cell.strip(" ") for cell in row] for row in quoted], starts, ""
    return [[cell.strip() for cell in row] for row in plain], at, "Quotation marks are read as characters, since they do not pair up."


def _by_quotes(lines: list[tuple[int, str]], separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader((line + "\n" for _, line in lines), delimiter=separator, skipinitialspace=separator != "\t")
    rows, starts, before = [], [], 0
    for row in reader:
        rows.append(row)
        starts.append(lines[before][0])
        before = reader.line_num
    return rows, starts


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1] if len(cell) > 2 and cell[0] == cell[-1] and cell[0] in "\"'" else cell


def _is_even(rows: list[list[str]]) -> bool:
    """Whether all rows are as long, an empty cell at the end aside; a header may lack the name of the index."""
    lengths = {len(row) - (not row[-1].strip()) if len(row) > 1 else len(row) for row in rows[1:]}
    return len(lengths) < 2


def _even(rows: list[list[str]], at: list[int], separator: str, notes: list[str], who: str) -> Grid:
    """Rows of one length; empty rows and empty cells that all rows end with are left out."""
    full = [(row, i) for row, i in zip(rows, at, strict=True) if any(cell for cell in row)]
    if len(full) < len(rows):
        left = len(rows) - len(full)
        notes = [*notes, f"{left} row{'s' if left > 1 else ''} of empty cells left out."]
    if not full:
        raise ValueError(f"{who} is empty.")
    every, at, left_out = without_surroundings([row for row, _ in full], [i for _, i in full])
    rows, notes = [list(row) for row in every], [*notes, *left_out]
    width = _width(rows)
    if len(rows) > 1 and _filled(rows[0]) == width - 1 == len(rows[0]) and all(len(row) >= width for row in rows[1:]):
        rows = [["", *rows[0]], *rows[1:]]  # the header names no index
    for row, line in zip(rows, at, strict=True):
        if len(row) < width or _filled(row) > width:
            count = len(row) if len(row) < width else _filled(row)
            other = "the first line has" if row is not rows[0] and len(rows[0]) >= width >= _filled(rows[0]) else "the others have"
            raise ValueError(f"{who}, line {line} has {count} cell{'s' if count > 1 else ''} and {other} {width}; each needs as many.")
    return Grid([row[:width] for row in rows], at, separator, notes)


def _width(rows: list[list[str]]) -> int:
    """How many cells most rows have; of two numbers as frequent, the one that the first row has, else the larger."""
    widths = Counter(map(_filled, rows))
    if all(len(row) >= max(widths) for row in rows):  # some end with empty cells
        return max(widths)
    return max(widths, key=lambda width: (widths[width], width == _filled(rows[0]), width))


def _filled(row: list[str]) -> int:
    """How many cells there are up to the last that is not empty."""
    return next((i for i in range(len(row), 0, -1) if row[i - 1]), 0)
