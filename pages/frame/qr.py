"""A link as a QR code."""

import io
from functools import lru_cache

import segno

LONGEST = 1800
"""Characters; beyond this the squares are too small for a phone at the back of a classroom."""


@lru_cache(maxsize=64)
def qr_svg(link: str) -> bytes:
    """An SVG with its quiet zone, dark on white in any theme. ValueError if the link is too long to be read off a screen."""
    if not 0 < len(link) <= LONGEST:
        raise ValueError(f"A link of {len(link):,} characters is too long for a QR code that a phone can read.")
    out = io.BytesIO()
    segno.make_qr(link, error="L").save(out, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=False)
    return out.getvalue()
