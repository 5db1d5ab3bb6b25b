"""The ELBO of a diffusion model in one dimension, one KL per step, exact: data is a mixture of normals, the denoiser the best there is.

q(x_t|x_0) = N(√ᾱ_t·x_0, 1 − ᾱ_t), t = 1 … T, and p(x_{t−1}|x_t) = N(μ̃_t(x_t, E[x_0|x_t]), v_t). Then
−ELBO = KL(q(x_T|x_0)‖p(x_T)) + Σ_t KL(q(x_{t−1}|x_t, x_0)‖p(x_{t−1}|x_t)) − log p(x_0|x_1), averaged over q.
Sohl-Dickstein et al. 2015, arXiv 1503.03585; Ho et al. 2020, arXiv 2006.11239, equations 5 to 8; Kingma et al. 2021, arXiv 2107.00630,
appendix E: with v_t = β̃_t a step costs ½(SNR(t−1) − SNR(t))·E[(x_0 − x̂_0)²].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = [
    "MixtureData",
    "STEP_VARIANCES",
    "Denoised",
    "denoised",
    "Level",
    "level_of",
    "Step",
    "step_of",
    "step_variance",
    "step_kl",
    "prior_kl",
    "DiffusionElbo",
    "diffusion_elbo",
]

NODES = 801
_REACH = 10.0  # standard deviations beyond the outermost hill: a normal has 1e-23 of its mass there
STEP_VARIANCES = ("small", "large", "best")


@dataclass(frozen=True)
class MixtureData:
    """Data x_0 ~ Σ wₖ·N(mₖ, sₖ²): weights that sum to 1, means, and scales sₖ > 0."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.weights) == len(self.means) == len(self.scales) > 0:
            raise ValueError("weights, means and scales are as many, and at least one each")
        if not (min(self.weights) > 0 and math.isclose(sum(self.weights), 1, abs_tol=1e-12)):
            raise ValueError(f"weights are {self.weights}; they are above 0 and sum to 1")
        if not (min(self.scales) > 0 and all(map(math.isfinite, (*self.means, *self.scales)))):
            raise ValueError(f"means are {self.means} and scales {self.scales}; they are finite, and scales above 0")

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        weights, means, scales = (torch.tensor(row, dtype=torch.float64, device="cpu") for row in (self.weights, self.means, self.scales))
        return weights, means, scales

    @property
    def second_moment(self) -> float:
        """E[x_0²]."""
        return math.fsum(w * (m * m + s * s) for w, m, s in zip(self.weights, self.means, self.scales, strict=True))


@dataclass(frozen=True, eq=False)
class Denoised:
    """Of each x_t: log_density, log q(x_t); mean and variance of x_0 given x_t; shares: (..., k), which hill it came from."""

    log_density: Tensor
    mean: Tensor
    variance: Tensor
    shares: Tensor


def denoised(data: MixtureData, alpha_bar: Tensor, x: Tensor) -> Denoised:
    """What x_t tells about x_0, by Bayes' rule. alpha_bar and x broadcast; at ᾱ = 1, x is x_0 itself."""
    weights, means, scales = data.tensors
    signal, x = alpha_bar.unsqueeze(-1), x.unsqueeze(-1)
    spread = signal * scales**2 + (1 - signal)
    gap = x - signal.sqrt() * means
    joint = weights.log() - 0.5 * (gap * gap / spread + (2 * math.pi * spread).log())
    shares = joint.softmax(-1)
    mean_of_hill = means + signal.sqrt() * scales**2 / spread * gap
    mean = (shares * mean_of_hill).sum(-1)
    within = (1 - signal) * scales**2 / spread
    return Denoised(joint.logsumexp(-1), mean, (shares * (within + (mean_of_hill - mean.unsqueeze(-1)) ** 2)).sum(-1), shares)


@dataclass(frozen=True, eq=False)
class Level:
    """At each ᾱ: entropy, h(x_t) in nats; information, I(x_0; x_t) in nats; mmse, E[Var(x_0|x_t)], what the best denoiser leaves."""

    entropy: Tensor
    information: Tensor
    mmse: Tensor


def level_of(data: MixtureData, alpha_bar: Tensor, nodes: int = NODES) -> Level:
    """By the trapezoid rule, whose error falls exponentially for densities without an edge.

    alpha_bar: (n,), in [0, 1); nodes: per level. With 801 the error is below 1e-12 for hills down to a tenth of their distance.
    """
    _, means, scales = data.tensors
    signal = alpha_bar.unsqueeze(-1)
    wide = _REACH * (signal * scales**2 + (1 - signal)).sqrt()
    low, high = ((signal.sqrt() * means + side * wide) for side in (-1, 1))
    low, high = low.amin(-1, keepdim=True), high.amax(-1, keepdim=True)
    x = low + (high - low) * torch.linspace(0, 1, nodes, dtype=torch.float64, device="cpu")
    told = denoised(data, signal, x)
    mass = told.log_density.exp() * (high - low) / (nodes - 1)
    entropy = -(mass * told.log_density).sum(-1)
    noise = 0.5 * (2 * math.pi * math.e * (1 - alpha_bar)).log()
    return Level(entropy, entropy - noise, (mass * told.variance).sum(-1))


@dataclass(frozen=True, eq=False)
class Step:
    """q(x_{t−1}|x_t, x_0) = N(of_data·x_0 + of_state·x_t, variance); forward: β_t = Var(x_t|x_{t−1}). Each of ᾱ's shape."""

    of_data: Tensor
    of_state: Tensor
    variance: Tensor
    forward: Tensor


def step_of(before: Tensor, after: Tensor) -> Step:
    """The step between ᾱ_{t−1} = before and ᾱ_t = after, before > after; Ho et al. 2020, equation 7."""
    alpha = after / before
    forward, noise, noise_before = 1 - alpha, 1 - after, 1 - before
    return Step(before.sqrt() * forward / noise, alpha.sqrt() * noise_before / noise, noise_before * forward / noise, forward)


def step_variance(step: Step, mmse: Tensor, variance: str) -> Tensor:
    """v_t: "small", β̃_t, right for data that is a point; "large", β_t, right for data N(0, 1); "best", β̃_t + c²·E[Var(x_0|x_t)]
    (Bao et al. 2022, arXiv 2201.06503, theorem 1), the variance of x_{t−1} that x_t leaves, on average over x_t."""
    if variance not in STEP_VARIANCES:
        raise ValueError(f"variance is {variance!r}; it is one of {', '.join(STEP_VARIANCES)}")
    best = step.variance + step.of_data**2 * mmse
    return {"small": step.variance, "large": step.forward, "best": best}[variance]


def step_kl(step: Step, mmse: Tensor, variance: str) -> Tensor:
    """E KL(q(x_{t−1}|x_t, x_0)‖p(x_{t−1}|x_t)) in nats, of two normals whose means differ by c·(x_0 − E[x_0|x_t])."""
    chosen = step_variance(step, mmse, variance)
    return 0.5 * ((step.variance + step.of_data**2 * mmse) / chosen - 1 + (chosen / step.variance).log())


@dataclass(frozen=True, eq=False)
class DiffusionElbo:
    """The terms of −ELBO in nats, (T + 1,): the reconstruction −E log p(x_0|x_1), the KL of the steps t = 2 … T, and that of x_T.

    information: (T + 1,) what any model must pay for each: h(x_0|x_1), I(x_0; x_{t−1}|x_t), I(x_0; x_T); their sum is `entropy`,
    h(x_0). left_out: terms − information, never negative: E KL(q(x_{t−1}|x_t)‖p(x_{t−1}|x_t)), for the model's step is a normal and
    the true one need not be. entropy: of the data. error: at least what the terms are off by.
    """

    terms: Tensor
    information: Tensor
    entropy: float
    error: float

    @property
    def left_out(self) -> Tensor:
        return (self.terms - self.information).clamp_min(0)

    @property
    def total(self) -> float:
        """−ELBO."""
        return float(self.terms.sum())

    @property
    def gap(self) -> float:
        """−ELBO − h(x_0) = KL(q(x_0 … x_T)‖p(x_0 … x_T)): what the ELBO leaves out, averaged over the data."""
        return float(self.left_out.sum())


def diffusion_elbo(data: MixtureData, alpha_bar: Tensor, variance: str = "small") -> DiffusionElbo:
    """alpha_bar: (T,), ᾱ_1 … ᾱ_T, falling, in (0, 1). variance: of the steps, as of `step_variance`.

    p(x_T) is N(0, 1), and p(x_0|x_1) the normal about E[x_0|x_1] with the variance E[Var(x_0|x_1)], the best constant one.
    """
    if alpha_bar.dim() != 1 or not len(alpha_bar) or not bool(((alpha_bar > 0) & (alpha_bar < 1)).all() and (alpha_bar.diff() < 0).all()):
        raise ValueError("alpha_bar has the shape (T,), T at least 1, and falls from below 1 to above 0")
    fine, coarse = (_terms(data, alpha_bar, variance, nodes) for nodes in (NODES, NODES // 2 + 1))
    error = max(float((a - b).abs().max()) for a, b in zip(fine, coarse, strict=True))
    return DiffusionElbo(*fine, float(fine[1].sum()), error)


def _terms(data: MixtureData, alpha_bar: Tensor, variance: str, nodes: int) -> tuple[Tensor, Tensor]:
    level = level_of(data, torch.cat([alpha_bar.new_ones(1), alpha_bar]), nodes)  # at ᾱ = 1 is the data
    entropy, mmse, known = level.entropy[0], level.mmse[1:], level.information[1:]
    reconstruction = 0.5 * (2 * math.pi * math.e * mmse[:1]).log()
    steps = step_kl(step_of(alpha_bar[:-1], alpha_bar[1:]), mmse[1:], variance)
    return (
        torch.cat([reconstruction, steps, prior_kl(data, alpha_bar[-1:])]),
        torch.cat([entropy - known[:1], known[:-1] - known[1:], known[-1:]]),
    )


def prior_kl(data: MixtureData, alpha_bar: Tensor) -> Tensor:
    """E KL(q(x_T|x_0)‖N(0, 1)) = ½(ᾱ·E[x_0²] − ᾱ − log(1 − ᾱ)), nats; alpha_bar's shape."""
    return 0.5 * (alpha_bar * (data.second_moment - 1) - torch.log1p(-alpha_bar))
