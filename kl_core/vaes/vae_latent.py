"""A trained VAE's latent space: where the digits lie, what is decoded where, and what it costs in rate and distortion.

Rate and distortion as in Alemi et al. 2018, "Fixing a Broken ELBO", arXiv 1711.00464; the rate is what z tells about
which x it was, and how far all of the z together are from the prior (Hoffman & Johnson 2016, "ELBO surgery").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..data.digits import Digits
from .vae import collapsed
from .vae_model import VAE

__all__ = [
    "Encoded",
    "encode",
    "latent_grid",
    "manifold",
    "path",
    "prior_samples",
    "RateDistortion",
    "measure",
    "RateSplit",
    "split_rate",
    "collapse_threshold",
]


@dataclass(frozen=True, eq=False)
class Encoded:
    """mu, logvar: (n, latent), of q(z|x) = N(mu, exp(logvar)); labels: (n,)."""

    mu: Tensor
    logvar: Tensor
    labels: Tensor

    @property
    def sd(self) -> Tensor:
        return (0.5 * self.logvar).exp()


@torch.no_grad()
def encode(model: VAE, digits: Digits) -> Encoded:
    """Where the images lie in latent space."""
    return Encoded(*model.encode(digits.images), digits.labels)


def latent_grid(count: int = 21, span: float = 3.0) -> Tensor:
    """(count, count, 2) points z evenly from −span to span; [row, column] is (z₁ of the column, z₂ of the row), the
    first row at the top: z₂ = span."""
    if not (isinstance(count, int) and count >= 2):
        raise ValueError(f"count is {count}; it is a whole number of at least 2")
    if not 0 < span < math.inf:
        raise ValueError(f"span is {span}; it is a finite number above 0")
    line = torch.linspace(-span, span, count)
    return torch.stack(torch.meshgrid(line.flip(0), line, indexing="ij")[::-1], -1)


@torch.no_grad()
def manifold(model: VAE, count: int = 21, span: float = 3.0, at: Tensor | None = None, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """(count, count, 64) pictures decoded over `latent_grid(count, span)`, in one call.

    With more latent dimensions than two: axes are those that vary, at: (latent,) is where the others stand, 0 by default.
    ValueError for a model of one dimension or axes it does not have.
    """
    if not (len(set(axes)) == 2 and all(0 <= axis < model.latent for axis in axes)):
        raise ValueError(f"axes is {axes}; they are two different ones of {model.latent} dimensions")
    z = (torch.zeros(model.latent) if at is None else at).repeat(count, count, 1)
    z[..., list(axes)] = latent_grid(count, span)
    return model.decode(z)


@torch.no_grad()
def path(model: VAE, points: Tensor, frames: int = 30) -> tuple[Tensor, Tensor]:
    """z, (frames, latent), evenly along the straight lines from point to point, and the pictures there, (frames, 64).

    points: (m, latent), at least 2.
    """
    if points.dim() != 2 or len(points) < 2 or points.shape[-1] != model.latent:
        raise ValueError(f"points has the shape {tuple(points.shape)}; it has (m, {model.latent}), m at least 2")
    if not (isinstance(frames, int) and frames >= 2):
        raise ValueError(f"frames is {frames}; it is a whole number of at least 2")
    lengths = (points[1:] - points[:-1]).norm(dim=-1)
    ends = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
    along = torch.linspace(0, 1, frames) * ends[-1]
    leg = (torch.searchsorted(ends, along, right=True) - 1).clamp(0, len(lengths) - 1)
    share = ((along - ends[leg]) / lengths[leg].clamp_min(torch.finfo(lengths.dtype).tiny)).clamp(0, 1).unsqueeze(-1)
    z = points[leg] + share * (points[leg + 1] - points[leg])
    return z, model.decode(z)


@torch.no_grad()
def prior_samples(model: VAE, count: int = 16, seed: int = 0) -> tuple[Tensor, Tensor]:
    """z ~ N(0, I), (count, latent), and the mean pictures there, (count, 64); the same z for the same seed and latent."""
    z = torch.randn(count, model.latent, generator=torch.Generator().manual_seed(seed))
    return z, model.decode(z)


@dataclass(frozen=True, eq=False)
class RateDistortion:
    """Means over images. rate: KL(q(z|x)‖p(z)), exact; distortion: −log p(x|z), z ~ q(z|x); nats. kl: (latent,) rate by
    dimension. squared_error: summed over pixels, ink²."""

    rate: float
    distortion: float
    kl: Tensor
    squared_error: float

    @property
    def elbo(self) -> float:
        """−rate − distortion, in nats: what is maximised at β = 1."""
        return -self.rate - self.distortion

    @property
    def collapsed(self) -> Tensor:
        """(latent,) by `vae.collapsed`."""
        return collapsed(self.kl)


@torch.no_grad()
def measure(model: VAE, digits: Digits, draws: int = 16, seed: int = 0) -> RateDistortion:
    """Rate and distortion on these images; distortion over `draws` of z for each, in all to some 0.01 nats."""
    if not (isinstance(draws, int) and draws >= 1):
        raise ValueError(f"draws is {draws}; it is a whole number of at least 1")
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(draws * len(digits), model.latent, generator=generator)
    parts = model.parts(digits.images.repeat(draws, 1), noise)
    kl = parts.kl.double().mean(0)
    return RateDistortion(float(kl.sum()), float(parts.distortion.double().mean()), kl, float(parts.squared_error.double().mean()))


@dataclass(frozen=True)
class RateSplit:
    """rate = information + mismatch, nats. information: between z and which image it is, at most log n. mismatch:
    KL(q(z)‖p(z)) of all posteriors together, q(z) their mean, from the prior: holes and overhang."""

    information: float
    mismatch: float


@torch.no_grad()
def split_rate(encoded: Encoded, draws: int = 16, seed: int = 0) -> RateSplit:
    """The rate's two parts for these n images, by sampling z; their sum is the exact rate to sampling error."""
    mu, sd = encoded.mu.double(), encoded.sd.double()
    generator = torch.Generator().manual_seed(seed)
    information = mismatch = 0.0
    for _ in range(draws):
        noise = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
        z = mu + sd * noise
        every = (-0.5 * ((z.unsqueeze(1) - mu) / sd) ** 2 - sd.log()).sum(-1)  # log q(z|x) + a constant
        own, mixed = every.diagonal(), every.logsumexp(-1) - math.log(len(mu))
        prior = (-0.5 * z * z).sum(-1)
        information += float((own - mixed).mean()) / draws
        mismatch += float((mixed - prior).mean()) / draws
    return RateSplit(information, mismatch)


def collapse_threshold(digits: Digits, decoder: str = "bernoulli", noise: float = 0.25) -> float:
    """The β from which on a VAE that tells nothing cannot be bettered by one that tells a little: 3.39 here by default.

    To second order in what z tells, a dimension gains ½·uᵀMu nats of distortion for ½·β of rate, M the covariance of the
    pixels, each divided by the decoder's standard deviation, √(x̄(1 − x̄)) or noise; so the threshold is M's greatest
    eigenvalue, and further dimensions have the next. It is the linear VAE's λ/σ², and holds for any encoder and decoder,
    while what is told is little.
    """
    images = digits.images.double()
    mean = images.mean(0)
    spread = (mean * (1 - mean)).sqrt() if decoder == "bernoulli" else torch.full_like(mean, noise)
    used = mean * (1 - mean) > 0
    scaled = ((images - mean) / spread)[:, used]
    return float(torch.linalg.eigvalsh(scaled.T @ scaled / len(scaled))[-1])
