"""A run's report to take along: one HTML page without scripts, and the program that prints every number of it."""

from html import escape

from kl_core.estimates.run_report import GroupedKL
from kl_core.estimates.token_kl import worst_tokens

from ...shared.style import Unit, number
from .run_report import Report, decision, mismatch_words, why_believe
from .run_words import brief
from .token_file import Tokens

WORST = 6
"""Tokens that are shown in their text."""
AROUND = 8
"""Tokens on either side of one."""
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:right}td:first-child,th:first-child{text-align:left}
.bar{display:inline-block;height:.7em;background:#2348d6}.box{border:2px solid #6b21d8;border-radius:8px;padding:1rem}
pre{background:#f4f4f6;padding:1rem;overflow:auto}mark{padding:0 .1em;border-radius:3px}"""


def shaded(tokens: Tokens, report: Report, number_shown: int = WORST) -> list[str]:
    """The worst tokens by k3, each once and in its text, as HTML: the darker, the further from the reference."""
    size = report.value.abs().nan_to_num(posinf=1e9)
    top = float(size.max()) or 1.0
    lines = []
    seen = set()
    for at in worst_tokens(tokens.log_p, tokens.log_q, 20 * number_shown).tolist():
        kind = (tokens.text[at], float(tokens.log_p[at]), float(tokens.log_q[at]))
        if kind in seen or len(lines) == number_shown:
            continue
        seen.add(kind)
        words = []
        for i in range(max(0, at - AROUND), min(len(tokens.text), at + AROUND + 1)):
            if int(tokens.sequence[i]) == int(tokens.sequence[at]):
                depth = min(float(size[i]) / top, 1.0)
                word = escape(tokens.text[i].strip() or "·")
                words.append(f'<mark style="background:rgba(235,170,40,{0.85 * depth:.2f});color:inherit">{word}</mark>')
        gap = f"log π = {number(float(tokens.log_p[at]))}, log π_ref = {number(float(tokens.log_q[at]))}"
        lines.append(f"{' '.join(words)} <small>({gap})</small>")
    return lines


def estimates_rows(report: Report, unit: Unit) -> list[list[str]]:
    """A row per kind of mean: its name, then k1, k2 and k3 with their 95 % intervals."""
    cell = lambda one: brief(one.mean * unit.per_nat) + (f" ± {brief(1.96 * one.error * unit.per_nat)}" if one.error == one.error else "")
    kinds = (("KL per token", report.by.per_token), ("KL per answer", report.by.per_sequence))
    return [[name, *(cell(estimate) for estimate in means.values())] for name, means in kinds]


def report_html(tokens: Tokens, report: Report, beta: float | None, unit: Unit, code: str) -> str:
    """The whole report as one page that needs nothing else."""
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in estimates_rows(report, unit))
    strong = lambda text: escape(text).replace("**", "<b>", 1).replace("**", "</b>", 1)
    parts = [
        f"<h1>KL of a run</h1><p>{report.by.tokens:,} tokens in {report.by.sequences:,} answers.</p>",
        *(f"<p><small>{escape(note)}</small></p>" for note in tokens.notes),
        f"<table><tr><th>in {unit.name}, ± 95 %</th><th>k1</th><th>k2</th><th>k3</th></tr>{rows}</table>",
        f"<p>{strong(why_believe(report))}</p>",
        _bars_html("KL per token, by position", *report.positions, unit),
        _bars_html("KL per token, by length", *report.lengths, unit),
    ]
    if tokens.text:
        parts.append("<h2>The tokens farthest from the reference</h2>" + "".join(f"<p>{line}</p>" for line in shaded(tokens, report)))
    if report.mismatch is not None:
        parts.append(f"<p>{strong(mismatch_words(report.mismatch, unit))}</p>")
    parts.append(f'<p class="box">{escape(decision(report, beta, unit))}</p><h2>The numbers again</h2><pre>{escape(code)}</pre>')
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>KL of a run</title><style>{_STYLE}</style>{"".join(parts)}</html>'


def _bars_html(title: str, names: list[str], by: GroupedKL, unit: Unit) -> str:
    top = float(by.mean.abs().max()) or 1.0
    rows = "".join(
        f'<tr><td>{name}</td><td>{brief(mean * unit.per_nat)} ± {brief(1.96 * error * unit.per_nat)}</td><td style="text-align:left">'
        f'<span class="bar" style="width:{12 * max(mean, 0.0) / top:.2f}rem"></span></td></tr>'
        for name, mean, error in zip(names, by.mean.tolist(), by.error.tolist(), strict=True)
    )
    return f"<h2>{title}</h2><table>{rows}</table>"


def report_code() -> str:
    """The program behind the report; it reads the CSV that the page gives."""
    return """# pip install . in a checkout of this repository; run.csv is the table below "Data and link"
import pandas, torch
from kl_core.estimates.estimators import ESTIMATORS
from kl_core.estimates.run_report import kl_by_group, preferred_estimator, ratio_diagnostics
from kl_core.estimates.token_kl import token_kl, worst_tokens

table = pandas.read_csv("run.csv", keep_default_na=False)
log_p, log_q = (torch.tensor(table[name].to_numpy(dtype=float)) for name in ("policy", "reference"))
sequence = torch.tensor(table["sequence"].to_numpy())

by, ratios = token_kl(log_p, log_q, sequence), ratio_diagnostics(log_p, log_q)
best = preferred_estimator(by, ratios)
for name in ESTIMATORS:
    print(f"{name}: {by.per_token[name].mean:.6g} ± {1.96 * by.per_token[name].error:.2g} nats per token, "
          f"{by.per_sequence[name].mean:.6g} ± {1.96 * by.per_sequence[name].error:.2g} per answer")
print(f"believe {best}: effective share {ratios.effective:.3f}, largest hundredth of k3 {ratios.top_share:.3f}")

position = torch.tensor(table.groupby("sequence").cumcount().to_numpy())
print("by position", kl_by_group(ESTIMATORS[best](log_p, log_q), position, sequence).mean.tolist())
print("worst tokens, rows", worst_tokens(log_p, log_q).tolist())
"""
