"""Closed forms of KL written down from the textbooks for mpmath: nothing here comes from kl_core or torch.

FORMULAS maps (type of P, type of Q) to KL(P‖Q) in nats as a function of P's and then Q's parameters, in the order
of torch's constructors. Textbook forms cancel, so use plenty of digits: `exact` does. The tests and the bench share them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from mpmath import mp, mpf
from torch.distributions import (
    Bernoulli,
    Beta,
    Binomial,
    Cauchy,
    Dirichlet,
    Distribution,
    Exponential,
    Gamma,
    Geometric,
    HalfCauchy,
    HalfNormal,
    Kumaraswamy,
    Laplace,
    LogNormal,
    NegativeBinomial,
    Normal,
    Poisson,
    Uniform,
    VonMises,
    Weibull,
)

from kl_core import Logistic


def _normal(m1, s1, m2, s2):
    return mp.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - mpf(1) / 2


def _laplace(m1, b1, m2, b2):
    gap = abs(m1 - m2)
    return mp.log(b2 / b1) + gap / b2 + b1 / b2 * mp.exp(-gap / b1) - 1


def _cauchy(m1, s1, m2, s2):
    return mp.log(((s1 + s2) ** 2 + (m1 - m2) ** 2) / (4 * s1 * s2))


def _gamma(a1, b1, a2, b2):
    return (a1 - a2) * mp.digamma(a1) - mp.loggamma(a1) + mp.loggamma(a2) + a2 * mp.log(b1 / b2) + a1 * (b2 - b1) / b1


def _log_beta(*a):
    return sum(map(mp.loggamma, a)) - mp.loggamma(sum(a))


def dirichlet(first: Sequence[mpf], second: Sequence[mpf]) -> mpf:
    mean_log = [mp.digamma(a) - mp.digamma(sum(first)) for a in first]
    return _log_beta(*second) - _log_beta(*first) + sum((a - b) * m for a, b, m in zip(first, second, mean_log))


def _coin(p, q):
    return sum((a * mp.log(a / b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0), mpf(0))


def _binomial(n1, p, n2, q):
    assert n1 == n2
    return n1 * _coin(p, q)


def _negative_binomial(r1, p, r2, q):
    assert r1 == r2
    return r1 * _coin(p, q) / (1 - p)


def _weibull(s1, k1, s2, k2):
    return (
        mp.log(k1 / s1**k1) - mp.log(k2 / s2**k2) + (k1 - k2) * (mp.log(s1) - mp.euler / k1) + (s1 / s2) ** k2 * mp.gamma(k2 / k1 + 1) - 1
    )


def _von_mises(m1, k1, m2, k2):
    mean = mp.besseli(1, k1) / mp.besseli(0, k1)
    return mp.log(mp.besseli(0, k2) / mp.besseli(0, k1)) + mean * (k1 - k2 * mp.cos(m1 - m2))


def _kumaraswamy(a1, b1, a2, b2):
    assert a1 == a2
    return mp.log(b1 / b2) + b2 / b1 - 1


def _against_normal(entropy, mean, variance, m, s):
    return -entropy + mp.log(2 * mp.pi * s**2) / 2 + (variance + (mean - m) ** 2) / (2 * s**2)


def _against_laplace(entropy, mean_gap, b):
    return -entropy + mp.log(2 * b) + mean_gap / b


def _uniform_exponential(a, b, rate):
    return -mp.log(b - a) - mp.log(rate) + rate * (a + b) / 2


def _uniform_laplace(low, high, m, scale):
    below, above = max(min(m, high) - low, mpf(0)), max(high - max(m, low), mpf(0))
    if below and above:
        gap = (below**2 + above**2) / (2 * (high - low))
    else:
        gap = abs((low + high) / 2 - m)
    return _against_laplace(mp.log(high - low), gap, scale)


def _normal_laplace(m, s, c, b):
    z = (m - c) / s
    gap = s * (mp.sqrt(2 / mp.pi) * mp.exp(-z * z / 2) + z * mp.erf(z / mp.sqrt(2)))
    return _against_laplace(mp.log(2 * mp.pi * mp.e * s**2) / 2, gap, b)


def _exponential_laplace(rate, c, b):
    gap = c - 1 / rate + 2 * mp.exp(-rate * c) / rate if c > 0 else 1 / rate - c
    return _against_laplace(1 - mp.log(rate), gap, b)


def _gamma_log_normal(a, b, m, s):
    entropy = a - mp.log(b) + mp.loggamma(a) + (1 - a) * mp.digamma(a)
    mean = mp.digamma(a) - mp.log(b)
    return -entropy + mean + mp.log(2 * mp.pi * s**2) / 2 + (mp.psi(1, a) + (mean - m) ** 2) / (2 * s**2)


def _log_normal_gamma(m, s, a, b):
    return -m - mp.log(2 * mp.pi * mp.e * s**2) / 2 - a * mp.log(b) + mp.loggamma(a) - (a - 1) * m + b * mp.exp(m + s**2 / 2)


def _beta_uniform(a, b, low, high):
    return dirichlet([a, b], [mpf(1), mpf(1)]) + mp.log(high - low)


FORMULAS = {
    (Normal, Normal): _normal,
    (LogNormal, LogNormal): _normal,
    (HalfNormal, HalfNormal): lambda s1, s2: _normal(0, s1, 0, s2),
    (Laplace, Laplace): _laplace,
    (Cauchy, Cauchy): _cauchy,
    (HalfCauchy, HalfCauchy): lambda a, b: mp.log((a + b) ** 2 / (4 * a * b)),
    (Exponential, Exponential): lambda a, b: mp.log(a / b) + b / a - 1,
    (Uniform, Uniform): lambda a1, b1, a2, b2: mp.log((b2 - a2) / (b1 - a1)),
    (Gamma, Gamma): _gamma,
    (Exponential, Gamma): lambda rate, a, b: _gamma(mpf(1), rate, a, b),
    (Gamma, Exponential): lambda a, b, rate: _gamma(a, b, mpf(1), rate),
    (Beta, Beta): lambda a1, b1, a2, b2: dirichlet([a1, b1], [a2, b2]),
    (Beta, Uniform): _beta_uniform,
    (Weibull, Weibull): _weibull,
    (Weibull, Exponential): lambda s, k, rate: _weibull(s, k, 1 / rate, mpf(1)),
    (Exponential, Weibull): lambda rate, s, k: _weibull(1 / rate, mpf(1), s, k),
    (VonMises, VonMises): _von_mises,
    (Kumaraswamy, Kumaraswamy): _kumaraswamy,
    (Poisson, Poisson): lambda a, b: a * mp.log(a / b) - a + b,
    (Bernoulli, Bernoulli): _coin,
    (Geometric, Geometric): lambda p, q: _coin(p, q) / p,
    (Binomial, Binomial): _binomial,
    (NegativeBinomial, NegativeBinomial): _negative_binomial,
    (Laplace, Normal): lambda c, b, m, s: _against_normal(1 + mp.log(2 * b), c, 2 * b**2, m, s),
    (Logistic, Normal): lambda c, b, m, s: _against_normal(mp.log(b) + 2, c, (mp.pi * b) ** 2 / 3, m, s),
    (Exponential, Normal): lambda rate, m, s: _against_normal(1 - mp.log(rate), 1 / rate, 1 / rate**2, m, s),
    (Uniform, Normal): lambda a, b, m, s: _against_normal(mp.log(b - a), (a + b) / 2, (b - a) ** 2 / 12, m, s),
    (Normal, Laplace): _normal_laplace,
    (Exponential, Laplace): _exponential_laplace,
    (Uniform, Laplace): _uniform_laplace,
    (Uniform, Exponential): _uniform_exponential,
    (Exponential, LogNormal): lambda rate, m, s: _gamma_log_normal(mpf(1), rate, m, s),
    (LogNormal, Exponential): lambda m, s, rate: _log_normal_gamma(m, s, mpf(1), rate),
    (Gamma, LogNormal): _gamma_log_normal,
    (LogNormal, Gamma): _log_normal_gamma,
    (Exponential, HalfNormal): lambda rate, s: mp.log(rate) - 1 - mp.log(2 / mp.pi) / 2 + mp.log(s) + 1 / (rate * s) ** 2,
    (HalfNormal, Exponential): lambda s, rate: -mp.log(mp.pi * s**2 / 2) / 2 - mpf(1) / 2 - mp.log(rate) + rate * s * mp.sqrt(2 / mp.pi),
}


def distribution(kind: type[Distribution], values: Sequence[float], dtype: torch.dtype = torch.float64) -> Distribution:
    """The distribution of this type with these parameters; of a Dirichlet, they are the concentrations."""
    tensors = [torch.tensor(value, dtype=dtype) for value in values]
    return kind(torch.stack(tensors)) if kind is Dirichlet else kind(*tensors)


def exact(kind_p: type, first: Sequence[float], kind_q: type, second: Sequence[float], digits: int = 80) -> mpf:
    """KL(P‖Q) of the very floats given, to about `digits` digits less what the textbook form cancels."""
    with mp.workdps(digits):
        first, second = ([mpf(value) for value in values] for values in (first, second))
        return dirichlet(first, second) if kind_p is Dirichlet else FORMULAS[kind_p, kind_q](*first, *second)


# Parameters of each pair: P's, then Q's. `cases` adds neighbours to those of one type.
ORDINARY = {
    Normal: (0.3, 1.7),
    LogNormal: (0.3, 0.7),
    HalfNormal: (1.3,),
    Laplace: (0.3, 1.7),
    Cauchy: (0.3, 1.7),
    HalfCauchy: (1.7,),
    Exponential: (1.7,),
    Gamma: (2.3, 0.7),
    Beta: (2.3, 0.7),
    Dirichlet: (0.5, 2.0, 7.0),
    Weibull: (1.2, 2.5),
    VonMises: (0.5, 3.0),
    Kumaraswamy: (2.0, 3.0),
    Poisson: (4.2,),
    Bernoulli: (0.3,),
    Geometric: (0.3,),
    Binomial: (12.0, 0.3),
    NegativeBinomial: (3.5, 0.4),
}
FIXED = {Kumaraswamy: 0, Binomial: 0, NegativeBinomial: 0}  # which parameter must be the same on both sides
EXTREME = [
    (Normal, (0.0, 1e-12), Normal, (1.0, 1e12)),
    (Normal, (0.0, 1e12), Normal, (1.0, 1e-12)),
    (Normal, (0.0, 1e-200), Normal, (1.0, 1.0)),
    (Laplace, (1e6, 1e-6), Laplace, (-1e6, 1e6)),
    (Cauchy, (0.0, 1e-9), Cauchy, (1e3, 1e9)),
    (HalfCauchy, (1e-9,), HalfCauchy, (1e9,)),
    (Exponential, (1e-9,), Exponential, (1e9,)),
    (Uniform, (0.0, 1.0), Uniform, (-1e-9, 1e9)),
    (Gamma, (1e6, 1.0), Gamma, (1.001e6, 1.0)),
    (Gamma, (1e6, 1.0), Gamma, (1e6 * (1 + 1e-8), 1 + 1e-8)),
    (Gamma, (1e-3, 1.0), Gamma, (1e6, 5.0)),
    (Gamma, (1e6, 1.0), Gamma, (1e-3, 5.0)),
    (Beta, (1e6, 2e6), Beta, (1.001e6, 2e6)),
    (Beta, (1e6, 2e6), Beta, (1e6 * (1 + 1e-8), 2e6)),
    (Beta, (0.01, 0.02), Beta, (30.0, 1e5)),
    (Beta, (0.055, 2e-6), Beta, (1.3e5, 2.6e-4)),
    (Beta, (6945.5, 2.4e-5), Beta, (6945.5 * (1 - 4e-11), 2.4e-5 * (1 - 3e-9))),
    (Beta, (2e-6, 1.5e5), Beta, (3e-6, 1.2e-5)),
    (Beta, (2e-6, 0.0011), Beta, (0.57, 2.7e5)),
    (Dirichlet, (1e5, 2e5, 3e5), Dirichlet, (1.01e5, 2e5, 2.9e5)),
    (Dirichlet, (0.01, 0.02, 0.5), Dirichlet, (3.0, 0.1, 40.0)),
    (Dirichlet, (5e4, 1.0, 2.7e4), Dirichlet, (440.0, 1.4e-4, 2.7e-4)),
    (Weibull, (0.0004, 0.16), Weibull, (2054.0, 45.6)),
    (Dirichlet, (1e6, 1e-6, 1e-3), Dirichlet, (1e6 * (1 + 1e-9), 1e-6, 1e-3 * (1 - 1e-8))),
    (Poisson, (1e6,), Poisson, (1e6 + 1e-3,)),
    (Poisson, (1e-9,), Poisson, (30.0,)),
    (Bernoulli, (0.5085506381644075,), Bernoulli, (0.48368940244453623,)),
    (Bernoulli, (1e-12,), Bernoulli, (3e-12,)),
    (Geometric, (1e-6,), Geometric, (1.1e-6,)),
    (Weibull, (1.0, 0.3), Weibull, (5.0, 0.8)),
    (Weibull, (3.8e-6, 70.0), Weibull, (37000.0, 0.5)),
    (Weibull, (1e-4, 0.12), Weibull, (4e5, 24.5)),
    (Weibull, (4.0, 0.5), Weibull, (1.0, 20.0)),
    (VonMises, (0.5, 1e-6), VonMises, (1.5, 40.0)),
    (VonMises, (0.5, 1e4), VonMises, (0.51, 300.0)),
    (VonMises, (0.5, 1e5), VonMises, (0.5, 1e5 * (1 + 1e-8))),
    (VonMises, (-2.8, 1e-4), VonMises, (-1.4, 2e-4)),
    (VonMises, (-0.5, 5600.0), VonMises, (-0.3, 1.6)),
    (VonMises, (0.8, 10.8), VonMises, (0.83, 182.0)),
    (VonMises, (3.1415926535, 2.0), VonMises, (-3.1415926535, 2.0)),
    (LogNormal, (0.0, 0.01), Gamma, (1e4, 1e4)),
    (LogNormal, (0.0, 1e-3), Gamma, (1e6, 1e6)),
    (LogNormal, (12.3, 0.01), Gamma, (1e4, 0.0455)),
    (LogNormal, (20.0, 2.1), Gamma, (1.4e-3, 53.0)),
    (Gamma, (1e4, 1e4), LogNormal, (0.0, 0.01)),
    (Gamma, (1e-3, 1.0), LogNormal, (0.0, 3.0)),
    (Gamma, (1e4, 0.0455), LogNormal, (12.3, 0.01)),
]
BETWEEN_TYPES = [
    (Exponential, (1.4,), Gamma, (2.3, 0.7)),
    (Gamma, (2.3, 0.7), Exponential, (1.4,)),
    (Exponential, (1.4,), Gamma, (1.0, 1.4 * (1 + 1e-9))),
    (Gamma, (1 + 1e-9, 1.4), Exponential, (1.4,)),
    (Weibull, (1.2, 1.5), Exponential, (0.4,)),
    (Exponential, (0.7,), Weibull, (1.1, 1.4)),
    (Weibull, (1.2, 1.0), Exponential, (1 / 1.2 * (1 + 1e-9),)),
    (Exponential, (0.7,), Weibull, (1 / 0.7, 1 + 1e-9)),
    (Beta, (2.3, 0.7), Uniform, (-0.5, 1.25)),
    (Beta, (1 + 1e-9, 1.0), Uniform, (0.0, 1.0)),
    (LogNormal, (0.2, 0.7), Gamma, (1.7, 0.9)),
    (Gamma, (2.3, 0.7), LogNormal, (0.4, 0.8)),
    (LogNormal, (0.2, 0.7), Exponential, (0.9,)),
    (Exponential, (0.7,), LogNormal, (0.4, 0.8)),
    (Laplace, (0.3, 1.7), Normal, (-0.4, 1.1)),
    (Normal, (0.3, 1.7), Laplace, (-0.4, 1.1)),
    (Logistic, (0.3, 1.7), Normal, (-0.4, 1.1)),
    (Exponential, (1.4,), Normal, (0.3, 0.8)),
    (Exponential, (1.4,), Laplace, (0.3, 0.8)),
    (Exponential, (1.4,), Laplace, (-0.3, 0.8)),
    (Uniform, (0.5, 2.0), Normal, (-0.4, 1.1)),
    (Uniform, (0.5, 2.0), Laplace, (0.7, 1.1)),
    (Uniform, (0.5, 2.0), Laplace, (-3.0, 1.1)),
    (Uniform, (0.5, 2.0), Exponential, (1.4,)),
    (Uniform, (0.5, 2.0), Uniform, (0.25, 2.0)),
    (Exponential, (1.4,), HalfNormal, (0.9,)),
    (HalfNormal, (0.9,), Exponential, (1.4,)),
]


def neighbours(kind: type, first: Sequence[float], apart: Sequence[float]) -> tuple[float, ...]:
    """`first` with its parameters moved by these relative amounts in turn, 0 meaning one unit in the last place."""
    move = lambda value, by: value * (1 + by) if by else math.nextafter(value, math.inf)
    return tuple(value if FIXED.get(kind) == i else move(value, apart[i % len(apart)]) for i, value in enumerate(first))


def cases(apart: Sequence[float]) -> list[tuple]:
    """Every distribution with one of its own type whose parameters are that far apart."""
    return [(kind, first, kind, neighbours(kind, first, apart)) for kind, first in ORDINARY.items()]


def case_name(case) -> str:
    """How a case of `cases` is called in a report."""
    kind_p, first, kind_q, second = case
    return f"{kind_p.__name__}{first}-{kind_q.__name__}{second}"
