"""A family of distributions as data: its parameters, their domains and ranges, its support."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

__all__ = ["Parameter", "Affine", "Family"]


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name in torch, its domain, and what a control needs to know.

    constraint and domain say what is allowed; low, high and step only what is sensible on a slider.
    log: moves naturally on a log scale. length: (least, most) entries of a vector, None for a scalar.
    """

    name: str
    label: str
    meaning: str
    constraint: Constraint
    domain: str
    low: float
    high: float
    step: float
    default: float | tuple[float, ...]
    log: bool = False
    integer: bool = False
    length: tuple[int, int] | None = None


@dataclass(frozen=True)
class Affine:
    """X = shift + stretch·U, where U's distribution depends on the family's remaining parameters only.

    Each is a link and the names of its parameters: ("value", "loc"), ("reciprocal", "rate"), ("exp", "loc"),
    ("difference", "high", "low"). None stands for a shift of 0, a stretch of 1.
    """

    shift: tuple[str, ...] | None = None
    stretch: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Family:
    """name: the identifier used in URLs. support: in words. build: from keyword tensors to the torch distribution.

    rank orders the families of a kind for teaching.
    """

    name: str
    label: str
    kind: Literal["continuous", "discrete"]
    parameters: tuple[Parameter, ...]
    build: Callable[..., Distribution]
    support: str
    affine: Affine = Affine()
    rank: int = 100

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that shift and stretch do not use."""
        used = (self.affine.shift or ())[1:] + (self.affine.stretch or ())[1:]
        return tuple(parameter for parameter in self.parameters if parameter.name not in used)

    def distribution(self, **values: Any) -> Distribution:
        """The torch distribution with these parameters: floats, lists or tensors, batched by their shape.

        float64, unless every value is a tensor of one other float dtype. Vector parameters have their entries on
        the last axis; probabilities and weights are normalised. Raises ValueError naming the parameter, its value
        and its domain.
        """
        names = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in names:
                raise ValueError(f"{self.label} has no parameter {name}; it has {', '.join(names)}")
        dtype = _common_dtype(values.values())
        tensors = {}
        for parameter in self.parameters:
            if parameter.name not in values:
                raise ValueError(f"{self.label} needs {parameter.name}: {parameter.domain}")
            tensors[parameter.name] = _checked(self, parameter, values[parameter.name], dtype)
        try:
            torch.broadcast_shapes(*(tensors[p.name].shape for p in self.parameters if p.length is None))
        except RuntimeError:
            shapes = ", ".join(f"{name} of shape {tuple(value.shape)}" for name, value in tensors.items())
            raise ValueError(f"{self.label}'s parameters do not broadcast: {shapes}") from None
        return self.build(**tensors)


def _common_dtype(given: Iterable[Any]) -> torch.dtype:
    values = list(given)
    dtypes = {value.dtype for value in values if isinstance(value, Tensor)}
    all_tensors = values and all(isinstance(value, Tensor) for value in values)
    if all_tensors and len(dtypes) == 1 and (dtype := dtypes.pop()).is_floating_point:
        return dtype
    return torch.float64


def _checked(family: Family, parameter: Parameter, value: Any, dtype: torch.dtype) -> Tensor:
    """The value as a tensor inside the parameter's domain."""

    def refuse(shown: Any, why: str = "") -> ValueError:
        return ValueError(f"{parameter.name} = {shown} is outside the domain of {family.label}'s {parameter.name}: {parameter.domain}{why}")

    try:
        tensor = torch.as_tensor(value, dtype=dtype)
    except (TypeError, ValueError, RuntimeError):
        raise refuse(repr(value)) from None
    if parameter.length is not None:
        least, most = parameter.length
        if tensor.dim() == 0 or not least <= tensor.shape[-1] <= most:
            count = "one number" if tensor.dim() == 0 else f"{tensor.shape[-1]} entries"
            raise refuse(_shown(tensor), f"; here {count}, not {least} to {most} entries")
    good = parameter.constraint.check(tensor) & tensor.isfinite()
    if not bool(good.all()):
        raise refuse(_shown(tensor if tensor.dim() == 0 or parameter.length else tensor[~good][0]))
    return tensor


def _shown(tensor: Tensor) -> str:
    values: Any = tensor.detach().tolist()
    if isinstance(values, list):
        return f"[{', '.join(f'{v:g}' if isinstance(v, float) else str(v) for v in values)}]"
    return f"{values:g}"


def normalised(name: str, weights: Tensor) -> Tensor:
    """Weights divided by their sum over the last axis; refuses a row of zeros."""
    total = weights.sum(-1, keepdim=True)
    if not bool((total > 0).all()):
        raise ValueError(f"{name} = {_shown(weights)} is outside its domain: not all entries may be 0")
    return weights / total
