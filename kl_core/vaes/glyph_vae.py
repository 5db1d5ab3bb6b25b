"""The VAE of the 28×28 glyphs that comes with this library, and how it was trained; `tools/train_defaults.py` makes it anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch

from ..data.digits import DATA
from ..data.glyphs import held_out_glyphs, training_glyphs
from ..data.strokes import GLYPH_PIXELS
from ..data.weights import arrays_of, fill, load_arrays, save_arrays
from .vae_model import VAE, Sizes
from .vae_training import VaeSettings, VaeTraining

__all__ = ["GLYPH_SIZES", "load_glyph_vae", "save_glyph_vae", "train_glyph_vae"]

GLYPH_SIZES = Sizes(GLYPH_PIXELS, encoder=(64, 64), decoder=(64, 128))
GLYPH_VAE_FILE = DATA / "glyph_vae.npz"
_BETA, _EPOCHS, _WARM_UP, _LEARNING_RATE, _SEED = 1.0, 60, 20, 3e-3, 1
_PREFIX = "glyphs"


@cache
@torch.inference_mode(False)  # kept for whoever asks next
def load_glyph_vae() -> VAE:
    """A Bernoulli VAE with two latent dimensions in float64, its weights half floats. Shared; not to be changed."""
    model = VAE(2, sizes=GLYPH_SIZES)
    return fill(model, load_arrays(GLYPH_VAE_FILE), _PREFIX).double().eval().requires_grad_(False)


def train_glyph_vae(epochs: int = _EPOCHS) -> VAE:
    """Trained anew on `training_glyphs`; half a minute on one core."""
    start = VAE(2, sizes=GLYPH_SIZES, generator=torch.Generator().manual_seed(_SEED))
    data = training_glyphs(), held_out_glyphs()
    settings = VaeSettings(beta=_BETA, epochs=epochs, warm_up=_WARM_UP, learning_rate=_LEARNING_RATE, seed=_SEED)
    training = VaeTraining(settings, start=start, data=data)
    for _ in training:
        pass
    return training.model


def save_glyph_vae(model: VAE, path: Path = GLYPH_VAE_FILE) -> None:
    """Writes what `load_glyph_vae` reads."""
    save_arrays(path, arrays_of(model, _PREFIX))
