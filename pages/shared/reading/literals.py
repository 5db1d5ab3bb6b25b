"""Lists and objects as JSON has them, and as Python, NumPy, torch, JAX and pandas print them."""

import ast
import itertools
import json
import re
from typing import NamedTuple

_TYPE = r"(?:\w+\.)*(?:float|int|uint|bfloat)\d+_?"
_SCALAR = re.compile(rf"\b{_TYPE}\(([^()]*)\)")
"""NumPy 2 prints np.float64(0.25) inside of lists."""
_WORD = re.compile(r"""\b(?:\w+\.)*(?:str|bool)_?\(('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|True|False)\)""")
"""And np.str_('red') among the keys of a dict."""
_FRACTION = re.compile(r"(?<![\w./-])(-?\d+)\s*/\s*(\d*[1-9]\d*)(?![\w./])")
"""As Python computes it: [1/3, 2/3]."""
_NUMBER_TYPES = re.compile(r"""\b(?:Decimal\(\s*['"]([^'"]*)['"]\s*\)|Fraction\(\s*(-?\d+)\s*,\s*(\d+)\s*\))""")
"""Decimal('0.25') and Fraction(1, 4)."""
_SET_OF_NUMBERS = re.compile(r"\{[^{}:'\"]*\d[^{}:'\"]*\}")
"""Mathematica's list; as a Python set it would lose equal numbers."""
_R_VECTOR = re.compile(r"\bc\((\s*[`\"']?[\w. ]+[`\"']?\s*=[^()]*)\)")
"""R's named vector: c(red = 40, blue = 35)."""
_MADE_BY = re.compile(
    r"(?:Parameter containing:\s*)?\b(?:\w+\.)*(?:tensor|array|Tensor|Array|matrix|Counter|OrderedDict|deque|dict_values|c)\("
)
_DEFAULTDICT = re.compile(r"\bdefaultdict\(<[^>]*>,\s*")
_SERIES = re.compile(r",\s*(?:dtype|device|grad_fn|requires_grad|shape|weak_type)=(?:<[^<>]*>|'[^']*'|[\w.\[\]]+|\([^()]*\))")
_HALF_OPEN = re.compile(r"""["']?(?:\([^()\[\]]*\]|\[[^()\[\]]*\))["']?\s*[\t,;\s]""")
"""An interval at a line's start, which is a name and no list."""


_TENSORFLOW = re.compile(r"<tf\.\w[^<>]*?\bnumpy=(.*)>\s*\Z", re.DOTALL)
"""tf.Tensor and tf.Variable print their shape and type around an array."""


_VECTOR_AND_MATRIX = re.compile(r"\A(\s*)(\[[^\[\]]*\])\s*,?(\s*)\[((?:\s*\[[^\[\]]*\]\s*,?)+)\s*\]\s*\Z")
"""A mean and its covariance, printed one after the other."""


class Listed(NamedTuple):
    """rows: the cells of each innermost list. lines: where each begins. deep: 1 for a list, 2 for a list of lists.

    edges: of a histogram's bins, whose counts are the one row.
    """

    rows: list[list[str]]
    lines: list[int]
    deep: int
    edges: tuple[str, ...] = ()


def is_literal(text: str) -> bool:
    """Whether a text is a list or an object rather than lines of cells."""
    bare = text.strip()
    if _TENSORFLOW.match(bare):
        return True
    if not bare or _HALF_OPEN.match(bare):
        return False
    if bare[0] in "[{" or _MADE_BY.match(bare) or _DEFAULTDICT.match(bare) or _SCALAR.match(bare):
        return True
    return bare[0] == "(" and bare[-1] == ")"


def read_literal(text: str, who: str) -> Listed | object:
    """Lists of numbers as `Listed`, whose cells are still words; anything else as Python's own lists and dicts.

    ValueError with one sentence and the place.
    """
    objects = _json(text) if '"' in text else None
    if objects is not None:
        return objects
    cleaned = _without_makers(_as_lists(text))
    if not re.search(r"[\"'{]", cleaned):
        listed = _lists(cleaned, who)
        pair = listed.deep == len(listed.rows) == 2 and text.lstrip().startswith("(") and "[" in text
        return dict(zip("PQ", listed.rows, strict=True)) if pair else listed
    objects = _json_lines(cleaned, who)
    if objects is not None:
        return objects
    try:
        return json.loads(cleaned)
    except (json.JSONDecodeError, RecursionError) as problem:
        told = problem
    try:
        return ast.literal_eval(_as_python(cleaned.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass
    if isinstance(told, RecursionError):
        raise ValueError(f"{who} has lists in lists in lists without end.") from None
    raise ValueError(f"{who}, line {told.lineno}, column {told.colno}: this is no JSON and no Python list. {_plainly(told.msg)}.") from None


def _as_lists(text: str) -> str:
    """Numbers and lists of other languages as Python writes them."""
    text = _NUMBER_TYPES.sub(lambda told: told[1] if told[1] is not None else repr(int(told[2]) / int(told[3])), text)
    text = _R_VECTOR.sub(lambda told: "{" + re.sub(r"[`\"']?([\w. ]+?)[`\"']?\s*=", r'"\1":', told[1].strip()) + "}", text)
    return _SET_OF_NUMBERS.sub(lambda told: f"[{told[0][1:-1]}]", text) if "{" in text and ":" not in text else text


def _plainly(said: str) -> str:
    return {
        "Expecting value": "A value is missing here",
        "Expecting ',' delimiter": "A comma or a closing bracket is missing here",
        "Extra data": "The list ends before the text does",
    }.get(said, said)


def _without_makers(text: str) -> str:
    """Without what torch, NumPy and others print around their lists; every line stays where it is."""
    if inside := _TENSORFLOW.match(text.strip()):
        text = inside[1]
    if not re.search(r"\w\(", text):
        return text
    tuple_of_arrays = text.lstrip().startswith("(")
    text = _SERIES.sub("", _SCALAR.sub(r"\1", _WORD.sub(r"\1", text)))
    opened = len(_MADE_BY.findall(text)) + len(_DEFAULTDICT.findall(text))
    text = _DEFAULTDICT.sub("(", _MADE_BY.sub("(", text))
    if not opened or re.search(r"[\"'{]", text):
        return text
    if "[" in text and tuple_of_arrays and _lists_side_by_side(text) > 1:
        text = f"[{text}]"
    return text.replace("(", "").replace(")", "") if "[" in text else text.replace("(", "[").replace(")", "]")


def _lists_side_by_side(text: str) -> int:
    """How many brackets are open to no other."""
    depth, count = 0, 0
    for mark in re.finditer(r"[\[\]]", text):
        count += mark[0] == "[" and depth == 0
        depth += 1 if mark[0] == "[" else -1
    return count


def _as_python(text: str) -> str:
    """nan and inf are names in Python's prints; null, true and false in JSON's."""
    bare = lambda name: rf"(?<![\w'\"]){name}(?![\w'\"])"
    for name, said in (("nan|NaN|null", "None"), ("inf|Infinity", "1e999"), ("true", "True"), ("false", "False")):
        text = re.sub(bare(f"(?:{name})"), said, text)
    return text


def _json(text: str) -> object | None:
    """What a text of JSON holds, strings in it untouched; several objects one after the other, as jq writes them, as a list.

    None for any other text, and for plain lists of numbers.
    """
    decoder, at, values = json.JSONDecoder(), 0, []
    try:
        while (start := re.compile(r"[\s,]*").match(text, at).end()) < len(text):  # type: ignore[union-attr]
            value, at = decoder.raw_decode(text, start)
            values.append(value)
    except (json.JSONDecodeError, RecursionError):
        return None
    if len(values) > 1:
        return values if all(isinstance(value, dict) for value in values) else None
    return values[0] if values else None


def _json_lines(text: str, who: str) -> list | None:
    """Objects, one on each line, if that is what it is."""
    lines = [(i, line) for i, line in enumerate(text.splitlines() if "\x85" not in text else text.split("\n"), 1) if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith("{") for _, line in lines[:2]) or not lines[0][1].rstrip().endswith("}"):
        return None
    values = []
    for i, line in lines:
        try:
            values.append(json.loads(line))
        except json.JSONDecodeError as problem:
            raise ValueError(f"{who}, line {i}, column {problem.colno}: this is no JSON. {_plainly(problem.msg)}.") from None
    return values


def _lists(text: str, who: str) -> Listed:
    """The innermost brackets; JSON's own reader knows neither “1.” nor numbers that only spaces divide."""
    if "[" not in text or text.strip()[0] == "(":
        text = text.replace("(", "[").replace(")", "]")
    text = _VECTOR_AND_MATRIX.sub(r"\1[\2,\3\4]", text)
    if _lists_side_by_side(text) > 1 and not re.sub(r"\[[^\[\]]*\]|[,;\s]", "", text):
        text = f"[{text}]"
    if "/" in text:
        text = _FRACTION.sub(lambda found: repr(int(found[1]) / int(found[2])), text)
    deepest = _depth(text, who)
    if deepest > 2:
        raise ValueError(f"{who} is a list of lists of lists; one list, or a list of rows, is needed.")
    if deepest == 2 and re.sub(r"\[[^\[\]]*\]|[\[\],\s]", "", text):
        raise ValueError(f"{who} has numbers both inside and outside its inner brackets; every row needs brackets of its own.")
    rows, lines, before, line = [], [], 0, 1
    for row in re.finditer(r"\[([^\[\]]*)\]", text):
        line += text.count("\n", before, row.start())
        before = row.start()
        inner = row[1].strip().removesuffix(",").strip()
        if deepest == 1 and ";" in inner:
            return _matlab(inner, line)
        rows.append(re.split(r"\s*[,;]\s*|\s+", inner) if inner else [])
        lines.append(line)
    if deepest == 2 and len(rows) == 2 and _are_edges(rows[1], len(rows[0])):
        return Listed(rows[:1], lines[:1], 1, tuple(rows[1]))
    return Listed([row for row in rows if row or deepest == 1], lines, deepest)


def _matlab(inner: str, line: int) -> Listed:
    """“[0.1 0.2; 0.3 0.4]”: a semicolon ends a row."""
    parts = inner.split(";")
    rows = [[cell for cell in re.split(r"[\s,]+", part.strip()) if cell] for part in parts]
    lines = [line + inner.count("\n", 0, sum(map(len, parts[:i])) + i) for i in range(len(parts))]
    return Listed(rows if rows[-1] else rows[:-1], lines if rows[-1] else lines[:-1], 2)


def _are_edges(cells: list[str], counts: int) -> bool:
    """Whether a second list has the edges of a histogram's bins: one more than counts, and rising."""
    try:
        edges = [float(cell) for cell in cells]
    except ValueError:
        return False
    return len(edges) == counts + 1 > 1 and all(low < high for low, high in itertools.pairwise(edges))


def _depth(text: str, who: str) -> int:
    depth, deepest = 0, 0
    line = lambda at: text.count("\n", 0, at) + 1
    for mark in re.finditer(r"[\[\]]", text):
        depth += 1 if mark[0] == "[" else -1
        deepest = max(deepest, depth)
        if depth < 0 or depth == 0 and text[mark.end() :].strip():
            raise ValueError(f"{who}, line {line(mark.start())}: the list ends before the text does.")
    if depth:
        raise ValueError(f"{who}, line {line(len(text.rstrip()))}: the bracket “[” is not closed.")
    return deepest
