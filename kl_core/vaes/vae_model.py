"""A variational autoencoder of small pictures: encoder, decoder and the likelihood between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.digits import PIXELS
from ..data.weights import initialise
from .vae import posterior_kl

__all__ = ["DECODERS", "OF_DIGITS", "VAE", "Parts", "Sizes"]

DECODERS = ("bernoulli", "gaussian")


@dataclass(frozen=True)
class Sizes:
    """pixels: of a picture. encoder, decoder: the widths of the hidden layers of each, from its input on."""

    pixels: int = PIXELS
    encoder: tuple[int, ...] = (64, 64)
    decoder: tuple[int, ...] = (64, 64)


OF_DIGITS = Sizes()
"""Of the VAEs of the 8×8 digits."""


@dataclass(frozen=True)
class Parts:
    """Of each image: distortion, (n,), −log p(x|z) at one draw of z; kl, (n, d), KL(q(z|x)‖N(0, I)) per dimension; nats.
    squared_error: (n,), summed over pixels."""

    distortion: Tensor
    kl: Tensor
    squared_error: Tensor


class VAE(nn.Module):
    """Encoder pixels → … → 2·latent, decoder latent → … → pixels, SiLU between; by default 64 pixels and two layers of 64 in each.

    latent: dimensions of z, 1 to the number of pixels. decoder: "bernoulli", whose distortion is the cross-entropy Σ −x·log x̂ − (1 − x)·
    log(1 − x̂) of the grey values as probabilities of ink, and never falls below their entropy, 13.8 nats on average for the digits; or
    "gaussian", a normal distribution about x̂ with the fixed standard deviation noise (in units of full ink), whose distortion may
    be negative. generator: of the first weights. sizes: of the layers.
    """

    def __init__(
        self,
        latent: int = 2,
        decoder: str = "bernoulli",
        noise: float = 0.25,
        generator: torch.Generator | None = None,
        sizes: Sizes = OF_DIGITS,
    ) -> None:
        if not (isinstance(latent, int) and 1 <= latent <= sizes.pixels):
            raise ValueError(f"latent is {latent}; it is a whole number from 1 to {sizes.pixels}")
        if decoder not in DECODERS:
            raise ValueError(f"decoder is {decoder!r}; it is one of {', '.join(DECODERS)}")
        if not 0 < noise < math.inf:
            raise ValueError(f"noise is {noise}; it is a finite number above 0")
        super().__init__()
        self.latent, self.decoder, self.noise, self.pixels = latent, decoder, noise, sizes.pixels
        self.encoder_layers = _layers((sizes.pixels, *sizes.encoder, 2 * latent))
        self.decoder_layers = _layers((latent, *sizes.decoder, sizes.pixels))
        initialise(self, generator or torch.Generator().manual_seed(0))

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar = log σ² of q(z|x), each (n, latent); images: (n, pixels)."""
        return self.encoder_layers(images).chunk(2, -1)

    def decode(self, z: Tensor) -> Tensor:
        """x̂, the mean picture at z: (..., pixels), in [0, 1], of z (..., latent). A Gaussian mean is cut off to [0, 1]."""
        out = self.decoder_layers(z)
        return out.sigmoid() if self.decoder == "bernoulli" else out.clamp(0, 1)

    def parts(self, images: Tensor, noise: Tensor) -> Parts:
        """Of each image, at z = μ + σ·noise; images: (n, pixels), noise: (n, latent) standard normal."""
        mu, logvar = self.encode(images)
        out = self.decoder_layers(mu + (0.5 * logvar).exp() * noise)
        mean = out.sigmoid() if self.decoder == "bernoulli" else out
        squared = (images - mean).square().sum(-1)
        if self.decoder == "bernoulli":
            distortion = F.binary_cross_entropy_with_logits(out, images, reduction="none").sum(-1)
        else:
            distortion = squared / (2 * self.noise**2) + 0.5 * self.pixels * math.log(2 * math.pi * self.noise**2)
        return Parts(distortion, posterior_kl(mu, logvar), squared)


def _layers(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width, next_width in zip(widths, widths[1:]):
        layers += [nn.utils.skip_init(nn.Linear, width, next_width), nn.SiLU()]
    return nn.Sequential(*layers[:-1])
