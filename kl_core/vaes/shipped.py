"""The VAEs that come with this library, and how they were trained; `tools/train_defaults.py` makes them anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations, product
from pathlib import Path

import torch
from torch import nn

from ..data.digits import DATA, load_digits
from ..data.weights import arrays_of_all, fill, load_arrays, save_arrays
from .vae_latent import RateDistortion, encode, measure
from .vae_model import VAE
from .vae_training import VaeTraining

__all__ = ["VAE_BETAS", "load_vaes", "rate_distortion", "save_vaes", "train_vaes", "turned_to"]

VAE_BETAS = (0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0, 16.0)
VAE_FILE = DATA / "vae.npz"


@cache
@torch.inference_mode(False)  # kept for trainings too, whoever asks first
def load_vaes() -> dict[float, VAE]:
    """By β of VAE_BETAS, Bernoulli VAEs with two latent dimensions. Shared; not to be changed.

    Each was trained on from its neighbour towards β = 1, so latent space changes little from one to the next; but that of
    β = 0 from new, since nothing would have moved it.
    """
    arrays = load_arrays(VAE_FILE)
    return {beta: fill(VAE(), arrays, f"{beta:g}").eval().requires_grad_(False) for beta in VAE_BETAS}


@cache
def rate_distortion() -> dict[float, RateDistortion]:
    """By β of VAE_BETAS, rate and distortion of its VAE on the test set."""
    return {beta: measure(model, load_digits()[1]) for beta, model in load_vaes().items()}


def train_vaes(epochs: int = 300) -> Iterator[tuple[float, VAE]]:
    """(β, model) for all of VAE_BETAS, first 1, from new; then its neighbours, each from the one before, in half the epochs."""
    first = trained = _train_vae(1.0, epochs, None)
    yield 1.0, first
    for beta in sorted((beta for beta in VAE_BETAS if 0 < beta < 1), reverse=True):
        yield beta, (trained := _train_vae(beta, epochs // 2, trained))
    yield 0.0, turned_to(_train_vae(0.0, epochs, None), trained)
    trained = first
    for beta in (beta for beta in VAE_BETAS if beta > 1):
        yield beta, (trained := _train_vae(beta, epochs // 2, trained))


def _train_vae(beta: float, epochs: int, start: VAE | None) -> VAE:
    training = VaeTraining(beta=beta, epochs=epochs, warm_up=20 if start is None else 0, start=start)
    for _ in training:
        pass
    return training.model


@torch.no_grad()
def turned_to(model: VAE, other: VAE) -> VAE:
    """The model, its latent dimensions exchanged and turned round so that images lie as far as may be where other has
    them. The prior is symmetric in both, so it is the same model."""
    test = load_digits()[1]
    own_means, other_means = encode(model, test).mu, encode(other, test).mu
    along = own_means.T @ other_means
    order, signs = max(
        (
            (list(order), torch.tensor(signs))
            for order in permutations(range(model.latent))
            for signs in product((1.0, -1.0), repeat=model.latent)
        ),
        key=lambda pair: float((along[pair[0]].diagonal() * pair[1]).sum()),
    )
    last, first = model.encoder_layers[-1], model.decoder_layers[0]
    assert isinstance(last, nn.Linear) and isinstance(first, nn.Linear)
    shifted_order = [*order, *(model.latent + axis for axis in order)]
    both = torch.cat([signs, torch.ones_like(signs)])  # a variance has no sign
    last.weight.copy_(last.weight[shifted_order] * both.unsqueeze(-1))
    last.bias.copy_(last.bias[shifted_order] * both)
    first.weight.copy_(first.weight[:, order] * signs)
    return model


def save_vaes(models: dict[float, VAE], path: Path = VAE_FILE) -> None:
    """Writes what `load_vaes` reads."""
    save_arrays(path, arrays_of_all({f"{beta:g}": models[beta] for beta in VAE_BETAS}))
