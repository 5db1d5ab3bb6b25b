"""What a visitor has set on the playground: one typed state, read from the link and from the canvas's messages, written to the link.

Every value is checked here and nowhere else. Unknown or impossible ones leave the state as it was.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import exp, isfinite, log
from typing import Any

from torch.distributions import MixtureSameFamily, Normal

from kl_core.families import FAMILIES
from kl_core.fits.drawing import drawing_from_text, drawing_to_text, levels_of
from kl_core.fits.models import MODELS, LocationScale, TwoGaussians, student_t
from kl_core.fits.runs import DEFAULT as DEFAULT_SETTING
from kl_core.fits.runs import RULES
from kl_core.fits.targets import TARGETS

from ...shared.values import Value, checked

RATES = (0.01, 0.02, 0.05, 0.08, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
MODES = ("both", "alpha", "js")
FREEDOMS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0)
"""Degrees of freedom that a Student-t Q may have; at 1 it is a Cauchy distribution, at 100 almost a Gaussian."""
STEPS = DEFAULT_SETTING.steps
MOST_HILLS = 5
_RATE_OF_JS = 0.5  # its landscape is so flat that smaller steps have not arrived after STEPS
OPTIMISERS = [
    {"key": "natural-gradient", "label": "Natural gradient"},
    {"key": "gradient-descent", "label": "Gradient descent"},
    {"key": "adam", "label": "Adam"},
    {"key": "newton", "label": "Newton"},
]
MIXTURE, NORMAL = FAMILIES["gaussian_mixture"], FAMILIES["normal"]
_HILLS = {"weights": (0.5, 0.5), "locs": (-3.0, 3.0), "scales": (1.0, 1.0)}
_FORMER_RULES = {"gradient": "gradient-descent", "gradient descent": "gradient-descent", "natural gradient": "natural-gradient"}


@dataclass(frozen=True)
class Hills:
    """A mixture of Gaussians as the target: what the handles move."""

    weights: tuple[float, ...]
    locs: tuple[float, ...]
    scales: tuple[float, ...]

    @property
    def values(self) -> dict[str, tuple[float, ...]]:
        return {"weights": self.weights, "locs": self.locs, "scales": self.scales}


@dataclass(frozen=True)
class CanvasState:
    """target: hills, the name of a shape of `TARGETS`, or a drawing's text. family: of `MODELS`. mode, alpha: what is minimised.

    df: the degrees of freedom of a Student-t Q. start: (loc, scale) where Q begins. rule, rate: the optimiser. step: the step that is
    shown, 0 before Run.
    """

    target: Hills | str = Hills(**_HILLS)
    family: str = "gaussian"
    df: float = 3.0
    mode: str = "both"
    alpha: float = 0.5
    start: tuple[float, float] = DEFAULT_SETTING.start
    rule: str = DEFAULT_SETTING.rule
    rate: float = DEFAULT_SETTING.learning_rate
    step: int = 0

    @property
    def model(self) -> LocationScale | TwoGaussians:
        """What Q may be."""
        return student_t(self.df) if self.family == "student-t" else MODELS[self.family]

    @property
    def hills(self) -> Hills | None:
        """The hills that can be named: P is a mixture of more than one; else None."""
        return self.target if isinstance(self.target, Hills) and len(self.target.locs) > 1 else None

    @property
    def has_hills(self) -> bool:
        """Whether P is a mixture with hills to name."""
        return self.hills is not None

    @property
    def drawing(self) -> str | None:
        """The drawing's text, if the target is one."""
        return self.target if isinstance(self.target, str) and "~" in self.target else None


DEFAULT = CanvasState()


def default_rate(mode: str) -> float:
    """The learning rate with which a Run arrives."""
    return _RATE_OF_JS if mode == "js" else DEFAULT.rate


HILL_SHAPES = ("two-hills", "unequal-hills", "spike-and-hump", "three-hills")


@cache
def hills_of(shape: str) -> Hills:
    """A shape of the gallery that is made of hills, with its parameters for the handles."""
    target = TARGETS[shape].build()
    assert isinstance(target, MixtureSameFamily)
    parts = target.component_distribution
    assert isinstance(parts, Normal)
    columns = (target.mixture_distribution.probs, parts.loc, parts.scale)
    return Hills(*(tuple(round(float(entry), 6) for entry in column) for column in columns))


def chosen_shape(shape: object) -> Hills | str:
    """A target from the gallery; ValueError for an unknown name."""
    if shape not in TARGETS:
        raise ValueError(f"There is no shape “{str(shape)[:20]}” here.")
    return hills_of(str(shape)) if shape in HILL_SHAPES else str(shape)


def checked_hills(raw: Mapping) -> Hills:
    """Hills from a link or the canvas; ValueError with one sentence."""
    values = {
        parameter.name: _vector(checked(MIXTURE, parameter, raw[parameter.name] if parameter.name in raw else _HILLS[parameter.name]))
        for parameter in MIXTURE.parameters
    }
    if len({len(value) for value in values.values()}) != 1:
        raise ValueError("Each hill needs a weight, a mean and a standard deviation.")
    total = sum(values["weights"])
    return Hills(tuple(weight / total for weight in values["weights"]), values["locs"], values["scales"])


def _vector(value: Value) -> tuple[float, ...]:
    assert isinstance(value, tuple)
    return value


def _number(value: Value) -> float:
    assert isinstance(value, float)
    return value


def _checked_start(loc: object, scale: object) -> tuple[float, float]:
    by_name = {parameter.name: parameter for parameter in NORMAL.parameters}
    return _number(checked(NORMAL, by_name["loc"], loc)), _number(checked(NORMAL, by_name["scale"], scale))


def _checked_share(raw: object) -> float:
    value = float(str(raw))
    if not 0 <= value <= 1:
        raise ValueError("α lies between 0 and 1.")
    return value


def _chosen(raw: object, choices: Container, what: str) -> str:
    if raw not in choices:
        raise ValueError(f"{what} = {str(raw)[:20]}")
    return str(raw)


# ---- the link ------------------------------------------------------------------------------------------------------------------
def from_link(query: Mapping[str, str]) -> tuple[CanvasState, list[str]]:
    """The state that a link asks for, and what it asks for in vain; links of earlier versions mean what they meant."""
    state, problems = DEFAULT, []
    for keys, read in _LINK_READERS:
        if any(key in query for key in keys):
            try:
                state = replace(state, **read(query))
            except (ValueError, TypeError) as problem:
                problems.append(str(problem).rstrip("."))
    return (state if "rate" in query else replace(state, rate=default_rate(state.mode))), problems


def _target_in_link(query: Mapping[str, str]) -> dict:
    if "drawn" in query:
        drawing_from_text(query["drawn"])
        return {"target": query["drawn"]}
    if "shape" in query:
        return {"target": chosen_shape(query["shape"])}
    return {"target": checked_hills({name: query[f"p_{name}"] for name in _HILLS if f"p_{name}" in query})}


def _dial_in_link(query: Mapping[str, str]) -> dict:
    mode = _chosen(query["minimise"], MODES, "minimise") if "minimise" in query else "alpha"
    return {"mode": mode, "alpha": _checked_share(query["alpha"]) if "alpha" in query else DEFAULT.alpha}


def _start_in_link(query: Mapping[str, str]) -> dict:
    loc, scale = DEFAULT.start
    return {"start": _checked_start(query.get("q_loc", loc), query.get("q_scale", scale))}


def _rule_in_link(query: Mapping[str, str]) -> dict:
    name = query["optimiser"]
    return {"rule": _chosen(_FORMER_RULES.get(name, name), RULES, "optimiser")}


def _rate_in_link(query: Mapping[str, str]) -> dict:
    rate = float(query["rate"])
    if not (isfinite(rate) and 0 < rate <= 100):
        raise ValueError(f"rate = {query['rate'][:20]}")
    return {"rate": rate}


def _freedom(raw: object) -> dict:
    df = float(str(raw))
    if not 1 <= df <= 200:
        raise ValueError("A Student-t has from 1 to 200 degrees of freedom here.")
    return {"df": df}


def _step_in_link(query: Mapping[str, str]) -> dict:
    step = float(query.get("step", STEPS if query.get("show") == "true" else 0))  # earlier links said only whether fits were shown
    if not 0 <= step <= STEPS:
        raise ValueError(f"step = {query['step'][:20]}")
    return {"step": round(step)}


_LINK_READERS: tuple[tuple[tuple[str, ...], Callable[[Mapping[str, str]], dict]], ...] = (
    (("drawn", "shape", "p_weights", "p_locs", "p_scales"), _target_in_link),
    (("family",), lambda query: {"family": _chosen(query["family"], MODELS, "family")}),
    (("df",), lambda query: _freedom(query["df"])),
    (("minimise", "alpha"), _dial_in_link),
    (
        ("q_loc", "q_scale"),
        lambda query: {"start": _checked_start(query.get("q_loc", DEFAULT.start[0]), query.get("q_scale", DEFAULT.start[1]))},
    ),
    (("optimiser",), _rule_in_link),
    (("rate",), _rate_in_link),
    (("step", "show"), _step_in_link),
)
LINK_KEYS = tuple(key for keys, _ in _LINK_READERS for key in keys)


def to_link(state: CanvasState) -> dict[str, str]:
    """The state as the link has it, less what is at its default."""
    link: dict[str, str] = {}
    if isinstance(state.target, Hills):
        if state.target != DEFAULT.target:
            link |= {f"p_{name}": ",".join(f"{entry:.6g}" for entry in value) for name, value in state.target.values.items()}
    else:
        link["drawn" if state.drawing else "shape"] = state.target
    if state.mode != DEFAULT.mode:
        link["minimise"] = state.mode
    if state.mode == "alpha":
        link["alpha"] = f"{state.alpha:g}"
    if state.start != DEFAULT.start:
        link |= {"q_loc": f"{state.start[0]:.6g}", "q_scale": f"{state.start[1]:.6g}"}
    for key, value, default in (
        ("family", state.family, DEFAULT.family),
        ("df", f"{state.df:g}", f"{DEFAULT.df:g}"),
        ("optimiser", state.rule, DEFAULT.rule),
        ("rate", f"{state.rate:g}", f"{default_rate(state.mode):g}"),
        ("step", str(state.step), str(DEFAULT.step)),
    ):
        if value != default:
            link[key] = value
    return link


# ---- the canvas ----------------------------------------------------------------------------------------------------------------
def moved(state: CanvasState, message: Mapping) -> CanvasState:
    """The state after what a hand did on the canvas, ValueError for nonsense. A new run begins at its first step."""
    after = state
    for key in message:
        if key not in _MESSAGE_READERS:
            raise ValueError(f"A hand on the canvas does no “{str(key)[:20]}”.")
    for key, read in _MESSAGE_READERS.items():
        if key in message:
            try:
                after = replace(after, **read(message[key]))
            except (TypeError, KeyError, AttributeError, ArithmeticError, IndexError):
                raise ValueError(f"“{key}” cannot be read.") from None
    if after.mode != state.mode and state.rate == default_rate(state.mode):
        after = replace(after, rate=default_rate(after.mode))
    begins = after != replace(state, step=after.step) and "step" not in message and "hills" not in message
    return replace(after, step=0) if begins else after


def _drawn(heights: object) -> dict:
    if not isinstance(heights, list) or len(heights) > 200:
        raise ValueError("A drawing is a list of heights.")
    return {"target": drawing_to_text(levels_of([float(height) for height in heights]))}


def _start(components: list) -> dict:
    """One bell, or two with the start in their middle."""
    middle = sum(bell["loc"] for bell in components) / len(components)
    return {"start": _checked_start(middle, components[0]["scale"])}


def _rate(raw: object) -> dict:
    if raw not in RATES:
        raise ValueError("rate")
    return {"rate": float(raw)}


_MESSAGE_READERS: dict[str, Callable[[Any], dict]] = {
    "shape": lambda raw: {"target": chosen_shape(raw)},
    "hills": lambda raw: {"target": checked_hills({name: list(raw[name]) for name in _HILLS})},
    "drawn": _drawn,
    "family": lambda raw: {"family": _chosen(raw, MODELS, "family")},
    "df": _freedom,
    "dial": lambda raw: {"mode": _chosen(raw["mode"], MODES, "minimise"), "alpha": _checked_share(raw["alpha"])},
    "start": _start,
    "optimiser": lambda raw: {"rule": _chosen(raw, RULES, "optimiser")},
    "rate": _rate,
    "step": lambda raw: {"step": min(max(int(raw), 0), STEPS)},
}


def log_scale_range(state: CanvasState) -> tuple[float, float]:
    """The landscape's second axis: from narrower than the narrowest hill to wider than all of P."""
    narrowest = min(state.target.scales) if isinstance(state.target, Hills) else 0.5
    widest = max(abs(loc) for loc in state.target.locs) if isinstance(state.target, Hills) else 3.0
    return log(max(min(0.45, 0.7 * narrowest), 0.05)), log(min(max(4.6, 1.35 * widest), exp(4)))
