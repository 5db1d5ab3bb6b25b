"""A picture of things that are points of a plane: lines with their names at their ends, single points, a rule; own component."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import streamlit as st
from torch import Tensor

from ..live.tables import packed
from ..scripts import Script

_component = st.components.v2.component("kl_plane", js=Script("shared/plane/main.js").loader)


@dataclass(frozen=True)
class Line:
    """xs, ys: its points. style: "exact", "bound", "band" (wide and pale), "run", "arrow" or "outline"; colour: a number that the
    style sheet knows; dots: a dot at each point; joined: whether a line goes through them; marks: what a dot says when it is pointed
    at, by default its numbers. short: its name where the picture is narrow, by default the same."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: str = "exact"
    colour: int = 0
    dots: bool = False
    joined: bool = True
    marks: Sequence[str] | None = None
    short: str = ""


@dataclass(frozen=True)
class Plane:
    """x, y: (title, lowest, highest). percent: y is a share. rule: (x, its name), a vertical line. points: (x, y, name).
    equal: a unit is as long on both axes. nameless: its lines are named elsewhere. surface: what `surface_of` makes, drawn behind the
    lines. "π_ref" is typeset."""

    title: str
    x: tuple[str, float, float]
    y: tuple[str, float, float]
    lines: list[Line] = field(default_factory=list)
    points: list[tuple[float, float, str]] = field(default_factory=list)
    rule: tuple[float, str] | None = None
    percent: bool = False
    small: bool = False
    medium: bool = False
    equal: bool = False
    nameless: bool = False
    surface: dict | None = None


def surface_of(x: Tensor, y: Tensor, values: Tensor) -> dict:
    """A function on an even square grid: x, y (n,), values (n, n) with rows by y."""
    return {"x": [float(x[0]), float(x[-1])], "y": [float(y[0]), float(y[-1])], "side": len(x), "values": packed(values)}


def plane(key: str, picture: Plane) -> None:
    """Draws it where it is called."""
    _component(key=key, data=asdict(picture))
