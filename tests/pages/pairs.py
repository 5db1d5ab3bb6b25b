"""Pairs of distributions for the tests of pages: all of one kind, and the presets', with their numbers on screen."""

from itertools import product

from kl_core.families import FAMILIES
from pages.shared.pair.scene import pair_scene
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution

PAIRS = [(p, q) for p, q in product(FAMILIES.values(), repeat=2) if p.kind == q.kind]


def defaults(family) -> dict:
    return {one.name: one.default for one in family.parameters}


def pair_of(preset) -> tuple[ChosenDistribution, ChosenDistribution]:
    return tuple(ChosenDistribution(FAMILIES[name], values) for name, values in (preset.p, preset.q))


def numbers_of(preset) -> dict[str, float]:
    told = pair_scene(*pair_of(preset), UNITS["nats"])["numbers"]
    return {name: float(one["value"]) for name, one in told.items()}
