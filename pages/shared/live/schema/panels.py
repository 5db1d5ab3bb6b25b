"""The kinds of panel: each says by `kind` what it is, and names what it shows."""

from typing import Literal, NotRequired, TypedDict

Range = list[float] | tuple[float, float]


class Series(TypedDict):
    """How one line of a chart looks, and its name."""

    style: str
    label: str


class CurvesPanel(TypedDict):
    """Curves with their handles. quiet: curves whose handles stand in another panel too; caption: the key of a line above."""

    kind: Literal["curves"]
    curves: list[str]
    label: str
    title: NotRequired[str]
    note: NotRequired[str]
    caption: NotRequired[str]
    quiet: NotRequired[list[str]]
    forces: NotRequired[bool]
    half: NotRequired[bool]
    wide: NotRequired[bool]


class IntegrandPanel(TypedDict):
    """What each place contributes to KL(p‖q), below the number itself. chart: the title of that chart, and chart_note below it."""

    kind: Literal["integrand"]
    p: str
    q: str
    quantity: str
    title: str
    note: str
    chart: NotRequired[str]
    chart_note: NotRequired[str]


class LengthsPanel(TypedDict):
    """−log of each outcome's probability under each curve."""

    kind: Literal["lengths"]
    curves: list[str]
    title: str
    note: NotRequired[str]
    label: NotRequired[str]
    half: NotRequired[bool]


class LevelsPanel(TypedDict):
    """A curve's levels of any sign, such as logits. of: which of its values."""

    kind: Literal["levels"]
    curves: list[str]
    of: str
    label: str
    title: NotRequired[str]
    note: NotRequired[str]
    half: NotRequired[bool]
    wide: NotRequired[bool]


class MapPanel(TypedDict):
    """A landscape of `quantity` over a curve's loc and log scale; while `Scene.maps` has none, it waits."""

    kind: Literal["map"]
    quantity: str
    curve: str
    movable: bool
    label: str
    title: NotRequired[str]
    note: NotRequired[str]


class ChartPanel(TypedDict):
    """Lines, dots or bars: `Scene.charts[name]`."""

    kind: Literal["chart"]
    name: str
    label: str
    series: list[Series]
    title: NotRequired[str]
    note: NotRequired[str]
    half: NotRequired[bool]


class SentencesPanel(TypedDict):
    """Sampled sentences, each word shaded by what it costs: `Scene.sentences`."""

    kind: Literal["sentences"]
    title: str
    note: NotRequired[str]
    half: NotRequired[bool]


class ImagesPanel(TypedDict):
    """Small grey pictures: `Scene.images[name]`. probe: they are a grid over a latent space and carry its probe."""

    kind: Literal["images"]
    name: str
    label: str
    title: NotRequired[str]
    note: NotRequired[str]
    half: NotRequired[bool]
    wide: NotRequired[bool]
    narrow: NotRequired[bool]
    probe: NotRequired[bool]


class LatentPanel(TypedDict):
    """A latent space: `Scene.clouds[name]`. still: without the probe."""

    kind: Literal["latent"]
    name: str
    label: str
    title: NotRequired[str]
    note: NotRequired[str]
    half: NotRequired[bool]
    still: NotRequired[bool]


class TermsPanel(TypedDict):
    """A sum whose terms have signs: `Scene.terms`."""

    kind: Literal["terms"]
    names: list[str]
    total: str
    label: str
    title: NotRequired[str]
    note: NotRequired[str]
    half: NotRequired[bool]


class DialsPanel(TypedDict):
    """A slider for each of `Scene.dials`."""

    kind: Literal["dials"]
    label: str


class StretchedPanel(TypedDict):
    """A table over β/λ stretched by the dial λ, and if tall made as much higher: `Scene.stretched[quantity]`."""

    kind: Literal["stretched"]
    quantity: str
    title: str
    note: str
    label: str
    range: Range
    plain: NotRequired[bool]
    tall: NotRequired[bool]


Panel = (
    CurvesPanel
    | IntegrandPanel
    | LengthsPanel
    | LevelsPanel
    | MapPanel
    | ChartPanel
    | SentencesPanel
    | ImagesPanel
    | LatentPanel
    | TermsPanel
    | DialsPanel
    | StretchedPanel
)
