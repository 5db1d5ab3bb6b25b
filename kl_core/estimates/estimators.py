"""Estimates of KL(P‖Q) from samples of P: k1, k2, k3, and how wrong each is.

The log-ratio is log p − log q, of the distribution that was sampled less the other. All three are of one sample; average them
for an estimate (Schulman 2020, "Approximating KL divergence", http://joschu.net/blog/kl-approx.html, who writes q
for the distribution that is sampled and r for its ratio the other way up).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from scipy.special import lambertw
from torch import Tensor
from torch.distributions import Normal

from ..numerics.exact import exp_excess
from ..numerics.log_excess import h

__all__ = ["k1", "k2", "k3", "log_mean_k3", "ESTIMATORS", "EstimateError", "gaussian_errors", "categorical_errors", "crossover"]


def k1(log_p: Tensor, log_q: Tensor, mask: Tensor | None = None) -> Tensor:
    """log p − log q at samples x ~ P: unbiased for KL(P‖Q), but half of its values may be negative.

    log_p, log_q: log P(x) and log Q(x) in nats, broadcastable. mask: of their shape or broadcastable, true or 1 at samples
    that count; elsewhere the value is 0, the gradient is 0, and what stands there is not looked at. Returns their
    shape; inf where Q(x) = 0. ValueError, naming the entry, for NaN or +inf that counts, and for a log_p of −inf: P cannot
    have drawn what it gives no probability.
    """
    log_p, log_q = _checked_samples(log_p, log_q, mask)
    return log_p - log_q


def k2(log_p: Tensor, log_q: Tensor, mask: Tensor | None = None) -> Tensor:
    """½(log p − log q)² at samples x ~ P: never negative, biased for KL(P‖Q) by third order in P − Q.

    log_p, log_q, mask: as for `k1`, and ValueError as there.
    """
    log_p, log_q = _checked_samples(log_p, log_q, mask)
    return 0.5 * (log_p - log_q) ** 2


def k3(log_p: Tensor, log_q: Tensor, mask: Tensor | None = None) -> Tensor:
    """(q/p − 1) − log(q/p) at samples x ~ P: unbiased for KL(P‖Q) and never negative.

    log_p, log_q, mask: as for `k1`, and ValueError as there. It is k1 with a term of mean 0 added, q/p − 1, which
    steadies it while P and Q are close, and whose variance is infinite when Q's tails are too heavy for P's samples.
    Unbiased only if P has mass wherever Q has. Keeps its digits at p ≈ q, where (q/p − 1) − log(q/p) written so would cancel.
    inf also where q/p is beyond the largest float; `log_mean_k3` tells how large its mean is.
    """
    log_p, log_q = _checked_samples(log_p, log_q, mask)
    return exp_excess(log_q - log_p)


def _checked_samples(log_p: Tensor, log_q: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Both, with 0 at masked samples, where they then have no gradient either."""
    log_p, log_q = map(torch.as_tensor, (log_p, log_q))
    if mask is not None:
        mask = torch.as_tensor(mask).to(torch.bool)
        log_p, log_q = (torch.where(mask, value, torch.zeros((), dtype=value.dtype, device=value.device)) for value in (log_p, log_q))
    for name, value, lowest in (("log_p", log_p, False), ("log_q", log_q, True)):
        bad = ~value.isfinite() & ~(value == -torch.inf) if lowest else ~value.isfinite()
        if bool(bad.any()):
            at = tuple(bad.nonzero()[0].tolist())
            where = f" at entry {at[0] if len(at) == 1 else at}" if at else ""
            why = "; P has drawn this sample, so its log-probability is finite" if value[at] == -torch.inf else ""
            raise ValueError(f"{name} is {value[at].item():g}{where}{why}")
    return log_p, log_q


def log_mean_k3(log_p: Tensor, log_q: Tensor) -> Tensor:
    """The natural log of the mean of `k3` over all samples, also where that mean is beyond the largest float; a scalar.

    log_p, log_q: (n,) as for `k1`. log k3 = x + log1p(−(1 + x)·e^−x) for large x = log q − log p. −inf if every k3 is 0.
    """
    x = log_q.double() - log_p.double()
    large = x > 30
    beyond = torch.where(large, x, 31.0)
    log_k3 = torch.where(large, beyond + torch.log1p(-(1 + beyond) * (-beyond).exp()), exp_excess(torch.where(large, 0.0, x)).log())
    return log_k3.logsumexp(0) - math.log(x.numel())


ESTIMATORS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"k1": k1, "k2": k2, "k3": k3}


@dataclass(frozen=True)
class EstimateError:
    """Of one sample, in nats: its mean less the true KL, and its standard deviation; n samples have sd/√n."""

    bias: Tensor
    sd: Tensor


def gaussian_errors(p: Normal, q: Normal) -> dict[str, EstimateError]:
    """Exact bias and standard deviation of k1, k2, k3 for x ~ P, both Gaussian; of the distributions' batch shape.

    With s = sd_q/sd_p, m the distance of the means in sd_p, w = s² − 1, log p − log q is a quadratic A·z² + B·z + C of
    a standard normal z, whose cumulants are κₙ = 2ⁿ⁻¹(n−1)!·Aⁿ + ½n!·(2A)ⁿ⁻²·B². var(k3) has E_P[(q/p)²] in it,
    which is inf from s² = 2 on. It is written as a sum of positive terms, so it keeps its digits at P ≈ Q.
    """
    loc_p, scale_p, loc_q, scale_q = torch.broadcast_tensors(p.loc, p.scale, q.loc, q.scale)
    m, s = (loc_q - loc_p) / scale_p, scale_q / scale_p
    square = s * s
    w = (scale_q - scale_p) * (scale_q + scale_p) / scale_p**2
    a, b = -w / (2 * square), -m / square
    excess = h(1 / square, 2 * a)
    mean = 0.5 * excess + 0.5 * m * m / square
    second, third = 2 * a * a + b * b, a * (8 * a * a + 6 * b * b)
    fourth = 48 * a * a * (a * a + b * b)
    bias2 = 0.5 * mean * mean + (a * a - 0.5 * excess) + a * m * m / square
    variance2 = 0.25 * fourth + 0.5 * second**2 + mean * third + mean**2 * second
    zero = torch.zeros_like(mean)
    return {
        "k1": EstimateError(zero, second.sqrt()),
        "k2": EstimateError(bias2, variance2.sqrt()),
        "k3": EstimateError(zero, _variance_of_k3(m, w).sqrt()),
    }


def _variance_of_k3(m: Tensor, w: Tensor) -> Tensor:
    """var(q/p) + var(k1) − 2·(KL(P‖Q) + KL(Q‖P)), with what cancels taken out on paper."""
    finite = w < 1
    w = torch.where(finite, w, 0.0)
    log_moment = m * m / (1 - w) - 0.5 * torch.log1p(-w * w)  # log E_P[(q/p)²]
    variance = (
        exp_excess(log_moment)
        + 0.5 * h(1 - w * w, -w * w)
        + 0.5 * (w * w / (1 + w)) ** 2
        + (m * w) ** 2 * (3 + w) / ((1 - w) * (1 + w) ** 2)
    )
    return torch.where(finite, variance, torch.inf)


def categorical_errors(log_p: Tensor, log_q: Tensor) -> dict[str, EstimateError]:
    """Exact bias and standard deviation of k1, k2, k3 for x ~ P, by adding up over all outcomes.

    log_p, log_q: (..., k) normalised log-probabilities. Returns (...). Where Q has no mass at an outcome of P
    everything is infinite (NaN for a difference of infinities); where P has none, Q's mass is never seen, and k3
    falls short of the KL by it.
    """
    p = log_p.exp()
    safe_p, safe_q = (torch.where(p > 0, log_mass, 0.0) for log_mass in (log_p, log_q))
    kl = (p * k1(safe_p, safe_q)).sum(-1)
    errors = {}
    for name, estimator in ESTIMATORS.items():
        value = estimator(safe_p, safe_q)
        mean = (p * value).sum(-1, keepdim=True)
        sd = (p * (value - mean) ** 2).sum(-1).sqrt()
        errors[name] = EstimateError(torch.zeros_like(kl) if name == "k1" else mean.squeeze(-1) - kl, sd)
    return errors


def crossover() -> tuple[float, float]:
    """(distance of the means in sds, KL in nats) from which on k3 is noisier than k1, for Gaussians of equal sd.

    There e^x − 1 − x = x, x = 2·KL the squared distance: x = −½ − W₋₁(−e^−½/2), so 1.121 sds and 0.628 nats.
    """
    x = -0.5 - lambertw(-0.5 * math.exp(-0.5), -1).real
    return float(x**0.5), float(x / 2)
