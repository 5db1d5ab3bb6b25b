"""Weights of trained networks in .npz files: arrays by name, no pickle, so that a file can hold nothing but numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["save_arrays", "load_arrays", "arrays_of", "fill", "initialise"]


Module = TypeVar("Module", bound=nn.Module)


def save_arrays(path: Path, arrays: Mapping[str, Tensor]) -> None:
    """Writes tensors of up to 32 bits as they are; floats of more become float32. The same tensors give the same file."""
    written: dict[str, Any] = {
        name: (value.float() if value.dtype == torch.float64 else value).detach().numpy() for name, value in arrays.items()
    }
    np.savez_compressed(path, **written)


def load_arrays(path: Path) -> dict[str, Tensor]:
    """By name; half floats come back as float32."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    return {name: value.float() if value.dtype == torch.float16 else value for name, value in arrays.items()}


def arrays_of(module: nn.Module, prefix: str) -> dict[str, Tensor]:
    """A module's parameters, named prefix/…, rounded to half floats: half the file, and 3 digits are enough."""
    return {f"{prefix}/{name}": value.detach().half() for name, value in module.state_dict().items()}


def fill(module: Module, arrays: Mapping[str, Tensor], prefix: str) -> Module:
    """The module, with the parameters of `arrays_of` in it. ValueError when one is missing or of another shape."""
    for name, parameter in module.state_dict().items():
        value = arrays.get(f"{prefix}/{name}")
        if value is None or value.shape != parameter.shape:
            raise ValueError(f"arrays has no {prefix}/{name} of the shape {tuple(parameter.shape)}")
        parameter.copy_(value)
    return module


@torch.no_grad()
def initialise(module: Module, generator: torch.Generator) -> Module:
    """The module, with PyTorch's usual weights for layers (uniform, ±1/√fan-in), drawn from this generator.

    PyTorch's own start takes them from the process's one generator, which trainings side by side would disturb.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            bound = layer.weight[0].numel() ** -0.5
            for parameter in layer.parameters(recurse=False):
                parameter.uniform_(-bound, bound, generator=generator)
    return module


def arrays_of_all(models: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """The arrays of several models, each under its own prefix."""
    return {name: value for prefix, model in models.items() for name, value in arrays_of(model, prefix).items()}
