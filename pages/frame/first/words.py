"""The words above a picture as HTML: emphasis, colours, tables, and formulas as the room that they take."""

import json
import re
from functools import cache
from html import escape, unescape
from pathlib import Path

_STRUTS = Path(__file__).with_name("formulas.json")
_NO_LETTERS = re.compile(r"\\(?:text|mathrm|textcolor\{\w+\}|mathbb|left|right|[,;!])|[{}_^\s]")
_COMMAND = re.compile(r"\\[a-zA-Z]+|\\.")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]+)`")
_COLOURED = re.compile(r":(blue|orange|green|violet|red|gray)\[([^\]]*)\]")
_LINK = re.compile(r"(?<!\w)\[([^\]]+)\]\([^)\s]+\)")
_FORMULA = re.compile(r"\$([^$]+)\$")
_HEADING = re.compile(r"(#{2,6}) (.+)")
_TABLE = re.compile(r"\|.*\|\n\|(?:[-:| ]+)\|(?:\n\|.*\|)*")
_MARKED = re.compile(r"\*\S[^*]*\*|[_~]|\]\(|:\w+[:\[/]")
"""Emphasis and icons, which are not written here. A star before a space is one."""


class Unknown(Exception):
    """Something stands above the picture of which it is not known how high it is."""


def paragraph(body: str) -> str:
    """Markdown of one paragraph, one heading, or one table."""
    heading = _HEADING.fullmatch(body)
    if heading:
        tag = f"h{len(heading[1])}"
        return f"<{tag}><span>{inline(heading[2])}</span></{tag}>"
    if _TABLE.fullmatch(body):
        return _table(body)
    if "\n" in body:
        raise Unknown
    return f"<p>{inline(body)}</p>"


def _table(body: str) -> str:
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in body.split("\n"))
    row = lambda cells, tag: f"<tr>{''.join(f'<{tag}>{inline(cell)}</{tag}>' for cell in cells)}</tr>"
    return f"<table><thead>{row(head, 'th')}</thead><tbody>{''.join(row(cells, 'td') for cells in rows)}</tbody></table>"


def inline(text: str) -> str:
    """Words, some of them bold, coloured, code or links, and formulas as the room that they take."""
    bare = _CODE.sub("", _FORMULA.sub("", text))
    for mark in (_COLOURED, _LINK, _BOLD):
        bare = mark.sub(lambda match: match[match.lastindex or 1], bare)
    if _MARKED.search(bare) or "`" in bare:
        raise Unknown(text)
    words = _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    words = _LINK.sub(r"<u>\1</u>", _COLOURED.sub(r'<span style="color: var(--st-\1-text-color, var(--st-\1-color))">\2</span>', words))
    words = _BOLD.sub(r"<strong>\1</strong>", words)
    return _FORMULA.sub(lambda formula: _room(unescape(formula[1])), words)


def _room(formula: str) -> str:
    """As high, deep and wide as KaTeX makes the formula, whose lines break between its parts; about as wide where it is not known."""
    letters = len(_COMMAND.sub("x", _NO_LETTERS.sub("", formula)))
    struts = "".join(
        f'<span class="base" style="width: {width}em">'
        f'<span class="strut" style="height: {height}em; vertical-align: {-depth}em"></span></span>'
        for height, depth, width in _struts().get(formula, [[1, 0.25, round(0.48 * letters, 2)]])
    )
    return f'<span class="katex"><span class="katex-html" aria-hidden="true">{struts}</span></span>'


@cache
def _struts() -> dict[str, list[list[float]]]:
    return json.loads(_STRUTS.read_text(encoding="utf-8"))
