"""A teacher of which only k classes are known: three losses made of them against the whole KL, and how far off their gradients are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.distilling.top_k_teacher import FORMS, top_k_loss

from ...shared.cache import shared_cache
from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from .resting_bars import resting_bars

_NAMES = {"tail": "with a tail bucket", "renormalised": "renormalised", "terms": "k terms alone"}
_NAMED = 3
"""The place of the k at which the curves have their names: at the last one they meet."""
_STYLES = {"tail": "k3", "renormalised": "k1", "terms": "k2"}


@dataclass(frozen=True)
class Truncated:
    """At k = 1 … n: each loss in nats, and its gradient's error over the length of the whole gradient; each (n,). whole: KL(P‖Q)."""

    loss: dict[str, Tensor]
    error: dict[str, Tensor]
    whole: float


@shared_cache(64)
def truncated(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float) -> Truncated:
    """For teacher and student both at T; exact."""
    z_p = torch.tensor(teacher, dtype=torch.float64) / temperature
    count = len(teacher)

    def at(k: int, form: str) -> tuple[Tensor, Tensor]:
        z_q = (torch.tensor(student, dtype=torch.float64) / temperature).requires_grad_()
        value = top_k_loss(z_p, z_q, k, form)
        return value.detach(), torch.autograd.grad(value, z_q)[0]

    whole, truth = at(count, FORMS[0])
    size = truth.norm().clamp_min(1e-300)
    loss: dict[str, Tensor] = {}
    error: dict[str, Tensor] = {}
    for form in FORMS:
        values, slopes = (torch.stack(column) for column in zip(*(at(k, form) for k in range(1, count + 1)), strict=True))
        loss[form], error[form] = values, (slopes - truth).norm(dim=-1) / size
    return Truncated(loss, error, float(whole))


def share(losses: Truncated, form: str, k: int) -> float:
    """Of the whole KL, at k."""
    return float(losses.loss[form][k - 1]) / losses.whole


def finding(losses: Truncated, k: int) -> str:
    """What k classes say; where teacher and student agree there is nothing to say."""
    if not losses.whole > 1e-12:
        return "Teacher and student agree here, so every loss is 0. Choose another digit."
    tail, renormalised = (_kept(losses, form, k) for form in ("tail", "renormalised"))
    top = "1 class" if k == 1 else f"the top {k} classes"
    return f"With {top}, a tail bucket keeps {tail}; renormalising keeps {renormalised}."


def _kept(losses: Truncated, form: str, k: int) -> str:
    kept, off = percent(share(losses, form, k)), percent(float(losses.error[form][k - 1]))
    return f"{kept} of the KL (gradient error {off})"


def percent(share: float) -> str:
    """Whole percent, its sign on the same line."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def top_k_scene(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float, unit: Unit, k: int) -> dict:
    """k under the scrubber: losses and errors of the gradient, then teacher, student, and what is left of the teacher."""
    losses = truncated(teacher, student, temperature)
    p, q = ((torch.tensor(row, dtype=torch.float64) / temperature).softmax(-1) for row in (teacher, student))
    ks = torch.arange(1, len(p) + 1, dtype=torch.float64)
    ranks = p.argsort(descending=True).argsort() + 1
    left = torch.where(ranks <= ks.unsqueeze(-1), p, 0.0)
    left = left / left.sum(-1, keepdim=True)
    tracks = {**losses.loss, "whole": torch.full_like(ks, losses.whole)}
    return {
        **resting_bars(p, q, left[k - 1], unit, top=1.1 * float(torch.cat([p, q, left.flatten()]).max())),
        "numbers": {name: scene.number(name, (), float(values[k - 1]), status="exact") for name, values in tracks.items()},
        "readouts": [
            {"quantity": "tail", "title": "With a tail bucket", "size": "large"},
            {"quantity": "whole", "title": "KL(P‖Q)", "note": "all classes"},
            {"quantity": "renormalised", "title": "Renormalised"},
            {"quantity": "terms", "title": "k terms alone"},
        ],
        "panels": _panels(unit),
        "charts": {"losses": _losses(losses, ks, unit), "errors": _errors(losses, ks)},
        "scrub": {
            "label": "Classes k",
            "unit": "k =",
            "values": packed(ks),
            "seconds": 6,
            "start": k - 1,
            "curves": {"m": {f"probs.{i}": packed(left[:, i]) for i in range(len(p))}},
            "numbers": {name: packed(values) for name, values in tracks.items()},
        },
        "export": "top_k_teacher",
        "hint": "A tail bucket counts all other classes as one more class. The other two losses leave them out.",
    }


def _panels(unit: Unit) -> list[dict]:
    series = [{"style": _STYLES[form], "label": _NAMES[form]} for form in FORMS]
    return [
        {
            "kind": "chart",
            "name": "losses",
            "half": True,
            "title": f"Loss, in {unit.name}",
            "label": "The losses against k",
            "note": "against k, how many of the teacher’s classes are known",
            "series": [*series, {"style": "true", "label": "KL(P‖Q)"}],
        },
        {
            "kind": "chart",
            "name": "errors",
            "half": True,
            "title": "Error of the gradient",
            "label": "The errors of the gradients against k",
            "note": "its distance from the whole KL’s gradient, in lengths of that",
            "series": series,
        },
        {
            "kind": "curves",
            "curves": ["p", "q", "m"],
            "label": "Teacher, student and the truncated teacher",
            "title": "Teacher P (solid), student Q (dashed), and the k classes renormalised (dotted)",
        },
    ]


def _frame(rows: list[Tensor], ks: Tensor) -> dict:
    low, high = (float(pick(torch.stack(rows))) for pick in (torch.min, torch.max))
    margin = 0.1 * (high - min(low, 0.0)) or 1.0
    return {
        "x_range": [0.8, float(ks[-1]) + 0.2],
        "y_range": [min(0.0, low - (margin if low < 0 else 0.0)), high + margin],
        "x_ticks": [[float(k), f"k = {k:g}" if k == 1 else f"{k:g}"] for k in (1, 4, 7, 10) if k <= len(ks)],
        "series": [{"x": packed(ks), "y": packed(row)} for row in rows],
        "places": packed(ks),
        "dots": [0, 1, 2],
        "name_at": [_NAMED] * 3 + [None] * (len(rows) - 3),
    }


def _losses(losses: Truncated, ks: Tensor, unit: Unit) -> dict:
    rows = [*losses.loss.values(), torch.full_like(ks, losses.whole)]
    return _frame([row * unit.per_nat for row in rows], ks)


def _errors(losses: Truncated, ks: Tensor) -> dict:
    return _frame(list(losses.error.values()), ks)
