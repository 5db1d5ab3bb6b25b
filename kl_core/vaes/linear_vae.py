"""The linear VAE, all of which is known exactly, and one that is really trained.

Data x ~ N(0, λ), prior z ~ N(0, 1), decoder x | z ~ N(w·z, σ²) with σ² fixed, encoder z | x ~ N(v·x, s²). Minimised is
E[−log p(x|z)] + β·KL(q(z|x)‖p(z)). With more directions each goes its own way, so λ may be a tensor of the variances of
principal components (Lucas et al. 2019, "Don't Blame the ELBO!", arXiv 1911.02469; Tipping & Bishop 1999 for β = 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .vae import posterior_kl

__all__ = ["LinearOptimum", "linear_vae_optimum", "collapse_beta", "LinearTerms", "linear_terms", "LinearStep", "LinearTraining"]


@dataclass(frozen=True)
class LinearOptimum:
    """At the minimum, each of the shape of variance, beta and noise broadcast. weight_squared: w². encoder: v for w ≥ 0.
    spread: s², of the posterior. rate: KL, nats. distortion: E[−log p(x|z)], nats. collapsed: whether w = 0."""

    weight_squared: Tensor
    encoder: Tensor
    spread: Tensor
    rate: Tensor
    distortion: Tensor
    collapsed: Tensor


def linear_vae_optimum(variance: float | Tensor, beta: float | Tensor = 1.0, noise: float | Tensor = 1.0) -> LinearOptimum:
    """w² = max(0, λ − βσ²), s² = βσ²/λ, KL = ½·log(λ/(βσ²)), and collapse, w = 0 and KL = 0, from βσ² ≥ λ on.

    variance: λ > 0, of the data. beta: in [0, ∞), 0 gives w² = λ, s = 0 and an infinite KL. noise: σ² > 0, of the
    decoder. All finite, broadcastable. The squared error is min(βσ², λ): reverse water-filling of rate–distortion theory.
    """
    given = (torch.as_tensor(value, dtype=torch.float64) for value in (variance, beta, noise))
    return _optimum(*torch.broadcast_tensors(*given))


def _optimum(variance: Tensor, beta: Tensor, noise: Tensor) -> LinearOptimum:
    for name, value, good in (("variance", variance, variance > 0), ("beta", beta, beta >= 0), ("noise", noise, noise > 0)):
        good = good & value.isfinite()
        if not bool(good.all()):
            domain = "of at least 0" if name == "beta" else "above 0"
            raise ValueError(f"{name} is {value[~good].reshape(-1)[0].item():g}; it is a finite number {domain}")
    left = (beta * noise).clamp_max(variance)  # the squared error that is left
    weight_squared = variance - left
    distortion = 0.5 * left / noise + 0.5 * (2 * math.pi * noise).log()
    return LinearOptimum(
        weight_squared,
        weight_squared.sqrt() / variance,
        left / variance,
        0.5 * (variance / left).log(),
        distortion,
        beta * noise >= variance,
    )


def collapse_beta(variance: float | Tensor, noise: float | Tensor = 1.0) -> Tensor:
    """λ/σ², the β from which on the linear VAE's posterior is the prior."""
    return torch.as_tensor(variance, dtype=torch.float64) / noise


@dataclass(frozen=True)
class LinearTerms:
    """log p(x) = elbo + gap for one x, elbo = −distortion − rate, all in nats and of the shape of the arguments.

    log_evidence: log N(x; 0, w² + σ²). gap: KL(q(z)‖p(z|x)), where p(z|x) = N(posterior_mean, posterior_spread).
    """

    log_evidence: Tensor
    distortion: Tensor
    rate: Tensor
    gap: Tensor
    posterior_mean: Tensor
    posterior_spread: Tensor

    @property
    def elbo(self) -> Tensor:
        return -self.distortion - self.rate


def linear_terms(x: Tensor, weight: Tensor, mean: Tensor, spread: Tensor, noise: float = 1.0) -> LinearTerms:
    """Every term of log p(x) for q(z) = N(mean, spread) and the decoder x | z ~ N(weight·z, noise), each in closed form.

    p(z|x) = N(w·x/(w² + σ²), σ²/(w² + σ²)); E_q[−log p(x|z)] = ½ log 2πσ² + ((x − w·mean)² + w²·spread)/(2σ²). Each dimension is a
    model of its own, so the sums over dimensions are the terms of the whole. x, weight, mean, spread: broadcastable; spread, a
    variance, and noise above 0.
    """
    evidence = weight.square() + noise
    at, width = weight * x / evidence, noise / evidence
    error = (x - weight * mean).square() + weight.square() * spread
    return LinearTerms(
        -0.5 * (2 * math.pi * evidence).log() - x.square() / (2 * evidence),
        0.5 * math.log(2 * math.pi * noise) + error / (2 * noise),
        posterior_kl(mean, spread.log()),
        posterior_kl((mean - at) / width.sqrt(), (spread / width).log()),
        at,
        width,
    )


@dataclass(frozen=True, eq=False)
class LinearStep:
    """After `step` updates, each (betas,): weight_squared, w²; rate, the mean KL over the distribution of x, in nats."""

    step: int
    weight_squared: Tensor
    rate: Tensor


class LinearTraining:
    """Linear VAEs trained by sampling z, one for each β, side by side: yields a LinearStep every `every` updates.

    variance: λ > 0. betas: each at least 0. noise: σ² > 0. The data are drawn anew for each step. Adam with a cosine
    schedule; the same seed gives the same run. About 1 s for 2000 steps, however many β.
    """

    def __init__(
        self,
        variance: float = 4.0,
        betas: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 3.0, 4.1),
        noise: float = 1.0,
        *,
        steps: int = 2000,
        every: int = 100,
        batch: int = 256,
        learning_rate: float = 0.03,
        seed: int = 0,
    ) -> None:
        linear_vae_optimum(variance, torch.tensor(betas, dtype=torch.float64), noise)  # for its errors
        for name, value in (("steps", steps), ("every", every), ("batch", batch)):
            if not (isinstance(value, int) and value >= 1):
                raise ValueError(f"{name} is {value}; it is a whole number of at least 1")
        self.variance, self.noise, self.betas = variance, noise, torch.tensor(betas, dtype=torch.float64)
        self.steps, self.every, self.batch, self.learning_rate, self.seed = steps, every, batch, learning_rate, seed

    def __iter__(self) -> Iterator[LinearStep]:
        generator = torch.Generator().manual_seed(self.seed)
        start = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64)  # w, v, log s²; w = v = 0 is a saddle, and stays
        parameters = start.view(3, 1).repeat(1, len(self.betas)).requires_grad_()
        optimiser = torch.optim.Adam([parameters], lr=self.learning_rate, fused=True)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, self.steps)
        for step in range(1, self.steps + 1):
            x = self.variance**0.5 * torch.randn(self.batch, 1, generator=generator, dtype=torch.float64)
            noise = torch.randn(self.batch, 1, generator=generator, dtype=torch.float64)
            w, v, log_spread = parameters
            z = v * x + (0.5 * log_spread).exp() * noise
            loss = ((x - w * z) ** 2).mean(0) / (2 * self.noise) + self.betas * posterior_kl(v * x, log_spread).mean(0)
            optimiser.zero_grad()
            loss.sum().backward()
            optimiser.step()
            schedule.step()
            if step % self.every == 0 or step == self.steps:
                yield self._report(step, parameters.detach())

    def _report(self, step: int, parameters: Tensor) -> LinearStep:
        w, v, log_spread = parameters
        mean_square = v * v * self.variance  # E over x of the posterior's mean, squared
        return LinearStep(step, w * w, mean_square / 2 + posterior_kl(torch.zeros_like(w), log_spread))
