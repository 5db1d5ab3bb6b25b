"""Points of the line in the coordinate of the panel they lie in, and log-densities there.

A density like x^(a − 1) with a = 0.001 has half its mass below x = e^−693, nearer to 0 than any float but 0 itself. In log x
the same mass is spread over a thousand units, as e^(a·s): so next to 0, and next to 1, panels may be laid in a logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import LOG, density_of, real_line

__all__ = ["IN_X", "IN_BELOW", "IN_LOG", "IN_LOG_BELOW", "Places", "log_density_at", "log_density_on", "within"]

IN_X, IN_BELOW, IN_LOG, IN_LOG_BELOW = range(4)  # a panel's coordinate: x, 1 − x, log x, log(1 − x)
_LEAST_LOG = -690.0  # e^−690 = 1e-300: nearer to an edge than that, a density without a formula of its own goes on as its End says


@dataclass(frozen=True, eq=False)
class Places:
    """at: (..., n), in the coordinate that `coordinate`, broadcastable against it, names."""

    at: Tensor
    coordinate: Tensor

    @cached_property
    def _plain(self) -> bool:
        """Whether all of them are just x, as of every distribution on the whole line."""
        return not bool((self.coordinate != IN_X).any())

    @cached_property
    def in_logs(self) -> Tensor | None:
        """Which of them are in a logarithm; None where none is."""
        if self._plain:
            return None
        logs = self.coordinate >= IN_LOG
        return logs if bool(logs.any()) else None

    @cached_property
    def _place(self) -> Tensor:
        """x or 1 − x, whichever the coordinate keeps."""
        return self.at if self.in_logs is None else torch.where(self.in_logs, self.at.exp(), self.at)

    @cached_property
    def _flip(self) -> Tensor:
        return (self.coordinate == IN_BELOW) | (self.coordinate == IN_LOG_BELOW)

    @cached_property
    def x(self) -> Tensor:
        """Themselves; 0 or 1 where they are too near to it for a float."""
        return self.at if self._plain else torch.where(self._flip, 1 - self._place, self._place)

    @cached_property
    def below(self) -> Tensor:
        """1 − x."""
        return 1 - self.at if self._plain else torch.where(self._flip, self._place, 1 - self._place)


def log_density_at(d: Distribution, places: Places) -> Tensor:
    """log density, of log x or log(1 − x) where that is the coordinate; −inf outside the support."""
    if places.in_logs is None:
        return log_density_on(d, places.x, places.below)
    value = log_density_on(d, *(torch.where(places.in_logs, 0.5, value) for value in (places.x, places.below)))
    value = torch.where(places.in_logs, -torch.inf, value)
    lower, upper = (end.detach().unsqueeze(-1) for end in density_of(d).support(d))
    for coordinate, inside in (
        (IN_LOG, ((lower <= 0) | (places.x > lower)) & ((places.x < upper) | upper.isinf())),
        (IN_LOG_BELOW, (upper >= 1) & ((places.x > lower) | (lower == 0))),
    ):
        here = (places.coordinate == coordinate) & inside
        s = torch.where(here, places.at, -1.0)
        value = torch.where(here, _log_density_of_log(d, s, coordinate == IN_LOG_BELOW), value)
    return value


def _log_density_of_log(d: Distribution, s: Tensor, from_above: bool) -> Tensor:
    """The log density of s = log x, or of log(1 − x): by its formula, or by log p(x) + s, continued beyond the floats as its End says."""
    spec = density_of(d)
    formula = spec.log_density_of_log_below if from_above else spec.log_density_of_log
    if formula is not None:
        return formula(d, s)
    near = s.clamp(_LEAST_LOG, 709.0).exp()
    value = spec.log_density(d, 1 - near, near) if from_above else spec.log_density(d, near, 1 - near)
    end, edge = spec.ends(d)[from_above], spec.support(d)[from_above]
    power = torch.where((end.orders == LOG) & (edge == float(from_above)), end.coefficient, 0.0).unsqueeze(-1)
    return value + s + power * (s - s.clamp_min(_LEAST_LOG))


def log_density_on(d: Distribution, x: Tensor, below: Tensor) -> Tensor:
    """log density at x, −inf outside the support; nowhere is the formula asked about a point it does not know."""
    inside, x, below = within(d, x, below)
    value = density_of(d).log_density(d, x, below)
    return value if inside is None else torch.where(inside, value, -torch.inf)


def within(d: Distribution, x: Tensor, below: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
    """Which x lie inside d's support, None if all do; x and 1 − x, with the distribution's own middle in place of the others.

    A formula that is asked elsewhere answers NaN, and where that is thrown away its gradient is NaN all the same.
    """
    spec = density_of(d)
    if spec.support is real_line:
        return None, x, below
    lower, upper = (end.detach().unsqueeze(-1) for end in spec.support(d))
    if not (lower.isfinite().any() or upper.isfinite().any()):
        return None, x, below
    # Strictly inside; at 1 the distance is asked, since x itself may have been rounded to it.
    inside = (x > lower) & torch.where(upper == 1, below > 0, x < upper)
    if bool(inside.all()):  # as of two Betas: no stand-in is looked for, which took a tenth of their Jensen–Shannon's time
        return None, x, below
    cuts = spec.cuts(d).detach().sort(-1).values
    home = cuts[..., cuts.shape[-1] // 2].unsqueeze(-1)
    middle = torch.where(upper.isfinite(), (lower + upper) / 2, lower + 1)
    home = torch.where((home <= lower) | (home >= upper), middle, home)  # a middle that is lost beside an edge
    return inside, torch.where(inside, x, home), torch.where(inside, below, 1 - home)
