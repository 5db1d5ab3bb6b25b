"""Other divergences: Jensen–Shannon, total variation, Hellinger, Rényi, α, entropies, and the chain rule in a language model."""

from __future__ import annotations

import math

from torch.distributions import Normal, Uniform

from ..divergences import cross_entropy, entropy, hellinger, jensen_shannon, total_variation
from ..families.gaussian_mixture import gaussian_mixture
from ..renyi import alpha_divergence, renyi
from ..rlhf.world import build_world
from .claim import Numbers, Source, closed_form, vector

SUBJECT = "Other divergences"
_LIN = Source("Lin 1991, Divergence measures based on the Shannon entropy", "https://doi.org/10.1109/18.61115")
_LEVIN = Source("Algebra: the densities of N(0, 1) and N(m, 1) cross at m/2")
_BOOK = Source("Standard closed form, worked out from the densities")
_ERVEN = Source(
    "van Erven & Harremoës 2014, Rényi divergence and Kullback–Leibler divergence, arXiv 1206.2459", "https://arxiv.org/abs/1206.2459"
)
_MINKA = Source("Minka 2005, Divergence measures and message passing, §2")
_SHANNON = Source("Cover & Thomas 2006, Elements of Information Theory, chapters 2, 5 and 8")
_LEVINE = Source("Levine 2018, arXiv 1805.00909", "https://arxiv.org/abs/1805.00909")
_S, _T, _M = 1.3, 0.7, 0.9


def _normal(loc: float, scale: float) -> Normal:
    return Normal(vector(loc), vector(scale))


_WIDE, _NARROW = _normal(0.0, _S), _normal(_M, _T)
_AFFINITY = math.sqrt(2 * _S * _T / (_S**2 + _T**2)) * math.exp(-(_M**2) / (4 * (_S**2 + _T**2)))


def _renyi(alpha: float) -> float:
    """Of N(0, S²) from N(M, T²), by the variance αT² + (1 − α)S²."""
    variance = alpha * _T**2 + (1 - alpha) * _S**2
    return alpha * _M**2 / (2 * variance) - math.log(variance / (_S ** (2 * (1 - alpha)) * _T ** (2 * alpha))) / (2 * (alpha - 1))


def _one_bell() -> Numbers:
    """D_α at 0, ½ and 1 of N(0, S²), written as a mixture of two halves, and N(M, T²)."""
    p = gaussian_mixture(vector(0.5, 0.5), vector(0.0, 0.0), vector(_S, _S))
    return [alpha_divergence(p, _NARROW, alpha) for alpha in (0.0, 0.5, 1.0)]


def _kl(s: float, t: float) -> float:
    return math.log(t / s) + (s * s + _M**2) / (2 * t * t) - 0.5


def _three_ways() -> Numbers:
    """KL of the small world's optimum at β = 0.7: counted step by step, as E[r]/β − log Z, and its slope by β times −β³."""
    world, beta, step = build_world(), 0.7, 1e-3
    best = world.optimum([beta, beta - 2 * step, beta - step, beta + step, beta + 2 * step])
    measured = world.measure(best)
    low2, low, high, high2 = measured.kl[1:]
    slope = (8 * (high - low) - (high2 - low2)) / (12 * step)
    return (
        measured.kl[0] - (measured.proxy[0] / beta - best.log_z[0]),
        measured.proxy[0] - beta * measured.kl[0] - beta * best.log_z[0],
        slope / (-measured.proxy_variance[0] / beta**3),
    )


CLAIMS = (
    closed_form(
        "js_most",
        "Jensen–Shannon of two distributions without overlap, under both in halves",
        _LIN,
        "ln 2",
        math.log(2),
        lambda: jensen_shannon(Uniform(vector(0.0), vector(1.0)), Uniform(vector(2.0), vector(3.0))),
        unit="nats",
    ),
    closed_form(
        "js_coins",
        "Jensen–Shannon of the coins 1 and ½, under both in halves",
        _LIN,
        "¾ ln(4/3)",
        0.75 * math.log(4 / 3),
        lambda: jensen_shannon(vector(1.0, 0.0), vector(0.5, 0.5)),
        unit="nats",
    ),
    closed_form(
        "tv_normals",
        "Total variation of N(0, 1) and N(1.5, 1)",
        _LEVIN,
        "erf(m/(2√2))",
        math.erf(1.5 / math.sqrt(8)),
        lambda: total_variation(_normal(0.0, 1.0), _normal(1.5, 1.0)),
    ),
    closed_form(
        "hellinger_normals",
        "Hellinger distance of N(0, 1.3²) and N(0.9, 0.7²)",
        _BOOK,
        "√(1 − √(2st/(s² + t²))·e^(−m²/(4(s² + t²))))",
        math.sqrt(1 - _AFFINITY),
        lambda: hellinger(_WIDE, _NARROW),
    ),
    closed_form(
        "renyi_normals",
        "Rényi’s divergence at α = ½ and 1.3 of N(0, 1.3²) from N(0.9, 0.7²)",
        _ERVEN,
        "αm²/(2v) + ln(v/(s^(2−2α)·t^(2α)))/(2(1 − α))",
        (_renyi(0.5), _renyi(1.3)),
        lambda: (renyi(_WIDE, _NARROW, 0.5), renyi(_WIDE, _NARROW, 1.3)),
        unit="nats",
        parts=("α = ½", "α = 1.3"),
    ),
    closed_form(
        "renyi_one",
        "Rényi’s divergence at α = 1 is KL, under the first: N(0, 1.3²) from N(0.9, 0.7²)",
        _ERVEN,
        "ln(t/s) + (s² + m²)/(2t²) − ½",
        _kl(_S, _T),
        lambda: renyi(_WIDE, _NARROW, 1.0),
        unit="nats",
    ),
    closed_form(
        "alpha_bridge",
        "The α-divergence of N(0, 1.3²) and N(0.9, 0.7²) at 0, ½ and 1: KL under the second, four Hellinger², KL under the first",
        _MINKA,
        "KL(q‖p) · 4H² · KL(p‖q)",
        (_kl(_T, _S), 4 * (1 - _AFFINITY), _kl(_S, _T)),
        _one_bell,
        parts=("0", "½", "1"),
    ),
    closed_form(
        "entropy_normal",
        "Differential entropy of N(0, 1.3²), and its cross-entropy to N(0.9, 0.7²), under the first",
        _SHANNON,
        "½ ln(2πe·s²) · that + KL",
        (0.5 * math.log(2 * math.pi * math.e * _S**2), 0.5 * math.log(2 * math.pi * math.e * _S**2) + _kl(_S, _T)),
        lambda: (entropy(_WIDE), cross_entropy(_WIDE, _NARROW)),
        unit="nats",
        parts=("entropy", "cross-entropy"),
    ),
    closed_form(
        "world_optimum",
        "In the small language model, at β = 0.7: KL(π*‖π_ref), under π*, less E*[r]/β − log Z; what is earned less β log Z; "
        "and dKL/dβ over −Var*(r)/β³",
        _LEVINE,
        "0 · 0 · 1",
        (0.0, 0.0, 1.0),
        _three_ways,
        relative=1e-8,
        parts=("KL", "objective", "slope"),
    ),
)
