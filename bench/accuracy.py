"""Worst relative error of each row, ours and a peer's, against mpmath; peers run as their documentation says."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy.integrate
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F
from mpmath import mp, mpf
from torch.distributions import (
    Bernoulli,
    Beta,
    Categorical,
    Cauchy,
    Dirichlet,
    Exponential,
    Gamma,
    Geometric,
    HalfNormal,
    Kumaraswamy,
    Laplace,
    LogNormal,
    Normal,
    Poisson,
    VonMises,
    Weibull,
    kl_divergence,
)

from bench.rows import Row, alternately, subject
from kl_core import gaussian_mixture, kl, kl_from_log_probs, kl_from_logits, kl_from_probs, kl_report
from tests.kl_core.formulas import distribution, exact

CASES = 20  # random pairs of vectors a row


def probabilities(apart: float, dtype: torch.dtype) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    for _ in range(CASES):
        q = torch.rand(50, generator=generator, dtype=torch.float64) + 0.01
        p = q * (1 + apart * torch.randn(50, generator=generator, dtype=torch.float64)).abs()
        yield (p / p.sum()).to(dtype), (q / q.sum()).to(dtype)


def true_kl(p: list, q: list) -> mpf:
    total_p, total_q = sum(p), sum(q)
    return sum(a / total_p * mp.log(a * total_q / (b * total_p)) for a, b in zip(p, q, strict=True))


def worst(function: Callable, cases: list, truths: list) -> float:
    errors = [abs(mpf(float(function(*case))) - truth) / truth for case, truth in zip(cases, truths, strict=True)]
    return float(max(errors)) if not any(map(mp.isnan, errors)) else float("nan")


PEERS = {
    "F.kl_div": lambda p, q: F.kl_div(q.log(), p, reduction="sum"),
    "Categorical": lambda p, q: kl_divergence(Categorical(p), Categorical(q)),
    "scipy.stats.entropy": lambda p, q: scipy.stats.entropy(p.numpy(), q.numpy()),
    "scipy.special.kl_div": lambda p, q: np.sum(scipy.special.kl_div(p.numpy(), q.numpy())),
}


@subject
def vectors() -> Iterator[Row]:
    """Probabilities from far apart to next to equal."""
    for dtype, limit, distances in ((torch.float64, 2e-15, (1.0, 1e-4, 1e-8)), (torch.float32, 1e-6, (1.0, 1e-4))):
        for apart in distances:
            cases = list(probabilities(apart, dtype))
            with mp.workdps(60):
                truths = [true_kl(*([mpf(v) for v in w.tolist()] for w in case)) for case in cases]
                ours = worst(kl_from_probs, cases, truths)
                for name, peer in PEERS.items():
                    what = f"50 {str(dtype)[6:]} probabilities, {apart:g} apart"
                    yield Row(what, ours, "rel. error", worst(peer, cases, truths), name, limit)


def by_kl_div(z_p: torch.Tensor, z_q: torch.Tensor) -> torch.Tensor:
    return F.kl_div(z_q.log_softmax(-1), z_p.log_softmax(-1), reduction="none", log_target=True).sum(-1)


def by_categorical(z_p: torch.Tensor, z_q: torch.Tensor) -> torch.Tensor:
    return kl_divergence(Categorical(logits=z_p), Categorical(logits=z_q))


def wide_kl(z_p: torch.Tensor, z_q: torch.Tensor) -> np.ndarray:
    """In numpy's 80-bit floats, through terms that do not cancel."""
    a, b = (z.double().numpy().astype(np.longdouble) for z in (z_p, z_q))
    p = np.exp(a - a.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    e = a - b - (p * (a - b)).sum(-1, keepdims=True)
    return np.log1p((p * (np.expm1(-e) + e)).sum(-1))


@subject
def language_model() -> Iterator[Row]:
    """float32 logits of 16 positions and 128 256 classes, as a quantisation check or a distillation has them."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    z_p = 3 * torch.randn(16, 128_256, generator=generator)
    for apart in (1.5e-3, 0.05, 4.0):
        z_q = z_p + apart * torch.randn(16, 128_256, generator=generator)
        truth = wide_kl(z_p, z_q)
        error = lambda value: float(np.max(np.abs(value.double().numpy() / truth - 1)))
        ours = error(kl_from_logits(z_p, z_q))
        for name, peer in (("log_softmax + F.kl_div", by_kl_div), ("Categorical", by_categorical)):
            yield Row(f"16×128 256 logits, KL about {truth[0]:.0e}", ours, "rel. error", error(peer(z_p, z_q)), name, 1e-7)
    yield from _language_model_times(z_p, z_q)
    yield from _other_shapes(generator)


def _language_model_times(z_p: torch.Tensor, z_q: torch.Tensor) -> Iterator[Row]:
    times = alternately(lambda: kl_from_logits(z_p, z_q), lambda: by_kl_div(z_p, z_q))
    yield Row("16×128 256 logits, forward", times[0] * 1e3, "ms", times[1] * 1e3, "log_softmax + F.kl_div", least_ratio=1 / 1.5)
    teacher = z_p.masked_fill(z_p < z_p.topk(50, -1).values[:, -1:], -torch.inf)
    times = alternately(lambda: kl_from_logits(teacher, z_q), lambda: by_kl_div(teacher, z_q))
    yield Row(
        "the same, P cut down to its 50 likeliest classes",
        times[0] * 1e3,
        "ms",
        times[1] * 1e3,
        "log_softmax + F.kl_div",
        note="whose answer is " + f"{by_kl_div(teacher, z_q)[0].item():g}",
    )
    wide = z_p.double(), z_q.double()
    times = alternately(lambda: kl_from_logits(*wide), lambda: by_kl_div(*wide))
    yield Row("the same in float64", times[0] * 1e3, "ms", times[1] * 1e3, "log_softmax + F.kl_div")
    log_p, log_q = z_p.log_softmax(-1), z_q.log_softmax(-1)
    alone = lambda: F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)
    times = alternately(lambda: kl_from_log_probs(log_p, log_q), alone)
    yield Row("16×128 256 log-probabilities", times[0] * 1e3, "ms", times[1] * 1e3, "F.kl_div", least_ratio=1 / 1.5)
    moving = z_q.clone().requires_grad_()

    def both_ways(divergence: Callable) -> None:
        moving.grad = None
        divergence(z_p, moving).sum().backward()

    times = alternately(lambda: both_ways(kl_from_logits), lambda: both_ways(by_kl_div))
    yield Row("16×128 256 logits, forward and backward", times[0] * 1e3, "ms", times[1] * 1e3, "log_softmax + F.kl_div", least_ratio=1 / 2)


def _other_shapes(generator: torch.Generator) -> Iterator[Row]:
    """The ratio depends on the processor: torch's exponentials are quick on one and its softmax on another.

    Of one row of 50,257 on one thread of an AMD EPYC 9004: two exponentials in float64 take 85 µs, two conversions 13, two products
    21, a difference 14, three sums 20: 154 µs, where torch's float32 softmaxes and kl_div take 125. Whoever keeps a KL of 1e-6 to
    seven digits needs the float64; a buffer of its own for each row of 128,256 is where torch loses it again.
    """
    for rows, classes, least in ((64, 50_257, 1.0), (1, 50_257, 1 / 1.2)):
        z_p = 3 * torch.randn(rows, classes, generator=generator)
        z_q = z_p + 0.05 * torch.randn(rows, classes, generator=generator)
        times = alternately(lambda: kl_from_logits(z_p, z_q), lambda: by_kl_div(z_p, z_q))
        what = f"{rows}×{classes:,} logits, forward".replace(",", " ", 1)
        yield Row(what, times[0] * 1e3, "ms", times[1] * 1e3, "log_softmax + F.kl_div", least_ratio=least)


SETTINGS = {
    Normal: [(0.3, 1.7), (0.0, 1e-12), (0.0, 1e12)],
    Laplace: [(0.3, 1.7), (1e6, 1e-6), (-1e6, 1e6)],
    Cauchy: [(0.3, 1.7), (0.0, 1e-9), (1e3, 1e9)],
    Exponential: [(1.7,), (1e-9,), (1e9,)],
    Gamma: [(2.3, 0.7), (1e6, 1.0), (0.01, 5.0)],
    Beta: [(2.3, 0.7), (1e6, 2e6), (0.01, 30.0)],
    Poisson: [(4.2,), (1e6,), (1e-9,)],
    LogNormal: [(0.3, 0.7), (0.0, 1e-3), (5.0, 2.0)],
    Bernoulli: [(0.3,), (1e-12,), (0.999,)],
    Geometric: [(0.3,), (1e-6,), (0.999,)],
    Dirichlet: [(0.5, 2.0, 7.0), (1e5, 2e5, 3e5), (0.01, 0.02, 0.5)],
}
# Pairs without a form in torch, and the range in which P has its mass.
TORCH_LACKS = [
    (LogNormal, (0.2, 0.7), Gamma, (2.3, 0.7), (0.0, 60.0)),
    (Exponential, (1.4,), HalfNormal, (0.9,), (0.0, 40.0)),
    (Weibull, (1.2, 2.5), Weibull, (0.9, 1.5), (0.0, 8.0)),
    (VonMises, (0.5, 3.0), VonMises, (1.5, 0.7), (-math.pi, math.pi)),
    (Kumaraswamy, (2.0, 3.0), Kumaraswamy, (2.0, 5.5), (0.0, 1.0)),
    (VonMises, (0.5, 3.0), VonMises, (0.5 + 1e-8, 3.0), (-math.pi, math.pi)),
]


@subject
def closed_forms() -> Iterator[Row]:
    """Every distribution's own form in float64: all pairs of three settings, and each setting against one 1e-8 away."""
    for kind, settings in SETTINGS.items():
        near = [(one, tuple(v * (1 + 1e-8) for v in one)) for one in settings]
        for what, pairs in (("apart", [(a, b) for a in settings for b in settings if a != b]), ("1e-8 apart", near)):
            cases = [(distribution(kind, a), distribution(kind, b)) for a, b in pairs]
            truths = [exact(kind, a, kind, b) for a, b in pairs]
            with mp.workdps(80):
                yield Row(
                    f"{kind.__name__}, {what}",
                    worst(kl, cases, truths),
                    "rel. error",
                    worst(kl_divergence, cases, truths),
                    "torch.distributions",
                    2e-15,
                )
    yield from _that_torch_lacks()


def _that_torch_lacks() -> Iterator[Row]:
    for kind_p, first, kind_q, second, ends in TORCH_LACKS:
        p, q, truth = distribution(kind_p, first), distribution(kind_q, second), exact(kind_p, first, kind_q, second)

        def integrand(x: float) -> float:
            log_p, log_q = (float(d.log_prob(torch.tensor(x, dtype=torch.float64))) for d in (p, q))
            return math.exp(log_p) * (log_p - log_q)

        error = lambda value: float(abs(mpf(float(value)) - truth) / truth)
        yield Row(
            f"{kind_p.__name__} {first} and {kind_q.__name__} {second}",
            error(kl(p, q)),
            "rel. error",
            error(scipy.integrate.quad(integrand, *ends)[0]),
            "scipy.integrate.quad",
            2e-15,
        )


@subject
def without_closed_form() -> Iterator[Row]:
    """Against a mixture of two Normals, the second ever narrower: quad as documented, given the modes by `points`."""
    for width in (1.0, 0.1, 0.01):
        weights, locs, scales = (0.7, 0.3), (0.0, 40.0), (1.0, width)
        p = gaussian_mixture(*(torch.tensor(v, dtype=torch.float64) for v in (weights, locs, scales)))
        q = Normal(torch.tensor(12.0, dtype=torch.float64), torch.tensor(20.0, dtype=torch.float64))
        with mp.workdps(30):
            truth = _mixture_from_normal(weights, locs, scales, 12.0, 20.0)
            ours, reported = (float(v) for v in (kl_report(p, q).value, kl_report(p, q).error))
            error = lambda value: float(abs(mpf(float(value)) - truth) / truth)
            what = f"two Normals 40 apart, sd 1 and {width:g}, ‖ Normal"
            for name, points in (("scipy.integrate.quad", None), ("quad given the modes", locs)):
                theirs = _by_quad(weights, locs, scales, 12.0, 20.0, points)
                yield Row(what, error(ours), "rel. error", error(theirs), name, 1e-12, note=f"we report {reported / ours:.0e}")


def _mixture_from_normal(weights, locs, scales, loc, scale) -> mpf:
    density = lambda x, m, s: mp.exp(-(((x - m) / s) ** 2) / 2) / (s * mp.sqrt(2 * mp.pi))
    p = lambda x: sum(w * density(x, mpf(m), mpf(s)) for w, m, s in zip(weights, locs, scales, strict=True))
    places = sorted({m + k * s for m, s in zip(locs, scales, strict=True) for k in (-14, -7, -3, 0, 3, 7, 14)})
    integrand = lambda x: p(x) * (mp.log(p(x)) + (x - loc) ** 2 / (2 * mpf(scale) ** 2) + mp.log(scale * mp.sqrt(2 * mp.pi)))
    # The weights are floats that do not quite add up to 1; a distribution's do.
    total = mpf(weights[0]) + mpf(weights[1])
    return mp.quad(integrand, places) / total - mp.log(total)


def _by_quad(weights, locs, scales, loc, scale, points) -> float:
    log_p = lambda x: scipy.special.logsumexp(scipy.stats.norm.logpdf(x, locs, scales), b=weights)
    integrand = lambda x: np.exp(log_p(x)) * (log_p(x) - scipy.stats.norm.logpdf(x, loc, scale))
    return scipy.integrate.quad(integrand, -60.0, 100.0, points=points)[0]
