"""Distributions on screen: tables that the browser shifts, stretches, mixes and interpolates, and what a hand can move."""

from typing import Any, Literal, NotRequired, TypedDict

Packed = str
"""A tensor's values in base64: `tables.packed`."""
Link = tuple[str, str] | tuple[str, str, str] | None
"""How a shift or a stretch follows from parameters: ("value", "loc"), ("difference", "high", "low")."""


class Parameter(TypedDict):
    """One number of a curve. key: its name, or "locs.1" for the second entry of a vector. below, above: a parameter it stays off."""

    key: str
    name: str
    label: str
    meaning: str
    low: float
    high: float
    step: float
    log: bool
    integer: bool
    below: NotRequired[str]
    above: NotRequired[str]


class Handle(TypedDict):
    """What a hand can hold: which parameter it moves, and where it sits. outcome: of a bar or a level."""

    key: str
    kind: Literal["shift", "stretch", "rate", "log", "low", "high", "frames", "weight", "bar", "level"]
    name: str
    outcome: NotRequired[int]


class Base(TypedDict):
    """The table that curves shift and stretch: ascending places and the log-density at each."""

    u: Packed
    log_density: Packed


class Frames(TypedDict):
    """The base table at other values of a shape parameter, and where its handle sits (at) in each."""

    values: list[float]
    at: list[float]
    at_current: float
    log_density: Packed


class Component(TypedDict):
    """One part of a mixture: the key of its weight, and how its shift and stretch follow from the parameters."""

    weight: str | None
    shift: Link
    stretch: Link


class Curve(TypedDict):
    """A distribution on screen. base: its table, or once sent the name of one in `Scene.bases`."""

    label: str
    family: str
    style: str
    filled: bool
    hidden: bool
    values: dict[str, Any]
    parameters: list[Parameter]
    handles: list[Handle]
    base: Base | str
    components: list[Component]
    support: list[float | None]
    frames: NotRequired[dict[str, Frames]]
    direct: NotRequired[str]
    simplex: NotRequired[str]
