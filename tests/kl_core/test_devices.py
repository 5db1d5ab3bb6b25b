"""Tensors are made where the inputs are: a helper tensor on the CPU would stop a CUDA batch."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from torch.distributions import Beta, Categorical, LogNormal, MixtureSameFamily, Normal, Weibull

from kl_core.density import device_of

CORE = Path(__file__).parents[2] / "kl_core"
MAKERS = {"tensor", "zeros", "ones", "full", "arange", "linspace", "logspace", "empty", "eye", "triu_indices", "rand", "randn"}
# The experiments with networks load their own data and networks, which live on the CPU, and published numbers are given.
OWN_DATA = {"digits", "linear_vae", "student_experiments", "students", "teacher", "shipped", "vae_latent", "vae_model", "vae_training"}
FILES = [path for path in sorted(CORE.rglob("*.py")) if path.stem not in OWN_DATA and path.parent.name != "published"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORE)))
def test_every_tensor_made_from_nothing_is_told_its_device(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        made = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in MAKERS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "torch"
        )
        if made:
            assert any(keyword.arg == "device" for keyword in node.keywords), f"line {node.lineno}: {ast.unparse(node)}"


def test_device_of_a_distribution_is_that_of_its_parameters():
    ones = torch.ones(2, device="meta")
    parts = Normal(ones, ones, validate_args=False)
    distributions = [
        parts,
        LogNormal(ones, ones, validate_args=False),
        Weibull(ones, ones, validate_args=False),
        Beta(ones, ones, validate_args=False),
        MixtureSameFamily(Categorical(ones, validate_args=False), parts, validate_args=False),
    ]
    assert {device_of(distribution).type for distribution in distributions} == {"meta"}
