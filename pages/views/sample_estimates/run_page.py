"""A run's report to take along: one HTML page without scripts, and the program that prints every number of it."""

import base64
from html import escape

import torch

from kl_core.estimates.run_report import GroupedKL
from kl_core.estimates.token_kl import worst_tokens

from ...shared.style import Unit, number
from .export import tokens_csv
from .run_decision import assumption, decision, headline
from .run_report import Report, Steps, cautions, counted, frontier_words, mismatch_words, why_believe
from .run_scene import run_scene
from .run_svg import chart_svg
from .run_words import brief, lowered
from .token_file import Tokens

WORST = 6
"""Tokens that are shown in their text."""
AROUND = 8
"""Tokens on either side of one."""
MOST_INSIDE = 50_000
"""Tokens whose table, some megabytes, the page has inside."""
_STYLE = """:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;
color:light-dark(#1b1f27,#e8ebf0);background:light-dark(#fff,#10141b);font-variant-numeric:tabular-nums}
h1{font-size:1.6rem;line-height:1.2;margin-bottom:0}h2{font-size:1.2rem;margin-top:2rem}p{max-width:44rem}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:right}td:first-child,th:first-child{text-align:left}
figure{display:inline-block;width:min(100%,23rem);vertical-align:top;margin:.5rem .8rem .5rem 0;break-inside:avoid}
figcaption,figure small,.box small{display:block}svg text{font-size:11px;fill:currentColor}svg .grid{stroke:light-dark(#ddd,#3a4351)}
svg .p{stroke:light-dark(#1d4ed8,#7aa7ff);stroke-width:2}svg .q{stroke:light-dark(#c2410c,#ff9d5c);stroke-width:1.5;stroke-dasharray:6 4}
svg .faint{stroke:light-dark(#777,#9aa3af);stroke-width:1.2;stroke-dasharray:2 4}
.box{border:2px solid;border-radius:8px;padding:.2rem 1.2rem .6rem;margin:1.2rem 0}
.box b.large{display:block;font-size:2.4rem;line-height:1.2}
pre{background:light-dark(#f4f5f8,#1b212b);padding:1rem;white-space:pre;overflow-x:auto;font-size:.8rem;-webkit-text-size-adjust:100%}
mark{padding:0 .1em;border-radius:3px}"""


def shaded(tokens: Tokens, report: Report, number_shown: int = WORST) -> list[str]:
    """The worst tokens by k3, each once and in its text, as HTML: the darker, the further from the reference."""
    size = report.value.abs().nan_to_num(posinf=1e9)
    top = float(size.max()) or 1.0
    lines: list[str] = []
    seen: set[tuple[str, float, float]] = set()
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
        lines.append(f"{' '.join(words)} <small>({lowered(gap)})</small>")
    return lines


def estimates_rows(report: Report, unit: Unit) -> list[list[str]]:
    """A row per kind of mean: its name, then k1, k2 and k3 with their 95 % intervals; of the last step first, where there are steps."""
    cell = lambda one: brief(one.mean * unit.per_nat) + (f" ± {brief(1.96 * one.error * unit.per_nat)}" if one.error == one.error else "")
    kinds = [("KL per token", report.by.per_token), ("KL per answer", report.by.per_sequence)]
    if report.last is not None and report.steps is not None:
        step = f"last step ({brief(float(report.steps.step[-1]))})"
        kinds = [(f"{name}, all steps", means) for name, means in kinds]
        kinds = [(f"KL per token, {step}", report.last.per_token), (f"KL per answer, {step}", report.last.per_sequence), *kinds]
    return [[name, *(cell(estimate) for estimate in means.values())] for name, means in kinds]


def report_html(tokens: Tokens, report: Report, beta: float | None, unit: Unit, code: str, title: str = "") -> str:
    """The whole report as one page that needs nothing else: the decision first. title: what was reported on."""
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in estimates_rows(report, unit))
    scene = run_scene(report, unit)
    parts = [
        f"<h1>How far a run has moved from its reference</h1><p>{f'{escape(title)}: ' if title else ''}{lowered(counted(report))}</p>",
        _decided(report, beta, unit),
        *(f"<p><small>{lowered(note)}</small></p>" for note in tokens.notes),
        f"<table><tr><th>in {unit.name}, ± 95 %</th><th>k1</th><th>k2</th><th>k3</th></tr>{rows}</table>",
        *(f"<p><small>{lowered(caution)}</small></p>" for caution in cautions(report, tokens, unit)),
        f"<p>{lowered(why_believe(report))}</p>",
        *(chart_svg(panel, scene["charts"][panel["name"]]) for panel in scene["panels"]),
        *([f"<p><small>{lowered(frontier_words(report.steps))}</small></p>"] if report.steps is not None else []),
        *_numbers_behind(report, unit),
    ]
    if tokens.text:
        lines = "".join(f"<p>{line}</p>" for line in shaded(tokens, report))
        parts.append(f"<h2>The tokens farthest from the reference, in their text</h2>{lines}")
    if report.mismatch is not None:
        parts.append(f"<p>{lowered(mismatch_words(report.mismatch, unit))}</p>")
    parts.append(f"<h2>The program that prints these numbers</h2>{_data(tokens)}<pre>{escape(code)}</pre>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>KL of a run{f': {escape(title)}' if title else ''}</title><style>{_STYLE}</style>{''.join(parts)}</html>"
    )


def _data(tokens: Tokens) -> str:
    """The table that the program reads, inside the page; where it is too long for that, where it is to be had."""
    if len(tokens.log_p) > MOST_INSIDE:
        return "<p>Its table, run.csv, is saved where this page was: “Data and link”.</p>"
    table = base64.b64encode(tokens_csv(tokens).encode()).decode()
    return f'<p><a download="run.csv" href="data:text/csv;base64,{table}">Save its table, run.csv</a></p>'


def _decided(report: Report, beta: float | None, unit: Unit) -> str:
    """The boxed decision, its number first."""
    what, number_said = headline(report, unit)
    return (
        f'<div class="box"><p>{lowered(what)}<b class="large">{lowered(number_said)}</b></p><p>{lowered(decision(report, beta, unit))}</p>'
        f"<p><small>{lowered(assumption(report, beta, unit))}</small></p></div>"
    )


def _numbers_behind(report: Report, unit: Unit) -> list[str]:
    """What the charts draw, as tables."""
    tables = [
        _groups_html("KL per token, by position", *report.positions, unit),
        _groups_html("KL per token, by length", *report.lengths, unit),
    ]
    if report.steps is not None:
        tables.append(_steps_html(report.steps, unit))
    return ["<h2>The numbers in the pictures</h2>", *tables]


def _groups_html(title: str, names: list[str], by: GroupedKL, unit: Unit) -> str:
    rows = "".join(
        f"<tr><td>{name}</td><td>{_interval(mean * unit.per_nat, error * unit.per_nat)}</td></tr>"
        for name, mean, error in zip(names, by.mean.tolist(), by.error.tolist(), strict=True)
    )
    return f"<details><summary>{title}</summary><table>{rows}</table></details>"


def _steps_html(steps: Steps, unit: Unit) -> str:
    nothing = torch.full_like(steps.kl, float("nan"))
    rewards = (nothing, nothing) if steps.reward is None or steps.reward_error is None else (steps.reward, steps.reward_error)
    columns = (steps.step.tolist(), steps.kl.tolist(), steps.error.tolist(), *(column.tolist() for column in rewards))
    rows = "".join(
        f"<tr><td>{brief(step)}</td><td>{_interval(kl * unit.per_nat, error * unit.per_nat)}</td>"
        + ("" if steps.reward is None else f"<td>{_interval(reward, reward_error)}</td>")
        + "</tr>"
        for step, kl, error, reward, reward_error in zip(*columns, strict=True)
    )
    head = f"<tr><th>step</th><th>KL per answer, {unit.name}</th>{'' if steps.reward is None else '<th>mean reward</th>'}</tr>"
    title = "KL per answer over the training" + ("" if steps.reward is None else ", and mean reward")
    return f"<details><summary>{title}</summary><table>{head}{rows}</table></details>"


def _interval(mean: float, error: float) -> str:
    return brief(mean) + (f" ± {brief(1.96 * error)}" if error == error else "")
