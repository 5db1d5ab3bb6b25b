"""Jensen–Shannon, Hellinger, Rényi, total variation and α: worst relative error next to equality, against mpmath."""

from collections.abc import Iterator

import numpy as np
import scipy.integrate
import scipy.spatial
import scipy.stats
import torch
from mpmath import mp, mpf
from torch.distributions import Gamma, Normal

from bench.accuracy import probabilities, worst
from bench.rows import Row, subject
from kl_core import alpha_divergence, hellinger, jensen_shannon, renyi, total_variation

ALPHA = 0.7


def _power_sum(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    return (p**ALPHA * q ** (1 - ALPHA)).sum()


# Ours, the exact value, and what one would otherwise write or call.
OF_VECTORS = {
    "Jensen–Shannon": (
        jensen_shannon,
        lambda p, q: sum(a * mp.log(2 * a / (a + b)) + b * mp.log(2 * b / (a + b)) for a, b in zip(p, q)) / 2,
        lambda p, q: scipy.spatial.distance.jensenshannon(p, q) ** 2,
        "scipy's jensenshannon²",
    ),
    "Hellinger": (
        hellinger,
        lambda p, q: mp.sqrt(sum((mp.sqrt(a) - mp.sqrt(b)) ** 2 for a, b in zip(p, q)) / 2),
        lambda p, q: (1 - (p * q).sqrt().sum()).sqrt(),
        "√(1 − Σ√pq)",
    ),
    "total variation": (
        total_variation,
        lambda p, q: sum(abs(a - b) for a, b in zip(p, q)) / 2,
        lambda p, q: (p - q).abs().sum() / 2,
        "½·Σ|p − q|",
    ),
    f"Rényi at {ALPHA}": (
        lambda p, q: renyi(p, q, ALPHA),
        lambda p, q: mp.log(sum(a ** mpf(ALPHA) * b ** (1 - mpf(ALPHA)) for a, b in zip(p, q))) / (mpf(ALPHA) - 1),
        lambda p, q: _power_sum(p, q).log() / (ALPHA - 1),
        "log Σp^α·q^(1 − α)",
    ),
    f"α-divergence at {ALPHA}": (
        lambda p, q: alpha_divergence(p, q, ALPHA),
        lambda p, q: (1 - sum(a ** mpf(ALPHA) * b ** (1 - mpf(ALPHA)) for a, b in zip(p, q))) / (mpf(ALPHA) * (1 - mpf(ALPHA))),
        lambda p, q: (1 - _power_sum(p, q)) / (ALPHA * (1 - ALPHA)),
        "1 − Σp^α·q^(1 − α)",
    ),
}


def _bhattacharyya_of_normals(m1, s1, m2, s2):
    mixed = (s1**2 + s2**2) / 2
    return (m1 - m2) ** 2 / (8 * mixed) + mp.log(mixed / (s1 * s2)) / 2


def _bhattacharyya_of_gammas(a1, b1, a2, b2):
    partition = lambda a, b: mp.loggamma(a) - a * mp.log(b)
    return (partition(a1, b1) + partition(a2, b2)) / 2 - partition((a1 + a2) / 2, (b1 + b2) / 2)


# The exact −log ∫√(pq), scipy's densities, and where they have their mass.
OF_DISTRIBUTIONS = {
    Normal: ((0.3, 1.7), _bhattacharyya_of_normals, lambda values: scipy.stats.norm(*values).pdf, (-40.0, 40.0)),
    Gamma: ((2.3, 0.7), _bhattacharyya_of_gammas, lambda values: scipy.stats.gamma(values[0], scale=1 / values[1]).pdf, (0.0, 120.0)),
}


@subject
def divergences() -> Iterator[Row]:
    """float64 vectors and distributions; nan is what a peer answers."""
    for apart in (1.0, 1e-4, 1e-8):
        cases = list(probabilities(apart, torch.float64))
        with mp.workdps(60):
            exact = [tuple([mpf(v) / sum(map(mpf, w.tolist())) for v in w.tolist()] for w in case) for case in cases]
            for name, (ours, formula, peer, called) in OF_VECTORS.items():
                truths = [formula(*case) for case in exact]
                yield Row(
                    f"{name}, 50 probabilities {apart:g} apart",
                    worst(ours, cases, truths),
                    "rel. error",
                    worst(peer, cases, truths),
                    called,
                    2e-15,
                )
    for kind, (values, formula, density, ends) in OF_DISTRIBUTIONS.items():
        for apart in (1e-3, 1e-6):
            moved = tuple(v * (1 + apart) for v in values)
            p, q = (kind(*(torch.tensor(v, dtype=torch.float64) for v in one)) for one in (values, moved))
            with mp.workdps(60):
                truth = mp.sqrt(-mp.expm1(-formula(*map(mpf, values), *map(mpf, moved))))
                error = lambda value: float(abs(mpf(float(value)) - truth) / truth)
                f, g = density(values), density(moved)
                by_quad = scipy.integrate.quad(lambda x: (np.sqrt(f(x)) - np.sqrt(g(x))) ** 2 / 2, *ends)[0] ** 0.5
                yield Row(
                    f"Hellinger of two {kind.__name__}s {apart:g} apart",
                    error(hellinger(p, q)),
                    "rel. error",
                    error(by_quad),
                    "scipy.integrate.quad",
                    2e-15,
                )
    yield from _renyi_of_normals()


def _renyi_of_normals() -> Iterator[Row]:
    """On both sides of α = 1 and next to it, of distributions apart and of neighbours; exact by Gil, Alajaji & Linder (2013)."""
    for second in ((1.5, 1.2), (1e-6, 1.0)):
        p, q = (Normal(*(torch.tensor(v, dtype=torch.float64) for v in values)) for values in ((0.0, 1.0), second))
        f, g = (scipy.stats.norm(*values).pdf for values in ((0.0, 1.0), second))
        for alpha in (0.3, 1 + 1e-6, 2.0):
            with mp.workdps(60):
                a, gap, scale = map(mpf, (alpha, *second))
                spread = a * scale**2 + 1 - a
                truth = a * gap**2 / (2 * spread) - mp.log(spread / scale ** (2 * a)) / (2 * (a - 1))
                by_quad = np.log(scipy.integrate.quad(lambda x: f(x) ** alpha * g(x) ** (1 - alpha), -12, 14)[0]) / (alpha - 1)
                errors = [float(abs(mpf(float(value)) - truth) / truth) for value in (renyi(p, q, alpha), by_quad)]
            yield Row(
                f"Rényi at {alpha:.7g} of Normal(0, 1) and Normal({second[0]:g}, {second[1]:g})",
                errors[0],
                "rel. error",
                errors[1],
                "scipy.integrate.quad",
                1e-12,
            )
