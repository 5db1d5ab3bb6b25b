"""Every method on one picture: reward against KL from the same reference, as exact curves and as paths of real runs.

Exact curves: π*_β, the frontier, which no policy passes; best-of-n with ties, and the bound on its KL; χPO's limit. Runs:
REINFORCE, PPO, GRPO, Dr. GRPO and DAPO by reward, DPO and χPO by pairs, each of which yields its steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .levels import Levels, best_of_many, chi_tilted, win_rate
from .preferences import PREFERENCE_METHODS, PreferenceSettings, PreferenceTraining
from .single_step import best_of_n_bound
from .training import RECIPES, PolicyStep, Settings, Training
from .world import World, betas

__all__ = ["FRONTIER_METHODS", "FRONTIER_NS", "FrontierCurve", "Frontier", "frontier", "method_run", "shortfall"]

FRONTIER_METHODS = (*RECIPES, *PREFERENCE_METHODS)
FRONTIER_NS = (1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 256, 1024, 4096, 16_384)


@dataclass(frozen=True)
class FrontierCurve:
    """setting: (points,) β or n. kl: KL(π‖π_ref), nats per answer. proxy, gold: mean rewards; all exact, (points,)."""

    setting: Tensor
    kl: Tensor
    proxy: Tensor
    gold: Tensor


@dataclass(frozen=True)
class Frontier:
    """optimum: π*_β over β, from 0 to ∞. best_of_n: over n. bound: (n's,) log n − (n − 1)/n, at least best_of_n.kl.
    win_rate: (n's,) of best-of-n against one draw of π_ref, ties counted half, beside most_wins, n/(n + 1). chi_po: its
    limit over β with unlimited pairs; DPO's limit is the optimum itself.
    """

    optimum: FrontierCurve
    best_of_n: FrontierCurve
    bound: Tensor
    win_rate: Tensor
    most_wins: Tensor
    chi_po: FrontierCurve


def frontier(
    world: World, levels: Levels, ns: Sequence[int] = FRONTIER_NS, chi_betas: Sequence[float] = (0.03, 0.1, 0.3, 1.0, 3.0)
) -> Frontier:
    """The exact curves, from `levels.reward_levels(world)`; some 2 s, most of it for χPO."""
    grid = betas()
    exact = world.measure(world.optimum(grid))
    best, chi = best_of_many(levels, ns), chi_tilted(levels, chi_betas)
    n = torch.tensor(ns, dtype=levels.mass.dtype, device="cpu")
    return Frontier(
        FrontierCurve(grid, exact.kl, exact.proxy, exact.gold),
        FrontierCurve(n, best.kl, best.proxy, best.gold),
        best_of_n_bound(n),
        win_rate(levels, ns),
        n / (n + 1),
        FrontierCurve(torch.tensor(chi_betas, dtype=n.dtype, device="cpu"), chi.kl, chi.proxy, chi.gold),
    )


def method_run(
    world: World,
    method: str,
    *,
    beta: float = 0.7,
    steps: int = 200,
    seed: int = 0,
    learning_rate: float = 0.05,
    pairs: int = 1000,
    **changes: Any,
) -> Iterator[PolicyStep]:
    """The steps of a run of one of FRONTIER_METHODS; the same for the same arguments.

    beta: of the penalty; Dr. GRPO and DAPO have none, and ignore it unless it is among `changes` of `RECIPES`' choices.
    pairs: of DPO and χPO. changes: fields of `training.Settings`. ValueError for an unknown method or a bad setting.
    """
    if method not in FRONTIER_METHODS:
        raise ValueError(f"method is {method!r}; it is one of {', '.join(FRONTIER_METHODS)}")
    if method in PREFERENCE_METHODS:
        return iter(PreferenceTraining(world, PreferenceSettings(method, beta, pairs, learning_rate, steps, seed=seed)))
    common = {"beta": beta, "steps": steps, "seed": seed, "learning_rate": learning_rate}
    return iter(Training(world, Settings(**common | RECIPES[method] | changes)))


def shortfall(world: World, kl: float, proxy: float) -> float:
    """How much proxy reward a policy of this KL lacks of the frontier's, at least 0 but for rounding.

    The frontier's reward at a KL is min over β of β·KL + β·log Z(β), by duality; found on a fine grid of β and refined.
    """
    grid = betas(400, 0.02, 1e3)[1:-1]
    for _ in range(2):
        heights = grid * kl + world.optimum(grid).objective
        place = int(heights.argmin())
        low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
        best = float(heights.min())
        grid = torch.linspace(float(low), float(high), 65, dtype=grid.dtype, device="cpu")
    return best - proxy
