"""The path of a Gaussian in the plane downhill: gradient descent, Adam, natural gradient and Newton."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution

from .mixture_panels import Slopes
from .plane import check_covariance, factor_of, moved, plane_kl, plane_slopes, state_of
from .plane_nodes import SPACINGS, PlaneMixture, rows_of_plane_mixture
from .search import newton_steps

__all__ = ["PLANE_RULES", "PlaneRun", "run_plane"]

_TOO_FAR = 1e6  # from the target's mean, in its sds
_TOO_WIDE = 30.0  # from their logarithm


@dataclass(frozen=True)
class PlaneRun:
    """loc: (steps + 1, 2). covariance: (steps + 1, 2, 2). kl: (steps + 1,), in nats.

    stopped_at: the first step that is missing, because the path left all bounds or was no number, NaN from there on; or None.
    """

    loc: Tensor
    covariance: Tensor
    kl: Tensor
    stopped_at: int | None


def run_plane(
    target: Distribution,
    direction: str,
    start: tuple[Tensor, Tensor],
    rule: str,
    learning_rate: float,
    steps: int,
    covariance: str = "full",
) -> PlaneRun:
    """Follows an optimiser from start = (loc (2,), covariance (2, 2)), the latter of the kind that q may have.

    target: a `plane_mixture`. direction: "forward" or "reverse". rule: one of PLANE_RULES. "gradient-descent" and "adam" move the
    mean and the factor L by (m₁, m₂, log L₁₁, L₂₁, log L₂₂), "natural-gradient" divides by Fisher's metric, "newton" takes every
    curvature as positive and steps of at most one of q's own units. ValueError, in one sentence, for anything else.
    """
    rows, ties = _checked(target, direction, rule, learning_rate, steps, covariance)
    states = state_of(start[0].double().view(1, 2), start[1].double().view(1, 2, 2))
    path, next_state = [states], PLANE_RULES[rule](ties, learning_rate)
    size = 0.5 * rows.covariance.trace().log().item()
    while len(path) <= steps:
        states = next_state(states, plane_slopes(rows, direction, states, SPACINGS[1]))
        far = (states[0, :2] - rows.mean).norm().item() / math.exp(size)
        wide = (states[0, [2, 4]] - size).abs().amax().item()
        if not (far <= _TOO_FAR and wide <= _TOO_WIDE and math.isfinite(states[0, 3].item())):
            break
        path.append(states)
    whole = torch.cat(path)
    factors = factor_of(whole)
    kl = plane_kl(target, direction, whole[:, :2], factors @ factors.mT, spacings=SPACINGS[:2])[0]
    missing = steps + 1 - len(path)
    filled = lambda value: torch.cat([value, value.new_full((missing, *value.shape[1:]), torch.nan)])
    return PlaneRun(filled(whole[:, :2]), filled(factors @ factors.mT), filled(kl), len(path) if missing else None)


def _checked(
    target: Distribution, direction: str, rule: str, learning_rate: float, steps: int, covariance: str
) -> tuple[PlaneMixture, Tensor]:
    if direction not in ("forward", "reverse"):
        raise ValueError(f"direction = {direction!r} is outside its domain: forward or reverse")
    if rule not in PLANE_RULES:
        raise ValueError(f"rule = {rule!r} is outside its domain: {', '.join(PLANE_RULES)}")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate = {learning_rate:g} is outside its domain: a finite number above 0")
    if not 1 <= steps <= 2000:
        raise ValueError(f"steps = {steps} is outside its domain: a whole number from 1 to 2000")
    return rows_of_plane_mixture(target), check_covariance(covariance)


Rule = Callable[[Tensor, Slopes], Tensor]  # (state, slopes there) → the next state


def _gradient(ties: Tensor, states: Tensor, slopes: Slopes) -> Tensor:
    """In (m₁, m₂, log L₁₁, L₂₁, log L₂₂), a sphere's two logs moving together; (1, 5)."""
    factor, own = factor_of(states), slopes.gradient
    along_loc = torch.linalg.solve(factor.mT, own[:, :2].unsqueeze(-1)).squeeze(-1)
    diagonal = factor.diagonal(dim1=-2, dim2=-1)
    off = own[:, 3] / diagonal[:, 1]
    rest = torch.stack([own[:, 2] - off * states[:, 3], off, own[:, 4]], -1)
    return torch.cat([along_loc, rest], -1) @ ties.T @ ties


def _gradient_descent(ties: Tensor, learning_rate: float) -> Rule:
    return lambda states, slopes: states - learning_rate * _gradient(ties, states, slopes)


def _adam(ties: Tensor, learning_rate: float, decay: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> Rule:
    """Kingma & Ba 2015, algorithm 1."""
    mean, square, count = torch.zeros(1, 5, dtype=torch.float64, device="cpu"), torch.zeros(1, 5, dtype=torch.float64, device="cpu"), 0

    def step(states: Tensor, slopes: Slopes) -> Tensor:
        nonlocal mean, square, count
        gradient, count = _gradient(ties, states, slopes), count + 1
        mean = decay[0] * mean + (1 - decay[0]) * gradient
        square = decay[1] * square + (1 - decay[1]) * gradient * gradient
        root = (square / (1 - decay[1] ** count)).sqrt()
        return states - learning_rate * mean / (1 - decay[0] ** count) / (root + epsilon)

    return step


def _natural_gradient(ties: Tensor, learning_rate: float) -> Rule:
    """Amari 1998. In q's own units Fisher's metric is diag(1, 1, 2, 1, 2)."""
    fisher = torch.tensor([1.0, 1.0, 2.0, 1.0, 2.0], dtype=torch.float64, device="cpu")
    metric = (ties * fisher) @ ties.T

    def step(states: Tensor, slopes: Slopes) -> Tensor:
        own = torch.linalg.solve(metric, (slopes.gradient @ ties.T).squeeze(0))
        return moved(states, -learning_rate * (own @ ties).unsqueeze(0))

    return step


def _newton(ties: Tensor, learning_rate: float) -> Rule:
    def step(states: Tensor, slopes: Slopes) -> Tensor:
        reduced = Slopes(slopes.value, slopes.gradient @ ties.T, ties @ slopes.hessian @ ties.T)
        own = newton_steps(reduced)
        own = learning_rate * own / own.abs().amax().clamp_min(1)
        return moved(states, own @ ties)

    return step


PLANE_RULES: dict[str, Callable[[Tensor, float], Rule]] = {
    "gradient-descent": _gradient_descent,
    "adam": _adam,
    "natural-gradient": _natural_gradient,
    "newton": _newton,
}
