"""What a hand may change in "What the ELBO leaves out": the image, the decoder's β, and q; from the link or the session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite

import streamlit as st

from kl_core.vaes.elbo_gap import DiagonalGaussian

from ...shared import state

LINEAR = "linear"
IMAGES = ("120", "35", "453", "466", "450", "75", "0", LINEAR)
"""Places in the test set, and the VAE of which all is known in closed form."""
BETAS = ("0.25", "0.5", "1", "2", "4")
FARTHEST = 6.0
SPREADS = (0.02, 1.6)
Q_KEYS = ("elbo_m1", "elbo_m2", "elbo_s1", "elbo_s2")
CHOICES = {"elbo_image": IMAGES, "elbo_beta": BETAS}
RANGES = dict.fromkeys(Q_KEYS[:2], (-FARTHEST, FARTHEST)) | dict.fromkeys(Q_KEYS[2:], SPREADS)


@dataclass(frozen=True)
class ElboState:
    """image: of IMAGES. beta: of BETAS, that the VAE was trained with. q: None is the encoder's."""

    image: str = IMAGES[0]
    beta: str = "1"
    q: DiagonalGaussian | None = None


FIRST = ElboState()


def moved(before: ElboState, message: Mapping) -> ElboState:
    """The state after what the hand did: {"image", "beta", "q": [μ₁, μ₂, σ₁, σ₂] or None for the encoder's}, all of it each time, as
    of two messages in a row only the last arrives. What is left out stays, q with its image; nonsense changes nothing."""
    after = replace(before, image=message.get("image", before.image), beta=message.get("beta", before.beta))
    if after.image not in IMAGES or after.beta not in BETAS:
        return before
    raw = message.get("q", before.q if after == before else None)
    if raw is None or isinstance(raw, DiagonalGaussian):
        return replace(after, q=raw)
    q = checked_q(raw)
    return before if q is None else replace(after, q=q)


def checked_q(raw: object) -> DiagonalGaussian | None:
    """Four finite numbers, cut to their ranges; None for anything else."""
    if not isinstance(raw, list | tuple) or len(raw) != 4:
        return None
    if any(isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) for value in raw):
        return None
    x, y, wide, high = (min(max(float(f"{value:.5g}"), low), top) for value, (low, top) in zip(raw, RANGES.values(), strict=True))
    return DiagonalGaussian((x, y), (wide, high))


def elbo_state() -> ElboState:
    """As it was left, or as the link says; what the link says badly gives way to the first state."""
    image, beta = (str(state.session_or_link(key)) for key in CHOICES)
    numbers = [state.left_at(key, float("nan")) for key in Q_KEYS]
    within = all(low <= value <= high for value, (low, high) in zip(numbers, RANGES.values(), strict=True))
    return ElboState(
        image if image in IMAGES else FIRST.image, beta if beta in BETAS else FIRST.beta, checked_q(numbers) if within else None
    )


def leave_elbo(left: ElboState) -> None:
    """Remembers it for the next answer, and in the link."""
    texts = {"elbo_image": left.image, "elbo_beta": left.beta}
    if left.q is None:
        state.drop_from_link(Q_KEYS)
    else:
        texts |= dict(zip(Q_KEYS, (f"{value:.5g}" for value in (*left.q.mean, *left.q.sd)), strict=True))
    st.session_state.update(texts)
    state.write_link(texts)
