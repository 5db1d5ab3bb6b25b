"""The KL term of a variational autoencoder, KL(N(μ, σ²)‖N(0, 1)) per latent dimension, and how it enters the loss.

Kingma & Welling 2014, arXiv 1312.6114, appendix B; β: Higgins et al. 2017; free bits: Kingma et al. 2016, arXiv 1606.04934,
appendix C.8; cyclical annealing: Fu et al. 2019, arXiv 1903.10145; posterior collapse: Lucas et al. 2019, arXiv 1911.02469.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..numerics.exact import exp_excess

__all__ = [
    "posterior_kl",
    "vae_kl_loss",
    "KLTerms",
    "kl_terms_of_posterior",
    "pull",
    "COLLAPSED_BELOW",
    "collapsed",
    "ACTIVE_ABOVE",
    "active_units",
    "free_bits_rate",
    "beta_at",
    "cyclical_beta_at",
    "Reduction",
    "REDUCTIONS",
    "reduced_loss",
    "effective_beta",
]

COLLAPSED_BELOW = 0.01  # nats: a dimension whose mean KL is less tells nothing about the input worth the name
ACTIVE_ABOVE = 0.01  # of z²: a latent unit whose posterior mean varies more over the data is active


def posterior_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(μ, σ²)‖N(0, 1)) = ½(μ² + σ² − 1 − log σ²) in nats, one a dimension.

    mu, logvar: broadcastable, logvar = log σ². Returns their shape. Never negative, 0 only at μ = 0, σ = 1, and right to
    rounding next to it, where the sum as written cancels. inf where μ or log σ² is infinite, or the KL itself is beyond the
    dtype's largest number: no step on the way overflows before it.
    """
    return (0.5 * mu) * mu + _HalfExpExcess.apply(logvar)


class _HalfExpExcess(torch.autograd.Function):
    """½(e^x − 1 − x), whose gradient ½(e^x − 1) is one operation, not the sixty of its series: it is in every step of a training.

    For x above 8 as e^(x/2)·½e^(x/2) − ½(1 + x): e^x itself may be twice the largest number.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        large = x > 8
        if not bool(large.any()):
            return 0.5 * exp_excess(x)
        root = (0.5 * x).exp()
        beyond = torch.where(root == torch.inf, torch.inf, (0.5 * root) * root - (0.5 + 0.5 * x))
        return torch.where(large, beyond, 0.5 * exp_excess(torch.where(large, 0.0, x)))

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        root = (0.5 * x.clamp_min(8)).exp()
        return above * torch.where(x > 8, (0.5 * root) * root - 0.5, 0.5 * torch.expm1(x.clamp_max(8)))


def vae_kl_loss(mu: Tensor, logvar: Tensor) -> Tensor:
    """−½ Σ (1 + log σ² − μ² − σ²), a scalar in nats: summed over the latent dimensions and over the batch.

    mu, logvar: (n, d), or any shapes that broadcast. Added to a reconstruction loss that is a *mean* over the batch,
    it counts n times what it should: `effective_beta`.
    """
    return posterior_kl(mu, logvar).sum()


@dataclass(frozen=True)
class KLTerms:
    """The four terms of the closed form, in nats, each of the posterior's shape; their sum is the KL."""

    constant: Tensor  # −½
    log_variance: Tensor  # −½ log σ²: grows as the posterior narrows
    mean: Tensor  # ½ μ²
    variance: Tensor  # ½ σ²


def kl_terms_of_posterior(mu: Tensor, logvar: Tensor) -> KLTerms:
    """−½, −½ log σ², ½ μ², ½ σ²; arguments as in `posterior_kl`."""
    mu, logvar = torch.broadcast_tensors(mu, logvar)
    return KLTerms(torch.full_like(mu, -0.5), -0.5 * logvar, 0.5 * mu * mu, 0.5 * logvar.exp())


def pull(mu: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
    """−∂KL/∂μ = −μ and −∂KL/∂log σ² = ½(1 − σ²): the force towards the prior, in nats per unit of each; their shape."""
    mu, logvar = torch.broadcast_tensors(mu, logvar)
    return -mu, -0.5 * torch.expm1(logvar)


def collapsed(kl: Tensor) -> Tensor:
    """Which latent dimensions have collapsed to the prior: those with a mean KL below COLLAPSED_BELOW.

    kl: (..., d) means over the data, in nats. Returns booleans of that shape.
    """
    return kl < COLLAPSED_BELOW


def active_units(mu: Tensor) -> Tensor:
    """Which latent units are active: those with Var over x of E[z|x] above ACTIVE_ABOVE (Burda et al. 2016, arXiv 1509.00519, §5.1).

    mu: (..., n, d), posterior means of n images, n at least 2. Returns booleans, (..., d).
    """
    return mu.var(-2) > ACTIVE_ABOVE


def free_bits_rate(kl: Tensor, free_bits: float = 0.0) -> Tensor:
    """Σ over dimensions of max(free_bits, mean KL over the batch): what is paid when the first nats are free; a scalar.

    kl: (n, d), nats. free_bits: at least 0, nats a dimension, in spite of the name. A dimension below it has no
    gradient, so nothing pulls it to the prior.
    """
    if not 0 <= free_bits < float("inf"):
        raise ValueError(f"free_bits is {free_bits}; it is a finite number of at least 0, in nats a dimension")
    return kl.mean(0).clamp_min(free_bits).sum()


def beta_at(epoch: float, beta: float, warm_up: float = 0.0) -> float:
    """β in use after `epoch` epochs, when it grows from 0 to beta over the first warm_up of them, in a straight line."""
    return beta if warm_up <= 0 else beta * min(1.0, epoch / warm_up)


def cyclical_beta_at(epoch: float, beta: float, cycles: int, epochs: int, ramp: float = 0.5) -> float:
    """β in use after `epoch` of `epochs`, which are cut into `cycles` equal parts: in each it grows from 0 to beta in a straight line
    over the first share `ramp`, and then stays (Fu et al. 2019, arXiv 1903.10145, equation 6); beta at the end of the last."""
    if cycles < 1 or not 0 < ramp <= 1:
        raise ValueError(f"cycles is {cycles} and ramp {ramp}; they are at least 1, and above 0 and at most 1")
    place = epoch * cycles / epochs
    return beta if place >= cycles else beta * min(1.0, place % 1.0 / ramp)


@dataclass(frozen=True)
class Reduction:
    """How a loss adds up. reconstruction: "sum", or "mean" over the images of a batch, or "element" over their pixels
    too. kl: likewise, "element" over latent dimensions. meaning: a sentence."""

    reconstruction: str
    kl: str
    meaning: str


REDUCTIONS = {
    "sum": Reduction("sum", "sum", "both summed over the batch: β is what it says"),
    "mean": Reduction("mean", "mean", "both averaged over the images: β is what it says"),
    "mean_and_sum": Reduction("mean", "sum", "a mean over images beside a summed KL: β times the batch size"),
    "element_and_sum": Reduction("element", "sum", "a mean over images and pixels beside a summed KL: β times batch size and pixels"),
    "element": Reduction(
        "element",
        "element",
        "a mean over images and pixels beside a mean over images and latent dimensions: β times pixels ÷ latent dimensions",
    ),
}


def _weight(how: str, batch: int, elements: int) -> float:
    """What the mean over the batch of the sums over elements is multiplied by."""
    return {"sum": batch, "mean": 1.0, "element": 1 / elements}[how]


def reduced_loss(distortion: Tensor, rate: Tensor, beta: float, reduction: str = "mean", *, batch: int, pixels: int, latent: int) -> Tensor:
    """Reconstruction loss + β·KL with these reductions, from distortion and rate, each a mean over the batch of sums, nats."""
    chosen = _reduction(reduction)
    return _weight(chosen.reconstruction, batch, pixels) * distortion + beta * _weight(chosen.kl, batch, latent) * rate


def effective_beta(beta: float, reduction: str = "mean", *, batch: int, pixels: int, latent: int) -> float:
    """The β that the loss has once it is written per image: what multiplies the KL, by what multiplies the reconstruction.

    reduction: one of REDUCTIONS. batch: images; pixels: of an image; latent: dimensions. Adam does not see what both
    are multiplied by, so trainings with equal effective β go alike.
    """
    chosen = _reduction(reduction)
    return beta * _weight(chosen.kl, batch, latent) / _weight(chosen.reconstruction, batch, pixels)


def _reduction(name: str) -> Reduction:
    if name not in REDUCTIONS:
        raise ValueError(f"reduction is {name!r}; it is one of {', '.join(REDUCTIONS)}")
    return REDUCTIONS[name]
