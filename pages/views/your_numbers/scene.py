"""The picture of one's own numbers: both KLs and who pays them, the largest first; and all of it as tables."""

import csv
import io

import torch
from torch import Tensor

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, number
from .found import Found, Measure, Rows

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


def own_scene(found: Found, unit: Unit) -> dict:
    """Both KLs large, what each outcome adds to them, its probabilities, and how many outcomes make up how much."""
    kl, rows = found.kl, found.rows
    top = _order(rows) if rows.in_order else _order(rows)[:SHOWN]
    infinite = rows.to_pq.isinf() | rows.to_qp.isinf()
    names = [rows.names[i][:LONGEST_NAME] + (" ∞" if infinite[i] else "") for i in top.tolist()]
    said = lambda value: "infinite" if value == float("inf") else kl.said
    numbers = {name: scene.number(name, (), value, status=said(value)) for name, value in (("kl_pq", kl.pq), ("kl_qp", kl.qp))}
    panels = [
        _bars(
            "adds",
            f"What each {rows.what} adds to the KLs, in {unit.name}",
            f"solid: to KL(P‖Q) · dashed: to KL(Q‖P){_which(rows, len(top))}",
        )
    ]
    charts = {"adds": _bar_chart([rows.to_pq[top] * unit.per_nat, rows.to_qp[top] * unit.per_nat], names)}
    if rows.p is not None:
        panels.append(_bars("probabilities", "Their probabilities", "solid: P · dashed: Q", half=True))
        charts["probabilities"] = _bar_chart([rows.p[top], rows.q[top]], names, MOST_NAMES_BESIDE)
        panels.append(
            {
                "kind": "chart",
                "name": "share",
                "half": True,
                "title": f"How few {rows.what}s make up how much",
                "label": "Cumulative contributions, the largest first",
                "note": f"their running sum, in {unit.name}, the largest first; number of {rows.what}s →",
                "series": [{"style": "p solid", "label": "KL(P‖Q)"}, {"style": "q", "label": "KL(Q‖P)"}],
            }
        )
        charts["share"] = _running(rows, unit)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": numbers,
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
    finite = torch.cat([one[one.isfinite()] for one in heights] + [torch.zeros(1, dtype=torch.float64)])
    low, high = float(finite.min()), float(finite.max())
    room = 0.12 * ((high - low) or 1.0)
    at = packed(torch.arange(len(names), dtype=torch.float64))
    # A bar without end is drawn to the top of the picture.
    drawn = [one.nan_to_num(posinf=high + 10 * room) for one in heights]
    return {
        "x_range": [-0.6, len(names) - 0.4],
        "y_range": [low - (room if low < 0 else 0), high + room],
        "bars": True,
        "x_ticks": [[i, name] for i, name in enumerate(names) if i % -(-len(names) // most_names) == 0],
        "series": [{"x": at, "y": packed(one)} for one in drawn],
    }


def _running(rows: Rows, unit: Unit) -> dict:
    """The running sums over the outcomes, each direction's largest first, at a hundred places or so."""
    sums = [one[one.isfinite()].sort(descending=True).values.cumsum(0) * unit.per_nat for one in (rows.to_pq, rows.to_qp)]
    places = [torch.linspace(0, len(one) - 1, min(len(one), 120)).round().long() for one in sums]
    ends = torch.cat([*sums, torch.zeros(1, dtype=torch.float64)])
    span = (float(ends.max()) - float(ends.min())) or 1.0
    return {
        "x_range": [0, max(len(one) for one in sums) + 1],
        "y_range": [float(ends.min()) - 0.05 * span, float(ends.max()) + 0.15 * span],
        "series": [{"x": packed(at.double() + 1), "y": packed(one[at])} for one, at in zip(sums, places, strict=True)],
    }


def measures_table(found: Found, unit: Unit) -> str:
    """Every further measure both ways, in markdown."""
    cell = lambda value, one: "" if value is None else f"{number(value * unit.per_nat)} {unit.name}" if one.nats else number(value)
    rows = [f"| {one.title} | {cell(one.pq, one)} | {cell(one.qp, one) if one.qp is not None else 'the same'} |" for one in found.measures]
    return "\n".join(["| | P, then Q | Q, then P |", "|---|---|---|", *rows])


def own_csv(found: Found) -> str:
    """Every row with its p, q and contributions in nats, the largest first; the measures above them."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["measure", "P then Q", "Q then P"])
    writer.writerows(
        [
            [one.title, one.pq, "" if one.qp is None else one.qp]
            for one in (Measure("KL in nats", found.kl.pq, found.kl.qp), *found.measures)
        ]
    )
    writer.writerow([])
    rows, order = found.rows, _order(found.rows)
    columns = [("p", rows.p), ("q", rows.q), ("contribution_to_kl_pq", rows.to_pq), ("contribution_to_kl_qp", rows.to_qp)]
    given = [(name, column[order].tolist()) for name, column in columns if column is not None]
    writer.writerow([rows.what, *(name for name, _ in given)])
    writer.writerows(zip([rows.names[i] for i in order.tolist()], *(column for _, column in given), strict=True))
    return table.getvalue()
