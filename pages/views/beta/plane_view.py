"""A picture of policies as points: lines with their names at their ends, single points, and a rule; own component."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import streamlit as st

from ...shared.scripts import Script

_component = st.components.v2.component(
    "kl_beta_plane",
    js=Script("views/beta/plane/main.js").loader,
    css=(Path(__file__).parent / "plane" / "plane.css").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Line:
    """xs, ys: its points. style: "exact", "bound" or "run"; colour: a number that the style sheet knows; dots: a dot at each point;
    joined: whether a line goes through them."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: str = "exact"
    colour: int = 0
    dots: bool = False
    joined: bool = True


@dataclass(frozen=True)
class Plane:
    """x, y: (title, lowest, highest). percent: y is a share. rule: (x, its name), a vertical line. points: (x, y, name)."""

    title: str
    x: tuple[str, float, float]
    y: tuple[str, float, float]
    lines: list[Line] = field(default_factory=list)
    points: list[tuple[float, float, str]] = field(default_factory=list)
    rule: tuple[float, str] | None = None
    percent: bool = False
    small: bool = False
    medium: bool = False


def plane(key: str, picture: Plane) -> None:
    """Draws it where it is called."""
    _component(key=key, data=asdict(picture))
