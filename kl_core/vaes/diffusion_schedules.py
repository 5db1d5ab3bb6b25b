"""Noise schedules of a diffusion: the linear and the cosine one, one drawn through a few levels, and the best one for given data.

A schedule is ᾱ_1 … ᾱ_T, the signal's share of the variance of x_t, falling.
"""

from __future__ import annotations

import math

import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from .diffusion import MixtureData, level_of, prior_kl, step_kl, step_of

__all__ = ["HIGHEST", "LOWEST", "KNOTS", "SCHEDULES", "linear_schedule", "cosine_schedule", "drawn_schedule", "best_schedule"]

HIGHEST, LOWEST = 0.999, 1e-5
"""Between them lie the levels of a drawn schedule and of the best one."""
KNOTS = (0.25, 0.5, 0.75, 1.0)
"""Shares t/T of the time at which a drawn schedule is held."""
_GRID, _GRID_NODES = 321, 301


def _times(steps: int) -> Tensor:
    if not (isinstance(steps, int) and steps >= 1):
        raise ValueError(f"steps is {steps}; it is a whole number of at least 1")
    return torch.arange(1, steps + 1, dtype=torch.float64, device="cpu") / steps


def linear_schedule(steps: int) -> Tensor:
    """(steps,) ᾱ = exp(−0.1·u − 9.95·u²), u = t/T: β rises linearly from 0.1 to 20 per unit of time.

    The limit of Ho et al.'s schedule for many steps (Song et al. 2021, arXiv 2011.13456, appendix C).
    """
    u = _times(steps)
    return torch.exp(-0.1 * u - 9.95 * u * u)


def cosine_schedule(steps: int) -> Tensor:
    """(steps,) ᾱ = f(u)/f(0), f(u) = cos²(½π·(u + 0.008)/1.008) (Nichol & Dhariwal 2021, arXiv 2102.09672, equation 17).

    At the end, where f is 0, it is LOWEST.
    """
    f = lambda u: torch.cos(0.5 * math.pi * (u + 0.008) / 1.008) ** 2
    return (f(_times(steps)) / f(torch.zeros((), dtype=torch.float64, device="cpu"))).clamp_min(LOWEST)


SCHEDULES = {"linear": linear_schedule, "cosine": cosine_schedule}


def drawn_schedule(levels: tuple[float, ...], steps: int) -> Tensor:
    """(steps,) through ᾱ = 1 at t = 0 and these falling levels at KNOTS, monotone between them (Fritsch & Carlson 1980) in the
    angle arccos √ᾱ, in which the cosine schedule is a straight line. ValueError where levels do not fall or leave [LOWEST, HIGHEST]."""
    if len(levels) != len(KNOTS) or not all(a > b for a, b in zip(levels, levels[1:])) or not LOWEST <= levels[-1] < levels[0] <= HIGHEST:
        raise ValueError(f"levels are {levels}; they are {len(KNOTS)}, and fall from {HIGHEST:g} at most to {LOWEST:g} at least")
    angles = [math.acos(math.sqrt(level)) for level in levels]
    curve = PchipInterpolator((0.0, *KNOTS), (0.0, *angles))
    return torch.from_numpy(curve(_times(steps).numpy())).cos().square()


def best_schedule(data: MixtureData, steps: int, variance: str = "small") -> Tensor:
    """(steps,) the schedule of least −ELBO among levels on a grid of log-SNR, by dynamic programming: exact on that grid.

    −ELBO is a sum over neighbouring levels, so the best way to a level needs only the best way to those before it
    (Watson et al. 2021, arXiv 2106.03802). The grid has 321 levels, or more for many steps.
    """
    high, low = (math.log(level / (1 - level)) for level in (HIGHEST, LOWEST))
    signal = torch.linspace(high, low, max(_GRID, 4 * steps), dtype=torch.float64, device="cpu").sigmoid()
    mmse = level_of(data, signal, _GRID_NODES).mmse
    cost = step_kl(step_of(signal.unsqueeze(-1), signal), mmse, variance)  # [before, after]
    cost = torch.where(torch.ones_like(cost).triu(1).bool(), cost, torch.inf)
    so_far, came_from = 0.5 * (2 * math.pi * math.e * mmse).log(), []
    for _ in range(_checked(steps) - 1):
        so_far, origin = (so_far.unsqueeze(-1) + cost).min(0)
        came_from.append(origin)
    at = [int((so_far + prior_kl(data, signal)).argmin())]
    for origin in reversed(came_from):
        at.append(int(origin[at[-1]]))
    return signal[at[::-1]]


def _checked(steps: int) -> int:
    return len(_times(steps))
