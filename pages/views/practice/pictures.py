"""What decides a question: the pages' own live pictures, in the state that decides, and the link to the page in that state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from kl_core.fits.descent import OPTIMISERS

from ...shared.pair.scene import pair_scene
from ...shared.state import distribution_in_link
from ...shared.style import UNITS, Unit
from ...shared.values import ChosenDistribution, checked, numbers, text
from ..distillation.examples import example_of_logits
from ..distillation.scene import soften_scene
from ..vae.scene import SPAN, vae_scene
from .fit_scene import fit_scene
from .fits import Descent

NATS = UNITS["nats"]


@dataclass(frozen=True)
class State:
    """Where hands have left a picture: its distributions, its scrubber, its logits, its probe of a latent space. partial: a hand is "
    "still on it."""

    curves: Mapping[str, ChosenDistribution] = field(default_factory=dict)
    place: float | None = None
    logits: tuple[float, ...] = ()
    probe: tuple[float, float] | None = None
    partial: bool = False

    def after(self, message: Mapping) -> State:
        """The state once a hand did this; nonsense changes nothing."""
        try:
            if "scrub" in message:
                place = float(message["scrub"])
                return replace(self, place=place, partial=False) if place == place else self
            if "z" in message and self.probe:
                first, second = numbers(",".join(map(str, message["z"])), "coordinate", 2, 2, SPAN)
                return replace(self, probe=(first, second))
            role, values = str(message["curve"]), dict(message["values"])
            if "logits" in values and self.logits:
                return replace(self, logits=numbers(",".join(map(str, values["logits"])), "logit", 2, 12, 1000.0))
            role = role if role in self.curves else role[:1]  # both Qs of a fit start from one place
            chosen = self.curves[role]
            parameters = {parameter.name: parameter for parameter in chosen.family.parameters}
            taken = {name: checked(chosen.family, parameters[name], raw) for name, raw in values.items()}
            moved = ChosenDistribution(chosen.family, chosen.values | taken)
            moved.distribution  # noqa: B018 - a distribution that cannot be made raises here
        except (KeyError, TypeError, ValueError):
            return self
        at_start = self.place is not None and role == "q"  # a moved start is where a descent begins
        return replace(
            self, curves={**self.curves, role: moved}, place=0.0 if at_start else self.place, partial=bool(message.get("partial"))
        )


@dataclass(frozen=True)
class Picture:
    """build: the scene of a state and of what was predicted. page, query: where the explorer shows it.

    linked: the distributions that the link has; scrub: what the link calls the scrubber's place; begin: where it stands, for this
    prediction. moves: with which state it starts. families: whether the page lets one choose them. given: whether its distributions
    are part of the question, and may be seen before the prediction. names: of their outcomes.
    """

    page: str
    query: Mapping[str, str]
    build: Callable[[State, object], dict]
    moves: State = field(default_factory=State)
    scrub: str = ""
    begin: Callable[[Any], float] | None = None
    logits_in_link: str = ""
    families: bool = False
    given: bool = False
    names: tuple[str, ...] | None = None

    def start(self, said: object) -> State:
        return replace(self.moves, place=self.begin(said)) if self.begin else self.moves

    def link(self, state: State) -> dict[str, str]:
        """The query that opens the page in this state."""
        query = dict(self.query)
        for role, chosen in state.curves.items():
            in_link = distribution_in_link(role, chosen.family, chosen.values)
            query |= {key: value for key, value in in_link.items() if self.families or key != role}
        if self.scrub and state.place is not None:
            query[self.scrub] = f"{state.place:.6g}" if isfinite(state.place) else "inf"
        query |= {f"z{i}": f"{place:.6g}" for i, place in enumerate(state.probe or (), 1)}
        if self.logits_in_link:
            query[self.logits_in_link] = text(state.logits)
        return query


@dataclass(frozen=True)
class Code:
    """Wrong and right code of `common_errors`, run live with both results. lead: on which inputs, if it must be said."""

    error: str
    page = "checked"


def pair(
    p: ChosenDistribution, q: ChosenDistribution, *, unit: Unit = NATS, names: tuple[str, ...] | None = None, given: bool = True
) -> Picture:
    """ "Two distributions" with these two."""
    query = {"kind": p.family.kind, "unit": unit.name} | ({"names": ", ".join(names)} if names else {})

    def build(state: State, _: object) -> dict:
        return pair_scene(state.curves["p"], state.curves["q"], unit, names=list(names) if names else None, small=True)

    return Picture("two_distributions", query, build, State({"p": p, "q": q}), families=True, given=given, names=names)


LAST_STEP = 120


def fit(target: ChosenDistribution, start: ChosenDistribution, guess: str | None = None) -> Picture:
    """ "Forward and reverse" at the end of both descents; with the predicted Q drawn in, in the direction `guess`."""

    def build(state: State, said: Any) -> dict:
        descent = Descent(state.curves["q"].values, list(OPTIMISERS)[1], 0.1, LAST_STEP)
        guesses: dict[str, Any] | None = {"q_forward": said, "q_reverse": said} if guess else None
        told = fit_scene(state.curves["p"], descent, NATS, partial=state.partial, step=state.place or 0.0, guesses=guesses)
        for side in {"forward", "reverse"} - {guess} if guess else ():
            told["curves"][f"guess_{side}"]["hidden"] = True
        return first_panels(told, 4) | {"maps": {}}

    return Picture("forward_reverse", {"step": "180"}, build, State({"p": target, "q": start}), "step", lambda _: float(LAST_STEP))


def first_panels(told: dict, count: int) -> dict:
    """A page's scene cut to what decides: the rest is on the page."""
    return {key: value for key, value in told.items() if key != "export"} | {"panels": told["panels"][:count]}


def scrubbed(
    page: str, query: Mapping[str, str], scrub: str, build: Callable[[float], dict], begin: Callable[[Any], float], panels: int = 9
) -> Picture:
    """A page whose picture one scrubber rules."""
    return Picture(page, query, lambda state, _: first_panels(build(state.place or 0.0), panels), scrub=scrub, begin=begin)


def still(page: str, query: Mapping[str, str], build: Callable[[], dict]) -> Picture:
    """A picture with nothing to hold."""
    return Picture(page, query, lambda *_: build())


def softened_logits(logits: tuple[float, ...], temperature: float, guessed: bool = False) -> Picture:
    """ "Distillation" with these logits at this T; the predicted bars, if they were dragged, in the place of those at T = 1."""

    def build(state: State, said: Any) -> dict:
        told = first_panels(soften_scene(example_of_logits(state.logits), NATS, state.place or temperature), 2)
        if guessed:
            told["curves"]["q"]["values"]["probs"] = list(said["probs"])
            told["softens"] = {**told["softens"], "at": {"p": None}}
            told["panels"] = [
                told["panels"][0],
                {**told["panels"][1], "title": "softmax(logits / T), solid, beside your bars, dashed"},
            ]
        return told

    return Picture("distillation", {"asked": "logits of my own"}, build, State(logits=logits), "T", lambda _: temperature, "own_logits")


def latent_space(beta: float, probe: tuple[float, float]) -> Picture:
    """ "VAE" at this β, its probe there."""
    return Picture(
        "vae",
        {},
        lambda state, _: first_panels(vae_scene(NATS, state.place or 0.0, state.probe or probe), 9),
        State(probe=probe),
        "beta_vae",
        lambda _: beta,
    )
