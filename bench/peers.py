"""The other libraries that have a KL, where they are installed: NumPyro, TensorFlow Probability and dit are no requirement of ours.

pip install numpyro dit tensorflow-probability
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import torch
from mpmath import mp, mpf
from torch.distributions import Beta, Gamma, Laplace, Normal

from bench.accuracy import probabilities, true_kl, worst
from bench.rows import Row, subject
from kl_core import kl, kl_from_probs
from tests.kl_core.formulas import distribution, exact

KINDS = (Normal, Laplace, Gamma, Beta)
APART = 1e-6


def _numpyro() -> Callable[[str, tuple[float, ...], tuple[float, ...]], float]:
    import_module("jax").config.update("jax_enable_x64", True)
    numpyro = import_module("numpyro.distributions")
    return lambda name, a, b: float(numpyro.kl_divergence(*(getattr(numpyro, name)(*values) for values in (a, b))))


def _tfp() -> Callable[[str, tuple[float, ...], tuple[float, ...]], float]:
    import_module("jax").config.update("jax_enable_x64", True)
    tfp = import_module("tensorflow_probability.substrates.jax").distributions
    return lambda name, a, b: float(tfp.kl_divergence(*(getattr(tfp, name)(*map(np.float64, values)) for values in (a, b))))


OF_DISTRIBUTIONS = {"NumPyro": _numpyro, "TensorFlow Probability on JAX": _tfp}


def _by_dit(p: Any, q: Any) -> float:
    dit, divergence = import_module("dit"), import_module("dit.divergences").kullback_leibler_divergence
    names = [str(k) for k in range(len(p))]
    return float(divergence(*(dit.Distribution(names, values.tolist()) for values in (p, q)))) * float(np.log(2))


@subject
def peers() -> Iterator[Row]:
    """Relative error of pairs 1e-6 apart in float64, against mpmath at 80 digits."""
    for called, load in OF_DISTRIBUTIONS.items():
        try:
            ask = load()
        except Exception as problem:  # absent, or of a version that does not go with its own requirements
            yield Row(f"KL by {called}", None, "", note=f"not at hand: {problem}".splitlines()[0])
            continue
        for kind in KINDS:
            name, a = kind.__name__, (2.3, 0.7)
            b = tuple(value * (1 + APART) for value in a)
            with mp.workdps(80):
                truth = exact(kind, a, kind, b)
                error = lambda value: float(abs(mpf(value) - truth) / truth)
                ours = error(kl(distribution(kind, a), distribution(kind, b)).item())
                what = f"two {name}s {APART:g} apart"
                try:
                    theirs = error(ask(name, a, b))
                except NotImplementedError:
                    yield Row(what, ours, "rel. error", limit=2e-15, note=f"{called} has no form")
                    continue
                yield Row(what, ours, "rel. error", theirs, called, 2e-15)
    yield from _of_vectors()


def _of_vectors() -> Iterator[Row]:
    for apart in (1.0, 1e-4, 1e-8):
        cases = list(probabilities(apart, torch.float64))
        with mp.workdps(60):
            truths = [true_kl(*([mpf(v) for v in w.tolist()] for w in case)) for case in cases]
            what = f"50 float64 probabilities, {apart:g} apart"
            try:
                theirs = worst(_by_dit, cases, truths)
            except Exception as problem:
                yield Row(f"{what}, by dit", None, "", note=f"not at hand: {problem}".splitlines()[0])
                return
            yield Row(what, worst(kl_from_probs, cases, truths), "rel. error", theirs, "dit", 2e-15)
