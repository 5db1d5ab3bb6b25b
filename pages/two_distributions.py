"""Two distributions: P and Q, both directions of KL beside each other, and what each place contributes; and speculative decoding."""

import streamlit as st

from kl_core.families import FAMILIES
from pages.frame.presets.pills import preset_pills
from pages.frame.presets.states import PAIRS, PresetPair
from pages.shared import state
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.pair.scene import pair_scene, pair_view
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution
from pages.views.two_distributions import released
from pages.views.two_distributions.choices import FIRST, distribution, giver, outcome_names, unit_and_kind
from pages.views.two_distributions.export import pair_code, pair_csv
from pages.views.two_distributions.extra_bits import LENGTHS, MOST_SEED, extra_bits
from pages.views.two_distributions.introductions import OF_VIEWS
from pages.views.two_distributions.speculative_state import RANGES
from pages.views.two_distributions.speculative_view import speculative_view

PICTURE = "two_distributions_picture"
VIEWS = ["Compare", "Speculative decoding"]


def _use_preset(preset: PresetPair) -> None:
    """Sets every control to the preset's state."""
    state.put_value("kind", preset.kind, preset.kind)
    for role, (name, values) in (("p", preset.p), ("q", preset.q)):
        state.put(role, FAMILIES[name], values)
    if preset.kind == "discrete":
        state.put_value("names", preset.names, preset.names)


def _moved(message: dict) -> None:
    state.put_from_picture(message, lambda role: FAMILIES[st.session_state[role]])


def _look(p: ChosenDistribution, q: ChosenDistribution) -> str | None:
    """What to look at while the state is exactly a preset's."""
    shown = tuple((chosen.family.name, chosen.values) for chosen in (p, q))
    return next((preset.look for preset in PAIRS.values() if (preset.p, preset.q) == shown), None)


def _link_problem() -> str | None:
    choices = {"unit": UNITS, "symbols": LENGTHS, "seed": map(str, range(MOST_SEED + 1)), "view": VIEWS}
    return state.link_problem(choices, roles=("p", "q"), first=FIRST, places=RANGES)


@st.fragment  # a moved handle reruns this alone: the frame, the title and the presets stay as they are
def _explore() -> None:
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        unit, kind = unit_and_kind()
        p, q = distribution("p", kind), distribution("q", kind)
        names = outcome_names(p, q)
        payer = giver(names)
    with picture:
        look = _look(p, q)
        scene = pair_scene(p, q, unit, names=names, payer=payer, export="two_distributions", look=look, early=released.ROUTE)
        live(scene, key=PICTURE, on_settle=_moved)
    if kind == "discrete":
        extra_bits(p, q, names, unit)
    downloads(
        lambda: pair_code(p, q, unit),
        lambda: pair_csv(p.distribution, q.distribution, pair_view(p, q), kind, names),
        "Densities and contributions" if kind == "continuous" else "Probabilities and contributions",
        "two_distributions.csv",
    )


def main() -> None:
    view, _ = page_header("two_distributions", VIEWS, unit=False, of_views=OF_VIEWS, problem=_link_problem)
    if view == VIEWS[1]:
        speculative_view()
        return
    preset_pills(PAIRS, _use_preset)
    _explore()


main()
