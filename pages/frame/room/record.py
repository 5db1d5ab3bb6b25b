"""One page to keep after a lesson: what was asked, what the class said, and what is true. No names, because none were asked for."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from html import escape

from .rules import Question, Said

Record = Sequence[tuple[Question, Counter[Said]]]
_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 0.25rem 0.6rem 0.25rem 0; border-top: 1px solid #8886; }
td.bar { width: 40%; }
td.bar div { height: 0.9rem; background: #6d28d9; }
tr.true td:first-child { font-weight: 700; }
"""


def _named(question: Question, value: Said) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{name} = {number:.3g}" for name, number in zip(question.names, value, strict=True))
    return question.options[int(value)] if question.kind == "choice" else f"{value:g} {question.unit}".strip()


def _rows(question: Question, tally: Counter[Said]) -> list[tuple[str, int, bool]]:
    """Answer, how many gave it, whether it is true. Options that nobody chose are there too."""
    values = [float(i) for i in range(len(question.options))] if question.kind == "choice" else sorted(tally)
    return [(_named(question, value), tally[value], value == question.truth) for value in values]


def _truth(question: Question) -> str:
    return "" if question.truth is None else _named(question, question.truth)


def record_csv(record: Record) -> str:
    """A row per question and answer. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["question", "asked", "answer", "count", "true answer"])
    for number, (question, tally) in enumerate(record, start=1):
        for answer, count, _ in _rows(question, tally):
            table.writerow([number, _harmless(question.ask), _harmless(answer), count, _harmless(_truth(question))])
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "@", "\t", "\r"} else text


def record_html(record: Record) -> str:
    sections = "".join(_section(number, question, tally) for number, (question, tally) in enumerate(record, start=1))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the class answered</title><style>{_STYLE}</style></head>
<body><h1>What the class answered</h1>{sections or "<p>Nothing was asked.</p>"}</body></html>
"""


def _section(number: int, question: Question, tally: Counter[Said]) -> str:
    everybody = tally.total()
    rows = "".join(
        f"<tr{' class=true' if true else ''}><td>{escape(answer)}{' (true)' if true else ''}</td><td>{count}</td>"
        f'<td class="bar"><div style="width: {100 * count / max(everybody, 1):.1f}%"></div></td></tr>'
        for answer, count, true in _rows(question, tally)
    )
    truth = f"<p>True: {escape(_truth(question))}</p>" if question.truth is not None else ""
    did = "".join(f"<p>{count} of {everybody} {escape(words)}.</p>" for words, count in question.camps)
    why = f"<p>{escape(question.why)}</p>" if question.why else ""
    return (
        f"<h2>{number}. {escape(question.ask)}</h2><p>{everybody} answer{'s' if everybody != 1 else ''}</p>"
        f"<table><tr><th>Answer</th><th>Count</th><th></th></tr>{rows}</table>{truth}{did}{why}"
    )
