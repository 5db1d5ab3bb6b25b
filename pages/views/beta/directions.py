"""One choice between six answers, under the penalty in either direction, for every β."""

import torch

from kl_core import kl_from_probs
from kl_core.families import FAMILIES
from kl_core.rlhf.single_step import optimum_from_reference, optimum_to_reference

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit

ANSWERS = ("helpful", "short", "polite", "odd", "rare", "hack")
REFERENCE = (0.30, 0.25, 0.20, 0.15, 0.09, 0.01)
REWARD = (1.0, 0.6, 0.4, 0.0, 0.8, 2.0)
BETAS = torch.logspace(-1.5, 1.5, 61, dtype=torch.float64)


def directions_scene(unit: Unit, start: float) -> dict:
    """π_ref, the optimum under β·KL(π‖π_ref), and the optimum under β·KL(π_ref‖π), side by side."""
    reference = torch.tensor(REFERENCE, dtype=torch.float64)
    reward = torch.tensor(REWARD, dtype=torch.float64)
    found = {
        "reverse": torch.stack([optimum_to_reference(reference.log(), reward, float(beta)).exp() for beta in BETAS]),
        "forward": torch.stack([optimum_from_reference(reference.log(), reward, float(beta)).exp() for beta in BETAS]),
    }
    numbers = {
        "kl_reverse": kl_from_probs(found["reverse"], reference),
        "kl_forward": kl_from_probs(reference, found["forward"]),
        "reward_reverse": found["reverse"] @ reward,
        "reward_forward": found["forward"] @ reward,
    }
    bars = FAMILIES["categorical"]
    law = lambda label, style, probs: scene.curve(label, style, bars, {"probs": tuple(probs.tolist())}, movable=False)
    laws = {name: law("π*", "p", probs[0]) for name, probs in found.items()} | {"reference": law("π_ref", "q", reference)}
    return {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-0.5, len(ANSWERS) - 0.5],
        "names": [f"{name} r={value:g}" for name, value in zip(ANSWERS, REWARD, strict=True)],
        "curves": laws,
        "size": "ruled",
        "numbers": {name: scene.number(name, (), float(values[0]), status="exact") for name, values in numbers.items()},
        "panels": [
            {
                "kind": "curves",
                "half": True,
                "curves": ["reverse", "reference"],
                "title": "Penalty β·KL(π‖π_ref)",
                "caption": "reverse",
                "label": "The optimum under the penalty averaged under the policy",
            },
            {
                "kind": "curves",
                "half": True,
                "curves": ["forward", "reference"],
                "title": "Penalty β·KL(π_ref‖π)",
                "caption": "forward",
                "label": "The optimum under the penalty averaged under the reference",
            },
        ],
        "captions": {
            "reverse": "π* ∝ π_ref·exp(r/β), averaged under π: may drop what the reference says",
            "forward": "π* = β·π_ref/(λ − r), averaged under π_ref: keeps some of all it says",
        },
        "readouts": [
            {"quantity": "kl_reverse", "title": "KL(π‖π_ref)", "note": "left, averaged under π"},
            {"quantity": "reward_reverse", "title": "Reward, left", "plain": True},
            {"quantity": "kl_forward", "title": "KL(π_ref‖π)", "note": "right, averaged under π_ref"},
            {"quantity": "reward_forward", "title": "Reward, right", "plain": True},
        ],
        "scrub": {
            "label": "β, the price of a nat of KL in units of reward",
            "unit": "β =",
            "values": packed(BETAS),
            "seconds": 8,
            "curves": {name: {f"probs.{i}": packed(probs[:, i]) for i in range(len(ANSWERS))} for name, probs in found.items()},
            "numbers": {name: packed(values) for name, values in numbers.items()},
            "start": scene.nearest(BETAS, start),
        },
        "export": "directions",
        "hint": "Both are called “a KL penalty”. RLHF’s is the left one: for π it is the reverse, mode-seeking direction.",
    }
