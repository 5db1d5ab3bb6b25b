"""Training a VAE on pictures, the digits as a rule, with what can go wrong in it: β, its warm-up, free bits, and how the loss adds up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from ..data.digits import PIXELS, Digits, load_digits
from .vae import REDUCTIONS, active_units, beta_at, collapsed, cyclical_beta_at, effective_beta, free_bits_rate, reduced_loss
from .vae_model import VAE, Parts

__all__ = ["VaeSettings", "VaeEpoch", "VaeTraining"]


@dataclass(frozen=True)
class VaeSettings:
    """latent: dimensions, 1 to 64. decoder, noise: as of `VAE`. beta: at least 0. warm_up: epochs in which β grows from
    0. cycles: times that β does so, in equal parts of the run and over half of each (`vae.cyclical_beta_at`), instead of one warm-up;
    0 for none. free_bits: nats a dimension that cost nothing. reduction: one of `vae.REDUCTIONS`. epochs; batch: images, 1 to
    1,297, the rest of an epoch that does not fill one is left for the next. learning_rate: Adam's, with a cosine schedule."""

    latent: int = 2
    decoder: str = "bernoulli"
    noise: float = 0.25
    beta: float = 1.0
    warm_up: int = 10
    cycles: int = 0
    free_bits: float = 0.0
    reduction: str = "mean"
    epochs: int = 60
    batch: int = 64
    learning_rate: float = 1e-2
    seed: int = 0

    def __post_init__(self) -> None:
        VAE(self.latent, self.decoder, self.noise)  # for its errors
        for name, least in (("warm_up", 0), ("cycles", 0), ("epochs", 1), ("batch", 1), ("seed", 0)):
            if not (isinstance(getattr(self, name), int) and getattr(self, name) >= least):
                raise ValueError(f"{name} is {getattr(self, name)}; it is a whole number of at least {least}")
        for name in ("beta", "free_bits"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; it is a finite number of at least 0")
        if self.batch > len(load_digits()[0]):
            raise ValueError(f"batch is {self.batch}; it is at most {len(load_digits()[0])}, all there is")
        if self.reduction not in REDUCTIONS:
            raise ValueError(f"reduction is {self.reduction!r}; it is one of {', '.join(REDUCTIONS)}")
        if not 0 < self.learning_rate <= 1:
            raise ValueError(f"learning_rate is {self.learning_rate}; it is a number above 0 and at most 1")

    def beta_at(self, epoch: float) -> float:
        """β in use after so many epochs."""
        if self.cycles:
            return cyclical_beta_at(epoch, self.beta, self.cycles, self.epochs)
        return beta_at(epoch, self.beta, self.warm_up)

    @property
    def effective_beta(self) -> float:
        """β as the loss has it per image, after the warm-up."""
        return effective_beta(self.beta, self.reduction, batch=self.batch, pixels=PIXELS, latent=self.latent)


@dataclass(frozen=True, eq=False)
class VaeEpoch:
    """After `epoch` passes; 0 is before the first. beta: the setting's, as far as warmed up. loss: mean over the epoch's
    batches, as reduced; NaN at epoch 0. Of the test set, means over images in nats: rate, KL(q(z|x)‖p(z)); distortion,
    −log p(x|z); elbo, −rate − distortion whatever β is; kl: (latent,), the rate by dimension. mu, logvar: (500, latent),
    where the test set then lies."""

    epoch: int
    beta: float
    loss: float
    rate: float
    distortion: float
    kl: Tensor
    mu: Tensor
    logvar: Tensor

    @property
    def elbo(self) -> float:
        return -self.rate - self.distortion

    @property
    def collapsed(self) -> Tensor:
        """(latent,) which dimensions tell nothing about the input, by `vae.collapsed`."""
        return collapsed(self.kl)

    @property
    def active(self) -> Tensor:
        """(latent,) which units are active, by `vae.active_units`."""
        return active_units(self.mu)


class VaeTraining:
    """A run, to be iterated: yields a VaeEpoch before the first epoch and after each; stop at any time.

    The same settings give the same run; some 25 ms an epoch. `model` is the network as it then is. FloatingPointError
    if it diverges.
    """

    def __init__(
        self,
        settings: VaeSettings | None = None,
        *,
        start: VAE | None = None,
        data: tuple[Digits, Digits] | None = None,
        **changes: Any,
    ) -> None:
        """changes: fields of VaeSettings to change; ValueError for one that is none, or out of its domain.
        start: a network to go on from instead of a new one; it is copied. data: (training set, test set), the digits by default; of
        other pictures than those, start has their number of pixels."""
        unknown = set(changes) - {field.name for field in fields(VaeSettings)}
        if unknown:
            known = ", ".join(field.name for field in fields(VaeSettings))
            raise ValueError(f"{min(unknown)} is no setting; there are {known}")
        self.settings, self._start = replace(settings or VaeSettings(), **changes), start
        self._data = data or load_digits()
        self._check()
        self._reset()

    def _check(self) -> None:
        """start and data are of one size, and of the settings' kind."""
        start, settings, pictures = self._start, self.settings, self._data[0]
        pixels = PIXELS if start is None else start.pixels
        if start is not None and (start.latent, start.decoder) != (settings.latent, settings.decoder):
            raise ValueError(f"start has latent {start.latent} and decoder {start.decoder!r}; the settings have others")
        if pictures.images.shape[-1] != pixels:
            raise ValueError(f"data has pictures of {pictures.images.shape[-1]} pixels; the network takes {pixels}")
        if settings.batch > len(pictures):
            raise ValueError(f"batch is {settings.batch}; it is at most {len(pictures)}, all there is")

    def _reset(self) -> None:
        settings = self.settings
        self._generator = torch.Generator().manual_seed(settings.seed)
        self.model = VAE(settings.latent, settings.decoder, settings.noise, self._generator)
        if self._start is not None:
            self.model = deepcopy(self._start).requires_grad_(True)

    def __iter__(self) -> Iterator[VaeEpoch]:
        self._reset()
        settings, (train, test) = self.settings, self._data
        # The same draws of z at every epoch, so that a change of the test set's numbers is one of the network.
        draws = torch.randn(len(test), settings.latent, generator=torch.Generator().manual_seed(settings.seed))
        optimiser = torch.optim.Adam(self.model.parameters(), lr=settings.learning_rate, fused=True)
        rounds = len(train) // settings.batch
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs * rounds)
        yield self._report(0, math.nan, test, draws)
        for epoch in range(1, settings.epochs + 1):
            total, order = 0.0, torch.randperm(len(train), generator=self._generator)
            for number, part in enumerate(order[: rounds * settings.batch].split(settings.batch)):
                noise = torch.randn(settings.batch, settings.latent, generator=self._generator)
                loss = self._loss(self.model.parts(train.images[part], noise), epoch - 1 + (number + 1) / rounds)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                total += float(loss.detach())
            if not math.isfinite(total):
                raise FloatingPointError(f"the loss is {total}; with a smaller learning_rate than {settings.learning_rate} it stays finite")
            yield self._report(epoch, total / rounds, test, draws)

    def _loss(self, parts: Parts, epochs: float) -> Tensor:
        settings = self.settings
        rate = free_bits_rate(parts.kl, settings.free_bits)
        return reduced_loss(
            parts.distortion.mean(),
            rate,
            settings.beta_at(epochs),
            settings.reduction,
            batch=settings.batch,
            pixels=self.model.pixels,
            latent=settings.latent,
        )

    @torch.no_grad()
    def _report(self, epoch: int, loss: float, test: Digits, draws: Tensor) -> VaeEpoch:
        parts, (mu, logvar) = self.model.parts(test.images, draws), self.model.encode(test.images)
        kl = parts.kl.mean(0)
        return VaeEpoch(epoch, self.settings.beta_at(epoch), loss, float(kl.sum()), float(parts.distortion.mean()), kl, mu, logvar)
