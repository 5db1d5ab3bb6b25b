"""The picture of one's own numbers: both KLs and which outcomes make them up, the largest first; and all of it as tables."""

import csv
import io
from math import ceil, floor, log10

import torch
from torch import Tensor

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, number
from .result import BothKL, Histogram, Measure, Result, Rows

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SHOWN = 14
LONGEST_NAME = 11
MOST_NAMES_BESIDE = 7
"""Of a chart that has half the width."""


def _order(rows: Rows) -> Tensor:
    """The rows by how much they add or take, in whichever direction, the largest first; those that have an order keep it."""
    if rows.in_order:
        return torch.arange(len(rows.names))
    size = torch.maximum(rows.to_pq.abs(), rows.to_qp.abs()).nan_to_num(posinf=torch.inf)
    return size.argsort(descending=True, stable=True)


def own_scene(result: Result, unit: Unit) -> dict:
    """Both KLs large, what each outcome adds to them, its probabilities, and how the terms add up."""
    kl = result.kl
    said = lambda value: "infinite" if value == float("inf") else kl.said
    panels, charts = _pictures(result, unit)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": {name: scene.number(name, (), value, status=said(value)) for name, value in (("kl_pq", kl.pq), ("kl_qp", kl.qp))},
        "size": "ruled headline",
        "readouts": [
            {"quantity": "kl_pq", "title": "KL(P‖Q)", "note": "averaged under P"},
            {"quantity": "kl_qp", "title": "KL(Q‖P)", "note": "averaged under Q"},
        ],
        "panels": panels,
        "charts": charts,
        "export": "your_numbers",
        "hint": "",
    }


def _pictures(result: Result, unit: Unit) -> tuple[list[dict], dict[str, dict]]:
    """The panels, and the chart of each."""
    kl, rows = result.kl, result.rows
    top = _order(rows) if rows.in_order else _order(rows)[:SHOWN]
    infinite = rows.to_pq.isinf() | rows.to_qp.isinf()
    numbered = "x = " if rows.what == "outcome" and len(top) <= MOST_NAMES_BESIDE and all(name.isdigit() for name in rows.names) else ""
    names = [f"{numbered}{rows.names[i][:LONGEST_NAME]}{' ∞' if infinite[i] else ''}" for i in top.tolist()]
    legend = f"solid: to KL(P‖Q) · dashed: to KL(Q‖P){_which(rows, len(top))}"
    panels = [_bars("adds", f"What each {rows.what} adds to the KLs, in {unit.name}", legend)]
    charts = {"adds": _bar_chart([rows.to_pq[top] * unit.per_nat, rows.to_qp[top] * unit.per_nat], names)}
    if rows.p is not None and rows.q is not None:
        panels += [
            _bars("probabilities", "Their probabilities", "solid: P · dashed: Q", half=True),
            _share_panel(rows, _note_on_sums(kl, rows, unit)),
        ]
        charts["probabilities"] = _bar_chart([rows.p[top], rows.q[top]], names, MOST_NAMES_BESIDE)
        charts["share"] = _running(rows, unit)
    if result.histogram is not None:
        panels.append(_histogram_panel(result.histogram))
        charts["histogram"] = _histogram(result.histogram)
    return panels, charts


def _share_panel(rows: Rows, note: str) -> dict:
    return {
        "kind": "chart",
        "name": "share",
        "half": True,
        "title": "How the KLs add up",
        "label": "Running sum of the terms, the largest first",
        "note": note,
        "series": [{"style": "p solid", "label": "KL(P‖Q)"}, {"style": "q", "label": "KL(Q‖P)"}],
    }


def _histogram_panel(histogram: Histogram) -> dict:
    apart = [f"{count:,} {name}" for count, name in ((histogram.zeros, "exactly 0"), (histogram.infinite, "∞")) if count]
    return {
        "kind": "chart",
        "name": "histogram",
        "title": "How many rows have which KL(P‖Q)",
        "label": "Histogram of the rows’ KL on a logarithmic axis",
        "note": "rows per bin; nats, on a logarithmic axis →" + (f"; not drawn: {' and '.join(apart)}" if apart else ""),
        "series": [{"style": "p solid bar", "label": ""}],
    }


def _histogram(histogram: Histogram) -> dict:
    """A bar is one wide in a chart of bars, so bins stand at 0, 1, 2, … and powers of ten where they fall between them."""
    low, high = float(histogram.edges[0]), float(histogram.edges[-1])
    count = len(histogram.counts)
    place = lambda power: (power - low) / (high - low) * count - 0.5
    ticks = [[place(at), name] for at, name in log_ticks(low, high)]
    return {
        "x_range": [-0.7, count - 0.3],
        "y_range": [0.0, 1.1 * float(histogram.counts.max())],
        "bars": True,
        "x_ticks": ticks,
        "series": [{"x": packed(torch.arange(count, dtype=torch.float64)), "y": packed(histogram.counts.double())}],
    }


def log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Two to eight round numbers between 10^low and 10^high, as logarithms and names: powers of ten, else also 2 and 5 times one."""
    powers = range(ceil(low), floor(high) + 1)
    if len(powers) > 2:
        every = -(-len(powers) // 8)
        return [(power, f"10{str(power).translate(_SUPERSCRIPT)}") for power in powers if power % every == 0]
    for digits in ((1, 2, 5), range(1, 10), (one / 10 for one in range(10, 100))):
        round_numbers = [(power + log10(digit), digit * 10.0**power) for power in range(floor(low), ceil(high)) for digit in digits]
        inside = [(at, _short(value)) for at, value in round_numbers if low <= at <= high]
        if len(inside) > 1:
            return inside[:: -(-len(inside) // 8)]
    return [(end, _short(10**end)) for end in (low, high)]


def _short(value: float) -> str:
    digits, _, power = f"{value:.2g}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(_SUPERSCRIPT)}" if power else digits


def _note_on_sums(kl: BothKL, rows: Rows, unit: Unit) -> str:
    infinite = [name for name, value in (("KL(P‖Q)", kl.pq), ("KL(Q‖P)", kl.qp)) if value == float("inf")]
    if infinite:
        return f"{' and '.join(infinite)} = ∞ from the first {rows.what} that is impossible under the other; not drawn"
    return f"running sum of the terms, the largest first, in {unit.name}; number of {rows.what}s →"


def _which(rows: Rows, shown: int) -> str:
    """Which rows are drawn, and in what order."""
    if shown < len(rows.names):
        return f"; the {shown} largest of {len(rows.names):,}"
    return "" if rows.in_order else "; the largest first"


def _bars(name: str, title: str, note: str, half: bool = False) -> dict:
    return {
        "kind": "chart",
        "name": name,
        "title": title,
        "label": title,
        "note": note,
        "half": half,
        "series": [{"style": "p solid bar", "label": ""}, {"style": "q bar", "label": ""}],
    }


def _bar_chart(heights: list[Tensor], names: list[str], most_names: int = 2 * MOST_NAMES_BESIDE) -> dict:
    finite = torch.cat([terms[terms.isfinite()] for terms in heights] + [torch.zeros(1, dtype=torch.float64)])
    low, high = float(finite.min()), float(finite.max())
    room = 0.12 * ((high - low) or 1.0)
    at = packed(torch.arange(len(names), dtype=torch.float64))
    # A bar without end is drawn to the top of the picture.
    drawn = [terms.nan_to_num(posinf=high + 10 * room) for terms in heights]
    return {
        "x_range": [-0.6, len(names) - 0.4],
        "y_range": [low - (room if low < 0 else 0), high + room],
        "bars": True,
        "x_ticks": [[i, name] for i, name in enumerate(names) if i % -(-len(names) // most_names) == 0],
        "series": [{"x": at, "y": packed(terms)} for terms in drawn],
    }


def _running(rows: Rows, unit: Unit) -> dict:
    """The running sums over the outcomes, each direction's largest first, at a hundred places or so; none where it is infinite."""
    finite = [terms if bool(terms.isfinite().all()) else terms[:0] for terms in (rows.to_pq, rows.to_qp)]
    sums = [terms.sort(descending=True).values.cumsum(0) * unit.per_nat for terms in finite]
    places = [torch.linspace(0, max(len(total) - 1, 0), min(len(total), 120)).round().long() for total in sums]
    ends = torch.cat([*sums, torch.zeros(1, dtype=torch.float64)])
    span = (float(ends.max()) - float(ends.min())) or 1.0
    return {
        "x_range": [0, max(len(rows.names), 1) + 1],
        "y_range": [float(ends.min()) - 0.05 * span, float(ends.max()) + 0.15 * span],
        "series": [{"x": packed(at.double() + 1), "y": packed(total[at])} for total, at in zip(sums, places, strict=True)],
    }


def measures_table(result: Result, unit: Unit) -> str:
    """Every further measure both ways, in markdown."""
    cell = lambda value, nats: f"{number(value * unit.per_nat)} {unit.name}" if nats else number(value)
    second = lambda measure: cell(measure.qp, measure.nats) if measure.qp is not None else "the same"
    rows = [f"| {measure.title} | {cell(measure.pq, measure.nats)} | {second(measure)} |" for measure in result.measures]
    return "\n".join(["| | P, then Q | Q, then P |", "|---|---|---|", *rows])


def measures_explained(result: Result) -> str:
    """What those measures are whose name does not say it."""
    return " ".join(f"{measure.title}: {measure.said}." for measure in result.measures if measure.said)


def own_csv(result: Result) -> str:
    """Every row with its p, q and contributions in nats, the largest first; the measures above them."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["measure", "P then Q", "Q then P"])
    writer.writerows(
        [
            [measure.title, measure.pq, "" if measure.qp is None else measure.qp]
            for measure in (Measure("KL in nats", result.kl.pq, result.kl.qp), *result.measures)
        ]
    )
    writer.writerow([])
    rows, order = result.rows, _order(result.rows)
    columns = [("p", rows.p), ("q", rows.q), ("contribution_to_kl_pq", rows.to_pq), ("contribution_to_kl_qp", rows.to_qp)]
    given = [(name, column[order].tolist()) for name, column in columns if column is not None]
    writer.writerow([rows.what, *(name for name, _ in given)])
    writer.writerows(zip([rows.names[i] for i in order.tolist()], *(column for _, column in given), strict=True))
    return table.getvalue()
