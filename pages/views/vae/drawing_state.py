"""What a visitor has drawn in "Draw your own", and the point carried over the latent plane: from the link, the session or a hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from kl_core.data.strokes import Strokes, strokes_from_text

from ...shared import state

SPAN = 2.5
"""The plane goes from −SPAN to SPAN both ways."""
KEYS = {"strokes": "glyph", "point": "glyph_z"}
SAMPLES: dict[str, Strokes] = {
    "4 or 9?": (
        ((0.37, 0.15), (0.32, 0.3), (0.31, 0.43), (0.38, 0.51), (0.48, 0.52), (0.58, 0.48), (0.68, 0.4)),
        ((0.69, 0.15), (0.68, 0.4), (0.64, 0.62), (0.61, 0.87)),
    ),
    "2": (
        ((0.31, 0.31), (0.37, 0.18), (0.49, 0.13), (0.61, 0.18), (0.65, 0.3), (0.6, 0.45), (0.47, 0.64), (0.31, 0.86)),
        ((0.31, 0.86), (0.5, 0.84), (0.7, 0.86)),
    ),
    "5": (
        ((0.64, 0.15), (0.39, 0.16)),
        ((0.39, 0.16), (0.36, 0.45)),
        ((0.36, 0.45), (0.49, 0.42), (0.62, 0.49), (0.67, 0.63), (0.6, 0.79), (0.47, 0.86), (0.32, 0.81)),
    ),
    "8": (
        (
            (0.5, 0.47), (0.38, 0.36), (0.37, 0.22), (0.5, 0.14), (0.63, 0.22), (0.62, 0.36), (0.5, 0.47), (0.35, 0.6), (0.34, 0.78),
            (0.5, 0.87), (0.66, 0.78), (0.64, 0.6), (0.5, 0.47),
        ),
    ),
    "A letter": (((0.32, 0.15), (0.32, 0.85)), ((0.66, 0.15), (0.33, 0.52)), ((0.42, 0.45), (0.68, 0.85))),
    "A scribble": (
        (
            (0.2, 0.4), (0.42, 0.18), (0.3, 0.7), (0.55, 0.2), (0.45, 0.82), (0.7, 0.28), (0.6, 0.85), (0.82, 0.42), (0.3, 0.52),
            (0.75, 0.66), (0.22, 0.62),
        ),
    ),
}  # fmt: skip
"""Drawings that need no pointer; the first is on the paper when one comes."""


@dataclass(frozen=True)
class Drawing:
    """text: the strokes as the link has them, "" for an empty paper. point: z where a hand has left it; None: at the drawing's own."""

    text: str
    point: tuple[float, float] | None = None

    @property
    def strokes(self) -> list[list[tuple[float, float]]]:
        return strokes_from_text(self.text) if self.text else []


def checked_point(raw: object) -> tuple[float, float]:
    """ "0.5,-1.2" as z; ValueError in one sentence."""
    parts = str(raw).split(",")
    try:
        z = tuple(float(part) for part in parts)
    except ValueError:
        z = ()
    if len(z) != 2 or not all(-SPAN <= value <= SPAN for value in z):
        raise ValueError(f"glyph_z is two numbers from −{SPAN:g} to {SPAN:g}, such as 0.5,-1.2.")
    return z[0], z[1]


def checked_text(raw: object) -> str:
    """A drawing's text as it came, or "" for an empty paper; ValueError in one sentence."""
    if raw != "":
        strokes_from_text(raw)
    return str(raw)


_CHECKS = {"strokes": checked_text, "point": checked_point}


def drawing_problem() -> str | None:
    """One sentence when the link holds a drawing or a point that cannot be."""
    for name, key in KEYS.items():
        if st.query_params.get(key):
            try:
                _CHECKS[name](st.query_params[key])
            except ValueError as problem:
                return str(problem)
    return None


def drawing_state(first: str) -> Drawing:
    """As it was left, or as the link says; what cannot be gives way to `first` and to no point."""
    text, point = (state.session_or_link(KEYS[name]) for name in ("strokes", "point"))
    drawn = Drawing(first)
    try:
        drawn = replace(drawn, text=first if text is None else checked_text(text))
        return drawn if not point else replace(drawn, point=checked_point(point))
    except ValueError:
        return drawn


def drawn_after(before: Drawing, message: Mapping) -> Drawing:
    """The state after what a hand did: {"strokes": text} or {"point": [x, y]} or {"point": None}; nonsense changes nothing."""
    try:
        if "strokes" in message:
            return Drawing(checked_text(message["strokes"]))
        point = message.get("point")
        if point is None:
            return replace(before, point=None)
        x, y = point
        return replace(before, point=checked_point(f"{float(x)},{float(y)}"))
    except (ValueError, TypeError, OverflowError):
        return before


def leave_drawing(left: Drawing) -> None:
    """Remembers it for the next answer, and in the link."""
    texts = {KEYS["strokes"]: left.text, KEYS["point"]: ",".join(f"{round(value, 2):g}" for value in left.point or ())}
    st.session_state.update(texts)
    state.write_link({key: text for key, text in texts.items() if text or key in st.query_params or key == KEYS["strokes"]})
