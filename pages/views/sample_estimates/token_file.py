"""Token log-probabilities from a file or a text box: CSV or JSONL, checked line by line."""

import csv
import io
import json
from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor, tensor

MOST_TOKENS = 100_000
POLICY = ("policy", "log_p", "logprob", "logprobs_current", "logp")
REFERENCE = ("reference", "log_q", "ref", "logprobs_reference", "ref_logprob")
SEQUENCE = ("sequence", "id", "sample")
TOKEN = ("token", "text", "word")


@dataclass(frozen=True)
class Tokens:
    """log_p, log_q: (tokens,) in nats. sequence: (tokens,) numbers, the same within one. text: the tokens, or []."""

    log_p: Tensor
    log_q: Tensor
    sequence: Tensor
    text: list[str]


def read_tokens(text: str) -> Tokens:
    """The tokens in a text; ValueError with one sentence, the line and the column, when something is wrong.

    CSV: a header with `policy` and `reference`, and if there are any `sequence` and `token`; or no header and two
    columns. JSONL: an object a line with the same names; lists stand for one sequence a line.
    """
    text = text.strip("\ufeff \n\r\t")
    if not text:
        raise ValueError("There is nothing to read yet.")
    rows = _from_json(text) if text.startswith("{") else _from_csv(text)
    if not rows:
        raise ValueError("There is a header, and no token below it.")
    if len(rows) > MOST_TOKENS:
        raise ValueError(f"There are {len(rows):,} tokens; at most {MOST_TOKENS:,} can be read.")
    names: dict[str, int] = {}
    sequence = [names.setdefault(row[2], len(names)) for row in rows]
    words = [row[3] for row in rows]
    return Tokens(
        tensor([row[0] for row in rows], dtype=torch.float64),
        tensor([row[1] for row in rows], dtype=torch.float64),
        tensor(sequence),
        words if any(words) else [],
    )


Row = tuple[float, float, str, str]


def _from_csv(text: str) -> list[Row]:
    try:
        table = list(csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.splitlines()[0] else ","))
    except csv.Error as problem:
        raise ValueError(f"This is no CSV: {problem}.") from None
    head = [cell.strip().lower() for cell in table[0]]
    if _is_number(head[0]):
        if len(head) != 2:
            raise ValueError(f"Line 1 has {len(head)} columns; without a header there are two, policy and reference.")
        places, first = (0, 1, None, None), 0
    else:
        places, first = tuple(_column(head, known) for known in (POLICY, REFERENCE, SEQUENCE, TOKEN)), 1
        _need(places, head)
    rows = []
    for line, cells in enumerate(table[first:], first + 1):
        if not any(cell.strip() for cell in cells):
            continue
        get = lambda place: cells[place].strip() if place is not None and place < len(cells) else ""
        rows.append(
            (_log_prob(get(places[0]), line, places[0]), _log_prob(get(places[1]), line, places[1]), get(places[2]), get(places[3]))
        )
    return rows


def _column(head: list[str], known: tuple[str, ...]) -> int | None:
    return next((head.index(name) for name in known if name in head), None)


def _need(places: tuple, head: list[str]) -> None:
    for place, name in zip(places, ("policy", "reference"), strict=False):
        if place is None:
            raise ValueError(f"Line 1 names no column “{name}”; it names {', '.join(head)[:60]}.")


def _from_json(text: str) -> list[Row]:
    rows: list[Row] = []
    for line, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        try:
            found = json.loads(raw)
        except json.JSONDecodeError as problem:
            raise ValueError(f"Line {line}, column {problem.colno} is no JSON: {problem.msg}.") from None
        if not isinstance(found, dict):
            raise ValueError(f"Line {line} is no object with “policy” and “reference”.")
        rows += _rows_of(found, line)
    return rows


def _rows_of(found: dict, line: int) -> list[Row]:
    get = lambda known: next((found[name] for name in known if name in found), None)
    p, q = get(POLICY), get(REFERENCE)
    for value, name in ((p, "policy"), (q, "reference")):
        if value is None:
            raise ValueError(f"Line {line} has no “{name}”.")
    if not isinstance(p, list):
        name = get(SEQUENCE)
        return [(_log_prob(p, line, None), _log_prob(q, line, None), "" if name is None else str(name), str(get(TOKEN) or ""))]
    if not isinstance(q, list) or len(p) != len(q):
        raise ValueError(
            f"Line {line} has {len(p)} tokens under the policy and {len(q) if isinstance(q, list) else 1} under the reference."
        )
    words = get(TOKEN) if isinstance(get(TOKEN), list) and len(get(TOKEN)) == len(p) else [""] * len(p)
    return [
        (_log_prob(a, line, i), _log_prob(b, line, i), f"line {line}", str(word))
        for i, (a, b, word) in enumerate(zip(p, q, words, strict=True))
    ]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _log_prob(raw: object, line: int, column: int | None) -> float:
    where = f"Line {line}" + ("" if column is None else f", column {column + 1}")
    try:
        value = float(str(raw).strip().replace("−", "-"))
    except ValueError:
        raise ValueError(f"{where} is no number: “{str(raw)[:20]}”.") from None
    if not isfinite(value):
        raise ValueError(f"{where} is {raw}; a sampled token has a finite log-probability.")
    if value > 0:
        raise ValueError(f"{where} is {value:g}; a log-probability is at most 0. Are these probabilities?")
    return value
