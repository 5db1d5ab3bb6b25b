"""The true posterior p(z|x) of one image in two latent dimensions, and log p(x), by quadrature.

A VAE trains log p(x) from below: log p(x) = ELBO + KL(q(z|x)‖p(z|x)). With two dimensions both sides are sums over a grid: the
trapezoid rule converges exponentially for smooth densities that vanish at the edge (Trefethen & Weideman 2014,
"The exponentially convergent trapezoidal rule", SIAM Review 56).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.digits import PIXELS
from .vae_model import VAE

__all__ = ["LogLikelihood", "TruePosterior", "decoder_log_likelihood", "log_prior", "true_posterior"]

LogLikelihood = Callable[[Tensor], Tensor]
"""log p(x|z) of one x: (..., 2) float64 → (...), nats."""

_REACH, _COARSE = 8.0, 65  # the prior's mass beyond 8 is 2e-15
_DEPTH = 25.0  # nats below the peak: what is lower adds less than 1e-8
_SIDES = (129, 257, 513)
_ROWS = 4096  # as many nodes as stay in a processor's cache through all layers
TOLERANCE = 1e-6
"""nats: every integral is as exact as that, or its error says so."""


@dataclass(frozen=True, eq=False)
class TruePosterior:
    """p(z|x) on a grid that holds all of it. axes: z₁ and z₂ of the nodes, each (n,). log_joint: (n, n) log p(x, z) at
    (axes[0][i], axes[1][j]), nats. log_evidence: log p(x), nats. error: how far that of every second node is from it, nats; with
    all nodes the error is far smaller."""

    axes: tuple[Tensor, Tensor]
    log_joint: Tensor
    log_evidence: float
    error: float

    @property
    def log_density(self) -> Tensor:
        """(n, n) log p(z|x) at the nodes."""
        return self.log_joint - self.log_evidence

    @property
    def moments(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of z₁ and z₂ under p(z|x), each (2,)."""
        share = self.log_density.flatten().softmax(0).view(self.log_joint.shape)
        sides = [(axis, share.sum(1 - i)) for i, axis in enumerate(self.axes)]
        mean = torch.stack([(axis * weight).sum() for axis, weight in sides])
        square = torch.stack([(axis.square() * weight).sum() for axis, weight in sides])
        return mean, (square - mean.square()).sqrt()

    @property
    def modes(self) -> list[tuple[int, int]]:
        """Nodes (i, j) that are no lower than their eight neighbours, the highest first: at most six, within 8 nats of the first."""
        table = self.log_joint
        highest = F.max_pool2d(table[None, None], 3, 1, 1)[0, 0]
        inner = torch.zeros_like(table, dtype=torch.bool)
        inner[1:-1, 1:-1] = True
        places = ((table == highest) & inner & (table > table.max() - 8)).nonzero()
        order = table[places[:, 0], places[:, 1]].argsort(descending=True)
        return [(int(i), int(j)) for i, j in places[order[:6]]]


def log_prior(z: Tensor) -> Tensor:
    """log N(z; 0, I) of (..., 2) z, nats."""
    return -0.5 * z.square().sum(-1) - math.log(2 * math.pi)


def decoder_log_likelihood(model: VAE, image: Tensor) -> LogLikelihood:
    """log p(x|z) of this image, (64,), under the model's decoder, in float64; minus what `VAE.parts` calls distortion."""
    layers, x = copy.deepcopy(model.decoder_layers).double(), image.double()

    @torch.no_grad()
    def log_likelihood(z: Tensor) -> Tensor:
        pieces = z.reshape(-1, 2).split(_ROWS)
        return torch.cat([_log_likelihood(layers(piece), x, model) for piece in pieces]).view(z.shape[:-1])

    return log_likelihood


def _log_likelihood(out: Tensor, x: Tensor, model: VAE) -> Tensor:
    if model.decoder == "bernoulli":
        return out @ x - F.softplus(out).sum(-1)
    scale = 2 * model.noise**2
    return -(out - x).square().sum(-1) / scale - 0.5 * PIXELS * math.log(math.pi * scale)


def true_posterior(log_likelihood: LogLikelihood) -> TruePosterior:
    """p(z|x) and log p(x) for a prior N(0, I) in two dimensions: a coarse grid finds where the posterior is, a fine one sums.

    Nodes are doubled until every second node gives the same log p(x) to TOLERANCE.
    """
    low, high = _box(log_likelihood)
    for side in _SIDES:
        axes = tuple(torch.linspace(float(a), float(b), side, dtype=torch.float64, device="cpu") for a, b in zip(low, high, strict=True))
        table = _log_joint(log_likelihood, axes)
        cell = float((high - low).log().sum()) - 2 * math.log(side - 1)
        whole = float(table.flatten().logsumexp(0)) + cell
        half = float(table[::2, ::2].flatten().logsumexp(0)) + cell + 2 * math.log(2)
        if abs(whole - half) <= TOLERANCE:
            break
    return TruePosterior((axes[0], axes[1]), table, whole, abs(whole - half))


def _log_joint(log_likelihood: LogLikelihood, axes: tuple[Tensor, ...]) -> Tensor:
    z = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
    return log_likelihood(z) + log_prior(z)


def _box(log_likelihood: LogLikelihood) -> tuple[Tensor, Tensor]:
    """The corners of a rectangle outside which the posterior is less than e⁻²⁵ of its peak."""
    line = torch.linspace(-_REACH, _REACH, _COARSE, dtype=torch.float64, device="cpu")
    table = _log_joint(log_likelihood, (line, line))
    inside = (table > table.max() - _DEPTH).nonzero()
    step = line[1] - line[0]
    return line[inside.amin(0)] - step, line[inside.amax(0)] + step
