"""A drawing to take along: a program that encodes and decodes it, and its pixels as CSV."""

import csv
import io

import torch

from kl_core.data.strokes import picture
from kl_core.vaes.glyph_vae import load_glyph_vae
from kl_core.vaes.image_terms import image_terms

from .drawing_state import Drawing

_PROGRAM = """from kl_core.data.strokes import picture, strokes_from_text
from kl_core.vaes.glyph_vae import load_glyph_vae
from kl_core.vaes.image_terms import image_terms

vae = load_glyph_vae()
x = picture(strokes_from_text({text!r}))  # (784,) ink from 0 to 1
terms = image_terms(vae, x)  # the distortion by quadrature over q(z|x)
print(f"q(z|x): mean {{terms.mu.tolist()}}, sd {{terms.sd.tolist()}}")
print(f"distortion {{terms.distortion:.6g}} + rate {{terms.rate:.6g}} = −ELBO {{terms.cost:.6g}} nats")

for row in vae.decode(terms.mu).view(28, 28):  # what comes back
    print("".join(" .:*#"[round(float(ink) * 4)] for ink in row))
"""


def drawing_code(drawn: Drawing) -> str:
    """The terms of the drawing, and what comes back as text."""
    if not drawn.text:
        return "# The paper is empty: draw something first.\n"
    return _PROGRAM.format(text=drawn.text)


def drawing_csv(drawn: Drawing) -> str:
    """A row per pixel: its ink in the drawing and in what comes back; then q(z|x) and the terms in nats."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["row", "column", "x", "decoded"])
    if not drawn.text:
        return table.getvalue()
    model, x = load_glyph_vae(), picture(drawn.strokes)
    terms = image_terms(model, x)
    with torch.no_grad():
        back = model.decode(terms.mu)
    writer.writerows([i // 28, i % 28, ink, again] for i, (ink, again) in enumerate(zip(x.tolist(), back.tolist(), strict=True)))
    writer.writerow(["z1 mean", "z1 sd", "z2 mean", "z2 sd", "distortion", "rate", "-ELBO"])
    (z1, z2), (sd1, sd2) = terms.mu.tolist(), terms.sd.tolist()
    writer.writerow([z1, sd1, z2, sd2, float(terms.distortion), float(terms.rate), float(terms.cost)])
    return table.getvalue()
