"""Latent spaces as tables for the live picture: where images lie, how widely, and how far the picture reaches."""

import torch
from torch import Tensor

from ...shared.live.tables import packed

FINEST = 1000
"""Places travel as whole thousandths: a thirtieth of a pixel."""
FARTHEST = 32.0
SPAN = 3.05
"""How far a picture reaches at least: the square over which the probe goes."""


def cloud(mu: Tensor, sd: Tensor, labels: Tensor, least: float = SPAN) -> dict:
    """mu, sd: (frames, n, 2), one frame for every place of the scrubber; labels: (n,) or none, (0,).

    Each frame's span shows 98 % of its digits, and the square of the prior.
    """
    reach = mu.abs().amax(-1).quantile(0.98, dim=-1) * 1.08
    return {
        "places": _thousandths(mu),
        "spreads": _thousandths(sd),
        "labels": packed(labels, torch.uint8),
        "spans": packed(reach.clamp_min(least), torch.float32),
    }


def _thousandths(values: Tensor) -> str:
    return packed((FINEST * values.float().clamp(-FARTHEST, FARTHEST)).round(), torch.int16)


def ink(pictures: Tensor) -> str:
    """Pictures of ink from 0 to 1, packed as bytes."""
    return packed((255 * pictures).round(), torch.uint8)


def samples_panel(note: str) -> dict:
    """The panel of what a VAE generates."""
    return {
        "kind": "images",
        "name": "samples",
        "wide": True,
        "half": True,
        "title": "Samples from the prior",
        "label": "Digits decoded from draws of the prior",
        "note": note,
    }
