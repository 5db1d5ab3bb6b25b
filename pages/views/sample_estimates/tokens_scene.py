"""k1, k2 and k3 at each token of a text."""

import torch
from torch import Tensor

from kl_core.estimates.estimators import ESTIMATORS

from ...shared.live.tables import packed
from ...shared.style import Unit
from .scene import SERIES


def tokens_scene(log_p: Tensor, log_q: Tensor, unit: Unit) -> dict:
    """Each estimator at each token, as bars."""
    values = [estimate(log_p, log_q) * unit.per_nat for estimate in ESTIMATORS.values()]
    every = torch.cat(values)
    every = torch.cat([every[every.isfinite()], every.new_zeros(1)])
    low, high = min(float(every.min()), 0.0), max(float(every.max()), 1e-9)
    margin = 0.12 * (high - low)
    places = torch.arange(1, len(log_p) + 1, dtype=torch.float64)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "numbers": {},
        "panels": [
            {
                "kind": "chart",
                "name": "tokens",
                "title": f"k1, k2 and k3 of each token, in {unit.name}",
                "label": "k1, k2 and k3 at each token",
                "note": "at each token from left to right: k1 = −log\u00a0r (violet), k2 = ½·(log\u00a0r)² (green), "
                "k3 = r\u00a0−\u00a01\u00a0−\u00a0log\u00a0r (red)",
                "series": [{**series, "style": f"{series['style']} bar"} for series in SERIES],
            }
        ],
        "charts": {
            "tokens": {
                "bars": True,
                "x_range": [0.4, len(log_p) + 0.6],
                "y_range": [low - margin, high + margin],
                "x_ticks": [[float(i), f"token {i}"] for i in range(1, len(log_p) + 1)] if len(log_p) <= 12 else None,
                "series": [{"x": packed(places), "y": packed(terms.clamp(-1e6, 2 * high))} for terms in values],
            }
        },
        "hint": "A bar below 0: π_ref gives this token a higher probability than π, which drew it.",
    }
