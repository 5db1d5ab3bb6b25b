"""The path of a Gaussian downhill: gradient descent, Adam, natural gradient and Newton, with exact gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import MixtureSameFamily

from .fitting import fit_forward, modified_newton_step, reverse_slope
from .gaussian_average import Mixture
from .landscape import DIRECTIONS, forward_value

__all__ = ["OPTIMISERS", "Path", "descend"]

TOO_FAR = 1e6
TOO_WIDE = 30.0


@dataclass(frozen=True)
class Path:
    """loc, scale, kl: (steps + 1,), the start first; NaN from `diverged_at` on, where the path left all bounds."""

    loc: Tensor
    scale: Tensor
    kl: Tensor
    diverged_at: int | None


Slope = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]


def descend(target: MixtureSameFamily, direction: str, start: tuple[float, float], optimiser: str, steps: int,
            learning_rate: float) -> Path:
    """Minimises KL over Gaussians from start = (loc, scale), in the parameters (loc, log scale).

    direction: "forward", KL(target‖q), or "reverse", KL(q‖target). optimiser: one of OPTIMISERS. A learning rate that
    is too large is not rescued: the path ends where it leaves |loc| < 1e6, |log scale| < 30.
    Raises ValueError for a name or a number out of its domain.
    """
    _check(direction, start, optimiser, steps, learning_rate)
    slope = _forward_slope(target) if direction == "forward" else _reverse_slope(target)
    rule = OPTIMISERS[optimiser](learning_rate)
    place = torch.tensor([start[0], math.log(start[1])], dtype=torch.float64)
    rows = torch.full((steps + 1, 3), torch.nan, dtype=torch.float64)
    for step in range(steps + 1):
        value, gradient, hessian = slope(place[0], place[1])
        rows[step] = torch.stack([place[0], place[1].exp(), value])
        place = place + rule(gradient, hessian, place[1])
        if not bool(place.isfinite().all()) or abs(place[0]) > TOO_FAR or abs(place[1]) > TOO_WIDE:
            return Path(*rows.unbind(-1), step + 1 if step < steps else None)
    return Path(*rows.unbind(-1), None)


def _check(direction: str, start: tuple[float, float], optimiser: str, steps: int, learning_rate: float) -> None:
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be 'forward' or 'reverse', not {direction!r}")
    if optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser must be one of {', '.join(OPTIMISERS)}, not {optimiser!r}")
    if not (math.isfinite(start[0]) and math.isfinite(start[1]) and start[1] > 0):
        raise ValueError(f"start must be a finite loc and a scale greater than 0, not {start}")
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate must be a number greater than 0, not {learning_rate}")


def _reverse_slope(target: MixtureSameFamily) -> Slope:
    mixture = Mixture.of(target)
    return lambda loc, log_scale: reverse_slope(mixture, loc, log_scale)


def _forward_slope(target: MixtureSameFamily) -> Slope:
    """Value, gradient and Hessian of KL(target‖q), all from the target's mean and variance."""
    moment = fit_forward(target)
    least = forward_value(target, moment.loc, moment.scale.log())

    def slope(loc: Tensor, log_scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        precision = torch.exp(-2 * log_scale)
        away = loc - moment.loc
        square = (moment.scale**2 + away**2) * precision
        value = least + log_scale - moment.scale.log() + 0.5 * (square - 1)
        gradient = torch.stack([away * precision, 1 - square])
        cross = -2 * away * precision
        hessian = torch.stack([torch.stack([precision, cross]), torch.stack([cross, 2 * square])])
        return value, gradient, hessian

    return slope


def _gradient_descent(learning_rate: float):
    return lambda gradient, hessian, log_scale: -learning_rate * gradient


def _natural_gradient(learning_rate: float):
    """Amari 1998: the gradient divided by Fisher's metric, diag(1/scale², 2)."""
    def step(gradient: Tensor, hessian: Tensor, log_scale: Tensor) -> Tensor:
        return -learning_rate * gradient * torch.stack([torch.exp(2 * log_scale), torch.full_like(log_scale, 0.5)])

    return step


def _newton(learning_rate: float):
    return lambda gradient, hessian, log_scale: learning_rate * modified_newton_step(gradient, hessian, log_scale)


def _adam(learning_rate: float, decay: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8):
    """Kingma & Ba 2015, algorithm 1."""
    state = {"step": 0, "mean": torch.zeros(2, dtype=torch.float64), "square": torch.zeros(2, dtype=torch.float64)}

    def step(gradient: Tensor, hessian: Tensor, log_scale: Tensor) -> Tensor:
        state["step"] += 1
        for name, rate, value in (("mean", decay[0], gradient), ("square", decay[1], gradient**2)):
            state[name] = rate * state[name] + (1 - rate) * value
        mean, square = (state[name] / (1 - rate ** state["step"]) for name, rate in zip(("mean", "square"), decay, strict=True))
        return -learning_rate * mean / (square.sqrt() + epsilon)

    return step


OPTIMISERS = {
    "gradient descent": _gradient_descent,
    "adam": _adam,
    "natural gradient": _natural_gradient,
    "newton": _newton,
}
