"""The glyph VAE as one file for the browser: its weights, the quadrature nodes, and where the test glyphs lie.

safetensors: eight bytes of length, a JSON header of names, types, shapes and places, then the tensors one after another.
https://github.com/huggingface/safetensors, "Format"
"""

import hashlib
import json
from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.data.glyphs import held_out_glyphs
from kl_core.vaes.glyph_vae import load_glyph_vae
from kl_core.vaes.image_terms import ImageTerms, image_terms, normal_nodes

from ...shared.cache import shared_cache

PREVIEW_ORDER = 5
"""Quadrature nodes in each dimension that the browser uses while a hand draws."""
CLOUD_ORDER = 3
"""Enough for what the test glyphs cost: right to 0.01 nats on average."""
_TYPES = {torch.float64: "F64", torch.float16: "F16", torch.int16: "I16", torch.uint8: "U8"}


@dataclass(frozen=True, eq=False)
class EncodedGlyphs:
    """terms: of the test glyphs, one image after another; labels: (n,) their digits."""

    terms: ImageTerms
    labels: Tensor


@shared_cache(1)
def encoded_glyphs() -> EncodedGlyphs:
    """Where the test glyphs lie and what each costs."""
    held_out, model = held_out_glyphs(), load_glyph_vae()
    parts = [image_terms(model, part.double(), CLOUD_ORDER) for part in held_out.images.split(100)]
    columns = (torch.cat([getattr(part, name) for part in parts]) for name in ("mu", "logvar", "rate", "distortion"))
    return EncodedGlyphs(ImageTerms(*columns), held_out.labels)


@shared_cache(1)
def glyph_table() -> bytes:
    """The file."""
    model, test = load_glyph_vae(), encoded_glyphs()
    nodes, weights = normal_nodes(PREVIEW_ORDER)
    tensors = {"nodes": nodes, "weights": weights}
    tensors |= {name: value.half() for name, value in model.state_dict().items()}
    tensors |= {"places": (1000 * test.terms.mu).round().to(torch.int16), "labels": test.labels.to(torch.uint8)}
    return safetensors(tensors)


@shared_cache(1)
def glyph_table_version() -> str:
    """Sixteen hex digits that change with the file."""
    return hashlib.sha256(glyph_table()).hexdigest()[:16]


def safetensors(tensors: dict[str, Tensor]) -> bytes:
    """Tensors by name as one file."""
    header: dict[str, dict] = {}
    body = b""
    for name, tensor in tensors.items():
        data = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": _TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + body
