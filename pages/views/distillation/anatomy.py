"""The distillation loss taken apart, at every temperature: two softened distributions, its parts and their mix, and the gradient."""

import torch
from torch import Tensor

from kl_core.distilling.distillation import scaled_soft_kl, soft_gradient, soft_kl, soften
from kl_core.families import FAMILIES

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from .examples import TEMPERATURES, Example, place_of

_SOFTENED_PANEL = {
    "kind": "curves",
    "curves": ["p", "q"],
    "label": "Teacher and student, both softened at T",
    "title": "Teacher P (solid) and student Q (dashed), both softened at T",
}
_LEAST_POWER = -4
"""Of ten, of the smallest gradient in the picture. At T = 0.1 it is smaller, and nothing more is to be seen."""
_T_TICKS = [[power, f"T = {10.0**power:g}"] for power in (-1, 0, 1, 2)]


def anatomy_scene(example: Example, alpha: float, unit: Unit, start: float) -> dict:
    """The loss of a student that was taught by hard labels alone, and the size of its gradient, at every T."""
    teacher, student = (torch.tensor(logits, dtype=torch.float64) for logits in (example.logits, example.student))
    parts, where = loss_parts(example, alpha), place_of(start)
    softened = {role: soften(logits, TEMPERATURES) for role, logits in (("p", teacher), ("q", student))}
    return {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-0.5, len(example.names) - 0.5],
        "names": list(example.names),
        "size": "ruled tall",
        "top": 1.08,
        "stack_range": [0.0, 1.02 * float(parts["loss"].max())],
        "curves": {
            role: scene.curve(name, role, FAMILIES["categorical"], {"probs": tuple(softened[role][where].tolist())}, movable=False)
            for role, name in (("p", "P"), ("q", "Q"))
        },
        "numbers": {name: scene.number(name, (), float(one[where]), status="exact") for name, one in parts.items()},
        "readouts": _readouts(example),
        "stacks": [_stack(alpha)],
        "panels": [
            _SOFTENED_PANEL,
            *_chart_panels(unit),
        ],
        "charts": {"parts": _parts_chart(parts, unit), "slopes": _slopes_chart(soft_gradient(student, teacher, TEMPERATURES).norm(dim=-1))},
        "scrub": {
            "label": "Temperature T",
            "unit": "T =",
            "values": packed(TEMPERATURES),
            "seconds": 8,
            "start": where,
            "curves": {role: {f"probs.{i}": packed(one[:, i]) for i in range(len(example.names))} for role, one in softened.items()},
            "numbers": {name: packed(one) for name, one in parts.items()},
        },
        "export": "distillation_loss",
        "hint": f"The student learned from 100 labels; this digit’s is {example.label}. Raise T: the KL shrinks, T² · KL does not.",
    }


def _readouts(example: Example) -> list[dict]:
    return [
        {"quantity": "loss", "title": "Loss", "size": "large"},
        {"quantity": "hard", "title": "Cross-entropy", "note": f"with the label {example.label}"},
        {"quantity": "soft", "title": "KL(P‖Q)", "note": "at T"},
        {"quantity": "scaled", "title": "T² · KL(P‖Q)"},
    ]


def _stack(alpha: float) -> dict:
    """The loss as the sum of its two parts, as they are mixed."""
    return {
        "style": "p",
        "parts": ["mixed_hard", "mixed_soft"],
        "total": "loss",
        "names": [f"{1 - alpha:g} · hard", f"{alpha:g} · T²·KL", "Loss"],
    }


def loss_parts(example: Example, alpha: float) -> dict[str, Tensor]:
    """At every temperature, in nats: the hard and the soft part, the soft one times T², the two as mixed, and the loss."""
    teacher, student = (torch.tensor(one, dtype=torch.float64) for one in (example.logits, example.student))
    hard = -student.log_softmax(-1)[example.label].expand(len(TEMPERATURES))
    soft, scaled = soft_kl(student, teacher, TEMPERATURES), scaled_soft_kl(student, teacher, TEMPERATURES)
    mixed = {"mixed_hard": (1 - alpha) * hard, "mixed_soft": alpha * scaled}
    return {"hard": hard, "soft": soft, "scaled": scaled, **mixed, "loss": mixed["mixed_hard"] + mixed["mixed_soft"]}


def _chart_panels(unit: Unit) -> list[dict]:
    return [
        {
            "kind": "chart",
            "name": "parts",
            "half": True,
            "title": f"The parts of the loss, in {unit.name}",
            "label": "The parts of the loss against T",
            "note": "against T; at large T the KL alone shrinks as 1/T²",
            "series": [
                {"style": "k2", "label": "hard"},
                {"style": "k1", "label": "KL"},
                {"style": "k3", "label": "T²·KL"},
                {"style": "true", "label": "loss"},
            ],
        },
        {
            "kind": "chart",
            "name": "slopes",
            "half": True,
            "title": "Size of the soft part’s gradient",
            "label": "Gradient norms against T",
            "note": "without T² it shrinks as 1/T², so the label decides alone; with T² both parts keep their weight",
            "series": [{"style": "k1", "label": "without T²"}, {"style": "k3", "label": "with T²"}],
        },
    ]


def _curve(values: Tensor) -> dict:
    return {"x": packed(TEMPERATURES.log10()), "y": packed(values)}


def _parts_chart(parts: dict[str, Tensor], unit: Unit) -> dict:
    drawn = [parts[name] * unit.per_nat for name in ("hard", "soft", "scaled", "loss")]
    top = float(torch.stack([drawn[0], drawn[2], drawn[3]]).max())
    low = int((drawn[1] < 0.85 * top).long().argmax())  # where the KL comes into the picture; its end is under the others
    return {
        "x_range": [-1.0, 2.0],
        "y_range": [0.0, 1.15 * top],
        "x_ticks": _T_TICKS,
        "places": packed(TEMPERATURES.log10()),
        "dots": [0, 1, 2, 3],
        "name_at": [0, low, None, None],
        "series": [_curve(one) for one in drawn],
    }


def _slopes_chart(slope: Tensor) -> dict:
    sizes = torch.stack([slope, TEMPERATURES**2 * slope]).clamp_min(1e-9).log10()
    return {
        "x_range": [-1.0, 2.0],
        "y_range": [_LEAST_POWER, float(sizes.max()) + 0.3],
        "x_ticks": _T_TICKS,
        "y_ticks": [[power, f"{10.0**power:g}"] for power in (-3, -2, -1, 0, 1, 2)],
        "places": packed(TEMPERATURES.log10()),
        "dots": [0, 1],
        "series": [_curve(one) for one in sizes],
    }
