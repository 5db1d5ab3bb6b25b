"""Between the KLs: generalised JSD against β, where libraries jump to a pure KL at the ends, and two cures that do not jump."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.vectors.generalised_js import generalised_js_from_logits, scaled_js_from_logits, swapped_js_from_logits

from ...shared.cache import shared_cache
from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, number
from .resting_bars import resting_bars

_NEAR = [0.0, 0.001, 0.002, 0.005]
BETAS = torch.tensor([*_NEAR, *(i / 100 for i in range(1, 100)), *(1 - beta for beta in reversed(_NEAR))], dtype=torch.float64)
"""Round, and closer together next to the ends."""
_LOSSES: dict[str, Callable[[Tensor, Tensor, float | Tensor], Tensor]] = {
    "library": lambda p, q, beta: generalised_js_from_logits(p, q, beta, ends="kl"),
    "scaled": scaled_js_from_logits,
    "swapped": swapped_js_from_logits,
}
_SERIES = [
    {"style": "k3", "label": "divided by β(1 − β)"},
    {"style": "k2", "label": "weights swapped"},
    {"style": "k1", "label": "generalised JSD"},
    {"style": "proxy thin", "label": ""},
    {"style": "k1 points ring", "label": "libraries: KL"},
    {"style": "k1 points open", "label": "formula: 0"},
]
SMALL = 0.01


@dataclass(frozen=True)
class Between:
    """Loss in nats and the norm of its gradient with respect to the student's logits, by name, each (betas,)."""

    loss: dict[str, Tensor]
    slope: dict[str, Tensor]


@shared_cache(64)
def between(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float) -> Between:
    """All three losses at each of BETAS, for teacher and student both at T; exact."""
    z_p = torch.tensor(teacher, dtype=torch.float64) / temperature
    loss: dict[str, Tensor] = {}
    slope: dict[str, Tensor] = {}
    for name, function in _LOSSES.items():
        pieces = []
        for beta in (0.0, BETAS[1:-1], 1.0):  # the ends are jumped to, so each is asked for by itself
            count = 1 if isinstance(beta, float) else len(beta)
            z_q = (torch.tensor(student, dtype=torch.float64) / temperature).expand(count, -1).clone().requires_grad_()
            value = function(z_p, z_q, beta)
            pieces.append((value.detach(), torch.autograd.grad(value.sum(), z_q)[0].norm(dim=-1)))
        loss[name], slope[name] = (torch.cat(column) for column in zip(*pieces, strict=True))
    return Between(loss, slope)


def by_formula(in_libraries: Tensor) -> Tensor:
    """The same, but at the ends what the formula itself gives: 0."""
    formula = in_libraries.clone()
    formula[[0, -1]] = 0.0
    return formula


def place_of_beta(beta: float) -> int:
    """The nearest of BETAS; of one out of [0, 1], that of a half."""
    return int((BETAS - (beta if 0 <= beta <= 1 else 0.5)).abs().argmin())


def jump(losses: Between) -> tuple[float, float]:
    """By how much loss and gradient grow from β = SMALL to β = 0 in libraries."""
    near = place_of_beta(SMALL)
    ratio = lambda table: float(table["library"][0] / table["library"][near])
    return ratio(losses.loss), ratio(losses.slope)


def finding(losses: Between) -> str:
    """The jump in a sentence; where teacher and student agree there is none."""
    if not float(losses.loss["library"][0]) > 1e-12:
        return "Teacher and student agree here, so every loss is 0. Choose another digit."
    loss, slope = jump(losses)
    return f"From β = {SMALL:g} to β = 0 the loss in libraries jumps {loss:.0f}-fold, and its gradient {slope:.0f}-fold."


def between_scene(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float, unit: Unit, start: int) -> dict:
    """β under the scrubber: teacher, student and their mixture M as bars, then loss and gradient against β."""
    losses = between(teacher, student, temperature)
    tracks = {"formula": by_formula(losses.loss["library"]), **losses.loss}
    p, q = ((torch.tensor(row, dtype=torch.float64) / temperature).softmax(-1) for row in (teacher, student))
    mixtures = BETAS.unsqueeze(-1) * p + (1 - BETAS.unsqueeze(-1)) * q
    return {
        **resting_bars(p, q, mixtures[start], unit, top=1.2 * float(torch.maximum(p, q).max())),
        "numbers": {name: scene.number(name, (), float(values[start]), status="exact") for name, values in tracks.items()},
        "readouts": [
            {"quantity": "formula", "title": "Generalised JSD", "size": "large"},
            {"quantity": "library", "title": "In libraries", "note": "a pure KL at 0 and 1"},
            {"quantity": "scaled", "title": "Divided by β(1\u00a0−\u00a0β)"},
            {"quantity": "swapped", "title": "Weights swapped"},
        ],
        "panels": _panels(unit),
        "charts": {"losses": _chart(losses.loss, unit.per_nat), "slopes": _chart(losses.slope, unit.per_nat)},
        "scrub": {
            "label": "β",
            "unit": "β =",
            "values": packed(BETAS),
            "seconds": 8,
            "start": start,
            "curves": {"m": {f"probs.{i}": packed(mixtures[:, i]) for i in range(len(p))}},
            "numbers": {name: packed(values) for name, values in tracks.items()},
        },
        "export": "between_the_kls",
        "hint": _hint(losses, unit),
    }


def _hint(losses: Between, unit: Unit) -> str:
    near, end = (number(float(losses.loss["library"][place]) * unit.per_nat) for place in (place_of_beta(SMALL), 0))
    return f"Move β towards 0. At {SMALL:g} the formula gives {near} {unit.name}; at 0 libraries give KL(P‖Q) = {end}."


def _panels(unit: Unit) -> list[dict]:
    """Loss and gradient, then what is compared."""
    return [
        _panel("losses", f"Loss, in {unit.name}", "at β = 0 and 1, rings: a pure KL in libraries; open circles: 0 by the formula"),
        _panel("slopes", "Size of the gradient", "with respect to the student’s logits: beside an end almost nothing is learned"),
        {
            "kind": "curves",
            "curves": ["p", "q", "m"],
            "label": "Teacher, student and their mixture",
            "title": "Teacher P (solid), student Q (dashed) and M = β·P + (1 − β)·Q (dotted)",
        },
    ]


def _panel(name: str, title: str, note: str) -> dict:
    return {"kind": "chart", "name": name, "half": True, "title": title, "label": f"{title} against β", "note": note, "series": _SERIES}


def _chart(table: dict[str, Tensor], scale: float) -> dict:
    """The cures, the formula, what libraries use (the same but at the ends, where it jumps), and both at the ends."""
    values = {name: column * scale for name, column in table.items()}
    formula = by_formula(values["library"])
    rows = [values["scaled"], values["swapped"], formula, values["library"]]
    ends = [{"x": packed(BETAS[[0, -1]]), "y": packed(row[[0, -1]])} for row in (values["library"], formula)]
    whole = packed(BETAS)
    return {
        "x_range": [-0.07, 1.05],
        "y_range": [0.0, 1.18 * max(float(column.max()) for column in values.values()) or 1.0],
        "x_ticks": [[0.0, "β = 0: KL(P‖Q)"], [0.5, "½"], [1.0, "1: KL(Q‖P)"]],
        "series": [*({"x": whole, "y": packed(row)} for row in rows), *ends],
        "points": [4, 5],
        "name_at": [*map(place_of_beta, (0.3, 0.15, 0.3)), None, None, None],
        "places": whole,
        "dots": [0, 1, 3],
    }
