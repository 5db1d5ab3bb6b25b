"""Closed forms through torch.compile with its own compiler, inductor, which needs a C++ compiler and a minute or three at first."""

import shutil
import time
import warnings
from collections.abc import Iterator

import torch
from mpmath import mp, mpf
from torch.distributions import Distribution, Exponential, Gamma, Laplace, Normal, Poisson, kl_divergence

from bench.core import two_batches
from bench.rows import Row, alternately, subject
from kl_core import kl
from tests.kl_core.formulas import exact

NEXT_TO = {Normal: (2.3, 0.7), Laplace: (2.3, 0.7), Exponential: (0.7,), Poisson: (2.3,), Gamma: (2.3, 0.7)}
APART = 1e-6


@subject
def compiled() -> Iterator[Row]:
    """10,000 pairs compiled against torch's form as it stands, and the digits of one pair 1e-6 apart."""
    torch.set_num_threads(1)
    if not any(map(shutil.which, ("c++", "g++", "clang++"))):
        yield Row("closed forms through inductor", None, "", note="no C++ compiler")
        return
    warnings.filterwarnings("ignore", module="torch.*")
    checked = Distribution._validate_args
    for kind in NEXT_TO:
        yield from _of(kind)
    Distribution.set_default_validate_args(checked)  # which torch.compile turns off in its process


def _of(kind: type[Distribution]) -> Iterator[Row]:
    names = tuple(kind.arg_constraints)

    def ours(p: tuple[torch.Tensor, ...], q: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return kl(*(kind(**dict(zip(names, values, strict=True)), validate_args=False) for values in (p, q)))

    ask = torch.compile(ours, fullgraph=True, dynamic=False)
    p, q = two_batches(kind, 10_000)
    values = [tuple(getattr(d, name) for name in names) for d in (p, q)]
    start = time.perf_counter()
    ask(*values)
    note = f"compiled in {time.perf_counter() - start:.0f} s"
    mine, theirs = alternately(lambda: ask(*values), lambda: kl_divergence(p, q))
    yield Row(f"compiled kl({kind.__name__}, {kind.__name__}), 10 000 pairs", mine * 1e6, "µs", theirs * 1e6, "torch's form", note=note)
    near = NEXT_TO[kind], tuple(value * (1 + APART) for value in NEXT_TO[kind])
    found = ask(*(tuple(torch.full_like(v, one) for v, one in zip(old, new, strict=True)) for old, new in zip(values, near, strict=True)))
    with mp.workdps(80):
        truth = exact(kind, near[0], kind, near[1])
        yield Row(f"the same, {APART:g} apart", float(abs(mpf(found[0].item()) - truth) / truth), "rel. error", limit=2e-15)
