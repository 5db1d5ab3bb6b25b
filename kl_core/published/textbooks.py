"""Worked examples and closed forms of KL from textbooks and manuals, infinite ones, and those where usual code fails."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from scipy.special import digamma, gammaln
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Beta,
    Cauchy,
    Distribution,
    Exponential,
    Gamma,
    Geometric,
    Laplace,
    MultivariateNormal,
    Normal,
    Poisson,
    Uniform,
)

from ..divergence import kl, kl_from_logits, kl_from_probs
from ..divergences import cross_entropy, entropy
from .claim import Claim, Numbers, Source, closed_form, printed, vector

SUBJECT = "Textbooks and manuals"
_COVER = Source("Cover & Thomas 2006, Elements of Information Theory, example 2.3.1")
_COVER_ENTROPY = Source("Cover & Thomas 2006, Elements of Information Theory, example 2.1.2")
_KULLBACK = Source(
    "Kullback 1959, example 2.1, as worked out in Wikipedia, Kullback–Leibler divergence",
    "https://en.wikipedia.org/wiki/Kullback–Leibler_divergence",
)
_SCIPY = Source("SciPy’s manual, scipy.stats.entropy", "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.entropy.html")
_DLANG = Source(
    "D’s manual, std.numeric.kullbackLeiblerDivergence", "https://dlang.org/library/std/numeric/kullback_leibler_divergence.html"
)
_GIL = Source("Gil, Alajaji & Linder 2013, Rényi divergence measures", "https://doi.org/10.1016/j.ins.2013.06.018")
_CAUCHY = Source("Chyzak & Nielsen 2019, arXiv 1905.10965", "https://arxiv.org/abs/1905.10965")
_BOOK = Source("Standard closed form, worked out from the densities")
_BISHOP = Source("Bishop 2006, Pattern Recognition and Machine Learning, §1.6.1 and exercise 2.13")
_BITS = math.log(2)


def _bits(p: Sequence[float], q: Sequence[float]) -> Tensor:
    return kl_from_probs(vector(*p), vector(*q)) / _BITS


def _both_bits(p: Sequence[float], q: Sequence[float]) -> tuple[Tensor, Tensor]:
    return _bits(p, q), _bits(q, p)


def _of(family: Callable[..., Distribution], first: Sequence[float], second: Sequence[float]) -> Callable[[], Tensor]:
    """Our KL between two distributions of one family, in float64."""
    return lambda: kl(family(*(vector(value) for value in first)), family(*(vector(value) for value in second)))


def _normal(m: float, s: float, c: float, t: float) -> float:
    return math.log(t / s) + (s * s + (m - c) ** 2) / (2 * t * t) - 0.5


def _gamma(a: float, b: float, c: float, d: float) -> float:
    return (a - c) * digamma(a) - gammaln(a) + gammaln(c) + c * math.log(b / d) + a * (d - b) / b


def _beta(a: float, b: float, c: float, d: float) -> float:
    log_beta = lambda x, y: gammaln(x) + gammaln(y) - gammaln(x + y)
    return log_beta(c, d) - log_beta(a, b) + (a - c) * digamma(a) + (b - d) * digamma(b) + (c - a + d - b) * digamma(a + b)


def _laplace(m: float, b: float, c: float, d: float) -> float:
    gap = abs(m - c)
    return math.log(d / b) + gap / d + b / d * math.exp(-gap / b) - 1


def _two_dimensions() -> Numbers:
    p = MultivariateNormal(vector(0, 0), torch.diag(vector(1.0, 4.0)))
    q = MultivariateNormal(vector(1, -1), torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64))
    return kl(p, q)


def _scipy() -> Numbers:
    p, q = vector(0.5, 0.5), vector(0.9, 0.1)
    return entropy(p) / _BITS, _bits((0.5, 0.5), (0.9, 0.1)), cross_entropy(p, q) / _BITS


def _family(
    name: str,
    words: str,
    formula: str,
    theirs: float,
    ours: Callable[[], Numbers],
    source: Source = _BOOK,
    relative: float = 1e-12,
) -> Claim:
    return closed_form(
        f"book_{name}", f"KL between two {words}, under the first", source, formula, float(theirs), ours, relative=relative, unit="nats"
    )


_TINY = 2.0**-27
_NEAR_COINS = _TINY**2 / 2 + _TINY**4 / 12  # of ½[(1 + ε)·log(1 + ε) + (1 − ε)·log(1 − ε)], which cancels

CLAIMS = (
    printed(
        "cover_thomas",
        "D(p‖q), under p, and D(q‖p), under q, of coins with p = ½ and q = ¼",
        _COVER,
        ("0.2075", "0.1887"),
        lambda: _both_bits((0.5, 0.5), (0.75, 0.25)),
        unit="bits",
        parts=("under p", "under q"),
    ),
    closed_form(
        "cover_thomas_exact",
        "The same, as formulas",
        _COVER,
        "1 − ½ log₂ 3 · ¾ log₂ 3 − 1",
        (1 - 0.5 * math.log2(3), 0.75 * math.log2(3) - 1),
        lambda: _both_bits((0.5, 0.5), (0.75, 0.25)),
        unit="bits",
        parts=("under p", "under q"),
    ),
    closed_form(
        "cover_entropy",
        "Entropy of (½, ¼, ⅛, ⅛)",
        _COVER_ENTROPY,
        "7/4",
        1.75,
        lambda: entropy(vector(0.5, 0.25, 0.125, 0.125)) / _BITS,
        unit="bits",
    ),
    printed(
        "kullback",
        "KL(P‖Q), under P, and KL(Q‖P), under Q, of Binomial(2, 0.4) and three equal shares",
        _KULLBACK,
        ("0.0852996", "0.0974550"),
        lambda: (kl_from_probs(vector(9, 12, 4), vector(1, 1, 1)), kl_from_probs(vector(1, 1, 1), vector(9, 12, 4))),
        unit="nats",
        parts=("under P", "under Q"),
    ),
    printed(
        "scipy",
        "Entropy of a fair coin, its KL from a coin of 0.9, under the fair one, and their cross-entropy",
        _SCIPY,
        ("1.0", "0.7369655941662062", "1.736965594166206"),
        _scipy,
        unit="bits",
        parts=("entropy", "KL", "cross-entropy"),
    ),
    printed(
        "dlang",
        "KL of four equal shares from (0.2, 0.2, 0.2, 0.4), under the equal ones, and the other way",
        _DLANG,
        ("0.0719281", "0.0780719"),
        lambda: _both_bits((1, 1, 1, 1), (0.2, 0.2, 0.2, 0.4)),
        unit="bits",
        parts=("under equal", "under the other"),
    ),
    closed_form(
        "dlang_infinite",
        "KL of four equal shares from (0, 0, 0, 1), under the equal ones, and the other way",
        _DLANG,
        "∞ · 2",
        (math.inf, 2.0),
        lambda: _both_bits((1, 1, 1, 1), (0, 0, 0, 1)),
        unit="bits",
        parts=("under equal", "under the other"),
        corrects="KL is not always finite, and clipping by an ε turns this ∞ into a number of ε’s choosing.",
    ),
    _family(
        "normal",
        "Normals, N(0.3, 1.7²) and N(−1, 0.6²)",
        "ln(t/s) + (s² + (μ − ν)²)/(2t²) − ½",
        _normal(0.3, 1.7, -1, 0.6),
        _of(Normal, (0.3, 1.7), (-1, 0.6)),
        _GIL,
    ),
    _family(
        "exponential",
        "exponentials of rates 1.4 and 0.5",
        "ln(a/b) + b/a − 1",
        math.log(2.8) + 0.5 / 1.4 - 1,
        _of(Exponential, (1.4,), (0.5,)),
        _GIL,
    ),
    _family(
        "laplace",
        "Laplaces, (0.3, 1.7) and (−1, 0.6)",
        "ln(d/b) + δ/d + (b/d)e^(−δ/b) − 1",
        _laplace(0.3, 1.7, -1, 0.6),
        _of(Laplace, (0.3, 1.7), (-1, 0.6)),
        _GIL,
    ),
    _family(
        "gamma",
        "Gammas, (2.3, 0.7) and (1.1, 1.9)",
        "(a − c)ψ(a) − ln Γ(a)/Γ(c) + c ln(b/d) + a(d − b)/b",
        _gamma(2.3, 0.7, 1.1, 1.9),
        _of(Gamma, (2.3, 0.7), (1.1, 1.9)),
        _GIL,
    ),
    _family(
        "beta",
        "Betas, (2.3, 0.7) and (1.1, 1.9)",
        "ln B(c, d)/B(a, b) + (a − c)ψ(a) + (b − d)ψ(b) + (c − a + d − b)ψ(a + b)",
        _beta(2.3, 0.7, 1.1, 1.9),
        _of(Beta, (2.3, 0.7), (1.1, 1.9)),
        _GIL,
    ),
    _family(
        "cauchy",
        "Cauchys, (0, 1) and (2, 3)",
        "ln(((γ + δ)² + (x − y)²)/(4γδ))",
        math.log((16 + 4) / 12),
        _of(Cauchy, (0.0, 1.0), (2.0, 3.0)),
        _CAUCHY,
    ),
    _family("poisson", "Poissons of rates 4.2 and 2.5", "a ln(a/b) − a + b", 4.2 * math.log(4.2 / 2.5) - 1.7, _of(Poisson, (4.2,), (2.5,))),
    _family(
        "bernoulli",
        "coins of 0.3 and 0.8",
        "Σ p ln(p/q)",
        0.3 * math.log(0.3 / 0.8) + 0.7 * math.log(0.7 / 0.2),
        _of(Bernoulli, (0.3,), (0.8,)),
    ),
    _family(
        "geometric",
        "geometrics of 0.3 and 0.8",
        "KL of the coins ÷ p",
        (0.3 * math.log(0.3 / 0.8) + 0.7 * math.log(0.7 / 0.2)) / 0.3,
        _of(Geometric, (0.3,), (0.8,)),
    ),
    _family("uniform", "uniforms, on (0, 1) and (−1, 4)", "ln(width/width)", math.log(5), _of(Uniform, (0.0, 1.0), (-1.0, 4.0))),
    _family(
        "multivariate",
        "Normals in two dimensions: N(0, diag(1, 4)) and N((1, −1), [[2, 1], [1, 2]])",
        "½(tr S⁻¹R + δᵀS⁻¹δ − 2 + ln |S|/|R|)",
        0.5 * (10 / 3 + 2 - 2 + math.log(3 / 4)),
        _two_dimensions,
        _BISHOP,
    ),
    closed_form(
        "infinite_tail",
        "KL(Cauchy‖N(0, 1)), under the Cauchy: infinite by its tails; and KL(uniform on (0, 2)‖uniform on (0, 1)), under the first",
        _BOOK,
        "∞ · ∞",
        (math.inf, math.inf),
        lambda: (kl(Cauchy(vector(0.0), vector(1.0)), Normal(vector(0.0), vector(1.0))), _of(Uniform, (0.0, 2.0), (0.0, 1.0))()),
        unit="nats",
        parts=("tails", "support"),
    ),
    closed_form(
        "near_normals",
        "KL(N(0, 1)‖N(10⁻⁸, 1)), under the first",
        _BISHOP,
        "δ²/2",
        5e-17,
        _of(Normal, (0.0, 1.0), (1e-8, 1.0)),
        unit="nats",
        corrects="torch.distributions gives 0 or rounding noise when two distributions are this close.",
    ),
    closed_form(
        "near_coins",
        "KL of a coin of ½(1 + 2⁻²⁷) from a fair one, under the first",
        _BOOK,
        "ε²/2 + ε⁴/12, ε = 2⁻²⁷",
        _NEAR_COINS,
        lambda: kl_from_probs(vector(0.5 * (1 + _TINY), 0.5 * (1 - _TINY)), vector(0.5, 0.5)),
        unit="nats",
        corrects="Σ p·log(p/q) in float64 has no correct digit here.",
    ),
    closed_form(
        "far_logits",
        "KL between softmaxes of logits (1000, −1000) and (−1000, 1000), under the first",
        _BOOK,
        "2000",
        2000.0,
        lambda: kl_from_logits(vector(1000, -1000), vector(-1000, 1000)),
        unit="nats",
        corrects="softmax and then log gives ∞ or NaN.",
    ),
    closed_form(
        "far_normals",
        "KL(N(0, 10⁻¹²)‖N(1, 10¹²)) of those sds, in float32, under the first",
        _GIL,
        "ln(t/s) + (s² + 1)/(2t²) − ½",
        math.log(1e24) - 0.5,
        lambda: kl(Normal(torch.tensor(0.0), torch.tensor(1e-12)), Normal(torch.tensor(1.0), torch.tensor(1e12))),
        relative=1e-6,
        unit="nats",
        corrects="torch.distributions gives ∞ in float32.",
    ),
)
