"""Newton's method with a trust region, from many starts at once, over any number of coordinates."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .mixture_panels import Slopes

__all__ = ["FLATTEST", "distinct", "newton_search", "newton_steps"]

FLATTEST = 1e-10  # curvature, in nats per own unit squared, below which a direction counts as flat


def newton_steps(slopes: Slopes) -> Tensor:
    """−|H|⁻¹·gradient, (rows, k): Newton's step with every curvature taken as positive, downhill from anywhere."""
    curvature, axes = torch.linalg.eigh(slopes.hessian)
    along = (axes.transpose(-1, -2) @ slopes.gradient.unsqueeze(-1)).squeeze(-1)
    return -(axes @ (along / curvature.abs().clamp_min(FLATTEST)).unsqueeze(-1)).squeeze(-1)


def newton_search(
    slopes_at: Callable[[Tensor], Slopes],
    move: Callable[[Tensor, Tensor], Tensor],
    start: Tensor,
    iterations: int = 60,
    longest: float = 2.0,
    settled: float = 1e-9,
    steps: Callable[[Slopes], Tensor] = newton_steps,
) -> tuple[Tensor, Slopes]:
    """Where the method ends from each start, and the slopes there, minima or not.

    start: (rows, …), any state. slopes_at(states): value (rows,), gradient (rows, k), Hessian (rows, k, k), in own units.
    move(states, steps): the states a step away. longest: the longest step. settled: a step so short ends a search.
    steps(slopes): Newton's step from each.
    A trust region for each row: a step that does not fall as its parabola foretells is refused, and the region shrinks.
    """
    state, slopes = start.clone(), slopes_at(start)
    final_state, final = state.clone(), Slopes(*(value.clone() for value in vars(slopes).values()))
    active = torch.arange(len(start), device=start.device)
    radius = torch.full_like(slopes.value, min(longest, 1.0))
    for _ in range(iterations):
        step, short = _within(radius, steps(slopes))
        there_state = move(state, step)
        there = slopes_at(there_state)
        fallen, foretold = slopes.value - there.value, _foretold(slopes, step)
        good = (fallen > 0.1 * foretold) | (short < 1e-5)  # what differs by rounding only is not held against a step
        grown = torch.where(fallen > 0.7 * foretold, 2 * radius, radius).clamp_max(longest)
        radius = torch.where(good, grown, short / 4)
        chosen = lambda new, old: torch.where(good.view((-1,) + (1,) * (old.dim() - 1)), new, old)
        state = chosen(there_state, state)
        slopes = Slopes(*(chosen(new, old) for new, old in zip(vars(there).values(), vars(slopes).values())))
        ended = (good & (short < settled)) | (radius < 1e-11) | ~slopes.value.isfinite()
        if bool(ended.any()):
            _store(final_state, final, active[ended], state[ended], slopes.take(ended))
            on = ~ended
            active, state, radius, slopes = active[on], state[on], radius[on], slopes.take(on)
        if not len(active):
            break
    _store(final_state, final, active, state, slopes)
    return final_state, final


def _within(radius: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
    """Steps cut to the trust region's radius, and their lengths."""
    length = step.norm(dim=-1)
    short = torch.minimum(length, radius)
    return step * (short / length.clamp_min(1e-300)).unsqueeze(-1), short


def _foretold(slopes: Slopes, step: Tensor) -> Tensor:
    """By how much the parabola at each row falls over a step, (rows,)."""
    return -(slopes.gradient * step).sum(-1) - 0.5 * (step * (slopes.hessian @ step.unsqueeze(-1)).squeeze(-1)).sum(-1)


def _store(final_state: Tensor, final: Slopes, rows: Tensor, state: Tensor, slopes: Slopes) -> None:
    final_state[rows] = state
    for name, value in vars(slopes).items():
        getattr(final, name)[rows] = value


def distinct(slopes: Slopes, places: Tensor, flat: float, near: float) -> list[int]:
    """Which ends of a search are minima, each place once, the lowest first.

    A minimum has a gradient below `flat` and a Hessian whose least eigenvalue is above 1e-7 of the greatest.
    places: (rows, d), in units in which ends nearer than `near` are the same.
    """
    curvature = torch.linalg.eigvalsh(slopes.hessian)
    curved = curvature[:, 0] > 1e-7 * curvature[:, -1].clamp_min(1e-3)
    minimum = (slopes.gradient.abs().amax(-1) < flat) & curved & slopes.value.isfinite()
    # Mirror images have the same value but for rounding: the one further left comes first.
    rows = minimum.nonzero().squeeze(-1).tolist()
    values, spots = slopes.value.tolist(), places.tolist()
    rows.sort(key=lambda row: (round(values[row], 9), spots[row]))
    chosen: list[int] = []
    for row in rows:
        if all(max(abs(a - b) for a, b in zip(spots[row], spots[other])) > near for other in chosen):
            chosen.append(row)
    return chosen
