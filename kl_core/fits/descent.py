"""The path of a Gaussian downhill: gradient descent, Adam, natural gradient and Newton, with exact gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import in_double
from .fitting import Fit, fit_forward
from .landscape import DIRECTIONS, check_direction, forward_kl
from .mixture_panels import LogMixture, Slopes, log_mixture, reverse_kl, reverse_slopes
from .newton import newton_step

__all__ = ["DIRECTIONS", "OPTIMISERS", "DescentPath", "descend"]

_TOO_FAR = 1e6  # from the target's mean, in its standard deviations
_TOO_WIDE = 30.0  # from its log standard deviation
_HALVINGS = 40
_ROUNDING = 1e-14  # of a KL; less is no climb


@dataclass(frozen=True)
class DescentPath:
    """loc, scale, kl (nats): (steps + 1,), the start first; NaN from `diverged_at` on, where the path left all bounds."""

    loc: Tensor
    scale: Tensor
    kl: Tensor
    diverged_at: int | None


Place = tuple[float, float]  # loc and log scale
Rule = Callable[[Slopes, Place], Place]  # what to add to them


def descend(
    target: Distribution, direction: str, start: tuple[float, float], optimiser: str, steps: int, learning_rate: float
) -> DescentPath:
    """Minimises KL over Gaussians from start = (loc, scale), in the parameters (loc, log scale).

    target: a `gaussian_mixture` without batch. direction: "forward", KL(target‖q), or "reverse", KL(q‖target).
    optimiser: one of OPTIMISERS; "newton" takes every curvature as positive, steps of at most one of the Gaussian's own
    units, and halves a step that would climb. The others are not rescued from too large a learning rate: the path
    ends where it is 1e6 of the target's standard deviations from its mean, or e^±30 of them wide.
    Raises ValueError for a name or a number out of its domain.
    """
    _check(direction, start, optimiser, steps, learning_rate)
    rows, best = log_mixture(target), fit_forward(in_double(target))
    slopes_at = (
        (lambda place: forward_slopes(best, place))
        if direction == "forward"
        else (lambda place: reverse_slopes(rows, *_gaussian(place, rows.locs)))
    )
    rule = OPTIMISERS[optimiser](learning_rate)
    places = [(float(start[0]), math.log(start[1]))]
    slopes = slopes_at(places[0])
    while len(places) <= steps:
        move = rule(slopes, places[-1])
        place = _moved(places[-1], move)
        if not _within_bounds(place, best):
            return _path(direction, best, rows, places, steps)
        there = slopes_at(place) if place != places[-1] else slopes
        for _ in range(_HALVINGS if optimiser == "newton" else 0):
            if there.value <= slopes.value + _ROUNDING * (1 + slopes.value.abs()):
                break
            move = (move[0] / 2, move[1] / 2)
            place = _moved(places[-1], move)
            there = slopes_at(place)
        places.append(place)
        slopes = there
    return _path(direction, best, rows, places, steps)


def _check(direction: str, start: tuple[float, float], optimiser: str, steps: int, learning_rate: float) -> None:
    check_direction(direction)
    if optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser = {optimiser!r} is outside its domain: {', '.join(OPTIMISERS)}")
    if not (math.isfinite(start[0]) and math.isfinite(start[1]) and start[1] > 0):
        raise ValueError(f"start = {start} is outside its domain: a finite loc and a scale greater than 0")
    if steps < 1:
        raise ValueError(f"steps = {steps} is outside its domain: at least 1")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate = {learning_rate} is outside its domain: a number greater than 0")


def _gaussian(place: Place, like: Tensor) -> tuple[Tensor, Tensor]:
    """loc and scale, each (1,), of the kind that `like` is."""
    loc, log_scale = like.new_tensor(place).split(1)
    return loc, log_scale.exp()


def _moved(place: Place, move: Place) -> Place:
    return place[0] + move[0], place[1] + move[1]


def _within_bounds(place: Place, best: Fit) -> bool:
    width = best.scale.item()
    far, wide = abs(place[0] - best.loc.item()) / width, abs(place[1] - math.log(width))
    return far <= _TOO_FAR and wide <= _TOO_WIDE  # False for NaN too


def _path(direction: str, best: Fit, rows: LogMixture, places: list[Place], steps: int) -> DescentPath:
    """The divergences are taken again, all at once and with all their digits where they are small."""
    loc, log_scale = rows.locs.new_tensor(places).unbind(-1)
    scale = log_scale.exp()
    if direction == "forward":
        kl = forward_kl(best, loc, scale)
    else:
        kl = reverse_kl(rows, loc, scale, which=torch.zeros_like(loc, dtype=torch.long))
    left = loc.new_full((steps + 1 - len(places),), torch.nan)
    loc, scale, kl = (torch.cat([value, left]) for value in (loc, scale, kl))
    return DescentPath(loc, scale, kl, len(places) if len(left) else None)


def forward_slopes(best: Fit, place: Place) -> Slopes:
    """KL(target‖q) and its slopes, from the target's moment-matched Gaussian alone; one row."""
    loc, scale = _gaussian(place, best.loc)
    z, ratio = (loc - best.loc) / scale, best.scale / scale
    square = z * z + ratio * ratio
    gradient = torch.stack([z, 1 - square], -1)
    hessian = torch.stack([torch.ones_like(z), -2 * z, -2 * z, 2 * square], -1).unflatten(-1, (2, 2))
    return Slopes(best.kl - ratio.log() + 0.5 * (square - 1), gradient, hessian)


def _gradient(slopes: Slopes, place: Place) -> Place:
    """In (loc, log scale)."""
    along_loc, along_log_scale = slopes.gradient[0].tolist()
    return along_loc * math.exp(-place[1]), along_log_scale


def _gradient_descent(learning_rate: float) -> Rule:
    def move(slopes: Slopes, place: Place) -> Place:
        gradient = _gradient(slopes, place)
        return -learning_rate * gradient[0], -learning_rate * gradient[1]

    return move


def _natural_gradient(learning_rate: float) -> Rule:
    """Amari 1998: the gradient divided by Fisher's metric, diag(1/scale², 2)."""

    def move(slopes: Slopes, place: Place) -> Place:
        gradient = _gradient(slopes, place)
        return -learning_rate * gradient[0] * math.exp(2 * place[1]), -learning_rate * gradient[1] / 2

    return move


def _newton(learning_rate: float) -> Rule:
    def move(slopes: Slopes, place: Place) -> Place:
        if slopes.gradient.abs().max() < 1e-11:  # it has arrived, and what is left to gain is rounding
            return 0.0, 0.0
        step = newton_step(slopes)[0]
        along_loc, along_log_scale = (learning_rate * step / step.abs().max().clamp_min(1)).tolist()
        return along_loc * math.exp(place[1]), along_log_scale

    return move


def _adam(learning_rate: float, decay: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> Rule:
    """Kingma & Ba 2015, algorithm 1."""
    means, squares, step = [0.0, 0.0], [0.0, 0.0], 0

    def move(slopes: Slopes, place: Place) -> Place:
        nonlocal step
        step += 1
        moves = []
        for k, slope in enumerate(_gradient(slopes, place)):
            means[k] = decay[0] * means[k] + (1 - decay[0]) * slope
            squares[k] = decay[1] * squares[k] + (1 - decay[1]) * slope * slope
            root = math.sqrt(squares[k] / (1 - decay[1] ** step))
            moves.append(-learning_rate * means[k] / (1 - decay[0] ** step) / (root + epsilon))
        return moves[0], moves[1]

    return move


OPTIMISERS: dict[str, Callable[[float], Rule]] = {
    "gradient descent": _gradient_descent,
    "adam": _adam,
    "natural gradient": _natural_gradient,
    "newton": _newton,
}
