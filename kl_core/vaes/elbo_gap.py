"""What the ELBO leaves out of log p(x): KL(q(z|x)‖p(z|x)), and its two parts.

log p(x) − ELBO(q) = approximation gap + amortisation gap: what the best Gaussian with a diagonal covariance still misses, and how
far the encoder's q is from that best Gaussian (Cremer, Li & Duvenaud 2018, "Inference Suboptimality in Variational Autoencoders",
arXiv 1801.03558).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from .true_posterior import TOLERANCE, LogLikelihood, TruePosterior
from .vae import posterior_kl

__all__ = ["DiagonalGaussian", "Bound", "elbo_of", "gaussian_optima"]

_FARTHEST = 6.5  # standard deviations: a Gaussian's mass beyond is 8e-11
_STEPS = (0.2, 0.1, 0.05, 0.025)  # between nodes, in z
_LEAST, _MOST = 48, 420  # nodes along one dimension
_SMALLEST, _LARGEST = 1e-3, 8.0  # standard deviations that are searched
_SAME = 0.02  # two optima closer than this share of a standard deviation are one


@dataclass(frozen=True)
class DiagonalGaussian:
    """q(z) = N(mean, diag(sd²)) in two dimensions."""

    mean: tuple[float, float]
    sd: tuple[float, float]

    @property
    def rate(self) -> float:
        """KL(q‖N(0, I)) in nats."""
        mu, sd = (torch.tensor(values, dtype=torch.float64, device="cpu") for values in (self.mean, self.sd))
        return float(posterior_kl(mu, 2 * sd.log()).sum())


@dataclass(frozen=True)
class Bound:
    """An ELBO in nats = −distortion − rate. distortion: E_q[−log p(x|z)]. rate: KL(q‖prior). error: how far every second node is
    from all of them."""

    distortion: float
    rate: float
    error: float

    @property
    def elbo(self) -> float:
        return -self.distortion - self.rate


def elbo_of(log_likelihood: LogLikelihood, q: DiagonalGaussian) -> Bound:
    """ELBO(q) = E_q[log p(x|z)] − KL(q‖N(0, I)), the expectation by the trapezoid rule over ±6.5 standard deviations.

    Nodes are doubled until every second one gives the same to 1e-6 nats.
    """
    for step in _STEPS:
        axes, weights = zip(*(_nodes(mean, sd, step) for mean, sd in zip(q.mean, q.sd, strict=True)), strict=True)
        table = log_likelihood(torch.stack(torch.meshgrid(*axes, indexing="ij"), -1))
        whole = float(weights[0] @ table @ weights[1])
        first, second = (weight[::2] / weight[::2].sum() for weight in weights)
        half = float(first @ table[::2, ::2] @ second)
        if abs(whole - half) <= TOLERANCE:
            break
    return Bound(-whole, q.rate, abs(whole - half))


def _nodes(mean: float, sd: float, step: float) -> tuple[Tensor, Tensor]:
    """Places and weights of a normal expectation; an odd number, so that every second one is a rule of its own."""
    count = 2 * math.ceil(min(max(2 * _FARTHEST * sd / step, _LEAST), _MOST) / 2) + 1
    u = torch.linspace(-_FARTHEST, _FARTHEST, count, dtype=torch.float64, device="cpu")
    return mean + sd * u, (-0.5 * u.square()).softmax(0)


def gaussian_optima(posterior: TruePosterior) -> list[DiagonalGaussian]:
    """Every local maximum of the ELBO over diagonal Gaussians that climbs from a mode of p(z|x) or from its moments; best first."""
    ends: list[tuple[float, DiagonalGaussian]] = []
    for start in _starts(posterior):
        value, q = _climb(posterior, start)
        if not any(_same(q, other) for _, other in ends):
            ends.append((value, q))
    return [q for _, q in sorted(ends, key=lambda pair: -pair[0])]


def _same(q: DiagonalGaussian, other: DiagonalGaussian) -> bool:
    means = zip(q.mean, other.mean, q.sd, strict=True)
    return all(abs(a - b) < _SAME * sd for a, b, sd in means) and all(
        abs(math.log(a / b)) < _SAME for a, b in zip(q.sd, other.sd, strict=True)
    )


def _starts(posterior: TruePosterior) -> list[DiagonalGaussian]:
    """The moments of p(z|x), and each of its modes with the curvature there."""
    mean, sd = posterior.moments
    table = posterior.log_joint
    steps = [float(axis[1] - axis[0]) for axis in posterior.axes]
    starts = [DiagonalGaussian((float(mean[0]), float(mean[1])), (float(sd[0]), float(sd[1])))]
    for i, j in posterior.modes:
        row, column = table[:, j], table[i]
        curved = [
            (-float(side[k - 1] - 2 * side[k] + side[k + 1]) / step**2, k) for side, k, step in ((row, i, steps[0]), (column, j, steps[1]))
        ]
        widths = [min(max(curvature, 0.25), 1 / _SMALLEST**2) ** -0.5 for curvature, _ in curved]
        starts.append(DiagonalGaussian((float(posterior.axes[0][i]), float(posterior.axes[1][j])), (widths[0], widths[1])))
    return starts


def _climb(posterior: TruePosterior, start: DiagonalGaussian) -> tuple[float, DiagonalGaussian]:
    """BFGS over the means and the logarithms of the standard deviations; the expectation is aᵀJb over the posterior's own grid, with
    a and b the two normal densities at its nodes and J the log joint."""
    axes, table = posterior.axes, posterior.log_joint

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        sides = []
        for axis, mean, log_sd in zip(axes, at[:2], at[2:], strict=True):
            u = (axis - mean) / math.exp(log_sd)
            weight = (-0.5 * u * u).softmax(0)
            sides.append((weight, weight * u / math.exp(log_sd), weight * (u * u - 1)))
        (a, a_mean, a_sd), (b, b_mean, b_sd) = sides
        right, left = table @ b, a @ table
        slope = torch.stack([a_mean @ right, left @ b_mean, 1 + a_sd @ right, 1 + left @ b_sd])
        return -(float(a @ right) + at[2] + at[3]), -slope.numpy()

    steps = [float(axis[1] - axis[0]) for axis in axes]
    ranges = [(float(axis[0]), float(axis[-1])) for axis in axes] + [
        (math.log(max(1.2 * step, _SMALLEST)), math.log(_LARGEST)) for step in steps
    ]
    begun = np.array([*start.mean, *(math.log(sd) for sd in start.sd)])
    end = minimize(cost, begun, jac=True, method="L-BFGS-B", bounds=ranges, options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 300})
    x, y, log_x, log_y = (float(value) for value in end.x)
    return -float(end.fun), DiagonalGaussian((x, y), (math.exp(log_x), math.exp(log_y)))
