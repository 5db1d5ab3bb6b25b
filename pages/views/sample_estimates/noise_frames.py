"""Gradients with their noise at every sampler μ between π and π_ref: what the picture "Gradient noise" slides through."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.estimates.gradient_noise import NoisyGradients, action_gradients, between, sequence_gradients

from ...shared.cache import shared_cache
from ...shared.live.tables import packed
from ...shared.plane import Line, Plane
from ...shared.style import Unit

SHARES = torch.linspace(0, 1, 41, dtype=torch.float64)
OUTLINE = 49
FARTHEST = 2.5
"""How many lengths of the true gradient the picture shows at most; importance weights can scatter farther."""
WORD_LOSSES = {"k1": "k1", "k2": "k2", "k3": "k3", "weighted_k2": "(π/μ)·k2, fixed weight", "weighted_k3": "(π/μ)·k3"}
SEQUENCE_LOSSES = {
    "token_k2": "k2 per token",
    "token_k3": "k3 per token",
    "token_weighted_k3": "(π/μ)·k3 per token",
    "sequence_k1": "k1 of the sequence",
    "sequence_k2": "k2 of the sequence",
    "sequence_k3": "k3 of the sequence",
    "sequence_weighted_k3": "(π/μ)·k3 of the sequence",
}
_COLOURS = dict(zip((*WORD_LOSSES, *SEQUENCE_LOSSES), (4, 3, 5, 2, 1, 6, 2, 7, 4, 3, 5, 1), strict=True))


@dataclass(frozen=True)
class Samples:
    """What is drawn: log π and log π_ref. sequences 0: one of three words; else sequences of so many words, 0 or 1, whose log-odds
    after a 0 and after a 1 the two rows are."""

    policy: tuple[float, ...]
    reference: tuple[float, ...]
    sequences: int = 0


@shared_cache(32)
def noise_of(samples: Samples) -> list[NoisyGradients]:
    """At each of SHARES, exact."""
    policy, reference = (torch.tensor(row, dtype=torch.float64) for row in (samples.policy, samples.reference))
    if samples.sequences:
        return [sequence_gradients(policy, reference, torch.lerp(policy, reference, share), samples.sequences) for share in SHARES]
    return [action_gradients(policy, reference, between(policy, reference, float(share))) for share in SHARES]


def bars_of(samples: Samples) -> list[dict]:
    """μ at each of SHARES as shares of a bar: [{"name", "parts": their names, "shares": packed (SHARES, parts)}]."""
    policy, reference = (torch.tensor(row, dtype=torch.float64) for row in (samples.policy, samples.reference))
    if not samples.sequences:
        rows = torch.stack([between(policy, reference, float(share)).exp() for share in SHARES])
        return [{"name": "", "parts": ["A", "B", "C"], "shares": packed(rows)}]
    ones = torch.stack([torch.lerp(policy, reference, share).sigmoid() for share in SHARES])
    return [
        {"name": f"after a {word}", "parts": ["1", "0"], "shares": packed(torch.stack([ones[:, word], 1 - ones[:, word]], -1))}
        for word in (0, 1)
    ]


def noise_scene(samples: Samples, shown: list[str], draws: int, unit: Unit, start: float) -> dict:
    """What the component is told. shown: keys of losses; draws: samples averaged; start: the share at which it opens."""
    frames = noise_of(samples)
    truth, back = frames[0].to_reference * unit.per_nat, frames[0].from_reference * unit.per_nat
    names = SEQUENCE_LOSSES if samples.sequences else WORD_LOSSES
    across = lambda value: torch.stack([value(frame) for frame in frames])
    losses, outlines = [], []
    for loss in shown:
        outline = across(lambda frame, loss=loss: frame.by_loss[loss].outline(OUTLINE, samples=draws)) * unit.per_nat
        outlines.append(outline)
        losses.append(
            {"name": names[loss], "colour": _COLOURS[loss], "outline": packed(outline, torch.float32)}
            | _measures(frames, loss, draws, unit)
        )
    return {
        "plane": _empty(samples, truth, back, outlines, unit),
        "truth": truth.tolist(),
        "back": back.tolist(),
        "losses": losses,
        "points": OUTLINE,
        "bars": bars_of(samples),
        "shares": len(SHARES),
        "start": start,
    }


def _measures(frames: list[NoisyGradients], loss: str, draws: int, unit: Unit) -> dict[str, str]:
    """The mean at each share, and beside the true gradient: its angle in degrees, its length, its error and its spread."""
    size = float(frames[0].to_reference.norm()) or 1.0
    noises = [frame.by_loss[loss] for frame in frames]
    column: Callable[[list[float]], str] = lambda values: packed(torch.tensor(values, dtype=torch.float64))
    return {
        "mean": packed(torch.stack([noise.mean for noise in noises]) * unit.per_nat),
        "angle": column([noise.angle(frames[0].to_reference) for noise in noises]),
        "length": column([float(noise.mean.norm()) / size for noise in noises]),
        "error": column([float((noise.mean - frames[0].to_reference).norm()) / size for noise in noises]),
        "back_error": column([float((noise.mean - frames[0].from_reference).norm()) / size for noise in noises]),
        "spread": column([noise.spread(draws) / size for noise in noises]),
    }


def _empty(samples: Samples, truth: Tensor, back: Tensor, outlines: list[Tensor], unit: Unit) -> Plane:
    """The picture without its losses: both true gradients, and axes that hold every sampler's ellipses up to FARTHEST."""
    limit = FARTHEST * float(max(truth.norm(), back.norm(), truth.new_tensor(1e-9)))
    every = torch.cat([torch.zeros(1, 2, dtype=torch.float64), truth[None], back[None], *(one.reshape(-1, 2) for one in outlines)])
    low, high = every.clamp(-limit, limit).min(0).values, every.clamp(-limit, limit).max(0).values
    x, y = (
        ("logit after a 0", "logit after a 1") if samples.sequences else ("logit of A minus that of B", "logits of A and B minus that of C")
    )
    margin = 0.08 * float((high - low).max())
    arrow = lambda name, tip, colour: Line(name, [0.0, float(tip[0])], [0.0, float(tip[1])], "arrow truth", colour)
    return Plane(
        f"Gradient per unit of a logit, {unit.name}",
        (x, float(low[0]) - margin, float(high[0]) + margin),
        (y, float(low[1]) - margin, float(high[1]) + margin),
        [arrow("∇KL(π‖π_ref)", truth, 9), arrow("∇KL(π_ref‖π)", back, 9)],
        equal=True,
    )
