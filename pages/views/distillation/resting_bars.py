"""Teacher, student and a third distribution as bars that no hand moves, below a scrubber."""

from torch import Tensor

from kl_core.families import FAMILIES

from ...shared.live import scene
from ...shared.style import Unit


def resting_bars(p: Tensor, q: Tensor, third: Tensor, unit: Unit, top: float) -> dict:
    """The part of a scene. p, q, third: (classes,) probabilities; third is drawn faint. top: of the axis, if below 1.08."""
    bars = {"p": ("P", "p", p), "q": ("Q", "q", q), "m": ("", "faint", third)}
    return {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-0.5, len(p) - 0.5],
        "names": list(map(str, range(len(p)))),
        "size": "ruled tall",
        "top": min(1.08, top),
        "curves": {
            role: scene.curve(label, style, FAMILIES["categorical"], {"probs": tuple(values.tolist())}, movable=False)
            for role, (label, style, values) in bars.items()
        },
    }
