"""A variational autoencoder of 8×8 pictures: encoder, decoder and the likelihood between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.digits import PIXELS
from ..data.weights import initialise
from .vae import posterior_kl

__all__ = ["DECODERS", "VAE", "Parts"]

DECODERS = ("bernoulli", "gaussian")
VAE_HIDDEN = 64


@dataclass(frozen=True)
class Parts:
    """Of each image: distortion, (n,), −log p(x|z) at one draw of z; kl, (n, d), KL(q(z|x)‖N(0, I)) per dimension; nats.
    squared_error: (n,), summed over pixels."""

    distortion: Tensor
    kl: Tensor
    squared_error: Tensor


class VAE(nn.Module):
    """Encoder 64 → 64 → 64 → 2·latent, decoder latent → 64 → 64 → 64, SiLU between.

    latent: dimensions of z, 1 to 64. decoder: "bernoulli", whose distortion is the cross-entropy Σ −x·log x̂ − (1 − x)·
    log(1 − x̂) of the grey values as probabilities of ink, and never falls below their entropy, 13.8 nats on average; or
    "gaussian", a normal distribution about x̂ with the fixed standard deviation noise (in units of full ink), whose distortion may
    be negative. generator: of the first weights.
    """

    def __init__(self, latent: int = 2, decoder: str = "bernoulli", noise: float = 0.25, generator: torch.Generator | None = None) -> None:
        if not (isinstance(latent, int) and 1 <= latent <= PIXELS):
            raise ValueError(f"latent is {latent}; it is a whole number from 1 to {PIXELS}")
        if decoder not in DECODERS:
            raise ValueError(f"decoder is {decoder!r}; it is one of {', '.join(DECODERS)}")
        if not 0 < noise < math.inf:
            raise ValueError(f"noise is {noise}; it is a finite number above 0")
        super().__init__()
        self.latent, self.decoder, self.noise = latent, decoder, noise
        self.encoder_layers = _layers(PIXELS, 2 * latent)
        self.decoder_layers = _layers(latent, PIXELS)
        initialise(self, generator or torch.Generator().manual_seed(0))

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar = log σ² of q(z|x), each (n, latent); images: (n, 64)."""
        return self.encoder_layers(images).chunk(2, -1)

    def decode(self, z: Tensor) -> Tensor:
        """x̂, the mean picture at z: (..., 64), in [0, 1], of z (..., latent). A Gaussian mean is cut off to [0, 1]."""
        out = self.decoder_layers(z)
        return out.sigmoid() if self.decoder == "bernoulli" else out.clamp(0, 1)

    def parts(self, images: Tensor, noise: Tensor) -> Parts:
        """Of each image, at z = μ + σ·noise; images: (n, 64), noise: (n, latent) standard normal."""
        mu, logvar = self.encode(images)
        out = self.decoder_layers(mu + (0.5 * logvar).exp() * noise)
        mean = out.sigmoid() if self.decoder == "bernoulli" else out
        squared = (images - mean).square().sum(-1)
        if self.decoder == "bernoulli":
            distortion = F.binary_cross_entropy_with_logits(out, images, reduction="none").sum(-1)
        else:
            distortion = squared / (2 * self.noise**2) + 0.5 * PIXELS * math.log(2 * math.pi * self.noise**2)
        return Parts(distortion, posterior_kl(mu, logvar), squared)


def _layers(inputs: int, outputs: int) -> nn.Sequential:
    sizes = (inputs, VAE_HIDDEN, VAE_HIDDEN, outputs)
    layers = []
    for width, next_width in zip(sizes, sizes[1:]):
        layers += [nn.utils.skip_init(nn.Linear, width, next_width), nn.SiLU()]
    return nn.Sequential(*layers[:-1])
