"""Two distributions: P and Q, both directions of KL beside each other, and what each place contributes."""

import streamlit as st

from kl_core.families import FAMILIES
from pages.frame.presets.pills import preset_pills
from pages.frame.presets.states import PAIRS, Pair
from pages.shared import controls, state
from pages.shared.controls import distribution_controls
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.pair.scene import pair_scene, pair_view
from pages.shared.style import UNITS, Unit
from pages.shared.values import ChosenDistribution
from pages.views.two_distributions.export import pair_code, pair_csv
from pages.views.two_distributions.extra_bits import LENGTHS, MOST_SEED, extra_bits

PICTURE = "two_distributions_picture"
FIRST = {"continuous": "normal", "discrete": "categorical"}
DEFAULTS = {
    "p": {"normal": {"loc": -1.0, "scale": 0.8}, "categorical": {"probs": (0.3, 0.5, 0.2)}},
    "q": {"normal": {"loc": 1.0, "scale": 1.5}, "categorical": {"probs": (0.35, 0.4, 0.25)}},
}
ALL_PAY = "all others, in proportion"


def _use_preset(preset: Pair) -> None:
    """Sets every control to the preset's state."""
    state.put_value("kind", preset.kind, preset.kind)
    for role, (name, values) in (("p", preset.p), ("q", preset.q)):
        state.put(role, FAMILIES[name], values)
    if preset.kind == "discrete":
        state.put_value("names", preset.names, preset.names)


def _moved(message: dict) -> None:
    state.put_from_picture(message, lambda role: FAMILIES[st.session_state[role]])


def _kind_changed() -> None:
    """Families of the other kind are gone, so each distribution starts anew in the new kind."""
    for role in ("p", "q"):
        st.session_state[role] = FIRST[st.session_state["kind"]]


def _settings() -> tuple[Unit, str]:
    """Unit and kind, side by side."""
    kinds = list(FIRST)
    with st.container(horizontal=True):
        unit = st.segmented_control("Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params")
        kind = st.segmented_control(
            "Outcomes", kinds, default=kinds[0], required=True, key="kind", bind="query-params", on_change=_kind_changed
        )
    return UNITS[unit or "nats"], kind or kinds[0]


def _names(p: ChosenDistribution, q: ChosenDistribution) -> list[str] | None:
    """The outcomes' names, where both distributions are over named outcomes; missing ones are numbered."""
    if not p.family.name == q.family.name == "categorical":
        return None
    most = max(len(p.values["probs"]), len(q.values["probs"]))
    raw = st.text_input("Names of the outcomes", value="A, B, C", key="names", max_chars=200, bind="query-params")
    given = [name.strip()[:16] for name in raw.split(",")][:most]
    given += [""] * (most - len(given))
    # Each needs a name of its own: a second "A" is called by its place.
    return [name if name and name not in given[:i] else str(i + 1) for i, name in enumerate(given)]


def _payer(names: list[str] | None) -> int | None:
    """Who gives and takes when a bar is dragged: an outcome's index, or None for all in proportion."""
    if not names:
        return None
    payer = st.selectbox("A moved bar is paid for by", [ALL_PAY, *names], key="payer", bind="query-params")
    return names.index(payer) if payer in names else None


def _look(p: ChosenDistribution, q: ChosenDistribution) -> str | None:
    """What to look at while the state is exactly a preset's."""
    shown = tuple((chosen.family.name, chosen.values) for chosen in (p, q))
    return next((preset.look for preset in PAIRS.values() if (preset.p, preset.q) == shown), None)


def _link_problem() -> str | None:
    choices = {"unit": UNITS, "symbols": LENGTHS, "seed": map(str, range(MOST_SEED + 1))}
    return state.link_problem(choices, roles=("p", "q"), first=FIRST)


def _distribution(role: str, kind: str) -> ChosenDistribution:
    chosen = distribution_controls(role, kind, DEFAULTS[role], FIRST[kind])
    if chosen.family.name == "gaussian_mixture":
        controls.mode_buttons(role, chosen.family)
    return chosen


@st.fragment  # a moved handle reruns this alone: the frame, the title and the presets stay as they are
def _explore() -> None:
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        unit, kind = _settings()
        p, q = _distribution("p", kind), _distribution("q", kind)
        names = _names(p, q)
        payer = _payer(names)
    with picture:
        scene = pair_scene(p, q, unit, names=names, payer=payer, export="two_distributions", look=_look(p, q))
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
    page_header("two_distributions", unit=False, problem=_link_problem)
    preset_pills(PAIRS, _use_preset)
    _explore()


main()
