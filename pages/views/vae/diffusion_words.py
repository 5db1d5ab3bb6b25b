"""Where a diffusion's nats are spent, in one sentence that follows what is set."""

import torch
from torch import Tensor

from kl_core.vaes.diffusion import DiffusionElbo, diffusion_elbo, level_of, step_of, step_variance

from ...shared.live.scene import subscript
from ...shared.style import Unit
from .diffusion_state import DiffusionState

LITTLE = 0.005
"""Nats that nobody sees in the picture."""
MOST_OF_IT = 2 / 3


def where_spent(shown: DiffusionState, elbo: DiffusionElbo, alpha_bar: Tensor, unit: Unit) -> str:
    """Which terms leave out most, and what to do about it."""
    gap, left = elbo.gap, elbo.left_out
    if gap < LITTLE:
        return f"The ELBO leaves out almost nothing: {_nothing(shown)}"
    if float(left[0]) > gap / 2:
        return f"x₁ is too noisy: the last step back, to x₀, leaves out {_of(float(left[0]), gap, unit)}."
    if float(left[-1]) > gap / 2:
        return f"x{subscript(shown.steps)} is not yet noise: the prior alone leaves out {_of(float(left[-1]), gap, unit)}."
    best = diffusion_elbo(shown.mixture, alpha_bar, "best")
    if gap - best.gap > gap / 2:
        return f"{_wrong_variance(shown, elbo, best, alpha_bar)}: that alone leaves out {_of(gap - best.gap, gap, unit)}."
    first, last = window(left)
    spent = float(left[first : last + 1].sum())
    last = min(last, len(alpha_bar) - 1)  # the prior's term is no step
    steps = f"Step {first + 1} leaves" if first == last else f"Steps {first + 1} to {last + 1} leave"
    levels = torch.cat([alpha_bar.new_ones(1), alpha_bar])
    return (
        f"{steps} out {_of(spent, gap, unit)}: there the signal falls from {_percent(levels[first])} to "
        f"{_percent(levels[last + 1])}, and one Gaussian must stand for {_hills(shown)}."
    )


def window(left: Tensor) -> tuple[int, int]:
    """The first and the last of the fewest neighbouring terms that leave out two thirds of the whole."""
    values, whole = left.tolist(), float(left.sum())
    for width in range(1, len(values) + 1):
        sums = [sum(values[start : start + width]) for start in range(len(values) - width + 1)]
        if max(sums) >= MOST_OF_IT * whole:
            start = sums.index(max(sums))
            return start, start + width - 1
    return 0, len(values) - 1


def _wrong_variance(shown: DiffusionState, elbo: DiffusionElbo, best: DiffusionElbo, alpha_bar: Tensor) -> str:
    """Whether a step's variance is too small or too large, where it costs most."""
    at = int((elbo.terms - best.terms).argmax())
    step, mmse = step_of(alpha_bar[at - 1], alpha_bar[at]), level_of(shown.mixture, alpha_bar[at : at + 1]).mmse[0]
    narrow = bool(step_variance(step, mmse, shown.step_variance) < step_variance(step, mmse, "best"))
    return f"The variance {shown.variance} of step {at + 1} is too {'small' if narrow else 'large'}"


def _nothing(shown: DiffusionState) -> str:
    if len(shown.mixture.weights) == 1:
        return "the true step back from Gaussian data is a Gaussian, as the model’s is."
    return "the steps are so small that the true step back is nearly a Gaussian."


def _hills(shown: DiffusionState) -> str:
    return {1: "the true step", 2: "two hills"}.get(len(shown.mixture.weights), "several hills")


def _of(part: float, whole: float, unit: Unit) -> str:
    """0.197 of 0.241 nats."""
    return f"{part * unit.per_nat:.3g} of {whole * unit.per_nat:.3g} {unit.name}"


def _percent(share: Tensor) -> str:
    percent = 100 * float(share)
    return f"{percent:.0f} %" if percent >= 1 else "below 1 %"
