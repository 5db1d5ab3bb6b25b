"""What panels other than curves are drawn from."""

from typing import Any, NotRequired, TypedDict

from .curves import Packed
from .panels import Range


class Line(TypedDict):
    """One series of a chart. error: a whisker's length at each place."""

    x: Packed
    y: Packed
    error: NotRequired[Packed | None]


class Mark(TypedDict):
    """A vertical line with words."""

    x: float
    label: str


class Chart(TypedDict):
    """The tables of a chart. frames: one of ys for every place of the scrubber; places: where the scrubber stands on its axis."""

    x_range: Range
    y_range: Range
    series: list[Line]
    places: NotRequired[Packed]
    dots: NotRequired[list[int]]
    points: NotRequired[list[int]]
    marks: NotRequired[list[Mark]]
    marks_on_top: NotRequired[bool]
    x_ticks: NotRequired[list[list[Any]]]
    y_ticks: NotRequired[list[list[Any]]]
    name_at: NotRequired[list[int | None]]
    bars: NotRequired[bool]
    together: NotRequired[bool]
    stacked: NotRequired[bool]
    arrows: NotRequired[bool]
    frames: NotRequired[bool]


class Scrub(TypedDict):
    """A slider along which torch has computed a track for curves' parameters and for numbers."""

    label: str
    unit: str
    values: Packed
    numbers: dict[str, Packed]
    curves: NotRequired[dict[str, dict[str, Packed]]]
    seconds: NotRequired[float]
    start: NotRequired[float]


class Minimum(TypedDict):
    """Where a landscape is least, and whether nowhere less."""

    loc: float
    scale: float
    best: bool


class Map(TypedDict):
    """A landscape's table and its ends. basins: which minimum each place descends to."""

    loc: Range
    log_scale: Range
    size: list[int] | tuple[int, int]
    values: Packed
    minima: list[Minimum]
    basins: NotRequired[Packed]
    basin_size: NotRequired[list[int] | tuple[int, int]]


class Sentences(TypedDict):
    """count sentences of length tokens for every place of the scrubber."""

    words: list[str]
    count: int
    length: int
    tokens: Packed
    costs: Packed


class Images(TypedDict):
    """count pictures of side × side bytes; frames: a set for every place of the scrubber."""

    pixels: Packed
    side: int
    count: int
    columns: int
    frames: NotRequired[bool]


class Cloud(TypedDict):
    """Where images lie in a latent space and how widely, in thousandths, for every place of the scrubber."""

    places: Packed
    spreads: Packed
    labels: Packed
    spans: Packed


class Latent(TypedDict):
    """The probe of a latent space: where it was left, what torch decodes there, and the images themselves."""

    span: float
    z: list[float]
    decoded: Packed
    digits: Packed


class Term(TypedDict):
    """A term's value, and its table over the one parameter that it depends on. label: of a force."""

    value: float
    key: NotRequired[str]
    at: NotRequired[Packed]
    table: NotRequired[Packed]
    label: NotRequired[str]


class Terms(TypedDict):
    """The terms of a sum, and the forces that its gradient is, on one curve's handles."""

    curve: str
    parts: list[Term]
    forces: list[Term]


class Dial(TypedDict):
    """A slider of its own."""

    label: str
    unit: str
    low: float
    high: float
    step: float
    value: float


class Trained(TypedDict):
    """What networks were measured at, for one λ."""

    lam: float
    at: Packed
    rate: Packed
    weight: Packed


class Stretched(TypedDict):
    """Tables over β/λ."""

    ratio: Packed
    rate: Packed
    weight: Packed
    trained: Trained | None
