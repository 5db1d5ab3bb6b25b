"""The contract with the browser: all that a scene may tell it. `types.d.ts` says the same to the browser code.

A scene is plain JSON. What it leaves out has no part in the picture.
"""

from typing import Literal, NotRequired, TypedDict

from .curves import Base, Curve
from .data import Chart, Cloud, Dial, Images, Latent, Map, Scrub, Sentences, Stretched, Terms
from .panels import Panel, Range


class Unit(TypedDict):
    """What numbers are shown in; they travel in nats."""

    name: str
    per_nat: float


class Number(TypedDict):
    """A settled number in nats, as text since JSON has no infinity; and by which measure, of which curves, it is previewed.

    rank, outcome: of a probability that is the first, or the second, of its curve, and whose it is.
    """

    measure: str
    of: list[str] | tuple[str, ...]
    value: str
    status: str
    reason: str | None
    infinite_by: str | None
    rank: NotRequired[int]
    outcome: NotRequired[int]


class Readout(TypedDict):
    """A number on screen. plain: it has no unit, or one of its own; whole: it counts something."""

    quantity: str
    title: str
    note: NotRequired[str]
    plain: NotRequired[bool]
    whole: NotRequired[bool]
    size: NotRequired[str]


class Stack(TypedDict):
    """Two numbers end to end that make up a third."""

    style: str
    parts: list[str]
    total: str
    names: list[str]


class Softens(TypedDict):
    """Curves whose bars are softmax(logits of one curve / T); T is the scrubber's where it is None."""

    of: str
    at: dict[str, float | None]


class Scene(TypedDict):
    """One live picture. A scene without curves has neither kind nor view.

    live: curves that ask while they move; partial: curves that this answer to such a question brings. linked: curves that start
    from one place. payer: the outcome that alone gives and takes when another bar moves. top_of: the curve that sets the height.
    early: the route that tells the numbers of a released pair, before the page's run brings everything. answers: the last question that
    Python has seen; standalone: in a file of its own.
    """

    unit: Unit
    panels: list[Panel]
    numbers: dict[str, Number]
    kind: NotRequired[Literal["discrete", "continuous"]]
    view: NotRequired[Range]
    curves: NotRequired[dict[str, Curve]]
    names: NotRequired[list[str] | None]
    payer: NotRequired[int | None]
    readouts: NotRequired[list[Readout]]
    stacks: NotRequired[list[Stack]]
    stack_range: NotRequired[Range]
    size: NotRequired[str]
    export: NotRequired[str | None]
    hint: NotRequired[str]
    hints: NotRequired[list[str]]
    captions: NotRequired[dict[str, str]]
    levels: NotRequired[Range]
    top: NotRequired[float]
    top_of: NotRequired[str]
    softens: NotRequired[Softens]
    live: NotRequired[list[str]]
    partial: NotRequired[list[str] | None]
    linked: NotRequired[list[list[str]]]
    scrub: NotRequired[Scrub | None]
    charts: NotRequired[dict[str, Chart]]
    maps: NotRequired[dict[str, Map]]
    sentences: NotRequired[Sentences]
    images: NotRequired[dict[str, Images]]
    clouds: NotRequired[dict[str, Cloud]]
    latent: NotRequired[Latent]
    terms: NotRequired[Terms]
    dials: NotRequired[dict[str, Dial]]
    stretched: NotRequired[Stretched]
    bases: NotRequired[dict[str, Base]]
    early: NotRequired[str | None]
    answers: NotRequired[int]
    standalone: NotRequired[bool]
