"""When reverse KL begins to pick a mode: two separations of ½N(−m, 1) + ½N(m, 1).

Below the first, KL(q‖target) has one minimum over Gaussians q, in the middle; from there on two more, each at a
mode. Beyond the second these two are the best. Both are found here, not looked up.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from scipy.optimize import brentq, root
from torch.distributions import MixtureSameFamily

from ..families.gaussian_mixture import gaussian_mixture
from .fitting import fit_reverse
from .mixture_panels import log_mixture, reverse_slopes

__all__ = ["exchange_separation", "fold_separation", "two_bells"]


def two_bells(separation: float) -> MixtureSameFamily:
    """½N(−separation, 1) + ½N(separation, 1)."""
    ones = torch.ones(2, dtype=torch.float64, device="cpu")
    return gaussian_mixture(ones / 2, torch.tensor([-separation, separation], dtype=torch.float64, device="cpu"), ones)


def fold_separation() -> float:
    """The least m at which there is a minimum at a mode: there it is born together with a saddle.

    The root (loc, log scale, m) of ∇KL = 0 and det ∇²KL = 0, the condition of a fold (Kuznetsov 2004, 3.2).
    """

    def conditions(unknown: Sequence[float]) -> list[float]:
        loc, log_scale, separation = unknown
        place = torch.tensor([loc, log_scale], dtype=torch.float64, device="cpu")
        slopes = reverse_slopes(log_mixture(two_bells(separation)), place[:1], place[1:].exp())
        return [*slopes.gradient[0].tolist(), float(torch.linalg.det(slopes.hessian[0]))]

    above = fit_reverse(two_bells(2.5))[1]  # a minimum at a mode, not far beyond the fold
    solution = root(conditions, [float(above.loc), float(above.scale.log()), 2.5], tol=1e-13)
    return abs(float(solution.x[2]))


def exchange_separation() -> float:
    """The m at which the minima at the modes become as good as the one in the middle."""

    def lead(separation: float) -> float:
        fits = fit_reverse(two_bells(separation))
        middle = min(fits, key=lambda fit: abs(float(fit.loc)))
        side = max(fits, key=lambda fit: abs(float(fit.loc)))
        return float(side.kl - middle.kl)

    return brentq(lead, 2.5, 3.5, xtol=1e-13)
