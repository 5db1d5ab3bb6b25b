"""torch.compile goes through the closed forms in one graph."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Distribution, Exponential, Gamma, Laplace, Normal, Poisson

from kl_core import kl


def _sum_of_kls(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, d: torch.Tensor) -> torch.Tensor:
    made = [
        (kind(*first, validate_args=False), kind(*second, validate_args=False))
        for kind, first, second in (
            (Normal, (a, b), (c, d)),
            (Laplace, (a, b), (c, d)),
            (Exponential, (b,), (d,)),
            (Poisson, (b,), (d,)),
            (Gamma, (a, b), (c, d)),
        )
    ]
    return torch.stack([kl(p, q) for p, q in made])


@pytest.fixture(autouse=True)
def _distributions_are_checked_afterwards():
    """torch.compile turns off the checks of all distributions in its process, for good."""
    checked = Distribution._validate_args
    yield
    Distribution.set_default_validate_args(checked)


# torch says of each function that remembers its answers that it looks through it.
@pytest.mark.filterwarnings("ignore:Dynamo detected a call to a `functools.lru_cache`-wrapped function:UserWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch.*")
def test_closed_forms_are_one_graph_without_a_break():
    generator = torch.Generator().manual_seed(0)
    values = [0.5 + 3 * torch.rand(20, generator=generator, dtype=torch.float64) for _ in range(4)]
    compiled = torch.compile(_sum_of_kls, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(*values), _sum_of_kls(*values), rtol=1e-14, atol=1e-16)
