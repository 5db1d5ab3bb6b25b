"""The table of β that everyone knows, measured in the small world, and the β that is really best.

β is a price: units of reward per nat of KL. A reward that counts `scale` times has the same best policies at a β that
is `scale` times larger, so "β = 0.05" says nothing before the scale is known. With TABLE_SCALE the usual rows are true
in this world: 0 and 0.01 are hacked, 0.05 to 0.1 are near the best, 0.5 hardly moves, ∞ is the reference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.optimize import minimize_scalar
from torch import Tensor

from .world import World, betas

__all__ = ["TABLE_SCALE", "TABLE_BETAS", "BetaRow", "unscaled_beta", "beta_rows", "best_beta"]

TABLE_SCALE = 0.1
TABLE_BETAS = (0.0, 0.01, 0.05, 0.1, 0.5, math.inf)


@dataclass(frozen=True)
class BetaRow:
    """π*_β at one β of the table. proxy, gold: gains over the reference in unscaled reward; kl: KL(π‖π_ref), nats.

    effective: the β that gives the same policy when the reward counts once. short_of_best: gold that is missing to the
    best β, at least 0.
    """

    beta: float
    effective: float
    proxy: float
    gold: float
    kl: float
    short_of_best: float


def unscaled_beta(beta: float, scale: float = TABLE_SCALE) -> float:
    """β/scale: the β at which the unscaled reward has the policy that scale·reward has at β. ValueError for a scale ≤ 0."""
    if not 0 < scale < math.inf:
        raise ValueError(f"scale is {scale}; it is a finite number above 0")
    return beta / scale


def beta_rows(world: World, scale: float = TABLE_SCALE, values: Sequence[float] = TABLE_BETAS) -> list[BetaRow]:
    """What each β gives when the reward counts `scale` times; all exact, one call of some 10 ms after `best_beta`'s 0.3 s."""
    effective = [unscaled_beta(beta, scale) for beta in values]
    measures = world.measure(world.optimum([*effective, math.inf]))
    proxy, gold = measures.proxy - measures.proxy[-1], measures.gold - measures.gold[-1]
    best = best_beta(world)[1] - float(measures.gold[-1])
    return [
        BetaRow(beta, eff, float(proxy[i]), float(gold[i]), float(measures.kl[i]), max(best - float(gold[i]), 0.0))
        for i, (beta, eff) in enumerate(zip(values, effective, strict=True))
    ]


def best_beta(world: World, scale: float = 1.0, among: tuple[Tensor, Tensor] | None = None) -> tuple[float, float]:
    """(β, gold) where the gold reward of π*_β is greatest, β in units of scale·reward; in the default world 0.648, 2.7334.

    The best place of a grid of 65 β, then Brent's method between its neighbours, to some eight digits of gold. among: (β in units
    of scale·reward, the gold reward of π*_β there), both (n,), to begin with instead of the grid, if the best of them lies between
    two others that are neither 0 nor ∞.
    """
    ordered = None if among is None else (among[0].sort().values / scale, among[1][among[0].argsort()])
    grid, gold = ordered if ordered and _peaks_within(*ordered) else (betas(), world.measure(world.optimum(betas())).gold)
    place = int(gold.argmax())
    if grid[place] == 0 or grid[place].isinf():
        return float(grid[place]) * scale, float(gold[place])
    low, high = float(grid[max(place - 1, 1)].log()), float(grid[min(place + 1, len(grid) - 2)].log())
    loss = lambda log_beta: -float(world.measure(world.optimum(math.exp(log_beta))).gold)
    best = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return math.exp(best.x) * scale, -float(best.fun)


def _peaks_within(grid: Tensor, gold: Tensor) -> bool:
    place = int(gold.argmax())
    return 0 < place < len(grid) - 1 and float(grid[place - 1]) > 0 and not bool(grid[place + 1].isinf())
