"""Tables of log-densities, computed by torch, that the browser shifts, stretches, mixes and interpolates."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from math import asinh, isfinite
from typing import Any

import torch
from torch import Tensor

from kl_core.density import log_density
from kl_core.families import FAMILIES
from kl_core.families.family import Family, Parameter
from kl_core.numerics.quadrature import interval, support_edges

POINTS = 513
"""Places in a table; the browser interpolates log-densities between them, to about 1e-3 of a nat."""

FINE_POINTS = 1025
"""The same for families without a shape parameter, of which one table is enough."""

FRAMES = 25
"""Tables along a shape parameter's range."""

FARTHEST = 1e4
"""How many stretches away from its shift a distribution on an unbounded support is tabled."""

MOST_OUTCOMES = 2000
FEW_OUTCOMES = 120

# Where on the base distribution a shape parameter's handle sits: a quantile that moves monotonically with the parameter.
HANDLE_LEVELS = {1: (0.95,), 2: (0.2, 0.8)}


def packed(table: Tensor, dtype: torch.dtype = torch.float64) -> str:
    """A tensor's values, row after row, as base64: a tenth of the time of a list of numbers in JSON."""
    return base64.b64encode(table.detach().to(dtype).contiguous().numpy().tobytes()).decode()


def standard_values(family: Family) -> dict[str, float]:
    """The affine parameters' values at which shift = 0 and stretch = 1."""
    values: dict[str, float] = {}
    for link, at_identity in ((family.affine.shift, 0.0), (family.affine.stretch, 1.0)):
        match link:
            case ("value", name):
                values[name] = at_identity
            case ("reciprocal", name):
                values[name] = 1.0
            case ("exp", name):
                values[name] = 0.0
            case ("difference", high, low):
                values |= {high: 1.0, low: 0.0}
    return values


def base_distribution(family: Family, shape: Mapping[str, Tensor | float]) -> torch.distributions.Distribution:
    """The family's distribution with shift 0 and stretch 1."""
    values = {**standard_values(family), **shape}
    return family.distribution(**{name: torch.as_tensor(value, dtype=torch.float64) for name, value in values.items()})


def grid(family: Family, shape: dict[str, float]) -> Tensor:
    """Places to table a base distribution at: dense where distributions on its support change fast."""
    distribution = base_distribution(family, shape)
    if family.kind == "discrete":
        return torch.arange(_last_outcome(family, shape) + 1, dtype=torch.float64)
    points = POINTS if family.shape_parameters else FINE_POINTS
    lower, upper = (float(edge) for edge in support_edges(distribution))
    if isfinite(lower) and isfinite(upper):
        return lower + (upper - lower) * torch.sigmoid(torch.linspace(-14, 14, points, dtype=torch.float64))
    if isfinite(lower):
        return lower + torch.logspace(-5, 3.5, points, dtype=torch.float64)
    return torch.sinh(torch.linspace(-asinh(FARTHEST), asinh(FARTHEST), points, dtype=torch.float64))


def _last_outcome(family: Family, shape: dict[str, float]) -> int:
    """The last outcome worth a bar: now, and anywhere along the parameters' ranges as far as bars can be told apart."""

    def last(values: dict[str, float]) -> float:
        return interval(base_distribution(family, values), 1e-7)[1]

    ends = [shape | {one.name: end} for one in family.parameters for end in (one.low, one.high)]
    return int(max(1, min(last(shape), MOST_OUTCOMES), min(max(map(last, ends)), FEW_OUTCOMES)))


@lru_cache(maxsize=512)
def base_table(name: str, shape: tuple[tuple[str, float], ...]) -> dict[str, str]:
    """u and log-density of a base distribution, packed."""
    family, values = FAMILIES[name], dict(shape)
    u = grid(family, values)
    return {"u": packed(u), "log_density": packed(log_density(base_distribution(family, values), u))}


@lru_cache(maxsize=512)
def frames(name: str, shape: tuple[tuple[str, float], ...], moved: str) -> dict:
    """The base distribution's tables along one shape parameter, the others as they are; and where its handle sits in each."""
    family, values = FAMILIES[name], dict(shape)
    parameter = next(one for one in family.parameters if one.name == moved)
    at_values = torch.cat([_frame_values(parameter), torch.tensor([values[moved]], dtype=torch.float64)])
    u = grid(family, values)
    distribution = base_distribution(family, values | {moved: at_values})
    tables = log_density(distribution, u)
    at = _handle_places(family, parameter, distribution, u, tables)
    return {
        "values": at_values[:-1].tolist(),
        "at": at[:-1],
        "at_current": at[-1],
        "log_density": packed(tables[:-1], torch.float32),
    }


def _frame_values(parameter: Parameter) -> Tensor:
    low, high = parameter.low, parameter.high
    if parameter.integer:
        return torch.arange(int(low), int(high) + 1, dtype=torch.float64)
    if parameter.log:
        first, last = torch.tensor([low, high], dtype=torch.float64).log10()
        return torch.logspace(first, last, FRAMES, dtype=torch.float64)
    return torch.linspace(low, high, FRAMES, dtype=torch.float64)


def _handle_places(family: Family, parameter: Parameter, distribution: Any, u: Tensor, tables: Tensor) -> list[float]:
    if family.kind == "discrete":
        rows = len(tables)
        return (distribution.total_count if parameter.integer else distribution.mean).flatten().expand(rows).tolist()
    shapes = [one.name for one in family.shape_parameters]
    level = HANDLE_LEVELS[len(shapes)][shapes.index(parameter.name)]
    return _quantiles(u, tables, level).tolist()


def _quantiles(u: Tensor, log_density: Tensor, level: float) -> Tensor:
    """Each row's quantile by the trapezoid rule on its table: good to a pixel, which is all a handle's place needs."""
    mass = torch.cumulative_trapezoid(log_density.exp(), u)
    mass = mass / mass[:, -1:]
    return u[1:][torch.searchsorted(mass, torch.full((len(mass), 1), level, dtype=u.dtype)).clamp(max=len(u) - 2)][:, 0]
