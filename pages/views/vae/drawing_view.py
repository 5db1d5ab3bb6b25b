"""The view "Draw your own": a paper, what the glyph VAE gives back, where it lies in the latent plane, and what it costs."""

from collections.abc import Sequence
from functools import cache

import streamlit as st
import torch

from kl_core.data.glyphs import smooth
from kl_core.data.strokes import picture, strokes_to_text
from kl_core.vaes.glyph_vae import load_glyph_vae
from kl_core.vaes.image_terms import image_terms

from ...shared.downloads import downloads
from ...shared.hands import take_message
from ...shared.scripts import Script
from ...shared.style import Unit
from .drawing_export import drawing_code, drawing_csv
from .drawing_state import SAMPLES, SPAN, Drawing, drawing_state, drawn_after, leave_drawing
from .drawing_table import encoded_glyphs, glyph_table_version

_KEY = "glyph_drawing"
TABLE = "glyphs"
_MORE = """
**The data.** 7,000 digits of 28 × 28 pixels, written by a program: ten skeletons, bent, slanted and stretched at random.
Your strokes are centred, scaled and drawn with the same pen, so that the encoder sees what it was trained on.

**The model.** Encoder 784 → 64 → 64 → q(z|x), decoder 2 → 64 → 128 → 784, Bernoulli likelihood, trained at β = 1. It runs in your
browser while you draw. When you lift the pen, this server computes the three terms again by quadrature over q(z|x).

**Why a typical digit is not free.** A grey pixel costs its own entropy even with a perfect decoder, and two numbers z cannot tell
slant, width and bend at once.
"""
_component = st.components.v2.component("kl_glyph_drawing", js=Script("views/vae/drawing/main.js").loader)


@cache
def sample_texts() -> dict[str, str]:
    """The sample drawings as the link has them, their strokes smooth curves through the points."""
    return {name: strokes_to_text([_curved(stroke) for stroke in strokes]) for name, strokes in SAMPLES.items()}


def _curved(stroke: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(stroke) == 2:
        return list(stroke)
    pieces = smooth(tuple(stroke), 3 * (len(stroke) - 1))
    return [(float(x), float(y)) for x, y in [*pieces[:, 0], pieces[-1, 1]]]


def first_text() -> str:
    """What is on the paper when one comes."""
    return next(iter(sample_texts().values()))


def drawing_scene(drawn: Drawing, unit: Unit) -> dict:
    """What the component is told. exact: the drawing's terms in nats, None for an empty paper."""
    costs = encoded_glyphs().terms.cost
    low, middle, high = costs.quantile(torch.tensor([0.05, 0.5, 0.95], dtype=costs.dtype)).tolist()
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "table": f"tables/{glyph_table_version()}/{TABLE}",
        "span": SPAN,
        "samples": [{"name": name, "text": text} for name, text in sample_texts().items()],
        "typical": {"low": low, "middle": middle, "high": high},
        "text": drawn.text,
        "point": list(drawn.point) if drawn.point else None,
        "exact": exact_terms(drawn),
    }


def exact_terms(drawn: Drawing) -> dict | None:
    """Rate, distortion, their sum, and the posterior, by quadrature in float64."""
    if not drawn.text:
        return None
    terms = image_terms(load_glyph_vae(), picture(drawn.strokes))
    numbers = {"rate": float(terms.rate), "distortion": float(terms.distortion), "cost": float(terms.cost)}
    return numbers | {"mu": terms.mu.tolist(), "sd": terms.sd.tolist()}


def _settled() -> None:
    if (message := take_message(_KEY)) is not None:
        leave_drawing(drawn_after(drawing_state(first_text()), message))


@st.fragment  # a lifted pen reruns this alone
def _picture(unit: Unit) -> None:
    drawn = drawing_state(first_text())
    _component(key=_KEY, data=drawing_scene(drawn, unit), on_settle_change=_settled)
    with st.expander("More: the data and the model"):
        st.markdown(_MORE)
    downloads(lambda: drawing_code(drawn), lambda: drawing_csv(drawn), "The drawing, what comes back, and its terms", "drawing.csv")


def drawing_view(unit: Unit) -> None:
    """Paper, plane and terms."""
    _picture(unit)
