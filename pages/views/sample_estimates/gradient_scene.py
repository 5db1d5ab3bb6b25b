"""The expected gradients of k1, k2 and k3 beside the true ones, for a policy over three words."""

import torch
from torch import Tensor

from kl_core import kl
from kl_core.estimates.estimator_gradients import EstimatorGradients, expected_gradients
from kl_core.estimates.estimators import ESTIMATORS

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.pair.scene import DIRECTIONS
from ...shared.style import Unit
from ...shared.values import ChosenDistribution

# Two axes at right angles in the plane of logit changes that sum to 0.
PLANE = torch.tensor([[1.0, -1.0, 0.0], [-1.0, -1.0, 2.0]], dtype=torch.float64)
PLANE = PLANE / PLANE.norm(dim=-1, keepdim=True)
TRUE_GRADIENTS = {"true": "∇KL(π‖π_ref)", "true back": "∇KL(π_ref‖π)"}


def gradient_scene(
    policy: ChosenDistribution, reference: ChosenDistribution, sampler: Tensor | None, weights: str, use: str, unit: Unit
) -> dict:
    """The policy and the reference as bars to drag; the expected gradient of each estimator as arrows."""
    gradients = gradients_of(policy, reference, sampler, weights, use)
    arrows = (
        {"true": gradients.to_reference, "true back": gradients.from_reference} | gradients.estimators
        if gradients
        else dict.fromkeys([*TRUE_GRADIENTS, *ESTIMATORS], torch.zeros(3, dtype=torch.float64))
    )
    forward, back = kl(policy.distribution, reference.distribution), kl(reference.distribution, policy.distribution)
    roles = (("p", "π", policy), ("q", "π_ref", reference))
    return {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": [-0.5, 2.5],
        "names": ["A", "B", "C"],
        "size": "charts",
        "curves": {role: scene.curve(label, role, chosen.family, chosen.values) for role, label, chosen in roles},
        "panels": _panels(list(arrows)),
        "numbers": {
            "kl_pq": scene.number("kl", ("p", "q"), float(forward), status="exact"),
            "kl_qp": scene.number("kl", ("q", "p"), float(back), status="exact"),
        },
        "captions": {"curves": "drag a bar; the others rescale"},
        "charts": {"arrows": _arrows_chart([PLANE @ gradient for gradient in arrows.values()])},
        "export": "estimator_gradients",
        "hint": "Drag a bar of π. On-policy and as a loss, k1 has expected gradient 0, k2 has ∇KL(π‖π_ref), k3 has ∇KL(π_ref‖π).",
    }


def _panels(arrows: list[str]) -> list[dict]:
    return [
        {
            "kind": "curves",
            "half": True,
            "curves": ["p", "q"],
            "title": "A policy over three words",
            "caption": "curves",
            "label": "π and π_ref with their handles",
        },
        {
            "kind": "chart",
            "name": "arrows",
            "half": True,
            "title": "Expected gradient with respect to the logits",
            "label": "Expected gradients as arrows",
            "note": "thick: the true gradients; thin: the expected gradient of each estimator",
            "series": [{"style": "true" if name in TRUE_GRADIENTS else name, "label": TRUE_GRADIENTS.get(name, name)} for name in arrows],
        },
        {**DIRECTIONS[0], "title": "KL(π‖π_ref)", "note": "averaged over π"},
        {**DIRECTIONS[1], "title": "KL(π_ref‖π)", "note": "averaged over π_ref"},
    ]


def _arrows_chart(tips: list[Tensor]) -> dict:
    reach = 1.25 * max(max(float(tip.abs().max()) for tip in tips), 1e-6)
    return {
        "x_range": [-reach, reach],
        "y_range": [-reach, reach],
        "arrows": True,
        "x_ticks": [],
        "series": [{"x": packed(_arrow(tip[0])), "y": packed(_arrow(tip[1]))} for tip in tips],
    }


def gradients_of(
    policy: ChosenDistribution, reference: ChosenDistribution, sampler: Tensor | None, weights: str, use: str
) -> EstimatorGradients | None:
    """None where a probability is 0: its logit is −∞, or the KL is infinite, and there is no gradient."""
    if min(*policy.values["probs"], *reference.values["probs"]) == 0:
        return None
    logits, log_reference = (
        torch.tensor(chosen.values["probs"], dtype=torch.float64).log().log_softmax(-1) for chosen in (policy, reference)
    )
    return expected_gradients(logits, log_reference, sampler, weights=weights, use=use)


def _arrow(tip: Tensor) -> Tensor:
    return torch.stack([torch.zeros_like(tip), tip])


def gradient_words(gradients: EstimatorGradients | None) -> str:
    """For each estimator which true gradient its own is, if any."""
    if gradients is None:
        return "with a probability of 0 there is none, because its logit is −∞ or the KL is infinite"
    size = max(float(gradients.to_reference.abs().max()), float(gradients.from_reference.abs().max()), 1e-12)
    said = []
    for name, value in gradients.estimators.items():
        near = lambda other: float((value - other).abs().max()) < 1e-6 * size
        which = (
            "zero"
            if near(torch.zeros_like(value))
            else "∇KL(π‖π_ref)"
            if near(gradients.to_reference)
            else ("∇KL(π_ref‖π)" if near(gradients.from_reference) else "neither of the two")
        )
        said.append(f"**{name}**: {which}")
    return " · ".join(said)
