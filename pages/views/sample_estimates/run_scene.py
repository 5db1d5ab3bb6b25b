"""The pictures of a run's report: KL by position, by length, over the training, and reward against √KL."""

import torch
from torch import Tensor

from kl_core.estimates.run_report import GroupedKL

from ...shared.live.tables import packed
from ...shared.style import Unit
from .run_decision import SMALL_KL
from .run_report import Report, Steps


def run_scene(report: Report, unit: Unit) -> dict:
    """Two charts by group, and two over the training where steps and rewards were logged."""
    panels, charts = [], {}
    for name, title, (names, by) in (
        ("positions", "KL per token, by position in the answer", report.positions),
        ("lengths", "KL per token, by the answer’s length", report.lengths),
    ):
        if len(names) < 2:  # one point makes no picture
            continue
        pooled = "; all steps" if report.steps is not None else ""
        panels.append(_panel(name, title, f"{report.best}, in {unit.name}; dotted: 95 % interval, by answers{pooled}"))
        charts[name] = _groups(names, by, unit)
    if report.steps is not None:
        panels.append(_panel("steps", "KL per answer over the training", f"{report.best}, in {unit.name}; dotted: 95 % interval; step →"))
        charts["steps"] = _over_steps(report.steps, unit)
        if report.steps.reward is not None and report.steps.reward_error is not None:
            panels.append(_frontier_panel())
            charts["frontier"] = _frontier(report.steps, report.steps.reward, report.steps.reward_error)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": {},
        "panels": panels,
        "charts": charts,
        "hint": "",
        "export": "run",
    }


def _panel(name: str, title: str, note: str) -> dict:
    series = [{"style": "p solid", "label": ""}, *([{"style": "faint", "label": ""}] * 2)]
    return {"kind": "chart", "name": name, "title": title, "label": title, "note": note, "half": True, "series": series}


def _frontier_panel() -> dict:
    return {
        "kind": "chart",
        "name": "frontier",
        "title": "Mean reward against √KL",
        "label": "Mean reward against the square root of KL per answer",
        "note": "√(KL per answer in nats) →; dotted: 95 % interval; dashed: sd(reward)·√(2·KL), valid for small KL only",
        "half": True,
        "series": [
            {"style": "p solid", "label": "the run"},
            *([{"style": "faint", "label": ""}] * 2),
            {"style": "q", "label": "small KL"},
        ],
    }


def _groups(names: list[str], by: GroupedKL, unit: Unit) -> dict:
    """The mean of each group, and its interval; a group of one answer has none, and is drawn at its mean."""
    mean, wing = by.mean * unit.per_nat, (1.96 * by.error * unit.per_nat).nan_to_num()
    at = torch.arange(len(names), dtype=torch.float64)
    low, high = min(0.0, float((mean - wing).min())), max(1e-9, float((mean + wing).max()))
    room = 0.1 * (high - low)
    return {
        "x_range": [-0.3, len(names) - 0.7],
        "y_range": [low - (room if low < 0 else 0), high + room],
        "x_ticks": [[i, name] for i, name in enumerate(names) if i % -(-len(names) // 6) == 0],
        "series": [{"x": packed(at), "y": packed(values)} for values in (mean, mean - wing, mean + wing)],
    }


def _over_steps(steps: Steps, unit: Unit) -> dict:
    mean, wing = steps.kl * unit.per_nat, (1.96 * steps.error * unit.per_nat).nan_to_num()
    low, high = min(0.0, float((mean - wing).min())), max(float((mean + wing).max()), 1e-9)
    return {
        "x_range": [float(steps.step.min()), float(steps.step.max())],
        "y_range": [low, high + 0.1 * (high - low)],
        "series": [{"x": packed(steps.step.double()), "y": packed(values)} for values in (mean, mean - wing, mean + wing)],
    }


def _frontier(steps: Steps, reward: Tensor, reward_error: Tensor) -> dict:
    """Reward against √KL with its interval, and the line that holds near the reference."""
    root = steps.kl.clamp_min(0.0).sqrt()
    order = root.argsort()
    x, y, wing = root[order], reward[order], (1.96 * reward_error[order]).nan_to_num()
    end = float(x.max()) or 1e-9
    line = torch.linspace(0.0, min(end, SMALL_KL**0.5), 20, dtype=torch.float64)
    limit = float(reward[0]) + steps.spread * 2**0.5 * line
    top, bottom = max(float((y + wing).max()), float(limit.max())), float((y - wing).min())
    room = 0.08 * ((top - bottom) or 1.0)
    return {
        "x_range": [0.0, end],
        "y_range": [bottom - room, top + room],
        "series": [
            {"x": packed(root), "y": packed(reward)},
            *({"x": packed(x), "y": packed(values)} for values in (y - wing, y + wing)),
            {"x": packed(line), "y": packed(limit)},
        ],
    }
